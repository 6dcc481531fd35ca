"""Answers of the last time, taken over and confirmed one by one."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import open_assessment, save_result, submit_assessment
from apps.assessments.models import Assessment, CriterionResult
from apps.assessments.prefill import confirm_results, matches, source_of
from apps.assessments.recall import recall_assessment
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community, CommunitySurvey
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.core.scope import scope
from apps.standards.models import Criterion, Standard
from apps.standards.scoring import Answer, Deduction
from tests.factories import enrol, fill_in, person_at, submit

HTMX = {"HX-Request": "true"}
NO_LOSS = Answer(deductions=())


def act(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return verb(*args, actor=actor, **kwargs)


def criterion(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


@pytest.fixture
def later_campaign(chuxiong: Campaign) -> Campaign:
    """A campaign of 楚雄州 of its own line, under the same standard."""
    return Campaign.objects.create(
        code="chuxiong-2023",
        name="楚雄州 2023 年绿色社区提升行动",
        jurisdiction=chuxiong.jurisdiction,
        first_year=2023,
        last_year=2024,
        standard=chuxiong.standard,
        review_chain=chuxiong.review_chain,
        status=Campaign.Status.OPEN,
    )


@pytest.fixture
def earlier(planned: Participation, street_officer: Actor) -> Assessment:
    """龙江社区 in 2022: criterion 5 lost, a rate on 10; submitted."""
    assessment = fill_in(planned, actor=street_officer)
    lost = Answer(deductions=(Deduction(rule=2),))
    act(street_officer, save_result, assessment, criterion(assessment, 5), lost, note="未做海绵化改造")
    return submit(assessment, actor=street_officer)


@pytest.fixture
def opened(
    earlier: Assessment, later_campaign: Campaign, community: Callable[[str], Community], street_officer: Actor
) -> Assessment:
    participation = enrol(community("532301101006"), later_campaign, 2023)
    return act(street_officer, open_assessment, participation)


def results(assessment: Assessment) -> dict[int, CriterionResult]:
    return {one.criterion.number: one for one in assessment.results.select_related("criterion")}


def test_open_takes_over_the_last_answers_as_unconfirmed(
    opened: Assessment, earlier: Assessment, street_officer: Actor
) -> None:
    rows = results(opened)
    assert sorted(rows) == list(range(1, 18))
    assert {one.is_prefilled for one in rows.values()} == {True}
    fifth = rows[5]
    assert (fifth.deductions, fifth.points, fifth.note, fifth.version) == (
        [{"rule": 2}],
        Decimal(4),
        "未做海绵化改造",
        1,
    )
    assert (fifth.level, fifth.updated_by) == ("street", street_officer.user)
    assert Assessment.objects.get(pk=opened.pk).filled_in_by == []
    source = source_of(opened)
    assert source is not None
    assert str(source).startswith("2022 年“楚雄")


def test_open_takes_over_the_submitters_own_answers_alone(
    earlier: Assessment,
    later_campaign: Campaign,
    community: Callable[[str], Community],
    street_officer: Actor,
    district_reviewer: Actor,
) -> None:
    act(
        district_reviewer,
        save_result,
        earlier,
        criterion(earlier, 9),
        Answer(deductions=(Deduction(rule=1),)),
        note="无",
    )
    participation = enrol(community("532301101006"), later_campaign, 2023)
    opened = act(street_officer, open_assessment, participation)
    assert results(opened)[9].deductions == []


def test_open_takes_over_nothing_that_was_not_submitted_or_was_recalled(
    drafted: Assessment,
    later_campaign: Campaign,
    community: Callable[[str], Community],
    street_officer: Actor,
) -> None:
    submit(drafted, actor=street_officer)
    act(street_officer, recall_assessment, drafted)
    opened = act(street_officer, open_assessment, enrol(community("532301101006"), later_campaign, 2023))
    assert results(opened) == {}
    assert source_of(opened) is None


def test_open_takes_over_nothing_of_another_community(
    earlier: Assessment, later_campaign: Campaign, community: Callable[[str], Community], street_officer: Actor
) -> None:
    opened = act(street_officer, open_assessment, enrol(community("532301101008"), later_campaign, 2023))
    assert results(opened) == {}


def test_submit_is_refused_while_anything_is_unconfirmed(opened: Assessment, street_officer: Actor) -> None:
    act(street_officer, save_result, opened, criterion(opened, 1), NO_LOSS)
    rest = "、".join(map(str, range(2, 18)))
    with pytest.raises(InvalidInput, match=f"第 {rest} 条已预填，尚未核对。请逐条核对后再提交。"):
        act(street_officer, submit_assessment, opened)
    assert Assessment.objects.get(pk=opened.pk).status == "draft"


def test_saving_an_answer_confirms_it(opened: Assessment, street_officer: Actor) -> None:
    act(street_officer, save_result, opened, criterion(opened, 5), NO_LOSS, seen=1)
    fifth = results(opened)[5]
    assert (fifth.is_prefilled, fifth.version, fifth.points) == (False, 2, Decimal(6))
    assert Assessment.objects.get(pk=opened.pk).filled_in_by == [street_officer.user.pk]


def test_confirm_all_leaves_what_was_saved_meanwhile_and_is_repeatable(
    opened: Assessment, street_officer: Actor
) -> None:
    colleague = person_at(street_officer.jurisdiction, Role.STREET_OFFICER)
    act(colleague, save_result, opened, criterion(opened, 5), NO_LOSS, seen=1)
    assert act(street_officer, confirm_results, opened) == [one for one in range(1, 18) if one != 5]
    rows = results(opened)
    assert {one.is_prefilled for one in rows.values()} == {False}
    assert (rows[5].version, rows[5].updated_by) == (2, colleague.user)
    assert (rows[6].version, rows[6].updated_by) == (2, street_officer.user)
    assert act(street_officer, confirm_results, opened) == []
    assert results(opened)[6].version == 2
    act(street_officer, submit_assessment, opened)


def test_confirm_after_submitting_is_refused(opened: Assessment, street_officer: Actor) -> None:
    act(street_officer, confirm_results, opened)
    act(street_officer, submit_assessment, opened)
    with pytest.raises(TransitionError, match="现在由楚雄市办理"):
        act(street_officer, confirm_results, opened)


def test_page_shows_what_was_taken_over_and_confirms_it(
    opened: Assessment, street_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    client = client_of(street_officer)
    page = " ".join(client.get(reverse("self_assessment", args=[opened.pk])).text.split())
    assert "17 条已预填：沿用上次的结果（2022 年“楚雄" in page
    assert page.count("核对无误</button>") == 18
    url = reverse("self_assessment_criterion", args=[opened.pk, 5])
    answer = client.post(url, {"seen": "1", "rule_2": "1", "note": "未做海绵化改造"}, headers=HTMX)
    assert "还有 16 条待核对" in answer.text
    assert results(opened)[5].is_prefilled is False
    assert results(opened)[5].deductions == [{"rule": 2}]
    done = client.post(reverse("self_assessment_confirm", args=[opened.pk]), follow=True)
    assert "预填的 16 条已核对。" in done.text
    assert "待核对" not in done.text


def _standard(code: str, like: Standard, texts: dict[int, str], **more: Any) -> Standard:
    """A pass/fail standard whose criteria are tied to those of ``like`` with the same number."""
    standard = Standard.objects.create(
        code=code, name=code, jurisdiction=like.jurisdiction, kind="pass_fail", derived_from=like
    )
    section = standard.sections.create(number=1, title="内容")
    ours = {one.number: one for one in like.criteria.all()}
    for number, text in texts.items():
        Criterion.objects.create(
            standard=standard, section=section, number=number, text=text, refines=ours.get(number), **more
        )
    return standard


def test_matches_go_by_ties_where_the_rules_fit_exactly(db: None) -> None:
    tianjin = Standard.objects.get(code="tianjin-2020")
    first = _standard("first", tianjin, {1: "甲", 2: "乙", 30: "无关"})
    second = _standard("second", tianjin, {1: "甲", 2: "乙", 30: "无关"})
    # 1: both carry out the same one; 30 has no tie.
    assert {old: new.number for old, new in matches(second, first).items()} == {1: 1, 2: 2}
    stricter = _standard("stricter", tianjin, {1: "甲"}, allows_not_applicable=True)
    assert matches(stricter, first) == {}
    ours = {one.number: one for one in tianjin.criteria.all()}
    assert {old: new.number for old, new in matches(first, tianjin).items()} == {
        number: number for number in (1, 2) if not ours[number].allows_not_applicable
    }


def test_matches_leave_out_what_is_tied_twice(db: None) -> None:
    tianjin = Standard.objects.get(code="tianjin-2020")
    one = _standard("one", tianjin, {1: "甲"})
    two = _standard("two", tianjin, {1: "甲"})
    section = two.sections.get()
    Criterion.objects.create(
        standard=two, section=section, number=2, text="甲之二", refines=tianjin.criteria.get(number=1)
    )
    assert matches(two, one) == {}


def test_cards_ask_once_where_the_answers_come_from(
    opened: Assessment, street_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    client, url = client_of(street_officer), reverse("self_assessment_cards", args=[opened.pk])
    asked = []
    for numbers in ("1", "1,2,3,4,5"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url, {"numbers": numbers}, headers=HTMX)
        assert answer.text.count("<article") == numbers.count(",") + 1
        assert "2022 年" in answer.text
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.fixture
def surveyed(community: Callable[[str], Community], street_officer: Actor) -> CommunitySurvey:
    """龙江社区 in 2021: 7 of 9 complaints handled, 24 % under property management, one training."""
    return CommunitySurvey.objects.create(
        community=community("532301101006"),
        year=2021,
        noise_complaints=9,
        noise_complaints_handled=7,
        property_coverage=Decimal(24),
        trainings=1,
        source="入户调查",
        surveyed_on=date(2021, 6, 30),
        recorded_at=clock.now(),
        recorded_by=street_officer.user,
    )


def test_open_answers_what_the_survey_tells(
    planned: Participation, surveyed: CommunitySurvey, street_officer: Actor
) -> None:
    rows = results(act(street_officer, open_assessment, planned))
    assert {number: (row.deductions, row.points, row.is_prefilled) for number, row in rows.items()} == {
        # 77.77 %: two full steps below 100; 24 %: one below 30; one training of two.
        10: ([{"rule": 1, "rate": "77.77"}], Decimal(4), True),
        12: ([{"rule": 1, "rate": 24}], Decimal(5), True),
        14: ([{"rule": 1, "count": 1}], Decimal(3), True),
    }
    assert rows[10].note == "取自社区调查（2021 年）：噪声投诉处置率 77.77%。"
    assert rows[14].note == "取自社区调查（2021 年）：当年培训次数 1 次。"


@pytest.mark.parametrize(
    ("told", "answered"),
    [
        ({"noise_complaints": 0, "noise_complaints_handled": None}, {10: Decimal(6), 12: Decimal(5), 14: Decimal(3)}),
        ({"noise_complaints": None, "trainings": None}, {12: Decimal(5)}),
        # Criterion 11 asks for a security system and nothing else.
        (
            {"has_security_system": True, "noise_complaints": None},
            {11: Decimal(6), 12: Decimal(5), 14: Decimal(3)},
        ),
        (
            {"has_security_system": False, "noise_complaints": None},
            {11: Decimal(0), 12: Decimal(5), 14: Decimal(3)},
        ),
        # 59.999…% stays below the line.
        (
            {"noise_complaints": 100_000, "noise_complaints_handled": 59_999},
            {10: Decimal(0), 12: Decimal(5), 14: Decimal(3)},
        ),
        ({"year": 2023}, {}),
    ],
)
def test_open_answers_no_more_than_the_survey_tells(
    planned: Participation,
    surveyed: CommunitySurvey,
    street_officer: Actor,
    told: dict[str, int | None],
    answered: dict[int, Decimal],
) -> None:
    CommunitySurvey.objects.filter(pk=surveyed.pk).update(**told)
    rows = results(act(street_officer, open_assessment, planned))
    assert {number: row.points for number, row in rows.items()} == answered


@pytest.mark.parametrize(("has_one", "deductions", "said"), [(True, [], "有"), (False, [{"rule": 1}], "无")])
def test_open_tells_whether_there_is_a_security_system(
    planned: Participation,
    surveyed: CommunitySurvey,
    street_officer: Actor,
    has_one: bool,
    deductions: list[dict[str, int]],
    said: str,
) -> None:
    CommunitySurvey.objects.filter(pk=surveyed.pk).update(has_security_system=has_one)
    row = results(act(street_officer, open_assessment, planned))[11]
    assert (row.deductions, row.is_prefilled) == (deductions, True)
    assert row.note == f"取自社区调查（2021 年）：智能化安防系统 {said}。"


def test_survey_comes_before_the_last_answer(
    earlier: Assessment,
    later_campaign: Campaign,
    community: Callable[[str], Community],
    surveyed: CommunitySurvey,
    street_officer: Actor,
) -> None:
    opened = act(street_officer, open_assessment, enrol(community("532301101006"), later_campaign, 2023))
    rows = results(opened)
    assert (len(rows), rows[12].points, rows[5].note) == (17, Decimal(5), "未做海绵化改造")
    client = Client()
    client.force_login(street_officer.user)
    page = client.get(reverse("self_assessment", args=[opened.pk])).content.decode()
    assert page.count("按社区调查预填，请核对") == 3
    assert page.count("沿用上次（") >= 14
