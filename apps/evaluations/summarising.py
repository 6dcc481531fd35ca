"""What 附件2 says of a jurisdiction, from live data."""

from collections import Counter, defaultdict
from typing import NamedTuple

from django.db.models import Count, F
from django.db.models.functions import Left

from apps.campaigns.drilldown import base_of, lasting_to
from apps.campaigns.models import Campaign, Recognition
from apps.campaigns.rollup import Line, Rollup, family_of, roll_up
from apps.communities.models import Community
from apps.communities.spelling import shorten
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.wall import LABEL_WIDTH
from apps.evaluations.completion_summary import CompletionSummary, SummaryRow
from apps.jurisdictions.models import Jurisdiction, Level
from apps.papers.offices import office_of

# 附件2 heads its first column by what the rows are.
_REGION_HEADERS = {
    Level.PROVINCE: "省（区、市）",
    Level.CITY: "市（州）",
    Level.DISTRICT: "县（市、区）",
    Level.STREET: "街道（镇、乡）",
}
_DIRECT_LABEL = "本级直属"


def check_summary(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> None:
    """Raise InvalidInput unless 附件2 of ``campaign`` can be made for ``jurisdiction`` and ``year``."""
    check_scope(campaign, jurisdiction, year)
    if jurisdiction.level == Level.STREET:
        raise InvalidInput(f"附件2 由县级以上单位填报，{jurisdiction}不是填报单位。")


def check_scope(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> None:
    """Raise InvalidInput unless ``campaign`` runs in ``year`` and reaches ``jurisdiction``."""
    if year not in campaign.years:
        raise InvalidInput(f"{year} 年不在“{campaign.name}”的年度（{campaign.first_year}–{campaign.last_year}）内。")
    if not campaign.jurisdiction.contains(jurisdiction.path):
        raise InvalidInput(f"{jurisdiction}不在“{campaign.name}”的范围（{campaign.jurisdiction}）内。")


def summarise(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> CompletionSummary:
    """Return what 附件2 (绿色社区建设任务完成情况汇总表) says of ``jurisdiction`` up to ``year``."""
    check_summary(campaign, jurisdiction, year)
    return summary_from(roll_up(campaign, jurisdiction, year))


def summary_from(rollup: Rollup) -> CompletionSummary:
    """Return what 附件2 says of the unit and the year that were rolled up.

    The rows are the children of ``year``. What was there otherwise before a reorganisation stands where it belongs now, bases
    and names alike, so that every column divides what is comparable [reading].
    Names stand in code order; one that occurs twice in a row of the table is told apart by its street.
    """
    campaign, jurisdiction, year, children = rollup.campaign, rollup.total.jurisdiction, rollup.year, rollup.children
    office = office_of(jurisdiction)
    years = [one for one in campaign.years if one <= year]
    width = len(jurisdiction.path) + LABEL_WIDTH
    names = _names_by_child(campaign, jurisdiction, year, width)
    bases = _bases_by_child(jurisdiction, years, width)
    rows = [
        SummaryRow(child.name, names.get(child.path, {}), bases.get(child.path, {}), child.pk)
        for child in (line.jurisdiction for line in children)
    ]
    direct = None
    if jurisdiction.path in names or jurisdiction.path in bases:
        own = jurisdiction.path
        direct = SummaryRow(_DIRECT_LABEL, names.get(own, {}), bases.get(own, {}))
    return CompletionSummary(
        reporting_unit=office.name,
        contact=office.contact,
        total_label=jurisdiction.name,
        years=campaign.years,
        reporting_year=year,
        rows=rows,
        direct=direct,
        note=campaign.summary_note,
        filled_on=clock.today(),
        region_header=_REGION_HEADERS[_child_level(children)],
    )


def _child_level(children: list[Line]) -> Level:
    counted = Counter(line.jurisdiction.level for line in children)
    return Level(counted.most_common(1)[0][0]) if counted else Level.STREET


def _bases_by_child(jurisdiction: Jurisdiction, years: list[int], width: int) -> dict[str, dict[int, int]]:
    """Each year's base, by the path of the child that its communities are in now."""
    bases: dict[str, dict[int, int]] = defaultdict(dict)
    for year in years:
        counted = base_of(Community.objects.below(jurisdiction.path), year).values(child=Left("path", width))
        for path, base in counted.annotate(base=Count("pk")).values_list("child", "base"):
            bases[path][year] = base
    return bases


def _names_by_child(
    campaign: Campaign, jurisdiction: Jurisdiction, year: int, width: int
) -> dict[str, dict[int, list[str]]]:
    """Names of the communities recognised by ``year``, by the path of the child they are in and the year."""
    found = (
        Recognition.objects.below(jurisdiction.path)
        .standing()
        .filter(lasting_to(year), campaign__in=family_of(campaign), year__gte=campaign.first_year, year__lte=year)
        .order_by(F("community__code").asc(nulls_last=True), "community_id")
    )
    by_child: dict[str, list[_Listed]] = defaultdict(list)
    listed = found.values_list("path", "year", "community__name", "community__jurisdiction__name")
    for path, recognised_in, name, street in listed:
        by_child[path[:width]].append(_Listed(recognised_in, shorten(name), street))
    return {path: _names_by_year(names) for path, names in by_child.items()}


class _Listed(NamedTuple):
    year: int
    name: str
    street: str


def _names_by_year(listed: list[_Listed]) -> dict[int, list[str]]:
    occurrences = Counter(one.name for one in listed)
    names: dict[int, list[str]] = defaultdict(list)
    for one in listed:
        names[one.year].append(f"{one.name}（{one.street}）" if occurrences[one.name] > 1 else one.name)
    return dict(names)
