"""Evidence through the pages: what is kept, who is given it, with which headers."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor
from apps.assessments import domain
from apps.assessments.domain import open_assessment
from apps.assessments.models import Assessment, Evidence
from apps.campaigns.models import Participation
from apps.core.errors import TransitionError
from apps.core.scope import scope

HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.4\n%%EOF\n"

ClientOf = Callable[[Actor], Client]


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (320, 240), "green").save(made, "JPEG")
    return made.getvalue()


def attach(client: Client, assessment: Assessment, number: int, *files: tuple[str, bytes]) -> Any:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(reverse("evidence_add", args=[assessment.pk, number]), {"files": uploads}, headers=HTMX)


@pytest.fixture
def opened(planned: Participation, street_officer: Actor) -> Assessment:
    """龙江社区's self-assessment, begun, nothing filled in."""
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        return open_assessment(planned, actor=street_officer)


@pytest.fixture
def officer(client_of: ClientOf, street_officer: Actor) -> Client:
    """鹿城镇's officer at the browser."""
    return client_of(street_officer)


def test_evidence_keeps_good_files_and_names_the_refused(opened: Assessment, officer: Client) -> None:
    response = attach(officer, opened, 7, ("绿地.jpg", picture()), ("空.pdf", b""), ("图.svg", b"<svg/>"))
    assert response.status_code == 200
    assert "“空.pdf”是空文件，请重新选择。" in response.text
    assert "“图.svg”是 SVG 图片，里面可以藏脚本，不能接收。请另存为 JPG 或 PNG 后再传。" in response.text
    assert [one.name for one in Evidence.objects.all()] == ["绿地.jpg"]
    assert attach(officer, opened, 7, ("空.pdf", b"")).status_code == 422
    assert "没有选择文件。" in attach(officer, opened, 7).text


def test_evidence_says_what_is_there_already(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 7, ("绿地.jpg", picture()))
    again = attach(officer, opened, 7, ("又一张.jpg", picture()), ("公约.pdf", PDF))
    assert again.status_code == 200
    assert "“又一张.jpg”已有（绿地.jpg），没有重复保存。" in again.text
    assert again.context["done"] == "第 7 条已附 1 份材料。"
    assert [one.name for one in Evidence.objects.all()] == ["绿地.jpg", "公约.pdf"]
    assert attach(officer, opened, 7, ("绿地.jpg", picture())).status_code == 200


def test_evidence_is_given_to_the_chain_only(
    opened: Assessment, officer: Client, district_reviewer: Actor, stranger: Actor, client_of: ClientOf
) -> None:
    attach(officer, opened, 7, ("绿地 “前” 后.jpg", picture()))
    url = reverse("evidence", args=[Evidence.objects.get().pk])
    response = client_of(district_reviewer).get(url)
    assert response.getvalue() == picture()
    assert client_of(stranger).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_evidence_download_has_safe_headers(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 7, ("公约 2022.html", PDF))
    response = officer.get(reverse("evidence", args=[Evidence.objects.get().pk]), {"inline": "1"})
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%E5%85%AC%E7%BA%A6%202022.html.pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox;")
    assert response["Cache-Control"] == "private, no-store"


def test_evidence_pictures_are_shown_inline_when_asked(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 7, ("绿地.jpg", picture()))
    url = reverse("evidence", args=[Evidence.objects.get().pk])
    shown, small = officer.get(url, {"inline": "1"}), officer.get(url, {"thumbnail": "1"})
    assert shown["Content-Disposition"] == "inline; filename*=utf-8''%E7%BB%BF%E5%9C%B0.jpg"
    for given in (shown, small):
        assert given["Content-Type"] == "image/jpeg"
        assert given["X-Content-Type-Options"] == "nosniff"
        assert given["Content-Security-Policy"].startswith("sandbox;")
        assert given["Cache-Control"] == "private, max-age=300"
    with Image.open(io.BytesIO(small.getvalue())) as image:
        assert image.size == (240, 180)


def test_evidence_pictures_are_made_by_the_worker_once_it_is_attached(
    opened: Assessment, officer: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        attach(officer, opened, 7, ("绿地.jpg", picture()), ("公约.pdf", PDF))
    photo, document = Evidence.objects.order_by("pk")
    assert photo.display.name == f"evidence/{opened.pk}/{photo.sha256}-display.jpg"
    assert photo.thumbnail.name == f"evidence/{opened.pk}/{photo.sha256}-thumbnail.jpg"
    assert (document.display.name, document.thumbnail.name) == ("", "")


def test_evidence_pictures_are_shown_without_a_worker(
    opened: Assessment, officer: Client, district_reviewer: Actor, client_of: ClientOf
) -> None:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    Image.new("RGB", (4000, 3000), "green").save(made, "JPEG", exif=exif)
    attach(officer, opened, 7, ("绿地.png", made.getvalue()))
    evidence = Evidence.objects.get()
    url = reverse("evidence", args=[evidence.pk])
    assert evidence.display.name == ""
    shown = client_of(district_reviewer).get(url, {"inline": "1"}).getvalue()
    with Image.open(io.BytesIO(shown)) as image:
        assert (image.format, image.size) == ("JPEG", (2000, 1500))
    assert b"SecretPhone" not in shown
    assert b"SecretPhone" in officer.get(url).getvalue()
    evidence.refresh_from_db()
    with evidence.display.open("rb") as kept:
        assert kept.read() == shown


@pytest.mark.parametrize("size", ["inline", "thumbnail"])
def test_evidence_that_cannot_be_shown_says_so_and_is_still_given(
    opened: Assessment, officer: Client, size: str
) -> None:
    attach(officer, opened, 7, ("绿地.jpg", picture()))
    evidence = Evidence.objects.get()
    Path(evidence.file.path).write_bytes(picture()[:200])
    url = reverse("evidence", args=[evidence.pk])
    assert officer.get(url, {size: "1"})["Location"] == "/static/img/no-picture.svg"
    assert officer.get(url).getvalue() == picture()[:200]
    evidence.file.storage.delete(str(evidence.file.name))
    assert officer.get(url, {size: "1"}).status_code == 404
    assert officer.get(url).status_code == 404


def test_evidence_downloads_of_originals_are_recorded(
    opened: Assessment, officer: Client, city_approver: Actor, client_of: ClientOf
) -> None:
    attach(officer, opened, 7, ("绿地.jpg", picture()))
    url = reverse("evidence", args=[Evidence.objects.get().pk])
    reader = client_of(city_approver)
    for looking in ({"inline": "1"}, {"thumbnail": "1"}):
        assert reader.get(url, looking).status_code == 200
    assert reader.head(url).status_code == 200
    downloads = AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOADED)
    assert not downloads.exists()
    assert reader.get(url).status_code == 200
    (event,) = downloads.select_related("jurisdiction")
    assert (event.user_id, event.subject, event.jurisdiction.name, event.address) == (
        city_approver.user.pk,
        "龙江社区 2022 年自评第 7 条材料“绿地.jpg”",
        "鹿城镇",
        "127.0.0.1",
    )


def test_evidence_that_is_lost_is_no_download(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 7, ("公约.pdf", PDF))
    evidence = Evidence.objects.get()
    evidence.file.storage.delete(str(evidence.file.name))
    assert officer.get(reverse("evidence", args=[evidence.pk])).status_code == 404
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOADED).exists()


def test_evidence_is_deleted_by_the_holder_only(
    opened: Assessment,
    officer: Client,
    district_reviewer: Actor,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    attach(officer, opened, 7, ("公约.pdf", PDF))
    evidence = Evidence.objects.get()
    stored_as = str(evidence.file.name)
    url = reverse("evidence_delete", args=[evidence.pk])
    assert client_of(district_reviewer).post(url, headers=HTMX).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        response = officer.post(url, headers=HTMX)
    assert response.status_code == 200
    assert "公约.pdf" not in response.text
    assert not Evidence.objects.exists()
    assert not evidence.file.storage.exists(stored_as)
    assert officer.post(url, headers=HTMX).status_code == 404


def test_evidence_is_not_judged_for_whom_it_is_closed(
    submitted: Assessment, street_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[object] = []
    monkeypatch.setattr(domain, "judge_file", judged.append)
    criterion = submitted.standard.criteria.get(number=7)
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk), pytest.raises(TransitionError) as out:
        domain.attach_evidence(submitted, criterion, SimpleUploadedFile("公约.pdf", PDF), actor=street_officer)
    assert "现在由楚雄市办理，其他单位只能查看。" in out.value.message
    assert judged == []
