"""What the page 进展 shows of a roll-up: rows in the order asked for, the communities of a street, the same as a sheet."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from apps.campaigns.models import Campaign, Participation, Recognition
from apps.campaigns.rollup import Figures, Line, Rollup, family_of
from apps.communities.models import Community
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Jurisdiction, Level

SORTS = {"code": "按行政区划代码", "ratio": "按合计完成比例从高到低", "gap": "按还差社区数从多到少"}
DIRECT = "本级直属"

_CHILDREN_NAMES: dict[str, str] = {
    Level.PROVINCE: "省（自治区、直辖市）",
    Level.CITY: "市（州、盟）",
    Level.DISTRICT: "县（市、区）",
    Level.STREET: "街道（乡、镇）",
}


@dataclass(frozen=True)
class Row:
    """One line of the table; ``url`` leads to its own page, ``names`` to the communities behind its figures."""

    line: Line
    url: str
    names: str
    counts: list[tuple[int, int, str]]


@dataclass(frozen=True)
class CommunityRow:
    """A community of the shown jurisdiction itself, and how far it has come in the campaign."""

    community: Community
    participation: Participation | None
    recognition: Recognition | None
    is_counted: bool

    @property
    def is_revoked(self) -> bool:
        """Whether its recognition was taken back and none stands since."""
        return (
            self.recognition is None
            and self.participation is not None
            and self.participation.stage == Participation.Stage.RECOGNISED
        )

    @property
    def state(self) -> tuple[str, str]:
        """What to say of it, and in which tone."""
        if self.is_revoked:
            return "已摘牌", "danger"
        if self.participation is None:
            return "未参与", "neutral"
        return self.participation.get_stage_display(), _TONES[self.participation.stage]


_TONES: dict[str, str] = {
    Participation.Stage.PLANNED: "neutral",
    Participation.Stage.DRAFTING: "info",
    Participation.Stage.IN_REVIEW: "warning",
    Participation.Stage.RETURNED: "danger",
    Participation.Stage.RECOGNISED: "success",
}


def progress_url(jurisdiction: Jurisdiction, campaign: Campaign, year: int, **more: str) -> str:
    """Return the address that holds the page's whole state."""
    query = {"campaign": campaign.code, "year": year} | more
    return f"{reverse('progress', args=[jurisdiction.key])}?{urlencode(query)}"


def names_url(jurisdiction: Jurisdiction, campaign: Campaign, year: int, **more: str) -> str:
    """Return the address of the communities behind a figure."""
    query = {"jurisdiction": jurisdiction.key, "campaign": campaign.code, "year": year} | more
    return f"{reverse('community_list')}?{urlencode(query)}"


def shown_years(rollup: Rollup) -> list[int]:
    """The campaign's years up to the one shown."""
    return [year for year in rollup.campaign.years if year <= rollup.year]


def rows_of(rollup: Rollup, sort: str) -> list[Row]:
    """The children in the order asked for; those of which nothing can be said come last."""
    lines = list(rollup.children)
    if sort == "ratio":
        lines.sort(key=lambda one: one.figures.cumulative_ratio or -1, reverse=True)
    elif sort == "gap":
        lines.sort(key=lambda one: -1 if one.gap is None else one.gap, reverse=True)
    return [row_of(rollup, line) for line in lines]


def row_of(rollup: Rollup, line: Line) -> Row:
    place, campaign = line.jurisdiction, rollup.campaign
    counts = [
        (year, line.figures.by_year[year], names_url(place, campaign, rollup.year, recognised=str(year)))
        for year in shown_years(rollup)
    ]
    return Row(line, progress_url(place, campaign, rollup.year), names_url(place, campaign, rollup.year), counts)


def direct_row(rollup: Rollup) -> Row | None:
    """The line of what lies right under a jurisdiction that has children too."""
    if not rollup.children or rollup.direct == Figures():
        return None
    line = Line(rollup.total.jurisdiction, rollup.direct, None, is_own_target=False)
    return Row(line, "#direct", "", [(year, rollup.direct.by_year[year], "") for year in shown_years(rollup)])


def children_name(children: list[Line]) -> str:
    """What the children are called together, by the level that most of them have."""
    levels = Counter(line.jurisdiction.level for line in children)
    return _CHILDREN_NAMES[levels.most_common(1)[0][0]] if levels else "辖区"


def communities_of(rollup: Rollup) -> list[CommunityRow]:
    """The communities right under the jurisdiction: those of the year's base and those that take part; three queries."""
    family = family_of(rollup.campaign)
    own = Community.objects.filter(jurisdiction=rollup.total.jurisdiction)
    counted = set(own.counted_in(rollup.year).values_list("pk", flat=True))
    taking_part = {
        one.community_id: one for one in Participation.objects.filter(community__in=own, campaign__in=family)
    }
    recognised = {
        one.community_id: one
        for one in Recognition.objects.standing().filter(community__in=own, campaign__in=family)
    }
    shown = own.filter(Q(pk__in=counted) | Q(pk__in=taking_part)).in_code_order()
    return [
        CommunityRow(one, taking_part.get(one.pk), recognised.get(one.pk), one.pk in counted) for one in shown
    ]


def table_columns(rollup: Rollup) -> list[str]:
    """Headers of the table as a sheet."""
    years = [f"{year}年认定" for year in shown_years(rollup)]
    head = ["区划代码", children_name(rollup.children), "底数", "参与", "参与比例", "试点", "审核中"]
    return [*head, *years, "累计认定", "合计完成比例", "目标", "还差"]


def table_rows(rollup: Rollup, sort: str) -> Iterator[list[ListValue]]:
    """Rows of the table as a sheet, the total last."""
    rows = [(row.line, row.line.jurisdiction.name) for row in rows_of(rollup, sort)]
    if (direct := direct_row(rollup)) is not None:
        rows.append((direct.line, DIRECT))
    rows.append((rollup.total, f"{rollup.total.jurisdiction.name}合计"))
    for line, name in rows:
        figures = line.figures
        yield [
            "" if name == DIRECT else line.jurisdiction.code or "",
            name,
            figures.base,
            figures.enrolled,
            figures.participation_ratio,
            figures.pilots,
            figures.in_review,
            *(figures.by_year[year] for year in shown_years(rollup)),
            figures.cumulative,
            figures.cumulative_ratio,
            line.target_ratio,
            line.gap,
        ]


COMMUNITY_COLUMNS = ["区划代码", "社区", "计入底数", "计划年度", "试点", "进度", "认定年度", "认定文号"]


def community_rows(communities: list[CommunityRow]) -> Iterator[list[ListValue]]:
    """Rows of a street's communities as a sheet."""
    for row in communities:
        taking_part, recognition = row.participation, row.recognition
        yield [
            row.community.code or "",
            row.community.name,
            row.is_counted,
            taking_part.year if taking_part else None,
            taking_part.is_pilot if taking_part else None,
            row.state[0],
            recognition.year if recognition else None,
            recognition.document_number if recognition else None,
        ]
