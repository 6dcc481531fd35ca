"""The log of a process (运行日志): one line for each request and task, every line with the number of what it was written for.

People stand in it by their id alone: no name, address, query string or content. What else is on record of them, and is shown to
those who may see it, is in the database (``core.history``).
"""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter
from typing import Any
from uuid import uuid4

from celery import current_task
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pythonjsonlogger.json import JsonFormatter

from apps.core import metrics

HEADER = "X-Request-ID"
# What a proxy may have given the request: a number, and nothing that a log could take for more.
_NUMBER = re.compile(r"[0-9A-Za-z-]{8,64}")
# PostgreSQL tells the values of a row that it refuses.
_VALUES = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)

_asked: ContextVar[dict[str, Any] | None] = ContextVar("asked", default=None)
logger = logging.getLogger(__name__)


class RequestLog:
    """Outside of everything: number the request, answer with its number, and say in one line what came of it.

    ``request.number`` is the request's; the events and records that it leaves in the database stand under ``operation``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        number = given if _NUMBER.fullmatch(given) else uuid4().hex
        request.number = number  # type: ignore[attr-defined]
        told, began = _asked.set({"request": number}), perf_counter()
        try:
            response = self.get_response(request)
            took = perf_counter() - began
            response[HEADER] = number
            if not hasattr(request, "is_probe"):
                _tell(request, response.status_code, took)
        finally:
            _asked.reset(told)
        return response


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    method, route = request.method or "", _route_of(request)
    metrics.count_request(method, route, status, seconds)
    facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000)}
    logger.info("%s %s %s", method, route, status, extra=facts)


def told_of(**facts: Any) -> None:
    """Add ``facts`` (ids and codes, nothing that names a person) to every further line of this request."""
    asked = _asked.get()
    if asked is not None:
        asked.update(facts)


class WhatFor(logging.Filter):
    """Put on each line what it was written for: the request with its person, or the task."""

    def filter(self, record: logging.LogRecord) -> bool:
        facts = dict(_asked.get() or {})
        if current_task and current_task.request.id:
            facts |= {"task": current_task.name, "task_id": current_task.request.id}
        for name, value in facts.items():
            setattr(record, name, value)
        record.about = "".join(f" {name}={value}" for name, value in facts.items())
        return True


class _WithoutValues(logging.Formatter):
    """Leaves out of an error what PostgreSQL tells of the row: it may name a person."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 logging's name
        return _VALUES.sub(r"\1: (left out)", super().formatException(ei))


class PlainFormatter(_WithoutValues):
    """Lines for people, with what each was written for at its end."""


class JsonLines(_WithoutValues, JsonFormatter):
    """A line of JSON for each record, for the systems that collect logs; what it was written for has names of its own."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        log_data.pop("about", None)
        return super().process_log_record(log_data)


def _route_of(request: HttpRequest) -> str:
    """The pattern of the address, as urls.py has it: neither ids nor what was asked."""
    found = request.resolver_match
    return f"/{found.route}" if found else "(none)"
