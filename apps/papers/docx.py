"""A document as docx for editing: Word's own styles, page grid, page numbers and tables. Fonts are those that offices have."""

from collections.abc import Sequence
from functools import partial
from io import BytesIO

from docx import Document
from docx.document import Document as Docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as DocxTable
from docx.table import _Row
from docx.text.paragraph import Paragraph as DocxParagraph

from apps.core import clock
from apps.core.inputs import as_seen
from apps.papers import measure
from apps.papers.docx_styles import CELL_STYLES, CHARACTER, LINE, element, number_pages, set_up, turn_page
from apps.papers.paper import Block, Head, Heading, Imprint, Paper, Table, day, numbered

_CELL_PADDING = Mm(1)
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def to_docx(paper: Paper) -> bytes:
    """Write one document."""
    docx = Document()
    set_up(docx)
    _describe(docx, paper)
    number_pages(docx, paper.mark)
    add = partial(_add, docx)
    if paper.head:
        issuer = add(paper.head.issuer, "发文机关标志")
        issuer.runs[0].font.size = Pt(round(measure.issuer_size(paper.head.issuer) * 72 / 25.4 * 2) / 2)
        _add_number(docx, paper.head)
    _add_title(docx, paper.title, after_rule=paper.head is not None)
    if paper.recipients:
        add(f"{paper.recipients}：", "主送机关")
    _add_blocks(docx, paper.blocks)
    _add_end(docx, paper)
    for number, annex in enumerate(paper.annexes, start=1):
        turn_page(docx, is_wide=annex.is_wide)
        add(paper.annex_label(number), "附件标注")
        _add_title(docx, annex.title)
        _add_blocks(docx, annex.blocks, is_wide=annex.is_wide)
    if paper.imprint:
        _add_imprint(docx, paper.imprint)
    file = BytesIO()
    docx.save(file)
    return file.getvalue()


def _describe(docx: Docx, paper: Paper) -> None:
    about = docx.core_properties
    about.title, about.author = as_seen(paper.title).replace("\n", ""), as_seen(paper.signed)
    about.last_modified_by, about.comments, about.language = "", "", "zh-CN"
    about.created = about.modified = clock.now()


def _add(docx: Docx, text: str, style: str) -> DocxParagraph:
    return docx.add_paragraph(as_seen(text), style=style)


def _add_number(docx: Docx, head: Head) -> None:
    """发文字号, beside it 签发人 where the document goes to an office above: one character from either margin (7.2.6)."""
    if not head.is_upward:
        _add(docx, head.number or "　", "发文字号")
        return
    # Not by indents: the red rule below would be as short.
    paragraph = _add(docx, f"　{head.number}", "发文字号")
    paragraph.add_run("\t签发人：　　　")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(measure.WIDTH) - CHARACTER, WD_TAB_ALIGNMENT.RIGHT)


def _add_title(docx: Docx, title: str, *, after_rule: bool = False) -> None:
    lines = measure.title_lines(as_seen(title))
    paragraph = docx.add_paragraph(style="Title")
    if after_rule:
        paragraph.paragraph_format.space_before = 2 * LINE
    for line in lines:
        paragraph.add_run(line)
        if line is not lines[-1]:
            paragraph.runs[-1].add_break()


def _add_blocks(docx: Docx, blocks: Sequence[Block], *, is_wide: bool = False) -> None:
    for place, (ordinal, block) in enumerate(numbered(blocks)):
        if isinstance(block, Heading):
            _add(docx, ordinal + block.text, f"Heading {block.level}")
        elif isinstance(block, Table):
            if block.caption:
                _add(docx, block.caption, "小表格文字" if is_wide else "表题")
            _add_table(docx, block, is_wide=is_wide)
            if place < len(blocks) - 1:
                _add(docx, "", "表后")
        else:
            for line in filter(None, map(str.strip, block.text.splitlines())):
                _add(docx, line, "公文正文")


def _add_table(docx: Docx, table: Table, *, is_wide: bool) -> None:
    drawn = docx.add_table(0, len(table.columns), style="Table Grid")
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    margins = element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(element(f"w:{side}", w=_CELL_PADDING.twips, type="dxa"))
    drawn._tbl.tblPr.insert_element_before(margins, "w:tblLook")  # noqa: SLF001 python-docx has no such margins
    widths = [Mm((measure.HEIGHT if is_wide else measure.WIDTH) * share) for share in table.shares]
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    named = {name: docx.styles[("小" if table.is_small else "") + name].style_id for name in CELL_STYLES}
    if table.has_head:
        head = _add_row(drawn, [column.label for column in table.columns], [named["表头"]] * len(widths), widths)
        head._tr.get_or_add_trPr().append(element("w:tblHeader"))  # noqa: SLF001 python-docx knows of no rows that repeat
    styles = [named["表格文字" if column.is_text else "表格"] for column in table.columns]
    for cells in table.rows:
        if isinstance(cells, str):
            _add_wide_row(drawn, cells, named["表内标题"], widths)
        else:
            _add_row(drawn, cells, styles, widths)
    if not table.rows:
        _add_wide_row(drawn, table.nothing, named["表格"], widths)
    _keep_together(drawn, table, is_wide=is_wide)


def _keep_together(drawn: DocxTable, table: Table, *, is_wide: bool) -> None:
    """Rows stay whole but on sheets that lie across, which are low; a short table stays on one page."""
    if is_wide:
        for whole in drawn._tbl.iter(qn("w:cantSplit")):  # noqa: SLF001 nor of rows that break
            whole.set(qn("w:val"), "0")
    if table.is_short:
        for paragraph in (one for row in drawn.rows[:-1] for cell in row.cells for one in cell.paragraphs):
            paragraph.paragraph_format.keep_with_next = True


def _add_row(drawn: DocxTable, texts: Sequence[str], styles: Sequence[str], widths: Sequence[Mm]) -> _Row:
    row = drawn.add_row()
    row._tr.get_or_add_trPr().append(element("w:cantSplit"))  # noqa: SLF001 nor of rows that stay whole
    for cell, text, style, width in zip(row.cells, texts, styles, widths, strict=True):
        cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
        first, *others = as_seen(text).split("\n")
        paragraphs = [cell.paragraphs[0], *(cell.add_paragraph() for _ in others)]
        for paragraph, line in zip(paragraphs, [first, *others], strict=True):
            # By its id: looking a style up by name for each cell takes longer than all the rest.
            paragraph._p.style = style  # noqa: SLF001
            paragraph.add_run(line)
    return row


def _add_wide_row(drawn: DocxTable, text: str, style: str, widths: Sequence[Mm]) -> None:
    """A row whose one cell goes across all columns."""
    row = _add_row(drawn, [text] + [""] * (len(widths) - 1), [style] * len(widths), widths)
    whole = row.cells[0].merge(row.cells[-1])
    for extra in whole.paragraphs[1:]:
        extra._p.getparent().remove(extra._p)  # noqa: SLF001 merging leaves one of each cell


def _add_end(docx: Docx, paper: Paper) -> None:
    """附件说明, 署名, 成文日期, 附注. The page that is sealed holds some of the text (7.3.5.1)."""
    last = docx.paragraphs[-1]
    if paper.signed and last.style is not None and last.style.name == "公文正文":
        last.paragraph_format.keep_with_next = True
    for number, line in enumerate(paper.annex_lines):
        paragraph = _add(docx, f"附件：{line}" if number == 0 else line, "附件说明")
        if number:
            paragraph.paragraph_format.space_before = Pt(0)
            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = 5 * CHARACTER, Pt(0)
    if paper.signed:
        office = _add(docx, paper.signed, "署名")
        office.paragraph_format.right_indent = round(
            measure.office_from_right(paper.signed, day(paper.dated)) * CHARACTER
        )
        _add(docx, day(paper.dated), "成文日期")
    if paper.note:
        _add(docx, f"（{paper.note}）", "附注")


def _add_imprint(docx: Docx, imprint: Imprint) -> None:
    """版记 as a table that stands at the foot of the last page, however long the text before it is."""
    _add(docx, "", "表后")
    drawn = docx.add_table(0, 2)
    drawn.autofit = False
    # LibreOffice lets no table float that fills the whole width.
    whole, printed = Mm(measure.WIDTH - 1), f"{day(imprint.issued_on)}印发"
    # A date that is left blank is wider than one that is there; word processors set a quarter of a character between Chinese and
    # figures, and other fonts have wider figures.
    right = max(round(whole * 0.42), round((measure.text_width(printed) + 2) * Pt(14)))
    widths = [whole - right, right]
    if imprint.copies:
        cells = drawn.add_row().cells
        copies = cells[0].merge(cells[1]).paragraphs[0]
        copies.style, copies.text = "抄送", as_seen(f"抄送：{imprint.copies}。")
    texts = (imprint.issuer, "印发机关"), (printed, "印发日期")
    for cell, width, (text, style) in zip(drawn.add_row().cells, widths, texts, strict=True):
        cell.width, cell.paragraphs[0].style, cell.paragraphs[0].text = width, style, as_seen(text)
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    borders = element("w:tblBorders")
    for side, size in (("top", 8), ("bottom", 8), ("insideH", 6)):
        borders.append(element(f"w:{side}", val="single", sz=size, space=0, color="000000"))
    at_foot = element("w:tblpPr", vertAnchor="margin", horzAnchor="margin", tblpXSpec="center", tblpYSpec="bottom")
    properties = drawn._tbl.tblPr  # noqa: SLF001 python-docx has no borders and no floating tables
    after_borders = ("w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    properties.insert_element_before(at_foot, "w:tblOverlap", "w:tblW", "w:jc", "w:tblInd", *after_borders)
    properties.insert_element_before(borders, *after_borders)
    # Word wants a paragraph behind a table; it takes no room.
    docx.add_paragraph(style="表后").paragraph_format.line_spacing = Pt(1)
