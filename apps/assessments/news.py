"""What colleagues changed in a self-assessment since somebody's page was loaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, CriterionResult
from apps.core.inputs import ids_in

_PAIR = re.compile(r"([0-9]{1,5}):([0-9]{1,9})")
_MOST_PAIRS = 1000


@dataclass(frozen=True)
class News:
    """The results that others saved since, in order of their criteria."""

    results: list[CriterionResult]

    @property
    def numbers(self) -> str:
        """As the address of their cards has them."""
        return ",".join(str(one.criterion.number) for one in self.results)


def news_for(assessment: Assessment, seen: Mapping[int, int], *, actor: Actor) -> News:
    """Return what others saved on the criteria of a page that shows the versions ``seen`` by criterion number.

    One's own changes in another window are no news: the page under one's eyes may be about to learn of them.
    """
    rows = CriterionResult.objects.filter(assessment=assessment, level=actor.jurisdiction.level)
    others = rows.exclude(updated_by=actor.user).select_related("criterion", "updated_by")
    return News(
        [
            one
            for one in others.order_by("criterion__number")
            if one.criterion.number in seen and one.version != seen[one.criterion.number]
        ]
    )


def parse_seen(text: str) -> dict[int, int]:
    """Read ``7:1,8:0``: the version that the page shows of each criterion; what is no such pair is left out."""
    pairs = [_PAIR.fullmatch(one) for one in text.split(",")[:_MOST_PAIRS]]
    return {int(pair[1]): int(pair[2]) for pair in pairs if pair}


def parse_numbers(text: str) -> list[int]:
    """Read ``7,8``: the criteria whose cards are asked for."""
    return ids_in(text.split(",")[:_MOST_PAIRS], digits=5)
