"""Publishing a draft: what stands in its way, in words and with the place, and the verb."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from apps.accounts.permissions import Actor
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm
from apps.core.fixture_file import Loc
from apps.standards.checks import OUT_OF_ORDER, complaints_about, dropped, oddities_about
from apps.standards.domain import parts_of, spec_of
from apps.standards.drafts import Part, lock, require_issuer, revision_after
from apps.standards.models import Criterion, Section, Standard

_HEAD_FIELDS = {
    "name": "标准名称",
    "document_title": "文件名称",
    "total_points": "总分",
    "pass_mark": "达标分",
    "sections": "内容",
}
_FIELDS = {
    "points": "分值",
    "criteria": "条目",
    "weight": "权重",
    "number": "序号",
    "kind": "类型",
    "min_points": "最少",
    "cap": "扣分上限",
    "full_value": "满值",
    "step": "档距",
    "floor": "不得分线",
    "required": "应有次数",
    "allows_not_applicable": "允许不适用",
    "is_veto": "一票否决",
    "is_mandatory": "必备条目",
}


@dataclass(frozen=True)
class Remark:
    """What the 发布前核对 of a draft says: something wrong (``blocks``) or worth a look.

    ``part`` is where to mend it, the standard for its head.
    """

    place: str
    reason: str
    part: Standard | Part
    blocks: bool = True

    def __str__(self) -> str:
        return f"{self.place}：{self.reason}"


def remarks_on(standard: Standard, parts: Sequence[Section] | None = None) -> list[Remark]:
    """What keeps a draft from being published, then what is merely unusual."""
    parts = parts_of(standard) if parts is None else parts
    return [*_obstacles(standard, parts), *_oddities(standard, parts)]


@transaction.atomic
def publish_standard(standard: Standard, *, actor: Actor, seen: int) -> Standard:
    """Publish a draft as it stood at revision ``seen``: from now on the database keeps it as it is.

    InvalidInput names everything that stands in the way. Doing it twice has one effect.
    """
    require_issuer(actor, standard, "publish_standards")
    locked = lock(standard)
    if locked.status == Standard.Status.PUBLISHED:
        return locked
    if locked.revision != seen:
        raise StaleForm(f"{revision_after(locked, seen, None)} 又改动了这份草稿，还没有发布。请核对最新内容后再发布。")
    if obstacles := [str(one) for one in remarks_on(locked) if one.blocks]:
        raise InvalidInput("还不能发布。" + "；".join(obstacles) + "。")
    locked.status, locked.published_at, locked.published_by = Standard.Status.PUBLISHED, clock.now(), actor.user
    locked.save(update_fields=["status", "published_at", "published_by"])
    return locked


def _obstacles(standard: Standard, parts: Sequence[Section]) -> Iterator[Remark]:
    for name in ("name", "document_title"):
        if not getattr(standard, name).strip():
            yield Remark(_HEAD_FIELDS[name], "没有填写", standard)
    for loc, reason in complaints_about(spec_of(standard, parts)):
        place, part = _located(loc, standard, parts)
        # A file's own words for a kind mean nothing on a page.
        yield Remark(place, re.sub("（[a-z_]+）", "", reason), part)
    for criterion in _criteria(parts):
        if not criterion.text.strip():
            yield Remark(f"第 {criterion.number} 条", "没有填写条目内容", criterion)
    yield from _tie_obstacles(standard, parts)


def _tie_obstacles(standard: Standard, parts: Sequence[Section]) -> Iterator[Remark]:
    base = standard.derived_from
    if base is None:
        return
    if base.status != Standard.Status.PUBLISHED:
        yield Remark("依据标准", f"“{base}”还没有发布", standard)
    known = dict(base.criteria.values_list("pk", "number"))
    tied = [known[one.refines_id] for one in _criteria(parts) if one.refines_id in known]
    for reason in dropped(f"“{base}”", known.values(), tied):
        yield Remark("对应条目", reason, standard)


def _oddities(standard: Standard, parts: Sequence[Section]) -> Iterator[Remark]:
    if standard.replaces_id and not standard.document_number:
        yield Remark("文号", "新版本还没有填文号，没有文号的不用填", standard, blocks=False)
    criteria = list(_criteria(parts))
    specs = [one for section in spec_of(standard, parts).sections for one in section.criteria]
    kinds = [len(one.required_evidence) for one in criteria]
    for position, reason in oddities_about(list(zip(specs, kinds, strict=True))):
        one = criteria[position]
        if reason == OUT_OF_ORDER:
            yield Remark("条目号", f"{reason.removeprefix('条目号')}，可以“重新编号”", one, blocks=False)
        else:
            yield Remark(f"第 {one.number} 条", reason, one, blocks=False)


def _criteria(parts: Sequence[Section]) -> Iterator[Criterion]:
    return (criterion for section in parts for criterion in section.criteria.all())


def _located(loc: Loc, standard: Standard, parts: Sequence[Section]) -> tuple[str, Standard | Part]:
    """A place of checks.py in words, and the part that it names."""
    part: Any = standard
    words, rest = "", list(loc)
    while len(rest) > 1 and isinstance(rest[1], int):
        name, index = rest[0], rest[1]
        rest = rest[2:]
        if name == "sections":
            part = parts[index]
            words = f"内容 {part.number}“{part.title}”"
        elif name == "criteria":
            part = list(part.criteria.all())[index]
            words = f"第 {part.number} 条"
        elif name == "sub_items":
            part = list(part.sub_items.all())[index]
            words += f"分项（{part.number}）"
        elif name == "rules":
            criterion = part if isinstance(part, Criterion) else part.criterion
            item = None if isinstance(part, Criterion) else part.pk
            part = [rule for rule in criterion.rules.all() if rule.sub_item_id == item][index]
            words += f"扣分项 {part.number}"
    fields = _FIELDS if words else _HEAD_FIELDS
    return words + fields.get(str(rest[0]), "") if rest else words, part
