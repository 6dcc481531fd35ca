"""The second approver: who proposes, who may decide, what each of them leaves behind."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments import domain
from apps.assessments import second_approval as second
from apps.assessments.models import Assessment, SecondApproval
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Campaign, Recognition
from apps.campaigns.rollup import roll_up
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.factories import agree, recognise

MakeActor = Callable[[str, Role], Actor]
Attempts = list[tuple[Callable[..., Any], tuple[Any, ...]]]
NO_SPONGE = Answer(deductions=(Deduction(rule=2),))
DECISIONS: Attempts = [(second.confirm_second_approval, ()), (second.decline_second_approval, ("不行",))]


def act(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a verb as ``actor`` does in a request."""
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return verb(*args, actor=actor, **kwargs)


def colleague_of(actor: Actor, name: str = "colleague") -> Actor:
    """Another approver of the same bureau."""
    user = User.objects.create(username=name, display_name="李复核", jurisdiction=actor.jurisdiction)
    return Actor(user, grant_membership(user, actor.jurisdiction, Role.APPROVER))


def again(assessment: Assessment) -> Assessment:
    return Assessment.objects.with_context().get(pk=assessment.pk)


def last_steps(assessment: Assessment, number: int) -> list[tuple[str, str, str]]:
    """The last steps as kind, who, comment."""
    actions = assessment.actions.select_related("user").order_by("-at", "-id")[:number]
    return [(one.kind, one.user.display_name, one.comment) for one in reversed(actions)]


@pytest.fixture
def strict(chuxiong: Campaign, make_actor: MakeActor) -> Campaign:
    """楚雄州's campaign, which wants a second approver."""
    act(make_actor("5323", Role.BUREAU_ADMIN), set_second_approval, chuxiong, True, reason="测试")
    return chuxiong


@pytest.fixture
def waiting(submitted: Assessment) -> Assessment:
    """An assessment that lies with 楚雄州, the last level."""
    return agree(submitted)


@pytest.fixture
def proposed(strict: Campaign, waiting: Assessment, city_approver: Actor) -> SecondApproval:
    return act(
        city_approver,
        domain.recognise_assessment,
        waiting,
        year=2022,
        document_number=" 楚〔2022〕9号 ",
        comment="属实",
    )


@pytest.fixture
def second_approver(city_approver: Actor) -> Actor:
    return colleague_of(city_approver)


def test_recognise_where_a_second_is_needed_proposes_it(proposed: SecondApproval, city_approver: Actor) -> None:
    assessment = again(proposed.assessment)
    assert (proposed.kind, proposed.outcome, proposed.jurisdiction.name) == ("recognise", "open", "楚雄彝族自治州")
    assert proposed.values == {"year": 2022, "document_number": "楚〔2022〕9号", "comment": "属实"}
    assert (proposed.proposed_by, assessment.assignee) == (city_approver.user, city_approver.user)
    assert (assessment.status, assessment.holder.name) == ("in_review", "楚雄彝族自治州")
    assert assessment.participation.stage == "in_review"
    assert not Recognition.objects.exists()
    assert last_steps(assessment, 1) == [
        ("propose_recognise", "测试审批人5323", "拟认定为 2022 年度绿色社区（楚〔2022〕9号）。属实")
    ]


def test_proposal_leaves_the_score_of_the_last_decision(
    strict: Campaign, waiting: Assessment, city_approver: Actor
) -> None:
    before = again(waiting).total_points
    assert before is not None
    fifth = waiting.standard.criteria.get(number=5)
    lost = Answer(deductions=(Deduction(rule=2),))
    act(city_approver, domain.save_result, waiting, fifth, lost, note="未见")
    act(city_approver, domain.recognise_assessment, waiting, year=2022, document_number="楚〔2022〕9号")
    assert again(waiting).total_points == before
    assert waiting.actions.latest("pk").total_points == before - 2


def test_recognise_that_cannot_be_is_not_proposed_either(
    strict: Campaign, waiting: Assessment, city_approver: Actor
) -> None:
    with pytest.raises(InvalidInput, match="认定年度 2023 不对"):
        act(city_approver, domain.recognise_assessment, waiting, year=2023)
    lost = Answer(deductions=(Deduction(rule=1), Deduction(rule=2)))
    for number in (5, 9):
        act(city_approver, domain.save_result, waiting, criterion(waiting, number), lost, note="未见")
    none_held = Answer(deductions=(Deduction(rule=1, count=0),))
    act(city_approver, domain.save_result, waiting, criterion(waiting, 14), none_held, note="没有")
    one_lost = Answer(deductions=(Deduction(rule=1),))
    act(city_approver, domain.save_result, waiting, criterion(waiting, 11), one_lost, note="没有")
    with pytest.raises(InvalidInput, match="未达到创建要求，不能认定"):
        act(city_approver, domain.recognise_assessment, waiting, year=2022)
    assert not SecondApproval.objects.exists()


def criterion(assessment: Assessment, number: int) -> Criterion:
    return Criterion.objects.get(standard=assessment.standard, number=number)


def test_recognise_under_a_campaign_whose_parent_needs_a_second_proposes_it(
    chuxiong: Campaign, waiting: Assessment, city_approver: Actor, make_actor: MakeActor
) -> None:
    assert chuxiong.parent is not None
    owner = make_actor(chuxiong.parent.jurisdiction.code or "0", Role.BUREAU_ADMIN)
    act(owner, set_second_approval, chuxiong.parent, True, reason="测试")
    assert isinstance(act(city_approver, domain.recognise_assessment, waiting, year=2022), SecondApproval)


def test_confirm_recognises_what_was_proposed(
    proposed: SecondApproval, second_approver: Actor, city_approver: Actor
) -> None:
    recognition = act(second_approver, second.confirm_second_approval, proposed, comment="材料齐全")
    assert (recognition.year, recognition.document_number) == (2022, "楚〔2022〕9号")
    assert recognition.recognised_by == second_approver.user
    decided = SecondApproval.objects.get()
    assert (decided.outcome, decided.proposed_by, decided.decided_by) == (
        "confirmed",
        city_approver.user,
        second_approver.user,
    )
    assessment = again(proposed.assessment)
    assert (assessment.status, assessment.participation.stage, assessment.assignee) == (
        "recognised",
        "recognised",
        None,
    )
    assert [one[:2] for one in last_steps(assessment, 2)] == [
        ("propose_recognise", "测试审批人5323"),
        ("recognise", "李复核"),
    ]
    assert last_steps(assessment, 1)[0][2] == "同意测试审批人5323的意见。材料齐全"


def test_confirm_by_the_proposer_is_refused_in_every_membership(
    proposed: SecondApproval, city_approver: Actor, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    province = grant_membership(city_approver.user, jurisdiction("53"), Role.APPROVER)
    for verb, args in DECISIONS:
        with pytest.raises(PermissionDenied, match="这件由您提出，须由本单位另一位审批人复核"):
            act(city_approver, verb, proposed, *args)
        with pytest.raises(TransitionError, match="这件由楚雄彝族自治州复核，其他单位只能查看"):
            act(Actor(city_approver.user, province), verb, proposed, *args)
    assert SecondApproval.objects.get().outcome == "open"


def test_confirm_by_who_submitted_is_refused(
    proposed: SecondApproval, street_officer: Actor, city_approver: Actor
) -> None:
    moved = Actor(street_officer.user, grant_membership(street_officer.user, city_approver.jurisdiction, Role.APPROVER))
    for verb, args in DECISIONS:
        with pytest.raises(PermissionDenied, match="这件自评由您填报或提交，须由其他人审核"):
            act(moved, verb, proposed, *args)


@pytest.mark.parametrize(
    ("code", "role", "refusal"),
    [
        ("5323", Role.STAFF, PermissionDenied),
        ("5323", Role.BUREAU_ADMIN, PermissionDenied),
        ("532301", Role.APPROVER, TransitionError),
        ("53", Role.APPROVER, TransitionError),
        ("12", Role.APPROVER, Assessment.DoesNotExist),
    ],
)
def test_confirm_by_others_is_refused(
    code: str, role: Role, refusal: type[Exception], proposed: SecondApproval, make_actor: MakeActor
) -> None:
    with pytest.raises(refusal):
        act(make_actor(code, role), second.confirm_second_approval, proposed)
    assert not Recognition.objects.exists()


def test_confirm_twice_is_refused_and_names_who_decided(proposed: SecondApproval, second_approver: Actor) -> None:
    act(second_approver, second.confirm_second_approval, proposed)
    with pytest.raises(TransitionError, match=r"龙江社区的认定已于 .* 由 李复核 复核（已同意），不能再办理"):
        act(second_approver, second.confirm_second_approval, proposed)
    assert Recognition.objects.count() == 1


def test_every_other_step_waits_for_the_decision(
    proposed: SecondApproval, city_approver: Actor, second_approver: Actor
) -> None:
    assessment = proposed.assessment
    attempts: Attempts = [
        (domain.recognise_assessment, ()),
        (domain.return_assessment, ("请核实",)),
        (domain.save_result, (criterion(assessment, 5), NO_SPONGE)),
    ]
    for actor in (city_approver, second_approver):
        for verb, args in attempts:
            with pytest.raises(TransitionError, match=r"测试审批人5323 已于 .* 提请认定，等待复核.*提出人可以撤回"):
                act(actor, verb, assessment, *args)
    assert SecondApproval.objects.count() == 1


def test_decline_gives_it_back_with_the_reason(
    proposed: SecondApproval, city_approver: Actor, second_approver: Actor
) -> None:
    with pytest.raises(InvalidInput, match="请填写不同意的理由"):
        act(second_approver, second.decline_second_approval, proposed, "  ")
    declined = act(second_approver, second.decline_second_approval, proposed, " 文号不对 ")
    assert (declined.outcome, declined.decline_reason, declined.decided_by) == (
        "declined",
        "文号不对",
        second_approver.user,
    )
    assessment = again(proposed.assessment)
    assert (assessment.status, assessment.assignee) == ("in_review", city_approver.user)
    assert last_steps(assessment, 1) == [("decline", "李复核", "文号不对")]
    act(city_approver, domain.recognise_assessment, assessment, year=2022, document_number="楚〔2022〕10号")
    assert [one.outcome for one in SecondApproval.objects.order_by("id")] == ["declined", "open"]


def test_withdraw_opens_it_again_for_the_proposer_only(
    proposed: SecondApproval, city_approver: Actor, second_approver: Actor
) -> None:
    with pytest.raises(PermissionDenied, match="这件由测试审批人5323提出，须由其本人撤回"):
        act(second_approver, second.withdraw_second_approval, proposed)
    act(city_approver, second.withdraw_second_approval, proposed)
    assert SecondApproval.objects.get().outcome == "withdrawn"
    with pytest.raises(TransitionError, match=r"龙江社区的认定已于 .* 撤回，不用再复核"):
        act(second_approver, second.confirm_second_approval, proposed)
    act(city_approver, domain.return_assessment, proposed.assessment, "请补充")
    assert again(proposed.assessment).holder.name == "楚雄市"


def test_a_page_from_before_the_proposal_is_stale(
    strict: Campaign, waiting: Assessment, city_approver: Actor, second_approver: Actor
) -> None:
    seen = waiting.actions.latest("at", "id").pk
    proposal = act(city_approver, domain.recognise_assessment, waiting, year=2022)
    act(city_approver, second.withdraw_second_approval, proposal)
    with pytest.raises(StaleForm, match="请刷新后再办理"):
        act(second_approver, domain.return_assessment, waiting, "请补充", seen_action=seen)


def test_switching_it_off_leaves_what_is_proposed_to_be_decided(
    proposed: SecondApproval, city_approver: Actor, second_approver: Actor, chuxiong: Campaign, make_actor: MakeActor
) -> None:
    act(make_actor("5323", Role.BUREAU_ADMIN), set_second_approval, chuxiong, False, reason="测试")
    with pytest.raises(TransitionError, match="等待复核"):
        act(city_approver, domain.recognise_assessment, proposed.assessment, year=2022)
    assert act(second_approver, second.confirm_second_approval, proposed).year == 2022


def test_confirm_checks_again_what_recognition_checks(
    proposed: SecondApproval, second_approver: Actor, chuxiong: Campaign
) -> None:
    Campaign.objects.filter(pk=chuxiong.pk).update(last_year=2021)
    with pytest.raises(InvalidInput, match="认定年度 2022 不对"):
        act(second_approver, second.confirm_second_approval, proposed)
    assert SecondApproval.objects.get().outcome == "open"


def test_revoke_takes_it_out_of_the_counts_at_once(
    waiting: Assessment, city_approver: Actor, chuxiong: Campaign
) -> None:
    recognise(waiting)
    with pytest.raises(InvalidInput, match="请填写摘牌理由"):
        act(city_approver, second.revoke_assessment, waiting, " ")
    revoked = act(city_approver, second.revoke_assessment, waiting, " 弄虚作假 ")
    assert (revoked.revocation_reason, revoked.revoked_by) == ("弄虚作假", city_approver.user)
    assert last_steps(waiting, 1) == [("revoke", "测试审批人5323", "弄虚作假")]
    assert roll_up(chuxiong, city_approver.jurisdiction, 2022).total.figures.cumulative == 0
    with pytest.raises(TransitionError, match="摘牌，不能再改"):
        act(city_approver, second.revoke_assessment, waiting, "再摘")


def test_revoke_where_a_second_is_needed_takes_two(
    waiting: Assessment, city_approver: Actor, second_approver: Actor, chuxiong: Campaign, make_actor: MakeActor
) -> None:
    recognise(waiting)
    act(make_actor("5323", Role.BUREAU_ADMIN), set_second_approval, chuxiong, True, reason="测试")
    proposal = act(city_approver, second.revoke_assessment, waiting, "弄虚作假")
    assert (proposal.kind, proposal.values) == ("revoke", {"reason": "弄虚作假"})
    assert roll_up(chuxiong, city_approver.jurisdiction, 2022).total.figures.cumulative == 1
    with pytest.raises(TransitionError, match="提请摘牌，等待复核"):
        act(second_approver, second.revoke_assessment, waiting, "我也要")
    with pytest.raises(PermissionDenied, match="这件由您提出"):
        act(city_approver, second.confirm_second_approval, proposal)
    revoked = act(second_approver, second.confirm_second_approval, proposal)
    assert (revoked.revoked_by, revoked.revocation_reason) == (second_approver.user, "弄虚作假")
    assert roll_up(chuxiong, city_approver.jurisdiction, 2022).total.figures.cumulative == 0
    assert last_steps(waiting, 2) == [
        ("propose_revoke", "测试审批人5323", "弄虚作假"),
        ("revoke", "李复核", "同意测试审批人5323的意见，同意摘牌。理由：弄虚作假"),
    ]


def test_decline_of_a_revocation_leaves_the_recognition(
    waiting: Assessment, city_approver: Actor, second_approver: Actor, strict: Campaign
) -> None:
    proposal = act(city_approver, domain.recognise_assessment, waiting, year=2022)
    act(second_approver, second.confirm_second_approval, proposal)
    revocation = act(city_approver, second.revoke_assessment, waiting, "弄虚作假")
    act(second_approver, second.decline_second_approval, revocation, "查无实据")
    assert Recognition.objects.standing().count() == 1
    assert (again(waiting).status, again(waiting).assignee) == ("recognised", None)


@pytest.mark.parametrize(
    ("code", "role", "refusal"),
    [
        ("5323", Role.STAFF, PermissionDenied),
        ("532301", Role.APPROVER, TransitionError),
        ("53", Role.APPROVER, TransitionError),
        ("12", Role.APPROVER, Assessment.DoesNotExist),
    ],
)
def test_revoke_by_others_than_who_recognised_is_refused(
    code: str, role: Role, refusal: type[Exception], waiting: Assessment, make_actor: MakeActor
) -> None:
    recognise(waiting)
    with pytest.raises(refusal):
        act(make_actor(code, role), second.revoke_assessment, waiting, "弄虚作假")
    assert Recognition.objects.standing().count() == 1


def test_revoke_before_the_recognition_is_refused(waiting: Assessment, city_approver: Actor) -> None:
    with pytest.raises(TransitionError, match="龙江社区还没有认定，不能摘牌"):
        act(city_approver, second.revoke_assessment, waiting, "弄虚作假")


def test_who_filled_in_without_submitting_does_not_review(
    drafted: Assessment, street_officer: Actor, city_approver: Actor, make_actor: MakeActor
) -> None:
    writer = make_actor("532301101", Role.STREET_OFFICER)
    assert writer.user == street_officer.user
    chief = User.objects.create(username="chief", display_name="街道主任", jurisdiction=writer.jurisdiction)
    submitter = Actor(chief, grant_membership(chief, writer.jurisdiction, Role.STREET_OFFICER))
    act(submitter, domain.submit_assessment, drafted)
    at_city = Actor(writer.user, grant_membership(writer.user, city_approver.jurisdiction, Role.APPROVER))
    agree(drafted)
    attempts: Attempts = [(domain.return_assessment, ("请补充",)), (domain.recognise_assessment, ())]
    for verb, args in attempts:
        with pytest.raises(PermissionDenied, match="这件自评由您填报或提交，须由其他人审核"):
            act(at_city, verb, drafted, *args)


def test_who_submitted_the_first_round_does_not_review_the_second(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    act(district_reviewer, domain.return_assessment, submitted, "请补充")
    chief = User.objects.create(username="chief", display_name="街道主任", jurisdiction=street_officer.jurisdiction)
    submitter = Actor(chief, grant_membership(chief, street_officer.jurisdiction, Role.STREET_OFFICER))
    act(submitter, domain.submit_assessment, submitted)
    for user in (street_officer.user, chief):
        at_district = Actor(user, grant_membership(user, district_reviewer.jurisdiction, Role.STAFF))
        with pytest.raises(PermissionDenied, match="这件自评由您填报或提交"):
            act(at_district, domain.agree_assessment, submitted)
