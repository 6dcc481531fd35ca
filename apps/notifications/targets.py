"""What people are told of targets (创建目标): that a unit above has set theirs, changed it or taken it back."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from apps.campaigns.models import Campaign, Target
from apps.campaigns.target_grid import NOTES
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.message import Message, people_with
from apps.notifications.models import Notification
from apps.notifications.moments import events_of

Kind = Notification.Kind


def handed_down() -> QuerySet[Any]:
    """The moments of the history in which a unit above wrote a unit's own target, of campaigns under way."""
    moments = events_of(Target).filter(pgh_context__has_key="handed_down_by", campaign__status=Campaign.Status.OPEN)
    return moments.select_related("campaign", "jurisdiction", "issued_by")


def target_handed_down(moment: Any) -> list[Message]:
    """Those who set targets in the unit: who, what, by which document."""
    people = people_with(moment.jurisdiction, "set_targets", but=[moment.pgh_context.get("user")])
    by = Jurisdiction.objects.get(pk=moment.pgh_context["handed_down_by"])
    done, what = _in_words(moment)
    number = f"（{moment.document_number}）" if moment.document_number else ""
    text = f"{by}{done}：{what}{number}。\n“{moment.campaign}”"
    title = f"{moment.jurisdiction} {moment.year} 年目标已{done}"
    return [Message(Kind.TARGET, people, title, text, _grid(moment))]


def earlier_ones(moment: Any) -> list[str]:
    """Keys of the messages that told of what stood in the cell before."""
    cell = {"campaign": moment.campaign_id, "jurisdiction": moment.jurisdiction_id}
    earlier = events_of(Target).filter(**cell, year=moment.year, kind=moment.kind, pgh_id__lt=moment.pgh_id)
    written = earlier.filter(pgh_context__has_key="handed_down_by")
    return [f"target:{pk}" for pk in written.values_list("pgh_id", flat=True)]


def _in_words(moment: Any) -> tuple[str, str]:
    """What was done (下达, 调整, 收回), and to which number."""
    note, now = NOTES[Target.Kind(moment.kind)], _said(moment)
    if moment.pgh_label == "delete":
        holds = "以后按比例目标执行" if moment.kind == Target.Kind.NUMBER else "以后沿用上级目标"
        return "收回", f"{note} {now}，{holds}"
    before = (
        events_of(Target).filter(pgh_obj_id=moment.pgh_obj_id, pgh_id__lt=moment.pgh_id).order_by("-pgh_id").first()
    )
    if before is None or _said(before) == now:
        return "下达", f"{note} {now}"
    return "调整", f"{note}由 {_said(before)}改为 {now}"


def _said(moment: Any) -> str:
    return Target(kind=moment.kind, value=moment.value, upper=moment.upper).said


def _grid(moment: Any) -> str:
    query = urlencode({"at": moment.jurisdiction.key, "kind": moment.kind})
    return f"{reverse('campaign_detail', args=[moment.campaign.code])}?{query}#targets"
