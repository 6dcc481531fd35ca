"""The roll-up against the plain SQL that one would write by hand for the same numbers."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from benchmarks import plain
from benchmarks.dataset import CAMPAIGN, YEAR
from benchmarks.measuring import in_turn, table, verdict

ROUNDS = 21
MOST = 1.5
PLACES = {"全国": "000000000000", "江苏省": "320000000000", "楚雄州": "532300000000", "楚雄市": "532301000000"}
HEAD = [
    "",
    "roll_up(), ms",
    "plain SQL, ms",
    f"× plain, at most {MOST}",
    "roll_up() as owner, ms",
    "plain as owner, ms",
]


def report() -> list[str]:
    """Compare at every place, behind the wall as pages do and as the owner with the whole installation in scope."""
    from apps.campaigns.models import Campaign
    from apps.core.scope import scope
    from apps.jurisdictions.models import Jurisdiction

    campaign = Campaign.objects.get(code=CAMPAIGN)
    rows = []
    for name, code in PLACES.items():
        place = Jurisdiction.objects.get(code=code)
        ours, bare = _compare(campaign, place, partial(scope, place.path, user_id=0))
        owner = _compare(campaign, place, nullcontext)
        ratio = f"{ours / bare:.2f}: {verdict(ours <= MOST * bare)}"
        rows.append([name, f"{ours:.1f}", f"{bare:.1f}", ratio, *(f"{one:.1f}" for one in owner)])
    return table("Roll-up", HEAD, rows)


def _compare(campaign: Any, place: Any, within: Callable[[], AbstractContextManager[None]]) -> list[float]:
    """Return the milliseconds of the roll-up and of the plain SQL, after seeing that they agree."""
    from apps.campaigns.rollup import roll_up
    from apps.core.wall import LABEL_WIDTH

    parameters = {
        "campaign": campaign.pk,
        "jurisdiction": place.pk,
        "from": place.path,
        "to": place.path + "~",
        "width": len(place.path) + LABEL_WIDTH,
        "year": YEAR,
        "first_year": campaign.first_year,
        "year_end": date(YEAR, 12, 31),
    }
    with within():
        rollup = roll_up(campaign, place, YEAR)
        found = {line.jurisdiction.code: _numbers(line) for line in rollup.children} | {"total": _numbers(rollup.total)}
        if found != plain.figures(parameters):
            sys.exit(f"{place}: the roll-up and the plain SQL differ")
        return in_turn([lambda: roll_up(campaign, place, YEAR), lambda: plain.figures(parameters)], ROUNDS)


def _numbers(line: Any) -> tuple[Decimal | int | None, ...]:
    from apps.core.rounding import round_half_up

    one = line.figures
    ratios = (one.completion_ratio, one.cumulative_ratio, line.target_ratio)
    rounded = (None if ratio is None else round_half_up(ratio, 4) for ratio in ratios)
    counts = (one.base, one.enrolled, one.pilots, one.in_review, one.recognised, one.cumulative)
    return (*counts, *rounded, line.gap)
