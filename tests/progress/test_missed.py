"""薄弱条目: who missed what, across standards, and nothing of what an upper level has not decided."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from fractions import Fraction

import pytest

from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment, save_result
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.progress.behind import behind
from apps.progress.extent import Extent
from apps.progress.missed import Missed, missed_of
from apps.standards.models import Criterion, Standard
from apps.standards.scoring import Answer, Deduction
from tests.factories import agree, enrol, fill_in, person_at, recognise, submit, submitted_community

Find = Callable[[str], Community]
ExtentOf = Callable[[str, int], Extent]
Acting = Callable[[Actor], AbstractContextManager[None]]
NO_LOSS, NO_SPONGE = Answer(deductions=()), Answer(deductions=(Deduction(rule=2),))


def of(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


def national(number: int) -> Criterion:
    return Criterion.objects.get(standard__code="national-2020", number=number)


def say(assessment: Assessment, number: int, answer: Answer, actor: Actor) -> None:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        save_result(assessment, of(assessment, number), answer, actor=actor, note="现场核实")


def counted(extent: Extent, number: int) -> tuple[int, int]:
    """Missed and assessed of a national criterion."""
    one = next(one for one in missed_of(extent).national if one.number == number)
    return one.missed, one.assessed


@pytest.fixture
def two(chuxiong: Campaign, community: Find) -> list[Assessment]:
    """鹿城镇: two submitted, the first with a loss on criterion 5 of its own finding."""
    street = person_at(community("532301101001").jurisdiction, "street_officer")  # type: ignore[arg-type]
    first = fill_in(enrol(community("532301101001"), chuxiong, 2022), actor=street)
    with scope(street.jurisdiction.path, user_id=street.user.pk):
        save_result(first, of(first, 5), NO_SPONGE, actor=street)
    return [submit(first, actor=street), submitted_community(community("532301101002"), chuxiong, 2022)]


def test_missed_counts_by_the_tie_to_the_national_criterion(two: list[Assessment], extent: ExtentOf) -> None:
    tied = of(two[0], 5)
    assert tied.national_criterion == national(5)
    found = missed_of(extent("532301", 2022))
    first = found.national[0]
    loss = tied.points - two[0].results.get(criterion=tied).points  # type: ignore[operator]
    assert (first.pk, first.text, first.missed, first.assessed) == (national(5).pk, national(5).text, 1, 2)
    assert (first.share, first.share_lost) == (Fraction(1, 2), Fraction(loss) / (2 * Fraction(tied.points or 0)))
    assert [one.missed for one in found.national[1:]] == [0] * 15
    # 楚雄's seventeenth is a bonus, which nobody misses.
    assert found.local == []


def test_missed_leaves_out_drafts_and_other_years(
    two: list[Assessment], chuxiong: Campaign, community: Find, extent: ExtentOf
) -> None:
    fill_in(enrol(community("532301101003"), chuxiong, 2022))
    assert counted(extent("532301", 2022), 5) == (1, 2)
    assert missed_of(extent("532301", 2021)).is_empty
    assert counted(extent("5323", 2022), 5) == (1, 2)


def test_missed_keeps_to_itself_what_a_level_has_not_decided(
    two: list[Assessment], extent: ExtentOf, district_reviewer: Actor
) -> None:
    say(two[1], 5, NO_SPONGE, district_reviewer)
    say(two[0], 5, NO_LOSS, district_reviewer)
    for code in ("532301101", "532301", "5323"):
        assert counted(extent(code, 2022), 5) == (1, 2), code
        figure = behind(f"missed.{national(5).pk}", extent(code, 2022))
        assert figure is not None
        assert list(figure.narrowed(Community.objects.all())) == [two[0].participation.community]


def test_missed_takes_the_last_word_once_decided(
    two: list[Assessment], extent: ExtentOf, district_reviewer: Actor, city_approver: Actor
) -> None:
    say(two[1], 5, NO_SPONGE, district_reviewer)
    say(two[0], 5, NO_LOSS, district_reviewer)
    first, second = (agree(one, actor=district_reviewer) for one in two)
    names = behind(f"missed.{national(5).pk}", extent("532301101", 2022))
    assert names is not None
    assert counted(extent("532301101", 2022), 5) == (1, 2)
    assert list(names.narrowed(Community.objects.all())) == [second.participation.community]
    # The prefecture differs from both, and counts when it has recognised.
    say(first, 6, Answer(deductions=(Deduction(rule=1),)), city_approver)
    assert counted(extent("532301101", 2022), 6) == (0, 2)
    recognise(first, actor=city_approver)
    assert counted(extent("532301101", 2022), 6) == (1, 2)


def test_missed_of_what_was_sent_back_stands_with_who_sent_it(
    two: list[Assessment], extent: ExtentOf, district_reviewer: Actor, city_approver: Actor, acting: Acting
) -> None:
    say(two[1], 5, NO_SPONGE, district_reviewer)
    agree(two[1], actor=district_reviewer)
    say(two[1], 6, Answer(deductions=(Deduction(rule=1),)), city_approver)
    with acting(city_approver):
        return_assessment(two[1], "请重新核实", actor=city_approver)
    # 楚雄市 works on it again: what it says is its own; what the prefecture returned it for is decided.
    assert (counted(extent("532301101", 2022), 5), counted(extent("532301101", 2022), 6)) == ((1, 2), (1, 2))
    with acting(district_reviewer):
        return_assessment(two[1], "请修改", actor=district_reviewer)
    assert (counted(extent("532301101", 2022), 5), counted(extent("532301101", 2022), 6)) == ((2, 2), (1, 2))


def test_missed_adds_up_standards_that_score_and_that_do_not(
    two: list[Assessment], community: Find, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    campaign = Campaign.objects.get(code="national-2020")
    there = Community.objects.below(jurisdiction("441900").path).in_code_order()[0]
    street = person_at(there.jurisdiction, "street_officer")  # type: ignore[arg-type]
    submitted = submitted_community(there, campaign, 2022)
    city = person_at(submitted.holder, "approver")  # type: ignore[arg-type]
    assert submitted.holder != street.jurisdiction
    say(submitted, 5, Answer(met=False), city)
    extent = Extent(campaign, jurisdiction("000000000000"), 2022)
    assert counted(extent, 5) == (1, 3)
    agree(submitted, actor=city)
    assert counted(extent, 5) == (2, 3)
    one = next(one for one in missed_of(extent).national if one.number == 5)
    # Points are lost under 楚雄's standard alone.
    assert one.points == 2 * Fraction(of(two[0], 5).points or 0)


def test_missed_leaves_out_what_does_not_apply(two: list[Assessment], chuxiong: Campaign, extent: ExtentOf) -> None:
    heritage = next(one for one in Criterion.objects.filter(standard=chuxiong.standard) if one.allows_not_applicable)
    two[0].results.filter(criterion=heritage).update(verdict="not_applicable", points=heritage.points)
    tied = heritage.national_criterion
    assert tied is not None
    assert counted(extent("532301", 2022), tied.number) == (0, 1)
    figure = behind(f"assessed.{tied.pk}", extent("532301", 2022))
    assert figure is not None
    assert list(figure.narrowed(Community.objects.all())) == [two[1].participation.community]


def test_missed_puts_local_criteria_without_a_tie_apart(two: list[Assessment], extent: ExtentOf) -> None:
    # Published standards are frozen; a tie that is missing from the start looks like this.
    pages = missed_of(extent("532301", 2022))
    assert all(isinstance(one, Missed) and not one.is_local for one in pages.national)
    assert {one.standard for one in pages.national} == {Standard.objects.get(code="national-2020").name}


def test_missed_takes_one_query(
    two: list[Assessment], extent: ExtentOf, django_assert_num_queries: Callable[..., object]
) -> None:
    for code in ("532301101", "5323"):
        place = extent(code, 2022)
        with django_assert_num_queries(2):  # type: ignore[attr-defined] # one of them asks for the campaign's family
            missed_of(place)
