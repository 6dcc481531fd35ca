"""Answers that a browser saves."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from apps.core.xlsx import ListValue, write_table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_download(title: str, columns: Sequence[str], rows: Iterable[Sequence[ListValue]]) -> HttpResponse:
    """A list as a spreadsheet named after its title."""
    disposition = content_disposition_header(as_attachment=True, filename=f"{title}.xlsx") or "attachment"
    return HttpResponse(
        write_table(title, columns, rows), content_type=XLSX, headers={"Content-Disposition": disposition}
    )
