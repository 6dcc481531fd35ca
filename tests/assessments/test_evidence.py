"""The verbs of evidence: one file at several criteria, captions, turns, photos of site visits; what they refuse."""

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.accounts.permissions import Actor
from apps.assessments.domain import open_assessment, return_assessment
from apps.assessments.evidence import (
    attach_again,
    attach_evidence,
    attach_visit_photo,
    caption_evidence,
    remove_evidence,
    rotate_evidence,
)
from apps.assessments.models import Assessment, Evidence, SiteVisit
from apps.assessments.site_visits import VisitFacts, record_visit, remove_photo
from apps.assessments.tasks import make_renditions
from apps.campaigns.models import Participation
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.standards.models import Criterion
from tests.factories import submit

Acting = Callable[[Actor], Any]
OnCommit = Callable[..., Any]
PDF = b"%PDF-1.4\n%%EOF\n"


def picture(colour: str = "green", taken: str = "2022:07:03 10:12:00") -> bytes:
    made, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = taken
    exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 0.0, 0.0), 3: "E", 4: (101.5, 0.0, 0.0)})
    Image.new("RGB", (320, 240), colour).save(made, "JPEG", exif=exif)
    return made.getvalue()


def upload(content: bytes, name: str = "绿地.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def criterion(assessment: Assessment, number: int) -> Criterion:
    return assessment.standard.criteria.get(number=number)


def stored(assessment: Assessment) -> list[str]:
    return sorted(default_storage.listdir(f"evidence/{assessment.pk}")[1])


@pytest.fixture
def opened(planned: Participation, street_officer: Actor, acting: Acting) -> Assessment:
    """龙江社区's self-assessment, begun."""
    with acting(street_officer):
        return open_assessment(planned, actor=street_officer)


@pytest.fixture
def photo(opened: Assessment, street_officer: Actor, acting: Acting) -> Evidence:
    """A photo at criterion 3."""
    with acting(street_officer):
        return attach_evidence(opened, criterion(opened, 3), upload(picture()), actor=street_officer, caption="花园")


@pytest.fixture
def submitted(drafted: Assessment, street_officer: Actor, acting: Acting) -> Assessment:
    """The self-assessment with a document at criterion 3, submitted to 楚雄市."""
    with acting(street_officer):
        attach_evidence(drafted, criterion(drafted, 3), upload(PDF, "公约.pdf"), actor=street_officer)
    return submit(drafted, actor=street_officer)


@pytest.fixture
def visit(submitted: Assessment, district_reviewer: Actor, acting: Acting) -> SiteVisit:
    """楚雄市's visit to 龙江社区."""
    facts = VisitFacts(date(2022, 8, 10), "市住建局、市城管局", "绿地属实。")
    with acting(district_reviewer):
        return record_visit(submitted, facts, actor=district_reviewer)


def test_attach_keeps_what_the_camera_wrote(photo: Evidence) -> None:
    photo.refresh_from_db()
    assert photo.taken_at is not None
    assert photo.taken_at == datetime.fromisoformat("2022-07-03T10:12:00+08:00")
    assert (photo.latitude, photo.longitude, photo.rotation, photo.caption) == (25.0, 101.5, 0, "花园")


def test_attach_of_a_file_at_another_criterion_stores_it_once(
    opened: Assessment, photo: Evidence, street_officer: Actor, acting: Acting
) -> None:
    with acting(street_officer):
        rotate_evidence(photo, 90, actor=street_officer)
        again = attach_evidence(opened, criterion(opened, 8), upload(picture(), "又.jpg"), actor=street_officer)
    assert again.pk != photo.pk
    assert (again.file.name, again.name, again.caption, again.rotation) == (photo.file.name, "又.jpg", "花园", 90)
    assert (again.taken_at, again.latitude) == (photo.taken_at, 25.0)
    assert stored(opened) == [f"{photo.sha256}.jpg"]


def test_attach_again_names_the_same_stored_files(
    opened: Assessment, photo: Evidence, street_officer: Actor, acting: Acting
) -> None:
    make_renditions(photo.pk, photo.path)
    with acting(street_officer):
        again = attach_again(photo, criterion(opened, 8), actor=street_officer)
        assert attach_again(photo, criterion(opened, 8), actor=street_officer) == again
    photo.refresh_from_db()
    for name in ("file", "display", "thumbnail"):
        assert getattr(again, name).name == getattr(photo, name).name
    shared = ("name", "caption", "content_type", "size", "sha256", "taken_at", "latitude", "longitude")
    assert [getattr(again, one) for one in shared] == [getattr(photo, one) for one in shared]
    assert (again.number, again.uploaded_by_id, Evidence.objects.count()) == (8, street_officer.user.pk, 2)
    assert len(stored(opened)) == 3


def test_attach_again_before_the_pictures_are_made_makes_them_once(
    opened: Assessment, photo: Evidence, street_officer: Actor, acting: Acting
) -> None:
    with acting(street_officer):
        again = attach_again(photo, criterion(opened, 8), actor=street_officer)
    for one in (again, photo):
        make_renditions(one.pk, one.path)
        one.refresh_from_db()
    assert photo.display.name == again.display.name == f"evidence/{opened.pk}/{photo.sha256}-display.jpg"
    assert photo.thumbnail.name == again.thumbnail.name
    assert len(stored(opened)) == 3


def test_remove_keeps_the_stored_files_until_the_last_row_goes(
    opened: Assessment,
    photo: Evidence,
    street_officer: Actor,
    acting: Acting,
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    make_renditions(photo.pk, photo.path)
    with acting(street_officer):
        again = attach_again(photo, criterion(opened, 8), actor=street_officer)
    with django_capture_on_commit_callbacks(execute=True), acting(street_officer):
        remove_evidence(photo, actor=street_officer)
    assert len(stored(opened)) == 3
    with again.file.open("rb") as kept:
        assert kept.read() == picture()
    with django_capture_on_commit_callbacks(execute=True), acting(street_officer):
        remove_evidence(again, actor=street_officer)
    assert stored(opened) == []


def test_attach_again_refuses_what_is_deleted_meanwhile(
    opened: Assessment, photo: Evidence, street_officer: Actor, acting: Acting
) -> None:
    stale = Evidence.objects.get(pk=photo.pk)
    with acting(street_officer):
        remove_evidence(photo, actor=street_officer)
        with pytest.raises(TransitionError) as refused:
            attach_again(stale, criterion(opened, 8), actor=street_officer)
    assert refused.value.message == "“绿地.jpg”已被删去，不能选用。请刷新后重新选择。"


def test_attach_again_refuses_a_criterion_of_another_standard(
    photo: Evidence, street_officer: Actor, acting: Acting
) -> None:
    foreign = Criterion.objects.exclude(standard=photo.assessment.standard_id).order_by("pk")[0]
    with acting(street_officer), pytest.raises(InvalidInput):
        attach_again(photo, foreign, actor=street_officer)


def test_attach_again_refuses_more_than_a_criterion_holds(
    opened: Assessment, photo: Evidence, street_officer: Actor, acting: Acting, settings: Any
) -> None:
    settings.EVIDENCE_MAX_PER_CRITERION = 1
    with acting(street_officer):
        attach_evidence(opened, criterion(opened, 8), upload(PDF, "公约.pdf"), actor=street_officer)
        with pytest.raises(InvalidInput) as refused:
            attach_again(photo, criterion(opened, 8), actor=street_officer)
    assert refused.value.message == "第 8 条已有 1 份材料，请先删去不需要的。"


def test_caption_is_written_once_and_says_who_was_faster(
    photo: Evidence, street_officer: Actor, acting: Acting
) -> None:
    with acting(street_officer):
        assert caption_evidence(photo, " 雨水 \n 花园 ", actor=street_officer, seen="花园").caption == "雨水 花园"
        # Sent twice, it is no conflict.
        assert caption_evidence(photo, "雨水 花园", actor=street_officer, seen="花园").caption == "雨水 花园"
        with pytest.raises(StaleForm) as stale:
            caption_evidence(photo, "草坪", actor=street_officer, seen="花园")
        with pytest.raises(InvalidInput) as long:
            caption_evidence(photo, "长" * 201, actor=street_officer)
    assert stale.value.message == ("“绿地.jpg”的说明已被他人改为“雨水 花园”，您填的“草坪”没有保存。请刷新后核对。")
    assert long.value.message == "“绿地.jpg”的说明有 201 个字，最多 200 个字。"


def test_rotate_turns_pictures_by_quarters_only(
    opened: Assessment, photo: Evidence, street_officer: Actor, acting: Acting
) -> None:
    with acting(street_officer):
        document = attach_evidence(opened, criterion(opened, 3), upload(PDF, "公约.pdf"), actor=street_officer)
        for _ in range(2):
            assert rotate_evidence(photo, 270, actor=street_officer).rotation == 270
        with pytest.raises(InvalidInput):
            rotate_evidence(photo, 45, actor=street_officer)
        with pytest.raises(InvalidInput) as refused:
            rotate_evidence(document, 90, actor=street_officer)
    assert refused.value.message == "“公约.pdf”不是图片，不能旋转。"


@pytest.mark.parametrize("verb", ["again", "caption", "rotate", "remove"])
def test_evidence_is_locked_for_all_once_submitted(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, acting: Acting, verb: str
) -> None:
    evidence = Evidence.objects.filter(assessment=submitted).order_by("pk")[0]
    act: dict[str, Callable[[Actor], object]] = {
        "again": lambda actor: attach_again(evidence, criterion(submitted, 8), actor=actor),
        "caption": lambda actor: caption_evidence(evidence, "改", actor=actor),
        "rotate": lambda actor: rotate_evidence(evidence, 90, actor=actor),
        "remove": lambda actor: remove_evidence(evidence, actor=actor),
    }
    with acting(street_officer), pytest.raises(TransitionError) as late:
        act[verb](street_officer)
    assert "现在由楚雄市办理，其他单位只能查看。" in late.value.message
    with acting(district_reviewer), pytest.raises(PermissionDenied):
        act[verb](district_reviewer)


def test_evidence_of_criteria_that_were_not_returned_is_locked(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, acting: Acting
) -> None:
    evidence = Evidence.objects.filter(assessment=submitted).order_by("pk")[0]
    other = submitted.standard.criteria.exclude(number=3).order_by("number")[0]
    with acting(district_reviewer):
        return_assessment(submitted, "请补", {other.number: "缺照片"}, actor=district_reviewer)
    with acting(street_officer):
        with pytest.raises(TransitionError) as locked:
            caption_evidence(evidence, "改", actor=street_officer)
        assert attach_again(evidence, other, actor=street_officer).round == 1
    assert locked.value.message.startswith(f"第 {evidence.number} 条未被退回，已锁定。")


def test_whoever_captions_takes_part(photo: Evidence, street_officer: Actor, acting: Acting) -> None:
    Assessment.objects.filter(pk=photo.assessment_id).update(filled_in_by=[])
    with acting(street_officer):
        caption_evidence(photo, "新", actor=street_officer)
    assert Assessment.objects.get(pk=photo.assessment_id).filled_in_by == [street_officer.user.pk]


def test_attach_visit_photo_is_the_visitors(
    visit: SiteVisit, district_reviewer: Actor, city_approver: Actor, street_officer: Actor, acting: Acting
) -> None:
    with acting(district_reviewer):
        taken = attach_visit_photo(visit, upload(picture("red"), "现场.jpg"), actor=district_reviewer)
        assert attach_visit_photo(visit, upload(picture("red")), actor=district_reviewer) == taken
        assert caption_evidence(taken, "水池", actor=district_reviewer).caption == "水池"
        with pytest.raises(InvalidInput):
            attach_visit_photo(visit, upload(b"", "空.jpg"), actor=district_reviewer)
        with pytest.raises(TransitionError) as wrong:
            remove_evidence(taken, actor=district_reviewer)
    assert (taken.criterion_id, taken.site_visit_id, taken.place) == (None, visit.pk, "现场核查")
    assert taken.latitude == 25.0
    assert wrong.value.message == "这是现场核查的照片，由核查单位在核查记录里删除。"
    for other in (city_approver, street_officer):
        with acting(other), pytest.raises(PermissionDenied):
            attach_visit_photo(visit, upload(picture("blue")), actor=other)


def test_attach_visit_photo_shares_the_file_and_not_the_words(
    visit: SiteVisit,
    submitted: Assessment,
    district_reviewer: Actor,
    street_officer: Actor,
    acting: Acting,
) -> None:
    with acting(district_reviewer):
        content = picture("red")
        seen = attach_visit_photo(visit, upload(content), actor=district_reviewer, caption="存疑")
        return_assessment(submitted, "请补照片", actor=district_reviewer)
    with acting(street_officer):
        own = attach_evidence(submitted, criterion(submitted, 3), upload(content), actor=street_officer)
        with pytest.raises(TransitionError):
            attach_again(seen, criterion(submitted, 8), actor=street_officer)
    assert (own.file.name, own.caption) == (seen.file.name, "")


def test_remove_photo_keeps_the_file_of_a_criterion(
    visit: SiteVisit,
    district_reviewer: Actor,
    acting: Acting,
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    evidence = Evidence.objects.filter(assessment=visit.assessment_id).order_by("pk")[0]
    with evidence.file.open("rb") as file:
        content = file.read()
    with django_capture_on_commit_callbacks(execute=True), acting(district_reviewer):
        seen = attach_visit_photo(visit, upload(content, "同.pdf"), actor=district_reviewer)
        assert seen.file.name == evidence.file.name
        remove_photo(seen, actor=district_reviewer)
    assert default_storage.exists(str(evidence.file.name))
