"""The first draft of an evaluation's sections: sentences made of the data, to be edited."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from apps.campaigns.models import Campaign, Participation
from apps.campaigns.progress import aim_of
from apps.campaigns.ratios import format_percent
from apps.campaigns.rollup import Rollup, family_of, roll_up
from apps.core.errors import InvalidInput
from apps.evaluations.below import Child, children_of, texts_below
from apps.evaluations.models import AnnualEvaluation
from apps.jurisdictions.models import Jurisdiction
from apps.progress.extent import Extent
from apps.progress.missed import Missed, missed_of
from apps.progress.table import children_name
from apps.projects.sums import Sums, sums_of
from apps.supervision.mending import Received, findings_in_year

_MOST_MISSED = 3


@dataclass(frozen=True)
class Source:
    """What is drafted from: a unit's year under a campaign. Everything is counted when it is first asked for."""

    campaign: Campaign
    unit: Jurisdiction
    year: int

    @cached_property
    def rollup(self) -> Rollup:
        return roll_up(self.campaign, self.unit, self.year)

    @cached_property
    def children(self) -> list[Child]:
        return children_of(self.rollup)

    @cached_property
    def missed(self) -> list[Missed]:
        """The national criteria most often missed in the year."""
        found = missed_of(Extent.of(self.rollup))
        return [one for one in found.national if one.missed][:_MOST_MISSED]

    @cached_property
    def money(self) -> Sums:
        return sums_of(self.campaign, self.unit).total

    @cached_property
    def received(self) -> Received:
        """What supervision visits of the year have found."""
        return findings_in_year(self.unit, None, self.year)

    @cached_property
    def next_year(self) -> Rollup | None:
        """The year after, where the campaign still runs."""
        return roll_up(self.campaign, self.unit, self.year + 1) if self.year + 1 in self.campaign.years else None


def drafted(title: str, source: Source) -> str:
    """Sentences for the section with ``title``; blank for one that the data say nothing about."""
    writer = next((write for words, write in _WRITERS if _is_about(title, words)), None)
    return writer(source) if writer else ""


def _work(source: Source) -> str:
    figures, line = source.rollup.total.figures, source.rollup.total
    lines = [
        (
            f"{source.year}年，{source.unit}共有城市社区{figures.base}个，累计参与创建{figures.enrolled}个，其中试点{figures.pilots}个；"
            f"当年认定绿色社区{figures.recognised}个，累计认定{figures.cumulative}个，"
            f"合计完成比例{format_percent(figures.cumulative_ratio)}。"
        )
    ]
    if line.wanted is not None and figures.base:
        left = f"还差{line.gap}个" if line.gap else "已完成"
        lines.append(f"{source.year}年目标为{aim_of(line)}，应认定{line.wanted}个，{left}。")
    if reached := _reached(source):
        lines.append(reached)
    spent, projects = source.money.of(year=source.year).spent, source.money.projects.get(source.year, 0)
    if projects or spent:
        lines.append(f"当年实施建设改造项目{projects}个，完成投资{_plain(spent)}万元。")
    return "\n".join(lines)


def _reached(source: Source) -> str:
    children = [one for one in source.rollup.children if one.figures.base]
    reached = sum(one.gap == 0 for one in children)
    short = sum(bool(one.gap) for one in children)
    if not reached + short:
        return ""
    return (
        f"有城市社区的{len(children)}个{children_name(source.rollup)}中，{reached}个达到当年目标，{short}个尚未达到。"
    )


def _problems(source: Source) -> str:
    lines = []
    short = [one for one in source.rollup.children if one.gap]
    if short:
        names = "、".join(f"{one.jurisdiction}（还差{one.gap}个）" for one in short)
        lines.append(f"创建进度不平衡，尚未达到目标的有{len(short)}个：{names}。")
    if source.missed:
        told = "；".join(
            f"“{_short(one.text)}”{one.missed}个社区未达到（共评{one.assessed}个）" for one in source.missed
        )
        lines.append(f"创建标准中薄弱的条目：{told}。")
    received = source.received
    if received.findings:
        left = f"，尚未整改{received.open}项" if received.open else ""
        lines.append(
            f"本地区全年接受督导检查{received.visits}次，发现问题{received.findings}项，已整改{received.mended}项{left}。"
        )
    if in_review := source.rollup.total.figures.in_review:
        lines.append(f"仍有{in_review}个社区的自评在审核中。")
    return "\n".join(lines)


def _experience(source: Source) -> str:
    titles = [title for title in source.campaign.sections_of_evaluation if _is_about(title, _EXPERIENCE)]
    for title in titles:
        try:
            return texts_below(source.children, title)
        except InvalidInput:
            continue
    return ""


def experience_of(evaluation: AnnualEvaluation) -> list[tuple[str, str]]:
    """The sections that tell of experience, as far as anything is written: each may be sent in as good practice."""
    told = ((str(one["title"]), str(one["text"])) for one in evaluation.sections)
    return [
        (title, text) for title, text in told if _is_about(title, _EXPERIENCE) and text.rstrip("。") not in _NOTHING
    ]


def _plan(source: Source) -> str:
    after = source.next_year
    if after is None:
        return f"“{source.campaign}”至{source.campaign.last_year}年结束，巩固创建成果，做好年度复查。"
    line, lines = after.total, []
    if line.wanted is not None:
        lines.append(
            f"{after.year}年目标为{aim_of(line)}，应累计认定{line.wanted}个，"
            + (f"还需认定{line.gap}个。" if line.gap else "已提前完成。")
        )
    planned = (
        Participation.objects.below(source.unit.path)
        .going_on()
        .filter(campaign__in=family_of(source.campaign), year=after.year)
        .count()
    )
    if planned:
        lines.append(f"已列入{after.year}年创建计划的社区{planned}个。")
    return "\n".join(lines) or f"{after.year}年继续推进绿色社区创建，计划待编制。"


_NOTHING = ("", "无", "暂无", "/", "—")
_EXPERIENCE = ("经验", "做法", "亮点", "典型")
_WRITERS: tuple[tuple[tuple[str, ...], Callable[[Source], str]], ...] = (
    (("下一", "明年", "计划", "打算", "安排"), _plan),
    (("问题", "不足", "困难", "短板"), _problems),
    (_EXPERIENCE, _experience),
    (("工作", "开展", "成效", "进展", "完成", "成果", "总结", "报告"), _work),
)


def _is_about(title: str, words: tuple[str, ...]) -> bool:
    return any(word in title for word in words)


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:23]}…"


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
