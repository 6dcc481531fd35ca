"""Evidence through the pages: what is kept, who is given it, with which headers."""

import io
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor
from apps.assessments import evidence as verbs
from apps.assessments.domain import open_assessment, return_assessment
from apps.assessments.models import Assessment, Evidence
from apps.assessments.site_visits import VisitFacts, record_visit
from apps.campaigns.models import Campaign, Participation
from apps.core import clock
from apps.core.errors import TransitionError
from apps.core.scope import scope
from tests.factories import enrol, fill_in

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
    # The second of two presses says the same.
    assert officer.post(url, headers=HTMX).status_code == 200
    assert officer.post(url).url == f"{reverse('self_assessment', args=[opened.pk])}#c7"  # type: ignore[attr-defined]
    assert client_of(district_reviewer).post(url).status_code == 403
    assert officer.post(reverse("evidence_delete", args=[evidence.pk + 1000])).status_code == 404


def test_evidence_that_a_colleague_has_just_deleted_is_deleted_once(opened: Assessment, street_officer: Actor) -> None:
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        file = SimpleUploadedFile("公约.pdf", PDF)
        first = verbs.attach_evidence(opened, opened.standard.criteria.get(number=7), file, actor=street_officer)
        second = Evidence.objects.select_related("criterion", "assessment").get()
        assert verbs.remove_evidence(first, actor=street_officer).number == 7
        assert verbs.remove_evidence(second, actor=street_officer).number == 7
    assert not Evidence.objects.exists()


def test_evidence_is_not_judged_for_whom_it_is_closed(
    submitted: Assessment, street_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[object] = []
    monkeypatch.setattr(verbs, "judge_file", judged.append)
    criterion = submitted.standard.criteria.get(number=7)
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk), pytest.raises(TransitionError) as out:
        verbs.attach_evidence(submitted, criterion, SimpleUploadedFile("公约.pdf", PDF), actor=street_officer)
    assert "现在由楚雄市办理，其他单位只能查看。" in out.value.message
    assert judged == []


def shown(client: Client, assessment: Assessment) -> list[dict[str, Any]]:
    """What the viewer is told."""
    response = client.get(reverse("evidence_list", args=[assessment.pk]))
    assert response.status_code == 200
    return list(response.json()["pictures"])


def from_camera(taken: str, *, with_place: bool = True, colour: str = "green") -> bytes:
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8769)[0x9003] = taken
    if with_place:
        exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 2.0, 31.5), 3: "E", 4: (101.0, 32.0, 45.0)})
    Image.new("RGB", (320, 240), colour).save(made, "JPEG", exif=exif)
    return made.getvalue()


def test_viewer_tells_what_is_known_of_each_picture(
    opened: Assessment, officer: Client, district_reviewer: Actor, client_of: ClientOf
) -> None:
    with clock.stopped_at(datetime.fromisoformat("2022-08-03T10:12:00+08:00")):
        attach(officer, opened, 8, ("后.jpg", from_camera("2022:07:03 10:12:59")), ("公约.pdf", PDF))
        attach(officer, opened, 3, ("先.jpg", picture()))
        first, second = shown(client_of(district_reviewer), opened)
    assert (first["name"], first["place"], first["taken"]) == ("先.jpg", "第 3 条", "没有拍摄时间和地点")
    evidence = Evidence.objects.get(name="后.jpg")
    address = f"/assessments/evidence/{evidence.pk}/"
    assert second == {
        "id": evidence.pk,
        "name": "后.jpg",
        "caption": "",
        "place": "第 8 条",
        "shown": f"{address}?inline=1",
        "original": address,
        "size": filesizeformat(evidence.size).replace("\xa0", " "),
        "rotation": 0,
        "uploaded": "今天 10:12 测试街道经办532301101 上传，首次提交前",
        "taken": "拍摄于 2022-07-03 10:12，北纬 25.0421°，东经 101.5458°",
        "doubts": [],
        "uses": [],
        "more_uses": 0,
    }


def test_viewer_doubts_times_that_do_not_fit(opened: Assessment, officer: Client) -> None:
    with clock.stopped_at(datetime.fromisoformat("2022-08-03T10:12:00+08:00")):
        times = ("2022:08:03 10:20:00", "2022:08:04 10:12:00", "2019:12:31 23:59:59")
        for number, taken in enumerate(times, start=1):
            attach(officer, opened, number, (f"{number}.jpg", from_camera(taken, with_place=False)))
    fast, late, early = shown(officer, opened)
    assert (fast["taken"], fast["doubts"]) == ("拍摄于 2022-08-03 10:20，没有拍摄地点", [])
    assert late["doubts"] == ["拍摄时间晚于上传时间，请核对"]
    campaign = opened.participation.campaign
    years = f"{campaign.first_year}—{campaign.last_year}"
    assert early["doubts"] == [f"拍摄时间不在行动年度（{years} 年）内，请核对"]


def test_viewer_takes_the_same_queries_whatever_its_pictures(opened: Assessment, officer: Client) -> None:
    taken = []
    for number in (1, 2, 3):
        attach(officer, opened, number, (f"{number}.jpg", from_camera("2022:07:03 10:12:00", colour=f"#00{number}0ff")))
        if number != 2:
            with CaptureQueriesContext(connection) as queries:
                assert len(shown(officer, opened)) == number
            taken.append(len(queries))
    assert taken[0] == taken[1]


def test_viewer_shows_a_visit_below_only_once_its_level_has_decided(
    submitted: Assessment,
    district_reviewer: Actor,
    officer: Client,
    client_of: ClientOf,
    acting: Callable[[Actor], Any],
) -> None:
    with acting(district_reviewer):
        facts = VisitFacts(date(2022, 8, 1), "市住建局", "属实。")
        visit = record_visit(submitted, facts, actor=district_reviewer)
        taken = verbs.attach_visit_photo(visit, SimpleUploadedFile("现场.jpg", picture()), actor=district_reviewer)
    reader, url = client_of(district_reviewer), reverse("evidence", args=[taken.pk])
    assert [one["place"] for one in shown(reader, submitted)] == ["现场核查"]
    assert shown(officer, submitted) == []
    for looking in ({}, {"inline": "1"}, {"thumbnail": "1"}):
        assert reader.get(url, looking).status_code == 200
        assert officer.get(url, looking).status_code == 404
    with acting(district_reviewer):
        return_assessment(submitted, "请补", actor=district_reviewer)
    assert [one["id"] for one in shown(officer, submitted)] == [taken.pk]
    assert officer.get(url, {"inline": "1"}).status_code == 200


def test_choose_offers_each_file_once_and_adds_a_row(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 3, ("绿地.jpg", picture()), ("公约.pdf", PDF))
    url = reverse("evidence_choose", args=[opened.pk, 8])
    photo, document = Evidence.objects.order_by("pk")
    offered = officer.get(url, headers=HTMX)
    assert [(one.evidence.pk, one.numbers) for one in offered.context["choices"]] == [
        (photo.pk, [3]),
        (document.pk, [3]),
    ]
    answer = officer.post(url, {"evidence": [photo.pk, document.pk]}, headers=HTMX)
    assert (answer.status_code, answer.context["done"]) == (200, "第 8 条已附 2 份材料。")
    assert [(one.name, one.number) for one in Evidence.objects.order_by("pk")] == [
        ("绿地.jpg", 3),
        ("公约.pdf", 3),
        ("绿地.jpg", 8),
        ("公约.pdf", 8),
    ]
    assert officer.get(url, headers=HTMX).context["choices"] == []
    third = officer.get(reverse("evidence_choose", args=[opened.pk, 9])).context["choices"]
    assert [(one.evidence.pk, one.numbers) for one in third] == [(photo.pk, [3, 8]), (document.pk, [3, 8])]
    again = officer.post(url, {"evidence": [photo.pk]}, headers=HTMX)
    assert (again.status_code, again.context["done"]) == (200, "")


def test_choose_without_scripts_is_a_page_and_goes_back(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 3, ("绿地.jpg", picture()))
    url = reverse("evidence_choose", args=[opened.pk, 8])
    assert "为第 8 条选用已上传的材料" in officer.get(url).text
    answer = officer.post(url, {"evidence": Evidence.objects.get().pk})
    assert answer["Location"] == f"/assessments/{opened.pk}/#c8"
    empty = officer.post(url, {"evidence": "x"}, follow=True)
    assert "没有选择材料。" in empty.text


def test_choose_takes_nothing_of_another_assessment(
    opened: Assessment, officer: Client, chuxiong: Campaign, street_officer: Actor, community: Callable[[str], Any]
) -> None:
    other = fill_in(enrol(community("532301101001"), chuxiong, 2022), actor=street_officer)
    attach(officer, other, 3, ("绿地.jpg", picture()))
    theirs = Evidence.objects.get(assessment=other, name="绿地.jpg")
    officer.post(reverse("evidence_choose", args=[opened.pk, 8]), {"evidence": theirs.pk}, headers=HTMX)
    assert not Evidence.objects.filter(assessment=opened).exists()
    assert Evidence.objects.filter(assessment=other, sha256=theirs.sha256).count() == 1


def test_choose_is_the_submitters(opened: Assessment, district_reviewer: Actor, client_of: ClientOf) -> None:
    url = reverse("evidence_choose", args=[opened.pk, 8])
    assert client_of(district_reviewer).get(url).status_code == 403
    assert client_of(district_reviewer).post(url, {"evidence": 1}).status_code == 403


def test_upload_of_a_file_at_another_criterion_says_so(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 3, ("绿地.jpg", picture()))
    answer = attach(officer, opened, 8, ("又.jpg", picture()))
    assert "“又.jpg”与第 3 条的“绿地.jpg”是同一个文件，没有重复保存。" in answer.text
    assert (answer.status_code, Evidence.objects.count()) == (200, 2)


def test_upload_answers_with_what_is_new_alone(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 7, ("先.pdf", PDF))
    answer = attach(officer, opened, 7, ("后.jpg", picture())).text
    assert re.findall(r'class="evidence-item" id="evidence-(\d+)"', answer) == [
        str(Evidence.objects.get(name="后.jpg").pk)
    ]
    for place in ("c7-required", "c7-said", "score"):
        assert re.search(rf'id="{place}"\s+hx-swap-oob="true"', answer)


def test_caption_is_saved_as_it_is_typed(opened: Assessment, officer: Client) -> None:
    attach(officer, opened, 7, ("绿地.jpg", picture()))
    evidence = Evidence.objects.get()
    url = reverse("evidence_caption", args=[evidence.pk])
    saved = officer.post(url, {"caption": "雨水花园", "seen": ""}, headers=HTMX)
    assert re.search(rf'id="evidence-{evidence.pk}-seen"\s+name="seen"\s+value="雨水花园"\s+hx-swap-oob', saved.text)
    stale = officer.post(url, {"caption": "草坪", "seen": ""}, headers=HTMX)
    assert (stale.status_code, "已被他人改为“雨水花园”" in stale.text) == (409, True)
    assert officer.post(url, {"caption": "<i>"})["Location"] == f"/assessments/{opened.pk}/#c7"
    evidence.refresh_from_db()
    assert evidence.caption == "<i>"
    assert "<i>" not in attach(officer, opened, 8, ("绿地.jpg", picture())).text


def test_rotate_shows_the_picture_turned_everywhere(
    opened: Assessment, officer: Client, district_reviewer: Actor, client_of: ClientOf
) -> None:
    attach(officer, opened, 7, ("绿地.jpg", picture()))
    evidence = Evidence.objects.get()
    url = reverse("evidence_rotate", args=[evidence.pk])
    turned = officer.post(url, {"rotation": "90"}, headers=HTMX)
    assert 'class="turn-90"' in turned.text
    assert re.search(r'name="rotation"\s+value="180"', turned.text)
    assert officer.post(url, {"rotation": "91"}, headers=HTMX).status_code == 422
    assert officer.post(url, {"rotation": "x"}, headers=HTMX).status_code == 422
    page = client_of(district_reviewer).get(reverse("review", args=[opened.pk]), {"c": 7}).text
    assert page.count('class="turn-90"') == 2
    assert officer.get(reverse("self_assessment", args=[opened.pk])).text.count('class="turn-90"') == 1
    assert shown(officer, opened)[0]["rotation"] == 90
    assert client_of(district_reviewer).post(url, {"rotation": "0"}).status_code == 403
