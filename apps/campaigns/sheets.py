"""Lists of this room to take along: the annual plans below a jurisdiction, the grid of targets."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from django.http import HttpResponse

from apps.accounts.access import record
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor
from apps.campaigns.models import Target
from apps.campaigns.plan import missing_of
from apps.campaigns.plan_states import PlanStates
from apps.campaigns.rollup import Line, Rollup
from apps.campaigns.target_grid import TABS, Cell, Grid
from apps.core.downloads import table_download
from apps.core.xlsx import ListValue

PLAN_COLUMNS = (
    *("区划代码", "辖区", "计划状态", "底数", "累计认定", "已列入", "其中试点"),
    *("占底数", "目标数", "还需列入", "不足（待本级审核的，按现在的目标和底数）", "说明"),
)


def overview_download(rollup: Rollup, shown: Iterable[tuple[Line, PlanStates]], *, actor: Actor) -> HttpResponse:
    """The plans of a year as the overview shows them, the jurisdiction itself last."""
    place = rollup.total.jurisdiction
    title = f"{place.name}{rollup.year}年各地绿色社区创建计划"
    record(AccessEvent.Kind.EXPORTED, actor=actor, subject=title, jurisdiction=place)
    rows = [_plan_cells(line, states) for line, states in shown]
    return table_download(title, PLAN_COLUMNS, [*rows, _plan_cells(rollup.total, None)])


def _plan_cells(line: Line, states: PlanStates | None) -> list[ListValue]:
    figures = line.figures
    return [
        line.jurisdiction.code or "",
        line.jurisdiction.name,
        states.said if states is not None else "",
        figures.base,
        figures.cumulative,
        figures.enrolled,
        figures.pilots,
        figures.participation_ratio,
        line.wanted,
        missing_of(line),
        ("；".join(states.lacking) or "没有") if states is not None and states.chosen_as else "",
        states.plan.explanation if states is not None and states.plan is not None else "",
    ]


def grid_download(grid: Grid, *, actor: Actor) -> HttpResponse:
    """The targets of one kind as the grid shows them: of each year the value, and where it comes from."""
    title = f"{grid.campaign.name} {grid.root.name}创建目标（{TABS[grid.kind]}）"
    record(AccessEvent.Kind.EXPORTED, actor=actor, subject=title, jurisdiction=grid.root)
    years = [name for year in grid.campaign.years for name in (f"{year}年目标", f"{year}年说明")]
    return table_download(title, ["区划代码", "辖区", *years], _grid_cells(grid))


def _grid_cells(grid: Grid) -> Iterator[list[ListValue]]:
    for row in grid.rows:
        told = [value for cell in row.cells for value in (_value(cell), _note(cell))]
        yield [row.jurisdiction.code or "", row.name, *told]
    if grid.sums:
        for label, numbers in (
            ("下级已定合计", [one.number for one in grid.sums]),
            ("还差", [one.missing for one in grid.sums]),
        ):
            yield ["", label, *(value for number in numbers for value in (number, ""))]


def _value(cell: Cell) -> ListValue:
    target = cell.target
    if target is None:
        return cell.asked
    match target.kind:
        case Target.Kind.PERCENT:
            return Fraction(target.value) / 100
        case Target.Kind.NUMBER:
            return int(target.value)
    return target.said


def _note(cell: Cell) -> str:
    document = cell.target.document_number if cell.target is not None and cell.is_own else ""
    return "，".join(
        one for one in (cell.inherited_from, cell.issuer, document, cell.overruled, cell.out_of_reach) if one
    )
