"""Measure the roll-up against plain SQL, and the main pages, on the nation's data; print and keep the tables."""

import os
import platform
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import assessing, storm, wall, yardstick
from benchmarks.dataset import CAMPAIGN, YEAR, approver_of, fill, point_at_own_database

RESULTS = Path(__file__).parent / "results.md"
ROUNDS = 21
PLACES = {"全国": "000000000000", "江苏省": "320000000000", "楚雄州": "532300000000", "楚雄市": "532301000000"}
MOST_QUERIES = 25


def main() -> None:
    from config.local_services import use_embedded_services

    use_embedded_services()
    point_at_own_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    os.environ["DEBUG"] = "false"
    import django

    django.setup()
    fill()
    report = "\n".join(
        [
            "# Measurements",
            "",
            f"Python {platform.python_version()}, {_postgres_version()}, {os.cpu_count()} cores; {_data()}.",
            f"Medians of warm runs; load average {os.getloadavg()[1]:.1f}. Written by `make bench`.",
            "",
            *_table(
                "Roll-up, ms",
                ["", "roll_up()", "plain SQL", "× plain", "roll_up() as owner", "plain as owner"],
                _rollups(),
            ),
            "",
            "The first three columns run behind the wall, as pages do; the owner's with the whole installation in scope.",
            "",
            *_table("The wall", wall.HEAD, wall.rows()),
            "",
            "The queries that the roll-up and the pages make: behind the policies as the application role, and as the owner",
            "without policies, with the range of paths written by hand. Run in turn: medians, the median of the rounds' ratios,",
            "and beside it what the quickest runs give, which single lucky ones decide.",
            "",
            *_table("Pages", ["", "who", "ms", "queries"], _pages()),
            "",
            *_table("Filling in and reviewing", assessing.HEAD, assessing.rows()),
            "",
            "Medians in one process, templates and test client included; a save takes part in the history of every row.",
            f"A plain Python loop of {yardstick.ROUNDS:,} rounds took {yardstick.milliseconds():.0f} ms at that moment.",
            "",
            *_storm(),
        ]
    )
    RESULTS.write_text(report + "\n", encoding="utf-8")
    sys.stdout.write(report + "\n")


def _storm() -> list[str]:
    lines, times_as_long = storm.rows()
    return [
        *_table(f"{storm.CLIENTS} clients saving and submitting for {storm.SECONDS} s", storm.HEAD, lines),
        "",
        f"A save of the product takes {times_as_long:.1f} times as long as one of the bare view. The clients share the cores.",
        f"Wanted: at least {storm.LEAST_PER_SECOND} a second, p95 below {storm.MOST_P95_MS} ms, nothing failed or lost.",
    ]


def _rollups() -> list[list[str]]:
    from apps.campaigns.models import Campaign
    from apps.core.scope import scope
    from apps.jurisdictions.models import Jurisdiction

    campaign = Campaign.objects.get(code=CAMPAIGN)
    rows = []
    for name, code in PLACES.items():
        place = Jurisdiction.objects.get(code=code)
        walled = _compare(campaign, place, partial(scope, place.path, user_id=0))
        owner = _compare(campaign, place, nullcontext)
        rows.append(
            [
                name,
                f"{walled[0]:.1f}",
                f"{walled[1]:.1f}",
                f"{walled[0] / walled[1]:.2f}",
                f"{owner[0]:.1f}",
                f"{owner[1]:.1f}",
            ]
        )
    return rows


def _compare(campaign: Any, place: Any, within: Callable[[], AbstractContextManager[None]]) -> tuple[float, float]:
    """Return the milliseconds of the roll-up and of the plain SQL, after seeing that they agree."""
    from apps.campaigns.rollup import roll_up
    from apps.core.wall import LABEL_WIDTH
    from benchmarks import plain

    parameters = {
        "campaign": campaign.pk,
        "jurisdiction": place.pk,
        "from": place.path,
        "to": place.path + "~",
        "width": len(place.path) + LABEL_WIDTH,
        "year": YEAR,
        "first_year": campaign.first_year,
        "year_end": date(YEAR, 12, 31),
    }
    with within():
        rollup = roll_up(campaign, place, YEAR)
        found = {line.jurisdiction.code: _numbers(line) for line in rollup.children} | {"total": _numbers(rollup.total)}
        if found != plain.figures(parameters):
            sys.exit(f"{place}: the roll-up and the plain SQL differ")
        return _time_both(lambda: roll_up(campaign, place, YEAR), lambda: plain.figures(parameters))


def _numbers(line: Any) -> tuple[Decimal | int | None, ...]:
    from apps.core.rounding import round_half_up

    one = line.figures
    ratios = (one.completion_ratio, one.cumulative_ratio, line.target_ratio)
    rounded = (None if ratio is None else round_half_up(ratio, 4) for ratio in ratios)
    counts = (one.base, one.enrolled, one.pilots, one.in_review, one.recognised, one.cumulative)
    return (*counts, *rounded, line.gap)


def _pages() -> list[list[str]]:
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    rows = []
    for who, code, pages in [
        ("全国", "000000000000", ["/progress/000000000000/"]),
        (
            "江苏省",
            "320000000000",
            ["/", "/progress/320000000000/", "/progress/320100000000/", "/communities/", "/reviews/"],
        ),
        ("楚雄市", "532301000000", ["/", "/progress/532301000000/", "/progress/532301101000/", "/plan/", "/reviews/"]),
    ]:
        client = Client(raise_request_exception=False, SERVER_NAME=settings.ALLOWED_HOSTS[0])
        client.force_login(approver_of(code))
        for page in pages:
            address = f"{page}?campaign={CAMPAIGN}&year={YEAR}"
            with CaptureQueriesContext(connection) as captured:
                status = client.get(address).status_code
            queries = len(captured)
            shown = f"{_time(partial(client.get, address)):.0f}" if status == 200 else f"HTTP {status}"
            rows.append([page, who, shown, f"{queries}{' (too many)' if queries > MOST_QUERIES else ''}"])
    return rows


def _time(work: Callable[[], object]) -> float:
    """Return the median milliseconds of warm runs."""
    return _time_both(work)[0]


def _time_both(*works: Callable[[], object]) -> Any:
    """Return the median milliseconds of each, run in turn so that a busy machine burdens them alike."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS + 1):
        for work, times in zip(works, taken, strict=True):
            start = perf_counter()
            work()
            times.append((perf_counter() - start) * 1000)
    return tuple(median(times[1:]) for times in taken)


def _table(title: str, head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return [f"## {title}", "", *("| " + " | ".join(line) + " |" for line in lines)]


def _postgres_version() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"


def _data() -> str:
    from apps.campaigns.models import Participation, Recognition
    from apps.communities.models import Community

    counts = (Community.objects.count(), Participation.objects.count(), Recognition.objects.standing().count())
    return "{:,} communities, {:,} taking part, {:,} recognised".format(*counts)


if __name__ == "__main__":
    main()
