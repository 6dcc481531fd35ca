"""What a unit is told that a unit above has decided on it: targets handed down, changes of its accepted plan, reorganisations."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import accept_plan, listed_in, submit_plan, version_of
from apps.campaigns.distributing import Way, distribute_target, division_of
from apps.campaigns.domain import enrol_communities, mark_pilot, remove_from_plan
from apps.campaigns.models import AnnualPlan, Campaign, Participation, Target
from apps.campaigns.running import close_campaign
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.models import Notification
from apps.notifications.tasks import make_up_for_lost_ones
from apps.reorganisations.carrying_out import Order, preview
from apps.reorganisations.jurisdictions import (
    create_zone,
    merge_jurisdictions,
    move_jurisdiction,
    rename_jurisdiction,
    take_over,
)
from tests.factories import enrol, person_at
from tests.reorganisations.figures import order

MakeActor = Callable[[str, Role], Actor]
Find = Callable[[str], Jurisdiction]
Told = Callable[[Actor], list[tuple[str, str, str]]]
Deed = Callable[..., Told]
Kind = Target.Kind
NUMBER = "楚住建〔2022〕9号"


@pytest.fixture
def deed(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Deed:
    """Let somebody do something and its tasks run; return who was told what by it."""

    def do(actor: Actor, verb: Callable[..., object], *args: object, **kwargs: object) -> Told:
        before = set(Notification.objects.values_list("pk", flat=True))
        with django_capture_on_commit_callbacks(execute=True), acting(actor):
            verb(*args, actor=actor, **kwargs)
        new = list(Notification.objects.exclude(pk__in=before).order_by("pk"))
        return lambda one: [(told.kind, told.title, told.text) for told in new if told.user_id == one.user.pk]

    return do


@pytest.fixture(autouse=True)
def _in_2022() -> Iterator[None]:
    with clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))):
        yield


@pytest.fixture
def city(jurisdiction: Find) -> Jurisdiction:
    return jurisdiction("532301")


@pytest.mark.parametrize(
    ("kind", "value", "upper", "document", "said"),
    [
        (Kind.NUMBER, 19, None, NUMBER, f"累计认定的社区数 19 个（{NUMBER}）"),
        (Kind.PERCENT, 70, None, "", "累计认定占城市社区底数的比例 70%"),
        (Kind.PILOTS_PER_STREET, 1, 2, NUMBER, f"每个街道（镇、乡）的试点个数 1–2 个（{NUMBER}）"),
    ],
)
def test_a_target_set_from_above_is_told_to_those_of_the_unit_who_set_targets(
    chuxiong: Campaign,
    city: Jurisdiction,
    city_approver: Actor,
    district_reviewer: Actor,
    street_officer: Actor,
    make_actor: MakeActor,
    deed: Deed,
    kind: Kind,
    value: int,
    upper: int | None,
    document: str,
    said: str,
) -> None:
    approver, viewer = make_actor("532301", Role.APPROVER), make_actor("532301", Role.VIEWER)
    beside, colleague = make_actor("532324", Role.STAFF), make_actor("5323", Role.STAFF)
    top = None if upper is None else Decimal(upper)
    facts = {"kind": kind, "upper": top, "document_number": document}
    told = deed(city_approver, set_target, chuxiong, city, 2022, Decimal(value), **facts)
    text = f"楚雄彝族自治州下达：{said}。\n“{chuxiong}”"
    assert told(district_reviewer) == told(approver) == [("target", "楚雄市 2022 年目标已下达", text)]
    assert [told(one) for one in (viewer, beside, colleague, city_approver, street_officer)] == [[]] * 5


def test_a_target_changed_and_taken_back_is_told_once_each_and_the_earlier_ones_are_read(
    chuxiong: Campaign, city: Jurisdiction, city_approver: Actor, district_reviewer: Actor, deed: Deed
) -> None:
    facts = {"kind": Kind.NUMBER, "document_number": NUMBER}
    deed(city_approver, set_target, chuxiong, city, 2022, Decimal(19), **facts)
    told = deed(city_approver, set_target, chuxiong, city, 2022, Decimal(21), **facts)
    text = f"楚雄彝族自治州调整：累计认定的社区数由 19 个改为 21 个（{NUMBER}）。\n“{chuxiong}”"
    assert told(district_reviewer) == [("target", "楚雄市 2022 年目标已调整", text)]
    assert deed(city_approver, set_target, chuxiong, city, 2022, Decimal(21), **facts)(district_reviewer) == []
    told = deed(city_approver, set_target, chuxiong, city, 2022, None, kind=Kind.NUMBER)
    text = f"楚雄彝族自治州收回：累计认定的社区数 21 个，以后按比例目标执行（{NUMBER}）。\n“{chuxiong}”"
    assert told(district_reviewer) == [("target", "楚雄市 2022 年目标已收回", text)]
    assert deed(city_approver, set_target, chuxiong, city, 2022, None, kind=Kind.NUMBER)(district_reviewer) == []
    mine = Notification.objects.filter(user=district_reviewer.user, kind="target")
    assert [one.read_at is None for one in mine.order_by("pk")] == [False, False, True]


def test_what_a_unit_asks_of_itself_is_told_to_nobody(
    chuxiong: Campaign, city: Jurisdiction, city_approver: Actor, make_actor: MakeActor, deed: Deed
) -> None:
    first, second = make_actor("532301", Role.STAFF), make_actor("532301", Role.APPROVER)
    told = deed(first, set_target, chuxiong, city, 2022, Decimal(70))
    assert (told(first), told(second)) == ([], [])
    make_actor("5323", Role.STAFF)
    deed(city_approver, set_target, chuxiong, chuxiong.jurisdiction, 2022, Decimal(61), reason="省里调整")
    make_up_for_lost_ones()
    assert not Notification.objects.filter(kind="target").exists()


def test_a_unit_is_told_where_one_above_takes_its_own_target_over(
    chuxiong: Campaign, city: Jurisdiction, city_approver: Actor, make_actor: MakeActor, deed: Deed
) -> None:
    clerk = make_actor("532301", Role.STAFF)
    deed(clerk, set_target, chuxiong, city, 2022, Decimal(70))
    told = deed(city_approver, set_target, chuxiong, city, 2022, Decimal(70), document_number=NUMBER)
    text = f"楚雄彝族自治州下达：累计认定占城市社区底数的比例 70%（{NUMBER}）。\n“{chuxiong}”"
    assert told(clerk) == [("target", "楚雄市 2022 年目标已下达", text)]


def test_a_division_tells_each_child_whose_number_changed(
    chuxiong: Campaign, city_approver: Actor, make_actor: MakeActor, deed: Deed
) -> None:
    clerks = [make_actor(code, Role.STAFF) for code in ("532301", "532302", "532324")]
    place = chuxiong.jurisdiction

    def divide(numbers: dict[int, int]) -> Told:
        seen = division_of(chuxiong, place, 2022, place).version
        facts = {"whole": 98, "seen": seen, "document_number": NUMBER}
        return deed(city_approver, distribute_target, chuxiong, place, 2022, numbers, **facts)

    numbers = division_of(chuxiong, place, 2022, place).propose(98, Way.BASE)
    told = divide(numbers)
    assert [[title for _, title, _ in told(one)] for one in clerks] == [
        ["楚雄市 2022 年目标已下达"],
        ["禄丰市 2022 年目标已下达"],
        ["南华县 2022 年目标已下达"],
    ]
    first, second = (one.jurisdiction.pk for one in clerks[:2])
    told = divide(numbers | {first: numbers[first] + 1, second: numbers[second] - 1})
    text = f"楚雄彝族自治州调整：累计认定的社区数由 19 个改为 20 个（{NUMBER}）。\n“{chuxiong}”"
    assert told(clerks[0]) == [("target", "楚雄市 2022 年目标已调整", text)]
    assert (len(told(clerks[1])), told(clerks[2]), told(city_approver)) == (1, [], [])


def test_a_target_that_was_never_delivered_is_made_up_for_and_leads_to_the_grid(
    chuxiong: Campaign,
    city: Jurisdiction,
    city_approver: Actor,
    district_reviewer: Actor,
    client_of: Callable[[Actor], Client],
) -> None:
    with acting(city_approver):
        set_target(chuxiong, city, 2022, Decimal(19), actor=city_approver, kind=Kind.NUMBER)
    make_up_for_lost_ones()
    make_up_for_lost_ones()
    one = Notification.objects.get(user=district_reviewer.user, kind="target")
    client = client_of(district_reviewer)
    goal = client.post(reverse("notification_open", args=[one.pk]))["Location"]
    assert goal == "/campaigns/chuxiong-2021/?at=532301000000&kind=number#targets"
    assert client.get(goal).status_code == 200


@pytest.fixture
def accepted(chuxiong: Campaign, district_reviewer: Actor, city_approver: Actor) -> AnnualPlan:
    """楚雄市's plan of 2022 with 龙江社区, accepted by 楚雄州."""
    enrol(Community.objects.get(code="532301101006"), chuxiong, 2022, actor=district_reviewer)
    place = district_reviewer.jurisdiction
    with acting(district_reviewer):
        seen = version_of(listed_in(chuxiong, place, 2022))
        plan = submit_plan(chuxiong, place, 2022, actor=district_reviewer, seen=seen, explanation="明年补齐")
    with acting(city_approver):
        return accept_plan(plan, actor=city_approver, seen=1)


def test_a_change_of_an_accepted_plan_is_told_with_pilots_and_document(
    chuxiong: Campaign, accepted: AnnualPlan, district_reviewer: Actor, city_approver: Actor, deed: Deed
) -> None:
    one, other = Community.objects.filter(code__in=["532301101001", "532301101008"]).order_by("code")
    ground = {"reason": "街道补报", "document_number": NUMBER}
    named = [f"鹿城镇{one}", f"鹿城镇{other}"]
    told = deed(district_reviewer, enrol_communities, chuxiong, 2022, [one, other], pilots=[other.pk], **ground)
    lines = [f"列入：{'、'.join(named)}。", f"其中试点：{named[1]}。", "理由：街道补报", f"文号：{NUMBER}"]
    assert told(city_approver) == [("plan", f"{accepted}已同意后有调整", "\n".join(lines))]
    part = Participation.objects.get(community=one)
    told = deed(district_reviewer, remove_from_plan, part, reason="拆迁")
    [(_, _, text)] = told(city_approver)
    assert text == f"调出：{named[0]}。\n其中试点：没有。\n理由：拆迁"
    part = Participation.objects.get(community=other)
    [(_, _, text)] = deed(district_reviewer, mark_pilot, part, False, **ground)(city_approver)
    assert text == f"取消试点：{named[1]}。\n理由：街道补报\n文号：{NUMBER}"


@pytest.fixture
def administrator(make_actor: MakeActor) -> Actor:
    """楚雄州's, who reorganises."""
    return make_actor("5323", Role.BUREAU_ADMIN)


def test_a_street_that_moves_is_told_to_both_counties_and_to_itself(
    administrator: Actor, street_officer: Actor, make_actor: MakeActor, jurisdiction: Find, deed: Deed
) -> None:
    left = [make_actor("532301", role) for role in (Role.STAFF, Role.APPROVER, Role.BUREAU_ADMIN)]
    joined, beside = make_actor("532324", Role.STAFF), make_actor("532327", Role.STAFF)
    above, viewer = make_actor("5323", Role.STAFF), make_actor("532301", Role.VIEWER)
    street, to = jurisdiction("532301101"), jurisdiction("532324")
    told = deed(administrator, move_jurisdiction, street, to, order())
    [said] = told(street_officer)
    kind, title, text = said
    assert (kind, title) == (
        "change",
        "区划调整：楚雄市鹿城镇（532301101000） → 南华县鹿城镇（532301101000）",
    )
    number = Community.objects.below(jurisdiction("532301101").path).count()
    assert text.splitlines()[:2] == [
        "楚政发〔2022〕9号，2022-08-01 生效。",
        f"单位 鹿城镇：由楚雄市划归南华县（{number} 个社区 2022 年起计入南华县，以前年度仍计入楚雄市）",
    ]
    assert [told(one) for one in (*left, joined)] == [[said]] * 4
    assert [told(one) for one in (beside, above, viewer, administrator)] == [[]] * 4
    urls = [Notification.objects.get(user=one.user).url.partition("?")[0] for one in (left[0], joined, street_officer)]
    assert urls == ["/progress/532301000000/", "/progress/532324000000/", "/progress/532301101000/"]


def test_a_merger_is_told_to_the_unit_that_goes_on_and_to_the_streets_that_come_to_it(
    administrator: Actor, make_actor: MakeActor, jurisdiction: Find, deed: Deed
) -> None:
    gone, into = (make_actor(code, Role.STAFF) for code in ("532324", "532301"))
    street = make_actor("532324101", Role.STREET_OFFICER)
    kept, beside = make_actor("532301101", Role.STREET_OFFICER), make_actor("532327", Role.STAFF)
    facts = (jurisdiction("532324"), jurisdiction("532301"), order())
    told = deed(administrator, merge_jurisdictions, *facts)
    title = "区划调整：楚雄彝族自治州南华县（532324000000） → 楚雄彝族自治州楚雄市（532301000000）"
    for one in (gone, into, street):
        [(_, said, text)] = told(one)
        assert said == title
        assert "单位 南华县：并入楚雄市（撤销后保留历史和页面）" in text.splitlines()
    assert [told(one) for one in (kept, beside, administrator)] == [[]] * 3


def test_a_zone_that_takes_a_community_is_told_to_the_street_and_county_that_lose_it(
    administrator: Actor, make_actor: MakeActor, street_officer: Actor, jurisdiction: Find, deed: Deed
) -> None:
    clerk, beside, above = (make_actor(code, Role.STAFF) for code in ("532301", "532324", "5323"))
    one = Community.objects.get(code="532301101008")
    told = deed(administrator, create_zone, jurisdiction("5323"), "楚雄开发区", order(), communities=[one])
    [said] = told(clerk)
    assert said[1] == "区划调整：设立楚雄彝族自治州楚雄开发区"
    assert f"社区 {one}：由鹿城镇划归楚雄开发区（以前年度仍计入鹿城镇）" in said[2].splitlines()
    assert (told(street_officer), told(above), told(beside)) == ([said], [said], [])


def test_what_a_zone_takes_over_later_is_told_by_name(
    administrator: Actor, make_actor: MakeActor, street_officer: Actor, jurisdiction: Find, deed: Deed
) -> None:
    deed(administrator, create_zone, jurisdiction("5323"), "楚雄开发区", order())
    zone = Jurisdiction.objects.get(name="楚雄开发区")
    clerk, own = make_actor("532301", Role.STAFF), person_at(zone, Role.STREET_OFFICER)
    one = Community.objects.get(code="532301101008")
    told = deed(administrator, take_over, zone, order(), communities=[one])
    for person in (clerk, street_officer, own):
        [said] = told(person)
        assert said[1] == f"区划调整：楚雄彝族自治州楚雄开发区接管{one}"
        assert f"社区 {one}：由鹿城镇划归楚雄开发区（以前年度仍计入鹿城镇）" in said[2].splitlines()


def test_a_name_is_told_to_the_unit_alone_and_a_preview_to_nobody(
    administrator: Actor, make_actor: MakeActor, jurisdiction: Find, deed: Deed
) -> None:
    clerk, above, unit = make_actor("532301", Role.STAFF), make_actor("5323", Role.STAFF), jurisdiction("532324101")

    def look(*, actor: Actor) -> None:
        asked: Order = order()
        preview(lambda: move_jurisdiction(unit, jurisdiction("532301"), asked, actor=actor), [unit])

    assert deed(administrator, look)(clerk) == []
    facts = (jurisdiction("532301"), "楚雄区", "532301000000", order())
    told = deed(administrator, rename_jurisdiction, *facts)
    assert ([kind for kind, _, _ in told(clerk)], told(above)) == (["change"], [])


def test_that_a_campaign_ends_and_goes_on_is_told_to_those_who_work_in_it(
    administrator: Actor, chuxiong: Campaign, make_actor: MakeActor, street_officer: Actor, deed: Deed
) -> None:
    clerk, viewer = make_actor("532301", Role.STAFF), make_actor("532301", Role.VIEWER)
    told = deed(administrator, close_campaign, chuxiong, reason="任务完成")
    text = "楚雄彝族自治州发起，2021–2022 年。\n理由：任务完成"
    assert told(clerk) == told(street_officer) == [("change", f"“{chuxiong}”已结束", text)]
    assert (told(viewer), told(administrator)) == ([], [])
