"""What other rooms ask of a standard."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem
from apps.standards.specs import (
    ZERO,
    CriterionSpec,
    Rounding,
    RuleKind,
    RuleSpec,
    SectionSpec,
    StandardKind,
    StandardSpec,
    SubItemSpec,
)


def spec_of(standard: Standard, sections: Sequence[Section] | None = None) -> StandardSpec:
    """The standard as scoring takes it, in four queries; in none from the `sections` that parts_of gave."""
    return StandardSpec(
        kind=StandardKind(standard.kind),
        sections=tuple(_section_spec(one) for one in (parts_of(standard) if sections is None else sections)),
        total_points=standard.total_points,
        pass_mark=standard.pass_mark,
    )


def standard_in_use(pk: int) -> Standard:
    """The standard that an assessment goes by; a published one is read once per process.

    What it says cannot be stale. Where it stands can: after a reorganisation, path and jurisdiction are the old ones here until
    the process ends, so nothing is decided by them.
    """
    try:
        return _published(pk)
    except Standard.DoesNotExist:
        return Standard.objects.get(pk=pk)


def spec_in_use(standard: Standard) -> StandardSpec:
    """The spec of a standard that assessments go by; a published one is read once per process.

    It cannot be stale: the database freezes what published standards say (freeze.py), and a new version is a new row.
    """
    return _published_spec(standard.pk) if standard.status == Standard.Status.PUBLISHED else spec_of(standard)


def parts_in_use(standard: Standard) -> tuple[Section, ...]:
    """What parts_of gives, of a published standard read once per process: not to be changed, and shared between threads."""
    if standard.status == Standard.Status.PUBLISHED:
        return _published_parts(standard.pk)
    return tuple(parts_of(standard))


@cache
def _published(standard_id: int) -> Standard:
    return Standard.objects.select_related("jurisdiction").get(pk=standard_id, status=Standard.Status.PUBLISHED)


@cache
def _published_spec(standard_id: int) -> StandardSpec:
    return spec_of(_published(standard_id), _published_parts(standard_id))


@cache
def _published_parts(standard_id: int) -> tuple[Section, ...]:
    """Each part knows the one that it belongs to, so that nothing is read later."""
    standard = _published(standard_id)
    parts = tuple(parts_of(standard))
    for criterion in (one for section in parts for one in section.criteria.all()):
        criterion.standard = standard
        items = {item.pk: item for item in criterion.sub_items.all()}
        for rule in criterion.rules.all():
            rule.sub_item = items[rule.sub_item_id] if rule.sub_item_id else None
    return parts


def parts_of(standard: Standard, *also: str) -> list[Section]:
    """Sections in order, with `criteria`, their `rules` and `sub_items`, and what `also` names, prefetched."""
    parts = ("criteria__rules", "criteria__sub_items", *also)
    return list(standard.sections.order_by("number").prefetch_related(*parts))


def rule_spec(rule: DeductionRule) -> RuleSpec:
    """A rule as scoring takes it; parameters that its kind does not use keep their defaults."""
    parameters: dict[str, Any] = {
        name: getattr(rule, name)
        for name in ("points", "full_value", "step", "required")
        if getattr(rule, name) is not None
    }
    return RuleSpec(
        number=rule.number,
        kind=RuleKind(rule.kind),
        min_points=int(rule.min_points or 0),
        max_points=int(rule.max_points or 0),
        cap=rule.cap,
        floor=rule.floor,
        rounding=Rounding(rule.rounding),
        **parameters,
    )


def _section_spec(section: Section) -> SectionSpec:
    return SectionSpec(
        number=section.number,
        weight=Decimal(section.weight),
        criteria=tuple(criterion_spec(criterion) for criterion in section.criteria.all()),
    )


def criterion_spec(criterion: Criterion) -> CriterionSpec:
    """A criterion as scoring takes it."""
    rules = list(criterion.rules.all())
    return CriterionSpec(
        number=criterion.number,
        points=criterion.points or ZERO,
        rules=tuple(rule_spec(rule) for rule in rules if rule.sub_item_id is None),
        sub_items=tuple(_sub_item_spec(item, rules) for item in criterion.sub_items.all()),
        allows_not_applicable=criterion.allows_not_applicable,
        is_veto=criterion.is_veto,
        is_mandatory=criterion.is_mandatory,
        is_bonus=criterion.is_bonus,
    )


def _sub_item_spec(item: SubItem, rules: list[DeductionRule]) -> SubItemSpec:
    own = (rule_spec(rule) for rule in rules if rule.sub_item_id == item.pk)
    return SubItemSpec(number=item.number, points=item.points, rules=tuple(own))
