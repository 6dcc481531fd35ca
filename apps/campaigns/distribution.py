"""Dividing a number of communities over children so that the sum is exactly the number; pure arithmetic, no models.

The rest after whole numbers goes to the largest remainders (最大余数法); of equal ones to the smaller key, so that the order in
which the children come does not matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """What one child may get: at least ``least``, at most ``most``, of the rest in proportion to ``weight``.

    ``key`` tells children apart. Invariant: 0 <= least <= most; a child without weight gets ``least`` and no more.
    """

    key: str
    weight: int
    most: int
    least: int = 0


def by_base(bases: Mapping[str, int]) -> list[Share]:
    """按底数: in proportion to the communities that there are."""
    return [Share(key, base, base) for key, base in bases.items()]


def by_unfinished(bases: Mapping[str, int], recognised: Mapping[str, int]) -> list[Share]:
    """按未完成数: what is recognised already is each child's own; the rest goes in proportion to what is not."""
    done = {key: min(recognised.get(key, 0), base) for key, base in bases.items()}
    return [Share(key, base - done[key], base, done[key]) for key, base in bases.items()]


def evenly(bases: Mapping[str, int]) -> list[Share]:
    """平均: the same for all that have communities, as far as they have so many."""
    return [Share(key, int(base > 0), base) for key, base in bases.items()]


def room(shares: Iterable[Share]) -> tuple[int, int]:
    """The smallest and the largest number that can be divided."""
    listed = list(shares)
    least = sum(one.least for one in listed)
    return least, least + sum(one.most - one.least for one in listed if one.weight)


def distribute(number: int, shares: Sequence[Share]) -> dict[str, int]:
    """Divide ``number``; the sum of the result is ``number``. ValueError outside of ``room``.

    Whoever reaches ``most`` takes no part in dividing what is left.
    """
    least, most = room(shares)
    if not least <= number <= most:
        raise ValueError(f"{number} is not between {least} and {most}")
    found = {one.key: one.least for one in shares}
    rest, taking = number - least, [one for one in shares if one.weight and one.most > one.least]
    while full := _filled(rest, taking):
        for one in full:
            found[one.key] = one.most
            rest -= one.most - one.least
        taking = [one for one in taking if one not in full]
    for key, more in _largest_remainders(rest, taking).items():
        found[key] += more
    return found


def _filled(rest: int, taking: Sequence[Share]) -> list[Share]:
    """Those whose part of ``rest`` is as much as they may get, or more."""
    weight = sum(one.weight for one in taking)
    return [one for one in taking if rest * one.weight >= (one.most - one.least) * weight]


def _largest_remainders(rest: int, taking: Sequence[Share]) -> dict[str, int]:
    weight = sum(one.weight for one in taking)
    if not weight:
        return {}
    whole = {one.key: rest * one.weight // weight for one in taking}
    left = rest - sum(whole.values())
    by_remainder = sorted(taking, key=lambda one: (-(rest * one.weight % weight), one.key))
    return {one.key: whole[one.key] + (one in by_remainder[:left]) for one in taking}
