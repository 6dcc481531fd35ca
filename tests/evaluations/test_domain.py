"""The way of an annual evaluation: drafted, submitted and frozen, agreed with, returned, approved; and what is refused."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.acting import acting
from apps.accounts.domain import grant_membership
from apps.accounts.models import Membership, Role
from apps.accounts.permissions import Actor
from apps.campaigns.domain import revoke_recognition
from apps.campaigns.models import Campaign, Milestone
from apps.campaigns.rollup import roll_up
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.evaluations.domain import (
    begin_evaluation,
    decided_in,
    may_read,
    return_evaluation,
    save_evaluation,
    submit_evaluation,
    withdraw_evaluation,
)
from apps.evaluations.facts import differences, live_facts, names_of, summary_of
from apps.evaluations.models import AnnualEvaluation
from apps.filings.models import Filing
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.jurisdictions import move_jurisdiction
from tests.evaluations.conftest import SECTIONS, YEAR, agree, approve, at, begin, clerk, give_back, submit, write
from tests.factories import made_up, recognised_community
from tests.reorganisations.figures import order

CommunityOf = Callable[[str], Community]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def texts_of(evaluation: AnnualEvaluation) -> dict[str, str]:
    return {one["title"]: one["text"] for one in evaluation.sections}


def filing_of(evaluation: AnnualEvaluation) -> Filing:
    return Filing.objects.get(jurisdiction=evaluation.jurisdiction, due_on=date(evaluation.year, 10, 20))


def test_begin_drafts_every_section_from_the_data(chuxiong: Campaign, community: CommunityOf) -> None:
    recognised_community(community("532301101001"), chuxiong, YEAR)
    draft = begin(chuxiong)
    texts = texts_of(draft)
    assert list(texts) == SECTIONS
    base = summary_of(draft, live_facts(roll_up(chuxiong, draft.jurisdiction, YEAR))).total_rows()
    counted = sum(row.base(YEAR) for row in base)
    assert texts["工作开展情况"].startswith(
        f"2022年，楚雄市共有城市社区{counted}个，累计参与创建1个，其中试点0个；当年认定绿色社区1个，累计认定1个，"
    )
    assert texts["下一年度工作计划"] == "“楚雄州绿色社区创建行动”至2022年结束，巩固创建成果，做好年度复查。"
    assert (draft.status, draft.version, draft.round) == ("draft", 1, 0)


def test_begin_twice_leads_to_one(chuxiong: Campaign) -> None:
    first = begin(chuxiong)
    assert begin(chuxiong, actor=made_up("532301", Role.APPROVER)).pk == first.pk


@pytest.mark.parametrize(
    ("code", "role", "error", "words"),
    [
        ("532301101", Role.STREET_OFFICER, InvalidInput, "省、市、县级单位编写"),
        ("532301", Role.VIEWER, PermissionDenied, "没有这项权限"),
    ],
)
def test_begin_is_refused(chuxiong: Campaign, code: str, role: Role, error: type[Exception], words: str) -> None:
    actor = made_up(code, role)
    with acting(actor), pytest.raises(error, match=words):
        begin_evaluation(chuxiong, actor.jurisdiction, YEAR, actor=actor)


def test_begin_for_another_unit_is_refused(chuxiong: Campaign, city_approver: Actor) -> None:
    county = clerk().jurisdiction
    with acting(city_approver), pytest.raises(PermissionDenied, match="由楚雄市自己报告"):
        begin_evaluation(chuxiong, county, YEAR, actor=city_approver)


def test_begin_outside_of_the_campaign_names_its_years(chuxiong: Campaign) -> None:
    actor = clerk()
    with acting(actor), pytest.raises(InvalidInput, match="2025 年不在“楚雄州绿色社区创建行动”的年度"):
        begin_evaluation(chuxiong, actor.jurisdiction, 2025, actor=actor)


def test_save_of_an_old_version_is_refused_and_the_same_twice_has_one_effect(chuxiong: Campaign) -> None:
    draft, actor = begin(chuxiong), clerk()
    saved = write(draft, {"存在问题": "充电设施不足。"}, actor=actor)
    assert (saved.version, texts_of(saved)["存在问题"]) == (2, "充电设施不足。")
    with acting(actor):
        again = save_evaluation(saved, texts_of(saved), "会签单另附", actor=actor, seen=1)
        assert again.version == 2
        with pytest.raises(StaleForm, match=r"刚刚由测试经办人532301改过.*还在下面"):
            save_evaluation(saved, {"存在问题": "另一句"}, actor=actor, seen=1)


def test_submit_names_what_is_not_written(chuxiong: Campaign) -> None:
    actor = clerk()
    saved = write(begin(chuxiong), {"存在问题": "", "经验做法": ""}, actor=actor)
    with acting(actor), pytest.raises(InvalidInput, match="“存在问题”、“经验做法”还没有填写"):
        submit_evaluation(saved, actor=actor, seen=saved.version)


def test_submit_names_all_that_is_missing_at_once(chuxiong: Campaign) -> None:
    actor = clerk()
    saved = write(begin(chuxiong), {"存在问题": ""}, explanation="", actor=actor)
    with acting(actor), pytest.raises(InvalidInput, match=r"^“存在问题”还没有填写；.*还没有会签。没有全部会签"):
        submit_evaluation(saved, actor=actor, seen=saved.version)


def test_submit_without_countersigning_wants_an_explanation(chuxiong: Campaign) -> None:
    actor = clerk()
    saved = write(begin(chuxiong), explanation="", actor=actor)
    with (
        acting(actor),
        pytest.raises(InvalidInput, match=r"还没有会签。没有全部会签同意的，在“会签说明”里写明原因后也可以提交"),
    ):
        submit_evaluation(saved, actor=actor, seen=saved.version)


def test_submit_freezes_and_hands_in_what_is_due(chuxiong: Campaign, community: CommunityOf) -> None:
    recognised_community(community("532301101001"), chuxiong, YEAR)
    submitted = submit(chuxiong)
    assert (submitted.status, submitted.round, str(submitted.holder)) == ("submitted", 1, "楚雄彝族自治州")
    assert submitted.facts["figures"]["recognised"] == 1
    assert names_of(submitted.facts) == [("鹿城镇", [community("532301101001").short_name])]
    filing = filing_of(submitted)
    assert (filing.status, filing.handed_in_on, filing.round) == ("submitted", date(2022, 10, 18), 1)
    assert [one["title"] for one in filing.parts] == SECTIONS
    with acting(clerk()):
        again = submit_evaluation(submitted, actor=clerk(), seen=1)
    assert (again.round, again.steps.count(), filing_of(again).round) == (1, 1, 1)


def test_what_changes_after_submission_is_shown_and_never_rewritten(
    chuxiong: Campaign, community: CommunityOf, city_approver: Actor
) -> None:
    first = recognised_community(community("532301101001"), chuxiong, YEAR)
    submitted = submit(chuxiong)
    frozen = dict(submitted.facts)
    recognised_community(community("532301101002"), chuxiong, YEAR)
    with acting(city_approver):
        revoke_recognition(first, "不再符合", actor=city_approver)
    names = [community(code).short_name for code in ("532301101001", "532301101002")]
    found = differences(frozen, live_facts(roll_up(chuxiong, submitted.jurisdiction, YEAR)))
    assert ("鹿城镇 2022 年名单", f"减少 1 个：{names[0]}", f"增加 1 个：{names[1]}") in found
    assert ("参与创建（累计）", "1", "2") in found
    submitted.refresh_from_db()
    assert submitted.facts == frozen


@pytest.mark.parametrize("is_kept_with_unit", [True, False])
def test_a_unit_with_another_name_is_compared_with_itself(
    chuxiong: Campaign, community: CommunityOf, is_kept_with_unit: bool
) -> None:
    recognised_community(community("532301101001"), chuxiong, YEAR)
    submitted = submit(chuxiong)
    street = Jurisdiction.objects.get(name="鹿城镇", parent__code="532301000000")
    if is_kept_with_unit:
        street.name = "鹿城街道"
        street.save()
    else:
        for row in submitted.facts["summary"]["rows"]:
            del row["unit"]
    assert differences(submitted.facts, live_facts(roll_up(chuxiong, submitted.jurisdiction, YEAR))) == []


def test_a_report_due_in_january_is_of_the_year_that_has_ended(chuxiong: Campaign) -> None:
    january = date(2023, 1, 10)
    asked = Milestone.objects.get(campaign=chuxiong, kind=Milestone.Kind.ANNUAL_REPORT, level="district")
    asked.dates = [date(2021, 10, 20), january]
    asked.save()
    with at(2023, 1, 5):
        submitted = submit(chuxiong)
    filing = Filing.objects.get(jurisdiction=submitted.jurisdiction, due_on=january)
    assert (filing.status, filing.handed_in_on, filing.figures["year"]) == ("submitted", date(2023, 1, 5), YEAR)
    assert [asked.year_reported(date(2023, month, 1)) for month in (1, 3, 4, 12)] == [2022, 2022, 2022, 2022]
    assert [asked.year_reported(date(2022, month, 1)) for month in (1, 3, 4, 12)] == [2021, 2021, 2022, 2022]


def test_a_year_that_has_not_begun_is_not_reported(chuxiong: Campaign) -> None:
    actor = clerk()
    with at(2021, 12, 31), acting(actor), pytest.raises(InvalidInput, match="2022 年还没有开始"):
        begin_evaluation(chuxiong, actor.jurisdiction, YEAR, actor=actor)
    saved = write(begin(chuxiong), actor=actor)
    with at(2021, 12, 31), acting(actor), pytest.raises(InvalidInput, match="2022 年还没有开始"):
        submit_evaluation(saved, actor=actor, seen=saved.version)


def test_the_explanation_of_a_colleague_is_not_overwritten(chuxiong: Campaign) -> None:
    actor = clerk()
    draft = begin(chuxiong)
    with acting(actor):
        save_evaluation(draft, {}, "会签单另附", actor=actor, seen=1, explained="")
        with pytest.raises(StaleForm, match="刚刚由"):
            save_evaluation(draft, {}, "部门同意", actor=actor, seen=1, explained="")
        kept = save_evaluation(draft, {"存在问题": "充电设施不足。"}, "", actor=actor, seen=1, explained="")
    assert (kept.explanation, kept.text_of("存在问题")) == ("会签单另附", "充电设施不足。")


def test_reasons_that_are_too_long_together_are_named(chuxiong: Campaign, city_approver: Actor) -> None:
    submitted = submit(chuxiong)
    sections = {f"内容{number}": "退" * 1000 for number in range(11)}
    with acting(city_approver), pytest.raises(InvalidInput, match="退回理由合计有 11,000 字，超过 10,000 字"):
        return_evaluation(submitted, "", sections, actor=city_approver, seen=submitted.round)


def test_the_way_goes_up_to_the_province(chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor) -> None:
    submitted = submit(chuxiong)
    agreed = agree(submitted, "数据无误", actor=city_approver)
    assert (agreed.status, str(agreed.holder)) == ("submitted", "云南省")
    assert filing_of(agreed).status == "accepted"
    assert agree(agreed, "数据无误", actor=city_approver).steps.count() == 2
    approved = approve(agreed, words="继续推进", actor=province_reviewer)
    assert (approved.status, approved.holder, str(approved.approved_in)) == ("approved", None, "云南省")
    steps = [(one.kind, str(one.taken_in), one.words) for one in approved.steps.all()]
    assert steps == [
        ("submitted", "楚雄市", ""),
        ("agreed", "楚雄彝族自治州", "数据无误"),
        ("approved", "云南省", "继续推进"),
    ]
    assert approve(approved, words="继续推进", actor=province_reviewer).steps.count() == 3


def test_no_level_is_skipped(chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor) -> None:
    submitted = submit(chuxiong)
    with pytest.raises(TransitionError, match="现由楚雄彝族自治州办理，云南省现在不用办理"):
        approve(submitted, actor=province_reviewer)
    with pytest.raises(InvalidInput, match="由省级审定，请审核同意后报上一级"):
        approve(submitted, actor=city_approver)
    agreed = agree(submitted, actor=city_approver)
    with pytest.raises(InvalidInput, match="由云南省审定，请填写评估结果后通过"):
        agree(agreed, actor=province_reviewer)


def test_where_nobody_decides_the_next_one_above_does(
    chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor
) -> None:
    submitted = submit(chuxiong)
    with acting(province_reviewer):
        assert not decided_in(province_reviewer.jurisdiction).exists()
    Membership.objects.filter(pk=city_approver.membership.pk).delete()
    with acting(province_reviewer):
        assert list(decided_in(province_reviewer.jurisdiction)) == [submitted]
    assert approve(submitted, actor=province_reviewer).is_approved


def test_return_by_section_and_again(chuxiong: Campaign, city_approver: Actor) -> None:
    returned = give_back(submit(chuxiong), "", actor=city_approver, 存在问题="太简单")
    assert (returned.status, returned.reasons, returned.holder) == ("returned", ["“存在问题”：太简单"], None)
    filing = filing_of(returned)
    assert (filing.status, filing.return_reason) == ("returned", "“存在问题”：太简单")
    again = submit(chuxiong, {"存在问题": "充电设施不足。"})
    assert (again.round, again.status, filing_of(again).handed_in_on) == (2, "submitted", date(2022, 10, 18))


def test_return_wants_a_reason_and_a_known_section(chuxiong: Campaign, city_approver: Actor) -> None:
    submitted = submit(chuxiong)
    with pytest.raises(InvalidInput, match="请填写退回理由"):
        give_back(submitted, " ", actor=city_approver)
    with pytest.raises(InvalidInput, match="报告里没有“别的”这一项"):
        give_back(submitted, "", actor=city_approver, 别的="？")


def test_return_of_an_older_submission_is_refused(chuxiong: Campaign, city_approver: Actor) -> None:
    submitted = submit(chuxiong)
    give_back(submitted, actor=city_approver)
    submit(chuxiong)
    with acting(city_approver), pytest.raises(StaleForm, match="楚雄市已修改并重新提交"):
        return_evaluation(submitted, "旧的", actor=city_approver, seen=1)


def test_an_approved_one_is_given_back_by_who_approved_it(
    chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor
) -> None:
    approved = approve(agree(submit(chuxiong), actor=city_approver), actor=province_reviewer)
    with pytest.raises(TransitionError, match="由云南省通过，现在不用办理"):
        give_back(approved, actor=city_approver)
    returned = give_back(approved, "底数有误", actor=province_reviewer)
    assert (returned.status, returned.approved_in, returned.grade) == ("returned", None, "")
    assert filing_of(returned).status == "returned"


def test_who_submitted_does_not_decide(chuxiong: Campaign) -> None:
    both = made_up("532301", Role.STAFF)
    prefecture = Jurisdiction.objects.get(code="532300000000")
    above = Actor(both.user, grant_membership(both.user, prefecture, Role.APPROVER))
    submitted = submit(chuxiong, actor=both)
    with pytest.raises(PermissionDenied, match="这是您提交的"):
        agree(submitted, actor=above)


def test_withdraw_before_anybody_agreed(chuxiong: Campaign, city_approver: Actor) -> None:
    submitted, actor = submit(chuxiong), clerk()
    with acting(actor):
        taken_back = withdraw_evaluation(submitted, actor=actor, seen=1)
        assert withdraw_evaluation(submitted, actor=actor, seen=1).status == "draft"
    filing = filing_of(taken_back)
    assert (taken_back.status, filing.status, filing.handed_in_on) == ("draft", "draft", None)
    again = submit(chuxiong)
    agree(again, actor=city_approver)
    with acting(actor), pytest.raises(TransitionError, match="上级已审核同意，现由云南省办理，不能撤回"):
        withdraw_evaluation(again, actor=actor, seen=2)


def test_under_a_closed_campaign_nothing_goes_back_that_could_not_come_again(
    chuxiong: Campaign, city_approver: Actor
) -> None:
    submitted, draft, actor = submit(chuxiong), begin(chuxiong, actor=clerk("532302")), clerk()
    Campaign.objects.filter(pk=chuxiong.pk).update(status=Campaign.Status.CLOSED)
    with acting(actor), pytest.raises(TransitionError, match="已结束，不能撤回"):
        withdraw_evaluation(submitted, actor=actor, seen=1)
    with pytest.raises(TransitionError, match="已结束，不能退回"):
        give_back(submitted, actor=city_approver)
    with pytest.raises(TransitionError, match="已结束，报告不能再改"):
        write(draft, actor=clerk("532302"))
    assert str(agree(submitted, actor=city_approver).holder) == "云南省"


def test_a_long_explanation_is_refused(chuxiong: Campaign) -> None:
    with pytest.raises(InvalidInput, match=r"会签说明有 1,001 字，超过 1,000 字"):
        write(begin(chuxiong), explanation="长" * 1001, actor=clerk())


def test_a_draft_is_its_units_own(chuxiong: Campaign, city_approver: Actor) -> None:
    draft = begin(chuxiong)
    assert may_read(clerk(), draft)
    assert not may_read(city_approver, draft)
    assert may_read(city_approver, submit(chuxiong))


def test_grade_and_score_as_the_campaign_has_them(
    chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor
) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(evaluation_grades=["优秀", "合格"], evaluation_points=100)
    agreed = agree(submit(chuxiong), actor=city_approver)
    refused: list[tuple[dict[str, Any], str]] = [
        ({}, "请选择评估等次：优秀、合格"),
        ({"grade": "很好"}, "没有“很好”这个等次"),
        ({"grade": "优秀"}, "请填写评估得分，满分 100 分"),
        ({"grade": "优秀", "score": Decimal("100.5")}, "不在 0 至 100 分之间"),
    ]
    for judgement, words in refused:
        with pytest.raises(InvalidInput, match=words):
            approve(agreed, actor=province_reviewer, **judgement)
    approved = approve(agreed, grade="优秀", score=Decimal("92.50"), actor=province_reviewer)
    assert approved.judged == "优秀，92.5 分"


def test_a_campaign_without_points_takes_none(
    chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor
) -> None:
    agreed = agree(submit(chuxiong), actor=city_approver)
    with pytest.raises(InvalidInput, match="不评分，请不要填得分"):
        approve(agreed, score=Decimal(90), actor=province_reviewer)


def test_a_parent_draws_on_its_childrens_approved_ones(
    chuxiong: Campaign, city_approver: Actor, province_reviewer: Actor
) -> None:
    approve(agree(submit(chuxiong, {"经验做法": "联席会议制度。"}), actor=city_approver), actor=province_reviewer)
    submit(chuxiong, {"经验做法": "居民公约。"}, actor=clerk("532302"))
    draft = begin(chuxiong, actor=made_up("5323", Role.STAFF))
    assert texts_of(draft)["经验做法"] == "楚雄市：联席会议制度。"


def test_a_prefecture_reports_to_the_province_and_the_province_to_the_nation(
    chuxiong: Campaign, national: Campaign, province_reviewer: Actor
) -> None:
    of_prefecture = submit(chuxiong, actor=made_up("5323", Role.STAFF))
    assert str(of_prefecture.holder) == "云南省"
    assert approve(of_prefecture, actor=province_reviewer).is_approved
    of_province = submit(national, actor=made_up("53", Role.STAFF))
    assert (of_province.status, str(of_province.holder)) == ("submitted", str(Jurisdiction.objects.get(parent=None)))
    filing = Filing.objects.get(jurisdiction=of_province.jurisdiction, due_on=date(2022, 11, 30))
    assert filing.status == "submitted"


def test_another_day_later_the_frozen_day_stays(chuxiong: Campaign) -> None:
    submitted = submit(chuxiong)
    with at(2022, 12, 1):
        submitted.refresh_from_db()
        assert submitted.facts["as_of"] == "2022-10-18"


def test_a_county_that_comes_under_another_prefecture_takes_its_report_along(chuxiong: Campaign) -> None:
    submitted = submit(chuxiong)
    manager, kunming = made_up("53", Role.BUREAU_ADMIN), Jurisdiction.objects.get(code="530000000000")
    with acting(manager):
        move_jurisdiction(submitted.jurisdiction, kunming, order("2022-10-18"), actor=manager)
    submitted.refresh_from_db()
    assert submitted.holder == kunming
