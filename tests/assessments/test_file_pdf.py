"""PDF files: whole and open ones are taken, what acts or hides is refused."""

import io
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
