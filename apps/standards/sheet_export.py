"""A standard as rows of the spreadsheet; a draft may be unfinished."""

from collections.abc import Iterator
from decimal import Decimal

from apps.core.rounding import plain
from apps.standards.domain import parts_of
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem
from apps.standards.sheet_layout import HEAD, VALUE, YES, Content, Row
from apps.standards.specs import RuleKind

_OF_THE_DOCUMENT = (
    "标准代码",
    "标准名称",
    "发布辖区代码",
    "前一版本代码",
    "文件名称",
    "文号",
    "印发日期",
    "注",
    "状态",
)
_RANGES = (RuleKind.RANGE, RuleKind.BONUS_RANGE)


def content_of(standard: Standard) -> Content:
    """What the spreadsheet of ``standard`` holds, in a handful of queries."""
    base = standard.derived_from
    values = {
        "标准代码": standard.code,
        "标准名称": standard.name,
        "发布辖区代码": standard.jurisdiction.code or "",
        "依据标准代码": base.code if base else "",
        "前一版本代码": standard.replaces.code if standard.replaces else "",
        "评价方式": standard.get_kind_display(),
        "总分": _shown(standard.total_points),
        "达标分": _shown(standard.pass_mark),
        "文件名称": standard.document_title,
        "文号": standard.document_number,
        "印发日期": standard.issued_on.isoformat() if standard.issued_on else "",
        "注": standard.note,
        "状态": standard.get_status_display(),
    }
    head = {item.label: Row(at, {VALUE: values[item.label]}) for at, item in enumerate(HEAD, start=2)}
    lines = [
        Row(at, {header: text for header, text in line.items() if text})
        for at, line in enumerate(_lines(standard), start=2)
    ]
    return Content(head, lines)


def base_content(standard: Standard) -> Content:
    """``standard`` as the beginning of one that refines it: each criterion tied to its own, nothing of the document kept."""
    content = content_of(standard)
    for label in _OF_THE_DOCUMENT:
        content.head[label].values[VALUE] = ""
    content.head["依据标准代码"].values[VALUE] = standard.code
    for row in content.lines:
        if not row.get("标准条目"):
            continue
        row.values.pop("细化上级条目", None)
        row.values["对应国家条目" if standard.derived_from_id is None else "细化上级条目"] = row.get("条目号")
    return content


def _lines(standard: Standard) -> Iterator[dict[str, str]]:
    for section in parts_of(standard, "criteria__national_criterion", "criteria__refines"):
        start = _section(section)
        criteria = list(section.criteria.all())
        for criterion in criteria:
            first = start | _criterion(criterion, standard)
            start = {}
            for line in _parts_of_criterion(criterion):
                yield first | line
                first = {}
        if not criteria:
            yield start


def _section(section: Section) -> dict[str, str]:
    weight = "" if section.weight == 1 else _shown(section.weight)
    return {"内容序号": str(section.number), "内容": section.title, "内容权重": weight}


def _criterion(criterion: Criterion, standard: Standard) -> dict[str, str]:
    national, refines = criterion.national_criterion, criterion.refines
    labels = [str(Criterion.CheckMethod(one).label) for one in criterion.check_methods]
    flags = {
        "加分项": criterion.is_bonus,
        "一票否决": criterion.is_veto,
        "必备条目": criterion.is_mandatory,
        "允许不适用": criterion.allows_not_applicable,
    }
    return {
        "条目号": str(criterion.number),
        "标准条目": criterion.text,
        "分值": _shown(criterion.points),
        "评分标准": criterion.scoring_text,
        "对应国家条目": str(national.number) if national else "",
        "细化上级条目": str(refines.number) if refines and refines != national else "",
        **{header: YES if flag else "" for header, flag in flags.items()},
        "必需佐证材料": _joined(criterion.required_evidence),
        "核查方式": "、".join(labels),
        "说明": criterion.guidance,
    }


def _joined(evidence: list[str]) -> str:
    return ("\n" if any(mark in one for one in evidence for mark in "；;") else "；").join(evidence)


def _parts_of_criterion(criterion: Criterion) -> Iterator[dict[str, str]]:
    """The rules, then each sub-item with its own; at least one line."""
    rules = list(criterion.rules.all())
    lines = [_rule(rule) for rule in rules if rule.sub_item_id is None]
    for item in criterion.sub_items.all():
        own = [_rule(rule) for rule in rules if rule.sub_item_id == item.pk] or [{}]
        lines += [_item(item) | own[0], *own[1:]]
    yield from lines or [{}]


def _item(item: SubItem) -> dict[str, str]:
    return {"分项号": str(item.number), "分项内容": item.text, "分项分值": _shown(item.points)}


def _rule(rule: DeductionRule) -> dict[str, str]:
    is_rate = rule.kind == RuleKind.RATE_SHORTFALL
    points = f"{_shown(rule.min_points)}至{_shown(rule.max_points)}" if rule.kind in _RANGES else _shown(rule.points)
    return {
        "规则号": str(rule.number),
        "扣分情形": rule.text,
        "类型": rule.get_kind_display(),
        "扣（加）分": points,
        "上限": _shown(rule.cap),
        "单位": rule.unit,
        "满额值": _shown(rule.full_value),
        "档距": _shown(rule.step),
        "不得分线": _shown(rule.floor),
        "取整": rule.get_rounding_display() if is_rate else "",
        "应有次数": _shown(rule.required),
        "取自社区调查": rule.get_fact_display() if rule.fact else "",
    }


def _shown(value: Decimal | int | None) -> str:
    return "" if value is None else plain(Decimal(value))
