"""HTTP of the audit trail: the page 审计 with its sheet, and the history of one object."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.audit.forms import TrailFilter
from apps.audit.lines import Line, entries_of, lines_of, operations_of
from apps.audit.object_history import SHOWN, find_object, history_of, history_url_of, page_url_of
from apps.audit.trail import Asked, Mark, find
from apps.campaigns.current import access_jurisdiction
from apps.core.downloads import table_download
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Jurisdiction

PAGE_SIZE = 50
# What one sheet holds: it is made while the person waits.
SHEET_LIMIT = 10_000
_SHEET_PART = 500
_COLUMNS = [
    *("时间", "姓名", "单位", "角色", "地址", "行为", "对象类别", "对象", "内容", "所在辖区", "途径", "操作编号"),
]


@members_only
@require_safe
def audit_trail(request: ActorRequest) -> HttpResponse:
    """Who did what when, in one's jurisdiction and below; with ``?format=xlsx`` as a sheet."""
    require(request.actor, "manage_people")
    form = TrailFilter(request, access_jurisdiction(request, request.GET.get("jurisdiction", "")))
    asked = form.asked
    if asked is not None and request.GET.get("format") == "xlsx":
        return _sheet(request, form, asked)
    after = Mark.parse(request.GET.get("after", ""))
    marks = [] if asked is None else find(asked, limit=PAGE_SIZE + 1, after=after)
    lines = lines_of(marks[:PAGE_SIZE], request.actor.jurisdiction)
    context = {
        "form": form,
        "lines": lines,
        "entries": operations_of(lines),
        "older": str(marks[PAGE_SIZE - 1]) if len(marks) > PAGE_SIZE else None,
        "is_later_page": after is not None,
    }
    return render(request, "audit/trail.html", context, status=200 if asked else 422)


@members_only
@require_safe
def object_history(request: ActorRequest, app_label: str, model_name: str, pk: int) -> HttpResponse:
    """How one object, and what belongs to it, came to be as it is; for htmx the timeline alone."""
    model = next((one for one in SHOWN if one._meta.label_lower == f"{app_label}.{model_name}"), None)
    row = None if model is None else find_object(model, pk, request.actor)
    if model is None or row is None:
        raise Http404("没有这个对象的变更记录。")
    if verb := SHOWN[model].verb:
        require(request.actor, verb)
    after = Mark.parse(request.GET.get("after", ""))
    marks = history_of(row, request.actor.jurisdiction, limit=PAGE_SIZE + 1, after=after)
    context = {
        "object": row,
        "kind": model._meta.verbose_name,
        "url": history_url_of(model, pk),
        "page_url": page_url_of(row),
        "entries": entries_of(lines_of(marks[:PAGE_SIZE], request.actor.jurisdiction)),
        "older": str(marks[PAGE_SIZE - 1]) if len(marks) > PAGE_SIZE else None,
        # Colleagues' addresses are for those who look after people.
        "shows_address": request.actor.can("manage_people"),
    }
    return render(request, "audit/timeline.html" if request.htmx else "audit/object_history.html", context)


def _sheet(request: ActorRequest, form: TrailFilter, asked: Asked) -> HttpResponse:
    marks = find(asked, limit=SHEET_LIMIT + 1)
    if len(marks) > SHEET_LIMIT:
        messages.warning(
            request, f"符合条件的记录超过一次导出的 {SHEET_LIMIT:,} 条。请缩短时间，或者按行为、辖区分别导出。"
        )
        query = {name: value for name, value in request.GET.items() if name != "format"}
        return redirect(f"{request.path}?{urlencode(query)}")
    title = f"{form.headline} 审计记录"
    record(
        AccessEvent.Kind.EXPORTED, actor=request.actor, subject=f"{title}，{len(marks):,} 条", jurisdiction=form.place
    )
    return table_download(title, _COLUMNS, _cells(marks, request.actor.jurisdiction))


def _cells(marks: list[Mark], reader: Jurisdiction) -> Iterator[list[ListValue]]:
    for start in range(0, len(marks), _SHEET_PART):
        for line in lines_of(marks[start : start + _SHEET_PART], reader):
            yield _row(line)


def _row(line: Line) -> list[Any]:
    return [
        *(
            f"{timezone.localtime(line.at):%Y-%m-%d %H:%M:%S}",
            line.who,
            line.unit,
            line.role,
            line.address,
            line.act,
            line.thing,
            line.name,
            line.said,
        ),
        *(line.place, line.way, str(line.request or "")),
    ]
