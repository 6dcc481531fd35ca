"""单位信息: defaults by level, the verb, its page."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput, StaleForm
from apps.evaluations.summarising import summarise
from apps.jurisdictions.models import Jurisdiction
from apps.papers.models import OfficeProfile
from apps.papers.offices import OfficeFacts, default_name, office_of, set_office_profile

MakeActor = Callable[[str, Role], Actor]
Acting = Callable[[Actor], AbstractContextManager[None]]
FACTS = OfficeFacts(
    name="楚雄州住房和城乡建设局",
    number_pattern="楚住建〔{year}〕{number}号",
    contact_office="城建科",
    contact_phone="0878-0000000",
)


@pytest.fixture
def administrator(make_actor: MakeActor) -> Actor:
    return make_actor("5323", Role.BUREAU_ADMIN)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("53", "云南省住房和城乡建设厅"),
        ("12", "天津市住房和城乡建设委员会"),
        ("5323", "楚雄彝族自治州住房和城乡建设局"),
        ("532301", "楚雄市住房和城乡建设局"),
        ("120101", "天津市和平区住房和城乡建设委员会"),
        ("340102", "合肥市瑶海区住房和城乡建设局"),
        ("532301101", "楚雄市鹿城镇人民政府"),
    ],
)
def test_offices_without_a_profile_have_their_usual_name(
    code: str, name: str, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    assert default_name(jurisdiction(code)) == name


def test_profile_is_kept_and_used(administrator: Actor, acting: Acting, chuxiong: Campaign) -> None:
    unit = administrator.jurisdiction
    with acting(administrator):
        profile = set_office_profile(unit, FACTS, actor=administrator, seen=0)
        # Twice has one effect, whatever was seen.
        assert set_office_profile(unit, FACTS, actor=administrator, seen=0).version == profile.version == 1
    office = office_of(unit)
    assert (office.name, office.heading) == ("楚雄州住房和城乡建设局", "楚雄州住房和城乡建设局文件")
    assert office.number(2022) == "楚住建〔2022〕　号"
    summary = summarise(chuxiong, unit, 2022)
    assert summary.zones()[0] == "填报单位：楚雄州住房和城乡建设局（盖章）"
    assert summary.zones()[2] == "联系人及联系电话：城建科 0878-0000000"
    assert summary.total_label == "楚雄彝族自治州"


def test_profile_of_two_people_at_once_is_not_overwritten(administrator: Actor, acting: Acting) -> None:
    with acting(administrator):
        set_office_profile(administrator.jurisdiction, FACTS, actor=administrator, seen=0)
        with pytest.raises(StaleForm, match="同事"):
            set_office_profile(administrator.jurisdiction, OfficeFacts(name="别的"), actor=administrator, seen=0)
    assert OfficeProfile.objects.get().name == FACTS.name


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.BUREAU_ADMIN, Role.PLATFORM_ADMIN, Role.STREET_OFFICER}))
def test_profile_is_the_administrators(role: Role, make_actor: MakeActor, acting: Acting) -> None:
    actor = make_actor("5323", role)
    with acting(actor), pytest.raises(PermissionDenied):
        set_office_profile(actor.jurisdiction, FACTS, actor=actor)


def test_profile_is_set_by_its_own_bureau(
    administrator: Actor, acting: Acting, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    with acting(administrator), pytest.raises(PermissionDenied):
        set_office_profile(jurisdiction("532301"), FACTS, actor=administrator)


@pytest.mark.parametrize(
    "pattern",
    [
        "楚住建〔{year}〕号",
        "楚住建{number}号",
        "楚住建[{year}]{number}号",
        "楚住建〔{year}〕第{number}号",
        "〔{year}〕{number}号{x}",
    ],
)
def test_patterns_that_no_number_fits_are_refused(pattern: str, administrator: Actor, acting: Acting) -> None:
    with acting(administrator), pytest.raises(InvalidInput, match="楚住建〔{year}〕{number}号"):
        set_office_profile(administrator.jurisdiction, OfficeFacts(number_pattern=pattern), actor=administrator)


def test_page_saves_and_says_what_is_wrong(administrator: Actor, client_of: Callable[[Actor], Client]) -> None:
    client, address = client_of(administrator), reverse("office_profile")
    assert "按“楚雄彝族自治州住房和城乡建设局”" in client.get(address).content.decode()
    wrong = client.post(address, {"contact_phone": "13800000000", "number_pattern": "楚住建", "seen": "0"})
    page = wrong.content.decode()
    assert (wrong.status_code, "不登记个人手机号" in page, "各写一次" in page) == (422, True, True)
    assert client.post(address, {"name": "楚雄州住建局", "copies": "州政府办。", "seen": "0"}).status_code == 302
    assert OfficeProfile.objects.values_list("name", "copies").get() == ("楚雄州住建局", "州政府办")
    page = client.get(address).content.decode()
    assert "不填的，按“楚雄彝族自治州住房和城乡建设局”" in page, "what blank fields lead to, whatever stands there now"
    stale = client.post(address, {"name": "别的", "seen": "0"})
    assert (stale.status_code, "同事修改" in stale.content.decode()) == (409, True)


def test_profile_is_read_below_and_by_nobody_else(
    administrator: Actor, district_reviewer: Actor, stranger: Actor, acting: Acting
) -> None:
    with acting(administrator):
        set_office_profile(administrator.jurisdiction, FACTS, actor=administrator)
    with acting(district_reviewer):
        assert OfficeProfile.objects.get().name == FACTS.name
    with acting(stranger):
        assert not OfficeProfile.objects.exists()
