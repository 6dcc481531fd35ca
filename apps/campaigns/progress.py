"""What the page 进展 shows of a roll-up: rows in the order asked for, figures with their names behind them, a sheet."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from apps.campaigns import drilldown
from apps.campaigns.models import Campaign, Participation
from apps.campaigns.ratios import format_percent
from apps.campaigns.rollup import Figures, Line, Rollup, family_of
from apps.communities.models import Community
from apps.core.templatetags.figures import number
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Jurisdiction, Level

SORTS = {"code": "按区划代码", "ratio": "按合计完成比例，高的在前", "gap": "按还差社区数，多的在前"}
DIRECT = "本级直属"
COMMUNITY_COLUMNS = ["区划代码", "社区", "计入底数", "计划年度", "试点", "进度", "认定年度", "认定文号"]

_CHILDREN_NAMES: dict[str, str] = {
    Level.PROVINCE: "省（自治区、直辖市）",
    Level.CITY: "市（州、盟）",
    Level.DISTRICT: "县（市、区）",
    Level.STREET: "街道（乡、镇）",
}


@dataclass(frozen=True)
class Row:
    """One line of the table; ``url`` leads to its own page, each of ``counts`` to the communities behind it."""

    name: str
    line: Line
    url: str
    counts: list[tuple[int, str]]

    @property
    def aim(self) -> str:
        """The target in percent, without decimals where it has none."""
        return aim_of(self.line)


@dataclass(frozen=True)
class CommunityRow:
    """A community right under the shown jurisdiction, and how far it has come in the campaign."""

    standing: drilldown.Row
    is_counted: bool

    @property
    def is_revoked(self) -> bool:
        """Whether its recognition was taken back and none stands since."""
        part = self.standing.participation
        return self.standing.recognition is None and part is not None and part.stage == Participation.Stage.RECOGNISED


def progress_url(jurisdiction: Jurisdiction, campaign: Campaign, year: int) -> str:
    """Return the address that holds the page's state."""
    query = urlencode({"campaign": campaign.code, "year": year})
    return f"{reverse('progress', args=[jurisdiction.key])}?{query}"


def names_url(rollup: Rollup, jurisdiction: Jurisdiction, **figure: str) -> str:
    """Return the address of the communities behind a figure of ``jurisdiction``."""
    query = {"jurisdiction": jurisdiction.key, "campaign": rollup.campaign.code, "year": rollup.year} | figure
    return f"{reverse('community_list')}?{urlencode(query)}"


def shown_years(rollup: Rollup) -> list[int]:
    """Return the campaign's years up to the one shown."""
    return [year for year in rollup.campaign.years if year <= rollup.year]


def rows_of(rollup: Rollup, sort: str) -> list[Row]:
    """Return the children in the order asked for, then what lies right under the jurisdiction."""
    lines = list(rollup.children)
    if sort == "ratio":
        lines.sort(key=lambda one: -1 if (share := one.figures.cumulative_ratio) is None else share, reverse=True)
    elif sort == "gap":
        lines.sort(key=lambda one: -1 if one.gap is None else one.gap, reverse=True)
    rows = [_row(rollup, line) for line in lines]
    if rows and rollup.direct != Figures():
        line = Line(rollup.total.jurisdiction, rollup.direct, None, is_own_target=False)
        rows.append(Row(DIRECT, line, "#communities", [(count, "") for count, _ in _counts(rollup, line)]))
    return rows


def total_row(rollup: Rollup) -> Row:
    """Return the line of the jurisdiction itself."""
    return _row(rollup, rollup.total)


def children_name(rollup: Rollup) -> str:
    """Return what the children are called together, by the level that most of them have."""
    levels = Counter(line.jurisdiction.level for line in rollup.children)
    return _CHILDREN_NAMES[levels.most_common(1)[0][0]] if levels else "辖区"


def strip_of(rollup: Rollup) -> list[dict[str, Any]]:
    """Return the figures of the jurisdiction as components/figure_strip.html takes them."""
    total, figures, place = rollup.total, rollup.total.figures, rollup.total.jurisdiction
    below = f"{len(rollup.children)} 个{children_name(rollup)}" if rollup.children else f"{rollup.year} 年底"
    split = ((year, number(figures.by_year[year])) for year in shown_years(rollup))
    return [
        {
            "label": "城市社区底数",
            "value": number(figures.base),
            "note": below,
            "url": names_url(rollup, place, stage="base"),
        },
        {
            "label": "参与创建",
            "value": number(figures.enrolled),
            "note": f"占底数 {format_percent(figures.participation_ratio)} · 试点 {number(figures.pilots)}",
            "url": names_url(rollup, place, stage="enrolled"),
        },
        {
            "label": "审核中",
            "value": number(figures.in_review),
            "note": "已提交，待上级审核",
            "url": names_url(rollup, place, stage="in_review"),
        },
        {
            "label": "累计认定",
            "value": number(figures.cumulative),
            "note": format_html_join(" · ", '<span class="nowrap">{} 年 {}</span>', split),
            "url": names_url(rollup, place, recognised="cumulative"),
        },
        {
            "label": "合计完成比例 / 目标" if total.target else "合计完成比例",
            "value": format_percent(figures.cumulative_ratio),
            "suffix": f"/ {aim_of(total)}" if total.target else "",
            "note": _distance(total),
            "tone": "" if total.gap is None or not figures.base else "warning" if total.gap else "success",
        },
    ]


def aim_of(line: Line) -> str:
    """Return the target of a line as it prints; a whole percent has no decimals."""
    ratio = line.target_ratio
    return format_percent(ratio, 0 if ratio is not None and (ratio * 100).denominator == 1 else 2)


def communities_of(rollup: Rollup) -> list[CommunityRow]:
    """Return the communities right under the jurisdiction: the year's base and whoever takes part beside it."""
    own = Community.objects.filter(jurisdiction=rollup.total.jurisdiction)
    counted = set(own.counted_in(rollup.year).values_list("pk", flat=True))
    taking_part = Participation.objects.filter(community__in=own, campaign__in=family_of(rollup.campaign))
    shown = own.filter(Q(pk__in=counted) | Q(pk__in=taking_part.values("community"))).in_code_order()
    return [CommunityRow(row, row.community.pk in counted) for row in drilldown.rows_of(shown, rollup.campaign)]


def table_columns(rollup: Rollup) -> list[str]:
    """Return the headers of the table as a sheet."""
    years = [f"{year}年认定" for year in shown_years(rollup)]
    head = ["区划代码", children_name(rollup), "底数", "参与", "参与比例", "试点", "审核中"]
    return [*head, *years, "累计认定", "合计完成比例", "目标", "还差"]


def table_cells(rollup: Rollup, sort: str) -> Iterator[list[ListValue]]:
    """Yield the rows of the table as a sheet, the total last."""
    for row in [*rows_of(rollup, sort), total_row(rollup)]:
        line, figures = row.line, row.line.figures
        base, enrolled, *others = [count for count, _ in row.counts]
        yield [
            "" if row.name == DIRECT else line.jurisdiction.code or "",
            row.name,
            base,
            enrolled,
            figures.participation_ratio,
            *others,
            figures.cumulative_ratio,
            line.target_ratio,
            line.gap,
        ]


def community_cells(rows: list[CommunityRow]) -> Iterator[list[ListValue]]:
    """Yield a street's communities as rows of a sheet."""
    for row in rows:
        community, part, recognition = row.standing.community, row.standing.participation, row.standing.recognition
        stage = "未参与" if part is None else part.get_stage_display()
        yield [
            community.code or "",
            community.short_name,
            row.is_counted,
            part.year if part else None,
            part.is_pilot if part else None,
            "已摘牌" if row.is_revoked else stage,
            recognition.year if recognition else None,
            recognition.document_number if recognition else None,
        ]


def _row(rollup: Rollup, line: Line) -> Row:
    place = line.jurisdiction
    url = progress_url(place, rollup.campaign, rollup.year)
    return Row(place.name, line, url, _counts(rollup, line))


def _counts(rollup: Rollup, line: Line) -> list[tuple[int, str]]:
    """Return the counts in the order of the columns, each with the address of its names."""
    figures, names = line.figures, names_url(rollup, line.jurisdiction)
    counts = [
        (figures.base, "stage=base"),
        (figures.enrolled, "stage=enrolled"),
        (figures.pilots, "stage=pilots"),
        (figures.in_review, "stage=in_review"),
        *((figures.by_year[year], f"recognised={year}") for year in shown_years(rollup)),
        (figures.cumulative, "recognised=cumulative"),
    ]
    return [(count, f"{names}&{figure}" if count else "") for count, figure in counts]


def _distance(line: Line) -> str:
    if line.target is None:
        return "本年未设目标"
    if not line.figures.base:
        return "没有城市社区"
    return format_html('还差 <b class="text-danger">{}</b> 个社区', number(line.gap)) if line.gap else "已达到目标"
