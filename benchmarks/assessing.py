"""What filling in and reviewing cost: saving one criterion, and the review page of an assessment with a hundred pieces of evidence.

Everything is made in a transaction that is rolled back; the requests run in savepoints of it.
"""

import sys
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.dataset import CAMPAIGN, YEAR, approver_of
from benchmarks.measuring import table, verdict

ROUNDS = 41
PIECES = 100
MOST_SAVE_MS, MOST_SAVE_QUERIES, MOST_REVIEW_MS = 25, 8, 60
HEAD = ["", "ms", "queries", "of these, once the person is known", "wanted"]
COUNTY = "532301000000"


def report() -> list[str]:
    """Measure both."""
    from django.db import transaction

    with transaction.atomic():
        lines = _measured()
        transaction.set_rollback(True)
    return [
        *table("Filling in and reviewing", HEAD, lines),
        "Medians in one process, templates and test client included; a save takes part in the history of every row.",
        "",
    ]


def _measured() -> list[list[str]]:
    from apps.accounts.acting import acting
    from apps.accounts.domain import grant_membership
    from apps.accounts.models import Role, User
    from apps.accounts.permissions import Actor
    from apps.assessments.domain import open_assessment, save_result, submit_assessment
    from apps.campaigns.models import Campaign, Participation
    from apps.communities.models import Community
    from apps.core import clock
    from apps.jurisdictions.models import Jurisdiction
    from apps.standards.scoring import Answer

    campaign = Campaign.objects.get(code=CAMPAIGN)
    county = Jurisdiction.objects.get(code=COUNTY)
    street = Jurisdiction.objects.filter(parent=county).order_by("code")[0]
    user = User.objects.create(username="bench-street", display_name="测量", jurisdiction=street)
    officer = Actor(user, grant_membership(user, street, Role.STREET_OFFICER))
    community = Community.objects.create(name="测量社区居民委员会", jurisdiction=street)
    participation = Participation.objects.create(
        campaign=campaign, community=community, year=YEAR, created_at=clock.now()
    )
    with acting(officer):
        assessment = open_assessment(participation, actor=officer)
        criteria = list(assessment.standard.criteria.order_by("number"))
        for criterion in criteria:
            save_result(assessment, criterion, Answer(met=True), actor=officer)
    save = _save(officer, assessment.pk)
    _attach(assessment, criteria, user)
    with acting(officer):
        submit_assessment(assessment, actor=officer)
    reviewer = approver_of(COUNTY)
    return [save, _review(reviewer, assessment.pk)]


def _attach(assessment: Any, criteria: list[Any], user: Any) -> None:
    """Pictures by their rows alone: the page names them, the browser would fetch them."""
    from apps.assessments.models import Evidence
    from apps.core import clock

    for number in range(PIECES):
        Evidence.objects.create(
            assessment=assessment,
            criterion=criteria[number % len(criteria)],
            file=f"evidence/0/{number}.jpg",
            display=f"evidence/0/{number}-display.jpg",
            thumbnail=f"evidence/0/{number}-thumbnail.jpg",
            name=f"照片 {number}.jpg",
            content_type="image/jpeg",
            size=100_000,
            sha256=f"{number:064d}",
            uploaded_at=clock.now(),
            uploaded_by=user,
        )


def _save(officer: Any, pk: int) -> list[str]:
    client = _client(officer.user)
    version = iter(range(1, 10_000))

    def save() -> Any:
        seen = next(version)
        values = {"seen": seen, "verdict": "met" if seen % 2 else "not_met", "note": f"第 {seen} 次"}
        return client.post(f"/assessments/{pk}/criteria/1/", values, headers={"HX-Request": "true"})

    wanted = f"{MOST_SAVE_MS} ms, {MOST_SAVE_QUERIES} queries once the person is known"
    return _line(
        "saving one criterion", save, wanted, lambda ms, _, own: ms <= MOST_SAVE_MS and own <= MOST_SAVE_QUERIES
    )


def _review(reviewer: Any, pk: int) -> list[str]:
    client = _client(reviewer)
    wanted = f"{MOST_REVIEW_MS} ms"
    name = f"the review page with {PIECES} pieces of evidence"
    return _line(name, lambda: client.get(f"/reviews/{pk}/"), wanted, lambda ms, *_: ms <= MOST_REVIEW_MS)


def _client(user: Any) -> Any:
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(user)
    return client


def _line(name: str, ask: Any, wanted: str, is_met: Any) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        answer = ask()
        times.append((perf_counter() - began) * 1000)
        if answer.status_code != 200:
            sys.exit(f"{name}: HTTP {answer.status_code}")
    with CaptureQueriesContext(connection) as captured:
        ask()
    told = [one["sql"] for one in captured]
    known = max(place for place, sql in enumerate(told) if "set_config('app.scope_from', '0" in sql)
    # Savepoints and what ends the request's own scope are none of the view's.
    own = [sql for sql in told[known + 1 :] if "set_config('app.scope_from'" not in sql and "SAVEPOINT" not in sql]
    figures = [f"{median(times):.0f}", str(len(told)), str(len(own))]
    return [name, *figures, f"{wanted}: {verdict(is_met(median(times), len(told), len(own)))}"]
