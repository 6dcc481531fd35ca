"""How fast the machine is just now: what milliseconds are worth on a shared one, whose speed changes within the hour."""

from statistics import median
from time import perf_counter

ROUNDS = 1_000_000


def milliseconds() -> float:
    """The median of five runs of a plain loop."""
    return median(_loop() for _ in range(5))


def _loop() -> float:
    start, total = perf_counter(), 0
    for number in range(ROUNDS):
        total += number * number % 7
    return (perf_counter() - start) * 1000
