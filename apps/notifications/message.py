"""One thing to be told, and the people whom it concerns."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from apps.accounts.models import Membership
from apps.accounts.permissions import ROLE_VERBS
from apps.assessments.people import people_able
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.models import Notification


@dataclass(frozen=True)
class Message:
    """One thing to be told to ``people``: memberships, of which each person acts in the one that is named in the address."""

    kind: Notification.Kind
    people: list[Membership]
    title: str
    text: str
    url: str


def people_with(jurisdiction: Jurisdiction, verb: str, *, but: Collection[int | None] = ()) -> list[Membership]:
    """Who may ``verb`` at ``jurisdiction``, but for some users: of each person the membership in which they may do most."""
    return strongest(one for one in people_able(jurisdiction, verb) if one.user_id not in but)


def strongest(memberships: Iterable[Membership]) -> list[Membership]:
    """Of each person the membership in which they may do most, in the order of people."""
    weakest_first = sorted(memberships, key=lambda one: (len(ROLE_VERBS[one.role]), -one.pk))  # type: ignore[index]
    return sorted({one.user_id: one for one in weakest_first}.values(), key=lambda one: one.user_id)


def place_of(community: Community) -> str:
    """A community with its street: 鹿城镇龙江社区."""
    return f"{community.jurisdiction}{community}"
