"""The history of one object with everything that belongs to it: which tables, which rows. Told for objects with a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.accounts.models import Contact, Invitation, Membership, User
from apps.accounts.permissions import Actor
from apps.assessments.models import (
    Assessment,
    CriterionResult,
    DepartmentOpinion,
    Evidence,
    ReturnedCriterion,
    ReturnNote,
    ReviewAction,
    SecondApproval,
    SiteVisit,
)
from apps.audit.discretion import withheld_from
from apps.audit.names import snapshot
from apps.audit.sources import Model, Source, source_of
from apps.audit.trail import Mark, merge
from apps.campaigns.models import (
    AnnualPlan,
    Campaign,
    CampaignChange,
    Milestone,
    Participation,
    Phase,
    PlanChange,
    Recognition,
    SectionDepartments,
    Target,
)
from apps.communities.models import Community, CommunitySurvey
from apps.evaluations.models import AnnualEvaluation, Countersignature, EvaluationStep
from apps.filings.models import Filing, FilingAttachment
from apps.jurisdictions.models import Jurisdiction
from apps.practices.models import Practice, PracticePicture
from apps.projects.models import Funding, Project
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem
from apps.supervision.models import FindingAttachment, SupervisionVisit, VisitFinding


@dataclass(frozen=True)
class Part:
    """A model whose rows belong to an object: ``foreign_key`` leads to the object, or to a part of it."""

    model: Model
    foreign_key: str
    of: Model | None = None


@dataclass(frozen=True)
class Shown:
    """An object whose history is told: its page, by which field the address names it, and its parts.

    ``verb`` is what reading the history takes, beside having the object in one's jurisdiction.
    """

    page: str
    named_by: str
    parts: Sequence[Part]
    verb: str = ""
    parts_lie_below: bool = True


_PARTS_OF_ASSESSMENT = (
    *(CriterionResult, Evidence, SiteVisit, DepartmentOpinion),
    *(ReviewAction, ReturnNote, SecondApproval),
)
# People's histories are for those who look after people.
SHOWN: Mapping[Model, Shown] = {
    Community: Shown("community_detail", "pk", [Part(one, "community") for one in (CommunitySurvey, Participation, Recognition)]),
    Campaign: Shown("campaign_detail", "code", [
        *(Part(one, "campaign") for one in (CampaignChange, Target, Phase, Milestone, SectionDepartments, AnnualPlan)),
        Part(PlanChange, "plan", AnnualPlan),
    ]),
    Standard: Shown("standard_detail", "code", [
        Part(Section, "standard"),
        Part(Criterion, "standard"),
        Part(SubItem, "criterion", Criterion),
        Part(DeductionRule, "criterion", Criterion),
    ]),
    Assessment: Shown("review", "pk", [
        *(Part(one, "assessment") for one in _PARTS_OF_ASSESSMENT),
        Part(ReturnedCriterion, "action", ReviewAction),
    ]),
    Project: Shown("project_detail", "pk", [Part(Funding, "project")]),
    AnnualEvaluation: Shown(
        "evaluation_open", "pk", [Part(EvaluationStep, "evaluation"), Part(Countersignature, "evaluation")]
    ),
    Filing: Shown("filing_open", "pk", [Part(FilingAttachment, "filing")]),
    SupervisionVisit: Shown("visit_detail", "pk", [
        Part(VisitFinding, "visit"),
        Part(FindingAttachment, "finding", VisitFinding),
    ]),
    Practice: Shown("practice_detail", "pk", [Part(PracticePicture, "practice")]),
    User: Shown(
        "person_detail", "pk", [Part(one, "user") for one in (Membership, Invitation, Contact)], "manage_people",
        parts_lie_below=False,
    ),
}  # fmt: skip


def history_url_of(model: Model, pk: int) -> str:
    """Return the address of an object's history."""
    return reverse("object_history", args=[model._meta.app_label, model._meta.model_name, pk])


def page_url_of(row: models.Model) -> str | None:
    """Return the address of the object's own page; None where it is gone."""
    shown = SHOWN[type(row)]
    if row._state.adding:  # noqa: SLF001
        return None
    return reverse(shown.page, args=[getattr(row, shown.named_by)])


def find_object(model: Model, pk: int, actor: Actor) -> models.Model | None:
    """Return the object, or of a deleted one its last snapshot, where it lies in the actor's jurisdiction or below."""
    # Of these nobody elsewhere knows that there is a draft.
    hidden = withheld_from(actor.jurisdiction, model) if model in (SupervisionVisit, Practice) else Q(pk__in=[])
    row: Any = models.QuerySet(model).filter(pk=pk).exclude(hidden).first()
    if row is None:
        event = source_of(model).rows.filter(pgh_obj_id=pk).exclude(hidden).order_by("-pk").first()
        row = event and snapshot(model, event)
    return row if row is not None and actor.jurisdiction.contains(row.path) else None


def history_of(row: Any, reader: Jurisdiction, *, limit: int, after: Mark | None = None) -> list[Mark]:
    """Return the newest marks of the object's history and its parts', in one query, as people of ``reader`` may see them.

    Parts lie where the object lies or below, so that the index on the path finds them; of a person, only memberships do not.
    """
    model, shown = type(row), SHOWN[type(row)]
    below = {"path__gte": row.path, "path__lt": f"{row.path}~"} if shown.parts_lie_below else {}
    branches: list[tuple[Source, QuerySet[Any]]] = [_of(model, pgh_obj_id=row.pk)]
    for part in shown.parts:
        if part.of is None:
            branches.append(_of(part.model, **{f"{part.foreign_key}_id": row.pk}, **below))
        else:
            between = next(one for one in shown.parts if one.model is part.of)
            middle = source_of(part.of).rows.filter(**{f"{between.foreign_key}_id": row.pk}, **below)
            branches.append(_of(part.model, **{f"{part.foreign_key}_id__in": middle.values("pgh_obj_id")}, **below))
    shown_branches = [(source, rows.exclude(withheld_from(reader, source.tracked))) for source, rows in branches]
    return merge(shown_branches, limit=limit, after=after)


def _of(model: Model, **condition: Any) -> tuple[Source, QuerySet[Any]]:
    source = source_of(model)
    # What a task makes of it, such as the pictures that are shown, is nobody's change.
    return source, source.rows.filter(**condition).exclude(pgh_context__has_key="task")
