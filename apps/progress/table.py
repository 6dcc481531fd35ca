"""表格、条形图、格子图: the roll-up as rows in the order asked for, each figure with its names and last year's beside it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q

from apps.campaigns import drilldown
from apps.campaigns.models import Participation
from apps.campaigns.progress import aim_of, names_of_year, names_url
from apps.campaigns.rollup import Figures, Line, Rollup
from apps.campaigns.transfers import TRANSFERRED, transfer_note, transfer_note_before, transfer_note_below
from apps.communities.models import Community
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Level
from apps.progress.extent import Extent
from apps.progress.state import State

DIRECT = "本级直属"
COMMUNITY_COLUMNS = ["区划代码", "社区", "计入底数", "计划年度", "试点", "进度", "认定年度", "认定文号"]
# The views that show the children's figures.
_TELLING_TRANSFERS = {"table", "bars", "tiles", "pilots"}
# A tile of less than the target but at least this share of it is nearly there.
_NEARLY = Fraction(4, 5)

_CHILDREN_NAMES: dict[str, str] = {
    Level.PROVINCE: "省（自治区、直辖市）",
    Level.CITY: "市（州、盟）",
    Level.DISTRICT: "县（市、区）",
    Level.STREET: "街道（镇、乡）",
}


@dataclass(frozen=True)
class Count:
    """A figure with the address of its names ('' where nothing is counted), and what it was last year, where that is asked for,
    with the address of those names."""

    value: int
    url: str
    before: int | None = None
    url_before: str = ""

    @property
    def change(self) -> int | None:
        return None if self.before is None else self.value - self.before


@dataclass(frozen=True)
class Row:
    """One line of the table; ``url`` leads to its own page, '' where it has none; ``before`` are last year's figures."""

    name: str
    line: Line
    url: str
    counts: list[Count]
    before: Figures | None = None

    @property
    def is_transferred(self) -> bool:
        """Whether no community stands behind the counts (划转前数据): they make no ratio."""
        return self.name == TRANSFERRED

    @property
    def ratio(self) -> Fraction | None:
        return None if self.is_transferred else self.line.figures.cumulative_ratio

    @property
    def ratio_before(self) -> Fraction | None:
        return None if self.is_transferred or self.before is None else self.before.cumulative_ratio

    @property
    def aim(self) -> str:
        """The target in percent, without decimals where it has none."""
        return aim_of(self.line)

    @property
    def ratio_change(self) -> Fraction | None:
        """How the 合计完成比例 differs from last year's; None where one of them is none."""
        return None if self.ratio is None or self.ratio_before is None else self.ratio - self.ratio_before

    @property
    def is_short(self) -> bool:
        return bool(self.line.gap) and self.line.figures.base > 0

    @property
    def tone(self) -> str:
        """The colour of the tile; the tile says the same in words."""
        line, ratio = self.line, self.ratio
        if ratio is None or line.target_ratio is None:
            return "none"
        if not line.gap:
            return "reached"
        return "nearly" if ratio >= line.target_ratio * _NEARLY else "short"

    @property
    def verdict(self) -> str:
        """How it stands to its target, in words."""
        if self.is_transferred:
            return "不计算比例"
        if not self.line.figures.base:
            return "没有城市社区"
        if self.line.gap is None:
            return "未设目标"
        if not self.line.gap:
            return "已达到"
        return f"目标多于底数 {self.line.figures.base} 个" if self.line.is_out_of_reach else f"还差 {self.line.gap} 个"


@dataclass(frozen=True)
class CommunityRow:
    """A community right under the shown jurisdiction, and how far it has come in the campaign."""

    standing: drilldown.Row
    is_counted: bool


def shown_years(rollup: Rollup) -> list[int]:
    """Return the campaign's years up to the one shown."""
    return [year for year in rollup.campaign.years if year <= rollup.year]


def rows_of(state: State) -> list[Row]:
    """Return the children in the order asked for, then what none of them counts."""
    before = state.figures_before()
    rows = [_row(state, line, before.get(line.jurisdiction.pk)) for line in _in_order(state)]
    return [*rows, *_further_rows(state)] if rows else []


def _further_rows(state: State) -> Iterator[Row]:
    """The communities right under the jurisdiction, then what later transfers took out of the year or left in it."""
    rollup, before = state.rollup, state.before
    parts = (
        (DIRECT, "#communities", rollup.own, before.own if before else None),
        (TRANSFERRED, "", rollup.transferred, before.transferred if before else None),
    )
    for name, url, figures, earlier in parts:
        if figures != Figures():
            line = Line(state.place, figures, None, is_own_target=False)
            counts = [Count(one.value, "", one.before) for one in _counts(state, line, earlier)]
            yield Row(name, line, url, counts, earlier)


def direct_name(rollup: Rollup) -> str:
    """What a line is called that holds all that no child counts."""
    named = {DIRECT: rollup.own, TRANSFERRED: rollup.transferred}
    return "和".join(name for name, figures in named.items() if figures != Figures())


def transfer_notes(state: State) -> list[str]:
    """What is to be said of figures that count otherwise than the names that they open."""
    rollup = state.rollup
    notes = [
        transfer_note(rollup.total.figures, rollup.year),
        transfer_note_below(rollup) if state.view in _TELLING_TRANSFERS else "",
        transfer_note_before(state.before) if state.before else "",
    ]
    return [one for one in notes if one]


def _in_order(state: State) -> list[Line]:
    """The children, which come by code; those without the figure asked for, or without communities, stand last either way."""
    lines, is_ascending = list(state.rollup.children), state.direction == "ascending"
    if state.sort == "code":
        return lines if is_ascending else lines[::-1]
    known = [(figure, line) for line in lines if (figure := _sorted_by(state.sort, line)) is not None]
    known.sort(key=lambda one: one[0], reverse=not is_ascending)
    return [line for _, line in known] + [line for line in lines if _sorted_by(state.sort, line) is None]


def _sorted_by(sort: str, line: Line) -> Fraction | int | None:
    figure = line.figures.cumulative_ratio if sort == "ratio" else line.gap
    return figure if line.figures.base else None


def total_row(state: State) -> Row:
    """Return the line of the jurisdiction itself."""
    return _row(state, state.rollup.total, state.before.total.figures if state.before else None)


def children_name(rollup: Rollup) -> str:
    """Return what the children are called together, by the level that most of them have."""
    levels = Counter(line.jurisdiction.level for line in rollup.children)
    return _CHILDREN_NAMES[levels.most_common(1)[0][0]] if levels else "辖区"


def communities_of(extent: Extent) -> list[CommunityRow]:
    """Return the communities right under the jurisdiction: the year's base and whoever takes part beside it."""
    own = Community.objects.filter(jurisdiction=extent.place)
    counted = set(drilldown.base_of(own, extent.year).values_list("pk", flat=True))
    taking_part = Participation.objects.filter(community__in=own, campaign__in=extent.family)
    shown = own.filter(Q(pk__in=counted) | Q(pk__in=taking_part.values("community"))).in_code_order()
    return [CommunityRow(row, row.community.pk in counted) for row in drilldown.rows_of(shown, extent.campaign)]


def table_columns(state: State) -> list[str]:
    """Return the headers of the table as a sheet."""
    years = [f"{year}年认定" for year in shown_years(state.rollup)]
    head = ["区划代码", children_name(state.rollup), "底数", "参与", "参与比例", "试点", "审核中"]
    columns = [*head, *years, "累计认定", "合计完成比例", "目标", "还差"]
    if state.before:
        columns += [f"{state.before.year}年{name}" for name in ("底数", "参与", "试点", "累计认定", "合计完成比例")]
    return columns


def table_cells(state: State) -> Iterator[list[ListValue]]:
    """Yield the rows of the table as a sheet, the total last."""
    for row in [*rows_of(state), total_row(state)]:
        line, figures = row.line, row.line.figures
        base, enrolled, *others = [count.value for count in row.counts]
        cells: list[ListValue] = [
            "" if row.name in (DIRECT, TRANSFERRED) else line.jurisdiction.code or "",
            row.name,
            base,
            enrolled,
            None if row.is_transferred else figures.participation_ratio,
            *others,
            row.ratio,
            line.target_ratio,
            line.gap,
        ]
        if state.before:
            was = row.before or Figures()
            cells += [was.base, was.enrolled, was.pilots, was.cumulative, row.ratio_before]
        yield cells


def community_cells(rows: list[CommunityRow]) -> Iterator[list[ListValue]]:
    """Yield a street's communities as rows of a sheet."""
    for row in rows:
        community, part, recognition = row.standing.community, row.standing.participation, row.standing.recognition
        yield [
            community.code or "",
            community.short_name,
            row.is_counted,
            part.year if part else None,
            part.is_pilot if part else None,
            row.standing.stage_words or "未参与",
            recognition.year if recognition else None,
            recognition.document_number if recognition else None,
        ]


def _row(state: State, line: Line, before: Figures | None) -> Row:
    if state.before and before is None:
        before = Figures()
    return Row(line.jurisdiction.name, line, state.url(line.jurisdiction), _counts(state, line, before), before)


def _counts(state: State, line: Line, before: Figures | None) -> list[Count]:
    """Return the counts in the order of the columns, each with the address of its names.

    Where things stand now (审核中) there is no last year, and earlier years' recognitions stand side by side already.
    """
    figures, names = line.figures, names_url(state.rollup, line.jurisdiction)
    counts: list[tuple[int, str, int | None]] = [
        (figures.base, "stage=base", None if before is None else before.base),
        (figures.enrolled, "stage=enrolled", None if before is None else before.enrolled),
        (figures.pilots, "stage=pilots", None if before is None else before.pilots),
        (figures.in_review, "stage=in_review", None),
        *((figures.by_year[year], f"recognised={year}", None) for year in shown_years(state.rollup)),
        (figures.cumulative, "recognised=cumulative", None if before is None else before.cumulative),
    ]
    names_before = names_of_year(state.rollup.campaign, line.jurisdiction, state.rollup.year - 1)
    return [
        Count(count, f"{names}&{figure}" if count else "", was, f"{names_before}&{figure}" if was else "")
        for count, figure, was in counts
    ]
