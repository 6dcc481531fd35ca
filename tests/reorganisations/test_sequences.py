"""Whatever sequence of changes: the past stays, and children always add up to their parent."""

from collections.abc import Callable
from random import Random

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.acting import acting
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.reorganisations.communities import (
    NewCommunity,
    close_community,
    merge_communities,
    move_community,
    open_community,
    split_community,
)
from apps.reorganisations.jurisdictions import create_zone, merge_jurisdictions, move_jurisdiction
from tests.campaigns.test_rollup import randomly_taking_part
from tests.reorganisations.figures import Book, order, past_of

AREA = ("532327", "532323")


def _step(random: Random, clerk: Actor, administrator: Actor, number: int) -> None:
    """One change of a random kind, by whoever does it in life; what is refused changes nothing."""
    counties = Jurisdiction.objects.filter(code__in=[code.ljust(12, "0") for code in AREA])
    streets = list(Jurisdiction.objects.filter(level="street", closed_on=None, parent__in=counties).order_by("pk"))
    living = list(
        Community.objects.filter(jurisdiction__in=streets, closed_on=None).select_related("jurisdiction").order_by("pk")
    )
    if not streets or len(living) < 4:
        return
    one, two, street = random.choice(living), random.choice(living), random.choice(streets)
    new = NewCommunity(f"随机{number}社区", street)
    given_ = order(ends_assessments=True)
    match random.randrange(8):
        case 0:
            open_community(new, given_, actor=clerk)
        case 1:
            close_community(one, given_, actor=clerk)
        case 2:
            merge_communities([one, two], new if random.random() < 0.5 else two, given_, actor=clerk)
        case 3:
            keeps = random.random() < 0.5
            parts = [new, NewCommunity(f"随机{number}乙社区", street)]
            split_community(one, parts, given_, actor=clerk, keeps=keeps, heir=random.choice([None, 0, 1]))
        case 4 | 5:
            move_community(one, street, given_, actor=clerk)
        case 6:
            to = random.choice(list(counties))
            move_jurisdiction(street, to, given_, actor=administrator)
        case 7 if random.random() < 0.5:
            parent = Jurisdiction.objects.get(code="532300000000")
            create_zone(parent, f"随机{number}区", given_, actor=administrator, streets=[street], communities=[])
        case _:
            merge_jurisdictions(street, random.choice(streets), given_, actor=administrator)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(seed=st.integers(0, 2**32))
def test_any_sequence_keeps_the_past_and_adds_up(
    chuxiong: Campaign, city_clerk: Actor, city_administrator: Actor, figures: Callable[..., Book], seed: int
) -> None:
    random = Random(seed)
    with transaction.atomic():
        randomly_taking_part(chuxiong, Jurisdiction.objects.get(code="532300000000"), random)
        before = past_of(figures(*AREA))
        for number in range(6):
            try:
                with acting(city_clerk):
                    # The administrator sees as much: one scope serves both.
                    _step(random, city_clerk, city_administrator, seed * 10 + number)
            except (InvalidInput, TransitionError):
                continue
            assert past_of(figures(*AREA)) == before
        # Every example begins with the places as they are loaded.
        transaction.set_rollback(True)
