"""The PDF of a document, read back: page, margins, fonts, lines and signs on a page, page numbers (GB/T 9704-2012)."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from pypdf import PdfReader

from apps.papers import measure
from apps.papers.fonts import FILES
from apps.papers.http import page_images
from apps.papers.paper import Column, Paper, Paragraph, Table
from apps.papers.pdf import to_one_pdf, to_pdf
from apps.papers.typesetter import Typesetter, TypesetterBeside
from tests.papers.geometry import Word, fonts_of, lines_of, text_of, words_of
from tests.papers.samples import HARD, MARKUP, NAMES, PAPER, WIDE, WIDE_AT_THE_END, paper_of

_RIGHT = measure.PAGE[0] - measure.RIGHT


@pytest.fixture(scope="module")
def content() -> bytes:
    return to_pdf(PAPER)


@pytest.fixture(scope="module")
def file(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("papers") / "paper.pdf"
    file.write_bytes(content)
    return file


@pytest.fixture(scope="module")
def pages(file: Path) -> list[list[Word]]:
    return words_of(file)


def test_pages_are_a4_with_the_margins_of_the_standard(content: bytes, pages: list[list[Word]]) -> None:
    sizes = {
        tuple(round(float(side) * 25.4 / 72) for side in page.mediabox[2:])
        for page in PdfReader(BytesIO(content)).pages
    }
    assert sizes == {(210, 297)}
    for page in pages:
        *body, number = lines_of(page)
        assert text_of(number).startswith("—")
        signs = [word for line in body for word in line]
        # 天头37mm, 订口28mm, 版心156×225mm; a line is taller than its letters.
        assert min(word.left for word in signs) >= measure.LEFT - 0.3
        assert max(word.right for word in signs) <= _RIGHT + 0.3
        assert min(word.top for word in signs) >= measure.TOP - 1
        assert max(word.bottom for word in signs) <= measure.TOP + measure.HEIGHT + 1


def test_a_page_has_22_lines_of_28_characters(pages: list[list[Word]]) -> None:
    *body, _ = lines_of(pages[1])
    assert len(body) == measure.LINES
    full = [line for line in body if text_of(line) == "字" * measure.CHARACTERS]
    assert len(full) >= 15
    assert {(round(line[0].left), round(line[-1].right)) for line in full} == {(28, 184)}
    tops = [line[0].top for line in full]
    steps = {round(below - above, 1) for above, below in pairwise(tops)}
    assert steps <= {10.2, 10.3}


def test_page_numbers_stand_outside(pages: list[list[Word]]) -> None:
    for number, page in enumerate(pages, start=1):
        line = lines_of(page)[-1]
        assert text_of(line) == f"—{number}—"
        # 版心下边缘之下7mm, 单页码居右空一字, 双页码居左空一字.
        assert line[0].top == pytest.approx(measure.TOP + measure.HEIGHT + 7, abs=1.5)
        if number % 2:
            assert line[-1].right == pytest.approx(_RIGHT - 14 * 25.4 / 72, abs=0.5)
        else:
            assert line[0].left == pytest.approx(measure.LEFT + 14 * 25.4 / 72, abs=0.5)


def test_heading_stands_where_the_standard_wants_it(pages: list[list[Word]]) -> None:
    issuer, number, first, second, recipients, *_ = lines_of(pages[0])
    assert text_of(issuer) == "楚雄彝族自治州住房和城乡建设局文件"
    # 发文机关标志上边缘至版心上边缘为35mm; the box of a font reaches above its letters.
    assert issuer[0].top == pytest.approx(measure.TOP + 35, abs=4)
    assert text_of(number) == "楚住建〔2022〕15号"
    assert (text_of(first), text_of(second)) == ("楚雄彝族自治州住房和城乡建设局", "关于认定2022年绿色社区的决定")
    assert recipients[0].left == pytest.approx(measure.LEFT, abs=0.3)
    for line in (issuer, number, first, second):
        assert (line[0].left + line[-1].right) / 2 == pytest.approx((measure.LEFT + _RIGHT) / 2, abs=0.7)


def test_signature_is_centred_on_the_date(pages: list[list[Word]]) -> None:
    lines = [line for page in pages for line in lines_of(page)]
    dated = next(line for line in lines if text_of(line) == "2022年8月5日")
    office = next(line for line in lines if text_of(line) == "楚雄彝族自治州住房和城乡建设局" and line[0].left > 60)
    assert dated[-1].right == pytest.approx(_RIGHT - 4 * measure.CHARACTER, abs=0.5)
    # Centred as far as the margin lets it.
    assert office[-1].right == pytest.approx(_RIGHT, abs=4)


def test_annexes_begin_on_their_own_pages_and_tables_repeat_their_heads(pages: list[list[Word]]) -> None:
    first_lines = [text_of(lines_of(page)[0]) for page in pages]
    assert [line for line in first_lines if line.startswith("附件")] == ["附件1", "附件2"]
    of_table = [page for page in pages if any(word.text.startswith("法") for word in page)]
    assert len(of_table) >= 3
    assert all("序号" in {word.text for word in page} for page in of_table)


def sizes_of(content: bytes) -> list[bool]:
    """Page by page whether it lies across."""
    return [page.mediabox.width > page.mediabox.height for page in PdfReader(BytesIO(content)).pages]


def test_a_wide_annex_lies_across_and_pages_go_on_counting(tmp_path: Path) -> None:
    both = to_one_pdf([WIDE, WIDE_AT_THE_END])
    alone = [sizes_of(to_pdf(one)) for one in (WIDE, WIDE_AT_THE_END)]
    assert [any(one) for one in alone] == [True, True]
    assert [one[-1] for one in alone] == [False, True], "版记 stands on the last page, whichever way it lies"
    (tmp_path / "both.pdf").write_bytes(both)
    numbers = [text_of(lines_of(page)[-1]) for page in words_of(tmp_path / "both.pdf") if page]
    assert numbers == [f"—{number}—" for one in alone for number in range(1, len(one) + 1)]
    pages = words_of(tmp_path / "both.pdf")
    last = [text_of(line) for line in lines_of(pages[-1])]
    assert last[-2].endswith("2022年8月5日印发")
    whole = "".join(text_of(line) for page in pages[: len(alone[0])] for line in lines_of(page))
    assert whole.count("第60社区") == 4


def test_a_short_table_stays_on_one_page(tmp_path: Path) -> None:
    rows = [[str(number), "法脿社区"] for number in range(1, 5)]
    lines = [Paragraph(f"第{number}行") for number in range(1, 19)]
    (tmp_path / "short.pdf").write_bytes(to_pdf(paper_of(*lines, Table([Column("序号"), Column("社区")], rows))))
    pages = ["".join(map(text_of, lines_of(page))) for page in words_of(tmp_path / "short.pdf")]
    assert [one.count("法脿社区") for one in pages] == [0, 4]


def test_imprint_stands_at_the_foot_of_the_last_page(pages: list[list[Word]]) -> None:
    *_, copies, printed, _ = lines_of(pages[-1])
    assert text_of(copies) == "抄送：州人民政府办公室，州发展和改革委员会。"
    assert text_of(printed) == "楚雄彝族自治州住房和城乡建设局办公室2022年8月5日印发"
    assert printed[0].bottom == pytest.approx(measure.TOP + measure.HEIGHT, abs=2.5)


def test_fonts_are_those_of_the_standard_and_embedded_in_part(file: Path, content: bytes) -> None:
    fonts = fonts_of(file)
    assert all(fonts.values())
    assert set(FILES) <= set(fonts)
    assert {"Noto-Serif-CJK-SC-Bold", "Noto-Serif-CJK-SC"} <= set(fonts)
    assert len(content) < 400_000


@pytest.mark.parametrize("name", HARD)
def test_hard_cases_are_set(name: str, tmp_path: Path) -> None:
    file = tmp_path / "hard.pdf"
    file.write_bytes(to_pdf(HARD[name]))
    words = [word for page in words_of(file) for word in page]
    assert all(word.left >= measure.LEFT - 1 and word.right <= _RIGHT + 1 for word in words)
    reader = PdfReader(file)
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    match name:
        case "no names":
            assert ("无。" in text, "（无）" in text) == (True, True)
        case "sixty names in a cell":
            assert all(one in text for one in NAMES)
        case "rare signs":
            assert "法脿镇、𠙶㙍㙟" in text
        case "markup":
            assert text.count("".join(MARKUP.split())) >= 7
        case "control signs":
            assert "甲乙丙丁" in text


def test_many_documents_in_one_file_have_their_own_numbers_and_fronts() -> None:
    reader = PdfReader(BytesIO(to_one_pdf([HARD["one name"], HARD["no names"]])))
    texts = [page.extract_text() for page in reader.pages]
    assert ["— 1 —" in one for one in texts] == [True, False, True]
    assert texts[1] == ""
    assert len(reader.outline) == 2


def test_many_documents_are_set_by_two_processes_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.papers.pdf._TOGETHER", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    titles = ["甲", "乙", "丙"]
    reader = PdfReader(BytesIO(to_one_pdf(paper_of(title=one) for one in titles)))
    assert [one.extract_text()[:1] for one in reader.pages if one.extract_text()] == titles
    assert len(reader.outline) == 3


def test_the_process_beside_ends_when_setting_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.papers.pdf._TOGETHER", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    begun: list[TypesetterBeside] = []
    begin = TypesetterBeside.begin

    def noted(self: TypesetterBeside, markup: str, own: str) -> None:
        begun.append(self)
        begin(self, markup, own)

    monkeypatch.setattr(TypesetterBeside, "begin", noted)

    def papers() -> Iterator[Paper]:
        yield paper_of(title="甲")
        yield paper_of(title="乙")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        to_one_pdf(papers())
    assert [one._process.returncode for one in begun] == [-9]


def test_a_process_beside_that_dies_is_told_of() -> None:
    with closing(TypesetterBeside("", str(settings.FONTS_DIR))) as beside:
        beside._process.kill()
        with pytest.raises(RuntimeError, match="ended with -9"):
            beside.finish()


def test_what_cannot_be_set_beside_is_told_of() -> None:
    with closing(TypesetterBeside("", str(settings.FONTS_DIR))) as beside:
        beside._send(["nothing that can be set"])
        with pytest.raises(RuntimeError, match="ended with 1"):
            beside.finish()


@pytest.mark.parametrize("doing", ["", "beside.begin('<p>绿色社区</p>' * 100_000, '');"])
def test_the_process_beside_ends_with_whoever_began_it(doing: str) -> None:
    begin = (
        "import sys, time; from apps.papers.typesetter import TypesetterBeside;"
        f"beside = TypesetterBeside('', sys.argv[1]); {doing} print(beside._process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", begin, str(settings.FONTS_DIR)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR) as process:
        assert process.stdout is not None
        beside = Path(f"/proc/{process.stdout.readline().strip()}/stat")
        assert _runs(beside)
        process.kill()
    until = time.monotonic() + 60
    while _runs(beside) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _runs(beside)


def _runs(stat: Path) -> bool:
    """Whether a process is there and not merely waiting for somebody to hear that it has ended."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_previews_are_pictures_of_the_first_pages(content: bytes) -> None:
    pictures = list(page_images(content, most=1))
    assert pictures[0].startswith("data:image/png;base64,")
    assert set(pictures[1:]) == {""}


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:1/", "file:///etc/../etc/passwd"])
def test_documents_load_nothing_but_their_fonts(address: str) -> None:
    with pytest.raises(ValueError, match="load nothing"):
        Typesetter("", str(settings.FONTS_DIR)).fetch_font(address)
