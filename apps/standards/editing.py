"""Verbs on the parts of a draft: head, sections, criteria, sub-items and rules."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Max, QuerySet

from apps.accounts.permissions import Actor
from apps.core.errors import InvalidInput, TransitionError
from apps.standards.drafts import HEAD_FIELDS, Part, open_draft
from apps.standards.loading import national_of
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem
from apps.standards.specs import LARGEST_NUMBER, PARAMETERS_OF_KIND, RuleKind

Rows = TypeVar("Rows", bound=Section | Criterion | SubItem | DeductionRule)

_CRITERION_FIELDS = (
    *("section", "text", "refines", "points", "allows_not_applicable", "is_veto", "is_mandatory", "is_bonus"),
    *("scoring_text", "guidance", "required_evidence", "check_methods"),
)
_PARAMETERS = tuple(dict.fromkeys(name for names in PARAMETERS_OF_KIND.values() for name in names))
FIELDS: Mapping[type[Part], Sequence[str]] = {
    Section: ("title", "weight"),
    Criterion: _CRITERION_FIELDS,
    SubItem: ("text", "points"),
    DeductionRule: ("text", "kind", "sub_item", *_PARAMETERS),
}
# Above every number, below what the column holds: where numbers wait while others move.
_ASIDE = 10_000


@transaction.atomic
def edit_head(standard: Standard, values: Mapping[str, Any], *, actor: Actor, seen: int) -> Standard:
    """Change name, document, kind, total, pass mark or note of a draft."""
    locked = open_draft(standard, actor=actor, seen=seen, part=standard)
    for name in HEAD_FIELDS:
        if name in values:
            setattr(locked, name, values[name])
    locked.save(update_fields=list(HEAD_FIELDS))
    return locked


@transaction.atomic
def add_part(
    model: type[Rows], values: Mapping[str, Any], holder: Standard | Section | Criterion, *, actor: Actor, seen: int
) -> Rows:
    """Add a section to a draft, a criterion to a section, a sub-item or a rule to a criterion, as the last one there."""
    locked = open_draft(standard_of(holder), actor=actor, seen=seen)
    row = model()
    if isinstance(row, Section):
        row.standard, row.number = locked, _next(locked.sections.all())
    elif isinstance(row, Criterion):
        row.standard = locked
        row.number = _room_for_criterion(values.get("section") or holder)
    else:
        row.criterion = holder  # type: ignore[assignment]
        row.number = _next(model.objects.filter(criterion=holder))  # type: ignore[misc]
    _fill(row, values, locked)
    row.save()
    return row


@transaction.atomic
def edit_part(part: Rows, values: Mapping[str, Any], *, actor: Actor, seen: int) -> Rows:
    """Change a part of a draft; StaleForm where somebody else changed the same part since ``seen``."""
    locked = open_draft(standard_of(part), actor=actor, seen=seen, part=part)
    row: Any = type(part).objects.filter(pk=part.pk).first()
    if row is None:
        raise TransitionError("这一部分已被他人删除。您填写的内容还在，需要时请复制后重新增加。")
    _fill(row, values, locked)
    row.save()
    return row


@transaction.atomic
def move_part(part: Part, *, up: bool, actor: Actor, seen: int) -> None:
    """Change places with the part before or after it; a criterion at the edge of its section goes over to the next one."""
    locked = open_draft(standard_of(part), actor=actor, seen=seen)
    siblings: list[Any] = list(_siblings(part).order_by("number"))
    if part not in siblings:
        raise TransitionError("这一部分已被他人删除，请核对后再操作。")
    place = siblings.index(part)
    other = place - 1 if up else place + 1
    if 0 <= other < len(siblings):
        _swap(siblings[place], siblings[other])
    elif isinstance(part, Criterion):
        _change_section(siblings[place], locked, up=up)


@transaction.atomic
def delete_part(part: Part, *, actor: Actor, seen: int) -> None:
    """Delete a part of a draft with everything in it; the numbers of the others stay until they are renumbered."""
    open_draft(standard_of(part), actor=actor, seen=seen)
    type(part).objects.filter(pk=part.pk).delete()


@transaction.atomic
def renumber(standard: Standard, *, actor: Actor, seen: int) -> None:
    """Number sections, criteria through all sections, sub-items and rules from 1 without gaps, in the order shown."""
    locked = open_draft(standard, actor=actor, seen=seen)
    _count_through(Section, list(locked.sections.order_by("number")))
    criteria = list(Criterion.objects.filter(standard=locked).order_by("section__number", "number"))
    _count_through(Criterion, criteria)
    for criterion in criteria:
        _count_through(SubItem, list(criterion.sub_items.order_by("number")))
        _count_through(DeductionRule, list(criterion.rules.order_by("number")))


def standard_of(row: Standard | Part) -> Standard:
    """The standard that a part belongs to."""
    if isinstance(row, Standard):
        return row
    return row.standard if isinstance(row, Section | Criterion) else row.criterion.standard


def _fill(row: Part, values: Mapping[str, Any], standard: Standard) -> None:
    for name in FIELDS[type(row)]:
        if name in values:
            setattr(row, name, values[name])
    if isinstance(row, Criterion):
        _tie(row, standard)
    if isinstance(row, DeductionRule):
        _keep_own_parameters(row)


def _tie(criterion: Criterion, standard: Standard) -> None:
    """A criterion stays in its standard and refines one of the standard it derives from; the national one follows."""
    if criterion.section.standard_id != standard.pk:
        raise InvalidInput("所选的内容不属于这份标准，请重新选择。")
    refined = criterion.refines
    if refined is not None and refined.standard_id != standard.derived_from_id:
        raise InvalidInput(f"所选的上级条目“{refined}”不属于所依据的标准，请重新选择。")
    criterion.national_criterion = national_of(refined)


def _keep_own_parameters(rule: DeductionRule) -> None:
    if rule.sub_item is not None and rule.sub_item.criterion_id != rule.criterion_id:
        raise InvalidInput("所选的分项不属于这一条，请重新选择。")
    used = PARAMETERS_OF_KIND[RuleKind(rule.kind)]
    for name in set(_PARAMETERS) - set(used):
        empty: Any = {"unit": "", "fact": "", "rounding": DeductionRule.Rounding.FULL_STEPS}.get(name)
        setattr(rule, name, empty)


def _next(rows: QuerySet[Any]) -> int:
    last: int = rows.aggregate(last=Max("number"))["last"] or 0
    if last >= LARGEST_NUMBER:
        raise _numbers_used_up()
    return last + 1


def _numbers_used_up() -> InvalidInput:
    return InvalidInput(f"序号已编到 {LARGEST_NUMBER}，不能再往后编。请先在草稿页“重新编号”，再增加。")


def _room_for_criterion(section: Any) -> int:
    """The number after the last criterion of the section; later ones make room for it."""
    all_of = Criterion.objects.filter(standard=section.standard_id)
    before = all_of.filter(section__number__lte=section.number)
    number = _next(before)
    if all_of.filter(number=number).exists():
        if all_of.filter(number=LARGEST_NUMBER).exists():
            raise _numbers_used_up()
        all_of.filter(number__gte=number).update(number=F("number") + _ASIDE + 1)
        all_of.filter(number__gt=_ASIDE).update(number=F("number") - _ASIDE)
    return number


def _siblings(part: Part) -> QuerySet[Any]:
    match part:
        case Section():
            return Section.objects.filter(standard=part.standard_id)
        case Criterion():
            return Criterion.objects.filter(section=part.section_id)
        case SubItem():
            return SubItem.objects.filter(criterion=part.criterion_id)
        case _:
            return DeductionRule.objects.filter(criterion=part.criterion_id, sub_item=part.sub_item_id)


def _swap(one: Any, other: Any) -> None:
    numbers = one.number, other.number
    for row, number in ((one, _ASIDE), (other, numbers[0]), (one, numbers[1])):
        row.number = number
        row.save(update_fields=["number"])


def _change_section(criterion: Criterion, standard: Standard, *, up: bool) -> None:
    sections = list(standard.sections.order_by("number"))
    place = [section.pk for section in sections].index(criterion.section_id) + (-1 if up else 1)
    if 0 <= place < len(sections):
        criterion.section = sections[place]
        criterion.save(update_fields=["section"])


def _count_through(model: Any, rows: Sequence[Any]) -> None:
    moving = [(row, number) for number, row in enumerate(rows, start=1) if row.number != number]
    if not moving:
        return
    table = model.objects.filter(pk__in=[row.pk for row, _ in moving])
    table.update(number=F("number") + _ASIDE)
    for row, number in moving:
        row.number = number
    model.objects.bulk_update([row for row, _ in moving], ["number"])
