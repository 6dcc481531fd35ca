"""试点: each street against what the campaign asks of it."""

from collections.abc import Callable

import pytest

from apps.campaigns.models import Campaign, Target
from apps.campaigns.plan import PilotsRule
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.progress.extent import Extent
from apps.progress.pilots import Pilots, pilots_of
from tests.factories import enrol

Place = Callable[[str], Jurisdiction]


@pytest.fixture
def tianjin(db: None) -> Campaign:
    return Campaign.objects.get(code="tianjin-2020")


def pilots(campaign: Campaign, place: Jurisdiction, year: int = 2020) -> Pilots:
    return pilots_of(Extent(campaign, place, year))


@pytest.fixture
def enrolled(tianjin: Campaign, jurisdiction: Place) -> list[str]:
    """Names of two streets: the first has three pilots, the second one; the rule is 1–2."""
    streets = list(Jurisdiction.objects.filter(parent=jurisdiction("120101")).in_code_order())
    for street, number in zip(streets[:2], (3, 1), strict=True):
        for one in Community.objects.below(street.path).in_code_order()[:number]:
            enrol(one, tianjin, 2020, is_pilot=True)
    return [one.name for one in streets]


def test_pilots_of_a_district_stand_street_by_street(
    tianjin: Campaign, enrolled: list[str], jurisdiction: Place
) -> None:
    found = pilots(tianjin, jurisdiction("120101"))
    assert (found.is_by_street, found.rule) == (True, PilotsRule(1, 2))
    told = [(one.jurisdiction.name, one.pilots, one.verdict) for one in found.lines]
    assert told == [
        *[(name, 0, "还差 1 个") for name in enrolled[2:]],
        (enrolled[0], 3, "多 1 个"),
        (enrolled[1], 1, ""),
    ]
    assert (found.sum_of("base"), found.sum_of("pilots")) == (64, 4)
    assert (found.sum_of("short"), found.sum_of("missing"), found.sum_of("above")) == (
        len(enrolled) - 2,
        len(enrolled) - 2,
        1,
    )


def test_pilots_of_a_city_add_up_its_districts(tianjin: Campaign, enrolled: list[str], jurisdiction: Place) -> None:
    found = pilots(tianjin, jurisdiction("12"))
    assert not found.is_by_street
    one = found.lines[0]
    assert (one.jurisdiction.name, one.base, one.pilots, one.streets) == ("和平区", 64, 4, len(enrolled))
    assert (one.short, one.above, one.missing) == (len(enrolled) - 2, 1, len(enrolled) - 2)


def test_pilots_ask_no_more_of_a_street_than_it_has_communities(
    tianjin: Campaign, enrolled: list[str], jurisdiction: Place
) -> None:
    Target.objects.create(
        campaign=tianjin, jurisdiction=jurisdiction("120101"), year=2020, kind=Target.Kind.PILOTS_PER_STREET, value=100
    )
    found = pilots(tianjin, jurisdiction("120101"))
    assert [(one.base, one.missing) for one in found.lines] == [
        (one.base, one.base - one.pilots) for one in found.lines
    ]
    assert (found.sum_of("missing"), pilots(tianjin, jurisdiction("12")).sum_of("missing")) == (60, 60)


def test_pilots_ask_nothing_where_no_rule_holds(tianjin: Campaign, enrolled: list[str], jurisdiction: Place) -> None:
    found = pilots(tianjin, jurisdiction("120101"), 2021)
    assert (found.rule, found.sum_of("missing"), found.sum_of("pilots")) == (None, None, 4)
    assert {(one.short, one.above, one.missing) for one in found.lines} == {(None, None, None)}


def ask(campaign: Campaign, street: str, year: int, least: int) -> None:
    """Ask for pilots of one street by its name."""
    place = Jurisdiction.objects.get(name=street, parent__code="120101000000")
    kind = Target.Kind.PILOTS_PER_STREET
    Target.objects.create(campaign=campaign, jurisdiction=place, year=year, kind=kind, value=least)


def test_pilots_tell_no_rule_where_the_streets_have_several(
    tianjin: Campaign, enrolled: list[str], jurisdiction: Place
) -> None:
    ask(tianjin, enrolled[1], 2020, 3)
    found = pilots(tianjin, jurisdiction("12"))
    (one,) = found.lines
    assert (found.rule, one.rule) == (None, None)
    # The second street has one of three; the others without a pilot lack one each.
    assert (one.short, one.above, one.missing) == (len(enrolled) - 1, 1, len(enrolled))
    by_street = pilots(tianjin, jurisdiction("120101"))
    assert by_street.rule is None
    assert {one.jurisdiction.name: one.rule for one in by_street.lines}[enrolled[1]] == PilotsRule(3, None)


def test_pilots_are_measured_where_only_some_streets_have_a_rule(
    tianjin: Campaign, enrolled: list[str], jurisdiction: Place
) -> None:
    ask(tianjin, enrolled[2], 2021, 2)
    found = pilots(tianjin, jurisdiction("12"), 2021)
    (one,) = found.lines
    assert (found.rule, one.rule) == (None, None)
    assert (one.short, one.above, one.missing) == (1, 0, 2)


def test_pilots_ask_nothing_of_a_street_without_communities(
    tianjin: Campaign, enrolled: list[str], jurisdiction: Place
) -> None:
    street = Jurisdiction.objects.filter(parent=jurisdiction("120101")).in_code_order().reverse()[0]
    Community.objects.below(street.path).update(counts_as_urban=False)
    found = pilots(tianjin, jurisdiction("120101"))
    assert street.name not in [one.jurisdiction.name for one in found.lines]
    assert found.sum_of("short") == len(enrolled) - 3


def test_pilots_take_one_query(
    tianjin: Campaign, enrolled: list[str], jurisdiction: Place, django_assert_num_queries: Callable[..., object]
) -> None:
    for code in ("120101", "12"):
        place = jurisdiction(code)
        with django_assert_num_queries(2):  # type: ignore[attr-defined] # one of them asks for the campaign's family
            pilots(tianjin, place)
