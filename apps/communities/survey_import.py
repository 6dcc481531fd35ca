"""Surveys by spreadsheet: what each row would do or what is wrong with it, then all rows at once, or the good ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import IO

from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.communities.facts import Fact, Value, facts_around, values_of
from apps.communities.models import CommunitySurvey
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
from apps.communities.survey_sheet import (
    CODE,
    DATE_COLUMN,
    ERRORS,
    NAME,
    PASSED_OVER,
    SOURCE_COLUMN,
    STREET,
    YEAR,
)
from apps.communities.surveys import SOURCE, SURVEYED_ON, Survey, holds, refusals, write
from apps.communities.turns import keep_fields
from apps.core.errors import InvalidInput
from apps.core.xlsx_import import read_sheet

MAX_ROWS = 10_000
# A row of the survey has some thirty cells of up to six brackets.
_MAX_TAGS = 2_000_000
_SPARE_COLUMNS = 8
_SALT = "communities.survey_import"
_BATCH = 1000


class State(StrEnum):
    """What a row would do."""

    WRONG = "有错"
    NEW = "新填"
    CHANGED = "修改"
    UNCHANGED = "没有变化"
    BLANK = "没有填"


@dataclass
class SheetRow(CommunityRow):
    """A row: of which year it tells, and what it would change."""

    year: int = 0
    survey: Survey | None = None
    before: CommunitySurvey | None = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def state(self) -> State:
        if self.errors:
            return State.WRONG
        if self.survey is None:
            return State.BLANK
        if self.before is None:
            return State.NEW
        return State.CHANGED if self.changes else State.UNCHANGED

    @property
    def version(self) -> int:
        return self.before.version if self.before else 0


@dataclass
class SurveySheet:
    """An uploaded sheet, judged."""

    heads: list[str]
    rows: list[SheetRow]
    facts: list[Fact]

    def of(self, *states: State) -> list[SheetRow]:
        return [one for one in self.rows if one.state in states]

    @property
    def errors(self) -> dict[int, dict[str, str]]:
        return {one.number: one.errors for one in self.rows if one.errors}


class WrongRows(InvalidInput):
    """Rows of which none was imported, as they were judged."""

    def __init__(self, sheet: SurveySheet) -> None:
        wrong = len(sheet.of(State.WRONG))
        super().__init__(f"有 {wrong:,} 行需要改正，一行也没有导入。请改正后重新上传，或者选择只导入正确的行。")
        self.sheet = sheet


def read_file(file: IO[bytes], *, actor: Actor) -> SurveySheet:
    """Read and judge an uploaded sheet; InvalidInput for a file that is no such sheet."""
    require(actor, "survey_communities")
    facts = facts_around(actor.jurisdiction.path, retired=True)
    # A list taken along has columns of what is not asked any more; they are passed over.
    optional = [STREET, *(one.column for one in facts), SOURCE_COLUMN, DATE_COLUMN, ERRORS, *PASSED_OVER]
    optional = list(dict.fromkeys(optional))
    found = read_sheet(
        file,
        columns=[CODE, NAME, YEAR],
        optional=optional,
        max_rows=MAX_ROWS,
        max_columns=len(optional) + _SPARE_COLUMNS,
        max_tags=_MAX_TAGS,
        collects=True,
    )
    if not found:
        raise InvalidInput("表格里没有社区。请下载模板，从第 2 行起填写，再导入。")
    return judge([SheetRow(*read_row(one)) for one in found], actor=actor)


def judge(rows: Sequence[SheetRow], *, actor: Actor) -> SurveySheet:
    """Say of every row what it would do, or everything that is wrong with it; the same queries for any number of rows."""
    facts = facts_around(actor.jurisdiction.path)
    find_communities(rows, actor)
    for row in rows:
        row.year = read_year(row, YEAR)
    known = _surveys_of(rows)
    columns = {one.code: one.column for one in facts}
    columns |= {SOURCE: SOURCE_COLUMN, SURVEYED_ON: DATE_COLUMN, "year": YEAR}
    for row in rows:
        if row.community is not None and row.year:
            row.before = known.get((row.community.pk, row.year))
            _judge_row(row, facts, columns)
    _check_twice(rows)
    _check_seen(rows)
    return SurveySheet(list(rows[0].texts) if rows else [], list(rows), facts)


@transaction.atomic
def import_rows(rows: Sequence[SheetRow], *, actor: Actor, only_good: bool) -> SurveySheet:
    """Store what the rows say: all of them or none, or with ``only_good`` those without errors. Twice has one effect."""
    require(actor, "survey_communities")
    fresh = [SheetRow(row.number, row.texts, dict(row.unreadable), row.seen) for row in rows]
    keep_fields()
    hold_communities(fresh, actor)
    sheet = judge(fresh, actor=actor)
    if sheet.of(State.WRONG) and not only_good:
        raise WrongRows(sheet)
    _store(sheet.of(State.NEW, State.CHANGED), sheet.facts, actor)
    return sheet


def sign(sheet: SurveySheet, *, actor: Actor) -> str:
    """The rows as they go to the confirmation."""
    return sign_rows(sheet.rows, sheet.heads, salt=_SALT, actor=actor)


def unsign(text: str, *, actor: Actor) -> list[SheetRow]:
    """The rows of a preview, not judged; InvalidInput for one too old, or of somebody else."""
    rows, _ = unsign_rows(text, salt=_SALT, actor=actor)
    return [SheetRow(*one) for one in rows]


def _surveys_of(rows: Sequence[SheetRow]) -> dict[tuple[int, int], CommunitySurvey]:
    communities = {row.community.pk for row in rows if row.community is not None}
    years = {row.year for row in rows if row.year}
    found = CommunitySurvey.objects.filter(community__in=communities, year__in=years).select_related("recorded_by")
    return {(one.community_id, one.year): one for one in found}


def _judge_row(row: SheetRow, facts: Sequence[Fact], columns: Mapping[str, str]) -> None:
    """Read what is filled in; a row without any of it does nothing. ``columns``: where each fact stands, by its code."""
    if row.community is None:
        return
    values = _values(row, facts)
    if not values and not row.errors:
        return
    asked = [one for one in facts if one.applies_at(row.community.path)]
    before = row.before
    row.survey = survey = Survey(
        values,
        row.texts.get(SOURCE_COLUMN, "") or (before.source if before else ""),
        _day(row, before),
    )
    found = refusals(row.community, row.year, survey, asked, values_of(before, asked) if before else {})
    for code, text in found.items():
        row.errors.setdefault(columns[code], text)
    if before is not None and not row.errors and not holds(before, survey, asked):
        row.changes = _changes(before, survey, asked)


def _values(row: SheetRow, facts: Iterable[Fact]) -> dict[str, Value | None]:
    values: dict[str, Value | None] = {}
    for fact in facts:
        text = row.texts.get(fact.column, "")
        if not text:
            continue
        if row.community is not None and not fact.applies_at(row.community.path):
            row.errors.setdefault(fact.column, f"{row.community}不填这一项，请清空。")
            continue
        try:
            values[fact.code] = fact.read(text)
        except InvalidInput as error:
            row.errors.setdefault(fact.column, error.message)
    return values


def _day(row: SheetRow, before: CommunitySurvey | None) -> date | None:
    text = row.texts.get(DATE_COLUMN, "")
    if not text:
        return before.surveyed_on if before else None
    if (day := day_in(text)) is None:
        row.errors.setdefault(DATE_COLUMN, f"“{text[:20]}”不是日期，请填成 2022-06-30 这样。")
        return before.surveyed_on if before else None
    return day


def _changes(before: CommunitySurvey, survey: Survey, facts: Iterable[Fact]) -> list[tuple[str, str, str]]:
    """What would be changed: label, before, after, in words."""
    changes = [
        (one.label, one.words_for(one.value_of(before)), one.words_for(survey.values[one.code]))
        for one in facts
        if one.code in survey.values and one.value_of(before) != survey.values[one.code]
    ]
    if survey.source != before.source:
        changes.append((SOURCE_COLUMN, before.source, survey.source))
    if survey.surveyed_on is not None and survey.surveyed_on != before.surveyed_on:
        changes.append((DATE_COLUMN, f"{before.surveyed_on:%Y-%m-%d}", f"{survey.surveyed_on:%Y-%m-%d}"))
    return changes


def _check_twice(rows: Sequence[SheetRow]) -> None:
    first: dict[tuple[int, int], int] = {}
    for row in rows:
        if row.community is None or not row.year:
            continue
        number = first.setdefault((row.community.pk, row.year), row.number)
        if number != row.number:
            row.errors.setdefault(NAME, f"和第 {number} 行是同一个社区同一年度，请只留一行。")


def _check_seen(rows: Sequence[SheetRow]) -> None:
    """What somebody has saved since the preview is not overwritten."""
    for row in rows:
        if row.seen is not None and row.seen != row.version and row.state in (State.NEW, State.CHANGED):
            who = f"{row.before.recorded_by}" if row.before else "有人"
            row.errors[NAME] = f"预览以后{who}改过，没有导入。请重新上传，看过最新内容再导入。"


def _store(rows: Sequence[SheetRow], facts: Sequence[Fact], actor: Actor) -> None:
    """Write new and changed rows in few statements; the histories are written by the database."""
    surveys = []
    for row in rows:
        if row.community is None or row.survey is None:
            continue
        one = CommunitySurvey(community=row.community, year=row.year, version=0)
        for name in _COLUMNS if row.before else ():
            setattr(one, name, getattr(row.before, name))
        write(one, row.survey, [fact for fact in facts if fact.applies_at(row.community.path)], actor)
        surveys.append(one)
    CommunitySurvey.objects.bulk_create(
        surveys,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["community", "year"],
        update_fields=_COLUMNS,
    )


_COLUMNS = [
    one.name for one in CommunitySurvey._meta.concrete_fields if one.name not in ("id", "path", "community", "year")
]
