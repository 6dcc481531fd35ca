"""What the verbs say when they refuse: who did what when, whose turn it is, what is missing."""

from datetime import datetime

from django.utils import timezone

from apps.assessments.models import Assessment, CriterionResult, SecondApproval
from apps.campaigns.models import Participation
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction, Level
from apps.standards.models import Criterion
from apps.standards.scoring import StandardScore


def whose_turn(assessment: Assessment) -> str:
    """Say who took the last step when, and who may take the next."""
    last = assessment.actions.select_related("user", "jurisdiction").order_by("-at", "-id").first()
    community = assessment.participation.community
    done = ""
    if last is not None:
        done = f"已于 {_local(last.at)} 由{last.jurisdiction} {last.user} {last.get_kind_display()}，"
    if assessment.status == Assessment.Status.RECOGNISED:
        return f"{community} {done}不能再改。"
    return f"{community} {done}现在由{assessment.holder}办理，其他单位只能查看。"


def changed_meanwhile(criterion: Criterion, existing: CriterionResult | None) -> str:
    if existing is None:
        return f"第 {criterion.number} 条已被他人改为一致意见，您的修改没有保存。请刷新后再改。"
    return (
        f"第 {criterion.number} 条已于 {_local(existing.updated_at)} 由 {existing.updated_by} 改过，"
        "您的修改没有保存。请刷新后核对。"
    )


def nobody_else(participation: Participation, submitting: Jurisdiction) -> str:
    """Say which levels of the review chain the community's branch lacks, so that nobody could review the submitter."""
    lacking = [Level(one).label for one in participation.campaign.review_chain if one != submitting.level]
    return (
        f"{participation.community}直属{submitting}，审核层级中缺少{'、'.join(lacking)}单位。"
        "填报和审核不能是同一个单位，不能开始自评。"
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


def already_decided(proposal: SecondApproval, assessment: Assessment) -> str:
    """Say who was faster."""
    when, community = proposal.decided_at, assessment.participation.community
    decided = f"{community}的{proposal.get_kind_display()}已于 {_local(when)} " if when else f"{community}的复核已"
    if proposal.outcome == SecondApproval.Outcome.WITHDRAWN:
        return f"{decided}撤回，不用再复核。"
    return f"{decided}由 {proposal.decided_by} 复核（{proposal.get_outcome_display()}），不能再办理。"


def _local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
