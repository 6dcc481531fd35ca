"""Exports as jobs: asked for, made once, cancelled, made again, expired, and saved from dead workers."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.accounts.acting import acting
from apps.accounts.models import Contact, Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.reports import domain, heartbeat, registry, tasks
from apps.reports.domain import begin_export, cancel_export, fail_export, finish_export, repeat_export, request_export
from apps.reports.heartbeat import progress_of
from apps.reports.models import ExportJob
from apps.reports.registry import Document, Kind, Tell
from tests.evaluations.conftest import give_back, submit
from tests.factories import recognised_community

FindCommunity = Callable[[str], Community]
FindJurisdiction = Callable[[str], Jurisdiction]
ClientOf = Callable[[Actor], Client]

# 楚雄市: 龙江 and 北浦 in 鹿城镇, 紫溪 in 紫溪镇.
LONGJIANG, BEIPU, ZIXI = "532301101006", "532301101008", "532301104001"
SUMMARY, NAMES, FROZEN = "completion_summary", "recognised_list", "frozen_summary"


@pytest.fixture(autouse=True)
def _no_heartbeats_of_others() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def two_years(chuxiong: Campaign, community: FindCommunity) -> None:
    recognised_community(community(BEIPU), chuxiong, 2021)
    recognised_community(community(LONGJIANG), chuxiong, 2021)
    recognised_community(community(ZIXI), chuxiong, 2022)


@pytest.fixture
def ask(chuxiong: Campaign, city_approver: Actor) -> Callable[..., ExportJob]:
    """Return a function by which 楚雄州's approver asks for a document: ``ask(kind, unit, year)``."""

    def request(kind: str = SUMMARY, unit: Jurisdiction | None = None, year: int = 2022) -> ExportJob:
        with acting(city_approver):
            return request_export(kind, chuxiong, unit or city_approver.jurisdiction, year, actor=city_approver)

    return request


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[ExportJob, Tell], Document]], None]:
    """Return a function that puts another way of making 附件2 in its place."""

    def make(maker: Callable[[ExportJob, Tell], Document]) -> None:
        usual = registry.kind_of(SUMMARY)
        monkeypatch.setitem(registry._kinds, SUMMARY, Kind(SUMMARY, usual.label, "text/plain", usual.check, maker))

    return make


def run(job: ExportJob) -> ExportJob:
    tasks.make_export(job.pk, job.path)
    job.refresh_from_db()
    return job


def stored() -> list[str]:
    return sorted(str(one.relative_to(settings.MEDIA_ROOT)) for one in Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_export_in_the_browser_gives_the_file(
    two_years: None,
    chuxiong: Campaign,
    city_approver: Actor,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = client_of(city_approver)
    asked = {
        "campaign": "chuxiong-2021",
        "jurisdiction": city_approver.jurisdiction.pk,
        "year": 2022,
        "kind": "completion_summary",
    }
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/reports/export/", asked)
    assert response["Location"] == "/reports/"
    job = ExportJob.objects.get()
    assert (job.status, progress_of(job)) == ("done", 100)
    assert "楚雄彝族自治州" in client.get("/reports/").content.decode()
    line = client.get(f"/reports/jobs/{job.pk}/").content.decode()
    assert f"/reports/jobs/{job.pk}/file/" in line
    assert "hx-get" not in line
    download = client.get(f"/reports/jobs/{job.pk}/file/")
    assert download["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert download["X-Content-Type-Options"] == "nosniff"
    sheet = load_workbook(io.BytesIO(download.getvalue())).active
    assert isinstance(sheet, Worksheet)
    assert sheet["B5"].value == "龙江社区、北浦社区"


def test_the_annex_of_a_submitted_evaluation_is_as_it_was_submitted(
    ask: Callable[..., ExportJob],
    chuxiong: Campaign,
    community: FindCommunity,
    district_reviewer: Actor,
    city_approver: Actor,
) -> None:
    county = district_reviewer.jurisdiction
    with pytest.raises(InvalidInput, match="楚雄市还没有提交 2022 年度总结评估报告"):
        ask(FROZEN, county)
    recognised_community(community(LONGJIANG), chuxiong, 2022)
    submitted = submit(chuxiong, actor=district_reviewer)
    recognised_community(community(BEIPU), chuxiong, 2022)
    rows = load_workbook(run(ask(FROZEN, county)).file).worksheets[0].iter_rows(values_only=True)
    assert next(row for row in rows if row[0] == "鹿城镇")[4:6] == ("龙江社区", 1)
    give_back(submitted, actor=city_approver)
    with pytest.raises(InvalidInput, match="已退回，重新提交以后才有固定的数据"):
        ask(FROZEN, county)


def test_export_of_the_recognised_list_names_those_up_to_the_year(
    two_years: None, ask: Callable[..., ExportJob], community: FindCommunity, city_approver: Actor
) -> None:
    with acting(city_approver):
        revoke_recognition(community(BEIPU).recognitions.get(), "公共车位长期被占", actor=city_approver)
    jobs = [run(ask(NAMES, year=year)) for year in (2021, 2022)]
    assert [job.filename for job in jobs] == [
        "楚雄彝族自治州绿色社区认定名单（截至2021年）.xlsx",
        "楚雄彝族自治州绿色社区认定名单（截至2022年）.xlsx",
    ]
    sheets = [load_workbook(job.file).worksheets[0] for job in jobs]
    assert [[row[0].value for row in sheet.iter_rows(min_row=2)] for sheet in sheets] == [
        ["龙江社区"],
        ["龙江社区", "紫溪社区"],
    ]
    assert [cell.value for cell in sheets[1][3]][:4] == ["紫溪社区", "紫溪镇", "楚雄市", 2022]


def test_summary_names_who_asked_as_its_contact_where_it_is_their_own(
    ask: Callable[..., ExportJob], city_approver: Actor, jurisdiction: FindJurisdiction
) -> None:
    Contact.objects.create(user=city_approver.user, office="城建科", office_phone="0878-3012345")
    heads = []
    for unit in (city_approver.jurisdiction, jurisdiction("532301")):
        sheet = load_workbook(run(ask(unit=unit)).file).worksheets[0]
        heads.append([cell.value for cell in sheet[3] if cell.value][-1])
    assert heads == ["联系人及联系电话：测试审批人5323 0878-3012345", "联系人及联系电话："]


def test_request_export_twice_is_one_job(ask: Callable[..., ExportJob]) -> None:
    assert ask() == ask()


def test_request_export_beyond_the_limit_says_the_way_out(
    ask: Callable[..., ExportJob], jurisdiction: FindJurisdiction, city_approver: Actor
) -> None:
    counties = jurisdiction("5323").children.order_by("path")[:6]
    jobs = [ask(unit=unit) for unit in counties[:5]]
    with pytest.raises(
        InvalidInput, match="您已有 5 份文件在等待或生成，一人同时最多 5 份。请等其中一份做好，或在下面取消"
    ):
        ask(unit=counties[5])
    with acting(city_approver):
        cancel_export(jobs[0], actor=city_approver)
    assert ask(unit=counties[5]).status == "waiting"
    with acting(city_approver), pytest.raises(InvalidInput, match="您已有 5 份"):
        repeat_export(jobs[0], actor=city_approver)


def test_what_is_cancelled_or_made_again_is_named_with_its_unit(
    ask: Callable[..., ExportJob], city_approver: Actor, client_of: ClientOf
) -> None:
    job, client = ask(), client_of(city_approver)
    page = client.post(f"/reports/jobs/{job.pk}/cancel/", follow=True).content.decode()
    assert "已取消楚雄彝族自治州 2022 年附件2 完成情况汇总表，没有留下文件。" in page
    page = client.post(f"/reports/jobs/{job.pk}/repeat/", follow=True).content.decode()
    assert "正在重新生成楚雄彝族自治州 2022 年附件2 完成情况汇总表，" in page


def test_export_delivered_twice_is_made_once(ask: Callable[..., ExportJob]) -> None:
    job = run(ask())
    first = job.file.name
    run(job)
    assert (job.status, job.attempts, job.file.name, stored()) == ("done", 1, first, [first])


def test_export_that_crashes_says_so(
    ask: Callable[..., ExportJob],
    city_approver: Actor,
    making: Callable[..., None],
    client_of: ClientOf,
) -> None:
    making(lambda job, tell: 1 / 0)
    job = run(ask())
    assert (job.status, stored()) == ("failed", [])
    assert "生成时出错，请重新生成" in client_of(city_approver).get("/reports/").content.decode()


def test_cancel_export_while_waiting_leaves_nothing_to_make(
    ask: Callable[..., ExportJob], city_approver: Actor
) -> None:
    job = ask()
    with acting(city_approver):
        assert cancel_export(job, actor=city_approver).status == "cancelled"
        assert cancel_export(job, actor=city_approver).status == "cancelled"
    assert (run(job).status, job.attempts, stored()) == ("cancelled", 0, [])


def test_cancel_export_stops_the_worker_at_the_next_progress(
    ask: Callable[..., ExportJob],
    city_approver: Actor,
    making: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", 0.0)
    told: list[int] = []

    def make(job: ExportJob, tell: Tell) -> Document:
        for part in range(10):
            if part == 3:
                with acting(city_approver):
                    cancel_export(job, actor=city_approver)
            tell(part, 10)
            told.append(part)
        return Document(b"x", "x.txt")

    making(make)
    job = run(ask())
    assert (told, job.status, stored()) == ([0, 1, 2], "cancelled", [])


def test_cancel_export_after_the_last_progress_keeps_no_file(
    ask: Callable[..., ExportJob], city_approver: Actor, making: Callable[..., None]
) -> None:
    def make(job: ExportJob, tell: Tell) -> Document:
        with acting(city_approver):
            cancel_export(job, actor=city_approver)
        return Document(b"x", "x.txt")

    making(make)
    assert (run(ask()).status, stored()) == ("cancelled", [])


def test_cancel_and_repeat_belong_to_who_asked(
    ask: Callable[..., ExportJob], make_actor: Callable[[str, Role], Actor], client_of: ClientOf
) -> None:
    job, colleague = ask(), make_actor("5323", Role.STAFF)
    for verb in (cancel_export, repeat_export):
        with acting(colleague), pytest.raises(PermissionDenied, match="由同事发起"):
            verb(job, actor=colleague)
    page = client_of(colleague).get("/reports/").content.decode()
    assert f"/reports/jobs/{job.pk}/" in page
    assert f"/reports/jobs/{job.pk}/cancel/" not in page
    assert client_of(colleague).post(f"/reports/jobs/{job.pk}/cancel/").status_code == 403


def test_repeat_export_makes_another_attempt(
    two_years: None,
    ask: Callable[..., ExportJob],
    city_approver: Actor,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    job, client = ask(), client_of(city_approver)
    assert client.post(f"/reports/jobs/{job.pk}/cancel/")["Location"] == "/reports/"
    assert "重新生成" in client.get(f"/reports/jobs/{job.pk}/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/reports/jobs/{job.pk}/repeat/")["Location"] == "/reports/"
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("done", 1)
    with acting(city_approver), pytest.raises(TransitionError, match="已经做好，可以直接下载"):
        repeat_export(job, actor=city_approver)
    with acting(city_approver), pytest.raises(TransitionError, match="已完成，不用取消"):
        cancel_export(job, actor=city_approver)
    assert "不用取消" in client.post(f"/reports/jobs/{job.pk}/cancel/", follow=True).content.decode()


def test_expire_exports_deletes_the_file_and_offers_it_anew(
    ask: Callable[..., ExportJob],
    city_approver: Actor,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    job = run(ask())
    with django_capture_on_commit_callbacks(execute=True):
        tasks.expire_exports()
    assert len(stored()) == 1
    ExportJob.objects.update(finished_at=clock.now() - domain.KEPT)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.expire_exports()
    job.refresh_from_db()
    assert (job.status, str(job.file), stored()) == ("expired", "", [])
    page = client_of(city_approver).get("/reports/").content.decode()
    assert "已过期" in page
    assert f"/reports/jobs/{job.pk}/repeat/" in page
    assert client_of(city_approver).get(f"/reports/jobs/{job.pk}/file/").status_code == 404


def test_expire_exports_clears_away_what_no_job_names(
    ask: Callable[..., ExportJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = run(ask())
    folder = str(job.file.name).rpartition("/")[0]
    default_storage.save(f"{folder}/{job.pk}-1-half.xlsx", job.file)
    tasks.expire_exports()
    assert len(stored()) == 2
    monkeypatch.setattr("apps.reports.stored_files._ORPHAN_AGE", timedelta(0))
    tasks.expire_exports()
    assert stored() == [job.file.name]


def test_half_a_file_is_never_the_jobs(ask: Callable[..., ExportJob], monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(name: str, content: object, **kwargs: object) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(default_storage, "save", cut_off)
    job = run(ask())
    assert (job.status, str(job.file)) == ("failed", "")


def test_export_left_behind_by_a_dead_worker_is_made_again_at_most_twice(
    ask: Callable[..., ExportJob],
) -> None:
    job = ask()
    for attempt in (1, 2, 3):
        begun = begin_export(job.pk)
        assert begun is not None
        assert begun.attempts == attempt
        tasks.hand_out_lost_exports()
        job.refresh_from_db()
        assert job.status == "running"
        ExportJob.objects.update(started_at=clock.now() - timedelta(seconds=heartbeat.SILENCE))
        with heartbeat.beating(begun):
            tasks.hand_out_lost_exports()
        job.refresh_from_db()
        assert job.status == "running"
        cache.clear()
        tasks.hand_out_lost_exports()
        job.refresh_from_db()
        assert job.status == ("waiting" if attempt < 3 else "failed")
    assert job.failure == "生成时中断了 3 次，没有做成。请稍后重新生成；仍然失败时请联系管理员。"


def test_export_handed_out_again_is_made(
    ask: Callable[..., ExportJob], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = ask()
    begin_export(job.pk)
    ExportJob.objects.update(started_at=clock.now() - timedelta(seconds=heartbeat.SILENCE))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.hand_out_lost_exports()
    job.refresh_from_db()
    assert (job.status, job.attempts, job.interruptions) == ("done", 2, 1)


def test_worker_that_was_given_up_cannot_finish_or_fail_the_next_attempt(ask: Callable[..., ExportJob]) -> None:
    first = begin_export(ask().pk)
    assert first is not None
    assert domain.hand_out_again(first.pk, 1)
    second = begin_export(first.pk)
    assert second is not None
    finish_export(first, Document(b"old", "old.txt"))
    fail_export(first, "old")
    assert not domain.hand_out_again(first.pk, 1)
    assert not domain.is_wanted(first)
    second.refresh_from_db()
    assert (second.status, second.attempts, stored()) == ("running", 2, [])


def test_export_whose_message_was_lost_is_called_again(
    ask: Callable[..., ExportJob], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = ask()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.hand_out_lost_exports()
    job.refresh_from_db()
    assert job.status == "waiting"
    ExportJob.objects.update(called_at=clock.now() - timedelta(minutes=5))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.hand_out_lost_exports()
    job.refresh_from_db()
    assert job.status == "done"


def test_export_that_waits_for_hours_says_so(ask: Callable[..., ExportJob]) -> None:
    job, long_ago = ask(), clock.now() - timedelta(hours=3)
    ExportJob.objects.update(asked_at=long_ago, called_at=long_ago)
    tasks.hand_out_lost_exports()
    job.refresh_from_db()
    assert (job.status, job.failure) == ("failed", "等了两个小时没有轮到。请稍后重新生成；仍然如此时请联系管理员。")


def test_job_under_way_shows_its_progress_in_place(
    ask: Callable[..., ExportJob], city_approver: Actor, client_of: ClientOf
) -> None:
    job, client = begin_export(ask().pk), client_of(city_approver)
    assert job is not None
    with heartbeat.beating(job):
        heartbeat.Telling(job, domain.is_wanted)(1, 3)
        response = client.get(f"/reports/jobs/{job.pk}/")
    assert "生成中 35%" in response.content.decode()
    assert "hx-get" in response.content.decode()
    assert "HX-Retarget" not in response
    finish_export(job, Document(b"x", "x.txt"))
    job.refresh_from_db()
    response = client.get(f"/reports/jobs/{job.pk}/")
    assert (response["HX-Retarget"], response["HX-Reswap"]) == (f"#job-{job.pk}", "outerHTML")
    assert progress_of(job) == 100


def test_report_list_filters_and_puts_own_jobs_first(
    ask: Callable[..., ExportJob],
    chuxiong: Campaign,
    city_approver: Actor,
    make_actor: Callable[[str, Role], Actor],
    client_of: ClientOf,
) -> None:
    ask()
    run(ask(NAMES))
    colleague = make_actor("5323", Role.STAFF)
    with acting(colleague):
        request_export(SUMMARY, chuxiong, colleague.jurisdiction, 2021, actor=colleague)
    client = client_of(city_approver)

    def listed(asked: str = "") -> list[tuple[str, int]]:
        return [(job.kind, job.year) for job in client.get(f"/reports/{asked}").context["jobs"]]

    assert listed() == [(NAMES, 2022), (SUMMARY, 2022), (SUMMARY, 2021)]
    assert listed("?kind=recognised_list") == [(NAMES, 2022)]
    assert listed("?state=waiting") == [(SUMMARY, 2022), (SUMMARY, 2021)]
    assert listed("?state=failed&kind=nonsense") == []
    assert "没有符合条件的文件" in client.get("/reports/?state=expired").content.decode()


def test_report_list_asks_no_more_for_more_jobs(
    ask: Callable[..., ExportJob],
    jurisdiction: FindJurisdiction,
    city_approver: Actor,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, counties = client_of(city_approver), jurisdiction("5323").children.order_by("path")
    ask(unit=counties[0])
    with CaptureQueriesContext(connection) as few:
        client.get("/reports/")
    for unit in counties[1:3]:
        ask(unit=unit)
    with django_assert_num_queries(len(few)):
        client.get("/reports/")


def test_export_is_refused_in_place(
    db: None, city_approver: Actor, client_of: Callable[[Actor], Client], jurisdiction: FindJurisdiction
) -> None:
    client = client_of(city_approver)
    for changed, status in (
        ({"jurisdiction": jurisdiction("12").pk}, 422),
        ({"jurisdiction": jurisdiction("53").pk}, 422),
        ({"year": 2030}, 422),
        ({"campaign": "tianjin-2020"}, 422),
        ({"kind": "annual_report"}, 422),
        ({"campaign": "national-2020", "year": 2021}, 302),
    ):
        asked = {
            "campaign": "chuxiong-2021",
            "jurisdiction": city_approver.jurisdiction.pk,
            "year": 2022,
            "kind": "completion_summary",
        }
        response = client.post("/reports/export/", {"kind": SUMMARY} | asked | changed)
        assert (changed, response.status_code) == (changed, status)
    assert ExportJob.objects.count() == 1


def test_job_and_file_of_others_are_not_found(
    ask: Callable[..., ExportJob],
    stranger: Actor,
    district_reviewer: Actor,
    client_of: Callable[[Actor], Client],
) -> None:
    job = run(ask())
    for other in (stranger, district_reviewer):
        client = client_of(other)
        assert client.get(f"/reports/jobs/{job.pk}/").status_code == 404
        assert client.get(f"/reports/jobs/{job.pk}/file/").status_code == 404


def test_report_list_preselects_the_unit_that_was_looked_at(
    city_approver: Actor, client_of: Callable[[Actor], Client], jurisdiction: FindJurisdiction
) -> None:
    client, county = client_of(city_approver), jurisdiction("532302")
    page = client.get(f"/reports/?jurisdiction={county.key}&campaign=chuxiong-2021&year=2021").content.decode()
    assert f'<option value="{county.pk}" selected>禄丰市</option>' in page
    assert '<option value="2021" selected>2021 年</option>' in page
    assert client.get(f"/reports/?jurisdiction={jurisdiction('12').pk}").status_code == 404
