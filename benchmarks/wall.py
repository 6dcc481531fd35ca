"""What the wall costs: the queries of roll-ups and list pages behind the policies, and the same as owner with the range by hand.

The queries are caught while the product makes them. They are run in turn, on one connection, in a transaction that is rolled back:
in it the owner is let past the policies, which stay in force for the application role.
"""

import gc
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.dataset import CAMPAIGN, YEAR, approver_of
from benchmarks.measuring import table, verdict

MOST = 1.1
ROUNDS = 61
PLACES = {"江苏省": "320000000000", "南京市": "320100000000", "楚雄州": "532300000000"}
PAGES = {
    "社区库": "/communities/?",
    "社区库, by name": "/communities/?q=花园&",
    "自评": "/assessments/?",
    "审核": "/reviews/?",
    "年度计划": "/plan/?",
}
HEAD = ["", "who", "queries", "behind the wall, ms", "by hand, ms", "× by hand", "× (quickest)", f"at most {MOST}"]

# Tables of a query, quoted as Django writes them or bare, with an alias where there is one.
_TABLE = r'"?(\w+)"?(?: (?!(?:WHERE|INNER|LEFT|CROSS|JOIN|ON|USING|GROUP|ORDER|LIMIT|UNION|HAVING)\b)(\w+))?'
_DRIVING = re.compile(rf"(?<=FROM ){_TABLE}")
_ANY = re.compile(rf"(?<=FROM ){_TABLE}|(?<=JOIN ){_TABLE}")
# What pghistory puts before a statement that might write.
_CONTEXT = re.compile(r"^SELECT set_config\('pghistory\..*?, true\);\s*", re.DOTALL)

Statements = Sequence[str]


def report() -> list[str]:
    """Measure every list at every place."""
    return [
        *table("The wall", HEAD, _rows()),
        "The queries that the roll-up and the pages make: behind the policies as the application role, and as the owner",
        "without policies, with the range of paths written by hand. Run in turn: medians, the median of the rounds' ratios,",
        "and beside it what the quickest runs give, which single lucky ones decide.",
        "",
    ]


def _rows() -> list[list[str]]:
    from django.db import connection, transaction

    from apps.jurisdictions.models import Jurisdiction

    measured = []
    for name, code in PLACES.items():
        place, person = Jurisdiction.objects.get(code=code), approver_of(code)
        caught = {"roll-up": _of_roll_up(place, person)}
        caught |= {page: _of_page(address, person) for page, address in PAGES.items()}
        with transaction.atomic(), connection.cursor() as cursor:
            conditions = _let_the_owner_past(cursor, place.path)
            behind = partial(_go_behind_the_wall, cursor, place.path, person.pk)
            past = partial(_go_past_the_wall, cursor)
            for what, statements in caught.items():
                by_hand = _by_hand(cursor, statements, place.path, conditions, behind, past)
                walled, plain = _compare(cursor, (statements, by_hand), (behind, past))
                # Of each round, whose two runs follow one another: what the machine does meanwhile weighs on both.
                ratio = median(one / other for one, other in zip(walled, plain, strict=True))
                quickest = min(walled) / min(plain)
                figures = [f"{number:.2f}" for number in (median(walled), median(plain), ratio, quickest)]
                measured.append([what, name, str(len(statements)), *figures, verdict(ratio <= MOST)])
            transaction.set_rollback(True)
    return measured


def _of_roll_up(place: Any, person: Any) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from apps.campaigns.models import Campaign
    from apps.campaigns.rollup import roll_up
    from apps.core.scope import scope

    campaign = Campaign.objects.get(code=CAMPAIGN)
    with scope(place.path, user_id=person.pk), CaptureQueriesContext(connection) as captured:
        roll_up(campaign, place, YEAR)
    return _reading(captured.captured_queries)


def _of_page(address: str, person: Any) -> list[str]:
    """What the page asks once its scope is set; who is signed in is asked before, with and without a wall."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(person)
    address = f"{address}campaign={CAMPAIGN}&year={YEAR}"
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        status = client.get(address).status_code
    if status != 200:
        sys.exit(f"{address} for {person}: HTTP {status}")
    return _reading(captured.captured_queries)


def _reading(captured: list[dict[str, str]]) -> list[str]:
    told = [_CONTEXT.sub("", one["sql"]).strip() for one in captured]
    last = max((place for place, sql in enumerate(told) if "set_config('app.scope_from'" in sql), default=-1)
    return [sql for sql in told[last + 1 :] if sql.startswith(("SELECT ", "WITH "))]


def _let_the_owner_past(cursor: Any, path: str) -> dict[str, str]:
    """Free the owner from the policies until the rollback; return the tables that are read by the scope, with the condition."""
    from apps.core.wall import LABEL_WIDTH

    cursor.execute("SELECT oid::regclass::text FROM pg_class WHERE relforcerowsecurity")
    for (walled,) in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {walled} NO FORCE ROW LEVEL SECURITY")
    cursor.execute("SELECT tablename, qual FROM pg_policies WHERE schemaname = 'public' AND cmd = 'SELECT'")
    below = f"path >= '{path}' AND path < '{path}~'"
    line = ", ".join(f"'{path[:end]}'" for end in range(LABEL_WIDTH, len(path), LABEL_WIDTH))
    conditions = {}
    for walled, policy in cursor.fetchall():
        if " OR " not in policy and "app.scope_from" in policy:
            conditions[walled] = below
        elif "starts_with(" in policy and "EXISTS" not in policy:
            conditions[walled] = f"({below}) OR path IN ({line})"
    # The other tables are read by everybody, or with another row: no range can be written.
    return conditions


def _go_behind_the_wall(cursor: Any, path: str, user_id: int) -> None:
    from apps.core.scope import narrow

    narrow(path, user_id=user_id)
    cursor.execute("SELECT set_config('row_security', 'on', true)")


def _go_past_the_wall(cursor: Any) -> None:
    # With row_security off a statement that a policy would limit fails instead.
    cursor.execute("SELECT set_config('role', 'none', true), set_config('row_security', 'off', true)")


def _by_hand(
    cursor: Any,
    statements: Statements,
    path: str,
    conditions: dict[str, str],
    behind: Callable[[], None],
    past: Callable[[], None],
) -> list[str]:
    """Write the range into each statement, as rarely as gives the rows that the wall gives."""
    written = []
    for statement in statements:
        behind()
        wanted = _answer(cursor, statement)
        past()
        found = (one for one in _candidates(statement, path, conditions) if _answer(cursor, one) == wanted)
        one = next(found, None)
        if one is None:
            sys.exit(f"The range by hand gives other rows than the wall:\n{statement}")
        written.append(one)
    return written


def _candidates(statement: str, path: str, conditions: dict[str, str]) -> list[str]:
    """As it is where it names the range already, else with the range on what it reads first, else on every table."""
    below = {table: condition for table, condition in conditions.items() if " OR " not in condition}
    limited = [_limit(statement, _DRIVING, below), _limit(statement, _ANY, below), _limit(statement, _ANY, conditions)]
    names_it = re.search(rf"""path"? >= '{path}'""", statement)
    return [statement, *limited] if names_it or limited[1] == statement else limited


def _limit(statement: str, pattern: re.Pattern[str], conditions: dict[str, str]) -> str:
    def limited(found: re.Match[str]) -> str:
        table, alias = next(pair for pair in zip(found.groups()[::2], found.groups()[1::2], strict=True) if pair[0])
        if table not in conditions:
            return found[0]
        # The planner folds this into the statement, as if the range stood in its WHERE.
        return f'(SELECT * FROM "{table}" WHERE {conditions[table]}) {alias or table}'  # noqa: S608

    return pattern.sub(limited, statement)


def _answer(cursor: Any, statement: str) -> list[str]:
    cursor.execute(statement)
    return sorted(map(repr, cursor.fetchall()))


def _compare(
    cursor: Any, sides: tuple[Statements, Statements], enter: tuple[Callable[[], None], Callable[[], None]]
) -> tuple[list[float], list[float]]:
    """Return the milliseconds of every round of both sides; each round takes them in the other order."""
    walled: list[float] = []
    plain: list[float] = []
    taken = (walled, plain)
    gc.disable()
    for number in range(ROUNDS + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            enter[side]()
            start = perf_counter()
            for statement in sides[side]:
                cursor.execute(statement)
                cursor.fetchall()
            taken[side].append((perf_counter() - start) * 1000)
    gc.enable()
    return walled[1:], plain[1:]
