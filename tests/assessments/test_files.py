"""What may be attached: judged by content, refused with a reason that names the file."""

import gzip
import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageFile
from pytest_django import Settings

from apps.assessments.files import judge_file, safe_name
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
        (
            "图.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
            "“图.svg”是 SVG 图片，里面可以藏脚本，不能接收。请另存为 JPG 或 PNG 后再传。",
        ),
        ("照片.jpg", b"MZ\x90\x00" + bytes(200), f"“照片.jpg”是程序，不能接收。{ACCEPTED}"),
        (
            "页.pdf",
            b"<html><script>alert(1)</script></html>",
            "“页.pdf”是网页，里面可以藏脚本，不能接收。请在浏览器里“打印—另存为 PDF”后再传。",
        ),
        ("动图.gif", picture("GIF"), "“动图.gif”是 GIF 图片，不能接收。请另存为 JPG 或 PNG 后再传。"),
        (
            "方案.docm",
            archive("word/document.xml", "word/vbaProject.bin"),
            "“方案.docm”含有宏，不能接收。请另存为不含宏的文件。",
        ),
        ("包.docx", archive("readme.txt"), "“包.docx”是压缩包，不能接收。请解压后逐个上传里面的文件。"),
        ("半份.docx", archive("word/document.xml")[:40], "“半份.docx”已损坏，打不开。请重新保存后再传。"),
        ("半张.jpg", picture()[:-400], "“半张.jpg”已损坏或尺寸异常，不能接收。请重新拍摄或保存后再传。"),
        ("半张.png", picture("PNG")[:-400], "“半张.png”已损坏或尺寸异常，不能接收。请重新拍摄或保存后再传。"),
    ],
)
def test_judge_refuses_with_the_reason(name: str, content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile(name, content))
    assert refused.value.message == message


def test_judge_refuses_what_was_cut_off_whatever_a_library_has_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(InvalidInput, match="已损坏或尺寸异常"):
        judge_file(SimpleUploadedFile("半张.jpg", picture()[:-400]))


@pytest.mark.parametrize("name", ["照片.jpg", "照片.JPEG", "照片.png", "照片.webp"])
@pytest.mark.parametrize("content", [bytes(4096), picture()[:2], b"\x00\x00" + picture()[2:], b"a,b\n1,2\n"])
def test_judge_says_that_a_picture_without_its_beginning_is_damaged(name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile(name, content))
    assert refused.value.message == f"“{name}”已损坏或者不是照片，打不开。请重新拍摄或保存后再传。"


@pytest.mark.parametrize("name", ["台账.csv", "台账", "jpg"])
def test_judge_says_what_may_be_uploaded_instead_of_an_unknown_kind(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile(name, b"a,b\n1,2\n"))
    assert refused.value.message == f"“{name}”的类型不能接收。{ACCEPTED}"


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


def test_judge_tells_the_pixels_of_a_picture_that_is_never_opened() -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (header, b"IDAT")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("巨图.png", content))
    assert refused.value.message == "“巨图.png”有 90000 万像素，过大。请缩小后再传。"


def test_judge_refuses_too_many_pixels_of_a_photo_before_decoding(settings: Settings) -> None:
    settings.EVIDENCE_MAX_PIXELS = 20_000
    # Cut off: it would be refused as damaged, had it been decoded.
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("大图.jpg", picture("JPEG", (200, 150))[:-400]))
    assert refused.value.message == "“大图.jpg”有 3 万像素，过大。请缩小后再传。"


SVG = "”是 SVG 图片，里面可以藏脚本，不能接收。请另存为 JPG 或 PNG 后再传。"
WEB_PAGE = "”是网页，里面可以藏脚本，不能接收。请在浏览器里“打印—另存为 PDF”后再传。"
ARCHIVE = "”是压缩包，不能接收。请解压后逐个上传里面的文件。"
OLD = (
    "”是旧版 Office 或 WPS 格式（doc、xls、ppt、wps、et），里面可以藏宏，不能接收。请另存为 docx、xlsx 或 PDF 后再传。"
)
PASSWORD = "”设有打开密码，审核人打不开，不能接收。请取消密码后再传。"
VIDEO = f"”是视频，不能接收。{ACCEPTED}"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xef\xbb\xbf \r\n<svg onload='x'/>", SVG),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE svg PUBLIC '' ''>\n<SVG:svg/><svg></svg>", SVG),
        ("<?xml version='1.0' encoding='utf-16'?><svg/>".encode("utf-16"), SVG),
        (gzip.compress(b"<svg xmlns='http://www.w3.org/2000/svg'/>", mtime=0), SVG),
        (gzip.compress(b"text", mtime=0), ARCHIVE + ACCEPTED),
        (b"  <!DOCTYPE HTML><title>", WEB_PAGE),
        ("<html>".encode("utf-16"), WEB_PAGE),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", WEB_PAGE),
        (b"<?xml version='1.0'?><w:wordDocument/>", f"”是 XML 文件，不能接收。{ACCEPTED}"),
        (OLE2, OLD),
        (OLE2 + "EncryptedPackage".encode("utf-16-le") + bytes(64), PASSWORD),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "”是 HEIC 照片，多数电脑打不开，不能接收。"),
        (b"\x00\x00\x00\x18ftypmif1" + bytes(40), "请在手机“设置—相机”里把照片格式改为 JPG"),
        (b"\x00\x00\x00\x18ftypavif" + bytes(40), "”是 AVIF 图片，不能接收。请另存为 JPG 或 PNG 后再传。"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(40), VIDEO),
        (picture("BMP"), "”是 BMP 图片，不能接收。请另存为 JPG 或 PNG 后再传。"),
        (picture("TIFF"), "”是 TIFF 图片或相机原始文件，不能接收。请另存为 JPG 或 PNG 后再传。"),
        (b"Rar!\x1a\x07\x01\x00", ARCHIVE + ACCEPTED),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", ARCHIVE + ACCEPTED),
        (b"#!/bin/sh\n", f"”是程序，不能接收。{ACCEPTED}"),
        (b"{\\rtf1 x}", "”是 RTF 文档，不能接收。请另存为 docx 或 PDF 后再传。"),
        (b"\n%PDF-1.4\n%%EOF\n", "”的开头有不属于 PDF 的内容，不能接收。"),
    ],
)
def test_judge_names_what_it_refuses(content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("件.jpg", content))
    assert refused.value.message.startswith("“件.jpg”")
    assert message in refused.value.message


def hidden_in_picture(what: str) -> str:
    return f"“照片.jpg”里面夹带{what}，不能接收。请重新拍摄，或截图后再传。"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("behind", "what"),
    [
        (archive("x.txt"), "压缩包"),
        (archive("x.txt") + bytes(100_000), "压缩包"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(50), "压缩包"),
        (bytes(3000) + b"%PDF-1.7\n%%EOF", "PDF 文档"),
        (b"<SCRIPT>alert(1)</SCRIPT>", "网页代码"),
        (b"<?php system('x');", "网页代码"),
    ],
)
def test_judge_refuses_a_picture_with_another_file_behind_it(kind: str, behind: bytes, what: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("照片.jpg", picture(kind) + behind))
    assert refused.value.message == hidden_in_picture(what)


@pytest.mark.parametrize(
    ("comment", "what"),
    [
        (b"%PDF-1.4 1 0 obj", "PDF 文档"),
        (b"<html><script>", "网页代码"),
        (archive("x.class"), "压缩包"),
    ],
)
def test_judge_refuses_a_picture_with_another_file_in_its_remarks(comment: bytes, what: str) -> None:
    made = io.BytesIO()
    Image.new("RGB", (40, 30)).save(made, "JPEG", comment=comment)
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("照片.jpg", made.getvalue()))
    assert refused.value.message == hidden_in_picture(what)


def test_judge_finds_a_trace_across_the_pieces_it_reads() -> None:
    content = picture()
    content += bytes(1024 * 1024 - len(content) - 3) + b"<script>" + bytes(1024 * 1024)
    with pytest.raises(InvalidInput, match="夹带网页代码"):
        judge_file(SimpleUploadedFile("照片.jpg", content))


def two_pictures() -> bytes:
    """As phones save a photo with its depth map: two JPEGs and an index that tells of both."""
    made = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(
        made, "MPO", save_all=True, append_images=[Image.new("RGB", (32, 24))]
    )
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        two_pictures(),
        picture() + b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 200,
        picture() + bytes(8) + b"Image_UTC_Data1659326400000SEFHe" + bytes(24) + b"SEFT",
        picture() + b"LIVE_36610000" + bytes(4000),
        picture() + b'{"vivo":{"ai":"<x:xmpmeta/>"}}' + bytes(64),
        picture("PNG") + picture("PNG")[2000:],
    ],
    ids=["depth map", "motion photo", "Samsung", "Huawei", "notes", "cropped screenshot"],
)
def test_judge_takes_what_phones_append(content: bytes) -> None:
    assert judge_file(SimpleUploadedFile("照片.jpg", content)).size == len(content)


def test_judge_refuses_a_photo_that_is_decoded_over_and_over() -> None:
    made = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(made, "JPEG", progressive=True)
    content = made.getvalue()
    assert judge_file(SimpleUploadedFile("照片.jpg", content)).ending == ".jpg"
    last = content[content.rindex(b"\xff\xda") : -2]
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("照片.jpg", content[:-2] + last * 100 + content[-2:]))
    assert refused.value.message == "“照片.jpg”已损坏或尺寸异常，不能接收。请重新拍摄或保存后再传。"


def test_judge_counts_the_passes_of_the_first_picture_only() -> None:
    film = b"\xff\xda\x00\x04" * 1000
    assert judge_file(SimpleUploadedFile("照片.jpg", picture() + film)).ending == ".jpg"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_judge_refuses_moving_pictures(kind: str) -> None:
    made = io.BytesIO()
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green")]
    frames[0].save(made, kind, save_all=True, append_images=frames[1:])
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("动.png", made.getvalue()))
    assert refused.value.message == "“动.png”是动图，审核时只能看到一帧，不能接收。请截图后再传。"


def test_judge_shows_names_without_what_turns_their_direction() -> None:
    with pytest.raises(InvalidInput) as refused:
        judge_file(SimpleUploadedFile("照\u202egpj.exe", b"MZ" + bytes(100)))
    assert refused.value.message.startswith("“照gpj.exe”是程序")


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
