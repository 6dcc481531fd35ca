"""Verbs of good practice (经验做法) in the unit that sends it: draft, edit, discard, send, recall. Choosing is in ``choosing``."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.permissions import Actor, require
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.history import was_deleted
from apps.jurisdictions.models import Jurisdiction
from apps.practices.models import LONGEST_TEXT, LONGEST_TITLE, Practice, PracticeQuerySet
from apps.practices.signals import practice_recalled, practice_sent
from apps.standards.national import national_criteria

SEND = "send_practices"
Status = Practice.Status

# Where a practice may go from each status; a chosen one goes on to the next level, or comes back when nobody chooses it any more.
TRANSITIONS: dict[str, set[str]] = {
    Status.DRAFT: {Status.WAITING},
    Status.DECLINED: {Status.WAITING},
    Status.WAITING: {Status.DRAFT, Status.CHOSEN, Status.DECLINED},
    Status.CHOSEN: {Status.WAITING, Status.DECLINED},
}


@dataclass(frozen=True)
class Wording:
    """What a practice says. ``criteria``: ids of national criteria; ``origin``: whose practice it is, in words."""

    title: str
    text: str
    community: Community | None = None
    criteria: Collection[int] = ()
    origin: str = ""


def practices_for(actor: Actor) -> PracticeQuerySet:
    """The practices that an office sees: its own with the drafts, what units below have sent, what levels above have chosen."""
    seen = Q(jurisdiction=actor.jurisdiction) | ~Q(status=Status.DRAFT)
    return Practice.objects.filter(seen).select_related("jurisdiction__parent", "holder", "sent_in", "community")


@transaction.atomic
def draft_practice(
    *,
    actor: Actor,
    jurisdiction: Jurisdiction,
    title: str,
    text: str,
    community: Community | None = None,
    criteria: Collection[int] = (),
    origin: str = "",
) -> Practice:
    """Draft a practice of ``jurisdiction``, the actor's own, such as the experience that an annual evaluation tells of.

    ``origin`` names whose it is, by default the community or the unit; ``criteria`` are ids of national criteria. The same draft
    of the same person twice is kept once.
    """
    if jurisdiction != actor.jurisdiction:
        raise PermissionDenied(f"{jurisdiction}的经验做法由其自己报送，您所在的{actor.jurisdiction}不代为报送。")
    require(actor, SEND, jurisdiction.path)
    if jurisdiction.parent_id is None:
        raise InvalidInput(f"{jurisdiction}没有上级单位，不用报送经验做法。")
    wording = checked_wording(jurisdiction, Wording(title, text, community, criteria, origin))
    # The unit's row is the queue in which two clicks stand.
    Jurisdiction.objects.select_for_update().get(pk=jurisdiction.pk)
    mine = {"jurisdiction": jurisdiction, "created_by": actor.user, "title": wording.title, "text": wording.text}
    same = Practice.objects.filter(**mine, status=Status.DRAFT, version=1).first()
    if same is not None:
        return same
    rest = {"community": wording.community, "criteria": list(wording.criteria), "origin": wording.origin}
    return Practice.objects.create(**mine, **rest, created_at=clock.now())


@transaction.atomic
def edit_practice(practice: Practice, wording: Wording, *, actor: Actor, seen: int) -> Practice:
    """Change what was not sent yet, or came back; ``seen``: the version that the form showed."""
    locked = own_draft(practice, actor, "修改")
    if seen != locked.version:
        raise StaleForm("这份经验做法刚刚由同事改过，您的修改没有保存。请核对后再办理。")
    entered = checked_wording(locked.jurisdiction, wording)
    locked.title, locked.text, locked.community = entered.title, entered.text, entered.community
    locked.criteria, locked.origin = list(entered.criteria), entered.origin
    locked.version += 1
    locked.save()
    return locked


@transaction.atomic
def discard_practice(practice: Practice, *, actor: Actor) -> None:
    """Throw away what was never sent, its pictures with it; doing it twice has one effect."""
    _require_own(practice, actor)
    locked = Practice.objects.select_for_update(of=("self",)).filter(pk=practice.pk).first()
    if locked is None:
        return
    if not locked.is_draft or locked.round:
        raise TransitionError(f"“{locked}”已经报送过，不能删除。")
    # The stored pictures go with the orphans of the night.
    locked.delete()


def was_discarded(pk: int, actor: Actor) -> bool:
    """Whether there was a draft of the actor's office with this id that is thrown away, for who may do that."""
    return actor.can(SEND) and was_deleted(Practice, pk, jurisdiction=actor.jurisdiction)


@transaction.atomic
def send_practice(practice: Practice, *, actor: Actor, seen: int) -> Practice:
    """Send a practice to the level above (报送). Twice has one effect. ``seen``: the version that the page showed."""
    _require_own(practice, actor)
    locked = locked_practice(practice)
    if locked.is_waiting and locked.sent_in_id == actor.jurisdiction.pk:
        return locked
    _require_editable(locked, "报送")
    if seen != locked.version:
        raise StaleForm("这份经验做法刚刚由同事改过，没有报送。请核对后再办理。")
    if not locked.text:
        raise InvalidInput("还没有报送：请填写做法内容。")
    return pass_on(locked, actor)


@transaction.atomic
def recall_practice(practice: Practice, *, actor: Actor, seen: int) -> Practice:
    """Take back what the next level has not decided on (撤回), by the office that sent it. Twice has one effect.
    ``seen``: the sending that the page showed."""
    if practice.sent_in_id != actor.jurisdiction.pk:
        raise PermissionDenied(f"这份经验做法由{practice.sent_in or practice.jurisdiction}报送，由其撤回。")
    require(actor, SEND, practice.path)
    locked = locked_practice(practice)
    if not locked.is_waiting and locked.round == seen and locked.decided_at is None:
        return locked
    if not locked.is_waiting:
        raise TransitionError(f"“{locked}”{locked.get_status_display()}，不能撤回。")
    if seen != locked.round:
        raise StaleForm("后来又重新报送过，没有撤回。请核对后再办理。")
    locked.status = standing_status(locked, Status.DRAFT)
    locked.save()
    practice_recalled.send(sender=Practice, row=locked)
    return locked


def pass_on(practice: Practice, actor: Actor) -> Practice:
    """Put a locked practice before the level above the actor's."""
    above = actor.jurisdiction.parent
    if above is None:
        raise InvalidInput(f"{actor.jurisdiction}没有上级单位，不用报送。")
    practice.status, practice.holder, practice.sent_in = Status.WAITING, above, actor.jurisdiction
    practice.sent_at, practice.sent_by = clock.now(), actor.user
    practice.decided_at = practice.decided_by = None
    practice.decline_reason = ""
    practice.round += 1
    practice.save()
    practice_sent.send(sender=Practice, row=practice)
    return practice


def standing_status(practice: Practice, otherwise: str) -> str:
    """What a practice is when nobody has to decide on it: chosen while a choice stands."""
    return Status.CHOSEN if practice.choices.standing().exists() else otherwise


def locked_practice(practice: Practice) -> Practice:
    rows = Practice.objects.select_for_update(of=("self",)).select_related("jurisdiction", "holder", "sent_in")
    locked = rows.filter(pk=practice.pk).first()
    if locked is None:
        raise TransitionError(f"“{practice}”已被同事删除。")
    return locked


def own_draft(practice: Practice, actor: Actor, deed: str) -> Practice:
    """The practice, held for this transaction while its unit may change it."""
    _require_own(practice, actor)
    locked = locked_practice(practice)
    _require_editable(locked, deed)
    return locked


def _require_own(practice: Practice, actor: Actor) -> None:
    if practice.jurisdiction != actor.jurisdiction:
        raise PermissionDenied(f"这份经验做法由{practice.jurisdiction}报送，由其办理。")
    require(actor, SEND, practice.path)


def _require_editable(practice: Practice, deed: str) -> None:
    if practice.is_editable:
        return
    at = f"{timezone.localtime(practice.sent_at):%Y-%m-%d %H:%M}" if practice.sent_at else ""
    way_out = f"已于 {at} 报送，要改的请先撤回" if practice.is_waiting else "已采用，内容固定"
    raise TransitionError(f"“{practice}”{way_out}，不能{deed}。")


def checked_wording(unit: Jurisdiction, wording: Wording) -> Wording:
    """The words of a practice of ``unit``, tidied; InvalidInput says what is wrong with them."""
    title, text = wording.title.strip(), wording.text.strip()
    if not title:
        raise InvalidInput("请填写标题。")
    if len(title) > LONGEST_TITLE:
        raise InvalidInput(f"标题有 {len(title)} 字，超过 {LONGEST_TITLE} 字，请缩短。")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"做法内容有 {len(text):,} 字，超过 {LONGEST_TEXT:,} 字，请缩短。")
    if wording.community is not None and not unit.contains(wording.community.path):
        raise InvalidInput(f"“{wording.community}”不在{unit}，请重新选择社区。")
    if set(wording.criteria) - {one.pk for one in national_criteria()}:
        raise InvalidInput("勾选的条目不在国家标准里，请刷新页面后重新勾选。")
    origin = wording.origin.strip() or _usual_origin(unit, wording.community)
    return Wording(title, text, wording.community, sorted(set(wording.criteria)), origin[:LONGEST_TITLE])


def _usual_origin(unit: Jurisdiction, community: Community | None) -> str:
    """Whose it is, by the places from the county down: 楚雄市鹿城镇龙江社区."""
    street = community.jurisdiction if community else unit
    above = street.parent.name if street.parent is not None and street.level == "street" else ""
    return f"{above}{street}{community or ''}"
