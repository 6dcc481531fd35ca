"""The review (审核): one assessment with the verdicts of every level, and the decisions on it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.assessments.answers import answer_of
from apps.assessments.comparison import Comparison, Row, Use, compare, used_elsewhere
from apps.assessments.domain import agree_assessment, recognise_assessment, return_assessment, save_result
from apps.assessments.forms import (
    DecisionForm,
    RecognitionForm,
    parse_note,
    parse_reason,
    parse_reasons,
    parse_version,
    with_noted,
)
from apps.assessments.models import Assessment, ReviewAction, SecondApproval
from apps.assessments.queue import OLDEST_FIRST, Position, open_to, position_in_queue
from apps.assessments.recognition import conditions_against
from apps.assessments.refusals import locked_singly
from apps.assessments.return_notes import note_for_return, notes_of, reasons_noted
from apps.assessments.second_approval import last_proposed, may_withdraw, others_able
from apps.assessments.steps import CLAIM_LASTS, claimant, open_proposal, own_work
from apps.assessments.views.fieldwork import fieldwork
from apps.assessments.views.queue import queue_in_view, way_back
from apps.campaigns.domain import needs_second_approval
from apps.campaigns.models import Recognition
from apps.core.attached import attach
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.inputs import whole_number
from apps.standards.answer_forms import WrongAnswer, parse_answer
from apps.standards.domain import standard_in_use
from apps.standards.models import Criterion
from apps.standards.scoring import Answer

Status = Assessment.Status
Kind = ReviewAction.Kind


@members_only
@require_safe
def review(request: ActorRequest, pk: int) -> HttpResponse:
    """One assessment: to judge for the level that holds it, to read for everybody else in whose area it lies."""
    return review_page(request, compare(load_review(pk), request.actor))


@members_only
@require_POST
def review_verdict(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Save my own verdict on one criterion, or take it back (``agree``); a refused one keeps what was entered."""
    assessment = load_review(pk)
    require(request.actor, "review_assessments", assessment.path)
    criteria = Criterion.objects.prefetch_related("rules", "sub_items")
    criterion = get_object_or_404(criteria, standard=assessment.standard_id, number=number)
    try:
        if "agree" in request.POST:
            answer, reason = _lower_answer(assessment, request, number), ""
        else:
            answer, reason = parse_answer(criterion, request.POST), parse_note(criterion, request.POST)
        seen = parse_version(request.POST)
        save_result(assessment, criterion, answer, actor=request.actor, note=reason, seen=seen)
    except (InvalidInput, StaleForm) as refused:
        return _refused(request, assessment, number, refused)
    onward = _number(request.POST.get("onward", "")) if request.POST.get("agree") == "next" else None
    if not request.htmx:
        return redirect(_address(assessment, request, c=onward or number))
    if "agree" in request.POST:
        return HttpResponseClientRedirect(_address(assessment, request, c=onward or number))
    sheet = compare(assessment, request.actor)
    context = _context(request, sheet, number) | {"oob": True}
    context["note_dropped"] = bool(reason) and context["row"].own is None
    return render(request, "assessments/review_saved.html", context)


@members_only
@require_POST
def review_pick(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Note a criterion for the return with its reason (退回本条), or drop it again where the reason is empty."""
    assessment = load_review(pk)
    require(request.actor, "review_assessments", assessment.path)
    criterion = get_object_or_404(Criterion, standard=assessment.standard_id, number=number)
    try:
        reason = parse_reason(request.POST.get("reason", ""), number)
        note_for_return(assessment, criterion, reason, actor=request.actor)
    except (InvalidInput, TransitionError) as refused:
        also = {"dialog": "pick", "problem": refused.message, "typed": request.POST}
        return review_page(request, compare(assessment, request.actor), number, refused.status, **also)
    if reason:
        kept = len(reasons_noted(assessment, request.actor.jurisdiction))
        messages.success(request, f"第 {number} 条已记入退回，共 {kept} 条。全部看完后点“退回所列”一并退回。")
    return redirect(_address(assessment, request, c=number))


@members_only
@require_POST
def review_return(request: ActorRequest, pk: int) -> HttpResponse:
    """Send it back to the level below, whole or in single criteria (退回)."""
    assessment, form = load_review(pk), DecisionForm(request.POST)
    following = following_of(request, assessment)
    try:
        entered = cleaned(form)
        reasons = parse_reasons(request.POST)
        action = return_assessment(
            assessment, entered["comment"], reasons, actor=request.actor, seen_action=entered["seen"]
        )
    except (InvalidInput, TransitionError) as refused:
        return not_done(request, assessment, "return", [Kind.RETURN], refused)
    what = f"第 {'、'.join(map(str, reasons))} 条" if reasons else "整件"
    return done(request, following, f"{assessment.participation.community}{what}已退回{action.passed_to}。")


@members_only
@require_POST
def review_agree(request: ActorRequest, pk: int) -> HttpResponse:
    """Agree and pass it on to the next level (同意上报)."""
    assessment, form = load_review(pk), DecisionForm(request.POST)
    following = following_of(request, assessment)
    try:
        entered = cleaned(form)
        comment = with_noted(entered["comment"], request.POST, reasons_noted(assessment, request.actor.jurisdiction))
        action = agree_assessment(assessment, comment, actor=request.actor, seen_action=entered["seen"])
    except (InvalidInput, TransitionError) as refused:
        return not_done(request, assessment, "agree", [Kind.AGREE], refused)
    return done(request, following, f"{assessment.participation.community}已同意上报{action.passed_to}。")


@members_only
@require_POST
def review_recognise(request: ActorRequest, pk: int) -> HttpResponse:
    """Recognise the community at the last level of the chain (认定)."""
    assessment = load_review(pk)
    form, following = RecognitionForm(assessment, request.POST), following_of(request, assessment)
    try:
        entered = cleaned(form)
        recognition = recognise_assessment(
            assessment,
            actor=request.actor,
            year=entered["year"],
            document_number=entered["document_number"],
            comment=with_noted(entered["comment"], request.POST, reasons_noted(assessment, request.actor.jurisdiction)),
            seen_action=entered["seen"],
        )
    except (InvalidInput, TransitionError) as refused:
        kinds = [Kind.RECOGNISE, Kind.PROPOSE_RECOGNISE]
        return not_done(request, assessment, "recognise", kinds, refused, form)
    community = assessment.participation.community
    if isinstance(recognition, SecondApproval):
        return done(request, following, f"{community}的认定已提请复核，由本单位另一位审批人同意后生效。")
    return done(request, following, f"{community}已认定为 {recognition.year} 年度绿色社区。")


def load_review(pk: int) -> Assessment:
    """The assessment with what the page names of it; who holds it stands in its chain (compare)."""
    named = ("participation__campaign", "participation__community__jurisdiction", "assignee")
    assessment = get_object_or_404(Assessment.objects.select_related(*named), pk=pk)
    assessment.standard = standard_in_use(assessment.standard_id)
    return assessment


def _context(request: ActorRequest, sheet: Comparison, number: int | None = None) -> dict[str, Any]:
    """What the templates of one assessment read, with the criterion in view."""
    assessment, actor = sheet.assessment, request.actor
    only_changed = request.GET.get("only") == "changed"
    listed = [row for row in sheet.rows if not only_changed or row.own or row.differs or row.has_news or row.asked]
    row = (sheet.row(number) if number else None) or _first(sheet, listed)
    place = listed.index(row) if row in listed else -1
    holds = assessment.holder == actor.jurisdiction and assessment.status in (Status.IN_REVIEW, Status.RETURNED)
    may_review = holds and sheet.viewed == actor.jurisdiction and actor.can("review_assessments", assessment.path)
    own = own_work(assessment, actor.user) if may_review else ""
    # Only what lies with the last level, or with the one that was it when it recognised, can wait for a second approver.
    is_inside = actor.jurisdiction.contains(assessment.holder.path)
    is_final = assessment.holder == sheet.chain[-1] or assessment.status == Status.RECOGNISED
    proposal = open_proposal(assessment) if is_inside and is_final else None
    criteria = [one.criterion for one in sheet.rows]
    notes = notes_of(assessment, actor.jurisdiction, criteria) if may_review and proposal is None else {}
    picked = {number: one.reason for number, one in notes.items()}
    elsewhere = used_elsewhere(one for row in sheet.rows for one in row.evidence)
    holds_claim = claimant(assessment) if may_review else None
    others_claim = holds_claim is not None and holds_claim != actor.user
    can_review = may_review and not own and proposal is None and not others_claim
    is_locked = can_review and sheet.limit is not None and row.number not in sheet.limited_to
    return {
        "assessment": assessment,
        "sheet": sheet,
        # Who works on it is not named to the levels below.
        "assignee": assessment.assignee if is_inside else None,
        "is_claimed": holds_claim == actor.user,
        "may_take_over": holds_claim not in (None, actor.user) and actor.can("recognise_communities", assessment.path),
        "others_claim": others_claim,
        "may_claim": may_review and not own and proposal is None and holds_claim is None,
        "claim_hours": int(CLAIM_LASTS.total_seconds() // 3600),
        "row": row,
        "listed": listed,
        "only_changed": only_changed,
        "before": listed[place - 1] if place > 0 else None,
        "after": listed[place + 1] if 0 <= place < len(listed) - 1 else None,
        "can_review": can_review,
        "locked_singly": locked_singly(assessment, row.criterion) if is_locked else "",
        "proposal": proposal,
        "may_recognise": sheet.is_last and actor.can("recognise_communities", assessment.path),
        "own_work": own,
        "elsewhere": elsewhere,
        "reused_in": [one.number for one in sheet.rows if any(file.sha256 in elsewhere for file in one.evidence)],
        "picked": picked,
        "notes": notes,
        "note": notes.get(row.number),
        "returnable": _returnable(sheet, picked),
    }


def review_page(
    request: ActorRequest, sheet: Comparison, number: int | None = None, status: int = 200, **also: Any
) -> HttpResponse:
    assessment = sheet.assessment
    context = _context(request, sheet, number or _number(request.GET.get("c", "")))
    context |= _photos(request, sheet, context["row"], context["elsewhere"])
    proposal = context["proposal"]
    context |= _final_acts(request, sheet, proposal)
    context |= fieldwork(sheet, request.actor, can_review=context["can_review"])
    can_recognise = context["can_review"] and context["may_recognise"]
    waits_for = "".join(conditions_against(assessment)) if can_recognise else ""
    form = RecognitionForm(assessment, None, last_proposed(assessment) if can_recognise else None)
    context |= {
        "position": position_of(request, assessment) if proposal is None else None,
        "queue_url": way_back(request),
        "waits_for": waits_for,
        "can_recognise": can_recognise and not waits_for,
        "recognise_form": form,
    }
    context |= also
    # Against an objection the reason is required.
    context["recognise_form"].fields["comment"].required = bool(context["opinions"].objections)
    context["is_told_in_dialog"] = context["dialog"] in _dialogs_of(context)
    return render(request, "assessments/review.html", context, status=status)


def _dialogs_of(context: Mapping[str, Any]) -> set[str]:
    """The dialogs that the page has for its reader: a refusal is told in its own, or else above all."""
    decides = context["can_review"]
    decision = "agree" if not context["sheet"].is_last else "recognise" if context["can_recognise"] else ""
    found = {"return", decision} if decides else set()
    found |= {"pick"} if decides and not context["locked_singly"] else set()
    found |= {"confirm", "decline"} if context["may_confirm"] else set()
    return (found | ({"revoke"} if context["may_revoke"] else set())) - {""}


def _final_acts(request: ActorRequest, sheet: Comparison, proposal: SecondApproval | None) -> dict[str, Any]:
    """What the page needs for recognition, revocation and their second approver: what stands, and who may do what."""
    assessment, actor = sheet.assessment, request.actor
    decides = assessment.holder == actor.jurisdiction and actor.can("recognise_communities", assessment.path)
    is_recognised = assessment.status == Status.RECOGNISED
    recognitions = Recognition.objects.filter(participation=assessment.participation_id).order_by("-recognised_at")
    recognition = recognitions.select_related("revoked_by").first() if is_recognised else None
    stands = recognition is not None and recognition.revoked_at is None
    own = own_work(assessment, actor.user) if decides and (proposal or stands) else ""
    is_own = proposal is not None and proposal.proposed_by == actor.user
    return {
        "recognition": recognition,
        "needs_second": decides
        and (sheet.is_last or is_recognised)
        and needs_second_approval(assessment.participation.campaign),
        "may_revoke": decides and stands and not own and proposal is None,
        "may_confirm": decides and proposal is not None and not own and not is_own,
        "may_withdraw": decides and proposal is not None and may_withdraw(proposal, assessment, actor.user),
        "second_is_own_work": own if proposal is not None and not is_own else "",
        "lacks_second": proposal is not None and decides and not others_able(proposal),
        "dialog": "revoke" if "revoke" in request.GET else "",
    }


def _photos(request: ActorRequest, sheet: Comparison, row: Row, elsewhere: Mapping[str, list[Use]]) -> dict[str, Any]:
    """The photos of the criterion in view, the one shown, and the files that are used for other communities too."""
    photos = [one for one in row.evidence if one.is_image]
    newest = next((at for at, one in enumerate(photos, start=1) if one in row.added), 1)
    at = min(_number(request.GET.get("photo", "")) or newest, len(photos))
    # Whoever uploaded it mostly took a step too.
    attach(photos[at - 1 : at], "uploaded_by", [one.user for one in sheet.actions])
    return {
        "photos": photos,
        "photo": photos[at - 1] if photos else None,
        "photo_number": at,
        "documents": [one for one in row.evidence if not one.is_image],
        "reused": [(one, elsewhere[one.sha256]) for one in row.evidence if one.sha256 in elsewhere],
    }


def _number(text: str) -> int | None:
    return whole_number(text, digits=4)


def _first(sheet: Comparison, listed: list[Row]) -> Row:
    """The criterion to look at first: one with news, one that was sent back, else the first."""
    rows = listed or sheet.rows
    return next((one for one in rows if one.has_news or one.asked), rows[0])


def _returnable(sheet: Comparison, picked: Mapping[int, str]) -> list[tuple[Row, str]]:
    """What the return dialog offers: what was picked, else what the level above sent back, each with its reason."""
    if picked:
        return [(row, picked[row.number]) for row in sheet.rows if row.number in picked]
    return [(row, row.asked) for row in sheet.rows if row.number in sheet.limited_to]


def _lower_answer(assessment: Assessment, request: ActorRequest, number: int) -> Answer:
    row = compare(assessment, request.actor).row(number)
    if row is None or row.lower is None:
        raise InvalidInput(f"第 {number} 条下级还没有意见。")
    return answer_of(row.lower)


def _refused(
    request: ActorRequest, assessment: Assessment, number: int, problem: InvalidInput | StaleForm
) -> HttpResponse:
    """Say in place why a verdict was not saved; what was entered stays, with or without JavaScript."""
    sheet = compare(assessment, request.actor)
    wrong = problem if isinstance(problem, WrongAnswer) else WrongAnswer(problem.message)
    also = {"error": wrong, "entered": request.POST, "is_stale": isinstance(problem, StaleForm)}
    if request.htmx:
        context = _context(request, sheet, number) | also | {"oob": True}
        return render(request, "assessments/review_refused.html", context, status=problem.status)
    return review_page(request, sheet, number, problem.status, **also)


def refused_page(request: ActorRequest, assessment: Assessment, problem: TransitionError) -> HttpResponse:
    """Show the page as it is now, with why the step was not taken."""
    fresh = compare(load_review(assessment.pk), request.actor)
    number = _number(request.POST.get("c", ""))
    return review_page(request, fresh, number, problem.status, problem=problem.message)


def cleaned(form: DecisionForm) -> dict[str, Any]:
    if not form.is_valid():
        raise InvalidInput("；".join(str(text) for texts in form.errors.values() for text in texts))
    return form.cleaned_data


def position_of(request: ActorRequest, assessment: Assessment) -> Position | None:
    """Where it stands in the queue as it was narrowed last; what is not in that part, in the whole queue."""
    part = queue_in_view(request)
    is_inside = part is not None and part.filter(pk=assessment.pk).exists()
    return position_in_queue(request.actor, assessment, part if is_inside else None)


def following_of(request: ActorRequest, assessment: Assessment) -> int | None:
    """The one to show after a decision: the next of the queue as it was narrowed, after the last one the first, then the others."""
    position = position_of(request, assessment)
    if position is not None and position.following is not None:
        return position.following
    free, part = open_to(request.actor).exclude(pk=assessment.pk).order_by(*OLDEST_FIRST), queue_in_view(request)
    narrowed = free if part is None else free.filter(pk__in=part.order_by().values("pk"))
    return narrowed.values_list("pk", flat=True).first() or free.values_list("pk", flat=True).first()


def done(request: ActorRequest, following: int | None, text: str) -> HttpResponse:
    if following is None:
        messages.success(request, f"{text}待审核的都已办完。")
        return redirect(way_back(request))
    messages.success(request, f"{text}下面是下一件。")
    return redirect("review", following)


def not_done(
    request: ActorRequest,
    assessment: Assessment,
    dialog: str,
    kinds: Collection[Kind],
    problem: InvalidInput | TransitionError,
    form: RecognitionForm | None = None,
) -> HttpResponse:
    """Show the page as it is now with the reason and what was typed; the second press of one's own button is no error."""
    fresh = load_review(assessment.pk)
    sheet = compare(fresh, request.actor)
    last = sheet.last_action
    is_own = last is not None and last.kind in kinds and last.user_id == request.actor.user.pk
    if isinstance(problem, TransitionError) and not isinstance(problem, StaleForm) and is_own:
        return done(request, following_of(request, fresh), problem.message)
    also: dict[str, Any] = {"dialog": dialog, "problem": problem.message, "typed": request.POST}
    if form is not None:
        also["recognise_form"] = form
    if dialog == "return" and request.POST.getlist("criterion"):
        ticked = request.POST.getlist("criterion")
        rows = [row for row in sheet.rows if str(row.number) in ticked]
        also["returnable"] = [(row, request.POST.get(f"reason_{row.number}", "")) for row in rows]
    return review_page(request, sheet, _number(request.POST.get("c", "")), problem.status, **also)


def back_to_criterion(request: ActorRequest, pk: int) -> HttpResponse:
    """Lead back to the page with the criterion that was in view."""
    number = _number(request.POST.get("c", ""))
    return redirect(f"{reverse('review', args=[pk])}?c={number}" if number else reverse("review", args=[pk]))


def _address(assessment: Assessment, request: ActorRequest, c: int) -> str:
    only = "&only=changed" if request.GET.get("only") == "changed" else ""
    return f"{reverse('review', args=[assessment.pk])}?c={c}{only}"
