"""Which community takes which way, and on which days: drawn with a fixed seed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from apps.communities.models import Community
from apps.core.errors import InvalidInput
from apps.demo.fixture_format import StepEntry, Story, Unit, Way

# The long holidays, by month: no office works on their days.
_HOLIDAYS = {5: range(1, 6), 10: range(1, 8)}


@dataclass(frozen=True)
class Part:
    """A community with the way that it takes."""

    community: Community
    way: Way
    is_pilot: bool

    @property
    def moments(self) -> list[datetime]:
        """When each step is taken."""
        rng = Random(f"moments {self.community.code}")  # noqa: S311
        return [_office_hour(rng, step) for step in self.way.steps]


def cast(story: Story, unit: Unit, communities: list[Community]) -> list[Part]:
    """Give the ways of ``unit`` to its communities, the pinned ones first, the others street by street in turn."""
    slots = Counter(unit.ways) - Counter(unit.pinned.values())
    names = [name for name in unit.ways for _ in range(slots[name])]
    free = [one for one in _in_turn(unit, communities) if one.code not in {*unit.untouched, *unit.pinned}]
    if len(free) < len(names):
        raise InvalidInput(f"{story.campaign} {unit.jurisdiction}：{len(names)} 条路，只有 {len(free)} 个社区。")
    drawn = zip(free, names, strict=False)
    parts = [Part(one, story.ways[name], place < unit.pilots) for place, (one, name) in enumerate(drawn)]
    pinned = [(one, unit.pinned[one.code]) for one in communities if one.code in unit.pinned]
    return [*parts, *(Part(one, story.ways[name], is_pilot=False) for one, name in pinned)]


def _in_turn(unit: Unit, communities: list[Community]) -> list[Community]:
    """Shuffled, then one of each street, a second one of each street, and so on."""
    shuffled = list(communities)
    Random(f"casting {unit.jurisdiction}").shuffle(shuffled)  # noqa: S311
    before: Counter[int] = Counter()
    turns = {}
    for one in shuffled:
        turns[one.pk] = before[one.jurisdiction_id]
        before[one.jurisdiction_id] += 1
    return sorted(shuffled, key=lambda one: turns[one.pk])


def _office_hour(rng: Random, step: StepEntry) -> datetime:
    day = rng.choice([day for day in _days(step.first, step.last) if _is_working_day(day)] or [step.first])
    return timezone.make_aware(datetime.combine(day, time(8, 30)) + timedelta(minutes=rng.randint(0, 480)))


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _is_working_day(day: date) -> bool:
    return day.isoweekday() < 6 and day.day not in _HOLIDAYS.get(day.month, ())
