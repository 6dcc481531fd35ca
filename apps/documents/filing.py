"""What a unit hands in upward (报送) as a document: its parts, its figures, the names of its files."""

import re
from datetime import date
from pathlib import PurePath

from django.utils import timezone

from apps.campaigns.models import Milestone
from apps.documents.words import basis_of, closed_up
from apps.filings.domain import content_of, last_before
from apps.filings.figures import table_of
from apps.filings.models import Filing
from apps.filings.showing import figures_shown
from apps.papers.offices import mark_of, office_of, offices_of
from apps.papers.paper import Annex, Block, Column, Heading, Paper, Paragraph, Table

Recurrence = Milestone.Recurrence

_FIGURES = [Column("项目", 2.2, is_text=True), Column("数量", 1.2), Column("较上次报送", 1.6)]
_RESULTS = [Column("街道（镇、乡）", 1.2), Column("数量", 0.6), Column("社区", 4, is_text=True)]
_QUARTERS = "一二三四"
# Titles that begin with those who hand it in: 各区政府及各相关市级部门报送年度工作报告.
_WHO = re.compile(r"^[^，、]*(?:政府|部门)(?=报送|上报)")
_HANDS_IN = re.compile(r"^(?:报送|上报)")


def filing_paper(filing: Filing) -> Paper:
    """A plan, a progress report or whatever else the milestone asks for, as a report to the office above."""
    unit, milestone = filing.jurisdiction, filing.milestone
    office = office_of(unit)
    day = timezone.localtime(filing.submitted_at).date() if filing.submitted_at and not filing.is_editable else None
    return Paper(
        title=f"{office.name}关于{matter_of(milestone, filing.due_on)}的报告",
        head=office.upward_head(filing.due_on.year),
        recipients=offices_of([unit.parent])[unit.parent.pk].name if unit.parent else "",
        blocks=[*_opening(filing), *_words(filing), *_figures(filing), Paragraph("特此报告。")],
        annexes=_results(filing),
        enclosed=[PurePath(name).stem for name in filing.attachments.values_list("name", flat=True)],
        signed=office.name,
        dated=day,
        note=office.note,
        imprint=office.imprint(day),
        mark=mark_of(is_draft=filing.is_editable),
    )


def matter_of(milestone: Milestone, due_on: date) -> str:
    """事由: what is handed in, with the period where it is asked for again and again: 报送2022年8月绿色社区创建工作进展情况."""
    title, period = _WHO.sub("", milestone.title), _period(milestone, due_on)
    found = _HANDS_IN.match(title)
    if not period or str(milestone.year_reported(due_on)) in title:
        return title
    if found is None:
        return f"{period}{title}"
    what = title[found.end() :]
    return f"{found[0]}{period.removesuffix('年') if what.startswith('年度') else period}{what}"


def _period(milestone: Milestone, due_on: date) -> str:
    match milestone.recurrence:
        case Recurrence.MONTHLY:
            return f"{due_on.year}年{due_on.month}月"
        case Recurrence.QUARTERLY:
            return f"{due_on.year}年第{_QUARTERS[(due_on.month - 1) // 3]}季度"
        case Recurrence.YEARLY:
            return f"{milestone.year_reported(due_on)}年"
    return ""


def _opening(filing: Filing) -> list[Block]:
    return [Paragraph(f"{basis_of(filing.milestone.campaign)}现将有关情况报告如下。")]


def _words(filing: Filing) -> list[Block]:
    """The parts under their titles, then the narrative; that one stands alone where there are no parts."""
    content = content_of(filing.milestone, filing)
    blocks: list[Block] = []
    for title, text in content.parts:
        blocks += [Heading(1, title), Paragraph(closed_up(text) or "（未填写）")]
    if filing.narrative:
        blocks += [*[Heading(1, "工作情况")] * bool(content.parts), Paragraph(closed_up(filing.narrative))]
    return blocks


def _figures(filing: Filing) -> list[Block]:
    """The figures as they were frozen, of a draft those of the day, with the change since the last report."""
    milestone, unit, due_on = filing.milestone, filing.jurisdiction, filing.due_on
    figures = figures_shown(milestone, unit, due_on, filing)
    if not figures:
        return []
    last = last_before(milestone, unit, due_on)
    lines = table_of(figures, last.figures if last else None)
    caption = f"{figures['year']}年创建数据"
    is_compared = any(one.change for one in lines)
    columns = _FIGURES if is_compared else _FIGURES[:2]
    rows = [[one.label, one.value, one.change or "—"][: len(columns)] for one in lines]
    return [Table(columns, rows, caption=caption)]


def _results(filing: Filing) -> list[Annex]:
    """创建成果名单, where the milestone asks for one."""
    named = figures_shown(filing.milestone, filing.jurisdiction, filing.due_on, filing).get("names")
    if named is None:
        return []
    rows = [[street, str(len(names)), "、".join(names)] for street, names in named]
    return [Annex(f"创建成果名单（{sum(len(names) for _, names in named)}个）", [Table(_RESULTS, rows)])]
