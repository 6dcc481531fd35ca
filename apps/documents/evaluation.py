"""年度总结评估报告 as a document: the sections, the figures, the list, 附件2 and the countersigning."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from apps.campaigns.ratios import format_percent
from apps.core import clock
from apps.documents.words import basis_of, closed_up
from apps.evaluations.completion_summary import NO_LIST, SEPARATOR, CompletionSummary, SummaryRow
from apps.evaluations.domain import contents_of
from apps.evaluations.facts import further_figures, names_of, summary_of
from apps.evaluations.models import AnnualEvaluation
from apps.filings.figures import table_of
from apps.papers.offices import mark_of, office_of
from apps.papers.paper import Annex, Block, Column, Heading, Paper, Paragraph, Table, day

_FIGURES_TITLE = "创建数据"


def evaluation_paper(evaluation: AnnualEvaluation, facts: Mapping[str, Any]) -> Paper:
    """The report of a unit for a year as it goes to the unit above; ``facts`` frozen or, of a draft, live."""
    unit = evaluation.jurisdiction
    office = office_of(unit)
    submitted = evaluation.submitted_at if not evaluation.is_editable else None
    dated = timezone.localtime(submitted).date() if submitted else None
    return Paper(
        title=f"{office.name}关于{evaluation.year}年绿色社区创建行动年度总结评估的报告",
        head=office.upward_head((dated or clock.today()).year),
        recipients=office_of(unit.parent).name if unit.parent else "",
        blocks=[*_body(evaluation), Heading(1, _FIGURES_TITLE), _figures(facts), Paragraph("特此报告。")],
        annexes=_annexes(evaluation, facts),
        signed=office.name,
        dated=dated,
        note=office.note,
        imprint=office.imprint(dated),
        mark=mark_of(is_draft=evaluation.is_editable),
    )


def _body(evaluation: AnnualEvaluation) -> list[Block]:
    unit, year = evaluation.jurisdiction, evaluation.year
    opening = f"{basis_of(evaluation.campaign)}现将{unit}{year}年绿色社区创建行动情况报告如下。"
    blocks: list[Block] = [Paragraph(opening)]
    for title, text in contents_of(evaluation):
        blocks += [Heading(1, title), Paragraph(closed_up(text) or "（未填写）")]
    return blocks


def _figures(facts: Mapping[str, Any]) -> Table:
    rows = [[one.label, one.value] for one in table_of(facts["figures"], None)]
    rows += [[label, value] for label, value in further_figures(facts)]
    return Table([Column("项目", 2), Column("数量", 1)], rows, caption=f"{facts['figures']['year']}年创建数据")


def _annexes(evaluation: AnnualEvaluation, facts: Mapping[str, Any]) -> list[Annex]:
    named = names_of(facts)
    number = sum(len(names) for _, names in named)
    listed = [[label, str(len(names)), SEPARATOR.join(names)] for label, names in named]
    columns = [Column("单位", 1.2), Column("数量", 0.6), Column("绿色社区名单", 4, is_text=True)]
    annexes = [
        Annex(f"{evaluation.year}年绿色社区名单（{number}个）", [Table(columns, listed)]),
        Annex("绿色社区建设任务完成情况汇总表", _summary(summary_of(evaluation, facts)), is_wide=True),
    ]
    signed = list(evaluation.countersignatures.all())
    if signed:
        rows = [
            [one.office, "；".join(filter(None, [one.get_stance_display(), one.text])), day(one.signed_on)]
            for one in signed
        ]
        columns = [Column("会签单位", 1.6), Column("意见", 3, is_text=True), Column("日期", 1.4)]
        annexes.append(Annex("部门会签意见", [Table(columns, rows)]))
    return annexes


def _summary(summary: CompletionSummary) -> list[Block]:
    """附件2 as the form has it: names, counts and ratios by year, on a sheet that lies across."""
    years = summary.reported_years
    # In millimetres: the lists have what the figures leave.
    label, count, share = 26.0, 15.0, 17.0
    listed = (225.0 - label - share) / len(years) - count - share
    columns = [Column(summary.region_header, label)]
    for year in years:
        columns += [
            Column(f"{year}年绿色社区名单", listed, is_text=True),
            Column(f"{year}年完成数量", count),
            Column(f"{year}年完成比例", share),
        ]
    columns.append(Column("合计完成比例", share))
    rows = [[row.label, *_by_year(summary, [row])] for row in summary.rows]
    rows.append([summary.total_label, *_by_year(summary, summary.total_rows(), names=NO_LIST)])
    note = [Paragraph(closed_up(summary.note))] if summary.note else []
    return [Table(columns, rows, caption="　".join(summary.zones()), is_small=True), *note]


def _by_year(summary: CompletionSummary, rows: list[SummaryRow], names: str | None = None) -> list[str]:
    """List, count and ratio of each year, then the ratio of all; ``names`` stands where no list does."""
    cells = []
    for year in summary.reported_years:
        cells += [
            SEPARATOR.join(name for row in rows for name in row.names(year)) if names is None else names,
            str(sum(row.completed_count(year) for row in rows)),
            format_percent(summary.completion_ratio(rows, year)),
        ]
    return [*cells, format_percent(summary.cumulative_ratio(rows))]
