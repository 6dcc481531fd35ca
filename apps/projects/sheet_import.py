"""Projects by spreadsheet: what each row would do or what is wrong with it, then all projects at once, or the good ones.

The rows of a project, one for each year, are taken together: all of them or none.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any
from unicodedata import normalize

from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.campaigns.models import Campaign
from apps.campaigns.nearest import campaigns_around
from apps.communities.sheet_rows import (
    CommunityRow,
    day_in,
    find_communities,
    hold_communities,
    read_row,
    read_year,
    sign_rows,
    unsign_rows,
)
from apps.communities.survey_sheet import ERRORS, NAME
from apps.core.errors import InvalidInput, ProblemForPeople
from apps.core.inputs import whole_number
from apps.core.xlsx_import import read_sheet
from apps.projects.domain import VERB, add_project, change_project, misplaced, nameable, projects_in_line
from apps.projects.facts import Money, ProjectFacts, facts_of, is_same, read_amount, refusals
from apps.projects.models import Project, State
from apps.projects.sheet import (
    AMOUNTS,
    CAMPAIGN,
    COLUMNS,
    COMPLETED,
    CONTENT,
    CRITERIA,
    DATES,
    PASSED_OVER,
    PLANNED_END,
    PLANNED_START,
    PROJECT,
    REQUIRED,
    STARTED,
    YEAR,
)
from apps.standards.models import Criterion

# Each project is put down by itself; more would keep the page waiting.
MAX_ROWS = 1000
_SPARE_COLUMNS = 8
_SALT = "projects.sheet_import"
# Where the refusals of the verb are told.
_COLUMN_OF = {
    "name": PROJECT,
    "content": CONTENT,
    "criteria": CRITERIA,
    "planned_start": PLANNED_START,
    "planned_end": PLANNED_END,
    "started_on": STARTED,
    "completed_on": COMPLETED,
    "campaign": NAME,
    "community": NAME,
    "funding": YEAR,
}
_SEPARATORS = re.compile(r"[、,，;；\s]+")


class RowState(StrEnum):
    """What a row would do."""

    WRONG = "有错"
    NEW = "新登记"
    CHANGED = "修改"
    UNCHANGED = "没有变化"


@dataclass
class ProjectRow(CommunityRow):
    """A row: the project as it stands, and what its rows together would make of it."""

    year: int = 0
    before: Project | None = None
    facts: ProjectFacts | None = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def state(self) -> RowState:
        if self.errors or self.facts is None:
            return RowState.WRONG
        if self.before is None:
            return RowState.NEW
        return RowState.CHANGED if self.changes else RowState.UNCHANGED

    @property
    def version(self) -> int:
        return self.before.version if self.before else 0

    @property
    def key(self) -> tuple[int, str]:
        """Which project the row is about."""
        return (self.community.pk if self.community else 0), self.texts[PROJECT].strip()


@dataclass
class ProjectSheet:
    """An uploaded sheet, judged."""

    campaign: Campaign
    rows: list[ProjectRow]

    @property
    def heads(self) -> list[str]:
        return list(self.rows[0].texts) if self.rows else []

    def of(self, *states: RowState) -> list[ProjectRow]:
        return [one for one in self.rows if one.state in states]

    @property
    def errors(self) -> dict[int, dict[str, str]]:
        return {one.number: one.errors for one in self.rows if one.errors}


def read_file(file: IO[bytes], campaign: Campaign, *, actor: Actor) -> ProjectSheet:
    """Read and judge an uploaded sheet; InvalidInput for a file that is no such sheet."""
    require(actor, VERB)
    optional = [*(one for one in COLUMNS if one not in REQUIRED), *PASSED_OVER, ERRORS]
    found = read_sheet(
        file,
        columns=REQUIRED,
        optional=optional,
        max_rows=MAX_ROWS,
        max_columns=len(REQUIRED) + len(optional) + _SPARE_COLUMNS,
        collects=True,
    )
    if not found:
        raise InvalidInput("表格里没有项目。请下载模板，从第 2 行起填写，再导入。")
    return judge([ProjectRow(*read_row(one)) for one in found], campaign, actor=actor)


def judge(rows: Sequence[ProjectRow], campaign: Campaign, *, actor: Actor) -> ProjectSheet:
    """Say of every row what it would do, or what is wrong with it; the same queries for any number of rows."""
    find_communities(rows, actor)
    known = _known(rows, campaign)
    groups: dict[tuple[int, str], list[ProjectRow]] = defaultdict(list)
    for row in rows:
        _check_frame(row, campaign)
        row.before = next((one for one in known.in_line.get(row.key, []) if one.campaign_id == campaign.pk), None)
        groups[row.key].append(row)
    for (community, _), together in groups.items():
        if community:
            _judge_project(together, known)
    for together in groups.values():
        _stand_together(together)
    return ProjectSheet(campaign, list(rows))


@transaction.atomic
def import_rows(rows: Sequence[ProjectRow], campaign: Campaign, *, actor: Actor, only_good: bool) -> ProjectSheet:
    """Store what the rows say: all of them or none, or with ``only_good`` the projects without errors. Twice has one effect."""
    require(actor, VERB)
    fresh = [ProjectRow(row.number, row.texts, dict(row.unreadable), row.seen) for row in rows]
    hold_communities(fresh, actor)
    sheet = judge(fresh, campaign, actor=actor)
    if (wrong := len(sheet.of(RowState.WRONG))) and not only_good:
        raise InvalidInput(f"有 {wrong:,} 行需要改正，一行也没有导入。请改正后重新上传，或者选择只导入正确的行。")
    done: set[tuple[int, str]] = set()
    for row in sheet.of(RowState.NEW, RowState.CHANGED):
        if row.key not in done and row.community is not None and row.facts is not None:
            done.add(row.key)
            _store(row, row.facts, campaign, actor)
    return sheet


def sign(sheet: ProjectSheet, *, actor: Actor) -> str:
    """The rows as they go to the confirmation."""
    return sign_rows(sheet.rows, sheet.heads, salt=_SALT, actor=actor, about=sheet.campaign.pk)


def unsign(text: str, *, actor: Actor) -> tuple[list[ProjectRow], int]:
    """The rows of a preview, not judged, and the id of its campaign; InvalidInput for one too old, or of somebody else."""
    rows, campaign = unsign_rows(text, salt=_SALT, actor=actor)
    return [ProjectRow(*one) for one in rows], campaign


def _store(row: ProjectRow, facts: ProjectFacts, campaign: Campaign, actor: Actor) -> None:
    try:
        if row.before is not None:
            change_project(row.before, facts, actor=actor)
        elif row.community is not None:
            add_project(row.community, campaign, facts, actor=actor)
    except ProblemForPeople as error:
        raise InvalidInput(f"第 {row.number} 行：{error.message}") from error


@dataclass(frozen=True)
class _Known:
    """What rows are held against: the criteria by number and the ids that may be named, those of an earlier standard with them
    that projects name already; the campaigns around; the projects in the line of the campaign by `ProjectRow.key`."""

    campaign: Campaign
    numbered: dict[int, Criterion]
    named: set[int]
    around: list[Campaign]
    in_line: dict[tuple[int, str], list[Project]]


def _known(rows: Sequence[ProjectRow], campaign: Campaign) -> _Known:
    communities = {row.community.pk: row.community for row in rows if row.community is not None}
    in_line: dict[tuple[int, str], list[Project]] = defaultdict(list)
    for one in projects_in_line(communities.values(), campaign):
        in_line[one.community_id, one.name].append(one)
    standing = [one for found in in_line.values() for one in found if one.campaign_id == campaign.pk]
    numbered = {one.number: one for one in nameable(campaign)}
    named = {one.pk for one in numbered.values()} | {pk for one in standing for pk in one.criteria}
    return _Known(campaign, numbered, named, campaigns_around({one.path for one in communities.values()}), in_line)


def _check_frame(row: ProjectRow, campaign: Campaign) -> None:
    """The name, the year, and whether the row is about this campaign."""
    if not row.texts[PROJECT].strip():
        row.errors.setdefault(PROJECT, "没有填。请填项目名称。")
    row.year = read_year(row, YEAR)
    if (other := row.texts.get(CAMPAIGN, "")) and other != campaign.name:
        row.errors.setdefault(CAMPAIGN, f"这一行属于“{other[:40]}”，请选那个创建行动导入，或者删去这一行。")


def _judge_project(rows: Sequence[ProjectRow], known: _Known) -> None:
    """Put the rows of a project together, and say at each what is wrong."""
    first = rows[0]
    before = facts_of(first.before) if first.before else None
    days = _days(rows, before)
    facts = ProjectFacts(
        name=first.texts[PROJECT],
        content=_agreed(rows, CONTENT) or (before.content if before else ""),
        criteria=_criteria(rows, known.numbered, before),
        planned_start=days["planned_start"],
        planned_end=days["planned_end"],
        started_on=days["started_on"],
        completed_on=days["completed_on"],
        funding=_funding(rows, before),
    )
    if first.community is None:
        return
    wrong = refusals(known.campaign, facts, known.named)
    if before is None:
        wrong |= misplaced(first.community, known.campaign, known.around, known.in_line.get(first.key, []))
    # Of money that could not be read nothing more can be said; the rest is told together.
    is_money_read = not any(column in row.errors for row in rows for column in (YEAR, *AMOUNTS))
    for name, text in wrong.items():
        if is_money_read or not name.startswith("funding"):
            _tell(rows, facts, name, text)
    _check_may(first, before, facts)
    if any(row.errors for row in rows):
        return
    for row in rows:
        row.facts = facts
        row.changes = _changes(before, facts, known.numbered) if before and not is_same(before, facts) else []


def _days(rows: Sequence[ProjectRow], before: ProjectFacts | None) -> dict[str, date | None]:
    days: dict[str, date | None] = {}
    for column, name in DATES.items():
        text = _agreed(rows, column)
        days[name] = getattr(before, name) if before else None
        if text and (day := day_in(text)) is None:
            rows[0].errors.setdefault(column, f"“{text[:20]}”不是日期，请填成 2022-06-30 这样。")
        elif text:
            days[name] = day
    return days


def _criteria(
    rows: Sequence[ProjectRow], numbered: Mapping[int, Criterion], before: ProjectFacts | None
) -> Sequence[int]:
    text = normalize("NFKC", _agreed(rows, CRITERIA))
    if not text:
        return list(before.criteria) if before else []
    found = []
    for part in filter(None, _SEPARATORS.split(text)):
        number = whole_number(part.removeprefix("第").removesuffix("条").strip(), digits=3)
        if number is None or number not in numbered:
            rows[0].errors.setdefault(CRITERIA, f"标准里没有第“{part[:10]}”条，请填条目号，几条用顿号隔开，如 3、5。")
        else:
            found.append(numbered[number].pk)
    return found


def _agreed(rows: Sequence[ProjectRow], column: str) -> str:
    """What the rows of a project say in a column; the first one that says it otherwise is wrong."""
    said = ""
    for row in rows:
        text = row.texts.get(column, "")
        if text and said and text != said:
            row.errors.setdefault(
                column, f"和第 {rows[0].number} 行不一致。同一个项目各年度的行要一样，或者只填第一行。"
            )
        said = said or text
    return said


def _funding(rows: Sequence[ProjectRow], before: ProjectFacts | None) -> list[Money]:
    """The lines that stand, with what the rows say put in: a blank leaves an amount as it is, nothing at all takes a line away."""
    lines = {(one.source, one.year): one for one in before.funding} if before else {}
    years: dict[int, int] = {}
    for row in rows:
        if years.setdefault(row.year, row.number) != row.number:
            row.errors.setdefault(YEAR, f"和第 {years[row.year]} 行是同一个项目同一年度，请只留一行。")
            continue
        for column, (source, kind) in AMOUNTS.items():
            amount = _amount(row, column)
            if amount is not None:
                line = lines.get((source, row.year), Money(source, row.year))
                changed: dict[str, Any] = {kind: amount}
                lines[source, row.year] = line._replace(**changed)
    return [one for one in lines.values() if one.planned or one.spent]


def _amount(row: ProjectRow, column: str) -> Decimal | None:
    text = row.texts.get(column, "")
    try:
        return read_amount(text) if text else None
    except InvalidInput as error:
        row.errors.setdefault(column, error.message)
        return None


def _tell(rows: Sequence[ProjectRow], facts: ProjectFacts, name: str, text: str) -> None:
    """Tell a refusal of the verb at the cell that it is about."""
    if not name.startswith("funding-"):
        rows[0].errors.setdefault(_COLUMN_OF.get(name, PROJECT), text)
        return
    _, at, part = name.split("-")
    money = facts.funding[int(at)]
    row = next((one for one in rows if one.year == money.year), rows[0])
    column = next((one for one, of in AMOUNTS.items() if of == (money.source, part)), YEAR)
    row.errors.setdefault(column, text)


def _check_may(row: ProjectRow, before: ProjectFacts | None, facts: ProjectFacts) -> None:
    """What the verbs would refuse whatever the facts are, and what somebody has saved since the preview."""
    project, community = row.before, row.community
    if project is None:
        if community is not None and community.closed_on is not None:
            row.errors.setdefault(NAME, f"{community}已于 {community.closed_on:%Y-%m-%d} 撤销，请登记在承接它的社区。")
        if row.seen:
            row.errors.setdefault(PROJECT, "预览以后这个项目被删除了。请重新上传，看过最新内容再导入。")
        return
    if before is not None and is_same(before, facts):
        return
    if project.state == State.ENDED:
        row.errors.setdefault(
            PROJECT, f"这个项目已于 {project.ended_on:%Y-%m-%d} 终止，不能修改。需要时请先在项目页“恢复”。"
        )
    elif row.seen is not None and row.seen != row.version:
        row.errors.setdefault(PROJECT, f"预览以后{project.recorded_by}改过，没有导入。请重新上传，看过最新内容再导入。")


def _stand_together(rows: Sequence[ProjectRow]) -> None:
    """Of a project whose rows are not all right, none is taken."""
    if wrong := next((one for one in rows if one.errors), None):
        for row in rows:
            if not row.errors:
                row.errors[PROJECT] = f"同一个项目的第 {wrong.number} 行有错，改好后一并导入。"


def _changes(
    before: ProjectFacts, facts: ProjectFacts, numbered: Mapping[int, Criterion]
) -> list[tuple[str, str, str]]:
    """What would be changed: label, before, after, in words."""
    changes = []
    if before.content != facts.content:
        changes.append((CONTENT, before.content, facts.content))
    if sorted(before.criteria) != sorted(facts.criteria):
        changes.append((CRITERIA, _numbers(before, numbered), _numbers(facts, numbered)))
    for column, name in DATES.items():
        was, now = getattr(before, name), getattr(facts, name)
        if was != now:
            changes.append((column, f"{was or ''}", f"{now or ''}"))
    return changes + _changed_money(before.funding, facts.funding)


def _changed_money(before: Sequence[Money], after: Sequence[Money]) -> list[tuple[str, str, str]]:
    was = {(one.year, one.source): one.words for one in before}
    now = {(one.year, one.source): one.words for one in after}
    return [
        ("资金", was.get(key, ""), now.get(key, "")) for key in sorted({*was, *now}) if was.get(key) != now.get(key)
    ]


def _numbers(facts: ProjectFacts, numbered: Mapping[int, Criterion]) -> str:
    known = {one.pk: number for number, one in numbered.items()}
    return "、".join(str(known.get(pk, "（原标准）")) for pk in sorted(facts.criteria))
