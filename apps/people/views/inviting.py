"""Inviting one person or a list, and the slips with the codes."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest
from apps.accounts.models import Invitation, Membership
from apps.core.downloads import spreadsheet_download
from apps.core.errors import InvalidInput, ProblemForPeople
from apps.people.authority import people_seen
from apps.people.bulk import (
    COLUMNS,
    MAX_ROWS,
    BulkRow,
    errors_table,
    invite_rows,
    judge,
    read_rows,
    sign,
    unsign,
)
from apps.people.bulk_template import build_template
from apps.people.forms import InviteForm
from apps.people.inviting import invite_person, show_codes, usernames_for
from apps.people.places import Place, place_of
from apps.people.tasks import mail_links
from apps.people.views.actions import link_address, mail_code
from apps.people.views.shared import administrators_only

MAX_SLIPS = 500
# Where the session keeps what the last confirmation of a list did.
_LAST_DONE = "bulk_done"


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def person_invite(request: ActorRequest) -> HttpResponse:
    """Invite one person to the unit of ``?jurisdiction=``."""
    place = place_of(request)
    asked = request.POST.get("place", "")
    if asked and asked != place.jurisdiction.key:
        return _at_another_place(request, place_of(request, key=asked))
    form = _invite_form(request, place, request.POST or None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            return _invited(request, form, invite_one(request, form))
        except ProblemForPeople as error:
            form.add_error("username" if "用户名" in error.message else None, error.message)
            status = error.status
    return render(request, "people/person_invite.html", {"place": place, "form": form}, status=status)


def _at_another_place(request: ActorRequest, place: Place) -> HttpResponse:
    """The form for another unit with all that was typed; nobody is invited, and no name stands in the address."""
    form = _invite_form(request, place, initial=request.POST.dict())
    response = render(request, "people/person_invite.html", {"place": place, "form": form})
    response["HX-Replace-Url"] = f"{reverse('person_invite')}?jurisdiction={place.jurisdiction.key}"
    return response


def _invite_form(request: ActorRequest, place: Place, data: QueryDict | None = None, **kwargs: Any) -> InviteForm:
    unit = place.jurisdiction
    suggestion = usernames_for([(unit, "")])[0]
    return InviteForm(data, jurisdiction=unit, actor=request.actor, suggestion=suggestion, **kwargs)


def invite_one(request: ActorRequest, form: InviteForm) -> Invitation:
    """Invite whom the form names."""
    data = form.cleaned_data
    return invite_person(
        place_of(request).jurisdiction,
        data["role"],
        actor=request.actor,
        name=data["display_name"],
        department=data.get("department", ""),
        username=data["username"],
        contact=form.contact(),
    )


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_invite(request: ActorRequest) -> HttpResponse:
    """Upload a list and see what each row would do; nothing is written yet."""
    if request.method != "POST":
        return _bulk_page(request, None)
    file = request.FILES.get("file")
    if file is None:
        return _bulk_page(request, None, problem="请选择填好的表格（xlsx）。", status=422)
    try:
        return _bulk_page(request, read_rows(file, actor=request.actor))
    except InvalidInput as error:
        return _bulk_page(request, None, problem=error.message, status=error.status)


@administrators_only
@require_POST
def bulk_confirm(request: ActorRequest) -> HttpResponse:
    """Invite the people of all good rows of the preview; sent a second time, the page says again what was done."""
    signed = request.POST.get("rows", "")
    try:
        rows = judge(unsign(signed, actor=request.actor), actor=request.actor)
        done = _done_before(request, signed)
        if done is None:
            invitations = invite_rows(rows, actor=request.actor)
            mailed = _mail_rows(request, rows, invitations) if request.POST.get("by_mail") else []
            done = (invitations, mailed)
            _remember_done(request, signed, *done)
    except InvalidInput as error:
        return _bulk_page(request, None, problem=error.message, status=422)
    invitations, mailed = done
    invited = {one.user.username for one in invitations}
    wrong = [row for row in rows if row.errors and row.username not in invited]
    context = {
        "invitations": invitations,
        "mailed": mailed,
        "on_paper": [one for one in invitations if one not in mailed],
        "wrong": wrong,
        "signed": sign(wrong, actor=request.actor),
    }
    return render(request, "people/bulk_done.html", context)


@administrators_only
@require_POST
def bulk_errors(request: ActorRequest) -> HttpResponse:
    """The rows with errors as a spreadsheet to mend."""
    try:
        rows = judge(unsign(request.POST.get("rows", ""), actor=request.actor), actor=request.actor)
    except InvalidInput as error:
        return _bulk_page(request, None, problem=error.message, status=422)
    return spreadsheet_download(errors_table(rows), "人员名单（需要改正）")


@administrators_only
@require_safe
def bulk_template(request: ActorRequest) -> HttpResponse:
    """The spreadsheet to fill in."""
    return spreadsheet_download(build_template(request.actor), f"{request.actor.jurisdiction.name}人员名单")


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def slips(request: ActorRequest) -> HttpResponse:
    """A page to print: a slip with the code for each person chosen who has not activated the account."""
    if request.method != "POST":
        # Reloaded, or called from the history: who was chosen is not in the address.
        return redirect("person_list")
    chosen = [int(one) for one in request.POST.getlist("person")[:MAX_SLIPS] if one.isdecimal() and len(one) < 10]
    seen = people_seen(request.actor).filter(pk__in=chosen).select_related("jurisdiction")
    people = list(seen.order_by("path", "username"))
    invitations = show_codes(people, actor=request.actor)
    if not invitations:
        messages.warning(
            request,
            "所选人员没有可用的激活凭证：已激活的不需要，过期的请先重新发放，账号由其他单位管理的请联系该单位。",
        )
        return redirect("person_list")
    prefetch_related_objects(
        invitations, Prefetch("user__memberships", Membership.objects.select_related("jurisdiction"))
    )
    context = {
        "invitations": invitations,
        "missing": len(people) - len(invitations),
        "address": request.build_absolute_uri(reverse("activate")),
    }
    return render(request, "people/slips.html", context)


def _invited(request: ActorRequest, form: InviteForm, invitation: Invitation) -> HttpResponse:
    person = invitation.user
    messages.success(request, f"已邀请{person}，用户名 {person.username}。")
    if form.cleaned_data["by_mail"]:
        mail_code(request, person)
    return redirect("person_detail", person.pk)


def _done_before(request: ActorRequest, signed: str) -> tuple[list[Invitation], list[Invitation]] | None:
    """What the person's last confirmation did, if it was of the same rows."""
    last: dict[str, Any] = request.session.get(_LAST_DONE, {})
    if last.get("rows") != _digest(signed):
        return None
    rows = Invitation.objects.select_related("user").in_bulk(last["invited"])
    invitations = [rows[pk] for pk in last["invited"] if pk in rows]
    return invitations, [one for one in invitations if one.pk in last["mailed"]]


def _remember_done(request: ActorRequest, signed: str, invitations: list[Invitation], mailed: list[Invitation]) -> None:
    pks, mailed_pks = [one.pk for one in invitations], [one.pk for one in mailed]
    request.session[_LAST_DONE] = {"rows": _digest(signed), "invited": pks, "mailed": mailed_pks}


def _digest(signed: str) -> str:
    return sha256(signed.encode()).hexdigest()


def _mail_rows(request: ActorRequest, rows: list[BulkRow], invitations: list[Invitation]) -> list[Invitation]:
    """Mail the links of those rows that have an address; the invitations stand in the order of the good rows."""
    good = [row for row in rows if not row.errors]
    people = [one.user for row, one in zip(good, invitations, strict=True) if row.contact.email]
    return mail_links(people, actor=request.actor, address=link_address(request))


def _bulk_page(
    request: HttpRequest, rows: list[BulkRow] | None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {"problem": problem, "max_rows": MAX_ROWS, "columns": COLUMNS, "rows": rows}
    if rows is not None:
        wrong = sum(bool(row.errors) for row in rows)
        signed = sign(rows, actor=request.actor)  # type: ignore[attr-defined]
        with_mail = sum(not row.errors and bool(row.contact.email) for row in rows)
        context |= {"wrong": wrong, "good": len(rows) - wrong, "with_mail": with_mail, "signed": signed}
    return render(request, "people/bulk_invite.html", context, status=status)
