"""The desk (工作台), the health check, and switching the campaign a person works on."""

from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.http import HttpRequest

from apps.accounts.http import ActorRequest, members_only


@members_only
def desk(request: ActorRequest) -> HttpResponse:
    """What waits for me, and the figures of my jurisdiction."""
    return render(request, "dashboard/desk.html", {})


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the web process reaches its database."""
    connection.ensure_connection()
    return JsonResponse({"status": "ok"})
