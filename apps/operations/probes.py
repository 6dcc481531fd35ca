"""What machines ask of a web process: whether it lives, whether it can serve, and its metrics.

A middleware, outside of everything that asks the database: it answers while that is away.
"""

import os
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from apps.operations.work import WaitingWork

_ASKED = "operations:ready"


class Probes:
    """Answer ``/livez``, ``/readyz`` and, to whoever sends ``METRICS_TOKEN``, ``/metrics``; neither logged nor counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = _PROBES.get(request.path) if request.method in ("GET", "HEAD") else None
        if probe is None or (probe is metrics and not _may_read_metrics(request)):
            return self.get_response(request)
        request.is_probe = True  # type: ignore[attr-defined]
        return probe()


def live() -> HttpResponse:
    """200 as long as the process answers at all; whoever gets none starts it again."""
    return JsonResponse({"status": "ok"})


def ready() -> HttpResponse:
    """200 when requests can be served, 503 while the database is away; without the cache pages go on, slower."""
    database, remembered = _database(), _cache()
    status = HTTPStatus.OK if database == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"database": database, "cache": remembered}, status=status)


def metrics() -> HttpResponse:
    """What the processes counted, and the work that waits in the installation."""
    waiting = CollectorRegistry()
    waiting.register(WaitingWork())
    return HttpResponse(generate_latest(_counted()) + generate_latest(waiting), content_type=CONTENT_TYPE_LATEST)


_PROBES: dict[str, Callable[[], HttpResponse]] = {"/livez": live, "/readyz": ready, "/metrics": metrics}


def _may_read_metrics(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    return bool(token) and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")


def _counted() -> CollectorRegistry:
    """What this process counted, or all those that share a directory."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    counted = CollectorRegistry()
    MultiProcessCollector(counted)
    return counted


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "away"
    return "ok"


def _cache() -> str:
    """The cache forgets what it is told while it is away, and tells no error."""
    cache.set(_ASKED, "ok", 60)
    return cache.get(_ASKED, "away")
