"""What a camera wrote into a picture (EXIF): when and where it was taken. Nothing damaged or impossible is passed on."""

import math
import struct
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image

_DETAILS, _PLACE = 0x8769, 0x8825
_TAKEN, _DIGITISED = 0x9003, 0x9004
# Cameras are set to the time of the country, wherever in it they are.
_LOCAL = ZoneInfo("Asia/Shanghai")
# A camera whose clock was never set begins long before there were such cameras, or at a round year after.
_FIRST_YEAR = 2001
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


@dataclass(frozen=True)
class Shot:
    """When a picture was taken, and where in degrees of WGS 84 (south and west are below 0); None: not known."""

    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


def shot_of(image: Image.Image) -> Shot:
    """Return what the camera wrote into an open picture; what cannot be read is as good as not written."""
    with suppress(*_DAMAGED):
        exif = image.getexif()
        return Shot(_time(exif), *_place(exif))
    return Shot()


def _time(exif: Image.Exif) -> datetime | None:
    with suppress(*_DAMAGED):
        details = exif.get_ifd(_DETAILS)
        written = str(details.get(_TAKEN) or details.get(_DIGITISED) or "").strip(" \0")
        taken = datetime.strptime(written, "%Y:%m:%d %H:%M:%S").replace(tzinfo=_LOCAL)
        return taken if taken.year >= _FIRST_YEAR else None
    return None


def _place(exif: Image.Exif) -> tuple[float | None, float | None]:
    with suppress(*_DAMAGED):
        written: dict[int, Any] = exif.get_ifd(_PLACE)
        latitude = _degrees(written[2], str(written[1]), "NS", 90)
        longitude = _degrees(written[4], str(written[3]), "EW", 180)
        # Both zero: a receiver that had not found its place yet.
        if latitude or longitude:
            return latitude, longitude
    return None, None


def _degrees(parts: tuple[float, float, float], direction: str, directions: str, limit: int) -> float:
    degrees, minutes, seconds = (float(one) for one in parts)
    found = degrees + minutes / 60 + seconds / 3600
    is_possible = min(degrees, minutes, seconds) >= 0 and minutes < 60 and seconds <= 60 and found <= limit
    letter = direction.strip(" \0").upper()
    if not math.isfinite(found) or not is_possible or letter not in tuple(directions):
        raise ValueError(f"not a place: {parts} {direction}")
    return round(-found if letter == directions[1] else found, 6)
