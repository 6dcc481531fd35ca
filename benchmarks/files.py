"""Spreadsheets in and out, at the scale of the nation: seconds, and the memory of a process of their own."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.dataset import MEASURED, YEAR
from benchmarks.measuring import browser_of, in_turn, table, verdict

HEAD = ["", "s", "MB", "aim"]
MOST_IMPORT_SECONDS, MOST_IMPORT_MB = 60, 500
MOST_LIST_SECONDS = 0.6
ROUNDS = 5
JIANGSU = "320000000000"
# The year that the import fills: nobody has surveyed it yet.
IMPORTED_YEAR = YEAR + 1


def report() -> list[str]:
    """Measure every piece of work in a process of its own, so that the memory is its own."""
    rows = []
    for name in WORKS:
        done = subprocess.run(  # noqa: S603 our own module
            [sys.executable, "-m", "benchmarks.files", name],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.dev"},
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            check=True,
        )
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    return [
        *table("Spreadsheets", HEAD, rows),
        "MB: the most that the process held, Django included.",
        "",
    ]


def _import() -> list[str]:
    """Every province's survey as a file of its own, read, judged and stored as the pages do it; taken back at the end."""
    from django.db import transaction

    from apps.accounts.acting import acting
    from apps.communities.models import CommunitySurvey
    from apps.communities.survey_import import import_rows, read_file

    files = list(_filled_in())
    taken = 0.0
    with transaction.atomic():
        for actor, content in files:
            start = perf_counter()
            with acting(actor):
                import_rows(read_file(BytesIO(content), actor=actor).rows, actor=actor, only_good=False)
            taken += perf_counter() - start
        stored = CommunitySurvey.objects.filter(year=IMPORTED_YEAR).count()
        transaction.set_rollback(True)
    return _line(
        f"import of {stored:,} communities' surveys, {len(files)} files, validated, with history",
        taken,
        lambda seconds, memory: seconds <= MOST_IMPORT_SECONDS and memory <= MOST_IMPORT_MB,
        f"{MOST_IMPORT_SECONDS} s, {MOST_IMPORT_MB} MB",
    )


def _filled_in() -> Iterator[tuple[Any, bytes]]:
    """A filled-in file for each province, or for each city where a province is too large for one."""
    from apps.accounts.permissions import Actor
    from apps.communities.models import Community
    from apps.communities.survey_import import MAX_ROWS
    from apps.jurisdictions.models import Jurisdiction

    for province in Jurisdiction.objects.filter(level="province").order_by("path"):
        fits = Community.objects.below(province.path).count() <= MAX_ROWS
        places = [province] if fits else list(Jurisdiction.objects.filter(parent=province).order_by("path"))
        for place in places:
            user = browser_of(place.code, "staff").user
            membership = user.memberships.select_related("jurisdiction").get(role="staff")
            yield Actor(user, membership), _survey_of(place)


def _survey_of(place: Any) -> bytes:
    from apps.communities.facts import facts_around
    from apps.communities.models import Community
    from apps.communities.survey_sheet import CODE, DATE_COLUMN, NAME, SOURCE_COLUMN
    from apps.communities.survey_sheet import YEAR as YEAR_COLUMN
    from apps.core.xlsx import write_table

    facts = [one for one in facts_around(place.path) if one.code in _SURVEYED]
    heads = [CODE, NAME, YEAR_COLUMN, *(one.column for one in facts), SOURCE_COLUMN, DATE_COLUMN]
    communities = Community.objects.below(place.path).values_list("code", "name").order_by("path", "code")
    values = [_SURVEYED[one.code] for one in facts]
    rows = ([code, name, IMPORTED_YEAR, *values, "入户调查", f"{IMPORTED_YEAR}-01-02"] for code, name in communities)
    return write_table("调查", heads, rows)


_SURVEYED: dict[str, Any] = {
    "households": 1200,
    "population": 3100,
    "estates": 6,
    "old_estates": 2,
    "parking_spaces": 400,
    "noise_complaints": 5,
    "noise_complaints_handled": 5,
    "trainings": 3,
    "heritage_sites": 0,
}


def _list() -> list[str]:
    browser = browser_of(JIANGSU)
    address = f"/communities/?format=xlsx&campaign={MEASURED}&year={YEAR}"
    answer: Any = None

    def ask() -> None:
        nonlocal answer
        answer = browser.get(address)

    [milliseconds] = in_turn([ask], ROUNDS)
    rows = _rows_in(answer.content)
    return _line(
        f"xlsx of the list of 江苏省, {rows:,} rows",
        milliseconds / 1000,
        lambda seconds, _: seconds <= MOST_LIST_SECONDS,
        f"{MOST_LIST_SECONDS} s",
    )


def _rows_in(content: bytes) -> int:
    from openpyxl import load_workbook

    return int(load_workbook(BytesIO(content)).worksheets[0].max_row) - 1


def _line(name: str, seconds: float, is_met: Any, aim: str) -> list[str]:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [name, f"{seconds:.2f}", f"{memory:.0f}", f"{aim}: {verdict(is_met(seconds, memory))}"]


WORKS = {"import": _import, "list": _list}

if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(json.dumps(WORKS[sys.argv[1]](), ensure_ascii=False) + "\n")
