"""What rows are called, also those that are gone: many at once, from the rows themselves or from their last snapshot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import models

from apps.accounts.models import Contact, Invitation, Membership, SecurityPolicy
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
from apps.audit.sources import Model, source_of, sources
from apps.campaigns.models import AnnualPlan, Participation, PlanChange, Recognition, Target, TransferredFigures
from apps.communities.models import Baseline, BaselineEntry, CommunitySurvey
from apps.core.wall import LABEL_WIDTH
from apps.evaluations.models import AnnualEvaluation, Countersignature, EvaluationStep
from apps.filings.models import DueDateMove, Escalation, Filing, FilingAttachment
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.models import Notification
from apps.papers.models import OfficeProfile
from apps.practices.models import PracticeChoice
from apps.projects.models import Funding, TransferredFunds
from apps.recognitions.models import DemonstrationBase, NoticeEntry, Objection, Recheck
from apps.reorganisations.models import CommunityChange, JurisdictionChange
from apps.supervision.models import VisitFinding

# The rows that a row's name names, by their foreign keys.
_NAMED_AFTER: Mapping[Model, tuple[str, ...]] = {
    Contact: ("user",),
    Membership: ("user", "jurisdiction"),
    Invitation: ("user",),
    SecurityPolicy: ("jurisdiction",),
    OfficeProfile: ("jurisdiction",),
    Target: ("jurisdiction",),
    AnnualPlan: ("jurisdiction",),
    PlanChange: ("plan",),
    Participation: ("community",),
    Recognition: ("community",),
    Baseline: ("jurisdiction",),
    CommunitySurvey: ("community",),
    BaselineEntry: ("community",),
    TransferredFigures: ("jurisdiction",),
    Funding: ("project",),
    TransferredFunds: ("jurisdiction",),
    Assessment: ("participation",),
    CriterionResult: ("criterion", "assessment"),
    Evidence: ("assessment",),
    ReviewAction: ("assessment",),
    ReturnedCriterion: ("criterion", "action"),
    ReturnNote: ("criterion", "assessment"),
    SecondApproval: ("assessment",),
    SiteVisit: ("assessment", "jurisdiction"),
    DepartmentOpinion: ("assessment", "section"),
    NoticeEntry: ("assessment", "notice"),
    Objection: ("entry",),
    Recheck: ("recognition",),
    DemonstrationBase: ("recognition",),
    CommunityChange: ("jurisdiction",),
    JurisdictionChange: ("jurisdiction",),
    Filing: ("jurisdiction", "milestone"),
    FilingAttachment: ("filing",),
    DueDateMove: ("jurisdiction",),
    Escalation: ("issued_in", "jurisdiction"),
    AnnualEvaluation: ("jurisdiction",),
    EvaluationStep: ("evaluation",),
    Countersignature: ("evaluation",),
    VisitFinding: ("visit",),
    PracticeChoice: ("jurisdiction", "practice"),
    Notification: ("user",),
}
_LONGEST = 60


class Names:
    """The names of rows: first say which are wanted, then ``load`` them all, then ask.

    Each model costs at most two queries, however many rows are named. A row outside of the scope is called by its number.
    """

    def __init__(self) -> None:
        self._wanted: dict[Model, set[int]] = defaultdict(set)
        self._rows: dict[tuple[Model, int], models.Model] = {}
        self._names: dict[tuple[Model, int], str] = {}

    def want(self, model: Model, pk: int | None) -> None:
        if pk is not None and (model, pk) not in self._rows:
            self._wanted[model].add(pk)

    def want_named_by(self, row: models.Model) -> None:
        """Want what the name of ``row`` names."""
        for name in named_after(type(row)):
            self.want(*_target(row, name))

    def want_path(self, path: str) -> None:
        for pk in _labels(path):
            self.want(Jurisdiction, pk)

    def load(self) -> None:
        """Read what is wanted; what names others comes before those, so that each table is read once."""
        for model in reversed(apps.get_models()):
            pks = self._wanted.pop(model, set()) - {pk for one, pk in self._rows if one is model}
            if pks:
                self._add(models.QuerySet(model).filter(pk__in=pks))
                self._add(_last_snapshots(model, pks - {pk for one, pk in self._rows if one is model}))

    def name(self, model: Model, pk: int | None) -> str:
        """Return what the row is called, '' for no row."""
        if pk is None:
            return ""
        key = (model, pk)
        if key not in self._names:
            row = self._rows.get(key)
            self._names[key] = self.title(row) if row is not None else _numbered(model, pk)
        return self._names[key]

    def title(self, row: models.Model) -> str:
        """Return what a row is called, as it stands in ``row``."""
        try:
            return (_shortened(_title(row)) if self._link(row) else "") or _numbered(type(row), row.pk)
        except ObjectDoesNotExist:
            return _numbered(type(row), row.pk)

    def place(self, path: str) -> str:
        """Return the place that a path leads to, from the province down: 云南省楚雄州楚雄市."""
        names = [self.name(Jurisdiction, pk) for pk in _labels(path)]
        return "".join(names[1:] or names)

    def _add(self, rows: Iterable[models.Model]) -> None:
        for row in rows:
            self._rows[type(row), row.pk] = row
            self.want_named_by(row)

    def _link(self, row: models.Model) -> bool:
        """Put the rows that the name of ``row`` names where it finds them; False where one is out of sight."""
        for name in named_after(type(row)):
            target, pk = _target(row, name)
            other = None if pk is None else self._rows.get((target, pk))
            if other is None or not self._link(other):
                return False
            setattr(row, name, other)
        return True


def named_after(model: Model | None) -> tuple[str, ...]:
    """Return the foreign keys whose rows the name of a row of ``model`` names."""
    return _NAMED_AFTER.get(model, ()) if model else ()


def _title(row: models.Model) -> str:
    """What a row is called in a list of many kinds, where its own name would not say whose it is."""
    match row:
        case Membership():
            return f"{row.user} {row}"
        case CriterionResult():
            return f"{row.assessment} 第 {row.criterion.number} 条（{row.get_level_display()}）"
        case Evidence() | ReviewAction():
            return f"{row.assessment} {row}"
        case ReturnNote():
            return f"{row.assessment} 第 {row.criterion.number} 条"
        case ReturnedCriterion():
            return f"{row.action.assessment} 第 {row.criterion.number} 条"
    return str(row)


def _numbered(model: Model, pk: int | None) -> str:
    return f"{model._meta.verbose_name}（编号 {pk}）"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _target(row: models.Model, name: str) -> tuple[Model, int | None]:
    field = type(row)._meta.get_field(name)
    return field.related_model, getattr(row, field.attname)  # type: ignore[union-attr, return-value]


def _last_snapshots(model: Model, pks: set[int]) -> Iterable[models.Model]:
    """The rows as their histories left them, of those that are gone."""
    if not pks or all(one.tracked is not model for one in sources()):
        return
    events = source_of(model).rows.filter(pgh_obj_id__in=pks)
    for event in events.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id"):
        yield snapshot(model, event)


def snapshot(model: Model, event: models.Model) -> models.Model:
    """The row as an event holds it."""
    columns = [one.attname for one in model._meta.concrete_fields]
    return model(**{name: getattr(event, name) for name in columns if hasattr(event, name)})


def _labels(path: str) -> list[int]:
    return [int(path[start : start + LABEL_WIDTH], 16) for start in range(0, len(path), LABEL_WIDTH)]
