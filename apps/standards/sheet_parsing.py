"""From the rows of a standard's spreadsheet to a StandardFile, or to everything that is wrong with them, each at its cell.

A cell that cannot be taken is complained about, and a harmless value stands in for it, so that the rest is checked as well.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from apps.core.fixture_file import Loc
from apps.standards.fixture_format import StandardFile
from apps.standards.sheet_cells import Cells, HeadCells, line_cells
from apps.standards.sheet_layout import (
    CHECK_METHODS,
    FACTS,
    HEAD,
    KINDS,
    LINES_SHEET,
    LONGEST,
    ROUNDINGS,
    RULE_COLUMNS,
    RULE_HEADERS,
    RULE_KINDS,
    STATUSES,
    Content,
    Row,
    SheetProblem,
    columns_of,
    in_order,
)
from apps.standards.specs import FACTS_OF_KIND, LARGEST_NUMBER, LARGEST_REQUIRED, RuleKind

_CRITERION = tuple(column.header for column in columns_of("条目"))
_ITEM = tuple(column.header for column in columns_of("分项"))
_RULE = tuple(column.header for column in columns_of("扣分项"))
_ENTRIES_OF_RULE = _RULE[3:]
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_JURISDICTION = re.compile(r"\d{12}")
_PERCENT = Decimal(100)
_LARGEST_WEIGHT = Decimal("999.999")
# Complaints that add up the whole table say nothing while single figures are wrong.
_SUMS = ("total_points", "pass_mark")
_HEAD_LABELS = {item.key: item.label for item in HEAD}


@dataclass(frozen=True)
class Defaults:
    """What is taken where the head leaves it out."""

    jurisdiction: str
    code: str


@dataclass
class Parsed:
    """``file`` stands where there are no problems."""

    file: StandardFile | None
    problems: list[SheetProblem]


def parse_content(content: Content, defaults: Defaults, base: StandardFile | None = None) -> Parsed:
    """Read a spreadsheet's rows; ``base`` is the standard that its head says it is derived from."""
    return _Parsing(content, defaults, base).parsed()


@dataclass
class _Place:
    """Where a part of the file stands: its row, and which columns hold its entries."""

    row: int
    headers: Mapping[str, str]
    whole: str


@dataclass
class _Parsing:
    content: Content
    defaults: Defaults
    base: StandardFile | None
    problems: list[SheetProblem] = field(default_factory=list)
    places: dict[Loc, _Place] = field(default_factory=dict)
    sections: list[dict[str, Any]] = field(default_factory=list)
    # The row in which the criterion, and the one in which the sub-item at hand begins.
    criterion_row: Row = field(default_factory=lambda: Row(0))
    item_row: Row = field(default_factory=lambda: Row(0))
    last_criterion: int = 0

    def parsed(self) -> Parsed:
        head = self._head()
        for row in self.content.lines:
            self._line(line_cells(row, self.problems))
        for position, section in enumerate(self.sections):
            if not section["criteria"]:
                self._complain(("sections", position), "这个方面下面没有标准条目。")
        file = self._validated({**head, "sections": self.sections})
        return Parsed(None if self.problems else file, in_order(self.problems))

    def _head(self) -> dict[str, Any]:
        cells = HeadCells(self.content, self.problems)
        for item in HEAD:
            if item.required:
                cells.needs(item.label)
        code, unit = cells.named("标准代码"), cells.named("发布辖区代码")
        if code and not _CODE.fullmatch(code):
            cells.complain("标准代码", f"“{code[:20]}”不对：只用小写字母、数字和连字符，如 chuxiong-2021。")
            code = None
        if unit and not _JURISDICTION.fullmatch(unit):
            cells.complain("发布辖区代码", f"“{unit[:20]}”不是 12 位区划代码；不填即为本辖区。")
            unit = None
        return {
            "code": code or self.defaults.code,
            "name": cells.named("标准名称") or "？",
            "jurisdiction": unit or self.defaults.jurisdiction,
            "derived_from": self.base.code if self.base else None,
            "replaces": cells.named("前一版本代码"),
            "kind": cells.choice("评价方式", KINDS) or "scored",
            "total_points": cells.number("总分", largest=Decimal("99999.99")),
            "pass_mark": cells.number("达标分", largest=Decimal("99999.99")),
            "note": cells.text("注"),
            "status": cells.choice("状态", STATUSES) or "draft",
            "document": {
                "title": cells.named("文件名称") or "？",
                "number": cells.named("文号"),
                "issued_on": cells.day("印发日期"),
            },
        }

    def _line(self, cells: Cells) -> None:
        self._begin_section(cells)
        if not cells.is_blank("标准条目") and not self._goes_on(cells):
            self._begin_criterion(cells)
        elif not self.last_criterion or (self.sections and not self.sections[-1]["criteria"]):
            if any(not cells.is_blank(one) for one in (*_CRITERION, *_ITEM, *_RULE)):
                cells.complain("标准条目", "没有填。一条的文字填在它的第一行。")
                self._begin_criterion(cells, text="？")
            else:
                return
        else:
            for header in cells.differs(_CRITERION, self.criterion_row):
                number = f"第 {self.last_criterion} 条"
                reason = f"这一行接着{number}，这一列应留空；是新的条目，请填“标准条目”列。"
                cells.complain(header, reason)
        if any(not cells.is_blank(one) for one in _ITEM) and cells.differs(_ITEM, self.item_row):
            self._begin_item(cells)
        if any(not cells.is_blank(one) for one in _RULE):
            self._add_rule(cells)

    def _goes_on(self, cells: Cells) -> bool:
        """Whether the row repeats the criterion above it, as a table filled down or sorted does."""
        same = cells.row.get("标准条目") == self.criterion_row.get("标准条目")
        number = cells.row.get("条目号")
        return same and bool(number) and number == self.criterion_row.get("条目号") and bool(self.sections[-1:])

    def _begin_section(self, cells: Cells) -> None:
        last = self.sections[-1] if self.sections else None
        title = cells.text("内容", one_line=True, longest=LONGEST["内容"])
        number = cells.whole("内容序号")
        is_new = (
            last is None or (title or last["title"]) != last["title"] or (number or last["number"]) != last["number"]
        )
        weight = cells.number("内容权重", unit="倍", places=3, largest=_LARGEST_WEIGHT)
        if not is_new:
            if last is not None and weight is not None and weight != last["weight"]:
                cells.complain("内容权重", f"与上面“{last['title']}”的权重 {last['weight']} 不同，请只在第一行填。")
            return
        cells.needs(
            "内容", "没有填：第一行要写明属于哪个方面。" if last is None else "换了内容序号，要写明是哪个方面。"
        )
        place = _Place(cells.row.number, {"number": "内容序号", "title": "内容", "weight": "内容权重"}, "内容")
        self.places["sections", len(self.sections)] = place
        number = number or self._after(cells, "内容序号", last["number"] if last else 0)
        self.sections.append({"number": number, "title": title or "？", "weight": weight or Decimal(1), "criteria": []})
        self.criterion_row = self.item_row = Row(0)
        if weight == 0:
            cells.complain("内容权重", "须大于 0；不填为 1。")

    def _begin_criterion(self, cells: Cells, text: str = "") -> None:
        section = self.sections[-1]
        number = cells.whole("条目号") or self._after(cells, "条目号", self.last_criterion)
        self.last_criterion, self.criterion_row, self.item_row = number, cells.row, Row(0)
        loc = ("sections", len(self.sections) - 1, "criteria", len(section["criteria"]))
        self.places[loc] = _Place(cells.row.number, {c.key: c.header for c in columns_of("条目")}, "标准条目")
        section["criteria"].append(
            {
                "number": number,
                "text": text or cells.text("标准条目") or "？",
                "points": cells.number("分值") or Decimal(0),
                "scoring_text": cells.text("评分标准"),
                "guidance": cells.text("说明"),
                "required_evidence": cells.parts("必需佐证材料"),
                "check_methods": cells.choices("核查方式", CHECK_METHODS),
                "is_bonus": cells.flag("加分项"),
                "is_veto": cells.flag("一票否决"),
                "is_mandatory": cells.flag("必备条目"),
                "allows_not_applicable": cells.flag("允许不适用"),
                "sub_items": [],
                "rules": [],
                **self._ties(cells),
            }
        )

    def _ties(self, cells: Cells) -> dict[str, int | None]:
        national, refines = cells.whole("对应国家条目"), cells.whole("细化上级条目")
        if self.base is None:
            if self.content.value("依据标准代码"):
                return {}
            for header in ("对应国家条目", "细化上级条目"):
                if not cells.is_blank(header):
                    cells.complain(header, "“标准”表没有填“依据标准代码”，就没有上级条目可对应。请填代码或清空这一列。")
            return {}
        if self.base.derived_from is None:
            if refines is not None and refines != national:
                cells.complain("细化上级条目", "依据的就是国家标准，请填在“对应国家条目”列。")
            return {"national": national}
        ties = {"refines": refines}
        return ties if national is None else ties | {"national": national}

    def _begin_item(self, cells: Cells) -> None:
        criterion = self._criterion()
        if cells.is_blank("分项内容"):
            cells.complain("分项内容", "填了分项号或分项分值，要写明分项内容。")
        elif cells.needs("分项分值") and cells.number("分项分值") == 0:
            cells.complain("分项分值", "须大于 0。")
        items = criterion["sub_items"]
        self.item_row = cells.row
        self.places[*self._criterion_loc(), "sub_items", len(items)] = _Place(
            cells.row.number, {c.key: c.header for c in columns_of("分项")}, "分项内容"
        )
        last = items[-1]["number"] if items else 0
        items.append(
            {
                "number": cells.whole("分项号") or self._after(cells, "分项号", last),
                "text": cells.text("分项内容") or "？",
                "points": cells.number("分项分值") or Decimal(1),
                "rules": [],
            }
        )

    def _add_rule(self, cells: Cells) -> None:
        criterion = self._criterion()
        before = len(self.problems)
        numbers = [r["number"] for holder in (criterion, *criterion["sub_items"]) for r in holder["rules"]]
        rule: dict[str, Any] = {
            "number": cells.whole("规则号") or self._after(cells, "规则号", max(numbers, default=0))
        }
        cells.needs("扣分情形")
        rule["text"] = cells.text("扣分情形")
        kind = cells.choice("类型", RULE_KINDS) if cells.needs("类型", "没有填，请从列表里选。") else None
        if kind is not None:
            rule |= self._entries(cells, RuleKind(kind))
        if len(self.problems) > before:
            return
        items = criterion["sub_items"]
        holder = items[-1] if items else criterion
        loc = (*self._criterion_loc(), *(("sub_items", len(items) - 1) if items else ()), "rules", len(holder["rules"]))
        self.places[loc] = _Place(cells.row.number, RULE_HEADERS, "扣（加）分")
        holder["rules"].append(rule)

    def _entries(self, cells: Cells, kind: RuleKind) -> dict[str, Any]:
        """What a rule of ``kind`` holds; columns that it does not use have to be blank."""
        needed, allowed = RULE_COLUMNS[kind]
        label = next(label for label, value in RULE_KINDS.items() if value == kind)
        for header in needed:
            cells.needs(header, f"没有填：“{label}”要填{'、'.join(needed)}。")
        for header in _ENTRIES_OF_RULE:
            if header not in needed and header not in allowed and not cells.is_blank(header):
                cells.complain(header, f"“{label}”不用这一列，请清空。")
        entries: dict[str, Any] = {"kind": kind}
        if kind in (RuleKind.RANGE, RuleKind.BONUS_RANGE):
            low, high = cells.span("扣（加）分") or (1, 1)
            if low < 1:
                cells.complain("扣（加）分", "区间从 1 分起，如“1至3”。")
            return entries | {"min_points": low, "max_points": high}
        read = {
            "扣（加）分": ("points", cells.number("扣（加）分")),
            "上限": ("cap", cells.number("上限")),
            "单位": ("unit", cells.text("单位", one_line=True, longest=LONGEST["单位"])),
            "满额值": ("full_value", cells.number("满额值", unit="%", largest=_PERCENT)),
            "档距": ("step", cells.number("档距", unit="%", largest=_PERCENT)),
            "不得分线": ("floor", cells.number("不得分线", unit="%", largest=_PERCENT)),
            "取整": ("rounding", cells.choice("取整", ROUNDINGS)),
            "应有次数": ("required", cells.whole("应有次数", largest=LARGEST_REQUIRED)),
            "取自社区调查": ("fact", self._fact(cells, kind)),
        }
        for header, (name, value) in read.items():
            if header in (*needed, *allowed) and value is not None:
                entries[name] = value
                if value == 0 and header != "不得分线":
                    cells.complain(header, "须大于 0。")
        return entries

    @staticmethod
    def _fact(cells: Cells, kind: RuleKind) -> str | None:
        """What of the survey the rule takes; one that does not fit its kind is complained of."""
        fact, fitting = cells.choice("取自社区调查", FACTS), FACTS_OF_KIND.get(kind, {})
        if fact is not None and fitting and fact not in fitting:
            cells.complain("取自社区调查", f"这类扣分情形只能取{'、'.join(fitting.values())}。")
            return None
        return fact

    @staticmethod
    def _after(cells: Cells, header: str, last: int) -> int:
        """The number of a part that has none in the sheet: the next one."""
        if last == LARGEST_NUMBER and not cells.row.get(header):
            cells.complain(header, f"前面已编到 {last}，不能再往后编。请从 1 起编号，或清空这一列由系统编排。")
        return min(last + 1, LARGEST_NUMBER)

    def _criterion(self) -> dict[str, Any]:
        found: dict[str, Any] = self.sections[-1]["criteria"][-1]
        return found

    def _criterion_loc(self) -> Loc:
        return ("sections", len(self.sections) - 1, "criteria", len(self.sections[-1]["criteria"]) - 1)

    def _validated(self, document: dict[str, Any]) -> StandardFile | None:
        """The file, with the complaints of the format and of the base; what only follows from a wrong cell is left out."""
        own = {(one.sheet, one.row) for one in self.problems}
        figures_wrong = any(one.sheet == LINES_SHEET for one in self.problems)
        if not all(section["criteria"] for section in document["sections"]):
            return None
        try:
            file = StandardFile.model_validate(document)
        except ValidationError as error:
            for one in error.errors():
                self._complain(_without_tags(document, one["loc"]), f"这里填的不对：{one['msg']}", own)
            return None
        against = file.complaints_against(self.base) if self.base else ()
        for loc, reason in (*file.complaints(), *against):
            if not (figures_wrong and loc[0] in _SUMS and "相加" in reason):
                self._complain(loc, self._plain(reason), own)
        deeper = self.base is not None and self.base.derived_from is not None
        return file.with_ties(self.base) if self.base and deeper else file

    def _complain(self, loc: Loc, reason: str, own: set[tuple[str, int]] | None = None) -> None:
        problem = self._located(loc, reason)
        if (problem.sheet, problem.row) not in (own or ()) or not problem.row:
            self.problems.append(problem)

    def _located(self, loc: Loc, reason: str) -> SheetProblem:
        for length in range(len(loc), 0, -1):
            if place := self.places.get(tuple(loc[:length])):
                key = str(loc[length]) if len(loc) > length else ""
                return SheetProblem(LINES_SHEET, place.row, place.headers.get(key, place.whole), reason)
        if loc and loc[0] == "sections":
            tie = "细化上级条目" if self.base is not None and self.base.derived_from else "对应国家条目"
            return SheetProblem(LINES_SHEET, 1, tie if self.base else "", reason)
        key = str(loc[-1]) if loc else ""
        label = _HEAD_LABELS.get(key, HEAD[0].label)
        return self.content.problem(label, reason)

    def _plain(self, reason: str) -> str:
        """A complaint in the words of the spreadsheet: without codes and names of the file format."""
        if self.base is not None:
            reason = reason.replace(self.base.code, f"《{self.base.name}》")
        reason = re.sub(r"（[a-z_]+）", "", reason).replace("应写 null", "应留空").replace("写 null", "留空")
        return reason if reason.endswith("。") else f"{reason}。"


def _without_tags(document: object, loc: Loc) -> Loc:
    """A place without the names of kinds that pydantic puts into it."""
    kept: list[int | str] = []
    node: Any = document
    for position, part in enumerate(loc):
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            if position < len(loc) - 1:
                continue
        kept.append(part)
    return tuple(kept)
