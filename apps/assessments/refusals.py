"""What the verbs say when they refuse: who did what when, whose turn it is, what is missing."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.permissions import ROLE_VERBS, Actor, roles_at
from apps.assessments.chain import chain_of, place_in
from apps.assessments.models import Assessment, CriterionResult, DepartmentOpinion, ReviewAction, SecondApproval
from apps.campaigns.models import Participation
from apps.campaigns.refusals import taken_off
from apps.core import clock
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction, Level
from apps.standards.models import Criterion
from apps.standards.scoring import StandardScore

Status = Assessment.Status
Kind = ReviewAction.Kind

# Steps of a second approval (复核): told to the jurisdiction that takes them and those above, never below.
OF_SECOND_APPROVAL = (Kind.PROPOSE_RECOGNISE, Kind.PROPOSE_REVOKE, Kind.DECLINE, Kind.WITHDRAW)


def whose_turn(assessment: Assessment, actor: Actor | None = None) -> str:
    """Say who took the last step when, and who may take the next; ``actor``: to whom, where not to anybody."""
    community = assessment.participation.community
    actions = assessment.actions.select_related("user", "jurisdiction").defer("results").order_by("-at", "-id")
    if actor is None or not actor.jurisdiction.contains(assessment.holder.path):
        actions = actions.exclude(kind__in=OF_SECOND_APPROVAL)
    if assessment.status == Assessment.Status.ENDED:
        last = actions.filter(kind=Kind.END).first()
        return f"{community} {done_by(last)}不能再办理。{last.comment if last is not None else ''}"
    if assessment.status == Assessment.Status.RECOGNISED:
        last = actions.filter(kind__in=[Kind.RECOGNISE, Kind.REVOKE]).first()
        if last is not None and last.kind == Kind.REVOKE:
            return f"{community} {done_by(last)}不能再改。摘牌不能撤销，对此有疑问的，请联系{assessment.holder}。"
        holder = assessment.holder
        return f"{community} {done_by(last)}不能再改。文号有误的，由{holder}更正；认定有误的，由{holder}摘牌。"
    return (
        f"{community} {done_by(actions.first())}现在由{assessment.holder}办理，其他单位只能查看。{way_on(assessment)}"
    )


def way_on(assessment: Assessment) -> str:
    """Say who unlocks an assessment that is on its way for the level below, or above, and how."""
    chain, holder = chain_of(assessment.participation), assessment.holder
    place = place_in(chain, holder.pk)
    if place == 0:
        return f"{holder}提交后，由{chain[1]}审核。" if len(chain) > 1 else ""
    below, submitter = chain[place - 1], chain[0]
    if place > 1:
        return f"{holder}退回后，{below}才能修改；须由{submitter}修改的，{below}再退回{submitter}。"
    is_claimed = assessment.claimed_until is not None and assessment.claimed_until > clock.now()
    may_recall = assessment.status == Status.IN_REVIEW and not is_claimed
    return f"{holder}退回后，{below}才能修改{f'；还没有开始审核的，{submitter}可以撤回' if may_recall else ''}。"


def locked_for(assessment: Assessment, actor: Actor) -> str:
    """Say why ``actor`` only reads it: it is somebody else's turn, or that of colleagues in other roles."""
    submitting = chain_of(assessment.participation)[0]
    verb = "self_assess" if assessment.holder == submitting else "review_assessments"
    if assessment.holder != actor.jurisdiction or actor.can(verb):
        return whose_turn(assessment, actor)
    there = roles_at(assessment.holder.level_type, is_zone=assessment.holder.is_zone)
    able = "、".join(role.label for role, verbs in ROLE_VERBS.items() if verb in verbs and role in there)
    last = assessment.actions.select_related("user", "jurisdiction").defer("results").order_by("-at", "-id").first()
    return (
        f"{assessment.participation.community} {done_by(last)}现在由{assessment.holder}办理，"
        f"须由{able}办理，您的角色（{actor.role.label}）只能查看。"
    )


def last_step_of(participation: Participation) -> str:
    """Say who took the last step on a participation's assessment and whose turn it is; '' while none has begun."""
    assessment = Assessment.objects.select_related("holder").filter(participation=participation).first()
    if assessment is None:
        return ""
    steps = assessment.actions.exclude(kind__in=OF_SECOND_APPROVAL).select_related("user", "jurisdiction")
    return f"{done_by(steps.defer('results').order_by('-at', '-id').first())}现在由{assessment.holder}办理。"


def done_by(action: ReviewAction | None) -> str:
    """Say of a step who took it and when."""
    if action is None:
        return ""
    return f"已于 {_local(action.at)} 由{action.jurisdiction} {action.user} {action.get_kind_display()}，"


def locked_singly(assessment: Assessment, criterion: Criterion) -> str:
    """Say who returned which other criteria when, and how this one is unlocked."""
    returns = assessment.actions.filter(kind=Kind.RETURN, passed_to=assessment.holder_id).defer("results")
    last = (
        returns.select_related("user", "jurisdiction")
        .prefetch_related("returned_criteria__criterion")
        .order_by("-at", "-id")
        .first()
    )
    if last is None:
        return f"第 {criterion.number} 条未被退回，已锁定。本次只修改退回的条目。"
    numbers = "、".join(str(one) for one in sorted(one.criterion.number for one in last.returned_criteria.all()))
    return (
        f"第 {criterion.number} 条未被退回，已锁定。本次只修改退回的条目。"
        f"{last.jurisdiction} {last.user} {_local(last.at)} 退回的是第 {numbers} 条；"
        f"确需修改这一条的，请{last.jurisdiction}审核时一并退回。"
    )


def returned_singly(answered: ReviewAction, below: Jurisdiction) -> str:
    """Say which criteria alone may be passed on to ``below``."""
    numbers = "、".join(str(one) for one in sorted(one.criterion.number for one in answered.returned_criteria.all()))
    return (
        f"{answered.jurisdiction}只退回了第 {numbers} 条，其余条目保持锁定，不能退回{below}。"
        "请只勾选退回的条目；没有问题的，请同意上报。"
    )


def changed_before_submission(changes: Mapping[int, tuple[User, datetime]]) -> str:
    """Say which criteria were changed since the summary was shown, by whom, the last of them when."""
    who = "、".join(dict.fromkeys(str(user) for user, _ in changes.values()))
    numbers = "、".join(map(str, sorted(changes)))
    latest = max(when for _, when in changes.values())
    return f"第 {numbers} 条在您打开提交页后已由 {who} 改过（最近 {at(latest)}），没有提交。请核对后再提交。"


def taken_off_plan(participation: Participation) -> str:
    """Say who took the community off the plan, so that nothing can be begun."""
    return (
        f"{participation.community} 已调出年度创建计划，不能开始自评。{taken_off(participation)}"
        "需要创建的，请编制计划的单位重新列入。"
    )


def filled_in_by_oneself(assessment: Assessment) -> str:
    """Say why a person may not judge it, and who may."""
    return f"这件自评由您填报或提交，须由其他人审核。请{assessment.holder}的其他经办人或审批人办理。"


def changed_meanwhile(criterion: Criterion, existing: CriterionResult | None) -> str:
    if existing is None:
        return f"第 {criterion.number} 条已被他人改为一致意见，您的修改没有保存。请刷新后再改。"
    return (
        f"第 {criterion.number} 条已于 {_local(existing.updated_at)} 由 {existing.updated_by} 改过，"
        "您的修改没有保存。请刷新后核对。"
    )


def claimed_by(assessment: Assessment, since: datetime | None) -> str:
    """Say who has claimed it until when, and how another person gets to it; ``since``: their last act."""
    until = assessment.claimed_until
    worked = f"（最近操作 {at(since)}）" if since is not None else ""
    lasts = f"，至 {at(until)}" if until is not None else ""
    return (
        f"{assessment.participation.community}由 {assessment.assignee} 领办{worked}{lasts}，此前您可以查看，不能办理。"
        "可请其释放，或到时再办；急需办理的，本级审批人可以接手。"
    )


def nobody_else(participation: Participation, submitting: Jurisdiction) -> str:
    """Say which levels of the review chain the community's branch lacks, so that nobody could review the submitter."""
    lacking = [Level(one).label for one in participation.campaign.review_chain if one != submitting.level]
    return (
        f"{participation.community}直属{submitting}，审核层级中缺少{'、'.join(lacking)}单位。"
        "填报和审核不能是同一个单位，不能开始自评。"
        f"请联系{participation.campaign.jurisdiction}核对社区所属的单位，或者创建行动的审核层级。"
    )


def shortfall(assessment: Assessment, judged: StandardScore, failed: tuple[int, ...]) -> str:
    """Say what keeps an assessment from recognition; ``failed``: the criteria that by themselves stand against it."""
    mark = assessment.standard.pass_mark
    if judged.total is not None and mark is not None and judged.total < mark:
        return f"得分 {plain(judged.total)} 分，达标须 {plain(mark)} 分，未达到创建要求，不能认定。"
    return f"第 {'、'.join(map(str, failed))} 条不符合，未达到创建要求，不能认定。"


def said(proposal: SecondApproval) -> str:
    """Say what a proposal would do, as the history keeps it."""
    values = proposal.values
    if proposal.kind == SecondApproval.Kind.REVOKE:
        return str(values["reason"])
    document = f"（{values['document_number']}）" if values["document_number"] else ""
    return f"拟认定为 {values['year']} 年度绿色社区{document}。{values['comment']}"


def awaiting_decision(proposal: SecondApproval) -> str:
    """Say that a proposal waits for its second approver, and how it ends."""
    return (
        f"{proposal.jurisdiction} {proposal.proposed_by} 已于 {_local(proposal.proposed_at)} "
        f"提请{proposal.get_kind_display()}，等待复核，现在不能改动。提出人可以撤回，另一位审批人可以同意或不同意。"
    )


def decided_elsewhere(proposal: SecondApproval) -> str:
    """Say who proposed it when, and who decides."""
    turn = "，已经办结" if proposal.outcome != SecondApproval.Outcome.OPEN else ""
    turn = turn or f"，由{proposal.jurisdiction}另一位审批人同意或不同意"
    return (
        f"这件由{proposal.jurisdiction}复核，其他单位只能查看。"
        f"{proposal.proposed_by} 已于 {_local(proposal.proposed_at)} 提请{proposal.get_kind_display()}{turn}。"
    )


def proposed_by_another(proposal: SecondApproval) -> str:
    """Say who alone withdraws a proposal, and what others can do."""
    return (
        f"这件由{proposal.proposed_by}提出，须由其本人撤回；您可以复核。"
        f"提出时间 {_local(proposal.proposed_at)}，同意或不同意都可以了结。"
    )


def already_decided(proposal: SecondApproval, assessment: Assessment) -> str:
    """Say who was faster."""
    when, community = proposal.decided_at, assessment.participation.community
    decided = f"{community}的{proposal.get_kind_display()}已于 {_local(when)} " if when else f"{community}的复核已"
    if proposal.outcome == SecondApproval.Outcome.WITHDRAWN:
        return f"{decided}撤回，不用再复核。"
    return f"{decided}由 {proposal.decided_by} 复核（{proposal.get_outcome_display()}），不能再办理。"


def at(moment: datetime) -> str:
    """A time of today, or with its date."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == clock.today() else f"{local:%Y-%m-%d %H:%M}"


def visit_locked(decision: ReviewAction) -> str:
    """Say who locked a site visit when, and what can be done."""
    return (
        f"{decision.jurisdiction} {decision.user} 已于 {_local(decision.at)} {decision.get_kind_display()}，"
        "这次核查记录随之锁定，不能修改或删除。再到本单位办理时，可以另外登记一次核查。"
    )


def opinion_changed(opinion: DepartmentOpinion) -> str:
    """Say that a colleague has given the department's opinion meanwhile, and which."""
    text = f"：{opinion.text}" if opinion.text else ""
    return (
        f"“{opinion.section}”的意见已于 {_local(opinion.given_at)} 由 {opinion.given_by} 填为"
        f"“{opinion.get_stance_display()}{text}”，您的修改没有保存，填写的内容还在下面，请核对后再保存。"
    )


def objected(opinions: Sequence[DepartmentOpinion]) -> str:
    """Say which departments object to what, and that deciding all the same takes a reason."""
    listed = "；".join(f"{one.department}对“{one.section}”有意见：{one.text}" for one in opinions)
    return f"{listed}。仍要办理的，请在意见里说明理由；或者退回。"


def _local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
