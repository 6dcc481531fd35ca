"""Totals with weights are stored and shown as they are: just below the mark is not the mark."""

from collections.abc import Callable
from decimal import Decimal

from django.test import Client

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment

JUST_BELOW = Decimal("79.99712")


def test_total_keeps_the_decimals_of_weights(
    submitted: Assessment, street_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    submitted.actions.update(total_points=JUST_BELOW)
    Assessment.objects.filter(pk=submitted.pk).update(total_points=JUST_BELOW, meets_standard=False)
    submitted.refresh_from_db()
    assert submitted.total_points == JUST_BELOW
    assert {one.total_points for one in submitted.actions.all()} == {JUST_BELOW}
    assert "79.99712" in client_of(street_officer).get("/assessments/").text
