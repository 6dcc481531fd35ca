"""A document as PDF, set by WeasyPrint; many documents in one file. Fonts are embedded as far as they are used."""

import atexit
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import groupby, islice
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from apps.core.inputs import as_seen
from apps.papers import measure
from apps.papers.fonts import font_faces
from apps.papers.paper import Paper, day

_CSS = Path(__file__).with_name("paper.css")
# What is set at a time of many: most of the time that a document takes is the same for ten.
_TOGETHER = 10
# Pango's font maps are not made for several threads, and one document at a time bounds the memory.
_one_at_a_time = Lock()


def to_pdf(paper: Paper) -> bytes:
    """Set one document."""
    return _set([paper])


def to_one_pdf(papers: Iterable[Paper]) -> bytes:
    """Set many documents into one file, each with page numbers of its own and beginning on the front of a sheet.

    ``papers`` may be made one by one: the memory is that of a part of them. A bookmark leads to each.
    """
    from pypdf import PdfReader, PdfWriter

    with PdfWriter() as writer:
        # What is set together has its mark in common.
        for _, alike in groupby(papers, key=lambda one: one.mark):
            while part := list(islice(alike, _TOGETHER)):
                # A part begins on a front, too.
                if len(writer.pages) % 2:
                    writer.add_blank_page()
                writer.append(PdfReader(BytesIO(_set(part))))
        file = BytesIO()
        writer.write(file)
    return file.getvalue()


def _set(papers: Sequence[Paper]) -> bytes:
    from weasyprint import CSS, HTML

    contexts = [_context(place, paper) for place, paper in enumerate(papers)]
    first = papers[0]
    facts = {"name": _name_of(first), "author": first.signed, "mark": first.mark, "papers": contexts}
    markup = as_seen(render_to_string("papers/paper.html", facts))
    with _one_at_a_time:
        fonts, sheet = _prepared()
        own = CSS(string="".join(map(_figures_of, contexts)), font_config=fonts, url_fetcher=_refuse)
        source = HTML(string=markup, url_fetcher=_refuse)
        return bytes(source.write_pdf(stylesheets=[sheet, own], font_config=fonts, presentational_hints=True))


def _name_of(paper: Paper) -> str:
    return paper.title.replace("\n", "")


def _context(place: int, paper: Paper) -> dict[str, Any]:
    annexes = [
        {"label": paper.annex_label(number), "title": measure.title_lines(one.title), "blocks": one.blocks}
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
def _prepared() -> tuple[Any, Any]:
    """The fonts and the style sheet, read once."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    figures = (
        f":root {{ --character: {measure.CHARACTER}mm; --line: {measure.LINE}mm;"
        f" --page-number: {measure.PAGE_NUMBER_BELOW}mm; --rule: {measure.RULE_BELOW_NUMBER}mm;"
        f" --issuer-top: {measure.ISSUER_BELOW_TOP}mm; }}"
        f"@page {{ margin: {measure.TOP}mm {measure.RIGHT}mm {measure.BOTTOM}mm {measure.LEFT}mm; }}"
    )
    text = font_faces() + figures + _CSS.read_text(encoding="utf-8")
    return fonts, CSS(string=text, font_config=fonts, url_fetcher=_fonts_alone)


# At the very end the library cannot tidy up any more.
atexit.register(_prepared.cache_clear)


def _refuse(url: str) -> Any:
    """No document loads anything."""
    raise ValueError(f"documents load nothing: {url[:80]}")


def _fonts_alone(url: str) -> Any:
    from weasyprint.urls import URLFetcher

    if not url.startswith(Path(settings.FONTS_DIR).as_uri() + "/"):
        _refuse(url)
    return URLFetcher(allowed_protocols=["file"], allow_redirects=False).fetch(url)
