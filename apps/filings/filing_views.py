"""One obligation: its form for the unit that owes it, its page for everybody above, and what either may do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import access
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns.models import Milestone
from apps.core.downloads import harmless
from apps.core.errors import InvalidInput, ProblemForPeople, StaleForm
from apps.core.inputs import whole_number
from apps.filings.attachments import attach_file, remove_file
from apps.filings.domain import (
    DECIDE,
    FILE,
    Content,
    accept_filing,
    last_before,
    may_read,
    return_filing,
    said_of,
    save_draft,
    submit_filing,
    withdraw_filing,
)
from apps.filings.forms import EscalationForm, MoveForm, content_from, number_in, part_reasons_from
from apps.filings.list_views import day_of
from apps.filings.models import Filing, FilingAttachment
from apps.filings.obligations import Owed, filing_url, find_owed
from apps.filings.showing import page_of
from apps.filings.sources import drafted_from, filled_from, sources_of, with_appended
from apps.filings.supervision import escalate, move_due_date, take_back_move
from apps.jurisdictions.models import Jurisdiction


@dataclass(frozen=True)
class One:
    """The obligation that an address names, with its filing, if anything was saved."""

    milestone: Milestone
    unit: Jurisdiction
    due_on: date
    owed: Owed
    filing: Filing | None

    @property
    def url(self) -> str:
        return filing_url(self.milestone, self.unit, self.due_on)

    @property
    def identity(self) -> tuple[Milestone, Jurisdiction, date]:
        return self.milestone, self.unit, self.due_on


def _access(request: ActorRequest, milestone: int, unit: str, day: str) -> One:
    """The obligation; 404 where it is out of sight or there is none."""
    due_on = day_of(day)
    named = get_object_or_404(Milestone.objects.select_related("campaign__jurisdiction"), pk=milestone)
    units = Jurisdiction.objects.below(request.actor.jurisdiction.path).with_key(unit).select_related("parent")
    place = get_object_or_404(units)
    owed = find_owed(named, place, due_on)
    if owed is None:
        raise Http404(f"{place}没有 {day} 到期的“{named}”。")
    filings = Filing.objects.with_context().select_related("saved_by")
    return One(named, place, due_on, owed, filings.filter(pk=owed.filing_id).first() if owed.filing_id else None)


def _of_one(view: Callable[[ActorRequest, One], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view its obligation."""

    @wraps(view)
    def shown(request: ActorRequest, milestone: int, unit: str, day: str) -> HttpResponse:
        return view(request, _access(request, milestone, unit, day))

    return shown


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
@_of_one
def filing(request: ActorRequest, one: One) -> HttpResponse:
    """The form of a filing for its own unit, the filing as it stands for everybody else; saving, submitting and files."""
    if request.method != "POST":
        return _page(request, one)
    typed = content_from(request.POST)
    seen = number_in(request.POST, "seen")
    require(request.actor, FILE, one.unit.path)
    try:
        saved = save_draft(*one.identity, _helped(request, one, typed), actor=request.actor, seen=seen)
    except ProblemForPeople as error:
        # The same version again, so that nobody overwrites a colleague by sending it a second time.
        return _page(request, one, refused=("没有保存", error), typed=typed, seen=seen)
    problem = _with_files(request, saved)
    if problem is None and request.POST.get("do") == "submit":
        problem = _submitted(request, one, saved)
    if problem is not None:
        return _page(request, _again(request, one), refused=("已保存草稿", problem))
    if request.POST.get("do") != "submit":
        messages.success(request, "草稿已保存，还没有报送。")
    return redirect(one.url)


def _helped(request: ActorRequest, one: One, typed: Content) -> Content:
    """What was typed, with what a button of the form fills in: the last filing's text, or what those below have told."""
    asked = request.POST.get("do", "")
    if asked == "last" and (last := last_before(*one.identity)) is not None:
        return Content(*filled_from(typed.parts, typed.narrative, last))
    if asked == "draft":
        return Content(typed.parts, with_appended(typed.narrative, drafted_from(sources_of(*one.identity))))
    return typed


def _with_files(request: ActorRequest, saved: Filing) -> ProblemForPeople | None:
    """Attach what came with the form and take away what was asked for; each refused file is named with its reason."""
    refused = []
    for file in request.FILES.getlist("files"):
        try:
            attach_file(saved, file, actor=request.actor)
        except InvalidInput as error:
            refused.append(error.message)
    gone = whole_number(request.POST.get("remove", ""))
    if gone is not None and (held := FilingAttachment.objects.filter(filing=saved, pk=gone).first()):
        remove_file(held, actor=request.actor)
    return InvalidInput("；".join(refused)) if refused else None


def _submitted(request: ActorRequest, one: One, saved: Filing) -> ProblemForPeople | None:
    try:
        submit_filing(saved, actor=request.actor, seen=saved.version)
    except ProblemForPeople as error:
        return error
    owed = find_owed(*one.identity) or one.owed
    messages.success(request, f"“{one.milestone}”已报送。{said_of(owed)}")
    return None


@members_only
@require_POST
@_of_one
def filing_withdraw(request: ActorRequest, one: One) -> HttpResponse:
    """Take a filing back to change it."""
    seen = number_in(request.POST, "round")
    require(request.actor, FILE, one.unit.path)
    return _act(
        request,
        one,
        "没有撤回",
        lambda filed: withdraw_filing(filed, actor=request.actor, seen=seen),
        "已撤回，可以修改后重新报送。",
    )


@members_only
@require_POST
@_of_one
def filing_return(request: ActorRequest, one: One) -> HttpResponse:
    """Give a filing back with reasons; refused, what was typed stays."""
    seen, reason = number_in(request.POST, "round"), request.POST.get("reason", "")
    by_part = part_reasons_from(request.POST)
    require(request.actor, DECIDE, one.unit.path)

    def give_back(filed: Filing) -> None:
        return_filing(filed, reason, by_part, actor=request.actor, seen=seen)

    return _act(
        request, one, "没有退回", give_back, f"已退回{one.unit}。", reason=reason, to_return=list(by_part.items())
    )


@members_only
@require_POST
@_of_one
def filing_accept(request: ActorRequest, one: One) -> HttpResponse:
    """Accept a filing."""
    seen = number_in(request.POST, "round")
    require(request.actor, DECIDE, one.unit.path)
    return _act(
        request,
        one,
        "没有接收",
        lambda filed: accept_filing(filed, actor=request.actor, seen=seen),
        f"已接收{one.unit}的报送。",
    )


@members_only
@require_POST
@_of_one
def filing_move(request: ActorRequest, one: One) -> HttpResponse:
    """Let the due date be another day for this unit."""
    form = MoveForm(request.POST, label_suffix="")
    require(request.actor, DECIDE, one.unit.path)

    def move() -> str:
        entered = form.cleaned_data
        moved = move_due_date(
            *one.identity, entered["moved_to"], entered["reason"], actor=request.actor, seen=entered["moved_before"]
        )
        return f"{one.unit}的期限已调整为 {moved.moved_to:%Y-%m-%d}。"

    return _supervise(request, one, form, move, "没有调整", "move_form")


@members_only
@require_POST
@_of_one
def filing_move_back(request: ActorRequest, one: One) -> HttpResponse:
    """Let the original date hold again."""
    try:
        take_back_move(*one.identity, actor=request.actor)
    except ProblemForPeople as error:
        return _page(request, one, refused=("没有取消", error))
    messages.success(request, f"{one.unit}恢复原定期限 {one.due_on:%Y-%m-%d}。")
    return redirect(one.url)


@members_only
@require_POST
@_of_one
def filing_escalate(request: ActorRequest, one: One) -> HttpResponse:
    """Urge the unit, on record."""
    form = EscalationForm(request.POST, label_suffix="")
    require(request.actor, DECIDE, one.unit.path)

    def urge() -> str:
        entered = form.cleaned_data
        escalate(*one.identity, entered["text"], document_number=entered["document_number"], actor=request.actor)
        return f"已督办{one.unit}。"

    return _supervise(request, one, form, urge, "没有督办", "escalation_form")


@members_only
@require_safe
def filing_open(request: ActorRequest, pk: int) -> HttpResponse:
    """Go to a filing that is known by its number."""
    found = get_object_or_404(Filing.objects.with_context(), pk=pk)
    return redirect(filing_url(found.milestone, found.jurisdiction, found.due_on))


@members_only
@require_safe
def filing_file(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Give a file to save, on record. The wall decides who may."""
    named = FilingAttachment.objects.select_related("filing__milestone", "filing__jurisdiction")
    attachment = get_object_or_404(named, pk=pk)
    if not may_read(request.actor, attachment.filing):
        raise Http404
    try:
        file = attachment.file.open("rb")
    except FileNotFoundError as missing:
        raise Http404(f"“{attachment.name}”的文件找不到了，请联系管理员。") from missing
    if request.method == "GET":
        subject, where = f"{attachment.filing}附件“{attachment.name}”", attachment.filing.jurisdiction
        access.record(AccessEvent.Kind.DOWNLOADED, actor=request.actor, subject=subject, jurisdiction=where)
    response = FileResponse(file, as_attachment=True, filename=attachment.name, content_type=attachment.content_type)
    return harmless(response)


def _act(
    request: ActorRequest, one: One, not_done: str, verb: Callable[[Filing], object], said: str, **typed: Any
) -> HttpResponse:
    """Do something with the filing and go back to its page, or say there why not."""
    if one.filing is None:
        raise Http404(f"{one.unit}还没有填报“{one.milestone}”。")
    try:
        verb(one.filing)
    except ProblemForPeople as error:
        return _page(request, _again(request, one), refused=(not_done, error), **typed)
    messages.success(request, said)
    return redirect(one.url)


def _supervise(
    request: ActorRequest,
    one: One,
    form: MoveForm | EscalationForm,
    verb: Callable[[], str],
    not_done: str,
    name: str,
) -> HttpResponse:
    """What a unit above does by a form, and its refusal beside what was typed."""
    if not form.is_valid():
        text = "；".join([*form.problems.general, *(each.text for each in form.problems.placed)])
        return _page(request, one, refused=(not_done, InvalidInput(text)), **{name: form})
    try:
        said = verb()
    except ProblemForPeople as error:
        return _page(request, one, refused=(not_done, error), **{name: form})
    messages.success(request, said)
    return redirect(one.url)


def _again(request: ActorRequest, one: One) -> One:
    return _access(request, one.milestone.pk, one.unit.key, one.due_on.isoformat())


def _page(
    request: ActorRequest, one: One, *, refused: tuple[str, ProblemForPeople] | None = None, **typed: Any
) -> HttpResponse:
    context = page_of(request.actor, one.owed, one.milestone, one.unit, one.filing)
    context |= {"refused": refused, "own_url": one.url, "seen": one.filing.version if one.filing else 0} | {
        name: value for name, value in typed.items() if name != "typed"
    }
    # What was typed stays where it is; beside it the page that a colleague has changed can be opened.
    context["latest"] = one.url if refused and isinstance(refused[1], StaleForm) else ""
    if (content := typed.get("typed")) is not None:
        context["content"] = content
    return render(request, "filings/filing.html", context, status=refused[1].status if refused else 200)
