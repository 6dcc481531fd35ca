"""The figures of an annual evaluation: counted live while it is written, frozen with it at submission, compared afterwards."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from apps.campaigns.rollup import Rollup, roll_up
from apps.core import clock
from apps.evaluations.completion_summary import CompletionSummary, SummaryRow
from apps.evaluations.models import AnnualEvaluation
from apps.evaluations.summarising import summary_from
from apps.filings.figures import figures_of, table_of
from apps.papers.offices import office_of
from apps.projects.sums import sums_of
from apps.supervision.mending import findings_in_year

Facts = Mapping[str, Any]


class Difference(NamedTuple):
    """Something that counts otherwise today than when the evaluation was submitted."""

    label: str
    was: str
    now: str


def live_facts(rollup: Rollup) -> dict[str, Any]:
    """What an evaluation would freeze today: ``figures`` (see ``filings.figures``), ``summary`` (附件2), ``funds`` in 万元,
    ``visits`` (督导检查) with what was found and mended."""
    unit, year = rollup.total.jurisdiction, rollup.year
    money = sums_of(rollup.campaign, unit).total
    spent, projects = money.of(year=year).spent, money.projects.get(year, 0)
    received = findings_in_year(unit, None, year)
    return {
        "as_of": clock.today().isoformat(),
        "figures": figures_of(rollup),
        "summary": _kept(summary_from(rollup)),
        "funds": {"spent": f"{spent.normalize():f}", "projects": projects},
        "visits": {"visits": received.visits, "findings": received.findings, "mended": received.mended},
    }


def further_figures(facts: Facts) -> list[tuple[str, str]]:
    """What stands behind the figures of 附件2: projects, funds, visits and findings."""
    funds, visits = facts["funds"], facts["visits"]
    return [
        ("建设改造项目", f"{funds['projects']:,}"),
        ("完成投资（万元）", funds["spent"]),
        ("本地区接受督导检查", f"{visits['visits']:,} 次"),
        ("督导发现问题", f"{visits['findings']:,} 项"),
        ("其中已整改", f"{visits['mended']:,} 项"),
    ]


def facts_of(evaluation: AnnualEvaluation) -> Facts:
    """What an evaluation says: frozen where it was submitted, else of today."""
    return frozen_facts(evaluation) or live_facts(
        roll_up(evaluation.campaign, evaluation.jurisdiction, evaluation.year)
    )


def frozen_facts(evaluation: AnnualEvaluation) -> Facts:
    """What was frozen with a submitted evaluation; nothing of one that is being written."""
    return {} if evaluation.is_editable else evaluation.facts


def summary_of(evaluation: AnnualEvaluation, facts: Facts) -> CompletionSummary:
    """附件2 as it stands in facts; the office is named as it is today."""
    kept, office = facts["summary"], office_of(evaluation.jurisdiction)
    return CompletionSummary(
        reporting_unit=office.name,
        contact=office.contact,
        total_label=kept["total_label"],
        years=kept["years"],
        reporting_year=kept["reporting_year"],
        rows=[_row(one) for one in kept["rows"]],
        direct=_row(kept["direct"]) if kept["direct"] else None,
        note=kept["note"],
        filled_on=date.fromisoformat(facts["as_of"]),
        region_header=kept["region_header"],
    )


def names_of(facts: Facts) -> list[tuple[str, list[str]]]:
    """本年名单: the communities recognised in the year of the evaluation, by unit; units without any are left out."""
    kept = facts["summary"]
    year = str(kept["reporting_year"])
    return [(one["label"], names) for one in _rows_of(facts) if (names := one["names"].get(year))]


def differences(frozen: Facts, now: Facts) -> list[Difference]:
    """What counts otherwise ``now`` than it was ``frozen``: figures first, then names by unit and year."""
    if not frozen:
        return []
    found = [
        Difference(was.label, was.value, one.value)
        for was, one in zip(table_of(frozen["figures"], None), table_of(now["figures"], None), strict=True)
        if was.value != one.value
    ]
    before, after = _by_unit(frozen, now), _by_unit(now, now)
    for unit in sorted(before.keys() | after.keys(), key=str):
        label, was = before.get(unit, ("", {}))
        label, is_now = after.get(unit, (label, {}))
        for year in sorted(was.keys() | is_now.keys()):
            gone = [name for name in was.get(year, []) if name not in is_now.get(year, [])]
            come = [name for name in is_now.get(year, []) if name not in was.get(year, [])]
            if gone or come:
                found.append(Difference(f"{label} {year} 年名单", _list(gone, "减少"), _list(come, "增加")))
    return found


def _list(names: list[str], word: str) -> str:
    return f"{word} {len(names)} 个：{'、'.join(names)}" if names else "—"


def _by_unit(facts: Facts, now: Facts) -> dict[int | str, tuple[str, dict[str, list[str]]]]:
    """Label and names by year of every row of 附件2. A unit keeps its id under another name; what was kept without one, and what
    lies right under the reporting unit, goes by its label."""
    ids = {one["label"]: one["unit"] for one in _rows_of(now)}
    return {
        one.get("unit") or ids.get(one["label"]) or one["label"]: (one["label"], one["names"])
        for one in _rows_of(facts)
    }


def _rows_of(facts: Facts) -> list[dict[str, Any]]:
    """The kept rows of 附件2, with what lies right under the unit."""
    kept = facts["summary"]
    return [*kept["rows"], *([kept["direct"]] if kept["direct"] else [])]


def _kept(summary: CompletionSummary) -> dict[str, Any]:
    return {
        "total_label": summary.total_label,
        "years": list(summary.years),
        "reporting_year": summary.reporting_year,
        "region_header": summary.region_header,
        "note": summary.note,
        "rows": [_kept_row(one) for one in summary.rows],
        "direct": _kept_row(summary.direct) if summary.direct else None,
    }


def _kept_row(row: SummaryRow) -> dict[str, Any]:
    return {
        "label": row.label,
        "unit": row.unit,
        "names": {str(year): list(names) for year, names in row.names_by_year.items()},
        "bases": {str(year): base for year, base in row.base_by_year.items()},
    }


def _row(kept: Mapping[str, Any]) -> SummaryRow:
    names = {int(year): list(one) for year, one in kept["names"].items()}
    return SummaryRow(kept["label"], names, {int(year): base for year, base in kept["bases"].items()})
