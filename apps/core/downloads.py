"""Answers that a browser saves."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from apps.core.xlsx import ListValue, write_table

# Whatever a file holds, a browser runs nothing of it.
_SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(response: HttpResponseBase, *, cache: str = "private, no-store") -> HttpResponseBase:
    """A file that somebody uploaded, as browsers are given it: nothing in it is guessed at or run."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _SANDBOX
    response["Cache-Control"] = cache
    return response


def spreadsheet_download(content: bytes, name: str) -> HttpResponse:
    """A spreadsheet to be saved as ``name``.xlsx."""
    disposition = content_disposition_header(as_attachment=True, filename=f"{name[:90]}.xlsx") or "attachment"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": disposition})


def table_download(title: str, columns: Sequence[str], rows: Iterable[Sequence[ListValue]]) -> HttpResponse:
    """A list as a spreadsheet named after its title."""
    return spreadsheet_download(write_table(title, columns, rows), title)
