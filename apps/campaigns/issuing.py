"""Verbs that begin or give up a campaign: from nothing, or from one that stands, moved to other years."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from apps.accounts.permissions import Actor, require
from apps.campaigns.copying import COPIED, copy_parts
from apps.campaigns.models import Campaign
from apps.campaigns.telling import told
from apps.core.errors import InvalidInput, TransitionError
from apps.core.turns import take_turn
from apps.jurisdictions.models import Jurisdiction, Level, paths_down_to
from apps.standards.models import Standard

HEAD_FIELDS = (
    *("name", "document_title", "document_number", "issued_on"),
    *("first_year", "last_year", "parent", "standard", "summary_note"),
)
_MOST_TRIES = 50
_OTHER_NAME = "请在创建行动列表打开那份草稿修改，或换一个名称。"
_MOST_YEARS = 10


def may_issue(actor: Actor) -> bool:
    """Whether the person makes campaigns of the jurisdiction they act in; streets carry out those of others."""
    return actor.jurisdiction.level != Level.STREET and actor.can("manage_campaign")


def is_issuer(actor: Actor, campaign: Campaign) -> bool:
    """Whether the person decides on this campaign: those above and below its issuer only read it."""
    return actor.jurisdiction.pk == campaign.jurisdiction_id and may_issue(actor)


def require_issuer(actor: Actor, campaign: Campaign) -> None:
    """PermissionDenied unless the person decides on this campaign."""
    if not is_issuer(actor, campaign):
        require(actor, "manage_campaign")
        raise PermissionDenied(f"“{campaign}”由{campaign.jurisdiction}发起，由{campaign.jurisdiction}的管理员办理。")


def require_maker(actor: Actor) -> None:
    """PermissionDenied unless the person may begin a campaign of their jurisdiction."""
    require(actor, "manage_campaign")
    if not may_issue(actor):
        raise PermissionDenied("乡镇、街道不发起创建行动，创建行动由县级及以上发起。")


def standards_for(unit: Jurisdiction) -> QuerySet[Standard]:
    """Published standards that a campaign of the jurisdiction may go by: its own and those above, newest versions."""
    newest = Standard.objects.published().exclude(replaced_by__status=Standard.Status.PUBLISHED)
    return newest.filter(path__in=paths_down_to(unit.path)).select_related("jurisdiction").order_by("-path", "-pk")


def parents_for(unit: Jurisdiction) -> QuerySet[Campaign]:
    """Campaigns that one of the jurisdiction may carry out: those issued above it, the nearest and latest first."""
    above = Campaign.objects.issued().filter(path__in=paths_down_to(unit.path)[:-1])
    return above.select_related("jurisdiction").order_by("-path", "-first_year")


def sources_for(unit: Jurisdiction) -> QuerySet[Campaign]:
    """Campaigns that one of the jurisdiction may be copied from: its own and those above."""
    issued = Q(path__in=paths_down_to(unit.path)[:-1]) & ~Q(status=Campaign.Status.DRAFT)
    found = Campaign.objects.filter(issued | Q(jurisdiction=unit)).select_related("jurisdiction")
    return found.order_by("-path", "-first_year")


def usual_chain(unit: Jurisdiction) -> list[str]:
    """The levels from the street up to the jurisdiction's own, as a campaign begins with."""
    return [level for level in reversed(Level.values) if Level(level).depth >= unit.level_type.depth]


@transaction.atomic
def create_campaign(values: Mapping[str, Any], *, actor: Actor) -> Campaign:
    """Begin a draft from nothing: name, years and standard, and the usual review chain up to the issuer's own level.

    The same twice leads to the draft that the first time made; InvalidInput where one of that name and years is another one.
    """
    require_maker(actor)
    unit = actor.jurisdiction
    _take_turns(unit)
    fields = {name: values[name] for name in HEAD_FIELDS if name in values}
    check_head(unit, fields)
    return _same_draft(unit, fields) or _create(unit, review_chain=usual_chain(unit), **fields)


@transaction.atomic
def copy_campaign(source: Campaign, values: Mapping[str, Any], *, actor: Actor, with_targets: bool = False) -> Campaign:
    """Begin a draft from a campaign that one sees, with everything moved by the years between the two first years.

    The document is the next one's and stays open. ``values``: name, first and last year. What it carries out is the ancestor's
    campaign that it is copied from, or what the copied one carries out, as far as that holds the new years.

    The same twice leads to the draft that the first time made; InvalidInput where one of that name and years is another one.
    """
    require_maker(actor)
    unit = actor.jurisdiction
    if not sources_for(unit).filter(pk=source.pk).exists():
        raise InvalidInput(f"不能沿用“{source}”：只能沿用本级的和上级已开展的创建行动。")
    _take_turns(unit)
    is_own = source.jurisdiction_id == unit.pk
    fields = {name: values[name] for name in ("name", "first_year", "last_year")}
    fields |= {"standard": source.standard, "document_title": source.document_title if is_own else ""}
    fields |= {"parent": _parent_within(source.parent if is_own else source, fields)}
    check_head(unit, fields)
    rules = (
        *("summary_note", "needs_second_approval", "notice_working_days", "publishes_list", "lead_departments"),
        *("evaluation_sections", "evaluation_grades", "evaluation_points"),
        *("reminder_days_before", "reminder_days_after"),
    )
    chain = [level for level in source.review_chain if Level(level).depth >= unit.level_type.depth]
    fields |= {name: getattr(source, name) for name in rules}
    fields |= {"review_chain": chain if len(chain) > 1 else usual_chain(unit)}
    before = _same_draft(unit, fields)
    with transaction.atomic():
        made = _create(unit, **fields)
        copy_parts(source, made, with_targets=with_targets)
        if before is None:
            return made
        is_same = all(told(before, part) == told(made, part) for part in COPIED)
        transaction.set_rollback(True)
    if not is_same:
        raise InvalidInput(f"已有同名、同年度的草稿“{before}”，内容与这次沿用的不同，没有另建。{_OTHER_NAME}")
    return before


@transaction.atomic
def delete_draft(campaign: Campaign, *, actor: Actor) -> None:
    """Delete a draft with all its parts; doing it twice has one effect."""
    require_issuer(actor, campaign)
    locked = Campaign.objects.select_for_update().filter(pk=campaign.pk).first()
    if locked is None:
        return
    if not locked.is_draft:
        raise TransitionError(f"“{locked}”{locked.get_status_display()}，不能删除；不再进行的，可以结束。")
    if below := locked.children.first():
        raise TransitionError(f"“{below}”以“{locked}”为上级行动，不能删除。")
    locked.delete()


def check_head(unit: Jurisdiction, fields: Mapping[str, Any]) -> None:
    """InvalidInput where the years, the standard or the parent cannot be those of a campaign of ``unit``."""
    first, last = fields["first_year"], fields["last_year"]
    if last < first:
        raise InvalidInput(f"结束年度 {last} 早于起始年度 {first}，请改正。")
    if last - first >= _MOST_YEARS:
        raise InvalidInput(f"{first}–{last} 年超过 {_MOST_YEARS} 年，请核对年度；之后的年度可以另建创建行动。")
    line = paths_down_to(unit.path)
    standard: Standard = fields["standard"]
    if standard.status != Standard.Status.PUBLISHED or standard.path not in line:
        raise InvalidInput(f"不能选用“{standard}”：只能选用本级或上级已发布的标准。")
    parent: Campaign | None = fields.get("parent")
    if parent is not None and (parent.is_draft or parent.path not in line[:-1]):
        raise InvalidInput(f"“{parent}”不是上级已开展的创建行动，不能作为上级行动。")


def _same_draft(unit: Jurisdiction, fields: Mapping[str, Any]) -> Campaign | None:
    """The draft of the same name and years, if any; InvalidInput where something else of it is not as asked."""
    same = {name: fields[name] for name in ("name", "first_year", "last_year")}
    found = Campaign.objects.filter(jurisdiction=unit, status=Campaign.Status.DRAFT, **same)
    before = found.select_related("standard", "parent").first()
    if before is None:
        return None
    asked = [one for one in Campaign._meta.fields if one.name in fields]
    if other := "、".join(str(one.verbose_name) for one in asked if getattr(before, one.name) != fields[one.name]):
        raise InvalidInput(f"已有同名、同年度的草稿“{before}”，它的{other}与这次填的不同，没有另建。{_OTHER_NAME}")
    return before


def _parent_within(parent: Campaign | None, fields: Mapping[str, Any]) -> Campaign | None:
    if parent is None or parent.is_draft:
        return None
    holds = parent.first_year <= fields["first_year"] and fields["last_year"] <= parent.last_year
    return parent if holds else None


def _take_turns(unit: Jurisdiction) -> None:
    """Let those who begin campaigns of one jurisdiction follow each other, so that a form sent twice makes one draft."""
    take_turn("campaigns.issuing", unit.pk)


def _codes_of(unit: Jurisdiction, first: int, last: int) -> Iterator[str]:
    """The jurisdiction's code without idle zeros and the years; then with a number, as others may hold it out of sight."""
    stem = f"{re.sub(r'(00)+$', '', unit.key) or '0'}-{first}-{last}"
    yield from (stem, *(f"{stem}-{number}" for number in range(2, _MOST_TRIES)))


def store_with_code(campaign: Campaign) -> None:
    """Write a new campaign, or a draft whose years have changed, with the first code of its years that is free.

    The code is not for people to choose: it is unique in the whole installation, and whoever chose one that is taken would be
    told of a campaign that they do not see.
    """
    for code in _codes_of(campaign.jurisdiction, campaign.first_year, campaign.last_year):
        campaign.code = code
        try:
            with transaction.atomic():
                campaign.save()
        except IntegrityError:
            continue
        return
    raise InvalidInput("同一年度的创建行动过多，没有可用的行动代码。请先删除不用的草稿。")


def _create(unit: Jurisdiction, **fields: Any) -> Campaign:
    made = Campaign(jurisdiction=unit, **fields)
    store_with_code(made)
    return made
