"""The pages of 批量同意: what will be agreed to and what is left out, the run, and what came of it."""

import re

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.assessments.bulk_agreement import MOST_AT_ONCE, Outcome, agree_in_bulk, sort_out
from apps.assessments.models import Assessment
from apps.assessments.queue import OLDEST_FIRST, waiting_at
from apps.assessments.views.queue import queue_in_view, way_back
from apps.core.inputs import ids_in

_DONE_KEY = "review_bulk"


@members_only
@require_safe
def review_bulk(request: ActorRequest) -> HttpResponse:
    """Show what a bulk agreement would agree to and what it leaves out: of the ticked ones (``one``), or of ``all``."""
    require(request.actor, "review_assessments")
    ids = _all_waiting(request) if "all" in request.GET else _ids(request.GET.getlist("one"))
    found = sort_out(ids[:MOST_AT_ONCE], actor=request.actor)
    context = {
        "agreed": [one for one in found if not one.reasons],
        "left_out": [one for one in found if one.reasons],
        "beyond": max(0, len(ids) - MOST_AT_ONCE),
        "most": MOST_AT_ONCE,
        "queue_url": way_back(request),
    }
    return render(request, "assessments/review_bulk.html", context)


@members_only
@require_POST
def review_bulk_agree(request: ActorRequest) -> HttpResponse:
    """Agree to what the preview listed; what came of it is shown on a page of its own."""
    require(request.actor, "review_assessments")
    pairs = [text.split(":") for text in request.POST.getlist("one") if re.fullmatch(r"[0-9]{1,9}:[0-9]{1,12}", text)]
    seen = {int(pk): int(step) for pk, step in pairs[:MOST_AT_ONCE]}
    outcomes = agree_in_bulk(seen, actor=request.actor)
    request.session[_DONE_KEY] = [[one.assessment.pk, one.refusal] for one in outcomes]
    return redirect("review_bulk_result")


@members_only
@require_safe
def review_bulk_result(request: ActorRequest) -> HttpResponse:
    """What came of the last bulk agreement."""
    require(request.actor, "review_assessments")
    done = dict(request.session.get(_DONE_KEY, []))
    rows = list(Assessment.objects.with_context().filter(pk__in=done).order_by("participation__community__code"))
    context = {
        "agreed": [one for one in rows if not done[one.pk]],
        "left_out": [Outcome(one, done[one.pk]) for one in rows if done[one.pk]],
        "queue_url": way_back(request),
    }
    return render(request, "assessments/review_bulk_result.html", context)


def _all_waiting(request: ActorRequest) -> list[int]:
    """What waits, narrowed as the queue was last looked at."""
    narrowed = queue_in_view(request)
    waiting = waiting_at(request.actor.jurisdiction) if narrowed is None else narrowed
    return list(waiting.order_by(*OLDEST_FIRST).values_list("pk", flat=True))


def _ids(texts: list[str]) -> list[int]:
    return ids_in(texts, digits=9)
