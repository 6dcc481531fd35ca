"""环节: numbers and days of each stage, exactly as the dates of the steps give them."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest

from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.recall import recall_assessment
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.progress.behind import behind
from apps.progress.extent import Extent
from apps.progress.stages import Stage, median, stages_of
from tests.factories import agree, enrol, fill_in, recognise, submit
from tests.progress.conftest import on

Find = Callable[[str], Community]
ExtentOf = Callable[[str, int], Extent]


@pytest.fixture
def on_their_way(
    chuxiong: Campaign, community: Find, district_reviewer: Actor, acting: Callable[..., object]
) -> dict[str, Community]:
    """鹿城镇: one planned, one being filled in, one returned, one with the county, one with the prefecture, one recognised."""
    names = ("planned", "drafting", "returned", "county", "prefecture", "recognised")
    found = {name: community(f"53230110100{number}") for number, name in enumerate(names, start=1)}
    with on("2022-03-01"):
        parts = {name: enrol(one, chuxiong, 2022) for name, one in found.items()}
    with on("2022-03-11"):
        drafts = {name: fill_in(part) for name, part in parts.items() if name != "planned"}
    del drafts["drafting"]
    with on("2022-03-31"):
        sent = {name: submit(draft) for name, draft in drafts.items()}
    with on("2022-04-10"), acting(district_reviewer):  # type: ignore[attr-defined]
        return_assessment(sent["returned"], "请补材料", actor=district_reviewer)
    with on("2022-04-20"):
        for name in ("prefecture", "recognised"):
            sent[name] = agree(sent[name])
    with on("2022-06-01"):
        recognise(sent["recognised"])
    return found


def line(stages: list[Stage], key: str) -> tuple[int, Fraction | None, int, Fraction | None]:
    one = next(one for one in stages if one.key == key)
    return one.count, one.days_so_far, one.finished, one.days


def test_stages_count_and_measure(on_their_way: dict[str, Community], extent: ExtentOf) -> None:
    with on("2022-08-15"):
        found = stages_of(extent("532301", 2022))
    assert found.total == 6
    assert [one.key for one in found.lines] == [
        *["planned", "drafting", "returned"],
        *["in_review.district", "in_review.city", "recognised"],
    ]
    assert line(found.lines, "planned") == (1, Fraction(167), 5, Fraction(10))
    assert line(found.lines, "drafting") == (1, Fraction(157), 4, Fraction(20))
    assert line(found.lines, "returned") == (1, Fraction(127), 0, None)
    # Returned after ten days, agreed to twice after twenty; one has waited since the end of March.
    assert line(found.lines, "in_review.district") == (1, Fraction(137), 3, Fraction(20))
    assert line(found.lines, "in_review.city") == (1, Fraction(117), 1, Fraction(42))
    assert line(found.lines, "recognised") == (1, None, 0, None)


def test_stages_measure_a_second_round_apart(on_their_way: dict[str, Community], extent: ExtentOf) -> None:
    assessment = Participation.objects.get(community=on_their_way["returned"]).assessment
    with on("2022-04-15"):
        submit(assessment)
    with on("2022-08-15"):
        found = stages_of(extent("532301", 2022)).lines
    assert line(found, "returned") == (0, None, 1, Fraction(5))
    assert line(found, "drafting")[2:] == (4, Fraction(20))
    assert line(found, "in_review.district")[0] == 2


def test_stages_leave_out_what_was_recalled(
    on_their_way: dict[str, Community], extent: ExtentOf, street_officer: Actor, acting: Callable[..., object]
) -> None:
    returned, sent = (
        Participation.objects.get(community=on_their_way[one]).assessment for one in ("returned", "county")
    )
    with on("2022-04-15"):
        submit(returned)
    with on("2022-04-16"), acting(street_officer):  # type: ignore[attr-defined]
        recall_assessment(returned, actor=street_officer)
        recall_assessment(sent, actor=street_officer)
    with on("2022-04-20"):
        submit(returned)
    place = extent("532301", 2022)
    with on("2022-08-15"):
        found = stages_of(place).lines
    # Back since the 10th, whatever was submitted and recalled in between; the other one was never submitted.
    assert line(found, "returned") == (0, None, 1, Fraction(10))
    assert line(found, "drafting") == (2, Fraction(157 + 121, 2), 3, Fraction(20))
    figure = behind("left.drafting", place)
    assert figure is not None
    assert on_their_way["county"] not in figure.narrowed(Community.objects.all())


def test_stages_tell_times_and_communities_apart(
    on_their_way: dict[str, Community], extent: ExtentOf, district_reviewer: Actor, acting: Callable[..., object]
) -> None:
    again = submit(Participation.objects.get(community=on_their_way["returned"]).assessment)
    with acting(district_reviewer):  # type: ignore[attr-defined]
        return_assessment(again, "还缺材料", actor=district_reviewer)
    place = extent("532301", 2022)
    county = next(one for one in stages_of(place).lines if one.key == "in_review.district")
    assert (county.finished, county.communities) == (4, 3)
    figure = behind("left.in_review.district", place)
    assert figure is not None
    assert figure.narrowed(Community.objects.all()).count() == county.communities


def test_stages_open_their_names(on_their_way: dict[str, Community], extent: ExtentOf) -> None:
    place = extent("5323", 2022)
    keys = {
        "planned": "planned",
        "drafting": "drafting",
        "returned": "returned",
        "in_review.district": "county",
        "in_review.city": "prefecture",
        "recognised": "recognised",
    }
    for key, name in keys.items():
        figure = behind(f"at.{key}", place)
        assert figure is not None
        assert list(figure.narrowed(Community.objects.all())) == [on_their_way[name]]
    for one in stages_of(place).lines:
        figure = behind(f"left.{one.key}", place)
        assert figure is not None
        assert figure.narrowed(Community.objects.all()).count() == one.communities


def test_stages_tell_what_was_taken_back_and_what_came_later(
    on_their_way: dict[str, Community],
    chuxiong: Campaign,
    community: Find,
    extent: ExtentOf,
    city_approver: Actor,
    acting: Callable[..., object],
) -> None:
    recognition = Participation.objects.get(community=on_their_way["recognised"]).recognitions.get()
    Participation.objects.filter(community=on_their_way["recognised"]).update(year=2021)
    assert {one.key: one.count for one in stages_of(extent("532301", 2021)).lines if one.count} == {
        "recognised_later": 1
    }
    with acting(city_approver):  # type: ignore[attr-defined]
        revoke_recognition(recognition, "弄虚作假", actor=city_approver)
    assert {one.key: one.count for one in stages_of(extent("532301", 2021)).lines if one.count} == {"revoked": 1}


@pytest.mark.parametrize(
    "key", ["at.nowhere", "at.transferred", "left.", "missed.x", "in.2022-13", "by.22-01", "x", ""]
)
def test_behind_knows_no_other_figures(chuxiong: Campaign, extent: ExtentOf, key: str) -> None:
    assert behind(key, extent("5323", 2022)) is None


@pytest.mark.parametrize(
    ("days", "middle"),
    [
        ({}, None),
        ({None: 3}, None),
        ({7: 1}, Fraction(7)),
        ({7: 1, 8: 1}, Fraction(15, 2)),
        ({1: 2, 5: 1, 90: 2, None: 4}, Fraction(5)),
        ({1: 2, 5: 2}, Fraction(3)),
    ],
)
def test_median_of_whole_days(days: dict[int | None, int], middle: Fraction | None) -> None:
    assert median(Counter(days)) == middle


def test_stages_take_one_query(
    on_their_way: dict[str, Community], extent: ExtentOf, django_assert_num_queries: Callable[..., object]
) -> None:
    for code in ("532301101", "5323"):
        place = extent(code, 2022)
        with django_assert_num_queries(2):  # type: ignore[attr-defined] # one of them asks for the campaign's family
            stages_of(place)
