"""The departments that answer for the sections of a campaign, and when two of their names mean the same one."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apps.campaigns.models import Campaign, SectionDepartments
from apps.jurisdictions.models import Jurisdiction, paths_down_to
from apps.standards.models import Criterion, Section

# One department has a name at every level and changes it with reforms: 省生态环境厅, 区环保局, 生态环境部门.
_NAMES: dict[str, tuple[str, ...]] = {
    "公安": ("公安",),
    "生态环境": ("生态环境", "环境保护", "环保"),
    "住房城乡建设": ("住房和城乡建设", "住房城乡建设", "住建"),
    "发展改革": ("发展和改革", "发展改革", "发改"),
    "自然资源": ("规划和自然资源", "自然资源和规划", "规划自然资源", "自然资源", "规自"),
    "城市管理": ("城市管理", "城管"),
    "市场监管": ("市场监督管理", "市场监管"),
    "经济信息化": ("经济和信息化", "经济信息化", "经信"),
    "卫生健康": ("卫生健康", "卫健"),
    "园林绿化": ("园林绿化", "园林"),
    "文化旅游": ("文化和旅游", "文化旅游", "文旅"),
    "教育": ("教育", "教委"),
    "残联": ("残疾人联合会", "残联"),
    "妇联": ("妇女联合会", "妇联"),
    "消防救援": ("消防救援", "消防"),
    "交通运输": ("交通运输",),
    "民政": ("民政",),
    "水务": ("水务", "水利"),
    "文物": ("文物",),
    "财政": ("财政",),
}
_KIND = re.compile(r"(主管部门|部门|委员会|总局|总队|局|厅|委|办公室|办)$")


@dataclass(frozen=True)
class Responsibility:
    """Who answers for what under a campaign; without a list by sections the lead departments answer for all of them."""

    by_section: dict[int, list[str]] = field(default_factory=dict)
    lead: list[str] = field(default_factory=list)

    def of(self, section: int) -> list[str]:
        """The departments of the section with this number, in the campaign's words."""
        return self.by_section.get(section, []) if self.by_section else self.lead

    def word_for(self, section: int, department: str) -> str | None:
        """What the campaign calls ``department`` where it answers for the section; None where it does not."""
        key = key_of(department)
        return next((one for one in self.of(section) if key_of(one) == key), None) if key else None


def key_of(name: str) -> str:
    """What two names of one department have in common: 楚雄彝族自治州生态环境局 and 环保局 are 生态环境."""
    text = "".join(unicodedata.normalize("NFKC", name).split())
    known = next((key for key, names in _NAMES.items() if any(one in text for one in names)), None)
    return known if known is not None else _KIND.sub("", text) or text


def responsibilities(pairs: Collection[tuple[Campaign, int]]) -> dict[tuple[int, int], Responsibility]:
    """Return who answers for what by the sections of a standard, by the ids of campaign and standard.

    Departments are kept by the sections of the campaign's present standard; what began with an earlier one finds its sections
    there, and where it has none, the lead departments answer.
    """
    by_section: dict[int, dict[int, list[str]]] = defaultdict(dict)
    for one in SectionDepartments.objects.filter(campaign__in={campaign.pk for campaign, _ in pairs}):
        by_section[one.campaign_id][one.section_number] = list(one.departments)
    found = {}
    for campaign, standard in pairs:
        present, lead, held = campaign.standard_id, list(campaign.lead_departments), by_section[campaign.pk]
        if held and standard != present:
            held = {
                number: lead if now is None else held.get(now, [])
                for number, now in _places_in(present, standard).items()
            }
        found[campaign.pk, standard] = Responsibility(held, lead)
    return found


def _places_in(present: int, earlier: int) -> dict[int, int | None]:
    """The number in the standard ``present`` of each section of an ``earlier`` one: that with its title, else the one that
    most of its criteria are tied to; None where there is none."""
    rows = Section.objects.filter(standard__in=[present, earlier]).values_list("standard", "number", "title")
    titles: dict[int, dict[int, str]] = {present: {}, earlier: {}}
    for standard, number, title in rows.order_by("number"):
        titles[standard][number] = title
    by_title = {title: number for number, title in titles[present].items()}
    places = {number: by_title.get(title) for number, title in titles[earlier].items()}
    if None in places.values():
        tied = _tied_sections(present, earlier)
        places = {number: tied.get(number) if now is None else now for number, now in places.items()}
    return places


def _tied_sections(present: int, earlier: int) -> Mapping[int, int]:
    """By the earlier section's number that of the present one that shares most ties with it."""
    criteria = Criterion.objects.filter(standard__in=[present, earlier]).select_related("section").order_by("number")
    now: dict[tuple[str, int], int] = {}
    for one in criteria:
        if one.standard_id == present:
            for tie in _ties_of(one):
                now.setdefault(tie, one.section.number)
    shared: dict[int, Counter[int]] = defaultdict(Counter)
    for one in criteria:
        if one.standard_id == earlier:
            place = next((now[tie] for tie in _ties_of(one) if tie in now), None)
            if place is not None:
                shared[one.section.number][place] += 1
    return {number: places.most_common(1)[0][0] for number, places in shared.items()}


def _ties_of(criterion: Criterion) -> Iterator[tuple[str, int]]:
    """What two criteria have in common that carry out the same: the closest tie first."""
    yield "criterion", criterion.pk
    if criterion.refines_id is not None:
        yield "criterion", criterion.refines_id
    if criterion.national_criterion_id is not None:
        yield "national", criterion.national_criterion_id


def departments_named_for(jurisdiction: Jurisdiction) -> Sequence[str]:
    """The departments that the nearest campaign of ``jurisdiction`` names, in its words and order, each once."""
    line = Campaign.objects.issued().filter(path__in=paths_down_to(jurisdiction.path)).order_by("-path", "-first_year")
    found = responsibilities([(one, one.standard_id) for one in line])
    for campaign in line:
        held = found[campaign.pk, campaign.standard_id]
        names = [*held.lead, *(name for number in sorted(held.by_section) for name in held.by_section[number])]
        if names:
            return list({key_of(name): name for name in reversed(names)}.values())[::-1]
    return []
