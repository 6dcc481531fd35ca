"""Files beside the backup of the database: copied once, compared with their hashes, missed where they are missing."""

import io
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.accounts.permissions import Actor
from apps.assessments.models import Evidence
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from apps.operations.stored_files import check_files, copy_files, stored_files
from apps.reports.models import ExportJob
from tests.factories import enrol, fill_in

pytestmark = pytest.mark.django_db
CONTENT = "名单".encode()


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def job(city_approver: Actor, chuxiong: Campaign) -> ExportJob:
    """A finished document of the report centre."""
    now = clock.now()
    made = ExportJob(
        kind="recognised_list",
        campaign=chuxiong,
        jurisdiction=city_approver.jurisdiction,
        year=2022,
        status=ExportJob.Status.DONE,
        created_by=city_approver.user,
        created_at=now,
        asked_at=now,
        called_at=now,
        filename="名单.xlsx",
    )
    made.file.save("list.xlsx", ContentFile(CONTENT), save=False)
    made.save()
    return made


def test_every_model_with_files_is_looked_at(job: ExportJob) -> None:
    assert [(one.key, one.sha256) for one in stored_files()] == [(str(job.file), "")]


def test_files_are_copied_once_and_listed_for_sha256sum(job: ExportJob, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    assert copy_files(target) == (1, 1, [])
    assert (target / str(job.file)).read_bytes() == CONTENT
    assert (target / "SHA256SUMS").read_text() == f"{sha256(CONTENT).hexdigest()}  {job.file!s}\n"
    assert copy_files(target) == (1, 0, [])
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=target, check=False)
    assert checked.returncode == 0
    assert check_files(target) == (1, 0, [])


def test_what_is_gone_is_named_and_the_rest_is_copied(job: ExportJob, tmp_path: Path) -> None:
    default_storage.delete(str(job.file))
    with pytest.raises(CommandError, match=f"{job.file!s}: missing in the storage"):
        call_command("copy_files", str(tmp_path / "backup"), stdout=io.StringIO())
    with pytest.raises(CommandError, match="missing"):
        call_command("check_files", stdout=io.StringIO())


def test_a_copy_that_was_damaged_is_found(job: ExportJob, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    copy_files(target)
    (target / str(job.file)).write_bytes(b"damaged")
    assert check_files(target).faults == [f"{job.file!s}: its content is not what its row tells"]
    assert check_files().faults == []


def test_evidence_that_is_not_what_was_sent_in_is_found(
    community: Callable[[str], Community], chuxiong: Campaign, street_officer: Actor, tmp_path: Path
) -> None:
    assessment = fill_in(enrol(community("532301101006"), chuxiong, 2022), actor=street_officer)
    evidence = Evidence(
        assessment=assessment,
        criterion=assessment.standard.criteria.first(),
        name="照片.jpg",
        content_type="image/jpeg",
        size=len(CONTENT),
        sha256=sha256(CONTENT).hexdigest(),
        uploaded_at=clock.now(),
        uploaded_by=street_officer.user,
    )
    evidence.file.save("photo.jpg", ContentFile(CONTENT))
    key = str(evidence.file)
    assert copy_files(tmp_path / "good") == (1, 1, [])
    default_storage.delete(key)
    default_storage.save(key, ContentFile(b"another one"))
    wrong = [f"{key}: its content is not what its row tells"]
    assert check_files().faults == wrong
    assert copy_files(tmp_path / "bad").faults == wrong
    assert check_files(tmp_path / "good").faults == []


def test_a_fingerprint_changes_with_any_row() -> None:
    def taken() -> dict[str, list[str]]:
        told = io.StringIO()
        call_command("fingerprint", stdout=told)
        return {line.split("\t")[0]: line.split("\t")[1:] for line in told.getvalue().splitlines()}

    before = taken()
    assert taken() == before
    assert before["jurisdictions_jurisdiction"][0] == str(Jurisdiction.objects.count())
    Jurisdiction.objects.filter(code="532301000000").update(name="楚雄新市")
    after = taken()
    assert {table for table in before if before[table] != after[table]} >= {"jurisdictions_jurisdiction"}
    assert before["jurisdictions_jurisdiction"][0] == after["jurisdictions_jurisdiction"][0]
