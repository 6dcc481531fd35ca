"""Who confirms baselines (底数确认): districts, and cities that have none."""

from django.db.models import Exists, OuterRef, Q

from apps.core.wall import LABEL_WIDTH
from apps.jurisdictions.models import Jurisdiction, JurisdictionQuerySet, Level, paths_down_to

# How long the paths of those who confirm are: of cities and a municipality's districts, and of districts below a city; as
# parameters for SQL, which asks the same of many rows.
CONFIRMING_WIDTHS = {"city": 3 * LABEL_WIDTH, "district": 4 * LABEL_WIDTH}


def confirming_units(path: str) -> JurisdictionQuerySet:
    """Return who confirms baselines in the jurisdiction with ``path`` and below: districts, and cities that have none."""
    districts = Jurisdiction.objects.filter(parent=OuterRef("pk"), level=Level.DISTRICT, closed_on=None)
    alone = Q(level=Level.CITY) & ~Exists(districts)
    return Jurisdiction.objects.below(path).filter(Q(level=Level.DISTRICT) | alone, closed_on=None)


def confirming_unit_of(path: str) -> Jurisdiction | None:
    """Return who confirms the baseline that the place with ``path`` belongs to; None above all of them."""
    line = Jurisdiction.objects.filter(path__in=paths_down_to(path), level__in=[Level.CITY, Level.DISTRICT])
    return next((one for one in line.order_by("-path") if confirms(one)), None)


def confirms(jurisdiction: Jurisdiction) -> bool:
    """Whether the jurisdiction confirms a baseline of its own."""
    return confirming_units(jurisdiction.path).filter(pk=jurisdiction.pk).exists()
