"""Pictures made again for the page: what they show, what they no longer tell, when they are made, how they go."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image, ImageCms, ImageDraw

from apps.accounts.permissions import Actor
from apps.assessments.domain import open_assessment
from apps.assessments.evidence import attach_evidence, remove_evidence
from apps.assessments.models import Assessment, Evidence
from apps.assessments.renditions import Unshowable, complete
from apps.assessments.stored_files import orphans
from apps.assessments.tasks import delete_orphans, make_missing_renditions, make_renditions
from apps.campaigns.models import Participation
from apps.core.scope import scope

Acting = Callable[[Actor], Any]
OnCommit = Callable[..., Any]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def opened(planned: Participation, street_officer: Actor, acting: Acting) -> Assessment:
    """龙江社区's self-assessment, begun."""
    with acting(street_officer):
        return open_assessment(planned, actor=street_officer)


@pytest.fixture
def attached(opened: Assessment, street_officer: Actor, acting: Acting) -> Callable[..., Evidence]:
    """Return a function that attaches content: ``attached(content, "绿地.jpg", number=7)``."""

    def attach(content: bytes, name: str = "绿地.jpg", number: int = 7) -> Evidence:
        criterion = opened.standard.criteria.get(number=number)
        with acting(street_officer):
            return attach_evidence(opened, criterion, SimpleUploadedFile(name, content), actor=street_officer)

    return attach


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def stored(file: Any) -> Image.Image:
    with file.open("rb") as opened:
        image = Image.open(io.BytesIO(opened.read()))
    image.load()
    return image


def rendered(evidence: Evidence) -> tuple[Image.Image, Image.Image]:
    make_renditions(evidence.pk, evidence.path)
    evidence.refresh_from_db()
    return stored(evidence.display), stored(evidence.thumbnail)


def half_and_half(size: tuple[int, int]) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0], size[1] // 2))
    return image


@pytest.mark.parametrize(
    ("size", "display", "thumbnail"),
    [
        ((4000, 3000), (2000, 1500), (240, 180)),
        ((3000, 4000), (1500, 2000), (135, 180)),
        ((800, 600), (800, 600), (240, 180)),
        ((20, 10), (20, 10), (20, 10)),
        ((1080, 9000), (1080, 9000), (90, 180)),
        ((9000, 1500), (6480, 1080), (240, 120)),
    ],
)
def test_complete_fits_the_picture_to_the_page(
    attached: Callable[..., Evidence],
    size: tuple[int, int],
    display: tuple[int, int],
    thumbnail: tuple[int, int],
) -> None:
    large, small = rendered(attached(saved(half_and_half(size))))
    assert (large.format, large.mode, large.size) == ("JPEG", "RGB", display)
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", thumbnail)


def test_complete_turns_upright_and_drops_what_the_camera_wrote(attached: Callable[..., Evidence]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 2.0, 1.0), 3: "E", 4: (101.0, 32.0, 1.0)})
    content = saved(half_and_half((1600, 1200)), exif=exif, comment=b"SecretRemark")
    evidence = attached(content)
    large, small = rendered(evidence)
    assert (large.size, small.size) == ((1200, 1600), (135, 180))
    # What was above is at the right.
    assert large.getpixel((100, 800)) == pytest.approx((0, 0, 254), abs=3)
    assert large.getpixel((1100, 800)) == pytest.approx((254, 0, 0), abs=3)
    assert dict(large.getexif()) == {}
    for file in (evidence.display, evidence.thumbnail):
        with file.open("rb") as opened:
            written = opened.read()
        assert b"Secret" not in written
        assert b"Exif" not in written
    with evidence.file.open("rb") as opened:
        assert opened.read() == content


def test_complete_turns_own_colours_into_plain_ones(attached: Callable[..., Evidence]) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for number, (mode, profile) in enumerate([("RGB", srgb), ("CMYK", None), ("L", srgb), ("RGB", lab), ("RGB", b"x")]):
        image = Image.new("RGB", (64, 48), "white").convert(mode)
        options: dict[str, Any] = {"icc_profile": profile} if profile else {}
        large, _ = rendered(attached(saved(image, **options), f"{number}.jpg"))
        assert large.mode == "RGB"
        assert large.getpixel((5, 5)) == (255, 255, 255)
        assert "icc_profile" not in large.info


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (Image.new("RGBA", (40, 30), (0, 0, 0, 0)), (255, 255, 255)),
        (Image.new("LA", (40, 30), (0, 0)), (255, 255, 255)),
        (Image.new("P", (40, 30), 0), (0, 0, 0)),
        (Image.new("I;16", (40, 30), 0x8000), (128, 128, 128)),
        (Image.new("1", (40, 30), 1), (255, 255, 255)),
    ],
    ids=["transparent", "grey and transparent", "palette", "16 bits", "black and white"],
)
def test_complete_shows_every_kind_of_png(
    attached: Callable[..., Evidence], image: Image.Image, colour: tuple[int, int, int]
) -> None:
    large, _ = rendered(attached(saved(image, "PNG"), "图.png"))
    assert large.getpixel((5, 5)) == colour


def test_complete_keeps_a_screenshot_legible(attached: Callable[..., Evidence]) -> None:
    """Thin red lines on blue, the worst case of colours stored at every second point, stay apart."""
    image = Image.new("RGB", (400, 300), "blue")
    pen = ImageDraw.Draw(image)
    for x in range(0, 400, 4):
        pen.line((x, 0, x, 300), fill="red")
    large, _ = rendered(attached(saved(image, "PNG"), "截图.png"))
    assert large.getpixel((200, 150)) == pytest.approx((255, 0, 0), abs=60)
    assert large.getpixel((202, 150)) == pytest.approx((0, 0, 255), abs=60)


def test_complete_twice_makes_it_once(attached: Callable[..., Evidence]) -> None:
    evidence = attached(saved(half_and_half((320, 240))))
    rendered(evidence)
    names = (evidence.display.name, evidence.thumbnail.name)
    assert names == (
        f"evidence/{evidence.assessment_id}/{evidence.sha256}-display.jpg",
        f"evidence/{evidence.assessment_id}/{evidence.sha256}-thumbnail.jpg",
    )
    make_renditions(evidence.pk, evidence.path)
    evidence.refresh_from_db()
    assert (evidence.display.name, evidence.thumbnail.name) == names
    assert len(default_storage.listdir(f"evidence/{evidence.assessment_id}")[1]) == 3


def test_task_leaves_documents_and_removed_evidence_alone(attached: Callable[..., Evidence]) -> None:
    document = attached(b"%PDF-1.4\n%%EOF\n", "公约.pdf")
    make_renditions(document.pk, document.path)
    document.refresh_from_db()
    assert (document.display.name, document.thumbnail.name) == ("", "")
    make_renditions(document.pk + 1000, document.path)


def test_task_sees_its_own_path_only(attached: Callable[..., Evidence], stranger: Actor) -> None:
    evidence = attached(saved(half_and_half((320, 240))))
    make_renditions(evidence.pk, stranger.jurisdiction.path)
    evidence.refresh_from_db()
    assert evidence.display.name == ""


def test_task_is_named_in_the_history(attached: Callable[..., Evidence]) -> None:
    evidence = attached(saved(half_and_half((320, 240))))
    make_renditions(evidence.pk, evidence.path)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgh_label, pgh_context ->> 'task', pgh_context ->> 'name' FROM assessments_evidenceevent"
            " WHERE pgh_obj_id = %s ORDER BY pgh_id",
            [evidence.pk],
        )
        assert cursor.fetchall() == [
            ("insert", None, "测试街道经办532301101"),
            ("update", "make_renditions", None),
        ]


def spoil(evidence: Evidence, content: bytes) -> None:
    Path(evidence.file.path).write_bytes(content)


def test_task_gives_up_on_a_damaged_picture(
    attached: Callable[..., Evidence], caplog: pytest.LogCaptureFixture
) -> None:
    content = saved(Image.effect_noise((640, 480), 60).convert("RGB"))
    evidence = attached(content)
    spoil(evidence, content[:300])
    make_renditions(evidence.pk, evidence.path)
    evidence.refresh_from_db()
    assert (evidence.display.name, evidence.thumbnail.name) == ("", "")
    assert f"evidence {evidence.pk} cannot be shown" in caplog.text
    with pytest.raises(Unshowable), scope(evidence.path):
        complete(evidence)


def test_beat_makes_what_is_missing_and_lets_the_damaged_rest(
    attached: Callable[..., Evidence], caplog: pytest.LogCaptureFixture
) -> None:
    good, gone = attached(saved(half_and_half((320, 240)))), attached(saved(half_and_half((160, 120))), "没了.jpg")
    default_storage.delete(str(gone.file.name))
    make_missing_renditions()
    good.refresh_from_db()
    gone.refresh_from_db()
    assert stored(good.thumbnail).size == (240, 180)
    assert gone.display.name == ""
    assert f"evidence {gone.pk} cannot be shown" in caplog.text
    caplog.clear()
    make_missing_renditions()
    assert caplog.text == ""


def test_remove_deletes_all_three_files_once_committed(
    attached: Callable[..., Evidence],
    street_officer: Actor,
    acting: Acting,
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    evidence = attached(saved(half_and_half((320, 240))))
    stale = Evidence.objects.get(pk=evidence.pk)
    rendered(evidence)
    folder = f"evidence/{evidence.assessment_id}"
    with django_capture_on_commit_callbacks() as callbacks, acting(street_officer):
        # Loaded before the task was done: what it stored is known all the same.
        remove_evidence(stale, actor=street_officer)
    assert len(default_storage.listdir(folder)[1]) == 3
    for callback in callbacks:
        callback()
    assert default_storage.listdir(folder)[1] == []


def test_remove_keeps_files_that_another_row_names(
    attached: Callable[..., Evidence],
    street_officer: Actor,
    acting: Acting,
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    content = saved(half_and_half((320, 240)))
    first, second = attached(content), attached(content, number=8)
    rendered(first)
    Evidence.objects.filter(pk=second.pk).update(file=first.file.name, display=first.display.name)
    with django_capture_on_commit_callbacks(execute=True), acting(street_officer):
        remove_evidence(first, actor=street_officer)
    assert default_storage.exists(str(first.file.name))
    assert default_storage.exists(str(first.display.name))
    assert not default_storage.exists(str(first.thumbnail.name))


def test_orphans_are_old_files_without_a_row(attached: Callable[..., Evidence], opened: Assessment) -> None:
    evidence = attached(saved(half_and_half((320, 240))))
    rendered(evidence)
    rolled_back = default_storage.save(f"evidence/{opened.pk}/rolled-back.jpg", ContentFile(b"x"))
    default_storage.save("evidence/readme.txt", ContentFile(b"x"))
    default_storage.save("exports/2022/08/1.xlsx", ContentFile(b"x"))

    def found(after: timedelta) -> set[str]:
        """What a week of nights finds, the last of them ``after`` from now."""
        return {name for day in range(7) for name in orphans(timezone.now() + after + timedelta(days=day))}

    assert found(timedelta(hours=-200)) == set()
    assert found(timedelta(hours=25)) == {rolled_back}


def test_delete_orphans_deletes_nothing_young(opened: Assessment) -> None:
    young = default_storage.save(f"evidence/{opened.pk}/young.jpg", ContentFile(b"x"))
    delete_orphans()
    assert default_storage.exists(young)
