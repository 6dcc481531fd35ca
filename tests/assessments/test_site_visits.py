"""Site visits: who records and mends them when, who sees them, what is refused, and the form on paper."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment, return_assessment
from apps.assessments.evidence import attach_visit_photo
from apps.assessments.models import Assessment, Evidence, SiteVisit
from apps.assessments.site_visits import VisitFacts, delete_visit, edit_visit, record_visit, remove_photo
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError

Acting = Callable[[Actor], AbstractContextManager[None]]
ClientOf = Callable[[Actor], Client]

TODAY = datetime(2022, 8, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
PDF = b"%PDF-1.4\n%%EOF\n"
FACTS = VisitFacts(date(2022, 8, 12), "楚雄市住建局、鹿城镇", "北侧路灯两盏不亮，其余与自评相符。")


@pytest.fixture(autouse=True)
def _middle_of_august(monkeypatch: pytest.MonkeyPatch) -> None:
    """Business time runs on from the middle of August 2022, in the pages too."""
    began = clock.now()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: TODAY + (real() - began))


@pytest.fixture
def recorded(submitted: Assessment, district_reviewer: Actor, acting: Acting) -> SiteVisit:
    """楚雄市's visit to 龙江社区."""
    with acting(district_reviewer):
        return record_visit(submitted, FACTS, actor=district_reviewer)


def photo(name: str = "路灯.jpg", colour: str = "green") -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", (32, 24), colour).save(made, "JPEG")
    return SimpleUploadedFile(name, made.getvalue(), "image/jpeg")


def posted(**changes: object) -> dict[str, object]:
    form: dict[str, object] = {
        "visited_on": "2022-08-12",
        "offices": "楚雄市住建局",
        "findings": "情况属实。",
        "version": "0",
    }
    return form | changes


def test_record_visit_twice_keeps_one(recorded: SiteVisit, district_reviewer: Actor, acting: Acting) -> None:
    with acting(district_reviewer):
        again = record_visit(recorded.assessment, FACTS, actor=district_reviewer)
        other = VisitFacts(date(2022, 8, 13), FACTS.offices, "复查，路灯已修好。")
        second = record_visit(recorded.assessment, other, actor=district_reviewer)
    assert again == recorded
    assert [one.pk for one in SiteVisit.objects.all()] == [recorded.pk, second.pk]
    assert (recorded.jurisdiction, recorded.recorded_by, recorded.version) == (
        district_reviewer.jurisdiction,
        district_reviewer.user,
        1,
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (VisitFacts(date(2022, 8, 16), "住建局", "属实"), "核查日期 2022-08-16 还没有到"),
        (VisitFacts(date(2021, 12, 31), "住建局", "属实"), "早于计划年度，应在 2022 年 1 月 1 日以后"),
        (VisitFacts(date(2022, 8, 1), "  ", "属实"), "请填写参加单位"),
        (VisitFacts(date(2022, 8, 1), "局" * 301, "属实"), "参加单位有 301 字，请压缩到 300 字以内"),
        (VisitFacts(date(2022, 8, 1), "住建局", " \n"), "请填写核查情况"),
        (VisitFacts(date(2022, 8, 1), "住建局", "实" * 3001), "核查情况有 3001 字，请压缩到 3000 字以内"),
    ],
)
def test_record_visit_with_what_cannot_be_is_refused(
    submitted: Assessment, district_reviewer: Actor, acting: Acting, facts: VisitFacts, said: str
) -> None:
    with acting(district_reviewer), pytest.raises(InvalidInput, match=said):
        record_visit(submitted, facts, actor=district_reviewer)
    assert SiteVisit.objects.count() == 0


def test_record_visit_by_another_level_or_the_submitter_is_refused(
    submitted: Assessment, city_approver: Actor, street_officer: Actor, acting: Acting
) -> None:
    with acting(city_approver), pytest.raises(TransitionError, match="现在由楚雄市办理"):
        record_visit(submitted, FACTS, actor=city_approver)
    with acting(street_officer), pytest.raises(PermissionDenied):
        record_visit(submitted, FACTS, actor=street_officer)


def test_edit_visit_over_a_colleagues_is_stale_and_tells_what_stands(
    recorded: SiteVisit, district_reviewer: Actor, acting: Acting
) -> None:
    with acting(district_reviewer):
        first = edit_visit(
            recorded, VisitFacts(FACTS.visited_on, "楚雄市", FACTS.findings), actor=district_reviewer, seen=1
        )
        assert first.version == 2
        with pytest.raises(StaleForm, match="参加单位现为“楚雄市”"):
            edit_visit(recorded, FACTS, actor=district_reviewer, seen=1)
        # The same once more is no conflict.
        same = edit_visit(
            recorded, VisitFacts(FACTS.visited_on, "楚雄市", FACTS.findings), actor=district_reviewer, seen=1
        )
    assert same.version == 2


def test_visit_is_locked_by_the_decision_also_when_it_comes_back(
    recorded: SiteVisit, district_reviewer: Actor, city_approver: Actor, acting: Acting
) -> None:
    with acting(district_reviewer):
        agree_assessment(recorded.assessment, actor=district_reviewer)
        said = "楚雄市 .* 已于 2022-08-15 09:.* 同意上报，这次核查记录随之锁定"
        with pytest.raises(TransitionError, match=said):
            edit_visit(recorded, FACTS, actor=district_reviewer, seen=1)
    with acting(city_approver):
        return_assessment(recorded.assessment, "请补充现场情况", actor=city_approver)
    with acting(district_reviewer):
        with pytest.raises(TransitionError, match=said):
            delete_visit(recorded, actor=district_reviewer)
        again = record_visit(recorded.assessment, FACTS, actor=district_reviewer)
        assert again != recorded
        delete_visit(again, actor=district_reviewer)
        delete_visit(again, actor=district_reviewer)
    assert list(SiteVisit.objects.all()) == [recorded]


def test_delete_visit_takes_its_photos_along(
    recorded: SiteVisit, district_reviewer: Actor, city_approver: Actor, acting: Acting
) -> None:
    with acting(district_reviewer):
        first = attach_visit_photo(recorded, photo(), actor=district_reviewer)
        attach_visit_photo(recorded, photo("墙面.jpg", "red"), actor=district_reviewer)
        remove_photo(first, actor=district_reviewer)
        remove_photo(first, actor=district_reviewer)
        assert [one.name for one in recorded.evidence.all()] == ["墙面.jpg"]
    with acting(city_approver), pytest.raises(PermissionDenied, match="只有楚雄市可以修改或删除"):
        delete_visit(recorded, actor=city_approver)
    with acting(district_reviewer):
        delete_visit(recorded, actor=district_reviewer)
    assert (SiteVisit.objects.count(), Evidence.objects.filter(criterion=None).count()) == (0, 0)


def test_visit_is_seen_above_at_once_and_below_once_decided(
    recorded: SiteVisit,
    district_reviewer: Actor,
    city_approver: Actor,
    street_officer: Actor,
    stranger: Actor,
    client_of: ClientOf,
    acting: Acting,
) -> None:
    page = reverse("review", args=[recorded.assessment_id])
    paper = reverse("site_visit_print", args=[recorded.assessment_id, recorded.pk])

    def seen(actor: Actor) -> tuple[bool, int]:
        client = client_of(actor)
        return "北侧路灯两盏不亮" in client.get(page).text, client.get(paper).status_code

    assert (seen(district_reviewer), seen(city_approver)) == ((True, 200), (True, 200))
    assert seen(street_officer) == (False, 404)
    with acting(district_reviewer):
        return_assessment(recorded.assessment, "请修好路灯", actor=district_reviewer)
    assert seen(street_officer) == (True, 200)
    assert client_of(stranger).get(paper).status_code == 404


def test_visit_page_records_with_photos_and_names_a_refused_one(submitted: Assessment, at_district: Client) -> None:
    address = reverse("site_visit_add", args=[submitted.pk])
    assert 'max="2022-08-15"' in at_district.get(address).text
    files = [photo(), SimpleUploadedFile("空.jpg", b"")]
    answer = at_district.post(address, posted(photos=files), follow=True)
    visit = SiteVisit.objects.get()
    assert answer.redirect_chain[-1][0] == f"{reverse('site_visit', args=[submitted.pk, visit.pk])}#photos"
    assert "已登记 2022-08-12 的现场核查。已附 1 张照片。" in answer.text
    assert "“空.jpg”是空文件，请重新选择。" in answer.text
    assert [one.name for one in visit.evidence.all()] == ["路灯.jpg"]


def test_visit_page_keeps_what_was_typed_when_refused(submitted: Assessment, at_district: Client) -> None:
    address = reverse("site_visit_add", args=[submitted.pk])
    late = f"{date(2022, 8, 15) + timedelta(days=3):%Y-%m-%d}"
    answer = at_district.post(address, posted(visited_on=late, findings="写了很久的情况"))
    assert answer.status_code == 422
    assert "还没有到" in answer.text
    assert "写了很久的情况" in answer.text
    assert at_district.post(address, posted(findings="")).status_code == 422
    assert SiteVisit.objects.count() == 0


def test_visit_page_that_is_stale_shows_both(
    recorded: SiteVisit, district_reviewer: Actor, acting: Acting, at_district: Client
) -> None:
    with acting(district_reviewer):
        edit_visit(recorded, VisitFacts(FACTS.visited_on, "楚雄市", "改过的情况"), actor=district_reviewer, seen=1)
    address = reverse("site_visit", args=[recorded.assessment_id, recorded.pk])
    answer = at_district.post(address, posted(findings="我的情况", version="1"))
    assert answer.status_code == 409
    assert "核查情况现为“改过的情况”" in answer.text
    assert "我的情况</textarea>" in answer.text
    # Pressed again with both versions seen, one's own is saved.
    version = answer.context["form"]["version"].value()
    assert at_district.post(address, posted(findings="我的情况", version=version)).status_code == 302
    recorded.refresh_from_db()
    assert (recorded.findings, recorded.version) == ("我的情况", 3)


def test_visit_page_deletes_once_and_refuses_a_nested_id_of_another(recorded: SiteVisit, at_district: Client) -> None:
    elsewhere = reverse("site_visit", args=[recorded.assessment_id + 1000, recorded.pk])
    assert at_district.get(elsewhere).status_code == 404
    address = reverse("site_visit_delete", args=[recorded.assessment_id, recorded.pk])
    for _ in range(2):
        assert at_district.post(address).url == f"{reverse('review', args=[recorded.assessment_id])}#visits"  # type: ignore[attr-defined]
    assert SiteVisit.objects.count() == 0


def test_visit_page_of_a_locked_visit_says_why(
    recorded: SiteVisit,
    district_reviewer: Actor,
    city_approver: Actor,
    acting: Acting,
    client_of: ClientOf,
    at_district: Client,
) -> None:
    with acting(district_reviewer):
        agree_assessment(recorded.assessment, actor=district_reviewer)
    address = reverse("site_visit", args=[recorded.assessment_id, recorded.pk])
    assert "这次核查记录随之锁定" in at_district.get(address).text
    assert at_district.post(address, posted(version="1")).status_code == 409
    assert "只有楚雄市可以修改或删除" in client_of(city_approver).get(address).text


def test_visit_page_is_read_by_a_colleague_who_filled_the_assessment_in(
    recorded: SiteVisit, district_reviewer: Actor, at_district: Client
) -> None:
    Assessment.objects.filter(pk=recorded.assessment_id).update(filled_in_by=[district_reviewer.user.pk])
    page = at_district.get(reverse("site_visit", args=[recorded.assessment_id, recorded.pk]))
    assert page.status_code == 200
    assert recorded.findings in page.text
    assert "由您填报或提交" in page.text


def test_blank_form_lists_every_criterion_and_is_for_reviewers(
    submitted: Assessment, at_district: Client, make_actor: Callable[[str, Role], Actor], client_of: ClientOf
) -> None:
    address = reverse("site_visit_blank", args=[submitted.pk])
    page = at_district.get(address).text
    assert page.count('class="visit-room"') == submitted.standard.criteria.count()
    assert "社区负责人（签字）" in page
    assert client_of(make_actor("532301101", Role.STREET_OFFICER)).get(address).status_code == 403


def test_paper_shows_the_photos_with_caption_name_and_time(
    recorded: SiteVisit, district_reviewer: Actor, acting: Acting, at_district: Client
) -> None:
    with acting(district_reviewer):
        first = attach_visit_photo(recorded, photo(), actor=district_reviewer, caption="北侧路灯")
        second = attach_visit_photo(recorded, photo("墙面.jpg", "red"), actor=district_reviewer)
        document = attach_visit_photo(recorded, SimpleUploadedFile("台账.pdf", PDF), actor=district_reviewer)
    paper = at_district.get(reverse("site_visit_print", args=[recorded.assessment_id, recorded.pk])).text
    assert re.findall(r'<img src="([^"]+)"\s+alt="([^"]+)"', paper) == [
        (f"{reverse('evidence', args=[first.pk])}?inline=1", "北侧路灯"),
        (f"{reverse('evidence', args=[second.pk])}?inline=1", "墙面.jpg"),
    ]
    assert "附件 3 份，见后" in paper
    first_said, second_said = re.findall(r"<figcaption>(.*?)</figcaption>", paper, re.DOTALL)
    assert " ".join(first_said.split()) == (
        "<b>1. 北侧路灯</b> 路灯.jpg <br> 没有拍摄时间和地点；2022-08-15 09:00 测试经办人532301 上传"
    )
    assert "<b>2. 墙面.jpg</b>" in second_said
    assert f"未打印的：{document.name}。" in " ".join(paper.split())


def test_paper_shows_two_pages_of_photos_and_names_the_rest(
    recorded: SiteVisit, district_reviewer: Actor, acting: Acting, at_district: Client
) -> None:
    with acting(district_reviewer):
        for number in range(1, 15):
            attach_visit_photo(recorded, photo(f"{number}.jpg", f"rgb({number * 15},0,0)"), actor=district_reviewer)
    paper = at_district.get(reverse("site_visit_print", args=[recorded.assessment_id, recorded.pk])).text
    assert paper.count("<figure") == 12
    assert "未打印的：13.jpg、14.jpg。" in " ".join(paper.split())


def test_paper_without_photos_has_no_place_for_them(recorded: SiteVisit, at_district: Client) -> None:
    paper = at_district.get(reverse("site_visit_print", args=[recorded.assessment_id, recorded.pk])).text
    assert "现场照片" not in paper
    assert "附件" not in paper
