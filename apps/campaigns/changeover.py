"""A campaign goes over to a newer standard. Self-assessments that have begun keep the one that they began with."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from apps.accounts.permissions import Actor, require
from apps.campaigns.changing import changing
from apps.campaigns.models import Campaign, SectionDepartments
from apps.core.errors import InvalidInput
from apps.jurisdictions.models import paths_down_to
from apps.standards.models import Section, Standard

_VERBS = ("manage_campaign", "publish_standards")


@dataclass(frozen=True)
class Changeover:
    """What going over did: departments whose section the new standard does not have lost their place."""

    standard: Standard
    dropped_departments: list[str]


def may_change_standard(actor: Actor, campaign: Campaign) -> bool:
    """Whether the person decides by which standard the campaign goes: its issuer's people."""
    return actor.jurisdiction == campaign.jurisdiction and any(actor.can(verb) for verb in _VERBS)


def newer_standards(campaign: Campaign) -> list[Standard]:
    """Published standards that the campaign may go over to, newest first.

    They replace the present one, or are derived from it, through any number of versions and derivations; issued by the
    campaign's jurisdiction or one above.
    """
    line = paths_down_to(campaign.jurisdiction.path)
    rows = Standard.objects.published().filter(path__in=line).select_related("jurisdiction")
    found: dict[int, Standard] = {}
    before = {campaign.standard_id}
    while before:
        after = rows.filter(Q(replaces__in=before) | Q(derived_from__in=before)).exclude(pk__in=found)
        before = {one.pk for one in after} - {campaign.standard_id}
        found |= {one.pk: one for one in after if one.pk in before}
    return sorted(found.values(), key=lambda one: (len(one.path), one.version, one.pk), reverse=True)


def comes_after(standard: Standard, earlier: Standard) -> bool:
    """Whether a standard replaces ``earlier`` or is derived from it, through any number of steps."""
    before = {one for one in (standard.replaces, standard.derived_from) if one is not None}
    return earlier in before or any(comes_after(one, earlier) for one in before)


def change_standard(campaign: Campaign, standard: Standard, *, actor: Actor, reason: str = "") -> Changeover:
    """Let self-assessments that begin from now on go by ``standard``, for a reason; those begun already keep theirs.

    Departments follow their section by its title; one whose title is gone hands them to a new title with its number. Doing it
    twice has one effect.
    """
    dropped: list[str] = []
    with changing(campaign, "standard", actor=actor, reason=reason, allows=_require_changer) as locked:
        if locked.standard_id != standard.pk:
            _check_newer(locked, standard)
            dropped = move_departments(locked, standard)
            locked.standard = standard
            locked.save(update_fields=["standard"])
    return Changeover(standard, dropped)


def _require_changer(actor: Actor, campaign: Campaign) -> None:
    if not may_change_standard(actor, campaign):
        if not any(actor.can(verb) for verb in _VERBS):
            require(actor, _VERBS[0])
        raise PermissionDenied(f"“{campaign}”由{campaign.jurisdiction}发起，改用标准由{campaign.jurisdiction}办理。")


def _check_newer(campaign: Campaign, standard: Standard) -> None:
    if standard.pk not in {one.pk for one in newer_standards(campaign)}:
        raise InvalidInput(
            f"“{standard}”不是现行标准“{campaign.standard}”的新版本，也不依据它，或者还没有发布，不能改用。"
        )


def move_departments(campaign: Campaign, standard: Standard) -> list[str]:
    """Let the departments follow their sections into ``standard``; return the titles of those that lost theirs."""
    before = dict(Section.objects.filter(standard=campaign.standard_id).values_list("number", "title"))
    after = dict(Section.objects.filter(standard=standard).values_list("number", "title"))
    numbers = {title: number for number, title in after.items()}
    unclaimed = {number for number, title in after.items() if title not in before.values()}
    held = {one.section_number: one.departments for one in campaign.section_departments.order_by("section_number")}
    kept: dict[int, list[str]] = {}
    dropped = []
    for old, departments in held.items():
        title = before.get(old, "")
        number = numbers.get(title, old if old in unclaimed else None)
        if number is not None and number not in kept:
            kept[number] = departments
        else:
            dropped.append(title or str(old))
    if kept != held:
        campaign.section_departments.all().delete()
        for number, departments in kept.items():
            SectionDepartments.objects.create(campaign=campaign, section_number=number, departments=departments)
    return dropped
