"""The docx of a document: Word's own styles, read back; and the page that LibreOffice makes of it."""

import os
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from apps.papers import measure
from apps.papers.docx import to_docx
from tests.papers.geometry import lines_of, text_of, words_of
from tests.papers.samples import HARD, MARKUP, NAMES, PAPER, WIDE

_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir>
<alias binding="same"><family>仿宋_GB2312</family><prefer><family>FandolFang R</family></prefer></alias>
<alias binding="same"><family>黑体</family><prefer><family>FandolHei</family></prefer></alias>
<alias binding="same"><family>楷体_GB2312</family><prefer><family>FandolKai</family></prefer></alias>
<alias binding="same"><family>宋体</family><prefer><family>FandolSong</family></prefer></alias>
<alias binding="same"><family>方正小标宋简体</family><prefer><family>Noto Serif CJK SC</family></prefer></alias>
</fontconfig>"""


def through_libreoffice(content: bytes, directory: Path) -> Path:
    """Open the docx in LibreOffice, with free fonts in the place of the offices', and print it to a PDF."""
    (directory / "fonts.conf").write_text(_FONTS.format(fonts=Path(".fonts").resolve()), encoding="utf-8")
    (directory / "paper.docx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{directory}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(directory),
        str(directory / "paper.docx"),
    ]
    environment = {**os.environ, "FONTCONFIG_FILE": str(directory / "fonts.conf")}
    subprocess.run(command, check=True, capture_output=True, timeout=180, env=environment)
    return directory / "paper.pdf"


def test_styles_are_words_own() -> None:
    docx: Any = Document(BytesIO(to_docx(PAPER)))
    used = [paragraph.style.name for paragraph in docx.paragraphs if paragraph.text]
    assert used[:5] == ["发文机关标志", "发文字号", "Title", "主送机关", "公文正文"]
    assert used[5:9] == ["Heading 1", "Heading 2", "Heading 3", "Heading 4"]
    assert [one.text for one in docx.paragraphs if one.style.name == "Heading 1"] == ["一、总体情况", "二、下一步"]
    faces = {
        name: (docx.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")), docx.styles[name].font.size.pt)
        for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "单页页码")
    }
    assert faces == {
        "Normal": ("仿宋_GB2312", 16),
        "Title": ("方正小标宋简体", 22),
        "Heading 1": ("黑体", 16),
        "Heading 2": ("楷体_GB2312", 16),
        "Heading 3": ("仿宋_GB2312", 16),
        "单页页码": ("宋体", 14),
    }


def test_page_grid_and_numbers() -> None:
    docx: Any = Document(BytesIO(to_docx(PAPER)))
    section = docx.sections[0]
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(one.mm) for one in (section.page_width, section.page_height, *margins)] == [210, 297, 37, 28, 26, 35]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")
    assert docx.settings.odd_and_even_pages_header_footer
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.style.name, even.style.name) == ("单页页码", "双页页码")


def test_tables_are_tables_with_repeated_heads() -> None:
    docx: Any = Document(BytesIO(to_docx(PAPER)))
    table = docx.tables[0]
    assert (len(table.rows), [cell.text for cell in table.rows[0].cells]) == (81, ["序号", "社区"])
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows[:2]] == [True, False]


def test_a_wide_annex_is_a_section_that_lies_across() -> None:
    docx: Any = Document(BytesIO(to_docx(WIDE)))
    assert [(round(one.page_width.mm), round(one.page_height.mm)) for one in docx.sections] == [
        (210, 297),
        (297, 210),
        (210, 297),
    ]
    assert [one.footer.is_linked_to_previous for one in docx.sections] == [False, True, True]
    across = docx.tables[0]
    assert round(sum(column.width.mm for column in across.columns)) == measure.HEIGHT
    assert {one.get(qn("w:val")) for one in across._tbl.iter(qn("w:cantSplit"))} == {"0"}


@pytest.mark.parametrize("name", HARD)
def test_hard_cases_are_written(name: str) -> None:
    docx = Document(BytesIO(to_docx(HARD[name])))
    text = "\n".join([paragraph.text for paragraph in docx.paragraphs])
    cells = [cell.text for table in docx.tables for row in table.rows for cell in row.cells]
    match name:
        case "no names":
            assert ("无。" in text, "（无）" in cells) == (True, True)
        case "sixty names in a cell":
            assert "、".join(NAMES) in cells
        case "rare signs":
            assert "法脿镇、𠙶㙍㙟" in text
        case "markup":
            assert (text.count(MARKUP), cells.count(MARKUP)) == (5, 3)
        case "control signs":
            assert "甲 乙 丙丁" in text


def test_nobody_is_named_as_its_author() -> None:
    about = Document(BytesIO(to_docx(PAPER))).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("楚雄彝族自治州住房和城乡建设局", "", "")
    assert about.title == PAPER.title


def test_libreoffice_sets_it_like_the_pdf(tmp_path: Path) -> None:
    pages = words_of(through_libreoffice(to_docx(PAPER), tmp_path))
    *body, number = lines_of(pages[1])
    full = [line for line in body if text_of(line) == "字" * measure.CHARACTERS]
    assert len(body) == measure.LINES
    assert len(full) >= 15
    assert text_of(number) == "—2—"
    assert number[0].left < 40
    assert lines_of(pages[0])[-1][-1].right > 170
    first = [text_of(line) for line in lines_of(pages[0])]
    assert first[:4] == [
        "楚雄彝族自治州住房和城乡建设局文件",
        "楚住建〔2022〕15号",
        "楚雄彝族自治州住房和城乡建设局",
        "关于认定2022年绿色社区的决定",
    ]
    assert [text_of(lines_of(page)[0]) for page in pages if text_of(lines_of(page)[0]).startswith("附件")] == [
        "附件1",
        "附件2",
    ]
