"""An old page never overwrites a newer verdict, though the row has gone and come again meanwhile."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from apps.accounts.permissions import Actor
from apps.assessments.domain import save_result
from apps.assessments.models import Assessment, CriterionResult
from apps.core.errors import StaleForm
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction

LOST, NO_LOSS = Answer(deductions=(Deduction(rule=2),)), Answer(deductions=())


def test_verdict_after_agreement_has_a_version_of_its_own(
    submitted: Assessment, district_reviewer: Actor, acting: Callable[[Actor], AbstractContextManager[None]]
) -> None:
    fifth = Criterion.objects.get(standard=submitted.standard, number=5)

    def judge(answer: Answer, seen: int, note: str) -> CriterionResult | None:
        with acting(district_reviewer):
            return save_result(submitted, fifth, answer, actor=district_reviewer, note=note, seen=seen)

    versions = []
    for note in ("未见", "仍未见"):
        first = judge(LOST, 0, note)
        assert first is not None
        second = judge(LOST, first.version, f"{note}记录")
        assert second is not None
        versions += [first.version, second.version]
        assert judge(NO_LOSS, second.version, "") is None
    newest = judge(LOST, 0, "复看未见")
    assert newest is not None
    assert [*versions, newest.version] == [1, 2, 3, 4, 5]
    for seen in versions:
        with pytest.raises(StaleForm, match="您的修改没有保存"):
            judge(LOST, seen, "旧页面")
    assert CriterionResult.objects.get(pk=newest.pk).note == "复看未见"
