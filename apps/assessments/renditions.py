"""Pictures as people see them: made again from the original, upright, in plain colours, without what the camera wrote."""

import io
import struct
from contextlib import suppress
from typing import IO

from django.core.cache import cache
from django.core.files.base import ContentFile
from PIL import Image, ImageCms, ImageOps

from apps.assessments.files import ONE_AT_A_TIME, PICTURE_FORMATS
from apps.assessments.models import Evidence
from apps.core import history

DISPLAY_SIDE = 2000
# A long screenshot would be a ribbon at 2,000: its short side keeps the width of a phone.
DISPLAY_SHORT_SIDE = 1080
THUMBNAIL_SIZE = (240, 180)
_SMOOTH = Image.Resampling.LANCZOS
# A thumbnail of something longer shows its beginning.
_THUMBNAIL_RATIO = 2


# One that cannot be decoded is tried again after a day: the program may have become better.
_GIVEN_UP_SECONDS = 24 * 3600


class Unshowable(Exception):
    """The picture cannot be decoded, although it could when it was judged, or was never judged."""


def complete(evidence: Evidence) -> Evidence:
    """Make what is missing of ``display`` and ``thumbnail``, however often and by how many it is asked at once; where the same
    stored file stands at another criterion, its pictures serve here too.

    Unshowable, at once where it was so lately, or FileNotFoundError when the original is gone. The caller's transaction keeps the
    row locked.
    """
    # All rows of the file, so that none goes with its pictures while they are taken over here.
    same = Evidence.objects.filter(assessment=evidence.assessment_id, file=evidence.file.name).order_by("pk")
    rows = list(same.select_for_update(of=("self",)))
    locked = next((row for row in rows if row.pk == evidence.pk), None)
    if locked is None or not locked.is_image or (locked.display and locked.thumbnail):
        return locked or evidence
    made = next((row for row in rows if row.display and row.thumbnail), None)
    if made is not None:
        with history.recording(task="make_renditions"):
            locked.display, locked.thumbnail = made.display.name, made.thumbnail.name
            locked.save(update_fields=["display", "thumbnail"])
        return locked
    try:
        display, thumbnail = _rendered_of(locked)
    except (Unshowable, FileNotFoundError):
        cache.set(given_up_key(evidence.pk), True, _GIVEN_UP_SECONDS)
        raise
    with history.recording(task="make_renditions"):
        locked.display.save("display.jpg", ContentFile(display), save=False)
        locked.thumbnail.save("thumbnail.jpg", ContentFile(thumbnail), save=False)
        locked.save(update_fields=["display", "thumbnail"])
    return locked


def given_up_key(evidence_id: int) -> str:
    """Where the cache keeps that a picture cannot be decoded."""
    return f"evidence:{evidence_id}:unshowable"


def _rendered_of(evidence: Evidence) -> tuple[bytes, bytes]:
    with evidence.file.open("rb") as original:
        if cache.get(given_up_key(evidence.pk)):
            raise Unshowable("it could not be decoded lately")
        return rendered(original)


def rendered(original: IO[bytes]) -> tuple[bytes, bytes]:
    """The picture for the page and the one for lists, as JPEG."""
    try:
        with ONE_AT_A_TIME, Image.open(original, formats=PICTURE_FORMATS) as image:
            longer, shorter = _display_sides(image.size)
            image.draft("RGB", (longer, longer))
            image.load()
            _turn_upright(image)
            shown = _plain_colours(image)
            # Only what is seen is kept: no place, no camera, no remark.
            shown.info = {}
            shown.thumbnail((longer, shorter) if shown.width > shown.height else (shorter, longer), _SMOOTH)
            small = _beginning(shown)
            small.thumbnail(THUMBNAIL_SIZE, _SMOOTH)
            # Of screenshots and scans the colours are kept at every point: letters stay sharp.
            subsampling = "4:4:4" if image.format == "PNG" else "4:2:0"
            return _jpeg(shown, quality=85, subsampling=subsampling), _jpeg(small, quality=80)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Unshowable(str(error)) from error


def _display_sides(size: tuple[int, int]) -> tuple[int, int]:
    """How long the longer and the shorter side are shown."""
    scale = min(1, max(DISPLAY_SIDE / max(size), DISPLAY_SHORT_SIDE / min(size)))
    return max(1, round(max(size) * scale)), max(1, round(min(size) * scale))


def _turn_upright(image: Image.Image) -> None:
    """Turn it as the camera was held; a damaged note of that is as good as none."""
    with suppress(OSError, SyntaxError, ValueError, KeyError, TypeError, struct.error):
        ImageOps.exif_transpose(image, in_place=True)


def _plain_colours(image: Image.Image) -> Image.Image:
    """In RGB as every screen shows it: transparent parts white, a camera's or printer's own colours turned into sRGB."""
    if image.mode.startswith("I"):
        # 16 bits a point: converting alone would cut off what is brighter than 255.
        return image.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    if profile := image.info.get("icc_profile"):
        # A profile that does not fit the picture is as good as none.
        with suppress(ImageCms.PyCMSError, OSError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if turned is not None:
                return turned
    return image.convert("RGB")


def _beginning(shown: Image.Image) -> Image.Image:
    longest = _THUMBNAIL_RATIO * min(shown.size)
    return shown.crop((0, 0, min(shown.width, longest), min(shown.height, longest)))


def _jpeg(image: Image.Image, *, quality: int, subsampling: str = "4:2:0") -> bytes:
    made = io.BytesIO()
    image.save(made, "JPEG", quality=quality, subsampling=subsampling, optimize=True)
    return made.getvalue()
