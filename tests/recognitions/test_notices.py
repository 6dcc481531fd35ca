"""Public notices: who drafts and publishes what, what drops out, what stands in the way."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import recognise_assessment, return_assessment, save_result
from apps.assessments.models import Assessment
from apps.assessments.second_approval import confirm_second_approval
from apps.campaigns.last_level import recognises
from apps.campaigns.models import Campaign, Recognition
from apps.campaigns.notice_rules import notice_days_of, set_notice_rules
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.recognitions.candidates import candidates_of
from apps.recognitions.entries import is_over, lines_of, period_on
from apps.recognitions.models import NoticeEntry, PublicNotice
from apps.recognitions.notices import (
    Wording,
    discard_notice,
    draft_notice,
    edit_notice,
    fewest_days,
    publish_notice,
    withdraw_notice,
)
from apps.standards.scoring import Answer, Deduction
from tests.factories import agree, person_at, recognise
from tests.recognitions.conftest import CONTACT, Acting, act, at
from tests.recognitions.test_decisions import object_as_department

MakeActor = Callable[[str, Role], Actor]


def again(notice: PublicNotice) -> PublicNotice:
    return PublicNotice.objects.select_related("campaign", "jurisdiction").get(pk=notice.pk)


def test_recognises_is_true_of_the_last_level_alone(chuxiong: Campaign, jurisdiction: Callable[..., object]) -> None:
    assert recognises(jurisdiction("5323"), chuxiong)  # type: ignore[arg-type]
    assert not recognises(jurisdiction("532301"), chuxiong)  # type: ignore[arg-type]
    assert not recognises(jurisdiction("53"), chuxiong)  # type: ignore[arg-type]
    assert not recognises(jurisdiction("12"), chuxiong)  # type: ignore[arg-type]


def test_candidates_say_why_one_may_not_go_on_notice(
    held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    weak = held[0]
    with acting(city_approver):
        for criterion in weak.standard.criteria.prefetch_related("rules").order_by("number"):
            rule = criterion.rules.order_by("number").first()
            if rule is not None and rule.kind == "fixed":
                answer = Answer(deductions=(Deduction(rule=rule.number),))
                save_result(weak, criterion, answer, actor=city_approver, note="现场不符")
        found = candidates_of(city_approver.jurisdiction, chuxiong)
    reasons = {one.assessment.pk: one.reason for one in found}
    assert reasons[held[1].pk] == reasons[held[2].pk] == ""
    assert [one.is_ready for one in found] == sorted((one.is_ready for one in found), reverse=True)
    judged = next(one.judged for one in found if one.assessment.pk == weak.pk)
    assert judged is not None
    assert (reasons[weak.pk] == "") is judged.meets_standard


def test_draft_notice_takes_the_usual_words_and_five_days_at_least(
    held: list[Assessment], chuxiong: Campaign, city_clerk: Actor, acting: Acting
) -> None:
    notice = act(city_clerk, acting, draft_notice, chuxiong, [held[0].pk])
    assert (notice.status, notice.year, notice.working_days) == ("draft", 2022, 5)
    assert notice.title == "关于2022年拟认定绿色社区名单的公示"
    assert chuxiong.document_title in notice.text
    assert [one.assessment_id for one in notice.entries.all()] == [held[0].pk]


def test_draft_notice_is_refused_where_another_level_recognises(
    held: list[Assessment], chuxiong: Campaign, district_reviewer: Actor, street_officer: Actor, acting: Acting
) -> None:
    for actor in (district_reviewer, street_officer):
        with pytest.raises(PermissionDenied):
            act(actor, acting, draft_notice, chuxiong, [held[0].pk])
    assert PublicNotice.objects.count() == 0


def test_draft_notice_is_refused_for_nobody_and_for_what_lies_elsewhere(
    held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    with pytest.raises(InvalidInput, match="没有选择社区"):
        act(city_approver, acting, draft_notice, chuxiong, [])
    act(city_approver, acting, return_assessment, held[0], "缺照片")
    with pytest.raises(TransitionError, match="已不在楚雄彝族自治州待认定"):
        act(city_approver, acting, draft_notice, chuxiong, [held[0].pk])


def test_an_assessment_stands_in_one_notice_at_a_time(
    published: PublicNotice, held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    with pytest.raises(TransitionError, match="已列入“关于2022年拟认定绿色社区名单的公示”，公示至 2022-08-22"):
        act(city_approver, acting, draft_notice, chuxiong, [held[0].pk])
    act(city_approver, acting, withdraw_notice, published, "标题有误")
    assert act(city_approver, acting, draft_notice, chuxiong, [held[0].pk]).entries.count() == 1


def test_publish_notice_counts_from_the_next_working_day(published: PublicNotice) -> None:
    assert (published.status, published.starts_on, published.ends_on) == (
        "published",
        date(2022, 8, 15),
        date(2022, 8, 22),
    )
    with at(date(2022, 8, 22)):
        assert not is_over(published)
    with at(date(2022, 8, 23)):
        assert is_over(published)


def test_publish_notice_twice_is_refused_and_changes_nothing(
    published: PublicNotice, city_approver: Actor, acting: Acting
) -> None:
    with at(date(2022, 8, 16)), pytest.raises(TransitionError, match="已于 2022-08-15 由测试审批人5323发布"):
        act(city_approver, acting, publish_notice, published)
    assert again(published).ends_on == date(2022, 8, 22)


def test_publish_notice_is_the_approvers(
    drafted: PublicNotice, city_clerk: Actor, province_reviewer: Actor, district_reviewer: Actor, acting: Acting
) -> None:
    for actor in (city_clerk, province_reviewer, district_reviewer):
        with pytest.raises(PermissionDenied):
            act(actor, acting, publish_notice, drafted)
    assert again(drafted).status == "draft"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contact": "张三 13900000000"}, "异议受理方式里有手机号码"),
        ({"contact": "张三 １３９００００００００"}, "异议受理方式里有手机号码"),
        ({"contact": "0878-3012345，张三 139-0000-0000"}, "异议受理方式里有手机号码"),
        ({"text": "如有异议，请联系张三13900000000"}, "正文里有手机号码"),
        ({"contact": "城建科"}, "没有电话或邮箱"),
        ({"working_days": 4}, "应为 5 至 60 个工作日"),
        ({"year": 2031}, "认定年度 2031 不在"),
        ({"title": "　"}, "请填写公示标题"),
    ],
)
def test_edit_notice_refuses_wrong_words(
    drafted: PublicNotice,
    city_approver: Actor,
    acting: Acting,
    held: list[Assessment],
    change: dict[str, object],
    message: str,
) -> None:
    words = {"title": "公示", "text": "现予公示。", "contact": CONTACT, "working_days": 7, "year": 2022} | change
    with pytest.raises(InvalidInput, match=message):
        act(city_approver, acting, edit_notice, drafted, Wording(**words), [held[0].pk])  # type: ignore[arg-type]
    assert again(drafted).entries.count() == 3


def test_publish_notice_needs_a_contact(
    held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    notice = act(city_approver, acting, draft_notice, chuxiong, [held[0].pk])
    with pytest.raises(InvalidInput, match="没有填写异议受理方式"):
        act(city_approver, acting, publish_notice, notice)


def test_edit_notice_of_a_stale_form_saves_nothing(
    drafted: PublicNotice, city_approver: Actor, acting: Acting, held: list[Assessment]
) -> None:
    wording = Wording("另一标题", "现予公示。", CONTACT, 5, 2022)
    with pytest.raises(StaleForm):
        act(city_approver, acting, edit_notice, drafted, wording, [held[0].pk], seen=1)
    act(city_approver, acting, edit_notice, drafted, wording, [held[0].pk], seen=2)
    assert again(drafted).title == "另一标题"
    assert [one.assessment_id for one in drafted.entries.all()] == [held[0].pk]


def test_what_is_returned_drops_out_and_needs_another_notice(
    published: PublicNotice, held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    with at(date(2022, 8, 17)):
        act(city_approver, acting, return_assessment, held[0], "群众反映不实")
    line = next(one for one in lines_of(again(published)) if one.entry.assessment_id == held[0].pk)
    assert (line.state, line.is_off, line.returned_on) == (("已退回，移出名单", "danger"), True, date(2022, 8, 17))
    with at(date(2022, 8, 18)):
        agree_again = submit_again(held[0])
        assert agree_again.holder == city_approver.jurisdiction
        assert act(city_approver, acting, draft_notice, chuxiong, [held[0].pk]).entries.count() == 1


def submit_again(assessment: Assessment) -> Assessment:
    """Send what was returned to the county up again."""
    return agree(Assessment.objects.with_context().get(pk=assessment.pk))


def test_publish_notice_is_refused_on_the_day_of_a_return(
    held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    act(city_approver, acting, return_assessment, held[0], "补材料")
    submit_again(held[0])
    notice = act(city_approver, acting, draft_notice, chuxiong, [held[0].pk])
    wording = Wording(notice.title, notice.text, CONTACT, 5, 2022)
    act(city_approver, acting, edit_notice, notice, wording, [held[0].pk])
    with pytest.raises(TransitionError, match="今天退回过又报来"):
        act(city_approver, acting, publish_notice, notice)
    with at(date(2022, 8, 16)):
        assert act(city_approver, acting, publish_notice, notice).ends_on == date(2022, 8, 23)


def test_withdraw_notice_needs_a_reason_and_no_recognition(
    published: PublicNotice, city_approver: Actor, acting: Acting
) -> None:
    with pytest.raises(InvalidInput, match="理由"):
        act(city_approver, acting, withdraw_notice, published, " ")
    done = act(city_approver, acting, withdraw_notice, published, "名单有误")
    assert (done.status, done.withdrawal_reason) == ("withdrawn", "名单有误")
    with pytest.raises(TransitionError, match="已于 2022-08-15 10:00 撤回"):
        act(city_approver, acting, withdraw_notice, published, "再来")


def test_discard_notice_twice_has_one_effect_and_spares_what_is_published(
    drafted: PublicNotice, city_approver: Actor, acting: Acting
) -> None:
    act(city_approver, acting, discard_notice, drafted)
    act(city_approver, acting, discard_notice, drafted)
    assert (PublicNotice.objects.count(), NoticeEntry.objects.count()) == (0, 0)


def test_discard_notice_published_is_refused(published: PublicNotice, city_approver: Actor, acting: Acting) -> None:
    with pytest.raises(TransitionError, match="不能再删除"):
        act(city_approver, acting, discard_notice, published)


def test_single_recognition_waits_for_the_notice(
    published: PublicNotice, held: list[Assessment], city_approver: Actor
) -> None:
    with pytest.raises(TransitionError, match="正在公示.*公示期至 2022-08-22"):
        recognise(held[0], actor=city_approver)
    with at(date(2022, 8, 23)):
        assert recognise(held[0], actor=city_approver).year == 2022


def test_single_recognition_without_notice_is_refused_where_the_campaign_asks_for_one(
    held: list[Assessment], chuxiong: Campaign, city_approver: Actor, make_actor: MakeActor, acting: Acting
) -> None:
    manager = make_actor("5323", Role.BUREAU_ADMIN)
    act(manager, acting, set_notice_rules, chuxiong, 7, publishes_list=False, reason="测试")
    with pytest.raises(TransitionError, match="认定前须公示 7 个工作日.*拟认定名单"):
        recognise(held[0], actor=city_approver)
    assert Recognition.objects.count() == 0
    act(manager, acting, set_notice_rules, chuxiong, 0, publishes_list=False, reason="测试")
    assert recognise(held[0], actor=city_approver).year == 2022


def test_recognition_has_a_number_where_the_campaign_asks_for_a_notice(
    published: PublicNotice, held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    """Whatever page, and whoever proposed it before the rule was made."""
    Campaign.objects.filter(pk=chuxiong.pk).update(needs_second_approval=True)
    with at(date(2022, 8, 23)):
        proposal = act(city_approver, acting, recognise_assessment, held[1], year=2022)
        Campaign.objects.filter(pk=chuxiong.pk).update(needs_second_approval=False, notice_working_days=5)
        with pytest.raises(InvalidInput, match="认定须有文号"):
            recognise(held[0], actor=city_approver)
        colleague = person_at(city_approver.jurisdiction, Role.APPROVER)
        with pytest.raises(InvalidInput, match="认定须有文号.*由提出人填写后重新提请"):
            act(colleague, acting, confirm_second_approval, proposal)
    assert Recognition.objects.count() == 0


def test_set_notice_rules_bounds_and_rights(
    chuxiong: Campaign, make_actor: MakeActor, city_clerk: Actor, acting: Acting
) -> None:
    manager = make_actor("5323", Role.BUREAU_ADMIN)
    with pytest.raises(InvalidInput, match="61 不对"):
        act(manager, acting, set_notice_rules, chuxiong, 61, publishes_list=True, reason="测试")
    with pytest.raises(PermissionDenied):
        act(city_clerk, acting, set_notice_rules, chuxiong, 5, publishes_list=True, reason="测试")
    act(manager, acting, set_notice_rules, chuxiong, 10, publishes_list=True, reason="测试")
    chuxiong.refresh_from_db()
    assert (notice_days_of(chuxiong), fewest_days(chuxiong), chuxiong.publishes_list) == (10, 10, True)


def test_notice_across_years_without_holidays_is_provisional(
    drafted: PublicNotice, city_approver: Actor, acting: Acting
) -> None:
    with at(date(2098, 12, 31)):
        PublicNotice.objects.filter(pk=drafted.pk).update(year=2022)
        done = act(city_approver, acting, publish_notice, drafted)
        assert (done.ends_on, period_on(done).is_provisional) == (date(2099, 1, 7), True)


def test_entries_of_another_tenant_are_not_seen(published: PublicNotice, stranger: Actor, acting: Acting) -> None:
    with acting(stranger):
        assert (PublicNotice.objects.count(), NoticeEntry.objects.count()) == (0, 0)
        with pytest.raises(DatabaseError), transaction.atomic():
            PublicNotice.objects.create(
                campaign_id=published.campaign_id,
                jurisdiction_id=published.jurisdiction_id,
                year=2022,
                title="假",
                contact="",
                working_days=5,
                created_at="2022-08-15T00:00:00Z",
                created_by_id=stranger.user.pk,
            )


def test_county_sees_the_notice_with_its_own_communities(
    published: PublicNotice, make_actor: MakeActor, acting: Acting
) -> None:
    beside, own = make_actor("532302", Role.STAFF), make_actor("532301", Role.STAFF)
    with acting(own):
        assert (PublicNotice.objects.count(), NoticeEntry.objects.count()) == (1, 3)
    with acting(beside):
        assert NoticeEntry.objects.count() == 0


def test_candidates_are_judged_anew_only_where_this_level_spoke(
    held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    with acting(city_approver):
        stored = {one.assessment.pk: one.judged for one in candidates_of(city_approver.jurisdiction, chuxiong)}
        rule = next(
            rule
            for criterion in held[0].standard.criteria.prefetch_related("rules").order_by("number")
            for rule in criterion.rules.order_by("number")
            if rule.kind == "fixed"
        )
        answer = Answer(deductions=(Deduction(rule=rule.number),))
        save_result(held[0], rule.criterion, answer, actor=city_approver, note="现场不符")
        with CaptureQueriesContext(connection) as asked:
            found = {one.assessment.pk: one.judged for one in candidates_of(city_approver.jurisdiction, chuxiong)}
    assert found[held[1].pk] == stored[held[1].pk] == (held[1].total_points, True)
    before, after = stored[held[0].pk], found[held[0].pk]
    assert before is not None
    assert after is not None
    assert (before.total, after.total) == (held[0].total_points, (before.total or 0) - (rule.points or 0))
    [read] = [one["sql"] for one in asked.captured_queries if "deductions" in one["sql"]]
    assert (f"IN ({held[0].pk})" in read, str(held[1].pk) in read) == (True, False)


def test_candidates_tell_of_departments_that_object(
    held: list[Assessment], chuxiong: Campaign, city_approver: Actor, make_actor: MakeActor, acting: Acting
) -> None:
    object_as_department(held[0], make_actor, acting)
    with acting(city_approver):
        found = {one.assessment.pk: one for one in candidates_of(city_approver.jurisdiction, chuxiong)}
    assert found[held[0].pk].remark.startswith("本级部门有意见，不能一并认定")
    assert (found[held[0].pk].is_ready, found[held[1].pk].remark) == (True, "")
