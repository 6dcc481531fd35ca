"""The review's pages: who may see and press what, what a press does, what is kept when it is refused."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.claims import release_assessment
from apps.assessments.domain import return_assessment, save_result, submit_assessment
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import Assessment, CriterionResult, ReturnNote
from apps.campaigns.models import Campaign, Recognition
from apps.communities.models import Community
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import others_of, seen, state, url, verdict
from tests.factories import agree, person_at, submit, submitted_community

NO_SPONGE = Answer(deductions=(Deduction(rule=2),))
HTMX = {"HX-Request": "true"}
PHOTO = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\x0f\x04\x00\x09\xfb\x03\xfd\xe3U\xf2\x9c\x00\x00\x00\x00IEND\xaeB`\x82"
)

ClientOf = Callable[[Actor], Client]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEPARTMENT_REVIEWER])
def test_review_queue_refuses_who_may_only_look(
    role: Role, client_of: ClientOf, make_actor: Callable[[str, Role], Actor], submitted: Assessment
) -> None:
    client = client_of(make_actor("532301", role))
    assert client.get(reverse("review_queue")).status_code == 403
    page = client.get(url("review", submitted))
    assert page.status_code == 200
    assert page.context["can_review"] is False
    assert client.post(url("review_agree", submitted), {"seen": seen(submitted)}).status_code == 403
    assert state(submitted) == ("in_review", "楚雄市")


def test_review_of_another_tenant_is_not_found(client_of: ClientOf, stranger: Actor, submitted: Assessment) -> None:
    client = client_of(stranger)
    assert client.get(url("review", submitted)).status_code == 404
    for name in ("review_agree", "review_return", "review_recognise"):
        assert client.post(url(name, submitted), {"seen": 1}).status_code == 404
    assert client.post(url("review_verdict", submitted, 5)).status_code == 404


def test_review_by_another_level_is_to_read_and_says_who_holds_it(
    client_of: ClientOf, province_reviewer: Actor, city_approver: Actor, district_reviewer: Actor, submitted: Assessment
) -> None:
    verdict(submitted, district_reviewer, 5, NO_SPONGE)
    for actor in (province_reviewer, city_approver):
        client = client_of(actor)
        page = client.get(url("review", submitted) + "?c=5")
        assert page.context["can_review"] is False
        assert "现在由 <strong>楚雄市</strong> 办理" in page.content.decode()
        # What the county has not decided yet is its own.
        assert [cell and cell.points for cell in page.context["row"].cells] == [6, None]
        late = client.post(url("review_agree", submitted), {"seen": seen(submitted), "comment": "同意了"})
        assert late.status_code == 409
        assert "现在由楚雄市办理" in late.content.decode()
        assert "同意了" in late.content.decode()
    assert state(submitted) == ("in_review", "楚雄市")


def test_review_by_who_submitted_is_refused_with_the_reason(
    client_of: ClientOf,
    street_officer: Actor,
    submitted: Assessment,
    jurisdiction: Callable[[str], Jurisdiction],
) -> None:
    membership = grant_membership(street_officer.user, jurisdiction("532301"), Role.APPROVER)
    client = client_of(Actor(street_officer.user, membership))
    session = client.session
    session["membership_id"] = membership.pk
    session.save()
    page = client.get(url("review", submitted))
    assert page.context["can_review"] is False
    assert "这件自评由您填报或提交，须由其他人审核" in page.content.decode()
    refused = client.post(url("review_agree", submitted), {"seen": seen(submitted)})
    assert refused.status_code == 403
    assert "这件自评由您填报或提交，须由其他人审核" in refused.content.decode()


def test_review_verdict_is_saved_as_one_goes(at_district: Client, submitted: Assessment) -> None:
    entered = {"rule_2": "1", "note": "验收单不在本社区", "seen": "0"}
    saved = at_district.post(url("review_verdict", submitted, 5), entered, headers=HTMX)
    assert saved.status_code == 200
    text = saved.content.decode()
    assert 'id="row-5"' in text
    assert 'name="seen" value="1"' in text
    assert "改动" in text
    row = CriterionResult.objects.get(assessment=submitted, level="district")
    assert (row.criterion.number, row.points, row.note) == (5, Decimal(4), "验收单不在本社区")
    again = at_district.get(url("review", submitted) + "?c=5&only=changed")
    assert [one.number for one in again.context["listed"]] == [5]
    assert again.context["sheet"].own.total == 94


def test_review_verdict_without_a_reason_is_kept_but_not_saved(at_district: Client, submitted: Assessment) -> None:
    refused = at_district.post(url("review_verdict", submitted, 5), {"rule_2": "1", "seen": "0"}, headers=HTMX)
    assert refused.status_code == 422
    assert "第 5 条的意见与下级不同，请说明理由" in refused.content.decode()
    page = at_district.post(url("review_verdict", submitted, 5), {"rule_2": "1", "note": " ", "seen": "0"})
    assert page.status_code == 422
    assert page.context["row"].number == 5
    assert 'name="rule_2"' in page.content.decode()
    assert not CriterionResult.objects.filter(assessment=submitted, level="district").exists()


def test_review_verdict_over_a_colleagues_is_stale(
    at_district: Client, submitted: Assessment, make_actor: Callable[[str, Role], Actor]
) -> None:
    colleague = make_actor("532301", Role.APPROVER)
    verdict(submitted, colleague, 5, NO_SPONGE)
    with scope(colleague.jurisdiction.path, user_id=colleague.user.pk):
        release_assessment(submitted, actor=colleague)
    entered = {"rule_1": "1", "note": "道路没有治理", "seen": "0"}
    stale = at_district.post(url("review_verdict", submitted, 5), entered, headers=HTMX)
    assert stale.status_code == 409
    assert "由 测试审批人532301 改过" in stale.content.decode()
    page = at_district.post(url("review_verdict", submitted, 5), entered)
    assert page.status_code == 409
    assert "道路没有治理" in page.content.decode()
    at_district.post(url("review_verdict", submitted, 5), entered | {"seen": "1"})
    assert CriterionResult.objects.get(assessment=submitted, level="district").note == "道路没有治理"


def test_review_verdict_is_taken_back_in_one_press(
    at_district: Client, district_reviewer: Actor, submitted: Assessment
) -> None:
    verdict(submitted, district_reviewer, 5, NO_SPONGE)
    at_district.post(url("review_verdict", submitted, 5), {"agree": "1", "seen": "1"})
    assert not CriterionResult.objects.filter(assessment=submitted, level="district").exists()


def test_review_agree_goes_on_to_the_next(at_district: Client, submitted: Assessment, chuxiong: Campaign) -> None:
    other = others_of(1, chuxiong)[0]
    page = at_district.get(url("review", submitted))
    assert "待本级审核 2 件" in page.content.decode()
    assert (page.context["position"].number, page.context["position"].following) == (1, other.pk)
    done = at_district.post(url("review_agree", submitted), {"seen": seen(submitted), "comment": "情况属实"})
    assert done.headers["Location"] == url("review", other)
    assert state(submitted) == ("in_review", "楚雄彝族自治州")
    last = at_district.post(url("review_agree", other), {"seen": seen(other)}, follow=True)
    assert last.redirect_chain == [(reverse("review_queue"), 302)]
    assert "待审核的都已办完" in last.content.decode()


def test_review_agree_pressed_twice_has_one_effect_and_says_so(at_district: Client, submitted: Assessment) -> None:
    entered = {"seen": seen(submitted)}
    at_district.post(url("review_agree", submitted), entered)
    twice = at_district.post(url("review_agree", submitted), entered, follow=True)
    assert twice.status_code == 200
    assert "由楚雄市 测试经办人532301 同意上报" in twice.content.decode()
    assert submitted.actions.filter(kind="agree").count() == 1


def test_review_agree_on_an_old_page_is_refused_and_keeps_the_remark(
    at_district: Client, submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    old = seen(submitted)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        return_assessment(submitted, "请补充", actor=district_reviewer)
    submit(submitted, actor=street_officer)
    late = at_district.post(url("review_agree", submitted), {"seen": old, "comment": "情况属实"})
    assert late.status_code == 409
    text = late.content.decode()
    assert "data-dialog-now" in text
    assert "情况属实" in text
    assert state(submitted) == ("in_review", "楚雄市")


def test_review_return_of_picked_criteria(at_district: Client, submitted: Assessment) -> None:
    for number, reason in [(8, "照片不清"), (5, "缺验收单"), (9, "误点")]:
        at_district.post(url("review_pick", submitted, number), {"reason": reason})
    at_district.post(url("review_pick", submitted, 9), {"reason": ""})
    page = at_district.get(url("review", submitted))
    assert [(row.number, reason) for row, reason in page.context["returnable"]] == [(5, "缺验收单"), (8, "照片不清")]
    entered = {
        "seen": seen(submitted),
        "scope": "single",
        "criterion": ["5", "8"],
        "reason_5": "缺验收单",
        "reason_8": "照片不清",
    }
    empty = at_district.post(url("review_return", submitted), entered | {"reason_8": " ", "comment": "改好再报"})
    assert empty.status_code == 422
    assert "第 8 条没有填退回理由" in empty.content.decode()
    assert "改好再报" in empty.content.decode()
    done = at_district.post(url("review_return", submitted), entered, follow=True)
    assert "龙江社区第 5、8 条已退回鹿城镇" in done.content.decode()
    assert state(submitted) == ("returned", "鹿城镇")
    assert at_district.get(url("review", submitted)).context["picked"] == {}


def test_review_return_of_the_whole_needs_a_reason(at_district: Client, submitted: Assessment) -> None:
    entered = {"seen": seen(submitted), "scope": "whole", "comment": " "}
    refused = at_district.post(url("review_return", submitted), entered)
    assert refused.status_code == 422
    assert "请填写退回理由" in refused.content.decode()
    at_district.post(url("review_return", submitted), entered | {"comment": "材料不全"})
    assert state(submitted) == ("returned", "鹿城镇")


def test_review_after_a_return_shows_what_is_new(
    at_district: Client, submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        return_assessment(submitted, "", {5: "缺验收单", 8: "请核实"}, actor=district_reviewer)
    criteria = {one.number: one for one in Criterion.objects.filter(standard=submitted.standard)}
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        attach_evidence(submitted, criteria[5], SimpleUploadedFile("验收单.png", PHOTO), actor=street_officer)
        one_found = Answer(deductions=(Deduction(rule=1, count=1),))
        save_result(submitted, criteria[8], one_found, actor=street_officer)
    submit(submitted, actor=street_officer)
    page = at_district.get(url("review", submitted))
    news = page.context["sheet"].news
    assert [(row.number, row.before, [str(one) for one in row.added], row.asked) for row in news] == [
        (5, "", ["验收单.png"], "缺验收单"),
        (8, "6 分", [], "请核实"),
    ]
    assert page.context["row"].number == 5
    text = page.content.decode()
    assert "新增：验收单.png（退回后补充）" in text
    assert "上次退回理由" in text
    assert "第 2 次提交" in text


def test_review_after_a_return_names_what_was_not_changed(
    at_district: Client, submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        return_assessment(submitted, "", {5: "缺验收单", 8: "请核实"}, actor=district_reviewer)
    criterion = Criterion.objects.get(standard=submitted.standard, number=5)
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        attach_evidence(submitted, criterion, SimpleUploadedFile("验收单.png", PHOTO), actor=street_officer)
        submit_assessment(submitted, explanation="第 8 条情况属实", actor=street_officer)
    page = at_district.get(url("review", submitted))
    assert page.context["sheet"].unchanged == [8]
    text = re.sub(r"<[^>]+>|\s", "", page.text)
    assert "退回的条目中，第8条未修改。" in text
    assert "鹿城镇说明：“第8条情况属实”" in text


def test_review_returned_from_above_offers_its_reasons(
    at_district: Client, submitted: Assessment, city_approver: Actor
) -> None:
    agree(submitted)
    verdict(submitted, city_approver, 5, NO_SPONGE, "未见海绵化改造")
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        return_assessment(submitted, "请重新核实", {5: "现场未见"}, actor=city_approver)
    page = at_district.get(url("review", submitted))
    assert page.context["can_review"] is True
    assert [(row.number, reason) for row, reason in page.context["returnable"]] == [(5, "现场未见")]
    row = page.context["row"]
    assert (row.number, row.asked, [(label, one.note) for label, one in row.above]) == (
        5,
        "现场未见",
        [("地级", "未见海绵化改造")],
    )
    assert "请重新核实" in page.content.decode()


def test_review_recognise_ends_the_line(client_of: ClientOf, city_approver: Actor, submitted: Assessment) -> None:
    agree(submitted)
    at_city = client_of(city_approver)
    wrong = at_city.post(url("review_recognise", submitted), {"seen": seen(submitted), "year": "2021"})
    assert wrong.status_code == 422
    entered = {"seen": seen(submitted), "year": "2022", "document_number": "楚住建〔2022〕15号", "comment": ""}
    done = at_city.post(url("review_recognise", submitted), entered, follow=True)
    assert "龙江社区已认定为 2022 年度绿色社区" in done.content.decode()
    recognition = Recognition.objects.get()
    assert (recognition.year, recognition.document_number) == (2022, "楚住建〔2022〕15号")
    twice = at_city.post(url("review_recognise", submitted), entered, follow=True)
    assert twice.status_code == 200
    assert "不能再改" in twice.content.decode()
    page = at_city.get(url("review", submitted))
    assert "楚住建〔2022〕15号" in page.content.decode()


def test_review_recognise_below_the_mark_says_the_figures(
    client_of: ClientOf, city_approver: Actor, submitted: Assessment
) -> None:
    agree(submitted)
    for number, rules in {5: (1, 2, 3), 9: (1, 2), 11: (1,)}.items():
        verdict(submitted, city_approver, number, Answer(deductions=tuple(Deduction(rule=rule) for rule in rules)))
    refused = client_of(city_approver).post(
        url("review_recognise", submitted),
        {"seen": seen(submitted), "year": "2022", "document_number": "楚〔2022〕1号"},
    )
    assert refused.status_code == 422
    assert "得分 78 分，达标须 80 分" in refused.content.decode()
    assert "楚〔2022〕1号" in refused.content.decode()


def test_review_by_staff_at_the_last_level_cannot_recognise(
    client_of: ClientOf, make_actor: Callable[[str, Role], Actor], submitted: Assessment
) -> None:
    agree(submitted)
    client = client_of(make_actor("5323", Role.STAFF))
    page = client.get(url("review", submitted))
    assert 'id="recognise"' not in page.content.decode()
    refused = client.post(url("review_recognise", submitted), {"seen": seen(submitted), "year": "2022"})
    assert refused.status_code == 403


def test_review_of_a_pass_fail_standard(client_of: ClientOf, community: Callable[[str], Community]) -> None:
    assessment = submitted_community(community("120101001001"), Campaign.objects.get(code="tianjin-2020"), 2021)
    reviewer = person_at(assessment.holder, Role.APPROVER)
    client = client_of(reviewer)
    page = client.get(url("review", assessment) + "?c=3")
    assert "符合或不适用" in page.content.decode()
    client.post(url("review_verdict", assessment, 3), {"verdict": "not_met", "note": "未见", "seen": "0"})
    sheet = client.get(url("review", assessment)).context["sheet"]
    assert (sheet.own.fulfilled, sheet.outcome) == (15, "未达标")
    assert (sheet.submitted.fulfilled, sheet.submitted.meets_standard) == (16, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_review_pages_take_the_same_queries_whatever_their_rows(
    rows: int,
    at_district: Client,
    submitted: Assessment,
    street_officer: Actor,
    district_reviewer: Actor,
    chuxiong: Campaign,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    others_of(rows - 1, chuxiong)
    fifth = Criterion.objects.get(standard=submitted.standard, number=5)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        return_assessment(submitted, "", dict.fromkeys(range(1, rows + 5), "请核实"), actor=district_reviewer)
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        for number in range(rows):
            photo = SimpleUploadedFile(f"{number}.png", PHOTO + bytes(number))
            attach_evidence(submitted, fifth, photo, actor=street_officer)
    submit(submitted, actor=street_officer)
    with django_assert_max_num_queries(25):
        assert len(at_district.get(reverse("review_queue")).context["page_obj"]) == rows
    # With the site visits and the opinions of departments, four more than the review alone; one for what is noted.
    with django_assert_max_num_queries(30):
        assert len(at_district.get(url("review", submitted) + "?c=5").context["photos"]) == rows


def test_review_pick_with_too_long_a_reason_keeps_what_was_typed(at_district: Client, submitted: Assessment) -> None:
    answer = at_district.post(url("review_pick", submitted, 5), {"reason": "缺" * 1001})
    assert answer.status_code == 422
    assert "第 5 条的退回理由有 1001 字，请压缩到 1000 字以内。" in answer.content.decode()
    assert "缺" * 1001 in answer.content.decode()
    assert at_district.get(url("review", submitted)).context["picked"] == {}


def test_review_pick_forgets_what_was_picked_before_other_steps(
    at_district: Client, submitted: Assessment, chuxiong: Campaign, district_reviewer: Actor
) -> None:
    waiting, gone = others_of(2, chuxiong)
    for one in (waiting, gone):
        at_district.post(url("review_pick", one, 5), {"reason": "缺验收单"})
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        return_assessment(gone, "重报", actor=district_reviewer)
    at_district.post(url("review_pick", submitted, 8), {"reason": "照片不清"})
    noted = {one.pk: at_district.get(url("review", one)).context["picked"] for one in (waiting, gone, submitted)}
    assert noted == {waiting.pk: {5: "缺验收单"}, gone.pk: {}, submitted.pk: {8: "照片不清"}}
    at_district.post(url("review_pick", submitted, 8), {"reason": ""})
    assert list(ReturnNote.objects.values_list("assessment", flat=True)) == [waiting.pk]


@pytest.mark.parametrize("number", ["²", "9" * 5000, "99999"])
def test_review_return_ignores_what_is_no_criterion(number: str, at_district: Client, submitted: Assessment) -> None:
    entered = {"seen": seen(submitted), "scope": "single", "criterion": [number]}
    assert at_district.post(url("review_return", submitted), entered).status_code == 422
