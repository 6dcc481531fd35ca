"""The parts of a campaign in words, as a change is told in them, and the version of a part that a form shows."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import chain

from apps.campaigns.models import Campaign, Milestone, Phase, Target
from apps.campaigns.overview import chain_in_words
from apps.campaigns.target_grid import shown_value
from apps.standards.models import Section

Part = str | Phase | Milestone
Words = dict[str, str]

_NOTHING = "（空）"
_MOST_DATES = 6


def told(campaign: Campaign, part: Part) -> Words:
    """What the database holds of a part now: label and value of everything in it.

    ``part`` is one of ``PARTS`` or a single phase or milestone; '' tells all of the campaign.
    """
    if isinstance(part, Phase):
        return dict(map(_phase, Phase.objects.filter(pk=part.pk)))
    if isinstance(part, Milestone):
        return dict(map(_milestone, Milestone.objects.filter(pk=part.pk)))
    if not part:
        return dict(chain.from_iterable(tell(campaign).items() for tell in PARTS.values()))
    return PARTS[part](campaign)


def version_of(campaign: Campaign, part: Part = "") -> str:
    """A short sign that is another one as soon as anything in the part is."""
    return _sign(told(campaign, part))


def version_of_row(entry: Phase | Milestone) -> str:
    """What ``version_of`` gives for a phase or milestone that has just been read."""
    return _sign(dict([_phase(entry) if isinstance(entry, Phase) else _milestone(entry)]))


def difference(before: Words, after: Words) -> tuple[str, str]:
    """What was and what is, one line each, of whatever differs."""
    labels = [label for label in {**before, **after} if before.get(label) != after.get(label)]
    lines = [[f"{label}：{words[label]}" for label in labels if label in words] for words in (before, after)]
    return "\n".join(lines[0]), "\n".join(lines[1])


def _sign(words: Words) -> str:
    return hashlib.sha256(repr(sorted(words.items())).encode()).hexdigest()[:16]


def _head(campaign: Campaign) -> Words:
    return {
        "行动代码": campaign.code,
        "名称": campaign.name,
        "文件名称": campaign.document_title or _NOTHING,
        "文号": campaign.document_number or _NOTHING,
        "印发日期": _day(campaign.issued_on),
        **_years(campaign),
        "上级行动": campaign.parent.name if campaign.parent else _NOTHING,
        "创建标准": f"{campaign.standard.name}第 {campaign.standard.version} 版",
        "附件2 注": campaign.summary_note or _NOTHING,
    }


def _years(campaign: Campaign) -> Words:
    return {"年度": f"{campaign.first_year}–{campaign.last_year}"}


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
    rows = Target.objects.filter(campaign=campaign, jurisdiction=campaign.jurisdiction_id).order_by("year", "kind")
    return {f"{one.year} 年{one.get_kind_display()}": shown_value(one) for one in rows}


def _phases(campaign: Campaign) -> Words:
    return dict(map(_phase, campaign.phases.order_by("number")))


def _milestones(campaign: Campaign) -> Words:
    return dict(map(_milestone, campaign.milestones.order_by("number")))


def _phase(one: Phase) -> tuple[str, str]:
    return f"阶段 {one.number}", f"{one.title}，{_day(one.starts_on)} 至 {_day(one.ends_on)}"


def _milestone(one: Milestone) -> tuple[str, str]:
    facts = [one.title, f"{one.get_level_display()}报送", one.get_kind_display(), one.get_recurrence_display()]
    facts.append(dates_in_words(one.dates))
    if one.required_parts:
        facts.append(f"应含{'、'.join(one.required_parts)}")
    if one.source:
        facts.append(f"依据{one.source}")
    return f"里程碑 {one.number}", "，".join(facts)


def dates_in_words(dates: Sequence[date]) -> str:
    """Due dates in one line: all where they are few, else the first, the last and how many."""
    if not dates:
        return "没有期限"
    if len(dates) <= _MOST_DATES:
        return "、".join(day.isoformat() for day in dates)
    return f"{dates[0]} 至 {dates[-1]}，共 {len(dates)} 次"


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
}
