"""A document as PDF, set by WeasyPrint; many documents in one file. Fonts are embedded as far as they are used."""

import atexit
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
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
# Pango's font maps are not made for several threads, and one document at a time bounds the memory.
_one_at_a_time = Lock()


def to_pdf(paper: Paper) -> bytes:
    """Set one document."""
    from weasyprint import CSS, HTML

    markup = as_seen(render_to_string("papers/paper.html", _context(paper)))
    with _one_at_a_time:
        fonts, sheet = _prepared()
        own = CSS(string=_figures_of(paper), font_config=fonts, url_fetcher=_refuse)
        source = HTML(string=markup, url_fetcher=_refuse)
        return bytes(source.write_pdf(stylesheets=[sheet, own], font_config=fonts, presentational_hints=True))


def to_one_pdf(papers: Iterable[Paper]) -> bytes:
    """Set many documents into one file, each with page numbers of its own, in the memory that the largest one takes.

    ``papers`` may be made one by one; a bookmark leads to each.
    """
    from pypdf import PdfReader, PdfWriter

    with PdfWriter() as writer:
        for paper in papers:
            start = len(writer.pages)
            writer.append(PdfReader(BytesIO(to_pdf(paper))), outline_item=_name_of(paper), import_outline=False)
            # Each begins on the front of a sheet.
            if (len(writer.pages) - start) % 2:
                writer.add_blank_page()
        writer.compress_identical_objects()
        file = BytesIO()
        writer.write(file)
    return file.getvalue()


def _name_of(paper: Paper) -> str:
    return as_seen(paper.title).replace("\n", "")


def _context(paper: Paper) -> dict[str, Any]:
    annexes = [
        {"label": paper.annex_label(number), "title": measure.title_lines(one.title), "blocks": one.blocks}
        for number, one in enumerate(paper.annexes, start=1)
    ]
    return {
        "paper": paper,
        "title": measure.title_lines(paper.title),
        "dated": day(paper.dated),
        "annexes": annexes,
        "printed": day(paper.imprint.issued_on) if paper.imprint else "",
    }


def _figures_of(paper: Paper) -> str:
    """What depends on the words of this document."""
    office = measure.office_from_right(paper.signed, day(paper.dated))
    issuer = measure.issuer_size(paper.head.issuer) if paper.head else 0.0
    return f":root {{ --office-right: {office:.2f}em; --issuer-size: {issuer:.2f}mm; }}"


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
