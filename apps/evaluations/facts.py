"""The figures of an annual evaluation: counted live while it is written, frozen with it at submission, compared afterwards."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.evaluations.completion_summary import CompletionSummary, SummaryRow
from apps.evaluations.models import AnnualEvaluation
from apps.evaluations.summarising import summarise
from apps.filings.figures import figures_of, table_of
from apps.jurisdictions.models import Jurisdiction
from apps.papers.offices import office_of
from apps.projects.sums import sums_of
from apps.supervision.mending import findings_in_year

Facts = Mapping[str, Any]


class Difference(NamedTuple):
    """Something that counts otherwise today than when the evaluation was submitted."""

    label: str
    was: str
    now: str


def live_facts(campaign: Campaign, unit: Jurisdiction, year: int) -> dict[str, Any]:
    """What an evaluation would freeze today: ``figures`` (see ``filings.figures``), ``summary`` (附件2), ``funds`` in 万元,
    ``visits`` (督导检查) with what was found and mended."""
    summary = summarise(campaign, unit, year)
    money = sums_of(campaign, unit).total
    spent, projects = money.of(year=year).spent, money.projects.get(year, 0)
    received = findings_in_year(unit, None, year)
    return {
        "as_of": clock.today().isoformat(),
        "figures": figures_of(campaign, unit, date(year, 12, 31)),
        "summary": _kept(summary),
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
    if not evaluation.is_editable and evaluation.facts:
        return evaluation.facts
    return live_facts(evaluation.campaign, evaluation.jurisdiction, evaluation.year)


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
    before, after = _named(frozen), _named(now)
    for label, year in sorted(before.keys() | after.keys(), key=lambda key: (key[1], key[0])):
        was, is_now = before.get((label, year), []), after.get((label, year), [])
        gone = [name for name in was if name not in is_now]
        come = [name for name in is_now if name not in was]
        if gone or come:
            found.append(Difference(f"{label} {year} 年名单", _list(gone, "减少"), _list(come, "增加")))
    return found


def _list(names: list[str], word: str) -> str:
    return f"{word} {len(names)} 个：{'、'.join(names)}" if names else "—"


def _named(facts: Facts) -> dict[tuple[str, str], list[str]]:
    return {(one["label"], year): names for one in _rows_of(facts) for year, names in one["names"].items()}


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
        "names": {str(year): list(names) for year, names in row.names_by_year.items()},
        "bases": {str(year): base for year, base in row.base_by_year.items()},
    }


def _row(kept: Mapping[str, Any]) -> SummaryRow:
    names = {int(year): list(one) for year, one in kept["names"].items()}
    return SummaryRow(kept["label"], names, {int(year): base for year, base in kept["bases"].items()})
