"""Administrators of a prefecture and of a county in it, and duties that a test hands out."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import pytest
from django.core.cache import cache

from apps.accounts.models import Invitation, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.jurisdictions.models import Jurisdiction
from apps.people import handover
from apps.people.handover import Todo
from apps.people.inviting import ContactFacts, activate, digest_of, invite_person


@pytest.fixture
def administrator(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄州's administrator."""
    return make_actor("5323", Role.BUREAU_ADMIN)


@pytest.fixture
def county_administrator(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄市's administrator."""
    return make_actor("532301", Role.BUREAU_ADMIN)


@pytest.fixture
def platform_administrator(make_actor: Callable[[str, Role], Actor]) -> Actor:
    return make_actor("000000", Role.PLATFORM_ADMIN)


@pytest.fixture
def invited(
    administrator: Actor, jurisdiction: Callable[[str], Jurisdiction], acting: Callable[[Actor], AbstractContextManager]
) -> Callable[..., Invitation]:
    """Return a function that invites a person to 楚雄市, or to another unit of 楚雄州: ``invited("ceshi-1")``."""

    def invite(username: str = "", code: str = "532301", role: Role = Role.STAFF) -> Invitation:
        contact = ContactFacts("测试科", "0878-0000001", "ceshi@example.cn")
        with acting(administrator):
            return invite_person(
                jurisdiction(code), role, actor=administrator, name="测试甲", username=username, contact=contact
            )

    return invite


@pytest.fixture
def active(invited: Callable[..., Invitation]) -> Callable[..., User]:
    """Return a function that gives a person who has activated the account."""

    def make(username: str = "", code: str = "532301", role: Role = Role.STAFF) -> User:
        return activate(digest_of(invited(username, code, role).code), "测试用的登录密码 42")

    return make


@dataclass
class FakeDuties:
    """Duties by membership, as a room above would register them."""

    todos: dict[int, int] = field(default_factory=dict)
    moved: list[tuple[int, int]] = field(default_factory=list)

    def open_todos(self, membership: Membership) -> list[Todo]:
        count = self.todos.get(membership.pk, 0)
        return [Todo("待审核的自评", count, frozenset({"review_assessments"}))] if count else []

    def hand_over(self, membership: Membership, successor: User, *, actor: Actor) -> int:
        self.moved.append((membership.pk, successor.pk))
        return self.todos.pop(membership.pk)


@pytest.fixture
def duties(monkeypatch: pytest.MonkeyPatch) -> FakeDuties:
    """What people still have to do: ``duties.todos[membership.pk] = 2``."""
    fake = FakeDuties()
    monkeypatch.setattr(handover, "_registered", [fake])
    return fake


@pytest.fixture(autouse=True)
def _no_limits_from_before() -> None:
    """Attempts are counted in the cache."""
    cache.clear()
