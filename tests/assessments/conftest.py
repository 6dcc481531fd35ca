"""One community of 楚雄市 on its way: planned, filled in, submitted by the street officer."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from tests.factories import enrol, fill_in, submit


@pytest.fixture
def planned(community: Callable[[str], Community], chuxiong: Campaign) -> Participation:
    """龙江社区 on the plan of 2022."""
    return enrol(community("532301101006"), chuxiong, 2022)


@pytest.fixture
def drafted(planned: Participation, street_officer: Actor) -> Assessment:
    """Its self-assessment, filled in without losses."""
    return fill_in(planned, actor=street_officer)


@pytest.fixture
def submitted(drafted: Assessment, street_officer: Actor) -> Assessment:
    """The same, submitted by the street officer to 楚雄市."""
    return submit(drafted, actor=street_officer)


@pytest.fixture
def at_district(client_of: Callable[[Actor], Client], district_reviewer: Actor) -> Client:
    """The browser of 楚雄市's clerk."""
    return client_of(district_reviewer)
