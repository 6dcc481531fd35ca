"""What is put down of a project, and what is wrong with it, in words. Amounts are in 万元."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from unicodedata import normalize

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.rounding import plain
from apps.projects.models import LONGEST_CONTENT, LONGEST_NAME, Funding, Project, Source

FIRST_YEAR, YEARS_AHEAD = 2000, 10
# A hundred billion yuan: more than any community's project, and far within the column.
MOST = Decimal("9999999.99")
NO_MONEY = Decimal(0)
DAYS = ("planned_start", "planned_end", "started_on", "completed_on")

_AMOUNT = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?")
# The hyphen, and the sign that is a minus.
_MINUS = "-\N{MINUS SIGN}"


class WrongProject(InvalidInput):
    """A project that cannot be kept: what is wrong, by the name of the fact; of the lines of funding see `wrong_funding`."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("；".join(errors.values()))
        self.errors = dict(errors)


class Money(NamedTuple):
    """What a source gives in a year."""

    source: str
    year: int
    planned: Decimal = NO_MONEY
    spent: Decimal = NO_MONEY

    @property
    def words(self) -> str:
        """`2022 年财政资金：计划 120，完成 80 万元`."""
        amounts = f"计划 {plain(self.planned)}，完成 {plain(self.spent)} 万元"
        return f"{self.year} 年{Source(self.source).label}：{amounts}"


@dataclass(frozen=True)
class ProjectFacts:
    """What is put down of a project; ``criteria`` are ids."""

    name: str
    criteria: Collection[int]
    planned_start: date | None
    planned_end: date | None
    funding: Sequence[Money]
    content: str = ""
    started_on: date | None = None
    completed_on: date | None = None


def read_amount(text: str) -> Decimal:
    """Read an amount in 万元 as people write it, '' as nothing; InvalidInput for anything else."""
    text = normalize("NFKC", text).strip().removesuffix("万元").strip()
    if not text:
        return NO_MONEY
    if text[0] in _MINUS and _AMOUNT.fullmatch(text[1:].strip()):
        raise InvalidInput(f"“{text[:20]}”是负数，金额应不小于 0，请核对。")
    if not _AMOUNT.fullmatch(text):
        raise InvalidInput(f"“{text[:20]}”不是金额，请填数字，单位万元，如 120 或 85.5。")
    amount = Decimal(text.replace(",", ""))
    if amount > MOST:
        raise InvalidInput(f"“{text[:20]}”太大，应不大于 {MOST:,} 万元。请核对单位是不是万元。")
    if amount != amount.quantize(Decimal("0.01")):
        raise InvalidInput(f"“{text[:20]}”的小数超过两位，请四舍五入到百元（0.01 万元）。")
    return amount


def facts_of(project: Project) -> ProjectFacts:
    """What stands of a project."""
    return ProjectFacts(
        name=project.name,
        content=project.content,
        criteria=project.criteria,
        planned_start=project.planned_start,
        planned_end=project.planned_end,
        started_on=project.started_on,
        completed_on=project.completed_on,
        funding=money_of(project.funding.all()),
    )


def money_of(rows: Collection[Funding]) -> list[Money]:
    return [Money(one.source, one.year, one.planned, one.spent) for one in rows]


def is_same(one: ProjectFacts, other: ProjectFacts) -> bool:
    """Whether both say the same, in whatever order."""
    return _comparable(one) == _comparable(other)


def refusals(campaign: Campaign, facts: ProjectFacts, criteria: Collection[int]) -> dict[str, str]:
    """Say what is wrong with a project, wherever it stands; ``criteria``: the ids that may be named."""
    found = _wrong_words(facts)
    if not facts.criteria:
        found["criteria"] = "请至少勾选一条：项目是为哪一条标准建设改造的。"
    elif set(facts.criteria) - set(criteria):
        found["criteria"] = f"勾选的条目不在“{campaign.standard}”里，请重新勾选。"
    found |= wrong_start(facts.started_on, facts.funding)
    return found | wrong_dates({name: getattr(facts, name) for name in DAYS}) | wrong_funding(facts.funding)


def wrong_dates(days: Mapping[str, date | None]) -> dict[str, str]:
    """Say what is wrong with the dates, by their names (`DAYS`)."""
    found, today = {}, clock.today()
    for name, label in (("planned_start", "计划开工日期"), ("planned_end", "计划完工日期")):
        if days[name] is None:
            found[name] = f"请填写{label}，没有确定到日的填月初或月末。"
    for name, day in days.items():
        if day is not None and not FIRST_YEAR <= day.year <= today.year + YEARS_AHEAD:
            found[name] = f"{day:%Y-%m-%d} 不对，应在 {FIRST_YEAR} 至 {today.year + YEARS_AHEAD} 年之间。"
        elif day is not None and name in ("started_on", "completed_on") and day > today:
            found[name] = f"{day:%Y-%m-%d} 还没有到，请在当天以后再填。"
    return _wrong_order(days) | found


def _wrong_order(days: Mapping[str, date | None]) -> dict[str, str]:
    start, end, started, completed = (days[name] for name in DAYS)
    found = {}
    if start and end and end < start:
        found["planned_end"] = f"早于计划开工日期 {start:%Y-%m-%d}，请核对。"
    if completed and not started:
        found["started_on"] = "已填完工日期，请把开工日期也填上。"
    elif completed and started and completed < started:
        found["completed_on"] = f"早于开工日期 {started:%Y-%m-%d}，请核对。"
    return found


def wrong_start(started_on: date | None, funding: Sequence[Money]) -> dict[str, str]:
    """Say that money was spent on what was never begun."""
    if started_on is not None or not any(one.spent for one in funding):
        return {}
    return {"started_on": "已填完成投资，请把开工日期也填上；还没有开工的，不填完成投资。"}


def wrong_funding(funding: Sequence[Money]) -> dict[str, str]:
    """Say what is wrong with the lines of funding, by place and part: `funding-2-spent`; ``funding`` is about all of them."""
    if not funding:
        return {"funding": "请至少填一笔资金：来源、年度和计划投资。"}
    found: dict[str, str] = {}
    seen: set[tuple[str, int]] = set()
    for at, one in enumerate(funding):
        found |= {f"funding-{at}-{part}": text for part, text in _wrong_money(one, seen).items()}
        seen.add((one.source, one.year))
    return found


def _comparable(facts: ProjectFacts) -> tuple[object, ...]:
    dates = (getattr(facts, name) for name in DAYS)
    return facts.name.strip(), facts.content.strip(), *dates, sorted(set(facts.criteria)), sorted(facts.funding)


def _wrong_words(facts: ProjectFacts) -> dict[str, str]:
    found, name, content = {}, facts.name.strip(), facts.content.strip()
    if not name:
        found["name"] = "请填写项目名称，例如：老旧供水管网改造。"
    elif len(name) > LONGEST_NAME:
        found["name"] = f"有 {len(name)} 字，超过 {LONGEST_NAME} 字，请缩短，细节写在建设改造内容里。"
    if len(content) > LONGEST_CONTENT:
        found["content"] = f"有 {len(content)} 字，超过 {LONGEST_CONTENT} 字，请缩短。"
    return found


def _wrong_money(one: Money, seen: Collection[tuple[str, int]]) -> dict[str, str]:
    """What is wrong with a line, by its part."""
    this = clock.today().year
    if one.source not in Source.values:
        return {"source": "请选择资金来源。"}
    if not FIRST_YEAR <= one.year <= this + YEARS_AHEAD:
        return {"year": f"{one.year} 年不对，可以填 {FIRST_YEAR} 至 {this + YEARS_AHEAD} 年。"}
    if (one.source, one.year) in seen:
        return {"source": f"{one.year} 年的{Source(one.source).label}填了两笔，请合成一笔。"}
    if not one.planned and not one.spent:
        return {"planned": "请填计划投资或者完成投资。"}
    amounts = {"planned": one.planned, "spent": one.spent}
    if wrong := {part: amount for part, amount in amounts.items() if not 0 <= amount <= MOST}:
        return dict.fromkeys(wrong, f"金额应在 0 至 {MOST:,} 万元之间。")
    return {"spent": f"{one.year} 年还没有到，不能填完成投资。"} if one.spent and one.year > this else {}
