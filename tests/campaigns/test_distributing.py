"""A target divided over children: what is proposed, written and refused; the page, the grid of numbers, the histories."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.distributing import Division, Way, distribute_target, division_of
from apps.campaigns.models import Campaign, Target
from apps.campaigns.targets import set_target, sign_of
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from tests.factories import recognised_community
from tests.pages import text

Acting = Callable[[Actor], AbstractContextManager[None]]
ClientOf = Callable[[Actor], Client]
Find = Callable[[str], Jurisdiction]
Kind = Target.Kind
PAGE = "/campaigns/chuxiong-2021/"
DISTRIBUTE = f"{PAGE}targets/distribute/?at=532300000000&year=2022"
NUMBER = "楚住建〔2022〕9号"


def named(division: Division, numbers: dict[int, int]) -> dict[str, int]:
    return {one.jurisdiction.name: numbers[one.jurisdiction.pk] for one in division.children}


def own_numbers() -> dict[str, tuple[int, str]]:
    rows = Target.objects.filter(kind=Kind.NUMBER, year=2022).select_related("jurisdiction")
    return {one.jurisdiction.name: (int(one.value), one.document_number) for one in rows}


@pytest.fixture
def division(chuxiong: Campaign) -> Division:
    """楚雄州's target of 2022: 60 % of 163, which is 98."""
    return division_of(chuxiong, chuxiong.jurisdiction, 2022, chuxiong.jurisdiction)


@pytest.fixture
def distribute(city_approver: Actor, acting: Acting) -> Callable[..., list[Target]]:
    def run(
        division: Division, numbers: dict[int, int], whole: int = 98, seen: str = "", number: str = NUMBER
    ) -> list[Target]:
        with acting(city_approver):
            return distribute_target(
                division.rollup.campaign,
                city_approver.jurisdiction,
                2022,
                numbers,
                whole=whole,
                actor=city_approver,
                seen=seen or division.version,
                document_number=number,
            )

    return run


Distribute = Callable[..., list[Target]]


def test_division_proposes_what_the_own_target_asks_for(division: Division) -> None:
    assert (division.whole, division.base) == (98, 163)
    assert named(division, division.propose(98, Way.BASE)) == {
        "楚雄市": 19,
        "禄丰市": 27,
        "双柏县": 5,
        "牟定县": 3,
        "南华县": 7,
        "姚安县": 8,
        "大姚县": 14,
        "永仁县": 2,
        "元谋县": 8,
        "武定县": 5,
    }


def test_division_by_what_is_unfinished_keeps_what_is_done(chuxiong: Campaign, jurisdiction: Find) -> None:
    for code in ("532327100001", "532327100002", "532327101001"):
        found = Community.objects.filter(code=code).first()
        if found is not None:
            recognised_community(found, chuxiong, 2021)
    division = division_of(chuxiong, chuxiong.jurisdiction, 2022, chuxiong.jurisdiction)
    done = {one.jurisdiction.name: one.recognised for one in division.children}
    proposed = division.propose(98, Way.UNFINISHED)
    assert sum(proposed.values()) == 98
    assert all(number >= done[name] for name, number in named(division, proposed).items())


def test_division_of_more_than_there_are_is_refused(division: Division) -> None:
    with pytest.raises(InvalidInput, match="要分解 164 个，下级最多只能分 163 个，请改小。"):
        division.propose(164, Way.EVENLY)


def test_distribute_target_writes_every_child_with_the_document(division: Division, distribute: Distribute) -> None:
    numbers = division.propose(98, Way.BASE)
    assert len(distribute(division, numbers)) == 10
    assert own_numbers()["楚雄市"] == (19, NUMBER)
    assert sum(number for number, _ in own_numbers().values()) == 98
    assert distribute(division, numbers) == []
    assert Target.pgh_event_model.objects.filter(kind="number").count() == 10  # type: ignore[attr-defined]


def test_distribute_target_changes_only_what_differs(
    chuxiong: Campaign, division: Division, distribute: Distribute
) -> None:
    numbers = division.propose(98, Way.BASE)
    distribute(division, numbers)
    again = division_of(chuxiong, chuxiong.jurisdiction, 2022, chuxiong.jurisdiction)
    first, second = (one.jurisdiction.pk for one in again.children[:2])
    changed = numbers | {first: numbers[first] + 1, second: numbers[second] - 1}
    assert len(distribute(again, changed)) == 2
    assert (own_numbers()["楚雄市"][0], own_numbers()["禄丰市"][0]) == (20, 26)


def test_distribute_target_refuses_another_sum_and_writes_nothing(division: Division, distribute: Distribute) -> None:
    numbers = division.propose(98, Way.BASE)
    first = division.children[0].jurisdiction.pk
    with pytest.raises(InvalidInput, match="下级合计 97 个，要分解 98 个，还差 1 个。请调整后再确认。"):
        distribute(division, numbers | {first: 18})
    with pytest.raises(InvalidInput, match="楚雄市 32 个不对：应在 0 到底数 31 个之间。"):
        distribute(division, numbers | {first: 32})
    assert own_numbers() == {}


def test_distribute_target_after_a_change_is_stale(
    chuxiong: Campaign,
    division: Division,
    distribute: Distribute,
    city_approver: Actor,
    acting: Acting,
    jurisdiction: Find,
) -> None:
    with acting(city_approver):
        set_target(chuxiong, jurisdiction("532301"), 2022, Decimal(25), actor=city_approver, kind=Kind.NUMBER)
    with pytest.raises(StaleForm, match="预览以后，下级的底数、认定数或目标有变动"):
        distribute(division, division.propose(98, Way.BASE))
    assert list(own_numbers()) == ["楚雄市"]


def test_distribute_target_of_the_same_numbers_by_a_new_document_is_checked_as_any(
    chuxiong: Campaign, division: Division, distribute: Distribute
) -> None:
    numbers = division.propose(98, Way.BASE)
    distribute(division, numbers)
    again = division_of(chuxiong, chuxiong.jurisdiction, 2022, chuxiong.jurisdiction)
    with pytest.raises(StaleForm, match="预览以后"):
        distribute(again, numbers, seen="zz", number="楚住建〔2022〕10号")
    with pytest.raises(InvalidInput, match="下级合计 98 个，要分解 100 个"):
        distribute(again, numbers, whole=100, number="楚住建〔2022〕10号")
    assert own_numbers()["楚雄市"] == (19, NUMBER)
    assert len(distribute(again, numbers, number="楚住建〔2022〕10号")) == 10
    with pytest.raises(StaleForm, match="预览以后"):
        distribute(again, numbers, number="楚住建〔2022〕11号")


def test_distribute_target_takes_over_what_children_set_and_leaves_what_was_given_from_above(
    chuxiong: Campaign,
    distribute: Distribute,
    city_approver: Actor,
    make_actor: Callable[[str, Role], Actor],
    acting: Acting,
    jurisdiction: Find,
) -> None:
    """In the nation's campaign the prefecture divides over its counties: one was given its number by the province."""
    nation, place = Campaign.objects.get(code="national-2020"), city_approver.jurisdiction
    for actor, code, number in (("532301", "532301", 19), ("53", "532302", 20)):
        by = make_actor(actor, Role.STAFF)
        with acting(by):
            document = "云建〔2022〕1号" if actor == "53" else ""
            set_target(
                nation, jurisdiction(code), 2022, Decimal(number), actor=by, kind=Kind.NUMBER, document_number=document
            )
    division = division_of(nation, place, 2022, place)
    first, second = division.children[:2]
    assert second.remarks(27) == ["由云南省下达，本级不能改"]
    numbers = division.propose(98, Way.BASE)
    assert (sum(numbers.values()), numbers[second.jurisdiction.pk]) == (98, 20)
    with pytest.raises(InvalidInput, match="下级最多只能分 138 个（其中由上级下达、不能改的：禄丰市 20 个），请改小。"):
        division.propose(140, Way.BASE)
    dayao = division.children[6].jurisdiction.pk
    numbers |= {first.jurisdiction.pk: 19, dayao: numbers[dayao] + numbers[first.jurisdiction.pk] - 19}
    moved = numbers | {first.jurisdiction.pk: 20, second.jurisdiction.pk: 19}
    with pytest.raises(InvalidInput, match="禄丰市 2022 年目标 20 个 由云南省下达（云建〔2022〕1号），没有改。"):
        distribute(division, moved)
    assert len(distribute(division, numbers)) == 9
    issuers = Target.objects.filter(kind=Kind.NUMBER, jurisdiction__code__startswith="53230")
    assert {one.jurisdiction.name: str(one.issued_by) for one in issuers} == {
        "楚雄市": "楚雄彝族自治州",
        "禄丰市": "云南省",
    }
    assert distribute(division_of(nation, place, 2022, place), numbers) == []


def test_a_number_given_from_above_stands_where_the_base_has_shrunk_below_it(
    distribute: Distribute, city_approver: Actor, jurisdiction: Find, client_of: ClientOf
) -> None:
    """永仁县 was given three by the province and has two left: nobody at the prefecture can change its number."""
    nation, place = Campaign.objects.get(code="national-2020"), city_approver.jurisdiction
    given = {"kind": Kind.NUMBER, "value": 3, "issued_by": jurisdiction("53")}
    Target.objects.create(campaign=nation, jurisdiction=jurisdiction("532327"), year=2022, **given)
    Community.objects.filter(code="532327101001").update(counts_as_urban=False)
    division = division_of(nation, place, 2022, place)
    numbers = division.propose(90, Way.BASE)
    client, address = client_of(city_approver), f"/campaigns/national-2020/targets/distribute/?at={place.key}&year=2022"
    fields = {f"number_{pk}": number for pk, number in numbers.items()}
    sent = client.post(address, {**fields, "whole": 90, "version": division.version, "document_number": "", "set": "1"})
    assert sent.status_code == 302, text(sent)
    assert own_numbers()["永仁县"] == (3, "")
    assert division.children[7].remarks(3) == ["底数只有 2 个", "由云南省下达，本级不能改"]
    yongren = jurisdiction("532327").pk
    moved = numbers | {yongren: 2, jurisdiction("532301").pk: numbers[jurisdiction("532301").pk] + 1}
    with pytest.raises(InvalidInput, match="永仁县 2022 年目标 3 个 由云南省下达，没有改。"):
        distribute(division_of(nation, place, 2022, place), moved, whole=90)


def test_distribute_target_is_for_those_who_set_targets_there(
    chuxiong: Campaign, division: Division, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    numbers = division.propose(98, Way.BASE)
    for code, role in (("532301", Role.STAFF), ("5323", Role.VIEWER)):
        actor = make_actor(code, role)
        with acting(actor), pytest.raises(PermissionDenied):
            distribute_target(
                chuxiong, chuxiong.jurisdiction, 2022, numbers, whole=98, actor=actor, seen=division.version
            )


def test_distribute_target_of_a_closed_campaign_is_refused(
    chuxiong: Campaign, division: Division, distribute: Distribute
) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(status="closed")
    with pytest.raises(TransitionError, match="已结束，不能分解目标"):
        distribute(division, division.propose(98, Way.BASE))


def test_children_are_told_what_stands_against_a_number(
    chuxiong: Campaign, city_approver: Actor, acting: Acting, jurisdiction: Find
) -> None:
    with acting(city_approver):
        set_target(chuxiong, jurisdiction("532301101"), 2022, Decimal(12), actor=city_approver, kind=Kind.NUMBER)
        set_target(chuxiong, jurisdiction("532301"), 2022, Decimal(70), actor=city_approver)
        set_target(chuxiong, jurisdiction("532301"), 2021, Decimal(11), actor=city_approver, kind=Kind.NUMBER)
    child = division_of(chuxiong, chuxiong.jurisdiction, 2022, chuxiong.jurisdiction).children[0]
    assert (child.asked, child.below) == (22, 12)
    assert child.remarks(10) == [
        "比例目标要求 22 个，按多的执行",
        "已向下分解 12 个，多于这个数",
        "2021 年目标 11 个，多于这个数",
    ]
    assert child.remarks(22) == []


def test_page_proposes_adds_up_and_sets(chuxiong: Campaign, city_approver: Actor, client_of: ClientOf) -> None:
    client = client_of(city_approver)
    page = client.get(DISTRIBUTE)
    assert "本级目标 98 个" in text(page)
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields} | {"version": page.context["division"].version}
    first = f"number_{page.context['division'].children[0].jurisdiction.pk}"
    added = client.post(DISTRIBUTE, data | {first: "17", "add": ""})
    assert (added.status_code, added.context["total"], added.context["missing"]) == (200, 96, 2)
    assert "还差 2 个" in text(added)
    refused = client.post(DISTRIBUTE, data | {first: "17", "set": "1"})
    assert (refused.status_code, "下级合计 96 个，要分解 98 个" in text(refused)) == (422, True)
    assert f'name="{first}" value="17"' in re.sub(r"\s+", " ", refused.content.decode())
    spoilt = client.post(DISTRIBUTE, data | {"whole": "x", "set": "1"})
    assert (spoilt.status_code, "页面已过期，没有保存。" in text(spoilt)) == (422, True)
    wide = client.post(DISTRIBUTE, data | {first: "１７", "add": ""})
    assert (wide.status_code, wide.context["total"]) == (200, 96)
    endless = client.post(DISTRIBUTE, dict.fromkeys(data, "9" * 4300) | {"version": data["version"], "set": "1"})
    assert (endless.status_code, endless.context["total"]) == (422, 0)
    wrong = client.post(DISTRIBUTE, data | {first: "x", "set": "1"})
    assert (wrong.status_code, "请填整数。" in text(wrong)) == (422, True)
    done = client.post(DISTRIBUTE, data | {"set": "1", "document_number": NUMBER}, follow=True)
    assert "已向下级分解 2022 年目标，10 个辖区的目标有变动。" in text(done)
    assert own_numbers()["武定县"] == (5, NUMBER)
    # The next one is by the same document.
    again = client.get(f"{PAGE}?edit=number.532301000000.2021")
    assert f'value="{NUMBER}"' in again.content.decode()


@pytest.mark.parametrize(("query", "said"), [("&number=200", "下级最多只能分 163 个"), ("&number=x", "请填整数。")])
def test_page_refuses_a_number_that_does_not_fit(
    chuxiong: Campaign, city_approver: Actor, client_of: ClientOf, query: str, said: str
) -> None:
    page = client_of(city_approver).get(DISTRIBUTE + query)
    assert said in text(page)
    assert query.removeprefix("&number=") in page.content.decode()


def test_page_keeps_the_number_of_queries(
    chuxiong: Campaign,
    city_approver: Actor,
    client_of: ClientOf,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    client, counts = client_of(city_approver), []
    for place in ("532327000000", "532302000000"):
        with django_assert_max_num_queries(25) as captured:
            client.get(f"{PAGE}targets/distribute/?at={place}")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_grid_of_numbers_tells_what_the_children_fall_short(
    chuxiong: Campaign, city_approver: Actor, client_of: ClientOf, acting: Acting, jurisdiction: Find
) -> None:
    with acting(city_approver):
        for code, number in (("532301", 10), ("532302", 30)):
            set_target(chuxiong, jurisdiction(code), 2022, Decimal(number), actor=city_approver, kind=Kind.NUMBER)
    page = client_of(city_approver).get(f"{PAGE}?kind=number")
    sums = {one.year: (one.number, one.wanted, one.missing) for one in page.context["grid"].sums}
    assert sums == {2021: (None, 33, None), 2022: (40, 98, 58)}
    cells = {row.name: row.cells[1] for row in page.context["grid"].rows}
    assert (cells["楚雄市"].value, cells["楚雄市"].overruled) == ("10 个", "比例要求 19 个")
    assert (cells["禄丰市"].value, cells["禄丰市"].overruled) == ("30 个", "")
    assert (cells["双柏县"].value, cells["双柏县"].inherited_from) == ("5 个", "按比例")


def test_history_tells_every_value_with_its_document(
    chuxiong: Campaign, city_approver: Actor, client_of: ClientOf
) -> None:
    client = client_of(city_approver)
    for value, number in (("70", "楚住建〔2022〕1号"), ("75", "楚住建〔2022〕2号"), ("", "")):
        data = {"jurisdiction": "532301000000", "year": "2022", "kind": "percent", "value": value, "at": ""}
        seen = sign_of(Target.objects.filter(campaign=chuxiong, jurisdiction__code="532301000000", year=2022).first())
        client.post(f"{PAGE}targets/", data | {"document_number": number, "seen": seen})
    page = client.get(f"{PAGE}targets/percent/532301000000/2022/")
    told = [(one.value, one.document_number) for one in page.context["moments"]]
    assert told == [("", ""), ("75%", "楚住建〔2022〕2号"), ("70%", "楚住建〔2022〕1号")]
    assert all("测试审批人5323" in one.who for one in page.context["moments"])
    assert client.get(f"{PAGE}targets/percent/532301000000/2019/").status_code == 404
    assert client.get(f"{PAGE}targets/points/532301000000/2022/").status_code == 404
    assert "没有自定过目标" in text(client.get(f"{PAGE}targets/number/532301000000/2022/"))


def test_grid_asks_for_the_reason_of_the_issuers_own_target(
    chuxiong: Campaign, city_approver: Actor, client_of: ClientOf
) -> None:
    client = client_of(city_approver)
    stands = Target.objects.get(campaign=chuxiong, jurisdiction__code="532300000000", year=2022)
    data = {"jurisdiction": "532300000000", "year": "2022", "kind": "percent", "value": "65", "at": "532300000000"}
    data |= {"seen": sign_of(stands)}
    refused = client.post(f"{PAGE}targets/", data | {"document_number": NUMBER})
    assert (refused.status_code, "行动已经开展，请填写调整理由。" in text(refused)) == (422, True)
    assert f'value="{NUMBER}"' in refused.content.decode()
    assert client.post(f"{PAGE}targets/", data | {"reason": "省里要求", "document_number": NUMBER}).status_code == 302
    assert chuxiong.changes.get(kind="targets").reason == "省里要求"
