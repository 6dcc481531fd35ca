"""Inviting, codes, activation, reset: who may, what is written, what is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from apps.accounts.domain import grant_membership
from apps.accounts.models import AccessEvent, Contact, Invitation, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.core import clock, scope
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.people import authority
from apps.people.authority import refusal, refusals, roles_to_grant
from apps.people.departing import depart_person, suspend_person
from apps.people.inviting import (
    ContactFacts,
    activate,
    digest_of,
    find_invitation,
    invite_person,
    issue_code,
    reset_sign_in,
    show_codes,
)

Acting = Callable[[Actor], AbstractContextManager[None]]
Place = Callable[[str], Jurisdiction]
PASSWORD = "测试用的登录密码 42"


def kinds() -> list[str]:
    return list(AccessEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_invite_makes_account_membership_contact_and_code(
    administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    with acting(administrator):
        invitation = invite_person(
            jurisdiction("532301"),
            Role.STAFF,
            actor=administrator,
            name="测试甲",
            username="ceshi-jia",
            contact=ContactFacts("测试科", "0878-0000001", "ceshi@example.cn"),
        )
    user = User.objects.get(username="ceshi-jia")
    assert (user.display_name, user.jurisdiction.name, user.state) == ("测试甲", "楚雄市", User.State.INVITED)
    assert [str(one) for one in user.memberships.all()] == ["楚雄市 · 经办人"]
    assert (user.contact.office, user.contact.office_phone, user.contact.email) == (
        "测试科",
        "0878-0000001",
        "ceshi@example.cn",
    )
    assert invitation.expires_at - invitation.issued_at == timedelta(days=14)
    assert find_invitation(invitation.code) == invitation
    assert kinds() == ["invited", "granted"]
    granted = AccessEvent.objects.get(kind="granted")
    assert (granted.subject, granted.jurisdiction.name, granted.name) == (
        "测试甲（ceshi-jia）：楚雄市 · 经办人",
        "楚雄市",
        administrator.user.display_name,
    )


def test_invite_without_user_name_takes_the_next_of_the_unit(invited: Callable[..., Invitation]) -> None:
    assert [invited().user.username, invited().user.username] == ["532301-01", "532301-02"]
    assert invited(code="532301101", role=Role.STREET_OFFICER).user.username == "532301101-01"
    assert invited(code="5323").user.username == "5323-01"


@pytest.mark.parametrize("code", ["53", "5301", "12", "532302"])
def test_invite_above_or_beside_is_refused(
    code: str, county_administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    unit = jurisdiction(code) if code != "5301" else jurisdiction("532322")
    with acting(county_administrator), pytest.raises(PermissionDenied):
        invite_person(unit, Role.STAFF, actor=county_administrator, name="测试甲")
    assert not User.objects.filter(display_name="测试甲").exists()


@pytest.mark.parametrize("role", [Role.STAFF, Role.APPROVER, Role.VIEWER])
def test_invite_by_who_does_not_manage_people_is_refused(
    role: Role, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    actor = make_actor("5323", role)
    with acting(actor), pytest.raises(PermissionDenied):
        invite_person(actor.jurisdiction, Role.VIEWER, actor=actor, name="测试甲")


def test_invite_never_grants_more_than_held(acting: Acting, make_actor: Callable[[str, Role], Actor]) -> None:
    nation = make_actor("000000", Role.BUREAU_ADMIN)
    with acting(nation), pytest.raises(PermissionDenied, match="您不能授予“平台管理员”。"):
        invite_person(nation.jurisdiction, Role.PLATFORM_ADMIN, actor=nation, name="测试甲")


def test_a_development_zone_has_street_officers_for_communities_that_have_no_street(
    administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    zone, county = jurisdiction("532301"), jurisdiction("532324")
    Jurisdiction.objects.filter(pk=zone.pk).update(kind=Jurisdiction.Kind.DEVELOPMENT_ZONE)
    with acting(administrator):
        zone.refresh_from_db()
        assert Role.STREET_OFFICER in roles_to_grant(zone, administrator)
        assert Role.STREET_OFFICER not in roles_to_grant(county, administrator)
        invited = invite_person(zone, Role.STREET_OFFICER, actor=administrator, name="测试甲")
    assert invited


def test_invite_with_a_role_that_the_level_lacks_names_those_that_it_has(
    administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    with acting(administrator), pytest.raises(InvalidInput) as caught:
        invite_person(jurisdiction("532301101"), Role.APPROVER, actor=administrator, name="测试甲")
    assert caught.value.message == "鹿城镇（乡级）没有“审批人”，可以选：单位管理员、街道经办、查看。"


def test_invite_again_says_who_has_the_name(invited: Callable[..., Invitation]) -> None:
    invited("ceshi-jia")
    with pytest.raises(InvalidInput) as caught:
        invited("ceshi-jia")
    assert caught.value.message == "用户名“ceshi-jia”已有：测试甲（楚雄市），不重复邀请。"
    assert User.objects.filter(username="ceshi-jia").count() == 1


def test_invite_with_the_name_of_another_tenant_tells_nothing(
    stranger: Actor, province_reviewer: Actor, invited: Callable[..., Invitation]
) -> None:
    User.objects.filter(pk=stranger.user.pk).update(username="tianjin-1")
    User.objects.filter(pk=province_reviewer.user.pk).update(username="yunnan-1")
    for name in ("tianjin-1", "yunnan-1"):
        with pytest.raises(InvalidInput) as caught:
            invited(name)
        assert caught.value.message == f"用户名“{name}”不能使用，请换一个。"


@pytest.mark.parametrize("name", ["A", "测试", "a b", "-ab", "x" * 31, "a\nb"])
def test_invite_with_a_wrong_user_name_says_the_rule(name: str, invited: Callable[..., Invitation]) -> None:
    with pytest.raises(InvalidInput, match="用户名为 2 到 30 位小写字母"):
        invited(name)


def test_activate_sets_the_password_and_uses_the_code_up(invited: Callable[..., Invitation]) -> None:
    invitation = invited()
    user = activate(digest_of(invitation.code.lower().replace("-", " ")), PASSWORD)
    user.refresh_from_db()
    invitation.refresh_from_db()
    assert (user.check_password(PASSWORD), user.must_change_password, user.state) == (True, False, User.State.ACTIVE)
    assert invitation.used_at is not None
    assert kinds()[-1] == "activated"
    with pytest.raises(InvalidInput, match="已经用过"):
        activate(digest_of(invitation.code), PASSWORD)


def test_activate_with_a_weak_password_keeps_the_code(invited: Callable[..., Invitation]) -> None:
    invitation = invited("ceshi-jia")
    for weak in ("12345678901", "short", "ceshi-jia1"):
        with pytest.raises(ValidationError):
            activate(digest_of(invitation.code), weak)
    assert find_invitation(invitation.code).is_open


def test_find_invitation_tells_unknown_withdrawn_and_expired_apart(
    invited: Callable[..., Invitation], administrator: Actor, acting: Acting
) -> None:
    first = invited()
    with acting(administrator):
        second = issue_code(first.user, actor=administrator)
    for code, message in [("ABCD-EFGH-JKLM", "激活凭证不对"), ("", "激活凭证不对"), (first.code, "已经作废")]:
        with pytest.raises(InvalidInput, match=message):
            find_invitation(code)
    with clock.stopped_at(clock.now() + timedelta(days=15)), pytest.raises(InvalidInput, match="已过有效期"):
        find_invitation(second.code)


def test_code_of_another_key_is_unknown(invited: Callable[..., Invitation]) -> None:
    invitation = invited()
    Invitation.objects.filter(pk=invitation.pk).update(code_hash="0" * 64)
    with pytest.raises(InvalidInput, match="激活凭证不对"):
        find_invitation(invitation.code)


def test_issue_code_for_an_active_account_is_refused(
    active: Callable[..., User], administrator: Actor, acting: Acting
) -> None:
    user = active()
    with acting(administrator), pytest.raises(TransitionError, match="不需要激活凭证"):
        issue_code(user, actor=administrator)


def test_show_codes_puts_each_on_record_and_leaves_out_the_used(
    invited: Callable[..., Invitation], active: Callable[..., User], administrator: Actor, acting: Acting
) -> None:
    open_one, used = invited(), active()
    with acting(administrator):
        shown = show_codes([open_one.user, used], actor=administrator)
    assert [one.code for one in shown] == [open_one.code]
    assert AccessEvent.objects.filter(kind="code_shown").count() == 1


def test_reset_takes_password_second_factor_and_sessions(
    active: Callable[..., User], administrator: Actor, acting: Acting
) -> None:
    user = active()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    UserSession.objects.create(user=user, ip="127.0.0.1", session_key="a" * 32, user_agent="x")
    with acting(administrator):
        invitation = reset_sign_in(user, actor=administrator)
    user.refresh_from_db()
    assert (user.has_usable_password(), user.state) == (False, User.State.INVITED)
    assert not Authenticator.objects.filter(user=user).exists()
    assert not UserSession.objects.filter(user=user).exists()
    assert find_invitation(invitation.code).user == user
    assert kinds()[-1] == "reset"


def test_reset_of_oneself_is_refused(administrator: Actor, acting: Acting) -> None:
    with acting(administrator), pytest.raises(PermissionDenied, match="自己的账号"):
        reset_sign_in(administrator.user, actor=administrator)


def test_reset_of_who_holds_a_role_that_one_may_not_grant_is_refused(
    platform_administrator: Actor, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    nation = make_actor("000000", Role.BUREAU_ADMIN)
    with acting(nation), pytest.raises(PermissionDenied, match="担任平台管理员，您不能授予这个角色"):
        reset_sign_in(platform_administrator.user, actor=nation)


def test_contact_values_never_enter_the_history(invited: Callable[..., Invitation]) -> None:
    contact = Contact.objects.get(user=invited().user)
    event = contact.history.get()  # type: ignore[attr-defined]
    assert not hasattr(event, "office_phone")
    assert Membership.objects.filter(user=contact.user).count() == 1


@pytest.mark.parametrize("verb", [reset_sign_in, depart_person])
def test_linked_identities_are_taken_too(
    verb: Callable[..., object], active: Callable[..., User], administrator: Actor, acting: Acting
) -> None:
    user, other = active(), active()
    for one in (user, other):
        SocialAccount.objects.create(user=one, provider="oidc", uid=str(one.pk))
        EmailAddress.objects.create(user=one, email=f"{one.pk}@example.cn")
    with acting(administrator):
        verb(user, actor=administrator)
    assert list(SocialAccount.objects.values_list("user", flat=True)) == [other.pk]
    assert list(EmailAddress.objects.values_list("user", flat=True)) == [other.pk]


def test_show_codes_leaves_out_people_of_others(
    invited: Callable[..., Invitation],
    county_administrator: Actor,
    administrator: Actor,
    acting: Acting,
    jurisdiction: Place,
) -> None:
    own, shared, beside = invited(), invited(), invited(code="532302")
    grant_membership(shared.user, jurisdiction("532322"), Role.STAFF)
    with acting(county_administrator):
        people = [county_administrator.user, shared.user, beside.user, own.user]
        assert show_codes(people, actor=county_administrator) == [own]
    with acting(administrator):
        assert show_codes([own.user, shared.user], actor=administrator) == [own, shared]


def test_refusals_are_those_of_each_person(
    invited: Callable[..., Invitation],
    county_administrator: Actor,
    administrator: Actor,
    acting: Acting,
    jurisdiction: Place,
) -> None:
    own, shared, beside = invited().user, invited().user, invited(code="532302").user
    grant_membership(shared, jurisdiction("532322"), Role.STAFF)
    people = [own, shared, beside, administrator.user, county_administrator.user]
    with acting(county_administrator):
        said = refusals(people, county_administrator)
        assert [bool(said[one.pk]) for one in people] == [False, True, True, True, True]
        assert said == {one.pk: refusal(one, county_administrator) for one in people}


def test_numbered_names_pass_by_longer_and_other_ones(
    invited: Callable[..., Invitation], make_actor: Callable[[str, Role], Actor]
) -> None:
    for number, name in enumerate(["5323-01", "532301-02", "5323.1", "5323a-1"]):
        User.objects.filter(pk=make_actor("12", list(Role)[number + 1]).user.pk).update(username=name)
    assert [invited(code="5323").user.username, invited().user.username] == ["5323-02", "532301-01"]
    assert [invited().user.username, invited(code="5323").user.username] == ["532301-03", "5323-03"]


@pytest.mark.parametrize("verb", [issue_code, reset_sign_in, suspend_person])
def test_person_who_moved_out_of_sight_before_the_lock_is_not_found_any_more(
    verb: Callable[..., object],
    invited: Callable[..., Invitation],
    county_administrator: Actor,
    acting: Acting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = invited().user
    with acting(county_administrator):
        # What was read before the lock no longer holds in it.
        monkeypatch.setattr(authority, "memberships_of", _moved_away)
        with pytest.raises(TransitionError, match="刚被调整，请刷新页面后再看。"):
            verb(user, actor=county_administrator)


def _moved_away(person: User) -> list[Membership]:
    with connection.cursor() as cursor:
        cursor.execute(
            "RESET ROLE; SELECT set_config('app.scope_from', '', true), set_config('app.scope_to', '~', true)"
        )
        cursor.execute("DELETE FROM accounts_membership WHERE user_id = %s", [person.pk])
        cursor.execute(
            "UPDATE accounts_user SET jurisdiction_id = (SELECT id FROM jurisdictions_jurisdiction"
            " WHERE code = '120000000000') WHERE id = %s",
            [person.pk],
        )
    county = Jurisdiction.objects.get(code="532301000000")
    scope.narrow(county.path, user_id=0)
    return []
