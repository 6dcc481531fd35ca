"""Supervision visits as an office writes them down. Time stands at 15 August 2022 where a test does not say otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.acting import acting
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from apps.supervision.domain import FindingFacts, VisitFacts, draft_visit, edit_visit, issue_visit
from apps.supervision.mending import answer_finding
from apps.supervision.models import SupervisionVisit, VisitFinding
from tests.filings.conftest import at


@pytest.fixture
def today() -> Iterator[None]:
    with at(2022, 8, 15):
        yield


def facts(findings: Sequence[FindingFacts] = (), **also: object) -> VisitFacts:
    made = VisitFacts(title="关于督导检查的反馈意见", started_on=clock.today(), offices="州住建局", findings=findings)
    return replace(made, **also)  # type: ignore[arg-type]


def finding(number: int = 1, mend_by: date | None = None) -> FindingFacts:
    return FindingFacts(f"问题{number}", mend_by or clock.today() + timedelta(days=15))


def pdf(content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("整改台账.pdf", b"%PDF-1.4\n%%EOF\n" + content)


def written(campaign: Campaign, unit: Jurisdiction, findings: int = 1, *, actor: Actor) -> SupervisionVisit:
    """A draft with so many findings, at its second version."""
    with acting(actor):
        drafted = draft_visit(campaign, unit, actor=actor)
        return edit_visit(
            drafted, facts([finding(number) for number in range(1, findings + 1)]), actor=actor, seen=drafted.version
        )


def issued(campaign: Campaign, unit: Jurisdiction, findings: int = 1, *, actor: Actor) -> SupervisionVisit:
    drafted = written(campaign, unit, findings, actor=actor)
    with acting(actor):
        return issue_visit(drafted, actor=actor, seen=drafted.version)


def answered(finding: VisitFinding, text: str = "已整改", *, actor: Actor) -> VisitFinding:
    with acting(actor):
        return answer_finding(finding, text, [pdf()], actor=actor, seen=finding.round)
