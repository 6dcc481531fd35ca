"""One change of a campaign: by its issuer, noticed by whoever changes the same part, after the opening with a reason and kept."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NotRequired, TypedDict

from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.campaigns.checks import Remark, remarks_on
from apps.campaigns.entry_kinds import KINDS, kind_of
from apps.campaigns.issuing import require_issuer
from apps.campaigns.models import Campaign, CampaignChange, SectionDepartments, Target
from apps.campaigns.signals import campaign_changed
from apps.campaigns.telling import Part, Words, difference, told, version_of
from apps.campaigns.turns import change_alone
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError, stale

Kind = CampaignChange.Kind

_ROWS: dict[str, type[Any]] = {
    "targets": Target,
    "departments": SectionDepartments,
    **{kind.part: kind.model for kind in KINDS.values()},
}


class MissingReason(InvalidInput):
    """A change of an opened campaign without its reason."""


class Ground(TypedDict):
    """What a change of a part goes by: who, the version that the form showed; of an opened campaign why, and by which document."""

    actor: Actor
    seen: str
    reason: NotRequired[str]
    document_number: NotRequired[str]


@contextmanager
def changing(
    campaign: Campaign,
    part: Part,
    *,
    actor: Actor,
    seen: str | None = None,
    reason: str = "",
    document_number: str = "",
    allows: Callable[[Actor, Campaign], None] = require_issuer,
) -> Iterator[Campaign]:
    """Change a part of a campaign inside the block, which is given the locked row.

    ``seen`` is the version that the form showed, None for what is set without regard to what was; ``allows`` refuses whom the
    part is not for.

    What leaves everything as it is has no effect. StaleForm where somebody else changed the same part since. Of an opened
    campaign a change has a reason, is kept (行动调整), and breaks nothing that had to be right for the opening.
    """
    with transaction.atomic():
        locked = lock(campaign, actor=actor, allows=allows)
        if locked.status == Campaign.Status.CLOSED:
            raise TransitionError(closed(locked))
        before, version = told(locked, part), version_of(locked, part)
        wrong = {} if locked.is_draft else obstacles(locked, part)
        yield locked
        if version_of(locked, part) == version:
            return
        if seen is not None and version != seen:
            raise stale(seen, _changed(locked, part))
        if locked.is_draft:
            return
        check_obstacles(locked, part, wrong)
        after, number = told(locked, part), document_number
        keep_change(locked, Kind(_name_of(part)), before, after, actor=actor, reason=reason, document_number=number)


def lock(campaign: Campaign, *, actor: Actor, allows: Callable[[Actor, Campaign], None] = require_issuer) -> Campaign:
    """The row as it stands now, locked, while nobody works under it; for its issuer only."""
    allows(actor, campaign)
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
        raise MissingReason("行动已经开展，请填写调整理由。")
    was, now = difference(before, after)
    change = CampaignChange.objects.create(
        campaign=campaign,
        kind=kind,
        was=was,
        now=now,
        reason=reason.strip(),
        document_number=document_number.strip(),
        changed_at=clock.now(),
        changed_by=actor.user,
    )
    campaign_changed.send(sender=CampaignChange, row=change)
    return change


def keep_if_opened(
    campaign: Campaign,
    kind: Kind,
    before: Words,
    after: Words,
    *,
    actor: Actor,
    reason: str,
    document_number: str = "",
) -> CampaignChange | None:
    """Keep a change of what has a verb of its own; nobody below has seen a draft yet."""
    if campaign.is_draft:
        return None
    return keep_change(campaign, kind, before, after, actor=actor, reason=reason, document_number=document_number)


def obstacles(campaign: Campaign, part: Part) -> dict[str, Remark]:
    """What would keep the campaign from being opened; targets of years that are new are set once there are those years."""
    found = [one for one in remarks_on(campaign, _name_of(part)) if one.blocks]
    return {one.sign: one for one in found if not (part == "years" and one.part == "targets")}


def check_obstacles(campaign: Campaign, part: Part, before: Mapping[str, Remark]) -> None:
    """InvalidInput where a change of an opened campaign brought an obstacle in, or made one worse that was there ``before``."""
    now = obstacles(campaign, part)
    new = [str(one) for sign, one in now.items() if sign not in before or one.gap > before[sign].gap]
    if new:
        raise InvalidInput(f"不能这样调整：{'；'.join(sorted(new))}。")


def _changed(campaign: Campaign, part: Part) -> str:
    who = _last_hand(campaign, part)
    return f"{who} 改动了这部分内容，您看到的已不是最新的。您填写的内容还在，请对照后再保存。"


def _name_of(part: Part) -> str:
    return part if isinstance(part, str) else kind_of(part).part


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
