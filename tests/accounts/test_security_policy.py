"""安全要求: set by a jurisdiction's own administrator, inherited downward, never relaxed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Role, SecurityPolicy
from apps.accounts.permissions import Actor
from apps.accounts.security_policy import reach, set_security_policy
from apps.accounts.two_factor import TwoFactorAdapter
from apps.core.errors import TransitionError
from apps.jurisdictions.models import Jurisdiction

MakeActor = Callable[[str, Role], Actor]
Acting = Callable[[Actor], AbstractContextManager[None]]


def give_two_factor(actor: Actor) -> None:
    secret = TwoFactorAdapter().encrypt("A" * 32)
    Authenticator.objects.create(user=actor.user, type=Authenticator.Type.TOTP, data={"secret": secret})


@pytest.fixture
def city_admin(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


@pytest.fixture
def acting_admin(city_admin: Actor, acting: Acting) -> Iterator[Actor]:
    give_two_factor(city_admin)
    with acting(city_admin):
        yield city_admin


def test_set_security_policy_is_kept_and_told(
    city_admin: Actor, city_approver: Actor, make_actor: MakeActor, client_of: Callable[[Actor], Client]
) -> None:
    make_actor("532301", Role.APPROVER)
    make_actor("532301", Role.STAFF)
    make_actor("53", Role.APPROVER)
    give_two_factor(city_admin)
    client = client_of(city_admin)
    page = client.get("/accounts/security/").content.decode()
    assert "未要求" in page
    assert 'data-confirm="涉及审批人和管理员 3 人，您本人也在内。其中 2 人还没有启用' in page
    answer = client.post("/accounts/security/", {"requires_two_factor": "on"})
    assert answer.status_code == 302
    assert SecurityPolicy.objects.get(jurisdiction=city_admin.jurisdiction).requires_two_factor
    # The administrator is one of the three, and goes on working.
    page = client.get("/accounts/security/").content.decode()
    assert "涉及审批人和管理员 3 人，其中 2 人还没有启用" in page
    assert "（您本人也在内）登录时须使用两步验证，不能自行停用" in page
    assert client.post("/accounts/security/", {}).status_code == 302
    assert "未要求" in client.get("/accounts/security/").content.decode()


def test_set_security_policy_needs_two_factor_of_ones_own(
    city_admin: Actor, client_of: Callable[[Actor], Client], acting: Acting
) -> None:
    with (
        acting(city_admin),
        pytest.raises(TransitionError, match="请先为自己启用两步验证，再要求别人"),
    ):
        set_security_policy(city_admin.jurisdiction, requires_two_factor=True, actor=city_admin)
    client = client_of(city_admin)
    page = client.get("/accounts/security/").content.decode()
    assert "请先为自己启用两步验证，再要求别人" in page
    assert 'href="/accounts/2fa/totp/activate/"' in page
    assert "data-confirm=" not in page
    assert client.post("/accounts/security/", {"requires_two_factor": "on"}).status_code == 409
    assert not SecurityPolicy.objects.filter(requires_two_factor=True).exists()
    assert client.get("/").status_code == 200


def test_set_security_policy_off_again(acting_admin: Actor) -> None:
    unit = acting_admin.jurisdiction
    set_security_policy(unit, requires_two_factor=True, actor=acting_admin)
    policy = set_security_policy(unit, requires_two_factor=False, actor=acting_admin)
    assert policy.requires_two_factor is False
    assert SecurityPolicy.objects.count() == 1


def test_set_security_policy_is_not_relaxed_below(city_admin: Actor, make_actor: MakeActor, acting: Acting) -> None:
    province = make_actor("53", Role.BUREAU_ADMIN)
    give_two_factor(province)
    with acting(province):
        set_security_policy(province.jurisdiction, requires_two_factor=True, actor=province)
    with (
        acting(city_admin),
        pytest.raises(TransitionError, match="云南省已要求审批人和管理员使用两步验证，楚雄彝族自治州不能放宽"),
    ):
        set_security_policy(city_admin.jurisdiction, requires_two_factor=False, actor=city_admin)


@pytest.mark.parametrize("role", [Role.STAFF, Role.APPROVER, Role.VIEWER])
def test_set_security_policy_without_the_verb(role: Role, make_actor: MakeActor, acting: Acting) -> None:
    actor = make_actor("5323", role)
    with acting(actor), pytest.raises(PermissionDenied):
        set_security_policy(actor.jurisdiction, requires_two_factor=True, actor=actor)


@pytest.mark.parametrize("code", ["53", "12", "532301"])
def test_set_security_policy_of_another_jurisdiction(code: str, acting_admin: Actor) -> None:
    other = Jurisdiction.objects.get(code=code.ljust(12, "0"))
    with pytest.raises(PermissionDenied):
        set_security_policy(other, requires_two_factor=True, actor=acting_admin)


def test_reach_counts_people_once(acting_admin: Actor) -> None:
    assert reach(acting_admin.jurisdiction) == (1, 0)


def test_page_leads_to_who_lacks_two_factor_and_asks_as_often_for_one_as_for_three(
    city_admin: Actor, make_actor: MakeActor, client_of: Callable[[Actor], Client]
) -> None:
    give_two_factor(city_admin)
    client, asked, link = client_of(city_admin), [], 'href="/people/?two_factor=lacking"'
    assert link not in client.get("/accounts/security/").content.decode()
    for codes in (["532301"], ["532302", "532322"]):
        for code in codes:
            make_actor(code, Role.APPROVER)
        with CaptureQueriesContext(connection) as captured:
            assert link in client.get("/accounts/security/").content.decode()
        asked.append(len(captured))
    assert asked[0] == asked[1]
