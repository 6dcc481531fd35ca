"""Answers that a browser saves."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from apps.core.xlsx import ListValue, write_table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet_download(content: bytes, name: str) -> HttpResponse:
    """A spreadsheet to be saved as ``name``.xlsx."""
    disposition = content_disposition_header(as_attachment=True, filename=f"{name[:90]}.xlsx") or "attachment"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": disposition})


def table_download(title: str, columns: Sequence[str], rows: Iterable[Sequence[ListValue]]) -> HttpResponse:
    """A list as a spreadsheet named after its title."""
    return spreadsheet_download(write_table(title, columns, rows), title)
