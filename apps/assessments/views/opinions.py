"""Opinions of departments (部门意见): what waits for my department, and giving an opinion section by section."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import Actor, require
from apps.assessments.comparison import Comparison, Row, compare
from apps.assessments.forms import parse_version
from apps.assessments.models import Assessment, DepartmentOpinion
from apps.assessments.opinions import (
    LONGEST_OPINION,
    agree_with_rest,
    asked_of,
    give_opinion,
    is_open_for,
    own_opinions,
    sections_for,
    unanswered_by,
)
from apps.assessments.queue import OLDEST_FIRST
from apps.assessments.refusals import awaiting_decision, whose_turn
from apps.assessments.steps import open_proposal, own_work
from apps.assessments.views.review import load_review
from apps.core.errors import InvalidInput, StaleForm
from apps.standards.models import Section

PAGE_SIZE = 50


@members_only
@require_safe
def opinion_list(request: ActorRequest) -> HttpResponse:
    """What lies with my level and has sections of my department: still to be answered, or answered and not decided."""
    actor = request.actor
    require(actor, "give_opinions")
    waiting = unanswered_by(actor)
    given = asked_of(actor).exclude(pk__in=waiting.values("pk"))
    tab = "given" if request.GET.get("tab") == "given" else "waiting"
    counts = {"waiting": waiting.count(), "given": given.count()}
    rows = (given if tab == "given" else waiting).with_context().order_by(*OLDEST_FIRST)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "tabs": [("waiting", "待填", counts["waiting"]), ("given", "已填，待本级办理", counts["given"])],
        "page_obj": page,
        "department": actor.membership.department,
    }
    return render(request, "assessments/opinion_list.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def opinion(request: ActorRequest, pk: int) -> HttpResponse:
    """The sections of one assessment that my department answers for, with the results and the opinion on each; posted, my
    department agrees with all sections that it has said nothing on."""
    assessment = load_review(pk)
    require(request.actor, "give_opinions", assessment.path)
    if request.method != "POST":
        return _page(request, assessment)
    agree_with_rest(assessment, actor=request.actor)
    return _saved(request, assessment)


@members_only
@require_POST
def opinion_save(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Save my department's opinion on one section."""
    assessment = load_review(pk)
    require(request.actor, "give_opinions", assessment.path)
    section = get_object_or_404(Section, standard=assessment.standard_id, number=number)
    stance, text = request.POST.get("stance", ""), request.POST.get("text", "")
    try:
        give_opinion(assessment, section, stance, text, actor=request.actor, seen=parse_version(request.POST))
    except (InvalidInput, StaleForm) as refused:
        return _page(request, assessment, {number: (request.POST, refused.message)}, status=refused.status)
    return _saved(request, assessment, section)


def _saved(request: ActorRequest, assessment: Assessment, section: Section | None = None) -> HttpResponse:
    """Lead to the next section without an opinion; after the last one to the next assessment."""
    community = assessment.participation.community
    given = own_opinions(assessment, request.actor)
    address = reverse("opinion", args=[assessment.pk])
    rest = [one for one in sections_for(assessment, request.actor) if one.pk not in given]
    if rest and section is not None:
        messages.success(request, f"已保存“{section}”的意见，{community}还有 {len(rest)} 项没有填。")
        return redirect(f"{address}#section-{rest[0].number}")
    following = unanswered_by(request.actor).order_by(*OLDEST_FIRST).values_list("pk", flat=True).first()
    if following is None:
        messages.success(request, f"{community}的意见已填完，本级办理前可以修改。没有其他待填的了。")
        return redirect(f"{reverse('opinion_list')}?tab=given")
    messages.success(request, f"{community}的意见已填完，本级办理前可以修改。下面是下一件。")
    return redirect("opinion", following)


def _page(
    request: ActorRequest,
    assessment: Assessment,
    refused: Mapping[int, tuple[Mapping[str, str], str]] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """``refused``: by section what was typed and why it was not saved."""
    sheet, given = compare(assessment, request.actor), own_opinions(assessment, request.actor)
    is_open, sections = is_open_for(assessment, request.actor), sections_for(assessment, request.actor)
    context = {
        "assessment": assessment,
        "sheet": sheet,
        "cards": [
            _card(section, sheet, given.get(section.pk), (refused or {}).get(section.number)) for section in sections
        ],
        "is_open": is_open,
        "rest": len(sections) - len(given),
        "locked": "" if is_open else _why_closed(assessment, request.actor),
        "department": request.actor.membership.department,
        "longest": LONGEST_OPINION,
    }
    return render(request, "assessments/opinion.html", context, status=status)


def _why_closed(assessment: Assessment, actor: Actor) -> str:
    if reason := own_work(assessment, actor.user):
        return reason
    if (proposal := open_proposal(assessment)) is not None:
        return awaiting_decision(proposal)
    return whose_turn(assessment)


def _card(
    section: Section,
    sheet: Comparison,
    given: DepartmentOpinion | None,
    refused: tuple[Mapping[str, str], str] | None,
) -> dict[str, Any]:
    """A section with its criteria, the opinion that stands, and what the form holds."""
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in sheet.rows:
        rows[row.criterion.section_id].append(row)
    typed, problem = refused or ({}, "")
    return {
        "section": section,
        "rows": rows[section.pk],
        "given": given,
        "stance": typed.get("stance", "") if refused else given.stance if given else "",
        "text": typed.get("text", "") if refused else given.text if given else "",
        "version": given.version if given else 0,
        "problem": problem,
    }
