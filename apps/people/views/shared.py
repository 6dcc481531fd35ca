"""What the pages of people share: the guard, finding a person, and the page of one person with its dialogs."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.accounts.http import ActorRequest, View, members_only
from apps.accounts.models import Membership, User
from apps.accounts.permissions import require
from apps.core.errors import InvalidInput
from apps.people.authority import is_last_administrator, memberships_of, people_seen, refusal
from apps.people.forms import PersonForm
from apps.people.handover import open_todos
from apps.people.inviting import open_invitation
from apps.people.listing import contact_of, last_seen, locked_until, state_label
from apps.people.moving import may_end, successors_of

TONES = {
    User.State.ACTIVE: "success",
    User.State.INVITED: "warning",
    User.State.SUSPENDED: "danger",
    User.State.DEPARTED: "neutral",
    User.State.SYSTEM: "info",
}


def administrators_only(view: Callable[..., HttpResponse]) -> View:
    """Refuse members who do not manage people where they act."""

    @wraps(view)
    def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(request.actor, "manage_people")
        return view(request, *args, **kwargs)

    return members_only(guarded)


def person_or_404(request: ActorRequest, pk: int) -> User:
    """Return a person whom the page may show; 404 for everybody else's."""
    seen: QuerySet[User] = people_seen(request.actor).select_related("jurisdiction", "contact")
    return get_object_or_404(seen, pk=pk)


def membership_or_404(request: ActorRequest, pk: int) -> Membership:
    """Return a membership in the actor's jurisdiction or below; 404 for everybody else's."""
    found = Membership.objects.below(request.actor.jurisdiction.path)
    return get_object_or_404(found.select_related("jurisdiction", "user__jurisdiction"), pk=pk)


def offices_of(request: ActorRequest, person: User, reason: str | None = None) -> list[dict[str, Any]]:
    """The person's memberships in scope, each with what is still to do in it and who could take over.

    ``reason`` is the person's ``refusal`` where the caller has asked for it already.
    """
    if reason is None:
        reason = refusal(person, request.actor)
    held = Membership.objects.below(request.actor.jurisdiction.path).filter(user=person)
    offices = []
    for membership in held.select_related("jurisdiction", "user__jurisdiction").order_by("path", "role"):
        todos = open_todos(membership)
        is_own = person.pk == request.actor.user.pk
        successors, is_last = successors_of(membership) if todos else [], is_last_administrator(membership)
        offices.append(
            {
                "membership": membership,
                "todos": todos,
                "successors": successors,
                "is_stuck": bool(todos) and not successors,
                "is_own": is_own,
                "may_end": is_own or may_end(membership, request.actor, reason),
                "is_last": is_own and is_last,
                "leaves_none": is_last and not is_own,
            }
        )
    return offices


def named_successors(request: ActorRequest, person: User) -> dict[Membership, User | None]:
    """Who was chosen on the form for each membership that has to-dos."""
    chosen: dict[Membership, User | None] = {}
    for office in offices_of(request, person):
        membership = office["membership"]
        if key := request.POST.get(f"successor_{membership.pk}", ""):
            able = {str(one.user_id): one.user for one in office["successors"]}
            if key not in able:
                raise InvalidInput("选择的接手人现在不能接手，请重新选择。")
            chosen[membership] = able[key]
    return chosen


def handed_over(chosen: Mapping[Membership, User | None]) -> str:
    """Say how many to-dos go to whom; asked before they move, told afterwards. '' where there are none."""
    moved = [(sum(todo.count for todo in open_todos(one)), heir) for one, heir in chosen.items() if heir is not None]
    told = "，".join(f"{count} 件移交给{heir}" for count, heir in moved if count)
    return f"待办 {told}。" if told else ""


def person_page(
    request: ActorRequest,
    person: User,
    *,
    dialog: str = "",
    problem: str = "",
    form: PersonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """One person; after a refusal with the dialog open that was refused."""
    reason = refusal(person, request.actor)
    offices = offices_of(request, person, reason)
    contact, is_own = contact_of(person), person.pk == request.actor.user.pk
    may_edit = not reason or (is_own and request.actor.jurisdiction.contains(person.path))
    if form is None and may_edit:
        form = PersonForm(person=person, contact=contact, actor=request.actor)
    context = {
        "person": person,
        "tone": TONES[person.state],
        "state": state_label(person),
        "locked_until": locked_until([person]).get(person.pk),
        "contact": contact,
        "last_seen": last_seen(person),
        "offices": offices,
        "offices_with_todos": [one for one in offices if one["todos"]],
        "is_stuck": any(one["is_stuck"] for one in offices),
        "elsewhere": len(memberships_of(person)) - len(offices),
        "invitation": open_invitation(person) if not reason else None,
        "reason": reason,
        "may_manage": not reason and person.state != User.State.DEPARTED,
        "may_edit": may_edit and person.state != User.State.DEPARTED,
        "form": form,
        "dialog": dialog,
        "problem": problem,
    }
    return render(request, "people/person_detail.html", context, status=status)


def refused(request: ActorRequest, person: User, dialog: str, error: Exception) -> HttpResponse:
    """The person's page again, telling in the dialog why it was not done."""
    if isinstance(error, PermissionDenied):
        raise error
    message, status = getattr(error, "message", str(error)), getattr(error, "status", 400)
    fresh = person_or_404(request, person.pk)
    return person_page(request, fresh, dialog=dialog, problem=message, status=status)
