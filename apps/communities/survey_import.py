"""Surveys by spreadsheet: what each row would do or what is wrong with it, then all rows at once, or the good ones.

The rows travel from the preview to the confirmation signed, and are judged again there, under lock.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import IO, Any
from unicodedata import normalize

from django.core import signing
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.communities.facts import Fact, Value, facts_around, values_of
from apps.communities.models import Community, CommunitySurvey
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
from apps.core.errors import InvalidInput
from apps.core.inputs import whole_number
from apps.core.xlsx_import import ImportedRow, read_sheet

MAX_ROWS = 10_000
# A row of the survey has some thirty cells of up to six brackets.
_MAX_TAGS = 2_000_000
_SPARE_COLUMNS = 8
_SALT = "communities.survey_import"
_VALID_SECONDS = 2 * 3600
_BATCH = 1000

Texts = dict[str, str]


class State(StrEnum):
    """What a row would do."""

    WRONG = "有错"
    NEW = "新填"
    CHANGED = "修改"
    UNCHANGED = "没有变化"
    BLANK = "没有填"


@dataclass
class SheetRow:
    """A row: what stands in it, of which community and year it tells, what it would change, what is wrong by column.

    ``seen``: the version that the preview showed, 0 for none.
    """

    number: int
    texts: Texts
    errors: dict[str, str] = field(default_factory=dict)
    seen: int | None = None
    community: Community | None = None
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
    return judge([_row(one) for one in found], actor=actor)


def judge(rows: Sequence[SheetRow], *, actor: Actor) -> SurveySheet:
    """Say of every row what it would do, or everything that is wrong with it; the same queries for any number of rows."""
    facts = facts_around(actor.jurisdiction.path)
    _find_communities(rows, actor)
    _find_years(rows)
    known = _surveys_of(rows)
    for row in rows:
        if row.community is not None and row.year:
            row.before = known.get((row.community.pk, row.year))
            _judge_row(row, facts)
    _check_twice(rows)
    _check_seen(rows)
    return SurveySheet(list(rows[0].texts) if rows else [], list(rows), facts)


@transaction.atomic
def import_rows(rows: Sequence[SheetRow], *, actor: Actor, only_good: bool) -> SurveySheet:
    """Store what the rows say: all of them or none, or with ``only_good`` those without errors. Twice has one effect."""
    require(actor, "survey_communities")
    fresh = [SheetRow(row.number, row.texts, dict(row.errors), row.seen) for row in rows]
    _hold(fresh, actor)
    sheet = judge(fresh, actor=actor)
    wrong = len(sheet.of(State.WRONG))
    if wrong and not only_good:
        raise InvalidInput(f"有 {wrong:,} 行需要改正，一行也没有导入。请改正后重新上传，或者选择只导入正确的行。")
    _store(sheet.of(State.NEW, State.CHANGED), sheet.facts, actor)
    return sheet


def _hold(rows: Sequence[SheetRow], actor: Actor) -> None:
    """Let whoever else writes a survey of these communities wait; the order keeps two imports from waiting for each other."""
    _find_communities(rows, actor)
    wanted = {row.community.pk for row in rows if row.community is not None}
    held = Community.objects.filter(pk__in=wanted).order_by("pk").select_for_update()
    list(held.values_list("pk", flat=True))


def sign(sheet: SurveySheet, *, actor: Actor) -> str:
    """The rows as they go to the confirmation, with the versions that the preview showed."""
    rows = [
        [row.number, [row.texts.get(one, "") for one in sheet.heads], row.version, _unreadable(row)]
        for row in sheet.rows
    ]
    kept = {"by": actor.membership.pk, "heads": sheet.heads, "rows": rows}
    return signing.dumps(kept, salt=_SALT, compress=True)


def unsign(text: str, *, actor: Actor) -> list[SheetRow]:
    """The rows of a preview, not judged; InvalidInput for one too old, or of somebody else."""
    try:
        kept: dict[str, Any] = signing.loads(text, salt=_SALT, max_age=_VALID_SECONDS)
    except signing.BadSignature as error:
        raise InvalidInput("预览已过期或内容不完整，请重新上传表格。") from error
    if kept["by"] != actor.membership.pk:
        raise InvalidInput("预览是在另一个任职单位做的，请重新上传表格。")
    return [
        SheetRow(number, dict(zip(kept["heads"], texts, strict=True)), dict(errors), seen)
        for number, texts, seen, errors in kept["rows"]
    ]


def _row(found: ImportedRow) -> SheetRow:
    row = SheetRow(found.number, found.values, dict(found.errors))
    row.texts.pop(ERRORS, None)
    return row


def _unreadable(row: SheetRow) -> dict[str, str]:
    """Errors of cells whose content the sheet could not give: they cannot be found a second time."""
    return {column: text for column, text in row.errors.items() if not row.texts.get(column) and column in row.texts}


def _find_communities(rows: Sequence[SheetRow], actor: Actor) -> None:
    """By code; without one by street and name. What lies elsewhere is not known here."""
    here = Community.objects.below(actor.jurisdiction.path).select_related("jurisdiction")
    codes = {row.texts[CODE] for row in rows} - {""}
    by_code = {one.code: one for one in here.filter(code__in=codes)}
    streets = {row.texts.get(STREET, "") for row in rows if not row.texts[CODE]} - {""}
    by_name: dict[tuple[str, str], list[Community]] = defaultdict(list)
    for one in here.filter(jurisdiction__name__in=streets) if streets else ():
        for name in {one.name, one.short_name}:
            by_name[one.jurisdiction.name, name].append(one)
    for row in rows:
        if row.texts[CODE]:
            _take_by_code(row, by_code, actor)
        else:
            _take_by_name(row, by_name, actor)


def _take_by_code(row: SheetRow, by_code: dict[str | None, Community], actor: Actor) -> None:
    code, name = row.texts[CODE], row.texts[NAME]
    found = by_code.get(code)
    if found is None:
        row.errors[CODE] = f"{actor.jurisdiction}及以下没有代码为“{code[:20]}”的社区，请核对。"
    elif name and name not in (found.name, found.short_name):
        row.errors[NAME] = f"代码 {code} 是{found}，不是“{name[:30]}”，请核对后改成一致。"
    else:
        row.community = found


def _take_by_name(row: SheetRow, by_name: dict[tuple[str, str], list[Community]], actor: Actor) -> None:
    street, name = row.texts.get(STREET, ""), row.texts[NAME]
    found = by_name.get((street, name), [])
    if len(found) == 1:
        row.community = found[0]
    elif not name:
        row.errors[NAME] = "没有填。"
    elif not street:
        row.errors[CODE] = "没有填。没有区划代码的社区，请填街道和社区名称。"
    elif found:
        row.errors[CODE] = f"{street}有 {len(found)} 个“{name[:30]}”，请填区划代码。"
    else:
        row.errors[NAME] = f"{actor.jurisdiction}及以下的{street[:20]}没有“{name[:30]}”，请核对。"


def _find_years(rows: Sequence[SheetRow]) -> None:
    for row in rows:
        text = row.texts[YEAR]
        year = whole_number(normalize("NFKC", text).removesuffix("年").strip(), digits=4)
        if year is None:
            row.errors.setdefault(YEAR, f"“{text[:20]}”不是年份，请填四位数字，如 2022。" if text else "没有填。")
        else:
            row.year = year


def _surveys_of(rows: Sequence[SheetRow]) -> dict[tuple[int, int], CommunitySurvey]:
    communities = {row.community.pk for row in rows if row.community is not None}
    years = {row.year for row in rows if row.year}
    found = CommunitySurvey.objects.filter(community__in=communities, year__in=years).select_related("recorded_by")
    return {(one.community_id, one.year): one for one in found}


def _judge_row(row: SheetRow, facts: Sequence[Fact]) -> None:
    """Read what is filled in; a row without any of it does nothing."""
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
    columns = {one.code: one.column for one in facts} | {
        SOURCE: SOURCE_COLUMN,
        SURVEYED_ON: DATE_COLUMN,
        "year": YEAR,
    }
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
    for sign_ in "./年月":
        text = text.replace(sign_, "-")
    parts = [whole_number(one, digits=4) for one in text.removesuffix("日").split(" ")[0].split("-")]
    try:
        year, month, day = (one or 0 for one in parts)
        return date(year, month, day)
    except ValueError:
        row.errors.setdefault(DATE_COLUMN, f"“{row.texts[DATE_COLUMN][:20]}”不是日期，请填成 2022-06-30 这样。")
        return before.surveyed_on if before else None


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
