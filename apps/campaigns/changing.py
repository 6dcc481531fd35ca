"""One change of a campaign: by its issuer, noticed by whoever changes the same part, after the opening with a reason and kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.campaigns.checks import remarks_on
from apps.campaigns.issuing import require_issuer
from apps.campaigns.models import Campaign, CampaignChange, Milestone, Phase, SectionDepartments, Target
from apps.campaigns.telling import Part, Words, difference, told, version_of
from apps.campaigns.turns import change_alone
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError

Kind = CampaignChange.Kind

_ROWS: dict[str, type[Any]] = {
    "targets": Target,
    "phases": Phase,
    "milestones": Milestone,
    "departments": SectionDepartments,
}


@contextmanager
def changing(
    campaign: Campaign, part: Part, *, actor: Actor, seen: str, reason: str = "", document_number: str = ""
) -> Iterator[Campaign]:
    """Change a part of a campaign inside the block, which is given the locked row; ``seen`` is the version the form showed.

    What leaves everything as it is has no effect. StaleForm where somebody else changed the same part since. Of an opened
    campaign a change has a reason, is kept (行动调整), and breaks nothing that had to be right for the opening.
    """
    with transaction.atomic():
        locked = lock(campaign, actor=actor)
        if locked.status == Campaign.Status.CLOSED:
            raise TransitionError(closed(locked))
        before, version = told(locked, part), version_of(locked, part)
        wrong = set() if locked.is_draft else _obstacles(locked, part)
        yield locked
        after = told(locked, part)
        if after == before:
            return
        if version != seen:
            raise StaleForm(_stale(locked, part))
        if locked.is_draft:
            return
        if new := _obstacles(locked, part) - wrong:
            raise InvalidInput(f"不能这样调整：{'；'.join(sorted(new))}。")
        keep_change(locked, _kind_of(part), before, after, actor=actor, reason=reason, document_number=document_number)


def lock(campaign: Campaign, *, actor: Actor) -> Campaign:
    """The row as it stands now, locked, while nobody works under it; for its issuer only."""
    require_issuer(actor, campaign)
    change_alone(campaign)
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("jurisdiction", "standard", "parent")
    locked = rows.filter(pk=campaign.pk).first()
    if locked is None:
        raise TransitionError(f"“{campaign}”已被删除。请回到创建行动列表核对。")
    return locked


def closed(campaign: Campaign) -> str:
    """Why a closed campaign is not changed: by whom and when it was closed, and the way out."""
    last = campaign.changes.filter(kind=Kind.CLOSED).select_related("changed_by").first()
    by = f"由{last.changed_by} 于 {timezone.localtime(last.changed_at):%Y-%m-%d} " if last else ""
    return f"“{campaign}”已{by}结束，不能再调整。要调整，请先重新开展。"


def keep_change(
    campaign: Campaign, kind: Kind, before: Words, after: Words, *, actor: Actor, reason: str, document_number: str = ""
) -> CampaignChange:
    """Keep what was changed of an opened campaign, in words, and why."""
    if kind != Kind.OPENED and not reason.strip():
        raise InvalidInput("行动已经开展，请填写调整理由。")
    was, now = difference(before, after)
    return CampaignChange.objects.create(
        campaign=campaign,
        kind=kind,
        was=was,
        now=now,
        reason=reason.strip(),
        document_number=document_number.strip(),
        changed_at=clock.now(),
        changed_by=actor.user,
    )


def keep_if_opened(
    campaign: Campaign, kind: Kind, before: Words, after: Words, *, actor: Actor, reason: str
) -> CampaignChange | None:
    """Keep a change of what has a verb of its own; nobody below has seen a draft yet."""
    return None if campaign.is_draft else keep_change(campaign, kind, before, after, actor=actor, reason=reason)


def _obstacles(campaign: Campaign, part: Part) -> set[str]:
    """What would keep the campaign from being opened; targets of years that are new are set once there are those years."""
    return {str(one) for one in remarks_on(campaign) if one.blocks and not (part == "years" and one.part == "targets")}


def _stale(campaign: Campaign, part: Part) -> str:
    who = _last_hand(campaign, part)
    return f"{who} 改动了这部分内容，您看到的已不是最新的。您填写的内容还在，请对照后再保存。"


def _kind_of(part: Part) -> Kind:
    if isinstance(part, Phase):
        return Kind.PHASES
    return Kind.MILESTONES if isinstance(part, Milestone) else Kind(part)


def _last_hand(campaign: Campaign, part: Part) -> str:
    """Who changed the part last, and when, as far as the history says."""
    model = type(part) if not isinstance(part, str) else _ROWS.get(part, Campaign)
    events = model.pgh_event_model.objects  # type: ignore[union-attr]
    if isinstance(part, str) and model is not Campaign:
        rows = events.filter(campaign_id=campaign.pk)
    else:
        rows = events.filter(pgh_obj_id=campaign.pk if isinstance(part, str) else part.pk)
    last = rows.order_by("-pgh_id").first()
    if last is None:
        return "有人"
    at = timezone.localtime(clock.shown(last.pgh_created_at))
    return f"{(last.pgh_context or {}).get('name') or '有人'} {at:%m-%d %H:%M}"
