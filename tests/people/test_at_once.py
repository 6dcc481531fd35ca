"""Two last administrators act on one another at the same moment, on two connections with committed rows: one stays."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from apps.accounts.acting import acting
from apps.accounts.models import Invitation, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.core.errors import TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.people.authority import is_last_administrator
from apps.people.departing import suspend_person
from apps.people.inviting import invite_person
from apps.people.moving import end_membership
from tests.assessments.test_domain_at_once import wait_for_a_lock
from tests.factories import person_at

Pair = tuple[Actor, Actor]


@pytest.fixture
def pair(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Pair]:
    """The two administrators of 楚雄市, seen by other connections; deleted afterwards."""
    with django_db_blocker.unblock():
        assert str(connection.settings_dict["NAME"]).startswith("test_")
        people = set(User.objects.values_list("pk", flat=True))
        unit = Jurisdiction.objects.get(code="532301000000")
        first = person_at(unit, Role.BUREAU_ADMIN)
        user = User.objects.create(username="second-admin", display_name="测试管理员乙", jurisdiction=unit)
        second = Actor(user, Membership.objects.create(user=user, jurisdiction=unit, role=Role.BUREAU_ADMIN))
        User.objects.exclude(pk__in=people).update(password=make_password("测试用的登录密码 42"))
        yield first, second
        new = list(User.objects.exclude(pk__in=people).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            # Nobody deletes records of access, not even the owner, as long as the wall stands.
            cursor.execute("ALTER TABLE accounts_accessevent NO FORCE ROW LEVEL SECURITY")
            cursor.execute("DELETE FROM accounts_accessevent WHERE user_id = ANY (%s)", [new])
            cursor.execute("ALTER TABLE accounts_accessevent FORCE ROW LEVEL SECURITY")
        Invitation.objects.filter(user__in=new).delete()
        User.objects.filter(pk__in=new).delete()


def elsewhere(verb: Callable[[], object], actor: Actor) -> str:
    """Run a verb on a connection of its own; returns what came of it."""
    try:
        with acting(actor):
            verb()
    except (TransitionError, PermissionDenied) as error:
        return str(error)
    finally:
        connection.close()
    return "done"


def at_once(first: Callable[[], object], by: Actor, second: Callable[[], object], other: Actor) -> str:
    """Run ``second`` while the transaction of ``first`` is open; return what came of the second."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), acting(by):
            first()
            outcome = pool.submit(elsewhere, second, other)
            wait_for_a_lock()
        return outcome.result(timeout=10)


def test_alone_an_administrator_is_the_last(administrator: Actor) -> None:
    assert is_last_administrator(administrator.membership)


def test_two_administrators_who_suspend_each_other_leave_one(pair: Pair) -> None:
    one, two = pair
    said = at_once(lambda: suspend_person(two.user, actor=one), one, lambda: suspend_person(one.user, actor=two), two)
    assert said == "您的任职已经变动，不能继续办理。请重新登录后再试。"
    assert list(User.objects.filter(pk__in=[one.user.pk, two.user.pk], is_active=True)) == [one.user]


def test_two_administrators_who_leave_at_once_leave_one(pair: Pair) -> None:
    one, two = pair
    said = at_once(
        lambda: end_membership(one.membership, actor=one), one, lambda: end_membership(two.membership, actor=two), two
    )
    assert said == "您是楚雄市唯一的单位管理员，不能退出。请先邀请一位新的管理员并等其激活账号。"
    assert list(Membership.objects.filter(role=Role.BUREAU_ADMIN, jurisdiction=one.jurisdiction)) == [two.membership]


def test_administrator_who_is_removed_while_removing_the_other_stays_out(pair: Pair) -> None:
    one, two = pair
    said = at_once(
        lambda: end_membership(two.membership, actor=one), one, lambda: end_membership(one.membership, actor=two), two
    )
    assert said == "您的任职已经变动，不能继续办理。请重新登录后再试。"
    assert Membership.objects.filter(pk=one.membership.pk).exists()


def test_two_administrators_who_invite_to_the_same_unit_at_once_get_two_names(pair: Pair) -> None:
    one, two = pair

    def invite(actor: Actor) -> None:
        invite_person(actor.jurisdiction, Role.STAFF, actor=actor, name="测试甲")

    assert at_once(lambda: invite(one), one, lambda: invite(two), two) == "done"
    names = User.objects.filter(display_name="测试甲").order_by("username").values_list("username", flat=True)
    assert list(names) == ["532301-01", "532301-02"]
