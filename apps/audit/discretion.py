"""What the histories hold but not everybody may read: what upper levels have found, proposed and heard; drafts of those below."""

from collections.abc import Callable, Mapping

from django.db.models import Q

from apps.assessments.models import (
    Assessment,
    CriterionResult,
    DepartmentOpinion,
    Evidence,
    ReturnNote,
    ReviewAction,
    SecondApproval,
    SiteVisit,
)
from apps.audit.sources import Model
from apps.core.wall import LABEL_WIDTH
from apps.evaluations.models import AnnualEvaluation, Countersignature
from apps.filings.models import Filing, FilingAttachment
from apps.jurisdictions.models import Jurisdiction, Level
from apps.practices.models import Practice, PracticePicture
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice
from apps.supervision.models import SupervisionVisit, VisitFinding

# The rows of an upper level, by where the reader stands. They lie in the reader's area, because they are about its communities;
# what of them concerns it, once decided, the pages show.
_Above = Callable[[list[int], list[str]], Q]
_PROPOSING = [
    ReviewAction.Kind.PROPOSE_RECOGNISE,
    ReviewAction.Kind.PROPOSE_REVOKE,
    ReviewAction.Kind.DECLINE,
    ReviewAction.Kind.WITHDRAW,
]
_UPPER_ROWS: Mapping[Model, _Above] = {
    # Who works on it there and what they make of it; its steps are told as steps.
    Assessment: lambda above, _: Q(holder__in=above),
    CriterionResult: lambda _, levels: Q(level__in=levels),
    SiteVisit: lambda above, _: Q(jurisdiction__in=above),
    DepartmentOpinion: lambda above, _: Q(jurisdiction__in=above),
    Evidence: lambda above, _: Q(site_visit__jurisdiction__in=above),
    ReturnNote: lambda above, _: Q(jurisdiction__in=above),
    SecondApproval: lambda above, _: Q(jurisdiction__in=above),
    ReviewAction: lambda above, _: Q(jurisdiction__in=above, kind__in=_PROPOSING),
    PublicNotice: lambda above, _: Q(jurisdiction__in=above),
    NoticeEntry: lambda above, _: Q(notice__jurisdiction__in=above),
    Objection: lambda above, _: Q(entry__notice__jurisdiction__in=above),
    # What a visit found is told once it is issued.
    SupervisionVisit: lambda above, _: Q(office__in=above, status=SupervisionVisit.Status.DRAFT),
    VisitFinding: lambda above, _: Q(visit__office__in=above, visit__status=SupervisionVisit.Status.DRAFT),
}
# What a unit has not handed in yet is read by itself alone.
_DRAFTS: Mapping[Model | None, Q] = {
    AnnualEvaluation: Q(status=AnnualEvaluation.Status.DRAFT),
    Countersignature: Q(evaluation__status=AnnualEvaluation.Status.DRAFT),
    Filing: Q(status=Filing.Status.DRAFT),
    FilingAttachment: Q(filing__status=Filing.Status.DRAFT),
    Practice: Q(status=Practice.Status.DRAFT),
    PracticePicture: Q(practice__status=Practice.Status.DRAFT),
}


def withheld_from(reader: Jurisdiction, tracked: Model | None) -> Q:
    """The rows of a history that people of ``reader`` may not see; nothing for most tables."""
    if tracked in _DRAFTS:
        return _DRAFTS[tracked] & ~Q(path=reader.path)
    rule = _UPPER_ROWS.get(tracked) if tracked is not None else None
    if rule is None:
        return Q(pk__in=[])
    # A path is made of its ancestors' ids.
    ids = [int(reader.path[end - LABEL_WIDTH : end], 16) for end in range(LABEL_WIDTH, len(reader.path), LABEL_WIDTH)]
    levels = [str(one) for one in Level]
    return rule(ids, levels[: levels.index(reader.level)])
