"""Evidence as the viewer and the picker show it: every picture of an assessment with what is known of it, in words."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.assessments.comparison import Use, used_elsewhere
from apps.assessments.files import PICTURE_TYPES
from apps.assessments.models import Assessment, Evidence, ReviewAction
from apps.assessments.site_visits import decision_among, may_see
from apps.campaigns.models import Campaign
from apps.core.templatetags.figures import moment
from apps.standards.models import Criterion

# A camera's clock may be this much ahead.
_FAST_CLOCK = timedelta(minutes=10)
_USES_NAMED = 5


def shot_words(evidence: Evidence) -> str:
    """When and where a picture was taken, as the camera wrote it."""
    place = _place_words(evidence)
    if evidence.taken_at is None:
        return f"没有拍摄时间，拍摄地点{place}" if place else "没有拍摄时间和地点"
    return f"拍摄于 {timezone.localtime(evidence.taken_at):%Y-%m-%d %H:%M}，{place or '没有拍摄地点'}"


def doubts(evidence: Evidence, campaign: Campaign) -> list[str]:
    """What does not fit together in the time that the camera wrote."""
    if evidence.taken_at is None:
        return []
    found = []
    if evidence.taken_at > evidence.uploaded_at + _FAST_CLOCK:
        found.append("拍摄时间晚于上传时间，请核对")
    if not campaign.first_year <= timezone.localtime(evidence.taken_at).year <= campaign.last_year:
        found.append(f"拍摄时间不在行动年度（{campaign.first_year}—{campaign.last_year} 年）内，请核对")
    return found


def upload_words(evidence: Evidence) -> str:
    """Who uploaded it when, and in which round; ``uploaded_by`` is loaded with it."""
    after = f"第 {evidence.round} 次提交后" if evidence.round else "首次提交前"
    when = "" if evidence.criterion_id is None else f"，{after}"
    return f"{moment(evidence.uploaded_at)} {evidence.uploaded_by} 上传{when}"


def pictures_of(assessment: Assessment, actor: Actor) -> list[dict[str, Any]]:
    """Every picture of an assessment that the actor sees, in the order of the criteria, as static/js/viewer.js takes it."""
    rows = assessment.evidence.filter(content_type__in=PICTURE_TYPES)
    rows = rows.select_related("criterion", "uploaded_by", "site_visit__jurisdiction")
    pictures = list(rows.order_by("criterion__number", "site_visit", "id"))
    if any(one.site_visit for one in pictures):
        actions = list(assessment.actions.order_by("at", "id"))
        pictures = [one for one in pictures if _is_shown(one, actor, actions)]
    elsewhere = used_elsewhere(pictures)
    campaign = assessment.participation.campaign
    return [_shown(one, campaign, elsewhere.get(one.sha256, [])) for one in pictures]


@dataclass(frozen=True)
class Choice:
    """A file of the assessment that may stand at a further criterion; ``numbers``: the criteria where it stands."""

    evidence: Evidence
    numbers: list[int]


def choices_for(assessment: Assessment, criterion: Criterion) -> list[Choice]:
    """The files of the assessment that do not stand at ``criterion`` yet, each once."""
    files: dict[str, list[Evidence]] = defaultdict(list)
    rows = assessment.evidence.filter(criterion__isnull=False).select_related("criterion")
    for one in rows.order_by("criterion__number", "id"):
        files[one.sha256].append(one)
    return [
        Choice(same[0], [one.number for one in same if one.number is not None])
        for same in files.values()
        if all(one.criterion_id != criterion.pk for one in same)
    ]


def _is_shown(evidence: Evidence, actor: Actor, actions: Sequence[ReviewAction]) -> bool:
    visit = evidence.site_visit
    return visit is None or may_see(visit, actor, decision_among(visit, actions))


def _shown(evidence: Evidence, campaign: Campaign, uses: Sequence[Use]) -> dict[str, Any]:
    address = reverse("evidence", args=[evidence.pk])
    return {
        "id": evidence.pk,
        "name": evidence.name,
        "caption": evidence.caption,
        "place": evidence.place,
        "shown": f"{address}?inline=1",
        "original": address,
        "size": filesizeformat(evidence.size).replace("\xa0", " "),
        "rotation": evidence.rotation,
        "uploaded": upload_words(evidence),
        "taken": shot_words(evidence),
        "doubts": doubts(evidence, campaign),
        "uses": [{"text": str(use), "url": _review_of(use)} for use in uses[:_USES_NAMED]],
        "more_uses": max(0, len(uses) - _USES_NAMED),
    }


def _review_of(use: Use) -> str:
    address = reverse("review", args=[use.assessment_id])
    return f"{address}?c={use.number}" if use.number else address


def _place_words(evidence: Evidence) -> str:
    if evidence.latitude is None or evidence.longitude is None:
        return ""
    north = "北纬" if evidence.latitude >= 0 else "南纬"
    east = "东经" if evidence.longitude >= 0 else "西经"
    return f"{north} {abs(evidence.latitude):.4f}°，{east} {abs(evidence.longitude):.4f}°"
