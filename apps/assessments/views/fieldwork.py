"""What the review's page shows beside the criteria: site visits and the opinions of departments, as far as one may see them."""

from dataclasses import dataclass
from typing import Any

from apps.accounts.permissions import Actor
from apps.assessments.comparison import Comparison
from apps.assessments.models import Evidence, ReviewAction, SiteVisit
from apps.assessments.opinions import is_open_for, opinion_panel
from apps.assessments.site_visits import DECISIONS, decision_among, may_see, visits_with_photos
from apps.core.attached import attach


@dataclass(frozen=True)
class VisitLine:
    """A visit with its photos, the decision that locked it, and whether the reader may change it."""

    visit: SiteVisit
    photos: list[Evidence]
    decision: ReviewAction | None
    may_edit: bool


def visit_lines(sheet: Comparison, actor: Actor, *, can_review: bool) -> list[VisitLine]:
    """The visits that ``actor`` may see, the newest first."""
    lines, visits = [], list(visits_with_photos(sheet.assessment))
    attach(visits, "jurisdiction", sheet.chain)
    for visit in visits:
        decision = decision_among(visit, sheet.actions)
        if may_see(visit, actor, decision):
            may_edit = can_review and decision is None and visit.jurisdiction_id == actor.jurisdiction.pk
            lines.append(VisitLine(visit, list(visit.evidence.all()), decision, may_edit))
    return lines[::-1]


def fieldwork(sheet: Comparison, actor: Actor, *, can_review: bool) -> dict[str, Any]:
    """Context of review_visits.html and review_opinions.html."""
    assessment = sheet.assessment
    # A level has decided while the assessment is not with it, or further than it, in this round.
    decided = {
        one.jurisdiction_id
        for one in sheet.actions
        if one.kind in DECISIONS and one.round == assessment.round and one.jurisdiction_id != assessment.holder_id
    }
    if assessment.status in (assessment.Status.RECOGNISED, assessment.Status.ENDED):
        decided.add(assessment.holder_id)
    sections = list({row.criterion.section_id: row.criterion.section for row in sheet.rows}.values())
    return {
        "visits": visit_lines(sheet, actor, can_review=can_review),
        "may_print_visit": actor.can("review_assessments", assessment.path),
        "opinions": opinion_panel(assessment, sheet.chain, sections, sheet.viewed, actor, decided),
        "may_give_opinion": is_open_for(assessment, actor),
    }
