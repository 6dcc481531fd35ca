"""开展前核对: what is wrong with a campaign, in words and with the place. Nothing wrong may come in after the opening either."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.db.models import Count, Min

from apps.campaigns.models import Campaign, Milestone, Phase, Target
from apps.campaigns.telling import Part
from apps.core import clock
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction, Level, paths_down_to
from apps.standards.models import Section, Standard


@dataclass(frozen=True)
class Remark:
    """Something wrong (``blocks``) or worth a look, and the ``part`` in which it is mended.

    ``about`` tells it from others whatever the values are, of which ``gap`` says how far they are off.
    """

    place: str
    reason: str
    part: Part
    blocks: bool = True
    about: str = ""
    gap: Decimal = Decimal(0)

    def __str__(self) -> str:
        return f"{self.place}：{self.reason}"

    @property
    def sign(self) -> str:
        return self.about or str(self)


def remarks_on(campaign: Campaign, part: str = "") -> list[Remark]:
    """What keeps a campaign from being opened, then what is merely worth a look; of one part, what depends on it."""
    found = [one for check, parts in _CHECKS if not part or part in parts for one in check(campaign)]
    return sorted(found, key=lambda one: not one.blocks)


def _head(campaign: Campaign) -> Iterator[Remark]:
    if not campaign.document_title:
        yield Remark("文件名称", "没有填写印发行动的文件", "head")
    elif not campaign.document_number:
        yield Remark("文号", "还没有填写，没有文号的不用填", "head", blocks=False)
    today = clock.today().year
    if campaign.last_year < today:
        yield Remark("年度", f"结束年度 {campaign.last_year} 已经过去", "years", blocks=False)
    same = Campaign.objects.filter(jurisdiction=campaign.jurisdiction_id, status=Campaign.Status.OPEN)
    overlapping = same.filter(first_year__lte=campaign.last_year, last_year__gte=campaign.first_year)
    for other in overlapping.exclude(pk=campaign.pk):
        span = f"{other.first_year}–{other.last_year}"
        yield Remark("年度", f"与正在进行的“{other}”（{span}）重叠", "years", blocks=False)


def _standard(campaign: Campaign) -> Iterator[Remark]:
    standard = campaign.standard
    if standard.status != Standard.Status.PUBLISHED:
        yield Remark("创建标准", f"“{standard}”还没有发布，下级看不到", "head")
    elif standard.path not in paths_down_to(campaign.jurisdiction.path):
        yield Remark("创建标准", f"“{standard}”不是本级或上级的标准", "head")
    elif standard.replaced_by.filter(status=Standard.Status.PUBLISHED).exists():
        yield Remark("创建标准", f"“{standard}”第 {standard.version} 版已有新版", "head", blocks=False)


def _parent(campaign: Campaign) -> Iterator[Remark]:
    parent = campaign.parent
    if parent is None:
        return
    span = f"{parent.first_year}–{parent.last_year}"
    if not set(campaign.years) & set(parent.years):
        yield Remark("上级行动", f"“{parent}”的年度是 {span}，与本行动没有同一年度，请改选或不选上级行动", "head")
    elif not set(campaign.years) <= set(parent.years):
        yield Remark("上级行动", f"“{parent}”的年度是 {span}，此外的年度不计入上级行动", "head", blocks=False)
    elif campaign.last_year < parent.last_year:
        reason = f"“{parent}”到 {parent.last_year} 年，本行动 {campaign.last_year} 年就结束"
        yield Remark("上级行动", reason, "head", blocks=False)
    if parent.status == Campaign.Status.CLOSED:
        yield Remark("上级行动", f"“{parent}”已结束", "head", blocks=False)


def _chain(campaign: Campaign) -> Iterator[Remark]:
    """Levels that a branch lacks are skipped; what is left has to be two, or nobody reviews."""
    unit, reviewing = campaign.jurisdiction, campaign.review_chain[1:]
    if Level(campaign.review_chain[-1]).depth < unit.level_type.depth:
        reason = f"末级“{Level(campaign.review_chain[-1]).label}”高于{unit}，只能由本级和下级审核、认定"
        yield Remark("审核层级", reason, "chain")
    open_units = Jurisdiction.objects.below(unit.path).filter(closed_on=None)
    streets = open_units.filter(level=Level.STREET)
    grouped = list(streets.values_list("parent__path").annotate(Count("pk"), Min("name")).order_by("parent__path"))
    level_at = dict(open_units.filter(level__in=reviewing).values_list("path", "level"))
    lacking = {level: [0, ""] for level in reviewing}
    alone = [0, ""]
    for path, count, name in grouped:
        above = {level_at.get(one) for one in paths_down_to(path)}
        for tally in [lacking[level] for level in reviewing if level not in above] + [alone] * (not above - {None}):
            tally[0], tally[1] = tally[0] + count, tally[1] or name
    if alone[0]:
        reason = f"{alone[1]}等 {alone[0]} 个街道（镇、乡）没有可以审核的上级，请增加审核层级"
        yield Remark("审核层级", reason, "chain")
    for level, (count, name) in lacking.items():
        if count and not alone[0]:
            reason = f"{name}等 {count} 个街道（镇、乡）没有{Level(level).label}，它们的自评跳过这一级"
            yield Remark("审核层级", reason, "chain", blocks=False)


def _targets(campaign: Campaign) -> Iterator[Remark]:
    rows = Target.objects.filter(campaign=campaign, jurisdiction=campaign.jurisdiction_id).order_by("year", "kind")
    for one in rows:
        if one.year not in campaign.years:
            yield Remark("创建目标", f"{one.year} 年的目标不在行动年度内", "targets")
    percents = [one for one in rows if one.kind == Target.Kind.PERCENT and one.year in campaign.years]
    if campaign.last_year not in {one.year for one in percents}:
        yield Remark("创建目标", f"没有定 {campaign.last_year} 年的目标比例，最后一年要有目标", "targets")
    for earlier, later in pairwise(percents):
        if later.value < earlier.value:
            said = f"{later.year} 年 {plain(later.value)}% 低于 {earlier.year} 年 {plain(earlier.value)}%"
            about, gap = f"falling {earlier.year}-{later.year}", earlier.value - later.value
            yield Remark("创建目标", f"{said}；目标是累计比例，应逐年提高", "targets", about=about, gap=gap)
    if campaign.parent is not None:
        yield from _against_parent({one.year: one for one in percents}, campaign, campaign.parent)


def _against_parent(own: dict[int, Target], campaign: Campaign, parent: Campaign) -> Iterator[Remark]:
    """What the parent asks of this jurisdiction in a year may be more here, not less."""
    line = Target.objects.filter(
        campaign=parent,
        kind=Target.Kind.PERCENT,
        path__in=paths_down_to(campaign.jurisdiction.path),
        year__in=campaign.years,
    )
    asked = {one.year: one for one in line.order_by("path")}
    for year, one in sorted(asked.items()):
        wanted = f"上级行动“{parent}”{year} 年的目标 {plain(one.value)}%"
        if year not in own:
            yield Remark("创建目标", f"{wanted}，本行动没有定 {year} 年的目标", "targets", blocks=False)
        elif own[year].value < one.value:
            said, gap = f"{year} 年 {plain(own[year].value)}% 低于{wanted}", one.value - own[year].value
            yield Remark("创建目标", said, "targets", about=f"below {parent.pk} {year}", gap=gap)


def _phases(campaign: Campaign) -> Iterator[Remark]:
    before: Phase | None = None
    for one in campaign.phases.order_by("number"):
        place = f"阶段“{one.title}”"
        days = [day for day in (one.starts_on, one.ends_on) if day]
        if days != sorted(days):
            yield Remark(place, f"结束 {one.ends_on} 早于开始 {one.starts_on}", one)
        for day in days:
            if day.year not in campaign.years:
                yield Remark(place, f"{day} 不在行动年度内", one)
        if before and before.ends_on and one.starts_on and one.starts_on <= before.ends_on:
            yield Remark(place, f"开始 {one.starts_on} 早于上一阶段的结束 {before.ends_on}", one, blocks=False)
        before = one


def _milestones(campaign: Campaign) -> Iterator[Remark]:
    rows = list(campaign.milestones.order_by("number"))
    if not rows:
        yield Remark("里程碑", "没有一项，平台不会提示报送期限", "milestones", blocks=False)
    open_units = Jurisdiction.objects.below(campaign.jurisdiction.path).filter(closed_on=None)
    levels = set(open_units.values_list("level", flat=True).distinct())
    for one in rows:
        yield from _milestone(one, campaign, levels)


def _milestone(one: Milestone, campaign: Campaign, levels: set[str]) -> Iterator[Remark]:
    place = f"里程碑“{one.title}”"
    if one.level not in levels:
        yield Remark(place, f"{campaign.jurisdiction}没有{one.get_level_display()}，没有单位报送", one)
    outside = [day for day in one.dates if day.year not in campaign.years]
    if outside:
        span = f"{campaign.first_year}–{campaign.last_year}"
        yield Remark(place, f"期限 {outside[0]} 不在行动年度（{span}）内", one)
    if not one.dates:
        yield Remark(place, "没有期限，平台不会提示", one, blocks=False)


def _departments(campaign: Campaign) -> Iterator[Remark]:
    sections = dict(Section.objects.filter(standard=campaign.standard_id).values_list("number", "title"))
    held = {one.section_number for one in campaign.section_departments.all()}
    for number in sorted(held - set(sections)):
        yield Remark("责任部门", f"标准没有第 {number} 项内容，这一项的责任部门要去掉", "departments")
    if not held and not campaign.lead_departments:
        yield Remark("责任部门", "没有写明参与部门和责任部门，部门审核人填不了意见", "departments", blocks=False)
    for number in sorted(set(sections) - held) if held else ():
        yield Remark("责任部门", f"“{sections[number]}”没有责任部门", "departments", blocks=False)


# Each check with the parts that it depends on.
_CHECKS: Sequence[tuple[Callable[[Campaign], Iterator[Remark]], set[str]]] = (
    (_head, {"head", "years"}),
    (_standard, {"head", "standard"}),
    (_parent, {"head", "years"}),
    (_chain, {"chain"}),
    (_targets, {"head", "targets", "years"}),
    (_phases, {"phases", "years"}),
    (_milestones, {"milestones", "years"}),
    (_departments, {"departments", "head", "standard"}),
)
