"""Drafts of standards under several hands: who may change one, and what others changed since a form was loaded."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.core import clock
from apps.core.errors import StaleForm, TransitionError
from apps.jurisdictions.models import Level
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem

Part = Section | Criterion | SubItem | DeductionRule

# What the head of a standard holds; the rest of the row is kept by the verbs.
HEAD_FIELDS = (
    *("name", "document_title", "document_number", "issued_on"),
    *("kind", "total_points", "pass_mark", "note"),
)


@dataclass(frozen=True)
class Revision:
    """One change of a draft and what it counts as: whose, and when, as far as the history says."""

    who: str
    at: str

    def __str__(self) -> str:
        return f"{self.who or '有人'} {self.at}"


def may_issue(actor: Actor, verb: str) -> bool:
    """Whether the person does ``verb`` with the standards of their own jurisdiction; streets issue none."""
    return actor.jurisdiction.level != Level.STREET and actor.can(verb)


def is_issuer(actor: Actor, standard: Standard, verb: str = "edit_standards") -> bool:
    """Whether the person does ``verb`` with this standard: those above and below its issuer only read it."""
    return actor.jurisdiction == standard.jurisdiction and may_issue(actor, verb)


def require_issuer(actor: Actor, standard: Standard, verb: str = "edit_standards") -> None:
    """PermissionDenied unless the person may do ``verb`` with this standard."""
    if not is_issuer(actor, standard, verb):
        require(actor, verb)
        raise PermissionDenied(
            f"“{standard}”由{standard.jurisdiction}编制，只有{standard.jurisdiction}的人员可以改动。"
        )


def open_draft(standard: Standard, *, actor: Actor, seen: int, part: Standard | Part | None = None) -> Standard:
    """Lock a draft for one change and count it; ``seen`` is the revision that the form showed.

    Somebody else's change since then is refused (StaleForm) where it touched ``part``; without a part, whatever it touched.
    """
    require_issuer(actor, standard)
    locked = lock(standard)
    if locked.status != Standard.Status.DRAFT:
        raise TransitionError(is_frozen(locked))
    if locked.revision != seen and (revision := revision_after(locked, seen, part)):
        what = "这部分内容" if part is not None else "这份草稿"
        raise StaleForm(f"{revision} 改动了{what}，您看到的已不是最新的。您填写的内容还在，请对照后再保存。")
    locked.revision += 1
    locked.save(update_fields=["revision"])
    return locked


def lock(standard: Standard) -> Standard:
    """The row as it stands now, locked; a TransitionError where somebody deleted it meanwhile."""
    rows = Standard.objects.select_for_update(of=("self",)).select_related(
        "jurisdiction", "derived_from", "published_by"
    )
    locked = rows.filter(pk=standard.pk).first()
    if locked is None:
        raise TransitionError(f"“{standard}”已被删除。请回到标准列表核对。")
    return locked


def is_frozen(standard: Standard) -> str:
    """Why a published standard is not changed: by whom and when it was published, and the way out."""
    by = standard.published_by.display_name if standard.published_by else ""
    at = f"{timezone.localtime(standard.published_at):%Y-%m-%d} " if standard.published_at else ""
    return f"“{standard}”已{by and f'由{by}'}{at and f'于 {at}'}发布，内容不能再改。要修改，请制作新版本。"


def revision_after(standard: Standard, seen: int, part: Standard | Part | None) -> Revision | None:
    """The last change after revision ``seen`` that touched ``part`` (None: any); None where nothing did.

    The history knows which operation made a revision, and which parts the operation changed.
    """
    events = list(_events_of(Standard).filter(pgh_obj_id=standard.pk, revision__gte=seen).order_by("-pgh_id"))
    later = [event for event in events if event.revision > seen]
    if not later:
        return Revision("", "")
    if part is None or any(event.pgh_context_id is None for event in later):
        return _revision(later[0])
    if isinstance(part, Standard):
        touched = (one for one, before in pairwise(events) if one.revision > seen and _differs(one, before))
        return next(map(_revision, touched), None)
    operations = {event.pgh_context_id for event in later}
    touching = {
        one
        for rows in _rows_of(part)
        for one in rows.filter(pgh_context_id__in=operations).values_list("pgh_context_id", flat=True)
    }
    return next((_revision(event) for event in later if event.pgh_context_id in touching), None)


def _rows_of(part: Part) -> list[Any]:
    """Events of the part itself and, of a criterion, of what belongs to it."""
    rows = [_events_of(type(part)).filter(pgh_obj_id=part.pk)]
    if isinstance(part, Criterion):
        rows += [_events_of(model).filter(criterion_id=part.pk) for model in (SubItem, DeductionRule)]
    return rows


def _events_of(model: type[Any]) -> Any:
    return model.pgh_event_model.objects


def _differs(event: Any, before: Any) -> bool:
    return any(getattr(event, name) != getattr(before, name) for name in HEAD_FIELDS)


def _revision(event: Any) -> Revision:
    facts = event.pgh_context or {}
    at = timezone.localtime(clock.shown(event.pgh_created_at))
    return Revision(str(facts.get("name", "")), f"{at:%m-%d %H:%M}")
