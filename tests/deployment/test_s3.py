"""Evidence and exports in an S3-compatible store: an S3 API runs on this machine, everything goes through the real pages."""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from django.conf import settings as project
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from moto.server import ThreadedMotoServer
from PIL import Image
from pytest_django import Settings

from apps.accounts.permissions import Actor
from apps.assessments.domain import open_assessment
from apps.assessments.models import Assessment, Evidence
from apps.assessments.stored_files import orphans
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.reports.models import ExportJob
from config.s3 import s3_storage
from tests.factories import enrol

BUCKET, KEY, SECRET = "green-community", "test-key", "test-secret"
HTMX = {"HX-Request": "true"}

OnCommit = Callable[..., Any]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 API on this machine with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    storage = s3_storage(
        bucket=BUCKET,
        endpoint_url=address,
        access_key=KEY,
        secret_key=SECRET,
        region="us-east-1",
        addressing_style="path",
    )
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=storage["OPTIONS"]["client_config"],
    )
    client.create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


@pytest.fixture(autouse=True)
def _stored_in_s3(endpoint: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of an installation with S3; nothing but this machine is reached."""
    settings.STORAGES = {
        **project.STORAGES,
        "default": s3_storage(
            bucket=BUCKET,
            endpoint_url=endpoint,
            access_key=KEY,
            secret_key=SECRET,
            region="us-east-1",
            addressing_style="path",
        ),
    }
    # What boto3 would otherwise look at for keys and addresses.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "wrong")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://203.0.113.1")
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "::1", "localhost"), address
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture
def opened(
    community: Callable[[str], Community], chuxiong: Campaign, street_officer: Actor, acting: Callable[[Actor], Any]
) -> Assessment:
    """龙江社区's self-assessment, begun."""
    participation = enrol(community("532301101006"), chuxiong, 2022)
    with acting(street_officer):
        return open_assessment(participation, actor=street_officer)


def picture() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def test_evidence_lives_in_the_bucket_from_upload_to_deletion(
    opened: Assessment,
    client_of: Callable[[Actor], Client],
    street_officer: Actor,
    district_reviewer: Actor,
    stranger: Actor,
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    officer, content = client_of(street_officer), picture()
    # Larger than what is kept in memory and than a part of an upload.
    assert len(content) > 2 * 1024 * 1024
    with django_capture_on_commit_callbacks(execute=True):
        uploads = [SimpleUploadedFile("绿地.jpg", content), SimpleUploadedFile("公约.pdf", b"%PDF-1.4\n%%EOF\n")]
        added = officer.post(reverse("evidence_add", args=[opened.pk, 7]), {"files": uploads}, headers=HTMX)
    assert added.status_code == 200
    photo, _ = Evidence.objects.order_by("pk")
    folder = f"evidence/{opened.pk}"
    assert len(default_storage.listdir(folder)[1]) == 4
    url, reviewer = reverse("evidence", args=[photo.pk]), client_of(district_reviewer)
    original = reviewer.get(url)
    assert original.getvalue() == content
    assert original["Content-Disposition"].startswith("attachment;")
    assert original["Content-Length"] == str(len(content))
    for size, (width, height) in {"inline": (2000, 1500), "thumbnail": (240, 180)}.items():
        with Image.open(io.BytesIO(reviewer.get(url, {size: "1"}).getvalue())) as image:
            assert (image.format, image.size) == ("JPEG", (width, height))
    assert client_of(stranger).get(url).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        officer.post(reverse("evidence_delete", args=[photo.pk]), headers=HTMX)
    assert len(default_storage.listdir(folder)[1]) == 1


def test_evidence_pictures_are_made_without_a_worker(
    opened: Assessment, client_of: Callable[[Actor], Client], street_officer: Actor
) -> None:
    officer = client_of(street_officer)
    upload = SimpleUploadedFile("绿地.jpg", picture())
    officer.post(reverse("evidence_add", args=[opened.pk, 7]), {"files": [upload]}, headers=HTMX)
    url = reverse("evidence", args=[Evidence.objects.get().pk])
    with Image.open(io.BytesIO(officer.get(url, {"thumbnail": "1"}).getvalue())) as image:
        assert image.size == (240, 180)


def test_evidence_gone_from_the_bucket_is_not_found(
    opened: Assessment, client_of: Callable[[Actor], Client], street_officer: Actor
) -> None:
    officer = client_of(street_officer)
    upload = SimpleUploadedFile("绿地.jpg", picture())
    officer.post(reverse("evidence_add", args=[opened.pk, 7]), {"files": [upload]}, headers=HTMX)
    evidence = Evidence.objects.get()
    default_storage.delete(str(evidence.file.name))
    url = reverse("evidence", args=[evidence.pk])
    assert [officer.get(url, asked).status_code for asked in ({}, {"inline": "1"})] == [404, 404]


def test_objects_are_private_and_never_written_over(opened: Assessment) -> None:
    first = default_storage.save("evidence/1/a.pdf", SimpleUploadedFile("a.pdf", b"one"))
    second = default_storage.save("evidence/1/a.pdf", SimpleUploadedFile("a.pdf", b"two"))
    assert first == "evidence/1/a.pdf"
    assert second != first
    with default_storage.open(first) as kept:
        assert kept.read() == b"one"
    grants = default_storage.bucket.Object(first).Acl().grants  # type: ignore[attr-defined]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
    assert all("URI" not in grant["Grantee"] for grant in grants)


def test_orphans_are_found_in_the_bucket(opened: Assessment) -> None:
    name = default_storage.save(f"evidence/{opened.pk}/rolled-back.pdf", SimpleUploadedFile("a.pdf", b"x"))
    now = timezone.now()
    assert {one for day in range(2, 9) for one in orphans(now + timedelta(days=day))} >= {name}
    default_storage.delete(name)


def test_export_is_handed_over_from_the_bucket(
    chuxiong: Campaign,
    client_of: Callable[[Actor], Client],
    district_reviewer: Actor,
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    clerk = client_of(district_reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        entered = {"campaign": chuxiong.code, "jurisdiction": district_reviewer.jurisdiction.pk, "year": 2022}
        entered["kind"] = "completion_summary"
        assert clerk.post(reverse("export_request"), entered).status_code == 302
    job = ExportJob.objects.get()
    assert (job.status, job.failure) == (ExportJob.Status.DONE, "")
    assert default_storage.exists(str(job.file.name))
    response = clerk.get(reverse("download_export", args=[job.pk]))
    assert response.getvalue().startswith(b"PK\x03\x04")


def test_s3_needs_its_own_keys() -> None:
    with pytest.raises(ValueError, match="S3_ACCESS_KEY and S3_SECRET_KEY"):
        s3_storage(bucket=BUCKET, endpoint_url="x", access_key="", secret_key="", region="x", addressing_style="path")


@pytest.mark.parametrize(
    ("environment", "backend"),
    [
        ({}, "django.core.files.storage.FileSystemStorage"),
        ({"S3_BUCKET": ""}, "django.core.files.storage.FileSystemStorage"),
        (
            {
                "S3_BUCKET": BUCKET,
                "S3_ENDPOINT_URL": "https://s3.example",
                "S3_ACCESS_KEY": KEY,
                "S3_SECRET_KEY": SECRET,
            },
            "storages.backends.s3.S3Storage",
        ),
    ],
)
def test_settings_choose_the_storage_by_the_environment(environment: dict[str, str], backend: str) -> None:
    told = {name: value for name, value in os.environ.items() if not name.startswith("S3_")}
    script = "from config.settings.base import STORAGES; print(STORAGES['default']['BACKEND'])"
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=project.BASE_DIR, env=told | environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == backend
