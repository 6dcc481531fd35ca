"""A storm of saves: sixteen clients fill in and submit self-assessments over HTTP, against the product and against a bare view.

Both are served by the demo's two gunicorn workers, on a copy of the measured database that is dropped afterwards. Nothing may
fail, and what was acknowledged last has to stand in the database at the end.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
from psycopg import sql

from benchmarks.dataset import CAMPAIGN, DATABASE, YEAR
from benchmarks.measuring import table
from config.demo import GUNICORN_OPTIONS

CLIENTS = 16
SECONDS = 20
WARM_UP = 3
LEAST_PER_SECOND = 100
MOST_P95_MS = 250
STORM_DATABASE = f"{DATABASE}_storm"
ASSESSMENTS_EACH = 6
# Each criterion is changed so often before an assessment is submitted.
PASSES = 8
HEAD = ["", "saves", "a second", "p50, ms", "p95, ms", "submitted", "failed", "lost"]
_SETTINGS = "config.settings.dev"


@dataclass
class Client:
    """One person at one form after the other, with what the server has acknowledged."""

    cookies: str
    token: str
    # Assessments with the number of criteria that each has.
    work: list[tuple[int, int]]
    times: list[float] = field(default_factory=list)
    saved: dict[tuple[int, int], str] = field(default_factory=dict)
    submitted: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def run(self, port: int, path: str, begin: float, end: float) -> None:
        """Save, criterion by criterion and pass by pass, and submit, until ``end``."""
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        for assessment, criteria in self.work:
            for turn in range(PASSES):
                for number in range(1, criteria + 1):
                    if time.monotonic() > end:
                        return
                    verdict = "not_met" if turn == 0 else "met"
                    note = f"第 {turn + 1} 次"
                    values = {"seen": turn, "verdict": verdict, "note": note}
                    began = time.monotonic()
                    if self._post(connection, path.format(assessment=assessment, number=number), values):
                        self.saved[assessment, number] = note
                        if began >= begin:
                            self.times.append(time.monotonic() - began)
            self._submit(connection, assessment)

    def _submit(self, connection: HTTPConnection, assessment: int) -> None:
        if self.token:
            values = {"confirmed": "1", "explanation": "测量用"}
            if self._post(connection, f"/assessments/{assessment}/submit/", values, wanted=302):
                self.submitted.append(assessment)

    def _post(self, connection: HTTPConnection, path: str, values: dict[str, Any], wanted: int = 200) -> bool:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self.cookies,
            "X-CSRFToken": self.token,
        }
        if wanted == 200:
            headers["HX-Request"] = "true"
        connection.request("POST", path, urlencode(values), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != wanted:
            self.failures.append(f"{path}: {answer.status} {body[:300].decode(errors='replace')}")
        return answer.status == wanted


def report() -> list[str]:
    """Measure the product and the bare view."""
    with _copied():
        people = _prepare()
        product = _storm(people, "config.wsgi", "/assessments/{assessment}/criteria/{number}/")
    with _copied():
        people = _prepare()
        bare = [Client("", "", one.work) for one in people]
        floor = _storm(bare, "benchmarks.bare", "/{assessment}/{number}")
    times_as_long = _rate(floor) / _rate(product)
    return [
        *table(
            f"{CLIENTS} clients saving and submitting for {SECONDS} s",
            HEAD,
            [_line("product", product), _line("a view that only writes the rows", floor)],
        ),
        f"A save of the product takes {times_as_long:.1f} times as long as one of the bare view. The clients share the cores.",
        f"Wanted: at least {LEAST_PER_SECOND} a second, p95 below {MOST_P95_MS} ms, nothing failed or lost.",
        "",
    ]


def _line(name: str, clients: list[Client]) -> list[str]:
    times = sorted(seconds for one in clients for seconds in one.times)
    failures = [text for one in clients for text in one.failures]
    for text in failures[:3]:
        sys.stderr.write(f"{name}: {text}\n")
    percentiles = quantiles(times, n=20)
    figures = [
        f"{len(times):,}",
        f"{_rate(clients):.0f}",
        f"{percentiles[9] * 1000:.0f}",
        f"{percentiles[18] * 1000:.0f}",
    ]
    submitted = sum(len(one.submitted) for one in clients)
    return [name, *figures, str(submitted), str(len(failures)), str(_lost[name])]


def _rate(clients: list[Client]) -> float:
    return sum(len(one.times) for one in clients) / SECONDS


_lost: dict[str, int] = {}


def _storm(clients: list[Client], application: str, path: str) -> list[Client]:
    with served(application, _address()) as port:
        begin = time.monotonic() + WARM_UP
        end = begin + SECONDS
        threads = [Thread(target=one.run, args=(port, path, begin, end)) for one in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    _lost["product" if clients[0].token else "a view that only writes the rows"] = _count_lost(clients)
    return clients


@contextmanager
def served(application: str, database_url: str) -> Iterator[int]:
    """Serve a WSGI application as the demo does, from the database named; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": _SETTINGS, "DEBUG": "false", "DATABASE_URL": database_url}
    if application == "config.wsgi":
        environment.pop("ACT_AS_OWNER", None)
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *GUNICORN_OPTIONS.split()]
    server = subprocess.Popen(command, env=environment, cwd=Path(__file__).parent.parent)  # noqa: S603
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _address() -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{STORM_DATABASE}").geturl()


@contextmanager
def _copied() -> Iterator[None]:
    """A copy of the measured database, and Django's connection on it."""
    from django.db import connection

    name = sql.Identifier(STORM_DATABASE)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
    connection.close()
    base = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()
    with psycopg.connect(base, autocommit=True) as server:
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(DATABASE)))
        connection.settings_dict["NAME"] = STORM_DATABASE
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = DATABASE
            server.execute(drop)


def _prepare() -> list[Client]:
    """A street officer each in sixteen streets, with communities on the plan whose self-assessments have begun."""
    from django.db.models import Count, Q

    from apps.campaigns.models import Campaign
    from apps.jurisdictions.models import Jurisdiction

    campaign = Campaign.objects.get(code=CAMPAIGN)
    free = Count("communities", filter=Q(communities__in=_free_of(campaign)))
    streets = Jurisdiction.objects.filter(level="street", code__startswith="32").annotate(free=free)
    chosen = streets.filter(free__gte=ASSESSMENTS_EACH, parent__level="district").order_by("code")[: 4 * CLIENTS : 4]
    return [_client(street, campaign) for street in chosen]


def _free_of(campaign: Any) -> Any:
    """The communities that take no part in ``campaign``; all of them are in those of one year each."""
    from apps.campaigns.models import Participation
    from apps.communities.models import Community

    return Community.objects.exclude(pk__in=Participation.objects.filter(campaign=campaign).values("community"))


def _client(street: Any, campaign: Any) -> Client:
    from django.conf import settings
    from django.test import Client as Browser
    from django.utils import timezone

    from apps.accounts.domain import grant_membership
    from apps.accounts.models import Role, User
    from apps.accounts.permissions import Actor
    from apps.assessments.domain import open_assessment
    from apps.campaigns.models import Participation

    user = User.objects.create(username=f"storm-{street.code}", display_name="测量", jurisdiction=street)
    actor = Actor(user, grant_membership(user, street, Role.STREET_OFFICER))
    work = []
    for community in _free_of(campaign).filter(jurisdiction=street)[:ASSESSMENTS_EACH]:
        participation = Participation.objects.create(
            campaign=campaign, community=community, year=YEAR, created_at=timezone.now()
        )
        assessment = open_assessment(participation, actor=actor)
        # What is taken over from the community's last one would be version 1 already.
        assessment.results.all().delete()
        work.append((assessment.pk, assessment.standard.criteria.count()))
    browser = Browser(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    browser.force_login(user)
    browser.get(f"/assessments/{work[0][0]}/")
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    return Client(cookies, browser.cookies[settings.CSRF_COOKIE_NAME].value, list(work))


def _count_lost(clients: list[Client]) -> int:
    """How much of what was acknowledged does not stand in the database."""
    from apps.assessments.models import Assessment, CriterionResult

    results = CriterionResult.objects.filter(assessment__in=[pk for one in clients for pk, _ in one.work])
    notes = {(pk, number): note for pk, number, note in results.values_list("assessment", "criterion__number", "note")}
    # What was still under way at the end may stand there though nobody was told.
    lost = sum(_turn(notes.get(key, "")) < _turn(note) for one in clients for key, note in one.saved.items())
    submitted = [pk for one in clients for pk in one.submitted]
    return lost + len(submitted) - Assessment.objects.filter(pk__in=submitted, status="in_review").count()


def _turn(note: str) -> int:
    return int(note.split()[1]) if note else 0
