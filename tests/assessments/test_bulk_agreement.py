"""批量同意: what it agrees to, what it leaves out and why, what a second run does."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments import domain
from apps.assessments.bulk_agreement import agree_in_bulk, sort_out
from apps.assessments.claims import claim_assessment, release_assessment
from apps.assessments.models import Assessment, DepartmentOpinion
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Section
from apps.standards.scoring import Answer, Deduction
from tests.assessments.reviewing import others_of, seen, state, url, verdict
from tests.factories import agree, submitted_community

NO_SPONGE = Answer(deductions=(Deduction(rule=2),))


@pytest.fixture
def colleague(district_reviewer: Actor) -> Actor:
    user = User.objects.create(username="colleague", display_name="王同事", jurisdiction=district_reviewer.jurisdiction)
    return Actor(user, grant_membership(user, district_reviewer.jurisdiction, Role.STAFF))


def reasons(actor: Actor, *assessments: Assessment) -> list[str]:
    """What stands against agreeing to each, in the order in which they were given."""
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        found = {
            one.assessment.pk: "".join(one.reasons) for one in sort_out([one.pk for one in assessments], actor=actor)
        }
    return [found[one.pk] for one in assessments]


def run(actor: Actor, *assessments: Assessment) -> list[str]:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        outcomes = agree_in_bulk({one.pk: seen(one) for one in assessments}, actor=actor)
    return [
        one.refusal for one in sorted(outcomes, key=lambda one: [a.pk for a in assessments].index(one.assessment.pk))
    ]


def test_sort_out_says_why_each_is_left_out(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor, city_approver: Actor, chuxiong: Campaign
) -> None:
    differing, objected, claimed, failing, gone = others_of(5, chuxiong)
    verdict(differing, district_reviewer, 5, NO_SPONGE)
    section = Section.objects.filter(standard=objected.standard).order_by("number").first()
    assert section is not None
    DepartmentOpinion.objects.create(
        assessment=objected,
        section=section,
        jurisdiction=district_reviewer.jurisdiction,
        department="生态环境局",
        round=1,
        stance="objects",
        text="垃圾分类没有到位",
        given_at=clock.now(),
        given_by=colleague.user,
    )
    with scope(colleague.jurisdiction.path, user_id=colleague.user.pk):
        claim_assessment(claimed, actor=colleague)
    Assessment.objects.filter(pk=failing.pk).update(meets_standard=False)
    agree(gone)
    found = reasons(district_reviewer, submitted, differing, objected, claimed, failing, gone)
    assert found[:3] == [
        "",
        "第 5 条各级意见不一致。",
        f"生态环境局对“{section}”有意见。",
    ]
    assert "王同事 领办" in found[3]
    assert found[4] == "未达到创建要求。"
    assert "现在由楚雄彝族自治州办理" in found[5]
    assert reasons(city_approver, gone) == ["楚雄彝族自治州是最后一级，请办理认定。"]


def test_sort_out_leaves_out_what_came_back_from_above(
    submitted: Assessment, district_reviewer: Actor, city_approver: Actor
) -> None:
    agree(submitted)
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        domain.return_assessment(submitted, "请核实", actor=city_approver)
    assert reasons(district_reviewer, submitted) == ["上级退回，须逐件处理。"]


def test_sort_out_leaves_out_own_work(submitted: Assessment, street_officer: Actor, district_reviewer: Actor) -> None:
    both = Actor(street_officer.user, grant_membership(street_officer.user, district_reviewer.jurisdiction, Role.STAFF))
    (reason,) = reasons(both, submitted)
    assert reason.startswith("这件自评由您填报或提交，须由其他人审核。")


def test_agree_in_bulk_agrees_each_for_itself_and_once(
    submitted: Assessment, district_reviewer: Actor, colleague: Actor, chuxiong: Campaign
) -> None:
    others = others_of(2, chuxiong)
    verdict(others[0], district_reviewer, 5, NO_SPONGE)
    everything = [submitted, *others]
    assert run(district_reviewer, *everything) == ["", "第 5 条各级意见不一致。", ""]
    assert [state(one)[1] for one in everything] == ["楚雄彝族自治州", "楚雄市", "楚雄彝族自治州"]
    again = run(colleague, *everything)
    assert "由楚雄市 测试经办人532301 同意上报" in again[0]
    assert [one.actions.filter(kind="agree").count() for one in everything] == [1, 0, 1]


def test_agree_in_bulk_leaves_what_another_step_has_changed(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    old = seen(submitted)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        domain.return_assessment(submitted, "请补充", actor=district_reviewer)
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        domain.submit_assessment(submitted, actor=street_officer)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        outcome = agree_in_bulk({submitted.pk: old}, actor=district_reviewer)
    assert "请刷新后再办理" in outcome[0].refusal
    assert state(submitted) == ("in_review", "楚雄市")


def test_bulk_by_who_may_not_review_is_refused(submitted: Assessment, street_officer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        run(street_officer, submitted)


def test_bulk_on_the_pages(
    at_district: Client, submitted: Assessment, district_reviewer: Actor, chuxiong: Campaign
) -> None:
    other, noted = others_of(2, chuxiong)
    verdict(other, district_reviewer, 5, NO_SPONGE)
    at_district.post(url("review_pick", noted, 5), {"reason": "缺验收单"})
    queue = at_district.get(reverse("review_queue"))
    assert queue.context["may_agree_in_bulk"] is True
    preview = at_district.get(reverse("review_bulk") + "?all=1")
    assert [(one.assessment.pk, one.last_step) for one in preview.context["agreed"]] == [
        (submitted.pk, seen(submitted))
    ]
    assert {one.assessment.pk: one.reasons for one in preview.context["left_out"]} == {
        other.pk: ["第 5 条各级意见不一致。"],
        noted.pk: ["有记入退回的条目，还没有退回。"],
    }
    posted = {"one": [f"{submitted.pk}:{seen(submitted)}", f"{other.pk}:{seen(other)}", "x", "999999:1"]}
    for _ in range(2):
        result = at_district.post(reverse("review_bulk_agree"), posted, follow=True)
        assert result.status_code == 200
    assert state(submitted)[1] == "楚雄彝族自治州"
    assert state(other) == ("in_review", "楚雄市")
    assert submitted.actions.filter(kind="agree").count() == 1
    assert "第 5 条各级意见不一致" in result.text


@pytest.mark.parametrize("rows", [1, 3])
def test_bulk_preview_takes_the_same_queries_whatever_its_rows(
    rows: int,
    at_district: Client,
    submitted: Assessment,
    chuxiong: Campaign,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    others_of(rows - 1, chuxiong)
    with django_assert_max_num_queries(27):
        assert len(at_district.get(reverse("review_bulk") + "?all=1").context["agreed"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_bulk_preview_takes_the_same_queries_whatever_has_moved_on(
    rows: int,
    at_district: Client,
    submitted: Assessment,
    chuxiong: Campaign,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    moved = [submitted, *others_of(rows - 1, chuxiong)]
    for one in moved:
        agree(one)
    with django_assert_max_num_queries(27):
        page = at_district.get(reverse("review_bulk"), {"one": [one.pk for one in moved]})
    for one in page.context["left_out"]:
        assert "同意上报，现在由楚雄彝族自治州办理。" in "".join(one.reasons)
        assert "由楚雄市 " in "".join(one.reasons)
    assert len(page.context["left_out"]) == rows


def test_release_before_bulk_lets_it_through(submitted: Assessment, district_reviewer: Actor, colleague: Actor) -> None:
    with scope(colleague.jurisdiction.path, user_id=colleague.user.pk):
        claim_assessment(submitted, actor=colleague)
    assert "王同事 领办" in run(district_reviewer, submitted)[0]
    with scope(colleague.jurisdiction.path, user_id=colleague.user.pk):
        release_assessment(submitted, actor=colleague)
    assert run(district_reviewer, submitted) == [""]


@pytest.fixture
def city_direct(chuxiong: Campaign, jurisdiction: Callable[[str], Jurisdiction]) -> Assessment:
    """Of a community right under 楚雄市, which submits it; the prefecture has it, and the province would be next."""
    chuxiong.review_chain = ["street", "district", "city", "province"]
    chuxiong.save(update_fields=["review_chain"])
    direct = Community.objects.create(name="直属社区", jurisdiction=jurisdiction("532301"))
    return submitted_community(direct, chuxiong, 2022)


def test_sort_out_knows_who_submitted_where_the_branch_lacks_the_first_level(
    city_direct: Assessment, city_approver: Actor
) -> None:
    assert state(city_direct) == ("in_review", "楚雄彝族自治州")
    assert reasons(city_approver, city_direct) == [""]


def test_agree_in_bulk_reads_the_facts_once_for_all(
    submitted: Assessment, district_reviewer: Actor, chuxiong: Campaign
) -> None:
    others, counts = others_of(8, chuxiong), []
    few, many = others[:2], others[2:]
    for rows in ([submitted], few, many):
        with CaptureQueriesContext(connection) as captured:
            assert set(run(district_reviewer, *rows)) == {""}
        counts.append(len(captured))
    # Asking for the last step, locking, writing: what each costs beside what is read once for all.
    assert (counts[2] - counts[1]) / (len(many) - len(few)) <= 12
