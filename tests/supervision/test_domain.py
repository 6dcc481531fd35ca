"""The life of a supervision visit: drafted, issued with its findings, answered, checked, withdrawn."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.todos import todos_from
from apps.standards.national import national_criteria
from apps.supervision.domain import (
    FindingFacts,
    discard_visit,
    draft_visit,
    edit_visit,
    issue_visit,
    visits_for,
    was_discarded,
    withdraw_visit,
)
from apps.supervision.mending import Received, answer_finding, confirm_mended, findings_in_year, return_finding
from apps.supervision.models import FindingAttachment, SupervisionVisit
from apps.supervision.waiting import sources_for
from tests.factories import made_up
from tests.filings.conftest import at
from tests.supervision.conftest import answered, facts, finding, issued, pdf, written

pytestmark = pytest.mark.usefixtures("today")


def test_a_second_click_finds_the_draft_that_nobody_has_touched(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor
) -> None:
    with acting(city_approver):
        drafted = draft_visit(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
        assert draft_visit(chuxiong, district_reviewer.jurisdiction, actor=city_approver) == drafted
        assert drafted.title == "关于楚雄市绿色社区创建工作督导检查的反馈意见"
        edit_visit(drafted, facts(), actor=city_approver, seen=1)
        assert draft_visit(chuxiong, district_reviewer.jurisdiction, actor=city_approver) != drafted


def test_a_visit_goes_to_a_unit_below_or_a_community_there(
    chuxiong: Campaign,
    community: Callable[[str], Community],
    city_approver: Actor,
    street_officer: Actor,
    district_reviewer: Actor,
) -> None:
    there, beside = community("532301101001"), made_up("532302", Role.STAFF).jurisdiction
    with acting(city_approver):
        visit = draft_visit(chuxiong, street_officer.jurisdiction, there, actor=city_approver)
        assert visit.place == "鹿城镇东兴社区"
        with pytest.raises(InvalidInput, match="不是楚雄彝族自治州的下级单位"):
            draft_visit(chuxiong, city_approver.jurisdiction, actor=city_approver)
        with pytest.raises(InvalidInput, match="不在禄丰市"):
            draft_visit(chuxiong, beside, there, actor=city_approver)
    with acting(district_reviewer), pytest.raises(PermissionDenied):
        draft_visit(chuxiong, beside, actor=district_reviewer)
    with acting(street_officer), pytest.raises(PermissionDenied):
        draft_visit(chuxiong, street_officer.jurisdiction, actor=street_officer)


def test_findings_are_what_the_form_says_each_time(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor
) -> None:
    visit = written(chuxiong, district_reviewer.jurisdiction, 3, actor=city_approver)
    criterion = national_criteria()[3]
    with acting(city_approver):
        kept = FindingFacts("雨污没有分流", date(2022, 9, 1), criterion.pk)
        edit_visit(visit, facts([kept]), actor=city_approver, seen=2)
        rows = visit.findings.values_list("number", "text", "mend_by", "criterion__number")
        assert list(rows) == [(1, "雨污没有分流", date(2022, 9, 1), 4)]
        with pytest.raises(StaleForm, match="您的修改没有保存"):
            edit_visit(visit, facts(), actor=city_approver, seen=2)
        with pytest.raises(InvalidInput, match="不在国家标准里"):
            edit_visit(visit, facts([FindingFacts("问题", criterion=10**9)]), actor=city_approver, seen=3)
        with pytest.raises(InvalidInput, match="2022-08-16 还没有到"):
            edit_visit(visit, facts(started_on=date(2022, 8, 16)), actor=city_approver, seen=3)


def test_what_a_draft_lacks_is_named_before_it_is_issued(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor
) -> None:
    visit = written(chuxiong, district_reviewer.jurisdiction, 0, actor=city_approver)
    rows = [FindingFacts("台账不全"), finding(2, date(2022, 8, 14))]
    with acting(city_approver):
        visit = edit_visit(visit, facts(rows, offices=""), actor=city_approver, seen=2)
        with pytest.raises(InvalidInput) as refused:
            issue_visit(visit, actor=city_approver, seen=3)
    assert refused.value.message == (
        "还没有印发：没有填写参加单位或检查人员；问题 1 没有整改期限；问题 2 的整改期限已经过了，请改为今天或以后。"
    )


def test_drafts_are_the_offices_own_and_issued_ones_are_read_by_the_unit(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor, street_officer: Actor, stranger: Actor
) -> None:
    people = [city_approver, district_reviewer, street_officer, made_up("532302", Role.STAFF), stranger]

    def seen() -> list[int]:
        counts = []
        for one in people:
            with acting(one):
                counts.append(visits_for(one).count())
        return counts

    visit = written(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    assert seen() == [1, 0, 0, 0, 0]
    with acting(city_approver):
        done = issue_visit(visit, actor=city_approver, seen=2)
        assert issue_visit(visit, actor=city_approver, seen=2).version == done.version
        with pytest.raises(TransitionError, match="已印发，不能修改"):
            edit_visit(visit, facts(), actor=city_approver, seen=3)
    assert seen() == [1, 1, 0, 0, 0]


def test_a_finding_is_answered_returned_answered_again_and_mended(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor
) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, 2, actor=city_approver)
    first = visit.findings.get(number=1)
    done = answered(first, actor=district_reviewer)
    assert (done.state, done.round, done.attachments.count()) == ("answered", 1, 1)
    with acting(district_reviewer):
        assert answer_finding(first, "已整改", [pdf()], actor=district_reviewer, seen=0).round == 1
        with pytest.raises(TransitionError, match="待核查，不能再答复"):
            answer_finding(first, "又改了", actor=district_reviewer, seen=1)
    with acting(city_approver):
        back = return_finding(first, "照片看不清", date(2022, 9, 20), actor=city_approver, seen=1)
        assert (back.state, back.mend_by) == ("returned", date(2022, 9, 20))
        assert return_finding(first, "照片看不清", date(2022, 9, 20), actor=city_approver, seen=1).state == "returned"
        with pytest.raises(TransitionError, match="退回整改，现在不用核查"):
            confirm_mended(first, actor=city_approver, seen=1)
    with acting(district_reviewer):
        old = done.attachments.get()
        again = answer_finding(first, "已补拍", [pdf(b"2")], [old.pk], actor=district_reviewer, seen=1)
        assert [one.pk == old.pk for one in again.attachments.all()] == [False]
    with acting(city_approver):
        with pytest.raises(StaleForm, match="后来又答复过"):
            confirm_mended(first, actor=city_approver, seen=1)
        assert confirm_mended(first, actor=city_approver, seen=2).state == "mended"
        assert confirm_mended(first, actor=city_approver, seen=2).state == "mended"


def test_a_refused_file_refuses_the_answer_whole(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor
) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    bad = SimpleUploadedFile("程序.exe", b"MZ\x90\x00")
    with acting(district_reviewer), pytest.raises(InvalidInput, match="程序.exe"):
        answer_finding(visit.findings.get(), "已整改", [pdf(), bad], actor=district_reviewer, seen=0)
    assert (visit.findings.get().state, FindingAttachment.objects.count()) == ("open", 0)


def test_the_same_answer_with_another_file_is_not_passed_over(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor
) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    done = answered(visit.findings.get(), actor=district_reviewer)
    with acting(district_reviewer):
        assert answer_finding(done, "已整改", [pdf()], actor=district_reviewer, seen=0).round == 1
        with pytest.raises(TransitionError, match="不能再答复"):
            answer_finding(done, "已整改", [pdf(b"more")], actor=district_reviewer, seen=0)


def test_only_the_visited_unit_answers_and_only_the_office_checks(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor, province_reviewer: Actor
) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    first = visit.findings.get()
    with acting(city_approver), pytest.raises(PermissionDenied, match="由楚雄市自己答复"):
        answer_finding(first, "已整改", actor=city_approver, seen=0)
    answered(first, actor=district_reviewer)
    with acting(district_reviewer), pytest.raises(PermissionDenied, match="由楚雄彝族自治州办理"):
        confirm_mended(first, actor=district_reviewer, seen=1)
    with acting(province_reviewer), pytest.raises(PermissionDenied, match="由楚雄彝族自治州办理"):
        confirm_mended(first, actor=province_reviewer, seen=1)


def test_what_is_withdrawn_is_not_to_be_mended(
    chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor
) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    with acting(city_approver):
        with pytest.raises(InvalidInput, match="理由"):
            withdraw_visit(visit, " ", actor=city_approver)
        withdraw_visit(visit, "发错单位", actor=city_approver)
        with pytest.raises(TransitionError, match="撤回"):
            withdraw_visit(visit, "发错单位", actor=city_approver)
    with acting(district_reviewer), pytest.raises(TransitionError, match="已撤回，不用再办理整改"):
        answer_finding(visit.findings.get(), "已整改", actor=district_reviewer, seen=0)


def test_a_draft_is_thrown_away_once(chuxiong: Campaign, city_approver: Actor, district_reviewer: Actor) -> None:
    visit = written(chuxiong, district_reviewer.jurisdiction, actor=city_approver)
    with acting(city_approver):
        discard_visit(visit, actor=city_approver)
        discard_visit(visit, actor=city_approver)
        assert was_discarded(visit.pk, city_approver)
        assert SupervisionVisit.objects.count() == 0


def test_a_years_visits_are_counted_in_one_query(
    chuxiong: Campaign,
    city_approver: Actor,
    district_reviewer: Actor,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    unit = district_reviewer.jurisdiction
    visit = issued(chuxiong, unit, 3, actor=city_approver)
    written(chuxiong, unit, 2, actor=city_approver)
    answered(visit.findings.get(number=1), actor=district_reviewer)
    with acting(city_approver):
        confirm_mended(visit.findings.get(number=1), actor=city_approver, seen=1)
    with acting(district_reviewer), at(2022, 9, 1):
        with django_assert_num_queries(1):
            found = findings_in_year(unit, chuxiong, 2022)
        assert found == Received(visits=1, findings=3, mended=1, late=2)
        assert found.open == 2
        assert findings_in_year(unit, None, 2022) == found
        assert findings_in_year(unit, chuxiong, 2021) == Received(0, 0, 0, 0)


def test_the_desk_names_what_is_to_be_mended_checked_and_late(
    chuxiong: Campaign,
    city_approver: Actor,
    district_reviewer: Actor,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    visit = issued(chuxiong, district_reviewer.jurisdiction, 2, actor=city_approver)
    with acting(district_reviewer):
        with django_assert_num_queries(2):
            (waits,) = todos_from(sources_for(district_reviewer))
        assert (waits.note, waits.due) == ("楚雄彝族自治州：2 项问题待整改", date(2022, 8, 30))
    with acting(city_approver):
        assert todos_from(sources_for(city_approver)) == []
    with at(2022, 9, 1), acting(city_approver):
        (late,) = todos_from(sources_for(city_approver))
        assert (late.tone, late.note) == ("warning", "2 项整改逾期未答复")
    answered(visit.findings.get(number=1), actor=district_reviewer)
    with acting(city_approver):
        (check,) = todos_from(sources_for(city_approver))
        assert (check.note, check.action) == ("1 项整改待核查", "去核查")
