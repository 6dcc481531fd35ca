"""A survey as somebody in life would fill it in."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.communities.facts import Value
from apps.communities.surveys import Survey

WHOLE: dict[str, Value | None] = {
    "households": 1200,
    "population": 3400,
    "area": Decimal("0.35"),
    "estates": 8,
    "old_estates": 3,
    "renovated_in": 2020,
    "property_coverage": Decimal("85.5"),
    "parking_spaces": 640,
    "has_security_system": True,
    "green_space": Decimal(12000),
    "noise_complaints": 50,
    "noise_complaints_handled": 49,
    "trainings": 2,
    "heritage_sites": 0,
}


def survey_of(**values: Value | None) -> Survey:
    """A survey of all facts, with some of them otherwise."""
    return Survey({**WHOLE, **values}, "街道台账", date(2022, 6, 30))


@pytest.fixture
def bureau_admin(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄州's administrator, who adds survey fields."""
    return make_actor("5323", Role.BUREAU_ADMIN)
