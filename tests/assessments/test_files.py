"""What may be attached: judged by content, refused with a reason that names the file."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import Settings

from apps.assessments.files import judge_file, safe_name, thumbnail
from apps.core.errors import InvalidInput

ACCEPTED = "可以上传：照片（JPG、PNG、WebP）、PDF、Word（docx）、Excel（xlsx）。"


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    made = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(made, kind)
    return made.getvalue()


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        for name in names:
            zipped.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "content_type", "ending"),
    [
        ("照片.jpg", picture(), "image/jpeg", ".jpg"),
        ("改了名.pdf", picture("PNG"), "image/png", ".png"),
        ("a.webp", picture("WEBP"), "image/webp", ".webp"),
        ("一点.jpg", picture(size=(1, 1)), "image/jpeg", ".jpg"),
        ("公约.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf", ".pdf"),
        (
            "方案.docx",
            archive("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ".docx",
        ),
        (
            "台账.xlsx",
            archive("xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ".xlsx",
        ),
    ],
)
def test_judge_tells_the_kind_by_content(name: str, content: bytes, content_type: str, ending: str) -> None:
    judged = judge_file(SimpleUploadedFile(name, content))
    assert (judged.content_type, judged.ending, judged.size) == (content_type, ending, len(content))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("空.jpg", b"", "“空.jpg”是空文件，请重新选择。"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", f"“图.svg”的类型不能接收。{ACCEPTED}"),
        ("照片.jpg", b"MZ\x90\x00" + bytes(200), f"“照片.jpg”的类型不能接收。{ACCEPTED}"),
        ("页.pdf", b"<html><script>alert(1)</script></html>", f"“页.pdf”的类型不能接收。{ACCEPTED}"),
        ("动图.gif", picture("GIF"), f"“动图.gif”的图片格式不能接收。{ACCEPTED}"),
        (
            "方案.docm",
            archive("word/document.xml", "word/vbaProject.bin"),
            "“方案.docm”含有宏，不能接收。请另存为不含宏的文件。",
        ),
        ("包.docx", archive("readme.txt"), f"“包.docx”的类型不能接收。{ACCEPTED}"),
        ("半份.docx", archive("word/document.xml")[:40], "“半份.docx”已损坏，打不开。请重新保存后再传。"),
        ("半张.jpg", picture()[:-400], "“半张.jpg”已损坏或尺寸异常，不能接收。请重新拍摄或保存后再传。"),
        ("半张.png", picture("PNG")[:-400], "“半张.png”已损坏或尺寸异常，不能接收。请重新拍摄或保存后再传。"),
    ],
)
def test_judge_refuses_with_the_reason(name: str, content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile(name, content))
    assert refused.value.message == message


def test_judge_refuses_what_is_too_big(settings: Settings) -> None:
    settings.EVIDENCE_MAX_BYTES = 1024 * 1024
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("大.pdf", b"%PDF-1.4" + bytes(1_500_000)))
    assert refused.value.message == "“大.pdf”有 1.4 MB，超过 1 MB。请压缩后再传。"


def test_judge_refuses_too_many_pixels(settings: Settings) -> None:
    settings.EVIDENCE_MAX_WHOLE_PIXELS = 20_000
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("大图.png", picture("PNG", (200, 150))))
    assert refused.value.message == "“大图.png”有 3 万像素，过大。请缩小后再传。"


def test_thumbnail_is_small_and_upright() -> None:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (1600, 1200)).save(made, "JPEG", exif=exif)
    made.seek(0)
    with Image.open(io.BytesIO(thumbnail(made))) as small:
        assert (small.format, small.size) == ("JPEG", (135, 180))


@pytest.mark.parametrize(
    ("name", "ending", "kept"),
    [
        ("雨水花园.JPG", ".jpg", "雨水花园.jpg"),
        ("雨水花园.jpeg", ".jpg", "雨水花园.jpg"),
        ("审核意见.hta", ".pdf", "审核意见.hta.pdf"),
        ("a\u202egpj.exe", ".png", "agpj.exe.png"),
        ("\x00\r\n", ".pdf", "文件.pdf"),
        ("长" * 300 + ".pdf", ".pdf", "长" * 150 + ".pdf"),
    ],
)
def test_safe_name_tells_what_the_file_is(name: str, ending: str, kept: str) -> None:
    assert safe_name(name, ending) == kept
