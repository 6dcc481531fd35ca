"""What waits for a person: to-dos with their dates, the most urgent first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, Min, QuerySet, Window
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, AssessmentQuerySet, ReviewAction, SecondApproval
from apps.assessments.opinions import unanswered_by
from apps.assessments.queue import OLDEST_FIRST, declined_to, filled_in_by, mine_first, proposals_for, waiting_at
from apps.assessments.steps import own_work_of
from apps.campaigns.annual_plans import decided_by
from apps.campaigns.deadlines import Deadline, deadlines
from apps.campaigns.models import AnnualPlan, Campaign, Participation
from apps.campaigns.plan_views import plan_url
from apps.communities.confirming import confirming_units
from apps.communities.models import Baseline
from apps.core import clock
from apps.core.todos import Source, Todo, todos_from
from apps.evaluations.waiting import sources_for as evaluations
from apps.filings.obligations import Owed, State
from apps.filings.waiting import sources_for as filings
from apps.jurisdictions.models import Level
from apps.practices.waiting import sources_for as practices
from apps.recognitions.models import Objection
from apps.recognitions.waiting import sources_for as recognitions
from apps.recognitions.waiting import told_with_notices, upheld_at
from apps.supervision.waiting import sources_for as visits

_SHOWN = 8
# What the line of a proposal names.
_NAMED = ("proposed_by", "assessment__participation__community__jurisdiction", "assessment__participation__campaign")


def todos_of(actor: Actor, owed: Sequence[Owed] | None = None) -> list[Todo]:
    """Return what waits for ``actor``: returned things first, then what no colleague works on, by date and by waiting; ``owed``
    as ``owed_by`` gives it, where it is known."""
    upheld = upheld_at(actor) if actor.can("review_assessments") else []
    sources = [*_assessments(actor, upheld), *_plans(actor), *recognitions(actor, upheld), *filings(actor, owed)]
    sources += [*evaluations(actor), *visits(actor), *practices(actor)]
    if actor.can("change_communities") or actor.can("confirm_baselines"):
        sources.append(Source(None, lambda _: _baselines(actor)))
    return sorted(todos_from(sources), key=_urgency)


def _assessments(actor: Actor, upheld: Sequence[Objection]) -> list[Source]:
    """Self-assessments that came back, or are not finished; what is to be reviewed, decided on a second time, or given an
    opinion."""
    dues, here, found = _Dues(actor.jurisdiction.level), actor.jurisdiction, []
    if actor.can("self_assess"):
        drafts = Assessment.objects.filter(holder=here, status=Assessment.Status.DRAFT)
        found += [
            Source(_came_back(actor, "self_assessment"), lambda rows: _returned(rows, actor, "self_assessment", dues)),
            Source(drafts, lambda rows: _to_fill_in(rows, actor, dues)),
            Source(None, lambda _: _not_begun(actor, dues)),
        ]
    if actor.can("review_assessments"):
        waiting = waiting_at(here).filter(status=Assessment.Status.IN_REVIEW).exclude(own_work_of(actor.user))
        found += [
            Source(
                declined_to(actor),
                lambda rows: [_declined(one) for one in rows.select_related(*_NAMED, "decided_by")[:_SHOWN]],
            ),
            Source(_came_back(actor, "review"), lambda rows: _returned(rows, actor, "review", dues)),
            Source(waiting, lambda rows: _to_review(rows, actor, upheld, dues)),
            Source(proposals_for(actor), lambda rows: _second_approvals(rows, actor)),
        ]
    if actor.can("give_opinions"):
        found.append(Source(unanswered_by(actor), _opinions_to_give))
    return found


def _urgency(todo: Todo) -> tuple[bool, bool, date, datetime]:
    """What came back first, then what no colleague works on, by its date; what has none is due since it came."""
    since = todo.since or clock.now()
    return todo.tone != "danger", bool(todo.colleague), todo.due or timezone.localdate(since), since


class _Dues:
    """Dates on which self-assessments are due, of all campaigns in one query, where anything asks for one."""

    def __init__(self, level: str) -> None:
        self._level = level

    def of(self, campaign_id: int, year: int) -> date | None:
        deadline = self._known.get((campaign_id, year))
        return None if deadline is None else deadline.day

    @cached_property
    def _known(self) -> Mapping[tuple[int, int], Deadline]:
        return deadlines(Campaign.objects.issued().values("pk"), self._level)


def next_due(owed: Iterable[Owed], campaign: Campaign) -> Owed | None:
    """Return what the unit must hand in next under ``campaign``; nothing that is late, or came back."""
    coming = (one for one in owed if one.campaign_id == campaign.pk and one.state in (State.AHEAD, State.TODAY))
    return next(coming, None)


def _came_back(actor: Actor, page: str) -> AssessmentQuerySet:
    returned = Assessment.objects.filter(holder=actor.jurisdiction, status=Assessment.Status.RETURNED)
    if page == "review":
        returned = returned.exclude(own_work_of(actor.user))
    if actor.jurisdiction.is_zone:
        own = filled_in_by(actor.jurisdiction)
        returned = returned.filter(own if page == "self_assessment" else ~own)
    return returned


def _first(waiting: AssessmentQuerySet, actor: Actor) -> tuple[list[Assessment], int]:
    """Return those that have waited longest, as many as the desk shows one by one, and how many more there are.

    What colleagues work on comes last.
    """
    counted = waiting.with_context().annotate(number=Window(Count("*")))
    first: list[Any] = list(counted.order_by(mine_first(actor), "held_since", "id")[:_SHOWN])
    return first, first[0].number - len(first) if first else 0


def _colleague(assessment: Assessment, actor: Actor) -> str:
    assignee = assessment.assignee
    return "" if assignee is None or assignee == actor.user else str(assignee)


def _returned(rows: AssessmentQuerySet, actor: Actor, page: str, dues: _Dues) -> list[Todo]:
    """A line for each, until when the street has time; its reviewers have no date of their own."""
    first, others = _first(rows, actor)
    returns = (
        ReviewAction.objects.filter(assessment__in=first, kind=ReviewAction.Kind.RETURN)
        .select_related("jurisdiction")
        .prefetch_related("returned_criteria__criterion")
        .order_by("at", "id")
    )
    last = {one.assessment_id: one for one in returns}
    is_own = page == "self_assessment"
    found = [
        Todo(
            kind="退回",
            tone="danger",
            title=_title(one),
            note=f"{last[one.pk].jurisdiction}退回：{_reason(last[one.pk])}" if one.pk in last else "",
            url=reverse(page, args=[one.pk]),
            action="修改" if is_own else "处理",
            due=dues.of(one.participation.campaign_id, one.participation.year) if is_own else None,
            since=one.held_since,
            colleague=_colleague(one, actor),
        )
        for one in first
    ]
    if others:
        url = reverse("self_assessment_list" if is_own else "review_queue")
        found.append(Todo("退回", "danger", f"其余 {others} 件退回的自评", "", url, "逐件处理", None, clock.now()))
    return found


def _reason(action: ReviewAction) -> str:
    singly = [f"第 {one.criterion.number} 条 {one.reason}" for one in action.returned_criteria.all()]
    return "；".join([action.comment, *singly] if action.comment else singly)


def _to_fill_in(drafts: AssessmentQuerySet, actor: Actor, dues: _Dues) -> list[Todo]:
    first, others = _first(drafts, actor)
    found = [
        Todo(
            "自评",
            "warning",
            _title(one),
            "已撤回，尚未重新提交" if one.round else "草稿，尚未提交",
            reverse("self_assessment", args=[one.pk]),
            "继续填报",
            dues.of(one.participation.campaign_id, one.participation.year),
            one.held_since,
            _colleague(one, actor),
        )
        for one in first
    ]
    if others:
        url = reverse("self_assessment_list")
        found.append(Todo("自评", "warning", f"其余 {others} 件草稿", "", url, "继续填报", None, clock.now()))
    return found


def _not_begun(actor: Actor, dues: _Dues) -> list[Todo]:
    planned = (
        Participation.objects.below(actor.jurisdiction.path)
        .going_on()
        .filter(stage=Participation.Stage.PLANNED)
        .values("year", "campaign", "campaign__code", "campaign__name")
        .annotate(number=Count("id"), since=Min("created_at"))
        .order_by("year")
    )
    return [
        Todo(
            "自评",
            "neutral",
            f"{row['year']} 年 {row['number']} 个社区尚未开始自评",
            row["campaign__name"],
            f"{reverse('self_assessment_list')}?campaign={row['campaign__code']}&year={row['year']}&stage=planned",
            "去填报",
            dues.of(row["campaign"], row["year"]),
            row["since"],
        )
        for row in planned
    ]


def _to_review(rows: AssessmentQuerySet, actor: Actor, upheld: Sequence[Objection], dues: _Dues) -> list[Todo]:
    """What the person may review, without what another line tells of."""
    told = set(declined_to(actor).values_list("assessment", flat=True)) | told_with_notices(actor, upheld)
    first, others = _first(rows.exclude(pk__in=told), actor)
    found = [
        Todo(
            "审核",
            "info",
            _title(one),
            f"{_age(one.held_since)}到达" + (f"，第 {one.round} 次提交" if one.round > 1 else ""),
            reverse("review", args=[one.pk]),
            "去审核",
            dues.of(one.participation.campaign_id, one.participation.year),
            one.held_since,
            _colleague(one, actor),
        )
        for one in first
    ]
    if others:
        note, url = "按到达先后排列", reverse("review_queue")
        found.append(Todo("审核", "info", f"其余 {others} 件自评", note, url, "逐件审核", found[-1].due, clock.now()))
    return found


def _second_approvals(rows: QuerySet[SecondApproval], actor: Actor) -> list[Todo]:
    """What a colleague has proposed, to be decided; one's own proposals, to know that they wait."""
    proposals = list(rows.select_related(*_NAMED)[: _SHOWN + 1])
    found = [_second_approval(one, is_own=one.proposed_by == actor.user) for one in proposals[:_SHOWN]]
    if len(proposals) > _SHOWN:
        url, others = f"{reverse('review_queue')}?tab=proposed", rows.count() - _SHOWN
        found.append(Todo("复核", "warning", f"其余 {others} 件复核", "", url, "逐件复核", None, clock.now()))
    return found


def _declined(proposal: SecondApproval) -> Todo:
    what = f"{proposal.decided_by}未同意{proposal.get_kind_display()}"
    return Todo(
        kind="复核未同意",
        tone="danger",
        title=_title(proposal.assessment),
        note=f"{what}：{proposal.decline_reason}",
        url=reverse("review", args=[proposal.assessment_id]),
        action="查看" if proposal.kind == SecondApproval.Kind.REVOKE else "处理",
        since=proposal.decided_at,
    )


def _second_approval(proposal: SecondApproval, *, is_own: bool) -> Todo:
    what = f"{_age(proposal.proposed_at)}提请{proposal.get_kind_display()}"
    return Todo(
        kind="等待复核" if is_own else "复核",
        tone="neutral" if is_own else "warning",
        title=_title(proposal.assessment),
        note=f"您{what}，等待另一位审批人" if is_own else f"{proposal.proposed_by}{what}",
        url=reverse("review", args=[proposal.assessment_id]),
        action="查看" if is_own else "去复核",
        since=proposal.proposed_at,
    )


def _opinions_to_give(rows: AssessmentQuerySet) -> list[Todo]:
    """What the person's department has not said its opinion on."""
    waiting = rows.with_context().order_by(*OLDEST_FIRST)
    first = list(waiting[: _SHOWN + 1])
    found = [
        Todo(
            kind="部门意见",
            tone="info",
            title=_title(one),
            note=f"{_age(one.held_since)}到达，{_opinions_left(one)}",
            url=reverse("opinion", args=[one.pk]),
            action="填意见",
            since=one.held_since,
        )
        for one in first[:_SHOWN]
    ]
    if len(first) > _SHOWN:
        title = f"其余 {waiting.count() - _SHOWN} 件待填部门意见"
        found.append(Todo("部门意见", "info", title, "", reverse("opinion_list"), "逐件填写", None, clock.now()))
    return found


def _opinions_left(assessment: Assessment) -> str:
    needed, given = getattr(assessment, "needed", 0), getattr(assessment, "given", 0)
    return f"{needed} 项待填" if not given else f"{needed} 项中还有 {needed - given} 项待填"


def _baselines(actor: Actor) -> list[Todo]:
    """Baselines that came back, by year, until they are confirmed again: the register is mended first, then they are confirmed;
    and this year's, where a campaign needs it and nobody has confirmed one yet."""
    place, year = actor.jurisdiction, clock.today().year
    own = list(Baseline.objects.filter(jurisdiction=place).select_related("reopened_by").order_by("reopened_at", "pk"))
    standing = {one.year for one in own if one.reopened_at is None}
    reopened = {one.year: one for one in own if one.reopened_at and one.year not in standing}
    is_missing = actor.can("confirm_baselines") and not any(one.year == year for one in own)
    if (not reopened and not is_missing) or place.level not in (Level.CITY, Level.DISTRICT):
        return []
    running = Campaign.objects.concerning(place.path).filter(
        status=Campaign.Status.OPEN, first_year__lte=year, last_year__gte=year
    )
    confirming = confirming_units(place.path).filter(pk=place.pk).values_list(Exists(running))
    if (is_needed := next(iter(confirming), None)) is None:
        return []
    found = [_reopened_baseline(reopened[one], actor) for one in sorted(reopened, reverse=True)[:_SHOWN]]
    if is_missing and is_needed[0]:
        note, url = "还没有确认；确认前，比例按社区库现在的名单计算", f"{reverse('baseline_list')}?year={year}"
        found.append(Todo("底数", "info", f"{year} 年底数", note, url, "核对后确认"))
    return found


def _reopened_baseline(one: Baseline, actor: Actor) -> Todo:
    return Todo(
        kind="退回",
        tone="danger",
        title=f"{one.year} 年底数",
        note=f"{one.reopened_by}退回，理由：{one.reopening_reason}",
        url=f"{reverse('baseline_list')}?year={one.year}",
        action="更正后确认" if actor.can("confirm_baselines") else "更正社区库",
        since=one.reopened_at,
    )


def _plans(actor: Actor) -> list[Source]:
    """Annual plans that came back and are to be submitted again, and those of the units below that wait for the person's level."""
    if not actor.can("enrol_communities"):
        return []
    returned = AnnualPlan.objects.filter(
        jurisdiction=actor.jurisdiction, status=AnnualPlan.Status.RETURNED, campaign__status=Campaign.Status.OPEN
    )
    waiting = decided_by(actor.jurisdiction).filter(status=AnnualPlan.Status.SUBMITTED).exclude(submitted_by=actor.user)
    return [Source(returned, _returned_plans), Source(waiting, lambda rows: _plans_to_decide(rows, actor))]


def _returned_plans(rows: QuerySet[AnnualPlan]) -> list[Todo]:
    returned = rows.select_related("campaign", "jurisdiction", "decided_in").order_by("submitted_at", "pk")
    return [_returned_plan(one) for one in returned[:_SHOWN]]


def _returned_plan(one: AnnualPlan) -> Todo:
    return Todo(
        kind="退回",
        tone="danger",
        title=f"{one.year} 年计划",
        note=f"{one.campaign.name}：{one.decided_in}退回，理由：{one.return_reason}",
        url=plan_url(one.campaign, one.year, one.jurisdiction),
        action="修改后上报",
        since=one.decided_at,
    )


def _plans_to_decide(rows: QuerySet[AnnualPlan], actor: Actor) -> list[Todo]:
    """A line for each of the first, and one for all others."""
    first = list(rows.select_related("campaign", "jurisdiction").order_by("submitted_at", "pk")[: _SHOWN + 1])
    found = [
        Todo(
            kind="年度计划",
            tone="info",
            title=str(one),
            note=f"{one.campaign.name}：{one.communities} 个社区，试点 {one.pilots} 个"
            + ("，有不足说明" if one.explanation else ""),
            url=reverse("annual_plan", args=[one.pk]),
            action="去审核",
            since=one.submitted_at,
        )
        for one in first[:_SHOWN]
    ]
    if len(first) > _SHOWN:
        one = first[_SHOWN]
        url = f"{plan_url(one.campaign, one.year, actor.jurisdiction)}&state=submitted"
        title = f"其余 {rows.count() - _SHOWN} 份年度计划"
        found.append(Todo("年度计划", "info", title, "可以批量同意", url, "逐份审核", None, clock.now()))
    return found


def _title(assessment: Assessment) -> str:
    participation = assessment.participation
    street = participation.community.jurisdiction
    return f"{street} {participation.community} {participation.year} 年自评"


def _age(moment: datetime) -> str:
    days = (clock.today() - timezone.localtime(moment).date()).days
    return {0: "今天", 1: "昨天"}.get(days, f"{days} 天前")
