"""A document as PDF, set by WeasyPrint; many documents in one file. Fonts are embedded as far as they are used."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import lru_cache
from io import BytesIO
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from apps.core.inputs import as_seen
from apps.papers import measure
from apps.papers.fonts import font_faces
from apps.papers.paper import Paper, day
from apps.papers.typesetter import Typesetter, TypesetterBeside

_CSS = Path(__file__).with_name("paper.css")
# What is set at a time of many: more of them share more, and hold more memory.
_TOGETHER = 8


def to_pdf(paper: Paper) -> bytes:
    """Set one document."""
    return _typesetter().set(*_source([paper]))


def to_one_pdf(papers: Iterable[Paper]) -> bytes:
    """Set many documents into one file, each with page numbers of its own and beginning on the front of a sheet.

    ``papers`` may be made one by one: the memory is that of a part of them. A bookmark leads to each. Every other part is set by
    a process beside this one, where there is a processor for it; it is ended with this function, however that ends.
    """
    from pypdf import PdfReader, PdfWriter

    with PdfWriter() as writer, ExitStack() as at_end:
        for content in _parts_set(papers, at_end):
            # A part begins on a front, too.
            if len(writer.pages) % 2:
                writer.add_blank_page()
            writer.append(PdfReader(BytesIO(content)))
        file = BytesIO()
        writer.write(file)
    return file.getvalue()


def _parts_set(papers: Iterable[Paper], at_end: ExitStack) -> Iterator[bytes]:
    """The parts of many documents in order, two of them set at the same time."""
    parts, beside = _parts_of(papers), None
    for here in parts:
        there = next(parts, None) if (os.cpu_count() or 1) > 1 else None
        if there is not None:
            beside = beside or at_end.enter_context(closing(TypesetterBeside(_style(), str(settings.FONTS_DIR))))
            beside.begin(*_source(there))
        yield _typesetter().set(*_source(here))
        if beside is not None and there is not None:
            yield beside.finish()


def _parts_of(papers: Iterable[Paper]) -> Iterator[list[Paper]]:
    """What is set together: it has its mark in common."""
    for _, alike in groupby(papers, key=lambda one: one.mark):
        while part := list(islice(alike, _TOGETHER)):
            yield part


def _source(papers: Sequence[Paper]) -> tuple[str, str]:
    """The markup of documents, and what of their style depends on their words."""
    contexts = [_context(place, paper) for place, paper in enumerate(papers)]
    first = papers[0]
    facts = {"name": _name_of(first), "author": first.signed, "mark": first.mark, "papers": contexts}
    return as_seen(render_to_string("papers/paper.html", facts)), "".join(map(_figures_of, contexts))


def _name_of(paper: Paper) -> str:
    return paper.title.replace("\n", "")


def _context(place: int, paper: Paper) -> dict[str, Any]:
    annexes = [
        {
            "label": paper.annex_label(number),
            "title": measure.title_lines(one.title),
            "blocks": one.blocks,
            "is_wide": one.is_wide,
        }
        for number, one in enumerate(paper.annexes, start=1)
    ]
    return {
        "place": place,
        "paper": paper,
        "name": _name_of(paper),
        "title": measure.title_lines(paper.title),
        "dated": day(paper.dated),
        "annexes": annexes,
        "printed": day(paper.imprint.issued_on) if paper.imprint else "",
    }


def _figures_of(context: dict[str, Any]) -> str:
    """What depends on the words of a document."""
    paper: Paper = context["paper"]
    office = measure.office_from_right(paper.signed, context["dated"])
    issuer = measure.issuer_size(paper.head.issuer) if paper.head else 0.0
    return f"#paper-{context['place']} {{ --office-right: {office:.2f}em; --issuer-size: {issuer:.2f}mm; }}\n"


@lru_cache(maxsize=1)
def _typesetter() -> Typesetter:
    return Typesetter(_style(), str(settings.FONTS_DIR))


def _style() -> str:
    """The style sheet, with what it takes from the standard's figures, and the fonts."""
    figures = (
        f":root {{ --character: {measure.CHARACTER}mm; --line: {measure.LINE}mm;"
        f" --page-number: {measure.PAGE_NUMBER_BELOW}mm; --rule: {measure.RULE_BELOW_NUMBER}mm;"
        f" --issuer-top: {measure.ISSUER_BELOW_TOP}mm; }}"
        f"@page {{ margin: {measure.TOP}mm {measure.RIGHT}mm {measure.BOTTOM}mm {measure.LEFT}mm; }}"
        # Turned by a quarter, so that the type area is the same.
        f"@page wide {{ margin: {measure.LEFT}mm {measure.TOP}mm {measure.RIGHT}mm {measure.BOTTOM}mm; }}"
    )
    return font_faces() + figures + _CSS.read_text(encoding="utf-8")
