"""What is wrong with a standard by itself, in words: one set of rules for files and for drafts on the page.

Places are those of a file: ``("sections", 0, "criteria", 2, "points")``.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from apps.core.fixture_file import Complaint, Loc, duplicates
from apps.core.rounding import plain
from apps.standards.specs import (
    ZERO,
    CriterionSpec,
    RuleKind,
    RuleSpec,
    SectionSpec,
    StandardKind,
    StandardSpec,
    SubItemSpec,
)

_UNSCORED = "达标制（pass_fail）的标准不计分"
OUT_OF_ORDER = "条目号没有从 1 起按顺序连续编号"
_MANY_KINDS_OF_EVIDENCE = 3
_RANGES = (RuleKind.RANGE, RuleKind.BONUS_RANGE)


def complaints_about(standard: StandardSpec) -> Iterator[Complaint]:
    """Everything that keeps a standard from being applied; ties to other standards apart."""
    if not standard.sections:
        yield ("sections",), "还没有内容"
    yield from duplicates(("sections",), "number", [section.number for section in standard.sections])
    seen: set[int] = set()
    for s, section in enumerate(standard.sections):
        yield from _section_complaints(("sections", s), section)
        for c, criterion in enumerate(section.criteria):
            loc: Loc = ("sections", s, "criteria", c)
            if criterion.number in seen:
                yield (*loc, "number"), f"{criterion.number} 出现了两次"
            seen.add(criterion.number)
            yield from criterion_complaints(loc, criterion)
            if standard.kind is StandardKind.PASS_FAIL and (criterion.points or criterion.is_bonus):
                yield (*loc, "points"), _UNSCORED
    yield from _total_complaints(standard)


def criterion_complaints(loc: Loc, criterion: CriterionSpec) -> Iterator[Complaint]:
    """What is wrong with one criterion and its rules."""
    yield from duplicates((*loc, "sub_items"), "number", [item.number for item in criterion.sub_items])
    seen: set[int] = set()
    for rule_loc, rule, held in _located_rules(loc, criterion):
        yield from rule_complaints(rule_loc, rule, held if criterion.points else None)
        if rule.number in seen:
            yield (*rule_loc, "number"), f"{rule.number} 出现了两次"
        seen.add(rule.number)
        if (rule.kind is RuleKind.BONUS_RANGE) != criterion.is_bonus:
            yield (*rule_loc, "kind"), "“区间加分”只能用在加分项上，加分项也只能用“区间加分”"
    if not criterion.points and (seen or criterion.sub_items):
        yield (*loc, "points"), "没有分值的条目不能有扣分项或分项"
    in_items = sum((item.points for item in criterion.sub_items), ZERO)
    if criterion.points and criterion.sub_items and in_items != criterion.points:
        yield (*loc, "points"), f"分项相加是 {plain(in_items)} 分，条目是 {plain(criterion.points)} 分"
    if criterion.is_bonus:
        yield from _bonus_complaints(loc, criterion)


def rule_complaints(loc: Loc, rule: RuleSpec, held: Decimal | None = None) -> Iterator[Complaint]:
    """Parameters of a rule that cannot be, and more than the points ``held`` that it takes from (None: unknown)."""
    yield from _parameter_complaints(loc, rule)
    if held is not None and rule.largest is not None and rule.largest > held:
        yield loc, f"这个扣分项最多扣（加）{plain(rule.largest)} 分，超过所属的 {plain(held)} 分"


def oddities_about(criteria: Sequence[tuple[CriterionSpec, int]]) -> Iterator[tuple[int, str]]:
    """What is unusual about criteria, each with its number of required kinds of evidence, though nothing forbids it.

    By position. One out of order is named alone: those after it follow from it.
    """
    first = next((n for n, (one, _) in enumerate(criteria) if one.number != n + 1), None)
    if first is not None:
        yield first, OUT_OF_ORDER
    for position, (one, kinds) in enumerate(criteria):
        if one.points and not one.all_rules():
            yield position, "有分值而没有扣分项，评定时只能得满分（加分项只能得 0 分）"
        if kinds > _MANY_KINDS_OF_EVIDENCE:
            yield position, "必需佐证材料较多，会加重社区负担，只留缺了不能评定的"


def _parameter_complaints(loc: Loc, rule: RuleSpec) -> Iterator[Complaint]:
    """A file cannot even hold some of them."""
    if rule.kind in _RANGES:
        if rule.min_points < 1:
            yield (*loc, "min_points"), "最少要扣（加）1 分"
        if rule.min_points > rule.max_points:
            yield (*loc, "min_points"), f"最少 {rule.min_points} 分大于最多 {rule.max_points} 分"
        return
    if rule.points <= 0:
        yield (*loc, "points"), "没有填扣多少分"
    if rule.cap is not None and rule.cap <= 0:
        yield (*loc, "cap"), "扣分上限须大于 0；不设上限的留空"
    if rule.kind is RuleKind.COUNT_SHORTFALL and rule.required < 1:
        yield (*loc, "required"), "没有填应有多少次"
    if rule.kind is RuleKind.RATE_SHORTFALL:
        yield from _rate_complaints(loc, rule)


def dropped(base: str, known: Iterable[int], tied: Iterable[int]) -> Iterator[str]:
    """A sentence on the criteria of ``base`` that nothing carries out, if any: 因地制宜…细化量化, never less."""
    if numbers := sorted(set(known) - set(tied)):
        yield f"缺少与{base}第 {'、'.join(map(str, numbers))} 条对应的条目：下级标准不能删减条目"


def total_of(sections: Iterable[SectionSpec]) -> Decimal:
    """The points that all criteria hold together, each multiplied by its section's weight."""
    return sum((section.weight * one.points for section in sections for one in section.criteria), ZERO)


def _section_complaints(loc: Loc, section: SectionSpec) -> Iterator[Complaint]:
    if not section.criteria:
        yield (*loc, "criteria"), "还没有条目"
    if section.weight <= 0:
        yield (*loc, "weight"), "权重须大于 0"


def _located_rules(loc: Loc, criterion: CriterionSpec) -> Iterator[tuple[Loc, RuleSpec, Decimal]]:
    """Every rule with its place and the points it takes from."""
    holders: list[tuple[Loc, CriterionSpec | SubItemSpec]] = [(loc, criterion)]
    holders += [((*loc, "sub_items", position), item) for position, item in enumerate(criterion.sub_items)]
    for holder_loc, holder in holders:
        for position, rule in enumerate(holder.rules):
            yield (*holder_loc, "rules", position), rule, holder.points


def _rate_complaints(loc: Loc, rule: RuleSpec) -> Iterator[Complaint]:
    if not 0 < rule.full_value <= 100:
        yield (*loc, "full_value"), "满值须在 0 到 100 之间，不能是 0"
    if rule.step <= 0:
        yield (*loc, "step"), "每一档须大于 0"
    if rule.step > rule.full_value:
        yield (*loc, "step"), f"每一档 {plain(rule.step)} 大于满值 {plain(rule.full_value)}"
    if rule.floor is not None and rule.floor > rule.full_value:
        yield (*loc, "floor"), f"底线 {plain(rule.floor)} 大于满值 {plain(rule.full_value)}"


def _bonus_complaints(loc: Loc, criterion: CriterionSpec) -> Iterator[Complaint]:
    if not criterion.points:
        yield (*loc, "points"), "加分项要有分值"
    for name in ("allows_not_applicable", "is_veto", "is_mandatory"):
        if getattr(criterion, name):
            yield (*loc, name), "不能用在加分项上"


def _total_complaints(standard: StandardSpec) -> Iterator[Complaint]:
    names = ("total_points", "pass_mark")
    if standard.kind is StandardKind.PASS_FAIL:
        yield from (((name,), _UNSCORED) for name in names if getattr(standard, name) is not None)
        return
    for name in names:
        if getattr(standard, name) is None:
            yield (name,), "缺少这一项：计分制（scored）的标准要写总分和达标分"
    total, written, mark = total_of(standard.sections), standard.total_points, standard.pass_mark
    if written is not None and total != written:
        yield ("total_points",), f"各条分值（乘以权重）相加是 {plain(total)} 分，总分写的是 {plain(written)} 分"
    if written and mark and mark > written:
        yield ("pass_mark",), f"达标分 {plain(mark)} 大于总分 {plain(written)}"
