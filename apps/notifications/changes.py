"""What people are told of reopened baselines, and of self-assessments that a change of communities or jurisdictions touched."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from apps.assessments.chain import chains_of
from apps.assessments.models import Assessment
from apps.communities.models import Baseline
from apps.jurisdictions.models import Level
from apps.notifications.message import Message, people_with, place_of
from apps.notifications.models import Notification
from apps.reorganisations.models import CommunityChange, JurisdictionChange

Kind = Notification.Kind


def reopened_baselines() -> QuerySet[Baseline]:
    return Baseline.objects.filter(reopened_at__isnull=False).select_related("jurisdiction")


def baseline_reopened(baseline: Baseline) -> list[Message]:
    """The district's clerks and approvers, with the reason."""
    people = people_with(baseline.jurisdiction, "change_communities", but=[baseline.reopened_by_id])
    text = f"理由：{baseline.reopening_reason}\n更正社区库后，由审批人重新确认。"
    url = f"{reverse('baseline_list')}?year={baseline.year}"
    return [Message(Kind.CHANGE, people, f"{baseline.jurisdiction} {baseline.year} 年底数已退回", text, url)]


def community_changes() -> QuerySet[CommunityChange]:
    return CommunityChange.objects.select_related("jurisdiction")


def touched_by(change: Any) -> list[Message]:
    """The offices whose self-assessments ended, and those to whom others have come."""
    effects = {one["assessment"]: one for one in change.effects if one["assessment"]}
    rows = Assessment.objects.with_context().filter(pk__in=effects).order_by("pk")
    chains, told = chains_of([one.participation for one in rows]), []
    for one in rows:
        done, community = effects[one.pk], one.participation.community
        submits = one.holder == chains[one.participation.pk][0]
        people = people_with(one.holder, "self_assess" if submits else "review_assessments")
        url = reverse("self_assessment" if submits else "review", args=[one.pk])
        title = f"{place_of(community)} {one.participation.year} 年自评{done['fate']}"
        text = f"{change.get_kind_display()}，{change.effective_on:%Y-%m-%d} 生效。{done['note']}"
        told.append(Message(Kind.CHANGE, people, title, text, url))
    return told


def jurisdiction_changes() -> QuerySet[JurisdictionChange]:
    return JurisdictionChange.objects.select_related("jurisdiction", "recorded_by")


def reorganised(change: JurisdictionChange) -> list[Message]:
    """Those who work in the units that go on: by what document, and what came to them."""
    told = []
    effects = "\n".join(f"{one['what']} {one['name']}：{one['fate']}" for one in change.effects)
    for one in change.successions.select_related("successor").order_by("pk"):
        verb = "self_assess" if one.successor.level == Level.STREET else "change_communities"
        people = people_with(one.successor, verb, but=[change.recorded_by_id])
        text = f"{change.document_number}，{change.effective_on:%Y-%m-%d} 生效。\n{effects}"
        url = reverse("progress", args=[one.successor.key])
        told.append(Message(Kind.CHANGE, people, f"区划调整：{one}"[:200], text, url))
    return told
