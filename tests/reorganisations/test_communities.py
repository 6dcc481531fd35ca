"""The life of communities: exact figures before and after, what follows and what ends, refusals."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import submit_assessment
from apps.assessments.models import Assessment, SecondApproval
from apps.assessments.second_approval import revoke_assessment, withdraw_second_approval
from apps.campaigns.domain import enrol_communities, remove_from_plan
from apps.campaigns.models import Campaign, Participation, Recognition, Target, TransferredFigures
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions.models import DemonstrationBase
from apps.reorganisations.carrying_out import preview
from apps.reorganisations.communities import (
    NewCommunity,
    close_community,
    merge_communities,
    move_community,
    open_community,
    rename_community,
    split_community,
)
from apps.reorganisations.models import CommunityChange
from tests.factories import enrol, fill_in, recognised_community, submitted_community
from tests.reorganisations.figures import Book, order, past_of, this_year_of

Find = Callable[[str], Community]
Place = Callable[[str], Jurisdiction]
Read = Callable[..., Book]
MakeActor = Callable[[str, Role], Actor]


@pytest.fixture
def lucheng(chuxiong: Campaign, community: Find) -> list[Community]:
    """鹿城镇's communities: recognised in 2021 as a pilot, recognised in 2022, in review, on the plan, and two of no plan."""
    codes = ("001", "006", "008", "009", "010", "011")
    found = [community(f"532301101{code}") for code in codes]
    recognised_community(found[0], chuxiong, 2021, is_pilot=True)
    recognised_community(found[1], chuxiong, 2022, planned=2021)
    submitted_community(found[2], chuxiong, 2021)
    enrol(found[3], chuxiong, 2022)
    return found


def test_figures_before_any_change(lucheng: list[Community], figures: Read) -> None:
    book = figures()
    assert book["鹿城镇", 2021] == (19, 3, 1, 1, 1)
    assert book["鹿城镇", 2022] == (19, 4, 1, 1, 2)
    assert book["楚雄市", 2022] == (31, 4, 1, 1, 2)
    assert book["楚雄彝族自治州", 2021] == (163, 3, 1, 1, 1)


def test_close_ends_what_the_community_took_part_in_and_keeps_its_past(
    lucheng: list[Community], figures: Read, clerk: Actor
) -> None:
    before = figures()
    with acting(clerk):
        change = close_community(lucheng[0], order(), actor=clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["鹿城镇", 2022] == (18, 3, 0, 1, 1)
    assert after["楚雄市", 2022] == (30, 3, 0, 1, 1)
    assert after["楚雄彝族自治州", 2022] == (162, 3, 0, 1, 1)
    assert not TransferredFigures.objects.exists()
    recognition = Recognition.objects.get(community=lucheng[0])
    assert (str(recognition.ended_on), recognition.revoked_at) == ("2022-08-01", None)
    closed = Community.objects.get(pk=lucheng[0].pk)
    assert str(closed.closed_on) == "2022-08-01"
    assert [(one["what"], one["fate"]) for one in change.effects] == [
        ("社区", "撤销"),
        ("2021 年绿色社区认定", "随社区终止"),
    ]
    assert [(one.predecessor, one.successor) for one in change.successions.all()] == [(lucheng[0], None)]


def test_close_refuses_while_a_self_assessment_is_under_way_unless_told(
    lucheng: list[Community], figures: Read, clerk: Actor, make_actor: MakeActor
) -> None:
    before = figures()
    with acting(clerk), pytest.raises(InvalidInput, match=r"自评审核中，现在由楚雄市办理"):
        close_community(lucheng[2], order(), actor=clerk)
    with acting(clerk):
        change = close_community(lucheng[2], order(ends_assessments=True), actor=clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["楚雄市", 2022] == (30, 3, 1, 1, 2)
    assessment = Assessment.objects.get(participation__community=lucheng[2])
    assert assessment.status == Assessment.Status.ENDED
    assert change.effects[1]["assessment"] == assessment.pk
    last = assessment.actions.latest("pk")
    assert (last.get_kind_display(), last.comment) == (
        "终止",
        "社区于 2022-08-01 撤销，自评终止，不用再办理。区划调整",
    )
    officer = make_actor("532301101", Role.STREET_OFFICER)
    with acting(officer), pytest.raises(TransitionError, match="终止"):
        submit_assessment(assessment, actor=officer)


def test_a_recognition_whose_revocation_waits_for_the_second_approver_is_not_ended(
    lucheng: list[Community], chuxiong: Campaign, clerk: Actor, city_approver: Actor
) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(needs_second_approval=True)
    assessment = Assessment.objects.get(participation__community=lucheng[0])
    with acting(city_approver):
        proposal = revoke_assessment(assessment, "材料不实", actor=city_approver)
    assert isinstance(proposal, SecondApproval)
    with acting(clerk), pytest.raises(TransitionError, match="有事项等待楚雄彝族自治州复核，不能因社区撤销改动"):
        close_community(lucheng[0], order(), actor=clerk)
    with acting(city_approver):
        withdraw_second_approval(proposal, actor=city_approver)
    with acting(clerk):
        close_community(lucheng[0], order(), actor=clerk)


def test_a_recognition_whose_revocation_waits_does_not_come_to_another_county(
    chuxiong: Campaign, community: Find, city_clerk: Actor, jurisdiction: Place, approver: Actor
) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(review_chain=["street", "district"])
    chuxiong.refresh_from_db()
    one = community("532301101008")
    assessment = recognised_community(one, chuxiong, 2022).participation.assessment
    Campaign.objects.filter(pk=chuxiong.pk).update(needs_second_approval=True)
    with acting(approver):
        revoke_assessment(assessment, "材料不实", actor=approver)
    with acting(city_clerk), pytest.raises(TransitionError, match="有事项等待楚雄市复核"):
        move_community(one, jurisdiction("532324101"), order(), actor=city_clerk)
    assert Assessment.objects.get(pk=assessment.pk).holder == approver.jurisdiction


def test_close_takes_the_demonstration_base_along(lucheng: list[Community], clerk: Actor, city_approver: Actor) -> None:
    recognition = Recognition.objects.get(community=lucheng[0])
    base = DemonstrationBase.objects.create(
        recognition=recognition,
        jurisdiction=city_approver.jurisdiction,
        title="示范教育基地",
        named_on="2022-01-01",
        named_by=city_approver.user,
    )
    with acting(clerk):
        close_community(lucheng[0], order(), actor=clerk)
    base.refresh_from_db()
    assert base.ended_at is not None
    assert base.end_reason == "社区撤销：区划调整"


def test_what_ended_is_neither_taken_off_the_plan_nor_begun(
    lucheng: list[Community], clerk: Actor, make_actor: MakeActor
) -> None:
    with acting(clerk):
        close_community(lucheng[3], order(), actor=clerk)
    ended = Participation.objects.get(community=lucheng[3])
    with acting(clerk), pytest.raises(TransitionError, match="终止创建"):
        remove_from_plan(ended, actor=clerk)
    officer = make_actor("532301101", Role.STREET_OFFICER)
    with acting(officer), pytest.raises(TransitionError, match="不再创建"):
        fill_in(ended, actor=officer)


def test_open_counts_from_this_year(figures: Read, clerk: Actor, jurisdiction: Place) -> None:
    before = figures()
    new = NewCommunity("新设测试社区居民委员会", jurisdiction("532301101"), "532301101099")
    with acting(clerk):
        change = open_community(new, order(), actor=clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    assert (after["鹿城镇", 2022][0], after["楚雄市", 2022][0]) == (20, 32)
    made = Community.objects.get(code="532301101099")
    assert (made.short_name, str(made.opened_on), made.pinyin != "") == ("新设测试社区", "2022-08-01", True)
    assert [(one.predecessor, one.name_after) for one in change.successions.all()] == [(None, "鹿城镇新设测试社区")]


def test_a_number_of_a_unit_above_is_not_measured_from_below(
    lucheng: list[Community], chuxiong: Campaign, clerk: Actor
) -> None:
    """The county does not see what the prefecture has elsewhere."""
    for unit in (chuxiong.jurisdiction, clerk.jurisdiction):
        Target.objects.create(campaign=chuxiong, jurisdiction=unit, year=2022, kind=Target.Kind.NUMBER, value=100)
    with acting(clerk):
        change = rename_community(lucheng[0], "福运社区居民委员会", order(), actor=clerk)
    assert [one["name"] for one in change.effects if one["what"] == "创建目标"] == ["楚雄市 2022 年社区数 100 个"]


def test_rename_changes_the_name_and_nothing_else(lucheng: list[Community], figures: Read, clerk: Actor) -> None:
    before = figures()
    old = lucheng[0].short_name
    with acting(clerk):
        change = rename_community(lucheng[0], "福运社区居民委员会", order(), actor=clerk)
    assert figures() == before
    assert Community.objects.get(pk=lucheng[0].pk).short_name == "福运社区"
    assert [str(one) for one in change.successions.all()] == [f"鹿城镇{old} → 鹿城镇福运社区"]
    with acting(clerk), pytest.raises(InvalidInput, match="与现在的相同"):
        rename_community(Community.objects.get(pk=lucheng[0].pk), "福运社区居民委员会", order(), actor=clerk)
    # What lists show would be the same twice.
    with acting(clerk), pytest.raises(InvalidInput, match="鹿城镇已有“福运社区”，请核对名称"):
        rename_community(lucheng[1], "福运社区", order(), actor=clerk)


def test_merge_into_a_new_one_hands_over_one_and_ends_the_rest(
    lucheng: list[Community], figures: Read, clerk: Actor, jurisdiction: Place
) -> None:
    before = figures()
    new = NewCommunity("合心社区居民委员会", jurisdiction("532301102"))
    with acting(clerk):
        change = merge_communities(lucheng[:2], new, order(), actor=clerk)
    after, heir = figures(), Community.objects.get(name="合心社区居民委员会")
    assert past_of(after) == past_of(before)
    # Two of 鹿城镇 became one of 东瓜镇, which carries the recognition of 2021.
    assert after["鹿城镇", 2022] == (17, 2, 0, 0, 0)
    assert this_year_of(after)["楚雄市"] == (30, 3, 1, 0, 1)
    assert this_year_of(after)["楚雄彝族自治州"] == (162, 3, 1, 0, 1)
    standing = Recognition.objects.get(community=heir)
    assert (standing.year, standing.ended_on, standing.path) == (2021, None, heir.path)
    assert str(Recognition.objects.get(community=lucheng[1]).ended_on) == "2022-08-01"
    assert Assessment.objects.get(participation=standing.participation).path == heir.path
    told = [(one["what"], one["fate"]) for one in change.effects]
    assert ("2021 年绿色社区认定", "由合心社区承接") in told
    assert ("2022 年绿色社区认定", "随社区终止") in told


def test_merge_into_one_that_takes_part_already_ends_what_the_other_did(
    lucheng: list[Community], figures: Read, clerk: Actor
) -> None:
    before = figures()
    with acting(clerk):
        merge_communities([lucheng[1], lucheng[4]], lucheng[0], order(), actor=clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["鹿城镇", 2022] == (17, 3, 1, 0, 1)
    assert Recognition.objects.get(community=lucheng[0]).year == 2021


def test_merge_into_one_that_is_merely_planned_leaves_it_planned(lucheng: list[Community], clerk: Actor) -> None:
    with acting(clerk):
        change = merge_communities([lucheng[0]], lucheng[3], order(), actor=clerk)
    assert Participation.objects.going_on().get(community=lucheng[3]).stage == Participation.Stage.PLANNED
    assert ("2021 年绿色社区认定", "随社区终止") in [(one["what"], one["fate"]) for one in change.effects]


def test_merge_hands_a_self_assessment_under_way_over(lucheng: list[Community], figures: Read, clerk: Actor) -> None:
    before = figures()
    with acting(clerk):
        merge_communities([lucheng[2]], lucheng[4], order(), actor=clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["鹿城镇", 2022] == (18, 4, 1, 1, 2)
    assessment = Assessment.objects.get(participation__community=lucheng[4])
    assert (assessment.status, assessment.holder.name) == ("in_review", "楚雄市")


def test_split_keeps_the_old_one_with_all_it_has(
    lucheng: list[Community], figures: Read, clerk: Actor, jurisdiction: Place
) -> None:
    before = figures()
    new = [NewCommunity("东区社区居民委员会", jurisdiction("532301101"))]
    with acting(clerk):
        split_community(lucheng[0], new, order(), actor=clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["鹿城镇", 2022] == (20, 4, 1, 1, 2)


@pytest.mark.parametrize(("heir", "this_year"), [(1, (20, 4, 1, 1, 2)), (None, (20, 3, 0, 1, 1))])
def test_split_that_ends_the_old_one_lets_one_inherit_or_none(
    lucheng: list[Community],
    figures: Read,
    clerk: Actor,
    jurisdiction: Place,
    heir: int | None,
    this_year: tuple[int, ...],
) -> None:
    before = figures()
    street = jurisdiction("532301101")
    new = [NewCommunity(f"{name}社区居民委员会", street) for name in ("东区", "西区")]
    with acting(clerk):
        split_community(lucheng[0], new, order(), actor=clerk, keeps=False, heir=heir)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["鹿城镇", 2022] == this_year


def test_move_within_the_county_keeps_both_streets_past(
    lucheng: list[Community], figures: Read, clerk: Actor, jurisdiction: Place
) -> None:
    before = figures()
    with acting(clerk):
        for one in lucheng[:3]:
            move_community(one, jurisdiction("532301102"), order(), actor=clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["鹿城镇", 2022] == (16, 1, 0, 0, 0)
    assert after["楚雄市", 2022] == before["楚雄市", 2022]
    assessment = Assessment.objects.get(participation__community=lucheng[2])
    assert assessment.holder.name == "楚雄市"


def test_move_to_another_county_takes_the_review_along(
    lucheng: list[Community], figures: Read, city_clerk: Actor, jurisdiction: Place
) -> None:
    before = figures()
    with acting(city_clerk):
        for one in lucheng[:3]:
            move_community(one, jurisdiction("532324101"), order(), actor=city_clerk)
    after = figures()
    assert past_of(after) == past_of(before)
    assert after["楚雄市", 2022] == (28, 1, 0, 0, 0)
    assert after["南华县", 2022] == (15, 3, 1, 1, 2)
    assert after["楚雄彝族自治州", 2022] == before["楚雄彝族自治州", 2022]
    assert {one.holder.name for one in Assessment.objects.filter(participation__community__in=lucheng[:2])} == {
        "楚雄彝族自治州"
    }
    assert Assessment.objects.get(participation__community=lucheng[2]).holder.name == "南华县"


def test_move_beyond_ones_own_is_refused(
    lucheng: list[Community], clerk: Actor, city_clerk: Actor, jurisdiction: Place, make_actor: MakeActor
) -> None:
    with acting(clerk), pytest.raises(PermissionDenied):
        move_community(lucheng[0], jurisdiction("532324101"), order(), actor=clerk)
    nation = make_actor("000000000000", Role.STAFF)
    with acting(nation), pytest.raises(InvalidInput, match="其他省"):
        move_community(lucheng[0], jurisdiction("120101001"), order(), actor=nation)


@pytest.mark.parametrize(
    ("day", "said"), [("2021-12-31", "以前年度"), ("2022-08-16", "还没有到")], ids=["earlier year", "to come"]
)
def test_only_days_of_this_year_up_to_today_take_effect(
    lucheng: list[Community], clerk: Actor, day: str, said: str
) -> None:
    with acting(clerk), pytest.raises(InvalidInput, match=said):
        close_community(lucheng[4], order(day), actor=clerk)


def test_what_is_closed_is_changed_no_more(lucheng: list[Community], clerk: Actor) -> None:
    with acting(clerk):
        close_community(lucheng[4], order(), actor=clerk)
        with pytest.raises(TransitionError, match="2022-08-01 撤销，不能再变更"):
            rename_community(lucheng[4], "又名社区", order(), actor=clerk)


def test_the_same_form_twice_has_one_effect(clerk: Actor, approver: Actor, jurisdiction: Place) -> None:
    once = order(submission=uuid4())
    new = NewCommunity("新设测试社区居民委员会", jurisdiction("532301101"))
    with acting(clerk):
        first = open_community(new, once, actor=clerk)
        assert open_community(new, once, actor=clerk) == first
    with acting(approver), pytest.raises(StaleForm, match="页面已过期，没有保存。"):
        open_community(NewCommunity("另设测试社区", jurisdiction("532301101")), once, actor=approver)
    assert Community.objects.filter(name=new.name).count() == CommunityChange.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("", "", "请填写社区名称"),
        ("新城社区", "12", "应为 12 位数字"),
        ("新城社区", "532301101001", "已由鹿城镇"),
        ("新城社区", "120101001001", "不能使用"),
    ],
)
def test_open_refuses_what_cannot_be(clerk: Actor, jurisdiction: Place, name: str, code: str, said: str) -> None:
    with acting(clerk), pytest.raises(InvalidInput, match=said):
        open_community(NewCommunity(name, jurisdiction("532301101"), code), order(), actor=clerk)


def test_preview_shows_what_happens_and_does_nothing(
    lucheng: list[Community], figures: Read, clerk: Actor, jurisdiction: Place
) -> None:
    before = figures()
    new = NewCommunity("合心社区居民委员会", jurisdiction("532301101"))
    given = order(ends_assessments=True)
    with acting(clerk):
        shown = preview(lambda: merge_communities(lucheng[:3], new, given, actor=clerk), [jurisdiction("532301101")])
    assert figures() == before
    assert not CommunityChange.objects.exists()
    assert shown.ends_assessments
    assert [(line.before, line.after) for line in shown.figures] == [((19, 4, 2), (17, 2, 1))]
    with acting(clerk):
        change = merge_communities(lucheng[:3], new, order(ends_assessments=True, seen=shown.seen), actor=clerk)
    assert [one["name"] for one in change.effects] == [one["name"] for one in shown.effects]
    assert past_of(figures()) == past_of(before)


def test_what_changed_since_the_preview_is_refused(lucheng: list[Community], chuxiong: Campaign, clerk: Actor) -> None:
    with acting(clerk):
        shown = preview(lambda: close_community(lucheng[4], order(), actor=clerk), [lucheng[4].jurisdiction])
        enrol_communities(chuxiong, 2022, [lucheng[4]], actor=clerk)
        with pytest.raises(StaleForm, match="打开预览后"):
            close_community(lucheng[4], order(seen=shown.seen), actor=clerk)


def test_others_change_nothing(lucheng: list[Community], make_actor: MakeActor, stranger: Actor) -> None:
    for actor in (stranger, make_actor("532324", Role.STAFF), make_actor("532301101", Role.STREET_OFFICER)):
        with acting(actor), pytest.raises(PermissionDenied):
            close_community(lucheng[4], order(), actor=actor)
