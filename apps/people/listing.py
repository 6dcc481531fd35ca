"""The list of people: what narrows it, how it is read in a few queries, and how contact data is masked in it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from apps.accounts.http import ActorRequest
from apps.accounts.models import Contact, Membership, User
from apps.core import clock
from apps.core.xlsx import ListValue
from apps.people.authority import all_roles_to_grant, people_in
from apps.people.places import place_of

COLUMNS = ["姓名", "用户名", "所属单位", "任职", "状态", "科室", "办公电话", "电子邮箱", "最近登录"]


class PeopleFilter(forms.Form):
    """The filters of the list, from the address."""

    q = forms.CharField(label="姓名或用户名", required=False, max_length=50, strip=True)
    jurisdiction = forms.CharField(label="单位", required=False)
    role = forms.ChoiceField(label="角色", required=False)
    state = forms.ChoiceField(label="状态", required=False)

    def __init__(self, request: ActorRequest) -> None:
        super().__init__(request.GET, label_suffix="")
        self.place = place_of(request)
        self.fields["jurisdiction"].widget = forms.Select(choices=self.place.choices)
        self.fields["q"].widget.attrs["autocomplete"] = "off"
        roles = [(role.value, role.label) for role in all_roles_to_grant(request.actor)]
        self.fields["role"].choices = [("", "不限"), *roles]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", "未离岗"), *User.State.choices]  # type: ignore[attr-defined]
        self.data = {**request.GET.dict(), "jurisdiction": self.place.jurisdiction.key}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the unit narrows the list."""
        return any(self.data.get(name) for name in ("q", "role", "state"))

    def found(self) -> QuerySet[User]:
        """Return the people of the unit who pass every filter, with what a line shows; none where a filter is wrong."""
        people = people_in(self.place.jurisdiction)
        if not self.is_valid():
            return people.none()
        asked = self.cleaned_data
        if asked["q"]:
            people = people.filter(Q(display_name__icontains=asked["q"]) | Q(username__icontains=asked["q"]))
        if asked["role"]:
            held = Membership.objects.below(self.place.jurisdiction.path).filter(role=asked["role"])
            people = people.filter(Exists(held.filter(user=OuterRef("pk"))))
        people = people.filter(User.in_state(User.State(asked["state"])) if asked["state"] else Q(departed_at=None))
        return with_lines(people).order_by("path", "username")


def with_lines(people: QuerySet[User]) -> QuerySet[User]:
    """Read along what a line of the list shows; memberships outside the scope are not there."""
    memberships = Membership.objects.select_related("jurisdiction").order_by("path", "role")
    return people.select_related("jurisdiction", "contact").prefetch_related(Prefetch("memberships", memberships))


def contact_of(person: User) -> Contact | None:
    """The person's contact data, None where there is none or the scope does not reach it."""
    return getattr(person, "contact", None)


def last_seen(person: User) -> datetime | None:
    """When the person signed in last, as people see it: sign-in is stamped with real time."""
    return person.last_login and clock.shown(person.last_login)


def masked_phone(number: str) -> str:
    """``0878-0000001`` as ``0878-****001``; of a number without an area code the last three signs."""
    area, dash, rest = number.rpartition("-") if number.count("-") == 1 else ("", "", number)
    if not number:
        return ""
    return f"{area}{dash}****{rest[-3:]}" if len(rest) > 4 else f"{area}{dash}****"


def masked_mail(address: str) -> str:
    """``zhang@example.cn`` as ``z***@example.cn``."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""


def cells(people: QuerySet[User]) -> Iterator[list[ListValue]]:
    """The rows of the download, masked as on the page."""
    for person in people:
        contact = contact_of(person)
        yield [
            person.display_name,
            person.username,
            person.jurisdiction.name,
            "；".join(map(str, person.memberships.all())),
            person.state.label,
            contact.office if contact else "",
            masked_phone(contact.office_phone) if contact else "",
            masked_mail(contact.email) if contact else "",
            last_seen(person),
        ]


def lines(people: Any) -> list[dict[str, Any]]:
    """What the page shows of each person."""
    shown = []
    for person in people:
        contact = contact_of(person)
        shown.append(
            {
                "person": person,
                "memberships": person.memberships.all(),
                "office": contact.office if contact else "",
                "phone": masked_phone(contact.office_phone) if contact else "",
                "mail": masked_mail(contact.email) if contact else "",
                "last_seen": last_seen(person),
            }
        )
    return shown
