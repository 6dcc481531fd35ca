"""What each step of an assessment says to whom. No person is named: the same words go out by mail."""

from collections import defaultdict
from collections.abc import Iterable

from django.urls import reverse

from apps.accounts.models import Membership
from apps.accounts.permissions import Actor
from apps.assessments.chain import chain_of
from apps.assessments.models import ReviewAction, SecondApproval
from apps.assessments.opinions import sections_for
from apps.campaigns.models import Recognition
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.message import Message, people_with, place_of
from apps.notifications.models import Notification

Kind = Notification.Kind
Step = ReviewAction.Kind

_PROPOSES = {
    Step.PROPOSE_RECOGNISE: SecondApproval.Kind.RECOGNISE,
    Step.PROPOSE_REVOKE: SecondApproval.Kind.REVOKE,
}


def messages_of(action: ReviewAction) -> list[Message]:
    """Return what a step says to whom; whoever took it is not told."""
    match Step(action.kind):
        case Step.SUBMIT | Step.AGREE:
            found = [_arrived(action), *_opinions_asked(action)]
        case Step.RECALL:
            found = _recalled(action)
        case Step.RETURN:
            found = _returned(action)
        case Step.RECOGNISE:
            found = [_recognised(action)]
        case Step.REVOKE:
            found = [_revoked(action)]
        case Step.PROPOSE_RECOGNISE | Step.PROPOSE_REVOKE:
            found = _proposed(action)
        case Step.DECLINE:
            found = [_declined(action)]
        case Step.WITHDRAW:
            found = [_withdrawn(action)]
        case _:
            found = []
    return [one for one in found if one.people]


def reasons_of(action: ReviewAction) -> list[str]:
    """The reasons of a return, item by item: the one for the whole first."""
    singly = sorted(action.returned_criteria.all(), key=lambda one: one.criterion.number)
    return [
        *([action.comment] if action.comment else []),
        *(f"第 {one.criterion.number} 条：{one.reason}" for one in singly),
    ]


def _arrived(action: ReviewAction) -> Message:
    done = "提交" if action.kind == Step.SUBMIT else "同意上报"
    points = "" if action.total_points is None else f"，得分 {plain(action.total_points)} 分"
    again = f"，第 {action.round} 次提交" if action.round > 1 else ""
    people = _reviewers(_receiver(action), action)
    text = f"{action.jurisdiction}{done}{again}{points}。"
    return Message(Kind.ARRIVED, people, f"{_subject(action)}待审核", text, _review(action))


def _opinions_asked(action: ReviewAction) -> list[Message]:
    """Each department of the level that answers for sections of the standard."""
    level, assessment = _receiver(action), action.assessment
    departments: dict[str, list[Membership]] = defaultdict(list)
    for one in people_with(level, "give_opinions", but=[action.user_id, *assessment.filled_in_by]):
        departments[one.department].append(one)
    found = []
    for people in departments.values():
        if number := len(sections_for(assessment, Actor(people[0].user, people[0]))):
            text = f"{number} 项内容由本部门负责，请在{level}办理前填写。"
            url = reverse("opinion", args=[assessment.pk])
            found.append(Message(Kind.OPINION, people, f"{_subject(action)}请填写部门意见", text, url))
    return found


def _recalled(action: ReviewAction) -> list[Message]:
    submission = action.assessment.actions.filter(kind=Step.SUBMIT, pk__lt=action.pk).order_by("-pk").first()
    if submission is None:
        return []
    people = _reviewers(_receiver(submission), action)
    text = f"{action.jurisdiction}在审核开始前撤回，重新提交之前不用审核。"
    return [Message(Kind.RECALLED, people, f"{_subject(action)}已撤回", text, _review(action))]


def _returned(action: ReviewAction) -> list[Message]:
    """The level that has to answer is told; the submitter in any case."""
    submitting, to = chain_of(action.assessment.participation)[0], _receiver(action)
    title, reasons = f"{action.jurisdiction}退回{_subject(action)}", reasons_of(action)
    if to == submitting:
        text = "\n".join([*reasons, "请修改后重新提交。"])
        return [Message(Kind.RETURNED, _submitters(submitting, action), title, text, _self_assessment(action))]
    answering = "\n".join([*reasons, f"请{to}处理：可以修改本级意见后再次上报，也可以退回{submitting}。"])
    informed = "\n".join([*reasons, f"退到{to}，由{to}处理，{submitting}暂不用修改。"])
    return [
        Message(Kind.RETURNED, _reviewers(to, action), title, answering, _review(action)),
        Message(Kind.RETURNED, _submitters(submitting, action), title, informed, _self_assessment(action)),
    ]


def _recognised(action: ReviewAction) -> Message:
    recognition = _recognition(action)
    document = f"（{recognition.document_number}）" if recognition and recognition.document_number else ""
    year = recognition.year if recognition else action.assessment.participation.year
    text = f"{action.jurisdiction}认定为 {year} 年度绿色社区{document}。"
    return Message(Kind.RECOGNISED, _told_below(action), f"{_community(action)}已认定", text, _self_assessment(action))


def _revoked(action: ReviewAction) -> Message:
    recognition = _recognition(action)
    reason = recognition.revocation_reason if recognition else action.comment
    text = f"{action.jurisdiction}摘牌，不再计入绿色社区。\n理由：{reason}"
    return Message(Kind.REVOKED, _told_below(action), f"{_community(action)}已摘牌", text, _self_assessment(action))


def _proposed(action: ReviewAction) -> list[Message]:
    """The other approvers of the office, as long as it waits for them."""
    what = _PROPOSES[Step(action.kind)]
    if not action.assessment.second_approvals.filter(kind=what, outcome=SecondApproval.Outcome.OPEN).exists():
        return []
    text = f"{action.jurisdiction}提请复核，由另一位审批人同意或不同意。\n{action.comment}"
    title = f"{_subject(action)}等待{what.label}复核"
    return [Message(Kind.APPROVAL, _approvers(action), title, text, _review(action))]


def _declined(action: ReviewAction) -> Message:
    """Whoever proposed it, or has taken it over since."""
    assessment = action.assessment
    ended = assessment.second_approvals.filter(outcome=SecondApproval.Outcome.DECLINED, decided_at__lte=action.at)
    proposer = ended.order_by("-pk").values_list("proposed_by", flat=True).first()
    people = [one for one in _approvers(action) if one.user_id in (proposer, assessment.assignee_id)]
    text = f"{action.jurisdiction}复核不同意。\n理由：{action.comment}"
    return Message(Kind.APPROVAL, people, f"{_subject(action)}的复核没有通过", text, _review(action))


def _withdrawn(action: ReviewAction) -> Message:
    text = f"{action.jurisdiction}撤回提请，不用再复核。"
    return Message(Kind.APPROVAL, _approvers(action), f"{_subject(action)}的复核已撤回", text, _review(action))


def _approvers(action: ReviewAction) -> list[Membership]:
    """Whoever decides in the office, but who took the step and who filled it in."""
    but = [action.user_id, *action.assessment.filled_in_by]
    return people_with(action.jurisdiction, "recognise_communities", but=but)


def _recognition(action: ReviewAction) -> Recognition | None:
    rows = Recognition.objects.filter(participation=action.assessment.participation)
    return rows.order_by("-recognised_at", "-pk").first()


def _receiver(action: ReviewAction) -> Jurisdiction:
    """Whom a step hands the assessment to; of one that stays, whoever took it."""
    return action.passed_to or action.jurisdiction


def _told_below(action: ReviewAction) -> list[Membership]:
    return _submitters(chain_of(action.assessment.participation)[0], action)


def _submitters(jurisdiction: Jurisdiction, action: ReviewAction) -> list[Membership]:
    return people_with(jurisdiction, "self_assess", but=[action.user_id])


def _reviewers(jurisdiction: Jurisdiction, action: ReviewAction) -> list[Membership]:
    """Whoever filled it in does not judge it, and is not asked to."""
    return people_with(jurisdiction, "review_assessments", but=[action.user_id, *action.assessment.filled_in_by])


def _subject(action: ReviewAction) -> str:
    return f"{_community(action)} {action.assessment.participation.year} 年自评"


def _community(action: ReviewAction) -> str:
    return place_of(action.assessment.participation.community)


def _review(action: ReviewAction) -> str:
    return reverse("review", args=[action.assessment_id])


def _self_assessment(action: ReviewAction) -> str:
    return reverse("self_assessment", args=[action.assessment_id])


def with_context(actions: Iterable[int]) -> Iterable[ReviewAction]:
    """The steps with everything that their words name."""
    return (
        ReviewAction.objects.filter(pk__in=actions)
        .select_related(
            "jurisdiction",
            "passed_to",
            "assessment__participation__campaign",
            "assessment__participation__community__jurisdiction",
        )
        .prefetch_related("returned_criteria__criterion")
        .defer("results")
    )
