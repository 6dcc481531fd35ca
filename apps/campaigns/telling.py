"""The parts of a campaign in words, as a change is told in them, and the version of a part that a form shows."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from apps.campaigns.due_dates import rule_behind
from apps.campaigns.entry_kinds import MILESTONE, PHASE, kind_of
from apps.campaigns.models import Campaign, Milestone, Phase, Target
from apps.campaigns.overview import chain_in_words
from apps.standards.models import Section

Part = str | Phase | Milestone
Words = dict[str, str]

_NOTHING = "（空）"
_MOST_DATES = 6
_LAST_DAY = 31

# What is stored of a part, and signed: columns of the campaign, columns of its phases, milestones, targets and departments.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "head": (
        *("code", "name", "document_title", "document_number", "issued_on"),
        *("first_year", "last_year", "parent_id", "standard_id", "summary_note"),
    ),
    "years": ("first_year", "last_year"),
    "chain": ("review_chain",),
    "departments": ("lead_departments",),
    "rules": ("needs_second_approval", "notice_working_days", "publishes_list"),
    "reminders": ("reminder_days_before", "reminder_days_after"),
    "standard": ("standard_id",),
    "evaluation": ("evaluation_sections", "evaluation_grades", "evaluation_points"),
}


def told(campaign: Campaign, part: Part) -> Words:
    """What the database holds of a part now, one of ``PARTS`` or a single phase or milestone: label and value of everything."""
    if isinstance(part, Phase | Milestone):
        now = _now(part)
        return dict([_milestone(now) if isinstance(now, Milestone) else _phase(now)]) if now else {}
    return PARTS[part](campaign)


def version_of(campaign: Campaign, part: Part = "") -> str:
    """A short sign that is another one as soon as anything stored of the part is; '' stands for all of the campaign."""
    if isinstance(part, Phase | Milestone):
        now = _now(part)
        return version_of_row(now) if now else _sign(None)
    # Codes of drafts are given out again.
    return _sign([campaign.pk, *(_stored(campaign, one) for one in ([part] if part else PARTS))])


def version_of_row(entry: Phase | Milestone) -> str:
    """What ``version_of`` gives for a phase or milestone that has just been read."""
    return _sign([getattr(entry, name) for name in kind_of(entry).columns])


def difference(before: Words, after: Words) -> tuple[str, str]:
    """What was and what is, one line each, of whatever differs."""
    labels = [label for label in {**before, **after} if before.get(label) != after.get(label)]
    lines = [[f"{label}：{words[label]}" for label in labels if label in words] for words in (before, after)]
    return "\n".join(lines[0]), "\n".join(lines[1])


def _now(entry: Phase | Milestone) -> Phase | Milestone | None:
    """A phase or milestone as the database has it now."""
    found: Phase | Milestone | None = type(entry).objects.filter(pk=entry.pk).first()
    return found


def _stored(campaign: Campaign, part: str) -> list[Any]:
    own = [getattr(campaign, name) for name in _COLUMNS.get(part, ())]
    return [own, *map(list, _rows(campaign, part))]


def _rows(campaign: Campaign, part: str) -> Sequence[Any] | QuerySet[Any, Any]:
    match part:
        case "targets":
            return _own_targets(campaign).values_list("year", "kind", "value", "upper")
        case "phases":
            return campaign.phases.order_by("number").values_list(*PHASE.columns)
        case "milestones" | "years":
            return campaign.milestones.order_by("number").values_list(*MILESTONE.columns)
        case "departments":
            return campaign.section_departments.order_by("section_number").values_list("section_number", "departments")
    return []


def _sign(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:16]


def _head(campaign: Campaign) -> Words:
    return {
        "行动代码": campaign.code,
        "名称": campaign.name,
        "文件名称": campaign.document_title or _NOTHING,
        "文号": campaign.document_number or _NOTHING,
        "印发日期": _day(campaign.issued_on),
        **_years(campaign),
        "上级行动": campaign.parent.name if campaign.parent else _NOTHING,
        **_standard(campaign),
        "附件2 注": campaign.summary_note or _NOTHING,
    }


def _years(campaign: Campaign) -> Words:
    return {"年度": f"{campaign.first_year}–{campaign.last_year}"}


def _standard(campaign: Campaign) -> Words:
    return {"创建标准": f"{campaign.standard}第 {campaign.standard.version} 版"}


def _rules(campaign: Campaign) -> Words:
    days = campaign.notice_working_days
    return {
        "第二人复核": "须复核" if campaign.needs_second_approval else "不须复核",
        "认定前公示": f"{days} 个工作日" if days else "不要求",
        "认定名单": "向社会公布" if campaign.publishes_list else "不向社会公布",
    }


def _evaluation(campaign: Campaign) -> Words:
    points = campaign.evaluation_points
    return {
        "年度总结评估内容": _listed(campaign.sections_of_evaluation),
        "评估等次": _listed(campaign.evaluation_grades),
        "评估满分": f"{points} 分" if points else "不评分",
    }


def _reminders(campaign: Campaign) -> Words:
    before, after = campaign.reminder_days_before, campaign.reminder_days_after
    return {
        "到期前提醒": f"{'、'.join(map(str, before))} 天" if before else "不提醒",
        "逾期后提醒": f"{'、'.join(map(str, after))} 天" if after else "不提醒",
    }


def _chain(campaign: Campaign) -> Words:
    return {"审核层级": " → ".join(chain_in_words(campaign))}


def _departments(campaign: Campaign) -> Words:
    titles = dict(Section.objects.filter(standard=campaign.standard_id).values_list("number", "title"))
    rows = campaign.section_departments.order_by("section_number")
    return {"参与部门": _listed(campaign.lead_departments)} | {
        f"{one.section_number}. {titles.get(one.section_number, '标准中没有的内容')}": _listed(one.departments)
        for one in rows
    }


def _targets(campaign: Campaign) -> Words:
    return {f"{one.year} 年{one.get_kind_display()}": one.said for one in _own_targets(campaign)}


def _own_targets(campaign: Campaign) -> QuerySet[Target]:
    return Target.objects.filter(campaign=campaign, jurisdiction=campaign.jurisdiction_id).order_by("year", "kind")


def _phases(campaign: Campaign) -> Words:
    return dict(map(_phase, campaign.phases.order_by("number")))


def _milestones(campaign: Campaign) -> Words:
    return dict(map(_milestone, campaign.milestones.order_by("number")))


def _phase(one: Phase) -> tuple[str, str]:
    return f"阶段 {one.number}", f"{one.title}，{_day(one.starts_on)} 至 {_day(one.ends_on)}"


def _milestone(one: Milestone) -> tuple[str, str]:
    facts = [one.title, f"{one.get_level_display()}报送", one.get_kind_display(), one.get_recurrence_display()]
    facts.append(_dates(one))
    if one.required_parts:
        facts.append(f"应含{'、'.join(one.required_parts)}")
    if one.source:
        facts.append(f"依据{one.source}")
    return f"里程碑 {one.number}", "，".join(facts)


def _dates(one: Milestone) -> str:
    """The due dates in one line; where they are many and keep to a rule, by the rule."""
    rule = rule_behind(one.recurrence, one.dates) if len(one.dates) > _MOST_DATES else None
    if rule is None:
        return "、".join(day.isoformat() for day in one.dates) or "没有期限"
    day = "月末" if rule.day == _LAST_DAY else f"{rule.day} 日"
    return f"{one.dates[0]} 至 {one.dates[-1]}，{day}，共 {len(one.dates)} 次"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "未写明"


def _listed(names: Sequence[str]) -> str:
    return "、".join(names) or _NOTHING


PARTS: Mapping[str, Callable[[Campaign], Words]] = {
    "head": _head,
    "years": lambda campaign: _years(campaign) | _milestones(campaign),
    "chain": _chain,
    "targets": _targets,
    "phases": _phases,
    "milestones": _milestones,
    "departments": _departments,
    "rules": _rules,
    "reminders": _reminders,
    "standard": _standard,
    "evaluation": _evaluation,
}
