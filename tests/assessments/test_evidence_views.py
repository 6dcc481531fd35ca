"""Evidence through the pages: what is kept, who is given it, with which headers."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from apps.accounts.permissions import Actor
from apps.assessments.domain import open_assessment
from apps.assessments.models import Assessment, Evidence
from apps.campaigns.models import Participation
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
    assert "“图.svg”的类型不能接收。" in response.text
    assert [one.name for one in Evidence.objects.all()] == ["绿地.jpg"]
    assert attach(officer, opened, 7, ("空.pdf", b"")).status_code == 422
    assert "没有选择文件。" in attach(officer, opened, 7).text


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
    assert response["Cache-Control"] == "private, max-age=300"


def test_evidence_pictures_are_shown_inline_when_asked(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 7, ("绿地.jpg", picture()))
    url = reverse("evidence", args=[Evidence.objects.get().pk])
    shown, small = officer.get(url, {"inline": "1"}), officer.get(url, {"thumbnail": "1"})
    assert shown["Content-Disposition"] == "inline; filename*=utf-8''%E7%BB%BF%E5%9C%B0.jpg"
    assert (shown["Content-Type"], small["Content-Type"]) == ("image/jpeg", "image/jpeg")
    with Image.open(io.BytesIO(small.content)) as image:
        assert image.size == (240, 180)


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
