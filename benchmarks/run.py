"""Measure on the nation's data and keep what was found: ``python -m benchmarks.run`` for everything, or with names of sections.

Each section is a file of ``results/``, so that one of them can be measured again. Those of ``ONE_PROVINCE`` need no more than that
one, and are measured by a process of their own.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import assessing, documents, files, growth, load, pages, rollups, storm, summary, wall, yardstick
from benchmarks.dataset import ANHUI, fill, point_at_own_database

RESULTS = Path(__file__).parent / "results"
SECTIONS: dict[str, Callable[[], list[str]]] = {
    "rollups": rollups.report,
    "wall": wall.report,
    "pages": pages.report,
    "growth": growth.report,
    "files": files.report,
    "documents": documents.report,
    "summary": summary.report,
    "load": load.report,
    "assessing": assessing.report,
    "storm": storm.report,
}

ONE_PROVINCE = ("documents", "summary")


def main(asked: list[str]) -> None:
    if unknown := set(asked) - set(SECTIONS):
        sys.exit(f"No such section: {', '.join(sorted(unknown))}. There are {', '.join(SECTIONS)}.")
    from config.local_services import use_embedded_services

    use_embedded_services()
    wanted = asked or list(SECTIONS)
    if set(wanted) <= set(ONE_PROVINCE):
        _measure(wanted, ANHUI)
        return
    if small := [name for name in wanted if name in ONE_PROVINCE]:
        subprocess.run([sys.executable, "-m", "benchmarks.run", *small], check=True)  # noqa: S603 our own module
    _measure([name for name in wanted if name not in ONE_PROVINCE], 100)


def _measure(names: list[str], share: int) -> None:
    point_at_own_database(share)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    os.environ["DEBUG"] = "false"
    import django

    django.setup()
    fill(share)
    RESULTS.mkdir(exist_ok=True)
    for name in names:
        lines = ["<!-- Written by `make bench`. -->", "", *SECTIONS[name](), *_circumstances()]
        text = "\n".join(lines) + "\n"
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
        sys.stdout.write(text)


def _circumstances() -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        postgres = cursor.fetchone()[0].split()[0]
    loop = f"a plain Python loop of {yardstick.ROUNDS:,} rounds took {yardstick.milliseconds():.0f} ms just then"
    machine = f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.1f}"
    return [f"Python {platform.python_version()}, PostgreSQL {postgres}, {machine}; {loop}."]


if __name__ == "__main__":
    main(sys.argv[1:])
