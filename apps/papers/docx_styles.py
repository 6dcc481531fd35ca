"""The styles, page and page numbers of a docx, by GB/T 9704-2012 as ``measure`` has it."""

from typing import Any

from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Length, Mm, Pt, RGBColor

from apps.papers import measure

# What Chinese offices have, and what stands in where one lacks it.
FANG, HEI, KAI, SONG, XIAOBIAOSONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "方正小标宋简体"
_INSTEAD = {
    FANG: "仿宋,FangSong,FandolFang R",
    HEI: "SimHei,FandolHei",
    KAI: "楷体,KaiTi,FandolKai",
    SONG: "SimSun,FandolSong",
    XIAOBIAOSONG: "小标宋体,华文中宋,Noto Serif CJK SC",
}
_PT_PER_MM = 72 / 25.4
# Word counts in twentieths of a point: 28 characters and 22 lines are a hair less than the type area. LibreOffice gives
# two cells of a grid of characters to one that is larger than a cell, so they are set closer instead.
_CLOSER = -5
CHARACTER = Pt(16 + _CLOSER / 20)
LINE = Pt(28.95)
_THREE, _TWO, _FOUR, _TABLE, _SMALL_TABLE = 16.0, 22.0, 14.0, 12.0, 10.5
# Of tables; each also smaller, with 小 before its name.
CELL_STYLES = {
    "表头": (HEI, ALIGN.CENTER),
    "表内标题": (HEI, ALIGN.LEFT),
    "表格": (FANG, ALIGN.CENTER),
    "表格文字": (FANG, ALIGN.LEFT),
}
_SPACING_AND_AFTER = ("w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
_AFTER_SPACING_OF_SCRIPTS = ("w:snapToGrid", *_SPACING_AND_AFTER)
_RED, _BLACK = RGBColor(0xD6, 0, 0), RGBColor(0, 0, 0)


def element(name: str, **attributes: Any) -> Any:
    """Return an element of WordprocessingML with attributes of its namespace."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def set_up(docx: Docx) -> None:
    """Page, grid and styles of an empty document."""
    section = docx.sections[0]
    section.page_width, section.page_height = Mm(measure.PAGE[0]), Mm(measure.PAGE[1])
    section.top_margin, section.bottom_margin = Mm(measure.TOP), Mm(measure.BOTTOM)
    section.left_margin, section.right_margin = Mm(measure.LEFT), Mm(measure.RIGHT)
    section.header_distance, section.footer_distance = Mm(15), Mm(measure.BOTTOM - measure.PAGE_NUMBER_BELOW - 5.5)
    for old in section._sectPr.findall(qn("w:docGrid")):  # noqa: SLF001 python-docx knows no grid
        section._sectPr.remove(old)  # noqa: SLF001
    section._sectPr.append(element("w:docGrid", type="lines", linePitch=round(LINE.pt * 20)))  # noqa: SLF001
    _name_fonts(docx)
    _base_style(docx)
    _own_styles(docx)


def turn_page(docx: Docx, *, is_wide: bool) -> None:
    """Let what follows stand on sheets that lie across, or on upright ones again; the type area is turned with the sheet."""
    before = docx.sections[-1]
    if is_wide == (before.orientation == WD_ORIENT.LANDSCAPE):
        return
    section = docx.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = before.page_height, before.page_width
    upright = measure.TOP, measure.RIGHT, measure.BOTTOM, measure.LEFT
    wide = measure.LEFT, measure.TOP, measure.RIGHT, measure.BOTTOM
    top, right, bottom, left = wide if is_wide else upright
    section.top_margin, section.right_margin = Mm(top), Mm(right)
    section.bottom_margin, section.left_margin = Mm(bottom), Mm(left)
    section.footer_distance = Mm(bottom - measure.PAGE_NUMBER_BELOW - 5.5)


def number_pages(docx: Docx, mark: str) -> None:
    """— 1 — on the right of odd pages and on the left of even ones; above them the mark of what is no document yet."""
    docx.settings.odd_and_even_pages_header_footer = True
    section = docx.sections[0]
    for footer, style in ((section.footer, "单页页码"), (section.even_page_footer, "双页页码")):
        paragraph = footer.paragraphs[0]
        paragraph.style = style
        paragraph.add_run("— ")
        field = element("w:fldSimple", instr="PAGE")
        shown = element("w:r")
        text = element("w:t")
        text.text = "1"
        shown.append(text)
        field.append(shown)
        paragraph._p.append(field)  # noqa: SLF001
        paragraph.add_run(" —")
    if mark:
        for header in (section.header, section.even_page_header):
            header.paragraphs[0].style, header.paragraphs[0].text = "文稿标注", mark


def _base_style(docx: Docx) -> None:
    """Word's 正文, from which all others come."""
    defaults = docx.styles.element.find(qn("w:docDefaults"))
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    normal = docx.styles["Normal"]
    _set_font(normal, FANG, _THREE)
    shape = normal.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    shape.space_before = shape.space_after = Pt(0)
    shape.widow_control = False
    properties = normal.element.get_or_add_pPr()
    for name in ("w:autoSpaceDE", "w:autoSpaceDN"):
        _insert(properties, element(name, val="0"), _AFTER_SPACING_OF_SCRIPTS)
    closer = element("w:spacing", val=_CLOSER)
    _insert(normal.element.get_or_add_rPr(), closer, ("w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:lang"))


def _own_styles(docx: Docx) -> None:
    indent = 2 * CHARACTER
    for level, font in enumerate((HEI, KAI, FANG, FANG), start=1):
        _style(docx, f"Heading {level}", font, align=ALIGN.JUSTIFY, first=indent, keep=True)
    _style(docx, "Title", XIAOBIAOSONG, _TWO, align=ALIGN.CENTER, after=LINE, keep=True)
    _style(docx, "公文正文", FANG, align=ALIGN.JUSTIFY, first=indent)
    issuer = _style(docx, "发文机关标志", XIAOBIAOSONG, 36, align=ALIGN.CENTER, before=Mm(measure.ISSUER_BELOW_TOP))
    issuer.font.color.rgb = _RED
    issuer.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    number = _style(docx, "发文字号", FANG, align=ALIGN.CENTER, before=2 * LINE)
    _rule_below(number)
    _style(docx, "主送机关", FANG)
    _style(docx, "附件说明", FANG, before=LINE, left=5 * CHARACTER, first=-3 * CHARACTER, keep=True)
    _style(docx, "署名", FANG, align=ALIGN.RIGHT, before=2 * LINE, keep=True)
    _style(docx, "成文日期", FANG, align=ALIGN.RIGHT, right=4 * CHARACTER)
    _style(docx, "附注", FANG, first=indent)
    label = _style(docx, "附件标注", HEI, after=LINE, keep=True)
    label.paragraph_format.page_break_before = True
    _style(docx, "表题", KAI, _FOUR, before=Mm(3), keep=True)
    for name in ("Title", "发文机关标志"):
        _insert(docx.styles[name].element.get_or_add_pPr(), element("w:snapToGrid", val="0"), _SPACING_AND_AFTER)
    for name, (font, align) in CELL_STYLES.items():
        for prefix, size, line in (("", _TABLE, 18.0), ("小", _SMALL_TABLE, 15.5)):
            heads = name == "表内标题"
            cell = _style(docx, prefix + name, font, size, align=align, before=Pt(2), after=Pt(2), keep=heads)
            cell.paragraph_format.line_spacing = Pt(line)
            _insert(cell.element.get_or_add_pPr(), element("w:snapToGrid", val="0"), _SPACING_AND_AFTER)
    behind = _style(docx, "表后", FANG, _TABLE)
    behind.paragraph_format.line_spacing = Pt(12)
    _style(docx, "抄送", FANG, _FOUR, left=4 * Pt(_FOUR), first=-3 * Pt(_FOUR), right=Pt(_FOUR))
    _style(docx, "印发机关", FANG, _FOUR, left=Pt(_FOUR))
    _style(docx, "印发日期", FANG, _FOUR, align=ALIGN.RIGHT, right=Pt(_FOUR))
    _style(docx, "单页页码", SONG, _FOUR, align=ALIGN.RIGHT, right=Pt(_FOUR))
    _style(docx, "双页页码", SONG, _FOUR, left=Pt(_FOUR))
    _style(docx, "文稿标注", HEI, _THREE, align=ALIGN.RIGHT)


def _style(
    docx: Docx,
    name: str,
    font: str,
    size: float = _THREE,
    *,
    align: ALIGN = ALIGN.LEFT,
    first: int = 0,
    left: int = 0,
    right: int = 0,
    before: int = 0,
    after: int = 0,
    keep: bool = False,
) -> Any:
    """Give a style its font and place; one that Word has is made ours."""
    known = name in docx.styles
    style: Any = docx.styles[name] if known else docx.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if known:
        for name_ in ("w:pBdr", "w:contextualSpacing", "w:numPr"):
            for old in style.element.findall(f".//{qn(name_)}"):
                old.getparent().remove(old)
    style.base_style, style.next_paragraph_style = docx.styles["Normal"], style
    style.quick_style, style.hidden, style.unhide_when_used = True, False, False
    _set_font(style, font, size)
    shape = style.paragraph_format
    shape.alignment, shape.keep_with_next = align, keep
    shape.first_line_indent, shape.left_indent, shape.right_indent = Emu(first), Emu(left), Emu(right)
    shape.space_before, shape.space_after = Emu(before), Emu(after)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    return style


def _set_font(style: Any, name: str, size: float) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.italic = name, Length(Pt(size)), False, False
    style.font.color.rgb = _BLACK
    properties = style.element.get_or_add_rPr()
    fonts = properties.rFonts
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{key}"), name)
    for old in ("w:spacing", "w:kern", "w:bCs", "w:iCs", "w:szCs"):
        for found in properties.findall(qn(old)):
            properties.remove(found)


def _rule_below(style: Any) -> None:
    """The red rule 4 mm below 发文字号."""
    shape = style.element.get_or_add_pPr()
    borders = element("w:pBdr")
    space = round(measure.RULE_BELOW_NUMBER * _PT_PER_MM)
    borders.append(element("w:bottom", val="single", sz=14, space=space, color="D60000"))
    _insert(shape, borders, ("w:shd", "w:tabs", *_AFTER_SPACING_OF_SCRIPTS))


def _insert(parent: Any, child: Any, before: tuple[str, ...]) -> None:
    """Put an element where the schema wants it: Word refuses files in which the order is another."""
    parent.insert_element_before(child, *before)


def _name_fonts(docx: Docx) -> None:
    """Tell the program what to take for a font that it has not."""
    part = next(one for one in docx.part.package.iter_parts() if str(one.partname) == "/word/fontTable.xml")
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, instead in _INSTEAD.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")  # noqa: SLF001 it is no part of its own there
