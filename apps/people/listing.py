"""The list of people: what narrows it, how it is read in a few queries, and how contact data is masked in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from apps.accounts import lockout
from apps.accounts.http import ActorRequest
from apps.accounts.models import Contact, Membership, User
from apps.accounts.security_policy import lacking
from apps.core import clock
from apps.core.xlsx import ListValue
from apps.people.authority import all_roles_to_grant, people_in
from apps.people.departments import titled
from apps.people.places import place_of

# Of those who wait for a password: who has signed in before was reset.
RESET, _RESET_LABEL = "reset", "待重设密码"
_WAITING = User.in_state(User.State.INVITED)
_STATES = {
    User.State.INVITED.value: _WAITING & Q(last_login=None),
    RESET: _WAITING & Q(last_login__isnull=False),
    **{one.value: User.in_state(one) for one in User.State if one != User.State.INVITED},
}

COLUMNS = ["姓名", "用户名", "所属单位", "任职", "状态", "科室", "办公电话", "电子邮箱", "最近登录"]


class PeopleFilter(forms.Form):
    """The filters of the list, from the address."""

    q = forms.CharField(label="姓名或用户名", required=False, max_length=50, strip=True)
    jurisdiction = forms.CharField(label="单位", required=False)
    role = forms.ChoiceField(label="角色", required=False)
    state = forms.ChoiceField(label="状态", required=False)
    two_factor = forms.ChoiceField(
        label="两步验证", required=False, choices=[("", "不限"), ("lacking", "审批人和管理员未启用")]
    )

    def __init__(self, request: ActorRequest) -> None:
        super().__init__(request.GET, label_suffix="")
        self.place = place_of(request)
        self.fields["jurisdiction"].widget = forms.Select(choices=self.place.choices)
        self.fields["q"].widget.attrs["autocomplete"] = "off"
        roles = [(role.value, role.label) for role in all_roles_to_grant(request.actor)]
        self.fields["role"].choices = [("", "不限"), *roles]  # type: ignore[attr-defined]
        labels = {RESET: _RESET_LABEL, **dict(User.State.choices)}
        states = [(one, labels[one]) for one in _STATES]
        self.fields["state"].choices = [("", "未离岗"), *states]  # type: ignore[attr-defined]
        self.data = {**request.GET.dict(), "jurisdiction": self.place.jurisdiction.key}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the unit narrows the list."""
        return any(self.data.get(name) for name in ("q", "role", "state", "two_factor"))

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
        if asked["two_factor"]:
            people = people.filter(pk__in=lacking(self.place.jurisdiction).values("pk"))
        people = people.filter(_STATES.get(asked["state"], Q(departed_at=None)))
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


def locked_until(people: Iterable[User]) -> dict[int, datetime]:
    """Until when those of ``people`` who are locked out stay so, as people see it, by id."""
    found = lockout.locked_until(one for one in people if one.is_active)
    return {pk: clock.shown(until) for pk, until in found.items()}


def state_label(person: User) -> str:
    """Where the account stands, in words: who lost the password by a reset is no newcomer."""
    is_reset = person.state == User.State.INVITED and person.last_login is not None
    return _RESET_LABEL if is_reset else person.state.label


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
            "；".join(map(titled, person.memberships.all())),
            state_label(person),
            contact.office if contact else "",
            masked_phone(contact.office_phone) if contact else "",
            masked_mail(contact.email) if contact else "",
            last_seen(person),
        ]


def lines(people: Sequence[User]) -> list[dict[str, Any]]:
    """What the page shows of each person."""
    shown, locked = [], locked_until(people)
    for person in people:
        contact = contact_of(person)
        shown.append(
            {
                "person": person,
                "state": state_label(person),
                "locked_until": locked.get(person.pk),
                "memberships": person.memberships.all(),
                "office": contact.office if contact else "",
                "phone": masked_phone(contact.office_phone) if contact else "",
                "mail": masked_mail(contact.email) if contact else "",
                "last_seen": last_seen(person),
            }
        )
    return shown
