"""Score sheets of many communities as one export: which, as whom, how far, and stopped."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from pypdf import PdfReader

from apps.accounts.acting import acting
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput
from apps.jurisdictions.models import Jurisdiction
from apps.reports import heartbeat, score_sheets, tasks
from apps.reports.domain import request_export
from apps.reports.models import ExportJob
from tests.recognitions.conftest import held, monday

__all__ = ["held", "monday"]

ALL, RECOGNISED, UNDER_WAY = "score_sheets", "score_sheets_recognised", "score_sheets_under_way"
Ask = Callable[..., ExportJob]


@pytest.fixture(autouse=True)
def _no_heartbeats_of_others() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def ask(chuxiong: Campaign, city_approver: Actor, held: list[Assessment]) -> Ask:
    """Return a function by which 楚雄州's approver asks for score sheets."""

    def request(kind: str = ALL, unit: Jurisdiction | None = None, year: int = 2022) -> ExportJob:
        with acting(city_approver):
            return request_export(kind, chuxiong, unit or city_approver.jurisdiction, year, actor=city_approver)

    return request


def run(job: ExportJob) -> ExportJob:
    tasks.make_export(job.pk, job.path)
    job.refresh_from_db()
    return job


def test_all_of_a_year_are_one_pdf_with_a_bookmark_each(ask: Ask, held: list[Assessment]) -> None:
    job = run(ask())
    assert (job.status, job.filename) == ("done", "楚雄彝族自治州2022年绿色社区创建评分表（全部）.pdf")
    reader = PdfReader(job.file)
    assert len(reader.outline) == 3
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert all(str(one.participation.community) in text for one in held)


def test_states_are_told_apart(ask: Ask, held: list[Assessment]) -> None:
    with pytest.raises(InvalidInput, match="楚雄彝族自治州 2022 年没有已认定的评分表。"):
        ask(RECOGNISED)
    Assessment.objects.filter(pk=held[0].pk).update(status=Assessment.Status.RECOGNISED)
    assert [len(PdfReader(run(ask(kind)).file).outline) for kind in (RECOGNISED, UNDER_WAY, ALL)] == [1, 2, 3]
    with pytest.raises(InvalidInput, match="2021 年没有评分表"):
        ask(year=2021)


def test_drafts_stay_with_their_street(ask: Ask, held: list[Assessment]) -> None:
    Assessment.objects.filter(pk=held[0].pk).update(status=Assessment.Status.DRAFT)
    assert len(PdfReader(run(ask()).file).outline) == 2


def test_too_many_say_the_way_out(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score_sheets, "MOST_SHEETS", 2)
    with pytest.raises(InvalidInput, match="有 3 份评分表，一次最多 2 份。请按下级单位分别生成。"):
        ask()


def test_a_county_is_given_what_it_may_read_itself(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    readers: list[Actor] = []

    def noting(assessments: Iterator[Assessment], reader: Actor) -> bytes:
        readers.append(reader)
        return b"%d" % len(list(assessments))

    monkeypatch.setattr(score_sheets, "score_sheets", noting)
    job = run(ask(unit=jurisdiction("532301")))
    # Asked for by the prefecture, it lies with the county too.
    assert (job.status, job.file.read(), readers[0].jurisdiction) == ("done", b"3", jurisdiction("532301"))
    assert not readers[0].can("review_assessments")


def test_cancelled_in_the_middle_nothing_is_left(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", 0.0)
    job = ask()
    told: list[tuple[int, int]] = []
    call = heartbeat.Telling.__call__

    def cancel(self: heartbeat.Telling, done: int, total: int) -> None:
        told.append((done, total))
        ExportJob.objects.filter(pk=job.pk).update(status=ExportJob.Status.CANCELLED)
        call(self, done, total)

    monkeypatch.setattr(heartbeat.Telling, "__call__", cancel)
    assert run(job).status == "cancelled"
    assert told == [(0, 3)]
    assert list(Path(settings.MEDIA_ROOT).rglob("*.pdf")) == []
