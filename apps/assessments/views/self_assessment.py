"""Self-assessments (自评): the list, filling one in criterion by criterion, submitting it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.assessments.chain import chain_of
from apps.assessments.domain import open_assessment, submit_assessment
from apps.assessments.filling import Filled, being_filled_in, fill_in, judged, may_fill
from apps.assessments.forms import parse_moment, parse_note, parse_version
from apps.assessments.models import Assessment, CriterionResult
from apps.assessments.news import news_for, parse_numbers, parse_seen
from apps.assessments.prefill import Source, confirm_results, source_of
from apps.assessments.refusals import whose_turn
from apps.assessments.submission import LONGEST_EXPLANATION, changed_since, last_change, summary_of
from apps.assessments.worksheet import Card, Worksheet, worksheet_after, worksheet_of
from apps.campaigns.current import access_jurisdiction, current_campaign, current_year
from apps.campaigns.deadlines import deadline_of
from apps.campaigns.models import Campaign, Participation, Recognition
from apps.campaigns.rollup import family_of
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.paging import KeysFirst
from apps.jurisdictions.models import Jurisdiction
from apps.standards.answer_forms import WrongAnswer, is_blank, parse_answer
from apps.standards.domain import parts_in_use
from apps.standards.models import Criterion

Stage = Participation.Stage

STAGE_TONES = {
    Stage.DRAFTING: "warning",
    Stage.IN_REVIEW: "info",
    Stage.RETURNED: "danger",
    Stage.RECOGNISED: "success",
}
# In the list, a stage of its own: a community stays recognised in the plan when its recognition is taken back (摘牌).
REVOKED = "revoked"
# What the street does next, by stage.
ACTIONS = {Stage.PLANNED: "开始自评", Stage.DRAFTING: "继续填报", Stage.RETURNED: "修改退回"}
PAGE_SIZE = 50


@members_only
@require_safe
def self_assessment_list(request: ActorRequest) -> HttpResponse:
    """The communities of a year's plan in my jurisdiction, with where each self-assessment stands."""
    campaign = current_campaign(request)
    if campaign is None:
        return render(request, "assessments/self_assessment_list.html", {"campaign": None})
    year, area = current_year(request, campaign), _area(request)
    query, stage = request.GET.get("q", "").strip()[:50], request.GET.get("stage", "")
    planned = _planned(campaign, year, area, query)
    counts = dict(planned.values_list("shown").annotate(Count("pk")).order_by())
    # They come with what stands there: little is ever revoked.
    stages = [*Stage.choices, *([(REVOKED, "已摘牌")] if counts.get(REVOKED) or stage == REVOKED else [])]
    stage = stage if stage in dict(stages) else ""
    chosen = planned.filter(shown=stage) if stage else planned
    page = KeysFirst(_in_order(chosen), PAGE_SIZE).get_page(request.GET.get("page"))
    _complete(list(page), campaign, request)
    context = {
        "year": year,
        "area": area,
        "areas": _areas(request, area),
        "query": query,
        "stage": stage,
        "stages": [(value, label, counts.get(value, 0)) for value, label in stages],
        "total": sum(counts.values()),
        "page_obj": page,
        "deadline": deadline_of(campaign.pk, year, request.actor.jurisdiction.level),
        "today": clock.today(),
    }
    return render(request, "assessments/self_assessment_list.html", context)


@members_only
@require_POST
def self_assessment_open(request: ActorRequest, pk: int) -> HttpResponse:
    """Begin the self-assessment of a planned community, or go on with the one begun."""
    participation = get_object_or_404(Participation, pk=pk)
    return redirect("self_assessment", open_assessment(participation, actor=request.actor).pk)


@members_only
@require_safe
def self_assessment(request: ActorRequest, pk: int) -> HttpResponse:
    """One self-assessment: to fill in for its holder in the street, to read for everybody else.

    It opens on what was returned singly, if anything was; ``?show=all`` shows the criteria that are locked as well.
    """
    return _page(request, worksheet_of(_load(pk), request.actor))


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def self_assessment_criterion(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Save the answer to one criterion, or show its card again as it is stored."""
    if request.method == "GET":
        sheet = worksheet_of(_load(pk), request.actor)
        card = _card(sheet, number)
        if not request.htmx:
            return redirect(_anchor(sheet.assessment, number))
        return _fragment(
            request, "assessments/self_assessment_criterion.html", card_context(sheet, card, source_shown(sheet))
        )
    try:
        assessment = being_filled_in(pk)
    except Assessment.DoesNotExist as missing:
        raise Http404 from missing
    require(request.actor, "self_assess", assessment.path)
    criterion = _criterion(assessment, number)
    try:
        filled = _save(request, assessment, criterion)
    except (InvalidInput, StaleForm) as problem:
        return _refused(request, assessment, number, problem)
    if not request.htmx:
        messages.success(request, f"第 {number} 条已保存。")
        return redirect(_anchor(assessment, number))
    sheet = worksheet_after(filled)
    return _fragment(request, "assessments/self_assessment_saved.html", card_context(sheet, sheet.card(number)))


@members_only
@require_POST
def self_assessment_confirm(request: ActorRequest, pk: int) -> HttpResponse:
    """Confirm all answers that were taken over from the last time."""
    assessment = _load(pk)
    numbers = confirm_results(assessment, actor=request.actor)
    messages.success(request, f"预填的 {len(numbers)} 条已核对。" if numbers else "没有需要核对的条目。")
    return redirect("self_assessment", assessment.pk)


@members_only
@require_safe
def self_assessment_news(request: ActorRequest, pk: int) -> HttpResponse:
    """What colleagues changed since the page was loaded; asked every half minute."""
    assessment = _load(pk)
    require(request.actor, "self_assess", assessment.path)
    if not may_fill(assessment, request.actor):
        context: dict[str, object] = {"moved_on": whose_turn(assessment)}
    else:
        context = {"news": news_for(assessment, parse_seen(request.GET.get("seen", "")), actor=request.actor)}
    return _fragment(request, "assessments/self_assessment_news.html", {"assessment": assessment, **context})


@members_only
@require_safe
def self_assessment_cards(request: ActorRequest, pk: int) -> HttpResponse:
    """The cards of ``?numbers=5,7`` as they are stored, each put in its place; without JavaScript the page."""
    sheet = worksheet_of(_load(pk), request.actor)
    if not request.htmx:
        return redirect("self_assessment", sheet.assessment.pk)
    numbers = parse_numbers(request.GET.get("numbers", ""))
    source = source_shown(sheet)
    cards = [card_context(sheet, card, source) for card in sheet.cards if card.number in numbers]
    context = {"sheet": sheet, "assessment": sheet.assessment, "cards": cards}
    return _fragment(request, "assessments/self_assessment_cards.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def self_assessment_submit(request: ActorRequest, pk: int) -> HttpResponse:
    """Show what will be submitted, what is missing and what is unusual; submit it. Once submitted, say so instead."""
    assessment = _load(pk)
    if request.method == "POST":
        explanation, seen_at = request.POST.get("explanation", ""), parse_moment(request.POST.get("seen_at", ""))
        try:
            action = submit_assessment(assessment, actor=request.actor, explanation=explanation, seen_at=seen_at)
        except (InvalidInput, StaleForm) as problem:
            return _summary(request, assessment, problem, explanation, seen_at)
        except TransitionError as late:
            messages.info(request, late.message)
        else:
            messages.success(request, f"{assessment.participation.community}自评已提交，送{action.passed_to}审核。")
        return redirect("self_assessment", assessment.pk)
    require(request.actor, "self_assess", assessment.path)
    return _summary(request, assessment)


def _summary(
    request: ActorRequest,
    assessment: Assessment,
    problem: InvalidInput | StaleForm | None = None,
    explanation: str = "",
    seen_at: datetime | None = None,
) -> HttpResponse:
    """What will be submitted; after a refusal with the explanation as it was typed, and what others changed meanwhile."""
    sheet = worksheet_of(assessment, request.actor)
    if not sheet.is_editable:
        messages.info(request, "这件自评不在填报中，不需要提交。")
        return redirect("self_assessment", assessment.pk)
    context = {
        "sheet": sheet,
        "assessment": assessment,
        "summary": summary_of(sheet),
        "next_holder": chain_of(assessment.participation)[1],
        "error": problem.message if problem else "",
        "changed": changed_since(sheet, seen_at),
        "seen_at": last_change(sheet.cards),
        "explanation": explanation,
        "longest": LONGEST_EXPLANATION,
    }
    return render(
        request, "assessments/self_assessment_submit.html", context, status=problem.status if problem else 200
    )


def card_context(sheet: Worksheet, card: Card, source: Source | None = None) -> dict[str, object]:
    """What the templates of one criterion read; ``source``: where answers that wait to be confirmed come from."""
    return {
        "sheet": sheet,
        "assessment": sheet.assessment,
        "card": card,
        "part": sheet.part_of(card),
        "can_edit": sheet.is_editable and not card.locked,
        "source": source,
    }


def source_shown(sheet: Worksheet) -> Source | None:
    """Where the answers that wait to be confirmed come from."""
    if not sheet.unconfirmed or not sheet.actions:
        return None
    return source_of(sheet.assessment, before=sheet.actions[0].at)


def _save(request: ActorRequest, assessment: Assessment, criterion: Criterion) -> Filled:
    seen = parse_version(request.POST)
    answer, note = parse_answer(criterion, request.POST), parse_note(criterion, request.POST)
    if seen == 0 and is_blank(answer, request.POST):
        place = f"第 {criterion.number} 条"
        raise WrongAnswer(f"{place}还没有填：有扣分情形的请勾选，没有的请点“以上均无”。")
    return fill_in(assessment, criterion, answer, actor=request.actor, note=note, seen=seen)


def _fragment(request: ActorRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """Part of a page, without what only its frame needs, such as the counts beside the navigation."""
    return HttpResponse(render_to_string(template, {**context, "csrf_token": get_token(request)}))


def _criterion(assessment: Assessment, number: int) -> Criterion:
    """The criterion with its rules, from what this process has read of the standard."""
    criteria = (one for section in parts_in_use(assessment.standard) for one in section.criteria.all())
    found = next((one for one in criteria if one.number == number), None)
    if found is None:
        raise Http404(f"标准里没有第 {number} 条。")
    return found


def _load(pk: int) -> Assessment:
    return get_object_or_404(Assessment.objects.with_context(), pk=pk)


def _card(sheet: Worksheet, number: int) -> Card:
    return sheet.card(_criterion(sheet.assessment, number).number)


def _anchor(assessment: Assessment, number: int) -> str:
    return f"{reverse('self_assessment', args=[assessment.pk])}#c{number}"


def _page(request: ActorRequest, sheet: Worksheet, status: int = 200, **also: object) -> HttpResponse:
    participation, recognition = sheet.assessment.participation, None
    if sheet.assessment.status == Assessment.Status.RECOGNISED:
        recognition = Recognition.objects.filter(participation=participation).order_by("-recognised_at").first()
    returned = [card for card in sheet.cards if card.reason] if sheet.is_editable else []
    context = {
        "sheet": sheet,
        "recognition": recognition,
        "assessment": sheet.assessment,
        "community": participation.community,
        "participation": participation,
        "deadline": deadline_of(participation.campaign_id, participation.year, request.actor.jurisdiction.level),
        "today": clock.today(),
        "source": source_shown(sheet),
        "returned": returned,
        "is_returned_only": bool(returned) and request.GET.get("show") != "all",
        **also,
    }
    return render(request, "assessments/self_assessment.html", context, status=status)


def _refused(
    request: ActorRequest, assessment: Assessment, number: int, problem: InvalidInput | StaleForm
) -> HttpResponse:
    """Say in place why an answer was not saved; what was typed stays, with or without JavaScript."""
    sheet = worksheet_of(assessment, request.actor)
    card = sheet.card(number)
    wrong = problem if isinstance(problem, WrongAnswer) else WrongAnswer(problem.message)
    also: dict[str, object] = {"error": wrong, "is_stale": isinstance(problem, StaleForm)}
    if request.htmx:
        if also["is_stale"]:
            # Beside what was typed stands what it would take, not what the other answer takes.
            answer = parse_answer(card.criterion, request.POST)
            also["mine"] = CriterionResult(**judged(assessment, card.criterion, answer))
        context = card_context(sheet, card, source_shown(sheet)) | also
        response = _fragment(request, "assessments/self_assessment_refused.html", context)
        response.status_code = problem.status
        return response
    return _page(request, sheet, problem.status, refused=card.number, entered=request.POST, **also)


def _planned(campaign: Campaign, year: int, area: Jurisdiction, query: str) -> QuerySet[Any]:
    """The plan of ``year`` below ``area``, with the communities of earlier years that are not recognised yet."""
    carried_over = Q(year__lt=year) & ~Q(stage=Stage.RECOGNISED)
    planned = Participation.objects.below(area.path).going_on()
    planned = planned.filter(Q(year=year) | carried_over, campaign__in=family_of(campaign))
    if query:
        named = Q(community__name__icontains=query) | Q(community__jurisdiction__name__icontains=query)
        planned = planned.filter(named | Q(community__code__startswith=query))
    # The few that were taken back; nobody is recognised a second time by the same participation.
    taken_back = Recognition.objects.below(area.path).revoked().values("participation")
    revoked = When(stage=Stage.RECOGNISED, pk__in=taken_back, then=Value(REVOKED))
    return planned.annotate(shown=Case(revoked, default=F("stage"), output_field=CharField()))


def _in_order(planned: QuerySet[Any]) -> QuerySet[Any]:
    """What waits for the street first: returned, begun, not begun; then by code."""
    first = [Stage.RETURNED, Stage.DRAFTING, Stage.PLANNED]
    order = Case(
        *(When(stage=stage, then=Value(place)) for place, stage in enumerate(first)),
        default=Value(len(first)),
        output_field=IntegerField(),
    )
    recognitions = Recognition.objects.filter(participation=OuterRef("pk")).order_by("-recognised_at")
    revoked = {name: Subquery(recognitions.values(name)[:1]) for name in ("revoked_at", "revocation_reason")}
    return (
        planned.select_related("campaign", "community__jurisdiction")
        # Not joined: for a prefecture the database underrates its share and would go through all of it for each line.
        .prefetch_related(Prefetch("assessment", Assessment.objects.select_related("holder")))
        .annotate(**revoked)
        .order_by(order, "community__code", "pk")
    )


def _complete(rows: Sequence[Any], campaign: Campaign, request: ActorRequest) -> None:
    """Give each row what the list shows besides: its tone, the number of criteria, whether the actor may fill it in."""
    for row in rows:
        row.current = getattr(row, "assessment", None)
        # One begun stays with its standard when the campaign goes over to another.
        row.standard_id = (row.current or row.campaign).standard_id
    standards = {row.standard_id for row in rows}
    counts = Criterion.objects.filter(standard__in=standards).values_list("standard").annotate(Count("pk")).order_by()
    criteria = dict(counts)
    results = CriterionResult.objects.filter(assessment__in=[row.current.pk for row in rows if row.current is not None])
    answered = dict(results.values_list("assessment").annotate(Count("criterion", distinct=True)).order_by())
    here, may = request.actor.jurisdiction, request.actor.can("self_assess")
    for row in rows:
        row.answered = answered.get(row.current.pk, 0) if row.current is not None else 0
        row.tone = "danger" if row.shown == REVOKED else STAGE_TONES.get(row.stage, "neutral")
        row.label = "已摘牌" if row.shown == REVOKED else row.get_stage_display()
        row.criteria = criteria.get(row.standard_id, 0)
        submits = here.level == row.campaign.review_chain[0] or row.community.jurisdiction_id == here.pk
        row.is_waiting = row.stage in ACTIONS and row.campaign_id == campaign.pk
        row.can_fill = may and submits and row.stage in ACTIONS
        row.action = ACTIONS.get(row.stage, "")
        row.carried_label = f"{row.year} 年计划转入"


def _area(request: ActorRequest) -> Jurisdiction:
    """The jurisdiction below one's own that the list is narrowed to."""
    return access_jurisdiction(request, request.GET.get("area", ""))


def _areas(request: ActorRequest, area: Jurisdiction) -> list[Jurisdiction]:
    """What the list can be narrowed to: the way down to ``area`` and what lies below it, or beside a street."""
    own = request.actor.jurisdiction
    line = [one for one in Jurisdiction.objects.ancestors_of(area.path) if len(one.path) > len(own.path)]
    parent = area.pk if area.level != "street" else area.parent_id
    below = Jurisdiction.objects.filter(parent=parent).below(own.path).exclude(pk=own.pk).in_code_order()
    return [*(one for one in line if one.parent_id != parent), *below]
