"""The list of people (人员) and one person."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import access
from apps.accounts.http import ActorRequest
from apps.accounts.models import AccessEvent, User
from apps.accounts.permissions import Actor
from apps.core.downloads import table_download
from apps.core.errors import InvalidInput, ProblemForPeople
from apps.people.authority import refusals
from apps.people.forms import PersonForm
from apps.people.listing import COLUMNS, PeopleFilter, cells, contact_of, lines
from apps.people.moving import edit_person
from apps.people.views.shared import TONES, administrators_only, person_or_404, person_page, refused

PAGE_SIZE = 50
DOWNLOAD_LIMIT = 10_000


@administrators_only
@require_safe
def person_list(request: ActorRequest) -> HttpResponse:
    """People of the unit by name, role and state; with ``?format=xlsx`` the whole list, masked as well."""
    form = PeopleFilter(request)
    if request.GET.get("format") == "xlsx":
        return _download(request, form)
    page = Paginator(form.found(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = _rows(list(page.object_list), request.actor)
    *above, here = form.place.trail
    trail = [(one.name, f"?jurisdiction={one.key}") for one in above]
    context = {
        "form": form,
        "page_obj": page,
        "rows": rows,
        "may_print": any(row["may_print"] for row in rows),
        "trail": [*trail, (here.name, None)] if above else [],
    }
    return render(request, "people/person_list.html", context)


@administrators_only
@require_safe
def person_detail(request: ActorRequest, pk: int) -> HttpResponse:
    """One person: account, contact, memberships, and what can be done."""
    return person_page(request, person_or_404(request, pk))


@administrators_only
@require_POST
def person_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Mend name, bureau and contact data."""
    person = person_or_404(request, pk)
    form = PersonForm(request.POST, person=person, contact=contact_of(person), actor=request.actor)
    if not form.is_valid():
        return person_page(request, person, dialog="edit", form=form, status=422)
    try:
        edit_person(
            person,
            actor=request.actor,
            name=form.cleaned_data["display_name"],
            jurisdiction=form.cleaned_data["jurisdiction"],
            contact=form.contact(),
        )
    except ProblemForPeople as error:
        return refused(request, person, "edit", error)
    messages.success(request, f"{form.cleaned_data['display_name']}的资料已保存。")
    return redirect("person_detail", pk)


def _rows(people: list[User], actor: Actor) -> list[dict[str, Any]]:
    """The lines of the page; a slip can be printed of whom the actor looks after, as long as they are invited."""
    refused = refusals(people, actor)
    return [
        line
        | {
            "tone": TONES[line["person"].state],
            "may_print": line["person"].state == User.State.INVITED and not refused[line["person"].pk],
        }
        for line in lines(people)
    ]


def _download(request: ActorRequest, form: PeopleFilter) -> HttpResponse:
    people = form.found()
    count = people.count()
    if count > DOWNLOAD_LIMIT:
        raise InvalidInput(f"共 {count:,} 人，超过一次下载的 {DOWNLOAD_LIMIT:,} 人。请选择下级单位分别下载。")
    place = form.place.jurisdiction
    access.record(
        AccessEvent.Kind.EXPORTED, actor=request.actor, subject=f"{place}人员名单（{count} 人）", jurisdiction=place
    )
    return table_download(f"{place.name}人员名单", COLUMNS, cells(people))
