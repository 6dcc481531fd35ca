"""What all measurements share: people who act, times of work, tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.dataset import approver_of


def milliseconds_of(work: Callable[[], object], rounds: int) -> list[float]:
    """Return the milliseconds of ``rounds`` warm runs, the quickest first."""
    work()
    return sorted(_timed(work) for _ in range(rounds))


def in_turn(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median milliseconds of each, run in turn so that a busy machine burdens them alike."""
    for work in works:
        work()
    taken = [[_timed(work) for work in works] for _ in range(rounds)]
    return [median(times) for times in zip(*taken, strict=True)]


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the least value that ``share`` of the ordered ones do not exceed."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown section; the first column is words, the others are numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return [f"## {title}", "", *("| " + " | ".join(line) + " |" for line in lines), ""]


def chart(title: str, unit: str, bars: Sequence[tuple[str, float]]) -> list[str]:
    """Return a bar chart in Mermaid, which is drawn where Markdown is shown; the figures stand in a table as well."""
    names = ", ".join(f'"{name}"' for name, _ in bars)
    lines = ["xychart-beta horizontal", f'    title "{title}"', f"    x-axis [{names}]", f'    y-axis "{unit}"']
    return ["```mermaid", *lines, f"    bar [{', '.join(f'{value:.0f}' for _, value in bars)}]", "```", ""]


def verdict(is_met: bool) -> str:
    return "met" if is_met else "NOT MET"


def browser_of(code: str | None, role: str = "approver") -> "Browser":
    """Return a test client signed in as a person of the jurisdiction."""
    from django.conf import settings
    from django.test import Client

    from apps.accounts.domain import grant_membership
    from apps.accounts.models import Role, User
    from apps.jurisdictions.models import Jurisdiction

    if role == "approver":
        user = approver_of(code or "")
    else:
        place = Jurisdiction.objects.get(code=code)
        user, _ = User.objects.get_or_create(
            username=f"bench-{code}-{role}", defaults={"display_name": "测量", "jurisdiction": place}
        )
        grant_membership(user, place, Role(role))
    client = Client(raise_request_exception=False, SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(user)
    return Browser(client, user)


def program_of(code: str, role: str) -> "Browser":
    """Return a test client that asks the REST API by a token of such a person, as often as it likes."""
    from datetime import timedelta
    from uuid import uuid4

    from django.conf import settings
    from django.test import Client

    from apps.accounts.acting import acting
    from apps.accounts.models import ApiToken
    from apps.accounts.permissions import Actor
    from apps.accounts.tokens import make_token
    from apps.core import clock

    settings.API_RATES = dict.fromkeys(settings.API_RATES)
    user = browser_of(code, role).user
    actor = Actor(user, user.memberships.select_related("jurisdiction").get(jurisdiction__code=code))
    with acting(actor):
        ApiToken.objects.filter(user=user).delete()
        until = clock.today() + timedelta(days=1)
        made = make_token(actor.membership, f"测量 {uuid4()}", ApiToken.Scope.READ, until, actor=actor)
    headers = {"authorization": f"Bearer {made.text}"}
    return Browser(Client(raise_request_exception=False, SERVER_NAME=settings.ALLOWED_HOSTS[0], headers=headers), user)


@dataclass(frozen=True)
class Browser:
    """A test client and the person who is signed in with it, or whose token it shows."""

    client: Any
    user: Any

    def get(self, address: str) -> Any:
        return self.client.get(address)


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000
