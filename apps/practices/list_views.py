"""The lists of practices: what was chosen, what the unit has sent, what units below have sent."""

from django.db.models import Case, F, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.practices.choosing import CHOOSE
from apps.practices.domain import SEND, practices_for
from apps.practices.listing import COLUMNS, PracticeFilter, cells, named, numbers_of, published_for, shown, state_of
from apps.practices.models import Practice
from apps.recognitions.views.shared import DOWNLOAD_LIMIT, page_of, sheet, wants_sheet
from apps.standards.national import national_criteria


@members_only
@require_safe
def practice_list(request: ActorRequest) -> HttpResponse:
    """What was chosen and is published to the office, to be searched."""
    published = published_for(request)
    form = PracticeFilter(request, published)
    rows, numbers = shown(form.narrow(published)), numbers_of(form.criteria)
    if wants_sheet(request):
        return sheet(request, "经验做法", COLUMNS, cells(rows[:DOWNLOAD_LIMIT], numbers), request.actor.jurisdiction)
    page = page_of(request, rows)
    context = {
        "form": form,
        "page_obj": page,
        "rows": [(one, named(one, numbers)) for one in page.object_list],
        "tabs": _tabs(request, "practice_list"),
        "may_send": _may_send(request),
    }
    return render(request, "practices/practice_list.html", context)


@members_only
@require_safe
def practice_sent(request: ActorRequest) -> HttpResponse:
    """What the unit itself has drafted and sent."""
    own = practices_for(request.actor).filter(jurisdiction=request.actor.jurisdiction)
    return _steps(request, "practice_sent", "本单位报送的经验做法", own.order_by("-pk"))


@members_only
@require_safe
def practice_waiting(request: ActorRequest) -> HttpResponse:
    """What units below have sent to the office; those that wait first."""
    require(request.actor, CHOOSE)
    sent = practices_for(request.actor).filter(holder=request.actor.jurisdiction)
    is_waiting = Case(When(status=Practice.Status.WAITING, then=Value(0)), default=Value(1))
    return _steps(
        request, "practice_waiting", "下级报送的经验做法", sent.order_by(is_waiting, F("sent_at").desc(), "-pk")
    )


def _steps(request: ActorRequest, active: str, title: str, practices: QuerySet[Practice]) -> HttpResponse:
    """A list with the state of each."""
    rows = shown(practices)  # type: ignore[arg-type]
    if wants_sheet(request):
        numbers = numbers_of(national_criteria())
        return sheet(request, title, COLUMNS, cells(rows[:DOWNLOAD_LIMIT], numbers), request.actor.jurisdiction)
    page = page_of(request, rows)
    context = {
        "title": title,
        "active": active,
        "page_obj": page,
        "rows": [(one, *state_of(one)) for one in page.object_list],
        "tabs": _tabs(request, active),
        "may_send": _may_send(request),
    }
    return render(request, "practices/practice_steps.html", context)


def _may_send(request: ActorRequest) -> bool:
    return request.actor.can(SEND) and request.actor.jurisdiction.parent_id is not None


def _tabs(request: ActorRequest, active: str) -> list[tuple[str, str, bool]]:
    """The lists that concern who asks: address, label, whether it is this one."""
    tabs = {"practice_list": "已采用", "practice_sent": "本单位报送"}
    if request.actor.can(CHOOSE):
        tabs["practice_waiting"] = "下级报送"
    return [(reverse(name), label, name == active) for name, label in tabs.items()]
