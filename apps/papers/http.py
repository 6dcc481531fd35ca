"""How pages answer with a document: a preview of its pages, the PDF or the docx, from one address."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from io import BytesIO

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from apps.accounts.access import record
from apps.accounts.http import ActorRequest
from apps.accounts.models import AccessEvent
from apps.core.downloads import XLSX
from apps.jurisdictions.models import Jurisdiction
from apps.papers.paper import Paper

PDF = "application/pdf"
# A preview shows no more pages; the file has all.
PAGES_SHOWN = 12
# Sharp enough to read on a screen.
_DOTS_PER_INCH = 96
_GREYS = 16


def paper_answer(
    request: ActorRequest,
    paper: Paper,
    *,
    trail: Sequence[tuple[str, str | None]],
    name: str,
    place: Jurisdiction | None = None,
) -> HttpResponse:
    """Answer with ``?format=pdf``, ``docx`` or, of its tables, ``xlsx`` as a file called ``name``, otherwise with the pages to
    look at.

    ``place``: the jurisdiction that the document is about, for the record of who took it along.
    """
    from apps.papers.docx import MEDIA_TYPE, to_docx
    from apps.papers.pdf import to_pdf
    from apps.papers.xlsx import has_tables, to_xlsx

    wanted = request.GET.get("format")
    if wanted == "docx":
        return _file(request, to_docx(paper), MEDIA_TYPE, f"{name[:90]}.docx", place)
    if wanted == "xlsx":
        if not has_tables(paper):
            raise Http404("这份文件里没有表格。")
        return _file(request, to_xlsx(paper), XLSX, f"{name[:90]}.xlsx", place)
    content = to_pdf(paper)
    if wanted == "pdf":
        return _file(request, content, PDF, f"{name[:90]}.pdf", place)
    pages = list(page_images(content))
    context = {
        "paper": paper,
        "name": name,
        "trail": trail,
        "pages": pages[:PAGES_SHOWN],
        "number": len(pages),
        "shown": PAGES_SHOWN,
        "has_tables": has_tables(paper),
    }
    return render(request, "papers/preview.html", context)


def page_images(content: bytes, most: int = PAGES_SHOWN) -> Iterator[str]:
    """The pages of a PDF as addresses of pictures, which need no viewer in the browser; behind ``most`` only blanks, to count."""
    from pypdfium2 import PdfDocument

    with PdfDocument(content) as document:
        for number, page in enumerate(document):
            if number >= most:
                yield ""
                continue
            picture = page.render(scale=_DOTS_PER_INCH / 72).to_pil().quantize(_GREYS)
            file = BytesIO()
            picture.save(file, "PNG", optimize=False)
            yield f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def _file(
    request: ActorRequest, content: bytes, media_type: str, filename: str, place: Jurisdiction | None
) -> HttpResponse:
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=filename, jurisdiction=place)
    disposition = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})
