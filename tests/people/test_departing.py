"""Suspending, resuming, leaving, erasing: access ends at once, to-dos move, the audit stays."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apps.accounts.models import AccessEvent, Contact, Invitation, Role, User
from apps.accounts.permissions import Actor
from apps.core.errors import InvalidInput, TransitionError
from apps.people.departing import depart_person, erase_contact, resume_person, suspend_person
from apps.people.inviting import find_invitation
from apps.people.moving import OpenTodos
from tests.people.conftest import FakeDuties

Acting = Callable[[Actor], AbstractContextManager[None]]


def last_kinds(number: int) -> list[str]:
    return list(AccessEvent.objects.order_by("-pk").values_list("kind", flat=True)[:number])


def test_suspend_ends_what_is_signed_in_at_once(
    active: Callable[..., User], administrator: Actor, acting: Acting
) -> None:
    user, client = active(), Client()
    sign_in = {"login": user.username, "password": "测试用的登录密码 42"}
    assert client.post("/accounts/login/", sign_in).status_code == 302
    assert client.get("/").status_code == 200
    with acting(administrator):
        suspend_person(user, actor=administrator)
    assert client.get("/").url.startswith("/accounts/login/")  # type: ignore[attr-defined]
    answer = Client().post("/accounts/login/", sign_in, follow=True)
    assert not answer.wsgi_request.user.is_authenticated
    with acting(administrator):
        assert resume_person(user, actor=administrator).state == User.State.ACTIVE
    assert client.post("/accounts/login/", sign_in).status_code == 302
    assert client.get("/").status_code == 200


def test_suspend_withdraws_the_code_and_keeps_the_memberships(
    invited: Callable[..., Invitation], administrator: Actor, acting: Acting
) -> None:
    invitation = invited()
    with acting(administrator):
        user = suspend_person(invitation.user, actor=administrator)
    assert (user.state, user.memberships.count(), last_kinds(1)) == (User.State.SUSPENDED, 1, ["suspended"])
    with pytest.raises(InvalidInput, match="已经作废"):
        find_invitation(invitation.code)
    with acting(administrator), pytest.raises(TransitionError, match="不用再停用"):
        suspend_person(user, actor=administrator)


def test_suspend_of_oneself_above_or_beside_is_refused(
    administrator: Actor, province_reviewer: Actor, stranger: Actor, acting: Acting
) -> None:
    with acting(administrator):
        for person in (administrator.user, province_reviewer.user, stranger.user):
            with pytest.raises(PermissionDenied):
                suspend_person(person, actor=administrator)
    assert User.objects.filter(is_active=False).count() == 0


def test_suspend_with_open_todos_needs_a_successor(
    active: Callable[..., User], administrator: Actor, acting: Acting, duties: FakeDuties
) -> None:
    user, colleague = active(), active()
    membership = user.memberships.get()
    duties.todos[membership.pk] = 3
    with acting(administrator):
        with pytest.raises(OpenTodos):
            suspend_person(user, actor=administrator)
        suspend_person(user, actor=administrator, successors={membership: colleague})
    assert duties.moved == [(membership.pk, colleague.pk)]
    assert last_kinds(2) == ["suspended", "handed_over"]


def test_depart_ends_everything_and_keeps_name_and_history(
    active: Callable[..., User], administrator: Actor, acting: Acting, duties: FakeDuties
) -> None:
    user, colleague = active(), active()
    membership = user.memberships.get()
    duties.todos[membership.pk] = 1
    with acting(administrator):
        with pytest.raises(OpenTodos):
            depart_person(user, actor=administrator)
        assert user.memberships.count() == 1
        depart_person(user, actor=administrator, successors={membership: colleague})
    user.refresh_from_db()
    assert (user.state, user.display_name, user.is_active) == (User.State.DEPARTED, "测试甲", False)
    assert not user.has_usable_password()
    assert (user.memberships.count(), Contact.objects.filter(user=user).count()) == (0, 0)
    assert last_kinds(4) == ["erased", "suspended", "ended", "handed_over"]
    labels = user.history.order_by("pgh_id").values_list("pgh_label", flat=True)  # type: ignore[attr-defined]
    assert labels[0] == "insert"
    with acting(administrator), pytest.raises(TransitionError, match="离岗人员回来工作的，请重新邀请"):
        resume_person(user, actor=administrator)


def test_erase_contact_deletes_it_and_is_recorded_once(
    active: Callable[..., User], administrator: Actor, acting: Acting
) -> None:
    user = active()
    with acting(administrator):
        erase_contact(user, actor=administrator)
        erase_contact(user, actor=administrator)
    assert not Contact.objects.filter(user=user).exists()
    assert AccessEvent.objects.filter(kind="erased").count() == 1


def test_administrator_of_a_county_is_suspended_by_the_prefecture_but_not_the_other_way(
    active: Callable[..., User], administrator: Actor, county_administrator: Actor, acting: Acting
) -> None:
    with acting(county_administrator), pytest.raises(PermissionDenied):
        suspend_person(administrator.user, actor=county_administrator)
    with acting(administrator):
        suspend_person(county_administrator.user, actor=administrator)
    with acting(county_administrator), pytest.raises(PermissionDenied, match="您的任职已经变动"):
        suspend_person(active(role=Role.STAFF), actor=county_administrator)
