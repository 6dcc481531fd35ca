"""The log of a process: every line says what it was written for, and names nobody."""

import io
import json
import logging
from datetime import datetime, timedelta
from typing import Any, Self

import pytest
from celery import shared_task
from django.conf import settings
from django.db import IntegrityError
from django.test import Client

from apps.accounts.permissions import Actor
from apps.core.logs import JsonLines, PlainFormatter, WhatFor

FORMATS: dict[str, dict[str, Any]] = settings.LOGGING["formatters"]  # type: ignore[assignment]


class Lines:
    """What the log of a process gets, as JSON."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        arguments = {name: value for name, value in FORMATS["json"].items() if name not in ("()", "format")}
        handler.setFormatter(JsonLines(FORMATS["json"]["format"], **arguments))
        handler.addFilter(WhatFor())
        self.handler = handler

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self.handler)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self.handler)

    def of(self, logger: str) -> list[dict[str, Any]]:
        lines = map(json.loads, self.stream.getvalue().splitlines())
        return [line for line in lines if line["logger"] == logger]


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_a_request_leaves_one_line_with_its_number_and_who_by_id(street_officer: Actor, client_of: Any) -> None:
    client = client_of(street_officer)
    with Lines() as lines:
        answer = client.get("/communities/?q=张三", headers={"x-request-id": "proxy-0123456789"})
    (line,) = lines.of("apps.core.logs")
    assert answer["X-Request-ID"] == line["request"] == "proxy-0123456789"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/communities/", 200)
    assert (line["user"], line["unit"], line["level"]) == (street_officer.user.pk, "532301101000", "INFO")
    assert line["ms"] >= 0
    assert "about" not in line
    told = lines.stream.getvalue()
    for private in ("张三", street_officer.user.display_name, street_officer.user.username, "127.0.0.1"):
        assert private not in told


def test_the_line_names_the_operation_under_which_changes_are_on_record(street_officer: Actor, client_of: Any) -> None:
    client = client_of(street_officer)
    with Lines() as lines:
        client.post("/notifications/read/")
    (line,) = lines.of("apps.core.logs")
    assert len(line["operation"]) == 36


@pytest.mark.parametrize("given", ["", "short", "a b c d e f g h", "x" * 65, "line\\nbreak-0123"])
def test_numbers_of_others_are_taken_as_far_as_they_are_numbers(db: None, given: str) -> None:
    number = Client().get("/accounts/login/", headers={"x-request-id": given})["X-Request-ID"]
    assert number != given
    assert len(number) == 32


def test_an_error_without_a_page_answers_its_number(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("nobody's fault")

    monkeypatch.setattr("apps.accounts.middleware._find_actor", fail)
    client = Client(raise_request_exception=False)
    with Lines() as lines:
        answer = client.get("/accounts/login/")
    assert answer.status_code == 500
    (line,) = lines.of("apps.core.logs")
    assert (line["status"], line["request"]) == (500, answer["X-Request-ID"])
    assert f"请求编号 {line['request']}" in answer.content.decode()
    (error,) = lines.of("django.request")
    assert error["request"] == line["request"]
    assert "nobody's fault" in error["exc_info"]


def test_what_the_database_tells_of_a_refused_row_is_left_out() -> None:
    text = "duplicate key value\nDETAIL:  Key (username)=(zhangsan) already exists.\nCONTEXT:  row of 张三"
    refused = IntegrityError(text)
    for formatter in (JsonLines("%(message)s"), PlainFormatter("%(message)s")):
        told = formatter.formatException((IntegrityError, refused, None))
        assert "duplicate key value" in told
        assert "zhangsan" not in told
        assert "张三" not in told


@shared_task
def says_something() -> None:
    logging.getLogger("of.a.task").info("said")


def test_a_task_names_itself_on_its_lines() -> None:
    with Lines() as lines:
        result = says_something.apply()
    (line,) = lines.of("of.a.task")
    assert (line["task"], line["task_id"]) == (f"{__name__}.says_something", result.id)


def test_times_have_their_zone(db: None) -> None:
    with Lines() as lines:
        Client().get("/accounts/login/")
    (line,) = lines.of("apps.core.logs")
    assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(hours=8)


def test_plain_lines_end_with_what_they_are_for() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 0, "said", None, None)
    WhatFor().filter(record)
    assert PlainFormatter(FORMATS["plain"]["format"]).format(record).endswith("INFO a said")
