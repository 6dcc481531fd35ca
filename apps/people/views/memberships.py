"""Adding, changing and ending memberships."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.http import ActorRequest
from apps.accounts.models import Membership, User
from apps.core.errors import ProblemForPeople
from apps.people.authority import people_seen, require_care
from apps.people.departments import titled
from apps.people.forms import MembershipForm
from apps.people.handover import can_take, open_todos
from apps.people.moving import add_membership, change_membership, end_membership
from apps.people.places import Place, place_of
from apps.people.views.shared import (
    administrators_only,
    handed_over,
    membership_or_404,
    named_successors,
    offices_of,
    person_or_404,
    refused,
)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def membership_add(request: ActorRequest, pk: int) -> HttpResponse:
    """Give a person one more membership, in the unit of ``?jurisdiction=``."""
    person = person_or_404(request, pk)
    require_care(person, request.actor)
    place = place_of(request, person.jurisdiction)
    form = MembershipForm(request.POST or None, jurisdiction=place.jurisdiction, actor=request.actor)
    if not form.is_valid():
        return _form_page(request, person, place, form, status=422 if form.is_bound else 200)
    try:
        role, department = form.cleaned_data["role"], form.cleaned_data.get("department", "")
        added = add_membership(person, place.jurisdiction, role, actor=request.actor, department=department)
    except ProblemForPeople as error:
        form.add_error(None, error.message)
        return _form_page(request, person, place, form, status=error.status)
    messages.success(request, f"已增加任职：{titled(added)}。")
    return redirect("person_detail", pk)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def membership_change(request: ActorRequest, pk: int) -> HttpResponse:
    """Move a person to the unit of ``?jurisdiction=``, or to another role."""
    membership = membership_or_404(request, pk)
    person, place = person_or_404(request, membership.user_id), place_of(request, membership.jurisdiction)
    require_care(person, request.actor)
    initial = {"role": membership.role, "department": membership.department}
    form = MembershipForm(request.POST or None, initial=initial, jurisdiction=place.jurisdiction, actor=request.actor)
    if not form.is_valid():
        return _form_page(request, person, place, form, membership, status=422 if form.is_bound else 200)
    role, department, successor = form.cleaned_data["role"], form.cleaned_data.get("department", ""), None
    try:
        successor = named_successors(request, person).get(membership)
        stays = place.jurisdiction == membership.jurisdiction and can_take(role, open_todos(membership))
        moved = "" if stays else handed_over({membership: successor})
        changed = change_membership(
            membership, place.jurisdiction, role, actor=request.actor, successor=successor, department=department
        )
    except ProblemForPeople as error:
        form.add_error(None, error.message)
        return _form_page(request, person, place, form, membership, status=error.status)
    messages.success(request, f"已调整任职：{titled(changed)}。{moved}")
    return redirect("person_detail", person.pk)


@administrators_only
@require_POST
def membership_end(request: ActorRequest, pk: int) -> HttpResponse:
    """End a membership; to-dos move to the successor chosen."""
    membership = membership_or_404(request, pk)
    person, said = person_or_404(request, membership.user_id), str(membership)
    try:
        successor = named_successors(request, person).get(membership)
        moved = handed_over({membership: successor})
        end_membership(membership, actor=request.actor, successor=successor)
    except ProblemForPeople as error:
        return refused(request, person, f"end-{pk}", error)
    if person.pk == request.actor.user.pk:
        messages.success(request, f"您已退出：{said}。{moved}")
        return redirect("desk")
    messages.success(request, f"已免去{person}的任职：{said}。{moved}")
    if people_seen(request.actor).filter(pk=person.pk).exists():
        return redirect("person_detail", person.pk)
    return redirect("person_list")


def _form_page(
    request: ActorRequest,
    person: User,
    place: Place,
    form: MembershipForm,
    membership: Membership | None = None,
    *,
    status: int,
) -> HttpResponse:
    office = None
    if membership is not None:
        office = next((one for one in offices_of(request, person) if one["membership"] == membership), None)
    context = {"person": person, "place": place, "form": form, "office": office, "membership": membership}
    if membership is None:
        context["moving"] = _only_office_at_home(person)
    if office is not None:
        # Another role in the same unit may leave the to-dos where they are.
        context["is_stuck"] = office["is_stuck"] and place.jurisdiction != office["membership"].jurisdiction
    return render(request, "people/membership_form.html", context, status=status)


def _only_office_at_home(person: User) -> Membership | None:
    """The membership that a move would change: the one in the person's own bureau, where it is the only one there."""
    held = list(person.memberships.filter(jurisdiction=person.jurisdiction)[:2])
    return held[0] if len(held) == 1 else None
