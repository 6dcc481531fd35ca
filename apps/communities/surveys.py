"""The survey of a community (社区基本情况): recording it for a year, and whether the community counts as urban."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.accounts.permissions import Actor, require
from apps.communities.facts import (
    Fact,
    Value,
    completeness_of,
    contradictions,
    facts_at,
    grouped,
    incomplete,
    put,
    values_of,
)
from apps.communities.models import Community, CommunityQuerySet, CommunitySurvey
from apps.communities.turns import keep_fields
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm
from apps.jurisdictions.models import Jurisdiction, Level

FIRST_YEAR = 2000
SOURCE, SURVEYED_ON = "source", "surveyed_on"
LONGEST_SOURCE = 200

# What a list of communities can be narrowed to.
STATES = {"none": "未填写", "partial": "不完整", "complete": "完整"}


class WrongFacts(InvalidInput):
    """A survey that cannot be kept: what is wrong with each fact, by its code (or ``source``, ``surveyed_on``, ``year``)."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("；".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True)
class Survey:
    """What is put down for a year. A fact that ``values`` does not name stays as it is; None takes it back."""

    values: Mapping[str, Value | None]
    source: str
    surveyed_on: date | None


@transaction.atomic
def save_survey(
    community: Community, year: int, survey: Survey, *, actor: Actor, seen: int | None = None
) -> CommunitySurvey:
    """Record the survey of a year, whole or in part: what is missing can be added later.

    ``seen``: the version that the form showed, 0 for none; StaleForm where somebody has saved another since. The same twice
    has one effect.
    """
    require(actor, "survey_communities", community.path)
    keep_fields()
    locked = Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    facts = facts_at(locked.path)
    row = CommunitySurvey.objects.select_related("recorded_by").filter(community=locked, year=year).first()
    if row is not None and holds(row, survey, facts):
        return row
    if seen is not None and seen != (row.version if row else 0):
        raise StaleForm(stale_words(locked, year, row))
    if errors := refusals(locked, year, survey, facts, values_of(row, facts) if row else {}):
        raise WrongFacts(errors)
    row = row or CommunitySurvey(community=locked, year=year, version=0)
    write(row, survey, facts, actor)
    row.save()
    return row


def holds(row: CommunitySurvey, survey: Survey, facts: Iterable[Fact]) -> bool:
    """Whether the row says just what ``survey`` says."""
    named = [one for one in facts if one.code in survey.values]
    same = len(named) == len(survey.values) and all(one.value_of(row) == survey.values[one.code] for one in named)
    return same and (row.source, row.surveyed_on) == (survey.source.strip(), survey.surveyed_on)


def write(row: CommunitySurvey, survey: Survey, facts: Iterable[Fact], actor: Actor) -> None:
    """Put the survey, which has been checked, into the row, which is not saved."""
    put(row, facts, survey.values)
    row.source = survey.source.strip()
    row.surveyed_on = survey.surveyed_on or clock.today()
    row.version += 1
    row.recorded_at, row.recorded_by = clock.now(), actor.user


def refusals(
    community: Community, year: int, survey: Survey, facts: Iterable[Fact], before: Mapping[str, Value | None]
) -> dict[str, str]:
    """Say what is wrong with a survey, by the code of the fact; ``before`` is what stands already."""
    found = {}
    by_code = {one.code: one for one in facts}
    for code, value in survey.values.items():
        if (fact := by_code.get(code)) is None:
            found[code] = "这个调查项目已停用，请刷新页面后再填。"
        elif value is not None and (wrong := fact.refusal(value)):
            found[code] = wrong
    found |= {code: text for code, text in contradictions({**before, **survey.values}).items() if code not in found}
    return found | _refused_frame(community, year, survey)


def _refused_frame(community: Community, year: int, survey: Survey) -> dict[str, str]:
    """What is wrong with year, source and date."""
    found, today = {}, clock.today()
    if wrong := refused_year(community, year):
        found["year"] = wrong
    source = survey.source.strip()
    if not source:
        found[SOURCE] = "请填写资料来源，例如：街道台账、民政统计、入户调查。"
    elif len(source) > LONGEST_SOURCE:
        found[SOURCE] = f"有 {len(source)} 字，超过 {LONGEST_SOURCE} 字，请缩短。"
    if survey.surveyed_on is None:
        found[SURVEYED_ON] = "请填写调查日期。"
    elif not date(FIRST_YEAR, 1, 1) <= survey.surveyed_on <= today:
        found[SURVEYED_ON] = f"{survey.surveyed_on:%Y-%m-%d} 不对，应在 {FIRST_YEAR}-01-01 至今天之间。"
    return found


def refused_year(community: Community, year: int) -> str:
    """Say why a community has no survey of the year, '' where it may have one."""
    if not FIRST_YEAR <= year <= clock.today().year:
        return f"{year} 年不能填，可以填 {FIRST_YEAR} 至 {clock.today().year} 年。"
    if community.opened_on is not None and community.opened_on > date(year, 12, 31):
        return f"{community} {community.opened_on:%Y-%m-%d} 设立，{year} 年还没有这个社区。"
    if community.closed_on is not None and community.closed_on <= date(year, 1, 1):
        return f"{community}已于 {community.closed_on:%Y-%m-%d} 撤销，没有 {year} 年的情况。"
    return ""


def stale_words(community: Community, year: int, row: CommunitySurvey | None) -> str:
    """Tell that somebody has saved the survey since the form was loaded."""
    who = f"由{row.recorded_by}" if row else "有人"
    return f"{community} {year} 年的基本情况刚刚{who}改过，您填写的没有保存。请打开最新内容核对后再改。"


def surveys_of(community: Community) -> list[CommunitySurvey]:
    """Return the surveys of all years, the newest first."""
    return list(community.surveys.select_related("recorded_by").order_by("-year"))


def in_state(communities: CommunityQuerySet, state: str, year: int, facts: Iterable[Fact]) -> CommunityQuerySet:
    """Narrow to those whose survey of the year is in ``state``, a key of STATES; ``facts``: all that is asked there."""
    surveys = CommunitySurvey.objects.filter(community=OuterRef("pk"), year=year)
    if state == "none":
        return communities.filter(~Exists(surveys))
    lacking = incomplete(facts)
    return communities.filter(Exists(surveys.filter(lacking if state == "partial" else ~lacking)))


def panel_of(community: Community, asked: int | None, actor: Actor, line: Sequence[Jurisdiction]) -> dict[str, Any]:
    """What the community's page shows of its surveys: the newest, or that of the year ``asked``; ``line``: its ancestors."""
    surveys, today = surveys_of(community), clock.today()
    survey = next((one for one in surveys if asked in (None, one.year)), surveys[0] if surveys else None)
    facts = facts_at(community.path, retired=True) if survey else []
    told = [one for one in facts if not one.is_retired or (survey and one.value_of(survey) is not None)]
    year = survey.year if survey else today.year
    return {
        "survey": survey,
        "years": [one.year for one in surveys],
        "groups": grouped([(one, one.words_for(one.value_of(survey) if survey else None)) for one in told]),
        "completeness": completeness_of(survey, facts, community.path),
        "this_year": today.year,
        "lacks_this_year": not any(one.year == today.year for one in surveys),
        "year": year,
        "may_survey": actor.can("survey_communities", community.path),
        "may_fill_this_year": not refused_year(community, today.year),
        "may_decide_urban": actor.can("survey_communities", community.path)
        and actor.jurisdiction == _lowest_above_streets(line),
    }


def district_of(community: Community) -> Jurisdiction | None:
    """Who decides what counts as urban: the district, in a branch without districts the next above the street."""
    return _lowest_above_streets(list(Jurisdiction.objects.ancestors_of(community.path)))


def _lowest_above_streets(line: Sequence[Jurisdiction]) -> Jurisdiction | None:
    return next((one for one in reversed(line) if one.level != Level.STREET), None)


def is_district_of(community: Community, actor: Actor) -> bool:
    return district_of(community) == actor.jurisdiction


@transaction.atomic
def set_counts_as_urban(
    community: Community, counts: bool, *, reason: str, actor: Actor, seen: bool | None = None
) -> Community:
    """Decide whether the community counts as urban, with a reason that stays in the history; twice has one effect.

    ``seen``: what the form showed. A confirmed baseline stays what it is.
    """
    require(actor, "survey_communities", community.path)
    if not is_district_of(community, actor):
        raise PermissionDenied(f"是否计入城市社区由{district_of(community)}确定。")
    locked = Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    reason = reason.strip()
    if (locked.counts_as_urban, locked.urban_reason) == (counts, reason):
        return locked
    if seen is not None and locked.counts_as_urban != seen:
        now = "计入" if locked.counts_as_urban else "不计入"
        raise StaleForm(f"{locked}刚刚被改为{now}，您的修改没有保存。请核对后再改。")
    if not reason:
        raise InvalidInput("请填写理由，例如：已实现物业管理的建成区社区；以农业人口为主，尚未建成。")
    if len(reason) > 200:
        raise InvalidInput(f"理由有 {len(reason)} 字，超过 200 字，请缩短。")
    locked.counts_as_urban, locked.urban_reason = counts, reason
    locked.save(update_fields=["counts_as_urban", "urban_reason"])
    return locked
