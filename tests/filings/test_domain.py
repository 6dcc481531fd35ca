"""Filings are saved, submitted, withdrawn, returned, accepted: by whom, and what is refused."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.stored_files import orphans
from apps.campaigns.models import Campaign, Milestone
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.filings.attachments import attach_file, remove_file, stored_names
from apps.filings.domain import Content, accept_filing, return_filing, save_draft, submit_filing, withdraw_filing
from apps.filings.models import Filing, FilingAttachment
from apps.filings.obligations import State, find_owed
from tests.factories import agree, made_up, recognised_community, submitted_community
from tests.filings.conftest import (
    PARTS,
    SELF_EVALUATION,
    accept,
    at,
    clerk,
    draft,
    give_back,
    hand_in,
    milestone_of,
)

pytestmark = pytest.mark.usefixtures("today")
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def milestone(chuxiong: Campaign) -> Milestone:
    return milestone_of(chuxiong)


@pytest.fixture
def with_parts(milestone: Milestone) -> Milestone:
    milestone.required_parts = PARTS
    milestone.save()
    return milestone


def test_a_self_evaluation_freezes_its_list_of_results(
    milestone: Milestone, chuxiong: Campaign, community: Callable[[str], Community]
) -> None:
    agree(submitted_community(community("532301101001"), chuxiong, 2022))
    submitted_community(community("532301101002"), chuxiong, 2022)
    filed = hand_in(milestone, SELF_EVALUATION)
    assert filed.figures["names"] == [["鹿城镇", [community("532301101001").short_name]]]
    agree(submitted_community(community("532301101003"), chuxiong, 2022))
    filed.refresh_from_db()
    assert len(filed.figures["names"][0][1]) == 1


def test_save_a_draft(milestone: Milestone, district_reviewer: Actor) -> None:
    saved = draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, actor=district_reviewer)
    assert (saved.status, saved.version, saved.narrative, saved.parts) == ("draft", 1, "已自评", [])
    assert (saved.path, saved.saved_by) == (district_reviewer.jurisdiction.path, district_reviewer.user)
    again = draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, actor=district_reviewer, seen=0)
    assert (again.pk, again.version) == (saved.pk, 1)


def test_a_colleagues_edits_are_not_overwritten(milestone: Milestone, district_reviewer: Actor) -> None:
    colleague = made_up("532301", Role.APPROVER)
    unit = district_reviewer.jurisdiction
    draft(milestone, unit, SELF_EVALUATION, actor=district_reviewer)
    draft(milestone, unit, SELF_EVALUATION, Content(narrative="补充"), actor=colleague, seen=1)
    with pytest.raises(StaleForm, match=f"刚刚由{colleague.user}改过，您填写的没有保存"):
        draft(milestone, unit, SELF_EVALUATION, Content(narrative="另一稿"), actor=district_reviewer, seen=1)
    assert Filing.objects.get().narrative == "补充"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (Content([("", "没有标题的内容")]), "“没有标题的内容”没有标题"),
        (Content([("创新", "一"), ("创新", "二")]), "有两项都叫“创新”"),
        (Content([("长" * 101, "一")]), "有 101 字，超过 100 字"),
        (Content(narrative="长" * 20_001), "“工作情况”有 20,001 字，超过 20,000 字"),
        (Content([(f"第 {n} 项", "一") for n in range(31)]), "内容超过 30 项"),
    ],
)
def test_what_is_written_is_judged(milestone: Milestone, district_reviewer: Actor, content: Content, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, content, actor=district_reviewer)


def test_nothing_is_filed_that_is_not_due(milestone: Milestone, district_reviewer: Actor) -> None:
    with pytest.raises(InvalidInput, match="没有 2022-08-30 到期的"):
        draft(milestone, district_reviewer.jurisdiction, date(2022, 8, 30), actor=district_reviewer)


def test_submit_freezes_the_figures(milestone: Milestone, chuxiong: Campaign) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    assert (filed.status, filed.round, filed.handed_in_on) == ("submitted", 1, date(2022, 8, 15))
    assert filed.figures == {
        "year": 2022,
        "base": 31,
        "enrolled": 0,
        "pilots": 0,
        "in_review": 0,
        "recognised": 0,
        "cumulative": 0,
        "ratio": [0, 1],
        "wanted": 19,
        "gap": 19,
        "names": [],
    }
    recognised_community(Community.objects.get(code="532301101001"), chuxiong, 2022)
    filed.refresh_from_db()
    assert filed.figures["cumulative"] == 0


def test_submit_names_the_parts_that_are_missing(with_parts: Milestone, district_reviewer: Actor) -> None:
    content = Content([("总体目标", "60%"), ("工作措施", "")], "已自评")
    with pytest.raises(InvalidInput, match="应含内容未填：“工作措施”"):
        hand_in(with_parts, SELF_EVALUATION, content)
    assert Filing.objects.get().status == "draft"
    filed = hand_in(with_parts, SELF_EVALUATION, Content([("总体目标", "60%"), ("工作措施", "四项措施")]))
    assert filed.parts == [{"title": "总体目标", "text": "60%"}, {"title": "工作措施", "text": "四项措施"}]


def test_a_part_that_points_at_a_file_wants_one(with_parts: Milestone, district_reviewer: Actor) -> None:
    content = Content([("总体目标", "60%"), ("工作措施", "见附件")])
    with pytest.raises(InvalidInput, match="“工作措施”写明见附件，请上传附件"):
        hand_in(with_parts, SELF_EVALUATION, content)
    with acting(district_reviewer):
        attach_file(Filing.objects.get(), SimpleUploadedFile("方案.pdf", PDF), actor=district_reviewer)
    assert hand_in(with_parts, SELF_EVALUATION, content).is_waiting


def test_nothing_at_all_is_not_submitted(milestone: Milestone) -> None:
    with pytest.raises(InvalidInput, match="没有内容"):
        hand_in(milestone, SELF_EVALUATION, Content())


def test_submit_twice_is_once(milestone: Milestone, district_reviewer: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    with acting(district_reviewer):
        assert submit_filing(filed, actor=district_reviewer, seen=0).round == 1
    with pytest.raises(TransitionError, match="要改的请先撤回"):
        draft(milestone, filed.jurisdiction, SELF_EVALUATION, Content(narrative="改"), actor=district_reviewer, seen=1)


def test_submit_after_the_date_is_late(milestone: Milestone) -> None:
    with at(2022, 9, 3):
        filed = hand_in(milestone, SELF_EVALUATION)
        owed = find_owed(milestone, filed.jurisdiction, SELF_EVALUATION)
    assert owed is not None
    assert (owed.days_late, owed.timing, owed.state) == (3, "逾期 3 天报送", State.SUBMITTED)


def test_withdrawn_it_was_not_handed_in(milestone: Milestone, district_reviewer: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    with acting(district_reviewer):
        with pytest.raises(StaleForm, match="没有撤回"):
            withdraw_filing(filed, actor=district_reviewer, seen=7)
        taken = withdraw_filing(filed, actor=district_reviewer, seen=1)
        assert withdraw_filing(filed, actor=district_reviewer, seen=1).status == "draft"
    assert (taken.status, taken.handed_in_on, taken.figures) == ("draft", None, {})
    with at(2022, 9, 2):
        assert hand_in(milestone, SELF_EVALUATION).handed_in_on == date(2022, 9, 2)


def test_return_and_submit_again_is_on_time_by_the_first(milestone: Milestone, city_approver: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION, Content([("创新", "一")]))
    back = give_back(filed, "", actor=city_approver, 创新="请写明做法")
    assert (back.status, back.reasons, back.decided_in) == (
        "returned",
        ["“创新”：请写明做法"],
        city_approver.jurisdiction,
    )
    with at(2022, 9, 5):
        again = hand_in(milestone, SELF_EVALUATION, Content([("创新", "做法")]))
    assert (again.round, again.handed_in_on) == (2, date(2022, 8, 15))
    with acting(clerk()):
        taken = withdraw_filing(again, actor=clerk(), seen=2)
    assert (taken.status, taken.handed_in_on) == ("returned", date(2022, 8, 15))


def test_return_wants_a_reason(milestone: Milestone, city_approver: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    with pytest.raises(InvalidInput, match="请填写退回理由"):
        give_back(filed, " ", actor=city_approver)
    with pytest.raises(InvalidInput, match="没有“创新”这一项"):
        give_back(filed, "", actor=city_approver, 创新="请写明")
    with pytest.raises(InvalidInput, match="有 1001 字"):
        give_back(filed, "长" * 1001, actor=city_approver)


def test_accept(milestone: Milestone, city_approver: Actor, district_reviewer: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    taken = accept(filed, actor=city_approver)
    assert (taken.status, taken.decided_by, taken.decided_in) == (
        "accepted",
        city_approver.user,
        city_approver.jurisdiction,
    )
    assert accept(filed, actor=city_approver).decided_at == taken.decided_at
    with pytest.raises(TransitionError, match="接收，不能再办理"):
        give_back(filed, actor=city_approver)
    with pytest.raises(TransitionError, match="不能再改"), acting(district_reviewer):
        save_draft(milestone, filed.jurisdiction, SELF_EVALUATION, Content(), actor=district_reviewer, seen=1)


def test_decide_on_what_was_submitted_anew_is_stale(milestone: Milestone, city_approver: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    give_back(filed, actor=city_approver)
    hand_in(milestone, SELF_EVALUATION, Content(narrative="改过"))
    with acting(city_approver), pytest.raises(StaleForm, match="已修改并重新报送"):
        accept_filing(filed, actor=city_approver, seen=1)


def test_who_submitted_does_not_accept(milestone: Milestone, district_reviewer: Actor, city_approver: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    both = Actor(district_reviewer.user, city_approver.membership)
    with acting(both), pytest.raises(PermissionDenied, match="您报送的"):
        accept_filing(filed, actor=both, seen=1)


def test_only_the_level_above_decides(
    milestone: Milestone, province_reviewer: Actor, city_approver: Actor, stranger: Actor
) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    with acting(province_reviewer), pytest.raises(PermissionDenied, match="由上一级办理"):
        accept_filing(filed, actor=province_reviewer, seen=1)
    own = made_up("532301", Role.APPROVER)
    with acting(own), pytest.raises(PermissionDenied):
        accept_filing(filed, actor=own, seen=1)
    with acting(stranger), pytest.raises(PermissionDenied):
        accept_filing(filed, actor=stranger, seen=1)


def test_the_next_but_one_decides_where_nobody_works_between(milestone: Milestone, province_reviewer: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    assert accept(filed, actor=province_reviewer).decided_in == province_reviewer.jurisdiction


def test_only_the_unit_files(milestone: Milestone, city_approver: Actor, street_officer: Actor) -> None:
    unit = clerk().jurisdiction
    with pytest.raises(PermissionDenied, match="由楚雄市自己报送"):
        draft(milestone, unit, SELF_EVALUATION, actor=city_approver)
    with pytest.raises(PermissionDenied):
        draft(milestone, unit, SELF_EVALUATION, actor=street_officer)
    with pytest.raises(PermissionDenied):
        draft(milestone, unit, SELF_EVALUATION, actor=made_up("532301", Role.VIEWER))


def test_nothing_is_filed_under_a_closed_campaign(milestone: Milestone, chuxiong: Campaign) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(status="closed")
    with pytest.raises(TransitionError, match="已结束，不能报送"):
        hand_in(milestone, SELF_EVALUATION)


def test_files_are_attached_once_and_taken_away(milestone: Milestone, district_reviewer: Actor) -> None:
    filing = draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, actor=district_reviewer)
    with acting(district_reviewer):
        first = attach_file(filing, SimpleUploadedFile("报告.pdf", PDF), actor=district_reviewer)
        assert attach_file(filing, SimpleUploadedFile("又一份.pdf", PDF), actor=district_reviewer).pk == first.pk
        assert (first.name, first.content_type, first.size) == ("报告.pdf", "application/pdf", len(PDF))
        with pytest.raises(InvalidInput, match="“坏.pdf”"):
            attach_file(filing, SimpleUploadedFile("坏.pdf", b"<html>"), actor=district_reviewer)
        remove_file(first, actor=district_reviewer)
        remove_file(first, actor=district_reviewer)
    assert not FilingAttachment.objects.exists()
    filed = hand_in(milestone, SELF_EVALUATION)
    with acting(district_reviewer), pytest.raises(TransitionError, match="请先撤回"):
        attach_file(filed, SimpleUploadedFile("报告.pdf", PDF), actor=district_reviewer)


def test_return_again_by_another_person_is_refused(milestone: Milestone, city_approver: Actor) -> None:
    filed = hand_in(milestone, SELF_EVALUATION)
    give_back(filed, actor=city_approver)
    assert give_back(filed, actor=city_approver).return_reason == "数据不全"
    with acting(city_approver), pytest.raises(TransitionError, match="退回，不能再办理"):
        return_filing(filed, "另一个理由", actor=city_approver, seen=1)


def test_files_without_a_row_are_deleted_after_a_day(
    milestone: Milestone, district_reviewer: Actor, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    filing = draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, actor=district_reviewer)
    with acting(district_reviewer):
        attached = attach_file(filing, SimpleUploadedFile("报告.pdf", PDF), actor=district_reviewer)
    lost = default_storage.save(f"filings/{filing.pk}/lost.pdf", ContentFile(PDF))
    found: set[str] = set()
    for days in range(2, 9):
        later = timezone.now() + timedelta(days=days)
        found |= set(orphans(later, folder="filings", named=stored_names))
    assert found == {lost}
    assert default_storage.exists(str(attached.file.name))
