"""通报排名: units by 合计完成比例 or by how far they have come to their target. Knows no database."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, NamedTuple


@dataclass(frozen=True)
class RankedUnit:
    """A unit with what a bulletin says of it: ``base`` communities, of which ``completed`` are recognised since the campaign began,
    and the number that its target asks for (None: it has none)."""

    jurisdiction: int
    name: str
    base: int
    completed: int
    wanted: int | None

    @property
    def ratio(self) -> Fraction | None:
        """合计完成比例; None where there are no communities."""
        return Fraction(self.completed, self.base) if self.base > 0 else None

    @property
    def fulfilment(self) -> Fraction | None:
        """目标完成率: of what the target asks for; None where it asks for nothing."""
        return Fraction(self.completed, self.wanted) if self.wanted else None

    @property
    def gap(self) -> int | None:
        return None if self.wanted is None else max(0, self.wanted - self.completed)

    def kept(self) -> dict[str, Any]:
        """As it is frozen with a bulletin."""
        return asdict(self)


PRAISED, URGED = "表扬", "督促"


class Place(NamedTuple):
    """A line of the ranking: the place (None: not ranked), the unit, and whether it is praised or urged."""

    number: int | None
    unit: RankedUnit
    mark: str


# By what units are ranked.
RATIO, FULFILMENT = "ratio", "fulfilment"
_MEASURES: Mapping[str, Callable[[RankedUnit], Fraction | None]] = {
    RATIO: lambda one: one.ratio,
    FULFILMENT: lambda one: one.fulfilment,
}


def ranked(units: Collection[RankedUnit], by: str) -> list[tuple[int | None, RankedUnit]]:
    """The units with their places, the best first; equals share a place, and the next one counts them all (1, 2, 2, 4).

    One that cannot be measured has no place and stands at the end, in the order given.
    """
    measure = _MEASURES[by]
    known = [(value, one) for one in units if (value := measure(one)) is not None]
    known.sort(key=lambda one: -one[0])
    values = [value for value, _ in known]
    placed: list[tuple[int | None, RankedUnit]] = [(values.index(value) + 1, one) for value, one in known]
    return placed + [(None, one) for one in units if measure(one) is None]
