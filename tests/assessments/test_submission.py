"""Submitting: what is missing blocks with the place, what is unusual wants a word, and the word stands in the history."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment, save_result, submit_assessment
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import Assessment
from apps.assessments.submission import findings_of, summary_of
from apps.assessments.worksheet import Worksheet, worksheet_of
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.errors import InvalidInput
from apps.core.scope import scope
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.factories import enrol, fill_in

PDF = b"%PDF-1.4\n%%EOF\n"


def act(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return verb(*args, actor=actor, **kwargs)


def criterion(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


def answer(actor: Actor, assessment: Assessment, number: int, *deductions: Deduction, **also: Any) -> None:
    given = Answer(deductions=deductions) if not also else Answer(**also)
    act(actor, save_result, assessment, criterion(assessment, number), given)


def attach(actor: Actor, assessment: Assessment, number: int, content: bytes = PDF) -> None:
    act(actor, attach_evidence, assessment, criterion(assessment, number), SimpleUploadedFile("公约.pdf", content))


def sheet_of(actor: Actor, assessment: Assessment) -> Worksheet:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return worksheet_of(Assessment.objects.with_context().get(pk=assessment.pk), actor)


def findings(actor: Actor, assessment: Assessment) -> list[tuple[str, list[int]]]:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        sheet = worksheet_of(Assessment.objects.with_context().get(pk=assessment.pk), actor)
        return [(one.text, [card.number for card in one.cards]) for one in findings_of(sheet)]


BARE: tuple[str, list[int]] = ("每一条都是满分，却没有附任何佐证材料。", [])


def test_findings_of_full_points_without_any_evidence(drafted: Assessment, street_officer: Actor) -> None:
    for number, rate in ((10, 95), (12, 45)):
        answer(street_officer, drafted, number, Deduction(rule=1, rate=rate))
    answer(street_officer, drafted, 14, Deduction(rule=1, count=2))
    assert findings(street_officer, drafted)[0] == BARE


def test_findings_name_the_documents_that_are_not_there(drafted: Assessment, street_officer: Actor) -> None:
    attach(street_officer, drafted, 1)
    by_documents = [
        one.number
        for one in Criterion.objects.filter(standard=drafted.standard, check_methods__contains=["documents"])
        if one.number != 1 and not one.is_bonus
    ]
    found = dict(findings(street_officer, drafted))
    expected = {"按资料核查、没有扣分的条目，没有附佐证材料。": by_documents} if by_documents else {}
    assert {text: cards for text, cards in found.items() if "按资料" in text} == expected


@pytest.mark.parametrize(("count", "named"), [(99, []), (100, [8])])
def test_findings_name_large_counts(drafted: Assessment, street_officer: Actor, count: int, named: list[int]) -> None:
    answer(street_officer, drafted, 8, Deduction(rule=1, count=count))
    assert dict(findings(street_officer, drafted)).get("数量填了 100 以上。", []) == named


def test_findings_leave_out_what_the_standard_asks_for(drafted: Assessment, street_officer: Actor) -> None:
    """A whole rate loses nothing, and 不适用 can be chosen only where the standard allows it."""
    skippable = Criterion.objects.filter(standard=drafted.standard, allows_not_applicable=True).order_by("number")[0]
    answer(street_officer, drafted, 10, Deduction(rule=1, rate=100))
    answer(street_officer, drafted, skippable.number, not_applicable=True)
    said = "".join(text for text, _ in findings(street_officer, drafted))
    assert ("不适用" in said, "100%" in said) == (False, False)


def test_findings_name_a_file_that_another_community_uses_too(
    drafted: Assessment, street_officer: Actor, community: Callable[[str], Community], chuxiong: Campaign
) -> None:
    other = fill_in(enrol(community("532301101008"), chuxiong, 2022), actor=street_officer)
    attach(street_officer, other, 3)
    attach(street_officer, drafted, 7)
    texts = [(text, cards) for text, cards in findings(street_officer, drafted) if "其他社区" in text]
    assert texts == [(f"佐证材料也用于其他社区：{community('532301101008')}（2022 年，第 3 条）。", [7])]


def test_findings_name_what_was_returned_and_left_as_it_was(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, return_assessment, submitted, "", {5: "缺验收单", 8: "照片不清", 9: "无材料"})
    answer(street_officer, submitted, 5, Deduction(rule=2))
    attach(street_officer, submitted, 8)
    assert dict(findings(street_officer, submitted))["退回的条目没有修改，也没有补充材料。"] == [9]
    summary = act_summary(street_officer, submitted)
    assert [(one.card.number, one.before, one.now, one.files) for one in summary.changes] == [
        (5, "6 分", "4 分", 0),
        (8, "6 分", "6 分", 1),
    ]


def act_summary(actor: Actor, assessment: Assessment) -> Any:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return summary_of(worksheet_of(Assessment.objects.with_context().get(pk=assessment.pk), actor))


def test_findings_name_a_whole_return_without_any_change(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, return_assessment, submitted, "请全面核对")
    assert ("退回后没有修改任何条目，也没有补充材料。", []) in findings(street_officer, submitted)


def test_submit_without_an_explanation_of_what_is_unusual_is_refused(
    drafted: Assessment, street_officer: Actor
) -> None:
    with pytest.raises(
        InvalidInput, match=r"有 \d 处需要说明：每一条都是满分，却没有附任何佐证材料。请填写说明后再提交。"
    ):
        act(street_officer, submit_assessment, drafted, explanation=" ")
    with pytest.raises(InvalidInput, match="说明有 1001 字，请压缩到 1000 字以内"):
        act(street_officer, submit_assessment, drafted, explanation="字" * 1001)
    action = act(street_officer, submit_assessment, drafted, explanation=" 材料在社区备查 ")
    assert action.comment == "材料在社区备查"


def test_explanation_is_shown_to_reviewers(
    drafted: Assessment, street_officer: Actor, district_reviewer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    act(street_officer, submit_assessment, drafted, explanation="材料在社区备查")
    assert "材料在社区备查" in client_of(district_reviewer).get(reverse("review", args=[drafted.pk])).text


def test_summary_counts_by_section(drafted: Assessment, street_officer: Actor) -> None:
    attach(street_officer, drafted, 1)
    attach(street_officer, drafted, 1, PDF + b"2")
    summary = act_summary(street_officer, drafted)
    assert [line.number for line in summary.lines] == [1, 2, 3, 4, 5]
    first = summary.lines[0]
    assert (first.answered, first.criteria, first.evidence, first.not_met) == (first.criteria, first.criteria, 2, 0)
    assert first.points == first.full_points
    assert (summary.blocks, summary.is_again) == ([], False)


def test_page_names_the_places_of_what_is_unusual(
    drafted: Assessment, street_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    answer(street_officer, drafted, 8, Deduction(rule=1, count=100))
    page = client_of(street_officer).get(reverse("self_assessment_submit", args=[drafted.pk])).text
    assert "数量填了 100 以上。" in page
    assert f'{reverse("self_assessment", args=[drafted.pk])}#c8"' in page
    assert 'name="explanation"' in page
