"""Communities of 楚雄市 that lie with 楚雄州 for recognition, and notices about them; the day is a Monday of 2022."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, time
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Recognition
from apps.communities.models import Community
from apps.core import clock
from apps.recognitions.models import NoticeEntry, PublicNotice
from apps.recognitions.notices import Wording, draft_notice, edit_notice, publish_notice
from tests.factories import agree, recognised_community, submitted_community

CODES = ("532301101001", "532301101006", "532301101008")
CONTACT = "楚雄州住房和城乡建设局城建科 0878-3012345"
Acting = Callable[[Actor], AbstractContextManager[None]]


def at(day: date) -> AbstractContextManager[None]:
    """Let it be ten o'clock of ``day``."""
    return clock.stopped_at(timezone.make_aware(datetime.combine(day, time(10))))


def act(actor: Actor, acting: Acting, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with acting(actor):
        return verb(*args, actor=actor, **kwargs)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """2022-08-15, a Monday without holidays near."""
    with at(date(2022, 8, 15)):
        yield


@pytest.fixture
def held(community: Callable[[str], Community], chuxiong: Campaign) -> list[Assessment]:
    """Three that lie with 楚雄州."""
    with at(date(2022, 8, 1)):
        return [agree(submitted_community(community(code), chuxiong, 2022)) for code in CODES]


@pytest.fixture
def drafted(held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting) -> PublicNotice:
    """A draft with all three, ready to be published."""
    notice = act(city_approver, acting, draft_notice, chuxiong, [one.pk for one in held])
    wording = Wording(notice.title, notice.text, CONTACT, 5, 2022)
    return act(city_approver, acting, edit_notice, notice, wording, [one.pk for one in held])


@pytest.fixture
def published(drafted: PublicNotice, city_approver: Actor, acting: Acting) -> PublicNotice:
    """Published on 2022-08-15: it ends on Monday, 2022-08-22."""
    return act(city_approver, acting, publish_notice, drafted)


@pytest.fixture
def entries(published: PublicNotice) -> list[NoticeEntry]:
    return list(published.entries.select_related("notice", "assessment").order_by("assessment"))


@pytest.fixture
def recognised(community: Callable[[str], Community], chuxiong: Campaign) -> Recognition:
    """A community recognised in 2021."""
    with at(date(2021, 9, 1)):
        return recognised_community(community("532301101009"), chuxiong, 2021)


@pytest.fixture
def city_clerk(make_actor: Callable[[str, Role], Actor]) -> Actor:
    """楚雄州's clerk."""
    return make_actor("5323", Role.STAFF)
