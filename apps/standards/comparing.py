"""Two standards side by side: which criterion of one answers to which of the other, and how they differ."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from apps.core.rounding import plain
from apps.standards.differences import Pieces, compare_lines, plain_text, whole_texts
from apps.standards.domain import parts_of, rule_spec
from apps.standards.models import Criterion, DeductionRule, Section, Standard
from apps.standards.words import rule_in_words

_ASPECTS = ("条目", "内容", "分值", "性质", "评分标准", "扣分项", "必需佐证材料", "核查方式", "说明")
_FLAGS = {
    "is_bonus": "加分项",
    "is_veto": "一票否决",
    "is_mandatory": "必备条目",
    "allows_not_applicable": "允许不适用",
}


@dataclass(frozen=True)
class Aspect:
    """One aspect of a criterion in both standards, line by line."""

    label: str
    lines: list[tuple[Pieces, Pieces]]

    @property
    def differs(self) -> bool:
        return any(piece.is_marked for line in self.lines for side in line for piece in side)


@dataclass
class Pair:
    """A criterion of each standard that answer to each other; None where the other one has none."""

    left: Criterion | None
    right: Criterion | None

    @property
    def kind(self) -> str:
        if self.left is None:
            return "added"
        if self.right is None:
            return "dropped"
        return "changed" if any(aspect.differs for aspect in self.aspects) else "same"

    @cached_property
    def aspects(self) -> list[Aspect]:
        """What both hold; the text always, the rest where either has any."""
        left, right = _told(self.left), _told(self.right)
        if self.left is None or self.right is None:
            pairs = {label: _alone(left[label], right[label]) for label in left}
        else:
            pairs = {label: compare_lines(left[label], right[label]) for label in left}
        return [Aspect(label, lines) for label, lines in pairs.items() if lines]


@dataclass
class Concordance:
    """标准对照: two standards with their criteria in pairs, in the order of the right one."""

    left: Standard
    right: Standard
    head: list[Aspect]
    pairs: list[Pair] = field(default_factory=list)

    @cached_property
    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(("same", "changed", "added", "dropped"), 0)
        for pair in self.pairs:
            counts[pair.kind] += 1
        return counts

    @property
    def figures(self) -> list[dict[str, object]]:
        """The outcome in figures, as components/figure_strip.html takes it."""
        labels = {"changed": "有不同", "added": "增加", "dropped": "没有对应", "same": "相同"}
        return [{"label": label, "value": self.counts[kind], "suffix": "条"} for kind, label in labels.items()]


def compare(left: Standard, right: Standard) -> Concordance:
    """Lay two standards side by side, in a fixed number of queries."""
    ties = ("criteria__section",)
    ours, theirs = parts_of(left, *ties), parts_of(right, *ties)
    found = Concordance(left, right, _head(left, right, ours, theirs))
    found.pairs = pair_up(_criteria(ours, left), _criteria(theirs, right))
    return found


def pair_up(left: Sequence[Criterion], right: Sequence[Criterion]) -> list[Pair]:
    """Pair criteria by their ties, by number where there are none; one that was split answers several."""
    partner = _by_ties(left, right)
    _by_number(left, right, partner)
    pairs = [Pair(partner.get(one.pk), one) for one in right]
    answered = {one.left.pk for one in pairs if one.left is not None}
    after: Criterion | None = None
    for one in left:
        if one.pk not in answered:
            places = [at for at, pair in enumerate(pairs) if after is not None and pair.left == after]
            pairs.insert(places[-1] + 1 if places else 0, Pair(one, None))
        after = one
    return pairs


def _by_ties(left: Sequence[Criterion], right: Sequence[Criterion]) -> dict[int, Criterion]:
    """The partner on the left of each criterion on the right that is tied to one, directly or through the root."""
    by_pk = {one.pk: one for one in left}
    refining = {one.refines_id: one for one in left if one.refines_id}
    by_root: dict[int, list[Criterion]] = defaultdict(list)
    for one in left:
        if (root := _root(one)) is not None:
            by_root[root].append(one)
    partner: dict[int, Criterion] = {}
    for one in right:
        direct = by_pk.get(one.refines_id or 0) or refining.get(one.pk)
        if direct is not None:
            partner[one.pk] = direct
    for one in right:
        candidates = by_root.get(_root(one) or 0, [])
        if one.pk not in partner and candidates:
            partner[one.pk] = _likeliest(one, candidates, partner)
    return partner


def _likeliest(one: Criterion, candidates: Sequence[Criterion], partner: dict[int, Criterion]) -> Criterion:
    taken = {other.pk for other in partner.values()}
    free = [other for other in candidates if other.pk not in taken] or list(candidates)
    return min(free, key=lambda other: (other.text != one.text, other.number != one.number))


def _by_number(left: Sequence[Criterion], right: Sequence[Criterion], partner: dict[int, Criterion]) -> None:
    """Pair those of the same number that no tie speaks for or against."""
    unrelated = not partner
    taken = {one.pk for one in partner.values()}
    free = {one.number: one for one in left if one.pk not in taken and (unrelated or one.national_criterion_id is None)}
    for one in right:
        if one.pk not in partner and one.number in free and (unrelated or one.national_criterion_id is None):
            partner[one.pk] = free.pop(one.number)


def _root(criterion: Criterion) -> int | None:
    """The criterion at the root of the derivation, itself in a root standard; None for one set locally."""
    if criterion.national_criterion_id is not None:
        return criterion.national_criterion_id
    return criterion.pk if criterion.standard.derived_from_id is None else None


def _criteria(parts: Sequence[Section], standard: Standard) -> list[Criterion]:
    found = [criterion for section in parts for criterion in section.criteria.all()]
    for criterion in found:
        criterion.standard = standard
    return found


def _told(criterion: Criterion | None) -> dict[str, list[str]]:
    """A criterion in short lines by aspect."""
    if criterion is None:
        return {label: [] for label in _ASPECTS}
    lines = (
        [criterion.text],
        [criterion.section.title],
        [f"{plain(criterion.points)} 分"] if criterion.points else ["只判断是否符合"],
        [label for name, label in _FLAGS.items() if getattr(criterion, name)],
        _lines(criterion.scoring_text),
        _rules(criterion),
        list(criterion.required_evidence),
        [str(Criterion.CheckMethod(one).label) for one in criterion.check_methods],
        _lines(criterion.guidance),
    )
    return dict(zip(_ASPECTS, lines, strict=True))


def _rules(criterion: Criterion) -> list[str]:
    rules = list(criterion.rules.all())
    lines = [_rule(rule) for rule in rules if rule.sub_item_id is None]
    for item in criterion.sub_items.all():
        lines.append(f"（{item.number}）{item.text}，{plain(item.points)} 分")
        lines += [_rule(rule) for rule in rules if rule.sub_item_id == item.pk]
    return lines


def _rule(rule: DeductionRule) -> str:
    return f"{rule.text}（{rule_in_words(rule_spec(rule), rule.unit)}）"


def _alone(left: list[str], right: list[str]) -> list[tuple[Pieces, Pieces]]:
    """The lines of a criterion that has no partner: there is nothing to compare, so nothing is marked."""
    return [(plain_text(one), ()) for one in left] + [((), plain_text(one)) for one in right]


def _head(left: Standard, right: Standard, ours: Sequence[Section], theirs: Sequence[Section]) -> list[Aspect]:
    one, other = _head_lines(left, ours), _head_lines(right, theirs)
    # Short facts are told whole: half a document's number says nothing.
    pairs = {label: whole_texts(one[label], other[label]) for label in one if one[label] or other[label]}
    return [Aspect(label, [pair]) for label, pair in pairs.items()]


def _head_lines(standard: Standard, parts: Sequence[Section]) -> dict[str, str]:
    count = sum(len(section.criteria.all()) for section in parts)
    weights = [f"{section.title}×{plain(section.weight)}" for section in parts if section.weight != 1]
    return {
        "发布辖区": standard.jurisdiction.name,
        "文件": standard.document_title,
        "文号": standard.document_number,
        "版本": f"第 {standard.version} 版",
        "评价方式": standard.get_kind_display(),
        "总分": _points(standard.total_points),
        "达标分": _points(standard.pass_mark),
        "条目": f"{len(parts)} 个方面 {count} 条",
        "权重": "，".join(weights),
    }


def _points(value: Decimal | None) -> str:
    return "" if value is None else f"{plain(value)} 分"


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]
