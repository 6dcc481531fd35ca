"""What the pages of this room share: tabs, form pages, lists as spreadsheets."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.accounts.access import record
from apps.accounts.http import ActorRequest
from apps.accounts.models import AccessEvent
from apps.campaigns.current import current_campaign
from apps.campaigns.last_level import recognises
from apps.core.downloads import table_download
from apps.core.errors import InvalidInput, TransitionError
from apps.core.paging import KeysFirst
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Jurisdiction

PAGE_SIZE = 50
# What one download holds.
DOWNLOAD_LIMIT = 10_000


def tabs_of(request: ActorRequest, active: str) -> list[tuple[str, str, bool]]:
    """The pages of the room that concern who asks: address, label, whether it is this one."""
    campaign, here = current_campaign(request), request.actor.jurisdiction
    tabs = {"recognition_list": "已认定名单"}
    if campaign is not None and request.actor.can("review_assessments") and recognises(here, campaign):
        tabs |= {"proposed_list": "拟认定名单"}
    tabs |= {"notice_list": "公示", "recheck_list": "复查", "base_list": "示范教育基地"}
    return [(reverse(name), label, name == active) for name, label in tabs.items()]


def page_of(request: ActorRequest, rows: QuerySet[Any] | Sequence[Any]) -> Page[Any]:
    return KeysFirst(rows, PAGE_SIZE).get_page(request.GET.get("page"))


def wants_sheet(request: ActorRequest) -> bool:
    return request.GET.get("format") == "xlsx"


def sheet(
    request: ActorRequest,
    title: str,
    columns: Sequence[str],
    cells: Iterable[Sequence[ListValue]],
    place: Jurisdiction | None = None,
) -> HttpResponse:
    """The list as a spreadsheet; that it was taken along is recorded."""
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    return table_download(title, columns, cells)


def attempt(form: forms.Form, verb: Callable[[dict[str, Any]], object]) -> int:
    """Call ``verb`` with what was entered; return 0 when done, else the status of the page that says why not."""
    if not form.is_valid():
        return InvalidInput.status
    try:
        verb(form.cleaned_data)
    except (InvalidInput, TransitionError) as error:
        form.add_error(None, error.message)
        return error.status
    return 0


def form_page(request: ActorRequest, form: forms.Form, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page with one form. ``context``: title, action, back, and optionally trail, facts, intro, tone."""
    return render(request, "recognitions/form_page.html", {"form": form, **context}, status=status or 200)
