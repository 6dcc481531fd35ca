"""PDF files: whole and open ones are taken, what acts or hides is refused."""

import contextlib
import io
import time
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.assessments import file_pdf
from apps.assessments.files import judge_file
from apps.core.errors import InvalidInput

AGAIN = "请用浏览器或 WPS “打印—另存为 PDF”后再传。"
INCOMPLETE = f"“公约.pdf”不完整，或者末尾附有别的内容，不能接收。请重新下载；仍然不行时{AGAIN}"
HIDDEN = f"“公约.pdf”的内部结构异常，可能藏有别的内容，不能接收。{AGAIN}"
LOCKED = f"“公约.pdf”设有密码或使用限制，审核人可能打不开，也不能归档。{AGAIN}"
REMOTE = f"“公约.pdf”里面的链接会打开别的电脑上的文件，不能接收。请删去链接，或{AGAIN}"
SCRIPT = f"“公约.pdf”含有脚本，不能接收。{AGAIN}"


def pdf(body: bytes) -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + body + b"\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def object_stream(content: bytes) -> bytes:
    packed = zlib.compress(content)
    head = b"5 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\r\n" % len(packed)
    return head + packed + b"\nendstream\nendobj"


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        zipped.writestr("x.txt", "x")
    return made.getvalue()


def refusal_of(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("公约.pdf", content))
    return refused.value.message


def scanned() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((200, 150), 60).convert("RGB").save(made, "PDF")
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        scanned(),
        pdf(b"1 0 obj << /Type /Catalog /OpenAction [3 0 R /Fit] >> endobj"),
        pdf(b"1 0 obj << /URI (https://www.mohurd.gov.cn) >> endobj") + b"\r\n\x00\x00" * 2000,
        pdf(object_stream(b"1 0 << /Type /Catalog >>")),
        pdf(b"1 0 obj << /EncryptMetadata false >> endobj"),
        pdf(b"<< /S /GoToR /F (../2021/a b.pdf) /D [0 /Fit] >>"),
        pdf(rb"<< /S /GoToR /F (/C/\346\235\220.pdf) /UF (C:\\a\\b.pdf) >>"),
        pdf(b"<< /Font#20Name /A#42 /Color (#53ff00) >>"),
        pdf(b"5 0 obj << /Type /ObjStm /N 1 /First 4 >>\nstream\n1 0 << /Type /Catalog >>\nendstream endobj"),
    ],
)
def test_judge_takes_ordinary_pdf(content: bytes) -> None:
    assert judge_file(SimpleUploadedFile("公约.pdf", content)).content_type == "application/pdf"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), SCRIPT),
        (pdf(b"<< /S /Java#53cript >>"), SCRIPT),
        (pdf(object_stream(b"1 0 << /S /JavaScript >>")), SCRIPT),
        (pdf(b"<< /S /Launch /F (cmd.exe) >>"), f"“公约.pdf”会启动别的程序，不能接收。{AGAIN}"),
        (
            pdf(b"<< /Names << /EmbeddedFiles 7 0 R >> >>"),
            f"“公约.pdf”里面附有别的文件，不能接收。请把附件另外上传，本文件{AGAIN}",
        ),
        (pdf(b"<< /Subtype /RichMedia >>"), f"“公约.pdf”嵌有动画或视频，不能接收。{AGAIN}"),
        (
            pdf(b"trailer << /Encrypt 9 0 R >>"),
            f"“公约.pdf”设有密码或使用限制，审核人可能打不开，也不能归档。{AGAIN}",
        ),
        (pdf(b"trailer << /Encr#79pt%\n9 0 R >>"), LOCKED),
        (pdf(object_stream(b"1 0 << >>").replace(b"/ObjStm", b"/Obj#53tm")), HIDDEN),
        (pdf(object_stream(b"1 0 << >>").replace(b"/N 1", b" " * 5000)), HIDDEN),
        (pdf(object_stream(b"1 0 << >>").replace(b"/N 1", b"/N (stream)")), HIDDEN),
        (pdf(object_stream(b"1 0 << >>").replace(b"stream\r\n", b"stream\r\nxx")), HIDDEN),
        (pdf(object_stream(b"1 0 << >>").replace(b"endstream", b"")), HIDDEN),
        (pdf(b"<< /AcroForm << /XFA [(template) 9 0 R] >> >>"), f"“公约.pdf”含有动态表单（XFA），不能接收。{AGAIN}"),
        (pdf(b"<< /S /Submit#46orm >>"), f"“公约.pdf”含有会向外发送内容的表单，不能接收。{AGAIN}"),
        (pdf(b"<< /S /ImportData >>"), f"“公约.pdf”含有会从别的文件取数的表单，不能接收。{AGAIN}"),
        (pdf(rb"<< /S /GoToR /F (\\\\203.0.113.9\\a.pdf) >>"), REMOTE),
        (pdf(rb"<< /UF (\057/203.0.113.9/a.pdf) /S /GoToR >>"), REMOTE),
        (pdf(b"<< /S /GoToR /F (https://example.org/a.pdf) >>"), REMOTE),
        (pdf(b"<< /S /GoToR /F <FEFF005C005C0061> >>"), REMOTE),
        (pdf(b"<< /S /GoToR /F 9 0 R >>" + object_stream(b"9 0 << /F (//a/b.pdf) >>")), REMOTE),
        (b"%PDF-1.4<html><script>alert(1)</script>\n%%EOF", f"“公约.pdf”开头夹带网页代码，不能接收。{AGAIN}"),
        (pdf(b"x") + archive(), f"“公约.pdf”里面夹带压缩包，不能接收。{AGAIN}"),
        (pdf(archive()), f"“公约.pdf”里面夹带压缩包，不能接收。{AGAIN}"),
        (pdf(b"Rar!\x1a\x07\x00"), f"“公约.pdf”里面夹带压缩包，不能接收。{AGAIN}"),
        (pdf(b"x")[:-8], INCOMPLETE),
        (pdf(b"x") + b"A" * 2000, INCOMPLETE),
    ],
)
def test_judge_refuses_with_the_reason(content: bytes, message: str) -> None:
    assert refusal_of(content) == message


def test_judge_bounds_what_object_streams_unpack_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_pdf, "_MAX_UNPACKED", 10_000)
    assert judge_file(SimpleUploadedFile("公约.pdf", pdf(object_stream(bytes(9_000))))).ending == ".pdf"
    assert refusal_of(pdf(object_stream(bytes(6_000)) * 2)) == f"“公约.pdf”解开后过大，不能接收。{AGAIN}"


@pytest.mark.parametrize(
    "repeated",
    [
        b"/ObjStm ",
        b"/ObjStm stream ",
        b"/ObjStm stream\n1 2 ",
        b"/Encrypt%",
        b"/XFA%/XFA\n",
        b"/GoToR/F(a",
        b"#41",
        b"/",
    ],
)
def test_judge_goes_over_a_file_once_however_it_is_made(repeated: bytes) -> None:
    """Quadratic searches took minutes for these; judged once over, each takes a fraction of a second."""
    began = time.process_time()
    with contextlib.suppress(InvalidInput):
        judge_file(SimpleUploadedFile("公约.pdf", pdf(repeated * (2 * 2**20 // len(repeated)))))
    assert time.process_time() - began < 5


def test_judge_refuses_more_object_streams_than_any_program_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_pdf, "_MAX_OBJECT_STREAMS", 2)
    one = object_stream(b"1 0 << >>")
    assert judge_file(SimpleUploadedFile("公约.pdf", pdf(one * 2))).ending == ".pdf"
    assert refusal_of(pdf(one * 3)) == HIDDEN
