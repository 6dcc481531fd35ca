"""When and where a picture was taken, as the camera wrote it: read as it is, and never a reason to refuse the picture."""

import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from apps.assessments.file_exif import Shot
from apps.assessments.files import judge_file

PLACE = {1: "N", 2: (25.0, 2.0, 31.5), 3: "E", 4: (101.0, 32.0, 45.0)}
CHUXIONG = (25.042083, 101.545833)


def written(taken: str | None = None, place: dict[int, Any] | None = None, kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Phone"
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken
    if place is not None:
        exif.get_ifd(0x8825).update(place)
    made = io.BytesIO()
    Image.new("RGB", (32, 24), "green").save(made, kind, exif=exif)
    return made.getvalue()


def shot(content: bytes) -> Shot:
    return judge_file(SimpleUploadedFile("照片.jpg", content)).shot


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_judge_reads_time_and_place(kind: str) -> None:
    found = shot(written("2022:07:03 10:12:13", PLACE, kind))
    assert found.taken_at == datetime(2022, 7, 3, 10, 12, 13, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert found.taken_at.isoformat() == "2022-07-03T10:12:13+08:00"
    assert (found.latitude, found.longitude) == CHUXIONG


def test_judge_reads_south_and_west_below_zero() -> None:
    found = shot(written(place={1: "S", 2: (33.0, 30.0, 0.0), 3: "W", 4: (70.0, 0.0, 0.0)}))
    assert (found.latitude, found.longitude, found.taken_at) == (-33.5, -70.0, None)


def test_judge_reads_the_time_without_a_place() -> None:
    found = shot(written("2022:07:03 10:12:13"))
    assert (found.taken_at is not None, found.latitude, found.longitude) == (True, None, None)


@pytest.mark.parametrize(
    "taken",
    ["0000:00:00 00:00:00", "2022:13:40 10:12:13", "2022-07-03", "    :  :     :  :  ", "1970:01:01 08:00:00", "昨天"],
)
def test_judge_ignores_an_impossible_time(taken: str) -> None:
    found = shot(written(taken.encode("utf-8").decode("latin-1"), PLACE))
    assert found == Shot(None, *CHUXIONG)


@pytest.mark.parametrize(
    "place",
    [
        PLACE | {2: (91.0, 0.0, 0.0)},
        PLACE | {4: (180.0, 0.0, 1.0)},
        PLACE | {2: (25.0, 75.0, 0.0)},
        PLACE | {2: (25.0, 2.0)},
        PLACE | {2: (float("inf"), 0.0, 0.0)},
        PLACE | {2: (IFDRational(0, 0), 0.0, 0.0)},
        PLACE | {1: "X"},
        PLACE | {1: ""},
        PLACE | {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
        {1: "N", 2: (25.0, 2.0, 1.0)},
        {},
    ],
    ids=[
        "north of the pole",
        "east of the date line",
        "75 minutes",
        "two parts",
        "infinite",
        "no number",
        "no direction",
        "empty direction",
        "no place yet",
        "half a place",
        "nothing",
    ],
)
def test_judge_ignores_an_impossible_place(place: dict[int, Any]) -> None:
    found = shot(written("2022:07:03 10:12:13", place))
    assert (found.latitude, found.longitude) == (None, None)
    assert found.taken_at is not None


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_judge_takes_a_picture_with_damaged_exif() -> None:
    good = written("2022:07:03 10:12:13", PLACE)
    at = good.index(b"Exif\0\0") + 6
    for damage in (b"\xff" * 40, b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b""):
        content = good[:at] + damage + good[at + len(damage) :]
        judged = judge_file(SimpleUploadedFile("照片.jpg", content))
        assert judged.content_type == "image/jpeg"
    for byte in range(at, at + 120):
        content = good[:byte] + bytes([good[byte] ^ 0xFF]) + good[byte + 1 :]
        assert judge_file(SimpleUploadedFile("照片.jpg", content)).content_type == "image/jpeg"


def test_judge_finds_nothing_in_other_files() -> None:
    assert judge_file(SimpleUploadedFile("公约.pdf", b"%PDF-1.4\n%%EOF\n")).shot == Shot()
    assert shot(written()) == Shot()
