"""Documents: 100 score sheets in one PDF, a report of ten pages; each beside bare pages set by the same library in the same run."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

from benchmarks.dataset import ANHUI_CODE, MEASURED, approver_of
from benchmarks.measuring import table, verdict

HEAD = ["", "pages", "s", "processor s", "the same, bare pages", "ratio", "MB held", "MB file", "aim"]
SHEETS = 100
MOST_SECONDS, MOST_MB = 20, 500
MOST_REPORT_SECONDS = 3


def report() -> list[str]:
    """Measure each in a process of its own, so that the memory is its own."""
    rows = []
    for name in WORKS:
        done = subprocess.run(  # noqa: S603 our own module
            [sys.executable, "-m", "benchmarks.documents", name],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.dev"},
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            check=True,
        )
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    return [
        *table("Documents", HEAD, rows),
        "Bare pages: as many pages of plain text, 22 lines of 28 characters, set by WeasyPrint alone in one document. The ratio is",
        "that of processor time, all processes together, which a busy machine changes least.",
        "MB held: the most that the process and the one beside it held, Django included; what they share counts once.",
        "With 安徽省 alone loaded.",
        "",
    ]


def _sheets() -> list[str]:
    from apps.accounts.acting import acting
    from apps.accounts.permissions import Actor
    from apps.assessments.models import Assessment
    from apps.documents.assessment import score_sheets

    user = approver_of(ANHUI_CODE)
    actor = Actor(user, user.memberships.select_related("jurisdiction").get(jurisdiction__code=ANHUI_CODE))
    named = ("participation__campaign", "participation__community__jurisdiction__parent")
    with acting(actor):
        rows = Assessment.objects.select_related(*named).filter(participation__campaign__code=MEASURED)
        assessments = list(rows.below(actor.jurisdiction.path).order_by("pk")[:SHEETS])
        with _watching() as most:
            before, start = _processor(), perf_counter()
            content = score_sheets(assessments, actor)
            taken, worked = perf_counter() - start, _processor() - before
    held = most[0]
    aim = f"{MOST_SECONDS} s, {MOST_MB} MB: {verdict(taken <= MOST_SECONDS and held <= MOST_MB)}"
    return _row(f"{len(assessments)} score sheets", content, taken, worked, held, aim)


def _report() -> list[str]:
    from apps.papers.paper import Block, Column, Head, Heading, Paper, Paragraph, Table
    from apps.papers.pdf import to_pdf

    blocks: list[Block] = []
    for _ in range(6):
        blocks += [Heading(1, "工作情况"), Heading(2, "创建情况"), Paragraph("创建行动取得进展。" * 60)]
        blocks.append(Table([Column("县"), Column("完成数量")], [["楚雄市", "31"]] * 12))
    paper = Paper(
        title="年度总结评估报告",
        head=Head("住房和城乡建设局文件", "建〔2022〕1号"),
        blocks=blocks,
        signed="住房和城乡建设局",
    )
    to_pdf(paper)
    with _watching() as most:
        before, start = _processor(), perf_counter()
        content = to_pdf(paper)
        taken, worked = perf_counter() - start, _processor() - before
    return _row(
        "a report", content, taken, worked, most[0], f"{MOST_REPORT_SECONDS} s: {verdict(taken <= MOST_REPORT_SECONDS)}"
    )


def _row(what: str, content: bytes, taken: float, worked: float, held: float, aim: str) -> list[str]:
    from io import BytesIO

    from pypdf import PdfReader

    pages = len(PdfReader(BytesIO(content)).pages)
    bare = _bare(pages)
    figures = [f"{one:.1f}" for one in (taken, worked, bare, worked / bare)]
    figures += [f"{held:.0f}", f"{len(content) / 1e6:.1f}"]
    return [what, str(pages), *figures, aim]


def _bare(pages: int) -> float:
    """The processor's seconds that WeasyPrint takes for so many pages of plain text."""
    from weasyprint import HTML

    lines = "<br>".join(["字" * 28] * 22 * pages)
    style = (
        "@page { size: A4; margin: 37mm 26mm 35mm 28mm } body { margin: 0; font: 5.571mm/10.227mm 'Noto Serif CJK SC' }"
    )
    before = _processor()
    HTML(string=f"<style>{style}</style><p>{lines}").write_pdf()
    return _processor() - before


def _processor() -> float:
    """The seconds that processors have worked for this process and those that it has begun and seen end."""
    return sum(os.times()[:4])


@contextmanager
def _watching() -> Iterator[list[float]]:
    """Give a list of one: the most megabytes that this process and those that it has begun held at a time."""
    most, done = [_held()], Event()

    def watch() -> None:
        # Seldom: counting the pages of a process takes a while itself.
        while not done.wait(3):
            most[0] = max(most[0], _held())

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def _held() -> float:
    own = os.getpid()
    begun = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()
    return sum(_pss(pid) for pid in [str(own), *begun])


def _pss(pid: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


WORKS = {"sheets": _sheets, "report": _report}


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(json.dumps(WORKS[sys.argv[1]](), ensure_ascii=False) + "\n")
