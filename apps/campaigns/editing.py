"""Verbs on what a campaign holds: its head, its review chain, its departments, its targets."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Unpack

from apps.campaigns.changeover import move_departments
from apps.campaigns.changing import Ground, changing
from apps.campaigns.issuing import HEAD_FIELDS, check_head, store_with_code
from apps.campaigns.models import EVALUATION_SECTIONS, Campaign, Participation, SectionDepartments, Target
from apps.campaigns.targets import replace_target, take_turns
from apps.core.errors import InvalidInput
from apps.jurisdictions.models import Level
from apps.standards.models import Section

Stage = Participation.Stage
# What an opened campaign may still be called; years, standard and parent have verbs of their own, or stay.
OPEN_HEAD_FIELDS = ("name", "document_title", "document_number", "issued_on", "summary_note")
MOST_SECTIONS, LONGEST_GRADE = 12, 20
_UNDER_WAY = (Stage.DRAFTING, Stage.IN_REVIEW, Stage.RETURNED)
# Year, kind: value, upper end.
Targets = Mapping[tuple[int, str], tuple[Decimal, Decimal | None]]


def change_head(campaign: Campaign, values: Mapping[str, Any], **ground: Unpack[Ground]) -> Campaign:
    """Change name, document and note; of a draft also years (with its code), parent and standard; its sections keep departments."""
    with changing(campaign, "head", **ground) as locked:
        names = HEAD_FIELDS if locked.is_draft else OPEN_HEAD_FIELDS
        before, years = locked.standard, locked.years
        for name in names:
            if name in values:
                setattr(locked, name, values[name])
        if locked.is_draft:
            check_head(locked.jurisdiction, {name: getattr(locked, name) for name in HEAD_FIELDS})
            if locked.standard != before:
                chosen, locked.standard = locked.standard, before
                move_departments(locked, chosen)
                locked.standard = chosen
        if locked.years == years:
            locked.save(update_fields=list(names))
        else:
            store_with_code(locked)
    return locked


def change_chain(campaign: Campaign, levels: Sequence[str], **ground: Unpack[Ground]) -> Campaign:
    """Set which levels an assessment passes; the street submits, the last one recognises.

    Not while assessments are under way: whose turn it is was decided by the chain. Levels that decided on some that are over
    stay in it: those hold them, and answer for what becomes of them.
    """
    chain = [level for level in reversed(Level.values) if level in {*levels, Level.STREET}]
    if len(chain) < 2:
        raise InvalidInput("至少选一级审核单位：填报的单位不能认定自己。")
    with changing(campaign, "chain", **ground) as locked:
        if chain != locked.review_chain and not locked.is_draft:
            _check_chain(locked, chain)
        locked.review_chain = chain
        locked.save(update_fields=["review_chain"])
    return locked


def _check_chain(campaign: Campaign, chain: Sequence[str]) -> None:
    begun = Participation.objects.filter(campaign=campaign).exclude(stage=Stage.PLANNED)
    if running := begun.going_on().filter(stage__in=_UNDER_WAY).count():
        raise InvalidInput(
            f"还有 {running} 个社区的自评正在填报、审核或退回修改，审核层级现在不能改。请等这些自评办结。"
        )
    lost = [str(Level(level).label) for level in campaign.review_chain if level not in chain]
    if lost and (over := begun.count()):
        raise InvalidInput(
            f"已有 {over} 个社区的自评按现在的审核层级办结，不能去掉{'、'.join(lost)}。"
            "可以增加层级；要改用更少层级的，请另建创建行动。"
        )


def change_departments(
    campaign: Campaign,
    lead: Sequence[str],
    by_section: Mapping[int, Sequence[str]],
    **ground: Unpack[Ground],
) -> Campaign:
    """Set the departments that carry the campaign, and who guides which section of its standard; may be done at any time."""
    with changing(campaign, "departments", **ground) as locked:
        known = set(Section.objects.filter(standard=locked.standard_id).values_list("number", flat=True))
        if strange := sorted(set(by_section) - known):
            raise InvalidInput(f"标准没有第 {strange[0]} 项内容，请刷新后重新填写。")
        locked.lead_departments = list(lead)
        locked.save(update_fields=["lead_departments"])
        wanted = {number: list(names) for number, names in by_section.items() if names}
        locked.section_departments.exclude(section_number__in=wanted).delete()
        for number, names in wanted.items():
            SectionDepartments.objects.update_or_create(
                campaign=locked, section_number=number, defaults={"departments": names}
            )
    return locked


def change_evaluation(
    campaign: Campaign,
    sections: Sequence[str],
    grades: Sequence[str],
    points: int | None,
    **ground: Unpack[Ground],
) -> Campaign:
    """Set what annual evaluations consist of, and with which grades and out of how many points they are approved.

    Evaluations that are drafted already get what is added; sections that were written stay. Approved ones keep theirs.
    """
    with changing(campaign, "evaluation", **ground) as locked:
        if len(sections) > MOST_SECTIONS:
            raise InvalidInput(f"年度总结评估内容有 {len(sections)} 项，最多 {MOST_SECTIONS} 项，请合并。")
        if long := next((one for one in grades if len(one) > LONGEST_GRADE), None):
            raise InvalidInput(f"评估等次“{long}”过长，不超过 {LONGEST_GRADE} 个字。")
        usual = list(sections) == list(EVALUATION_SECTIONS)
        locked.evaluation_sections = [] if usual else list(sections)
        locked.evaluation_grades, locked.evaluation_points = list(grades), points
        locked.save(update_fields=["evaluation_sections", "evaluation_grades", "evaluation_points"])
    return locked


def change_targets(campaign: Campaign, targets: Targets, **ground: Unpack[Ground]) -> Campaign:
    """Set what the issuer's own jurisdiction must reach, and with it all below: percent by year, pilots per street by year.

    Not above what a jurisdiction below has set for itself; number targets stay as they are.
    """
    with changing(campaign, "targets", **ground) as locked:
        take_turns(locked)
        kinds = (Target.Kind.PERCENT, Target.Kind.PILOTS_PER_STREET)
        rows = Target.objects.filter(campaign=locked, jurisdiction=locked.jurisdiction, kind__in=kinds)
        held = {(one.year, one.kind): one for one in rows.select_related("jurisdiction", "issued_by", "campaign")}
        for key in held.keys() - targets.keys():
            replace_target(held[key], None, by=locked.jurisdiction)
        for key, (value, upper) in sorted(targets.items()):
            standing = held.get(key)
            if standing is None or (standing.value, standing.upper) != (value, upper):
                asked = _target(locked, key, value, upper, ground.get("document_number", ""))
                replace_target(standing, asked, by=locked.jurisdiction)
    return locked


def _target(
    campaign: Campaign, key: tuple[int, str], value: Decimal, upper: Decimal | None, document_number: str
) -> Target:
    year, kind = key
    if year not in campaign.years:
        raise InvalidInput(
            f"{year} 年不在行动年度（{campaign.first_year}–{campaign.last_year}）内，请清空这一年的目标。"
        )
    return Target(
        campaign=campaign,
        jurisdiction=campaign.jurisdiction,
        year=year,
        kind=kind,
        value=value,
        upper=upper,
        document_number=document_number or campaign.document_number,
        issued_by=campaign.jurisdiction,
    )
