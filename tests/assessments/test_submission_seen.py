"""Submitting what one has seen: what changed since the summary page is named, and nothing is submitted."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Max

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import save_result, submit_assessment
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import Assessment
from apps.core import clock
from apps.core.errors import StaleForm
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import state
from tests.factories import person_at

Acting = Callable[[Actor], AbstractContextManager[None]]


def test_submit_after_a_colleague_changed_something_names_the_criteria(
    drafted: Assessment, street_officer: Actor, acting: Acting
) -> None:
    colleague = person_at(street_officer.jurisdiction, Role.STREET_OFFICER)
    known = drafted.results.aggregate(newest=Max("updated_at"))["newest"]
    with clock.stopped_at(known + timedelta(minutes=1)), acting(colleague):
        fifth, sixth = (Criterion.objects.get(standard=drafted.standard, number=number) for number in (5, 6))
        save_result(drafted, fifth, Answer(deductions=(Deduction(rule=2),)), actor=colleague)
        file = SimpleUploadedFile("台账.pdf", b"%PDF-1.4\n%%EOF\n")
        evidence = attach_evidence(drafted, sixth, file, actor=colleague)
    with acting(street_officer), pytest.raises(StaleForm) as refused:
        submit_assessment(drafted, actor=street_officer, seen_at=known)
    assert refused.value.message.startswith(f"第 5、6 条在您打开提交页后已由 {colleague.user} 改过（最近 ")
    assert refused.value.message.endswith("没有提交。请核对后再提交。")
    assert state(drafted) == ("draft", "鹿城镇")
    with acting(street_officer):
        submit_assessment(drafted, actor=street_officer, seen_at=evidence.uploaded_at)
    assert state(drafted) == ("in_review", "楚雄市")
