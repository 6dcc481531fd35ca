"""A self-assessment of which single criteria were returned opens on these; the others are one click away."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment

Acting = Callable[[Actor], AbstractContextManager[None]]
ClientOf = Callable[[Actor], Client]


@pytest.fixture
def officer(client_of: ClientOf, street_officer: Actor) -> Client:
    """鹿城镇's officer at the browser."""
    return client_of(street_officer)


def send_back(assessment: Assessment, reasons: dict[int, str], acting: Acting, actor: Actor) -> str:
    """Return it, as a whole without ``reasons``; gives the address of its page."""
    with acting(actor):
        return_assessment(assessment, "" if reasons else "重报", reasons, actor=actor)
    return reverse("self_assessment", args=[assessment.pk])


def shows_returned_alone(page: str) -> bool:
    return 'class="assess is-returned-only"' in page


def tabs(page: str) -> list[tuple[str, bool]]:
    """What can be chosen to be shown, and whether it is."""
    (chosen,) = re.findall(
        r'<nav class="assess-shown view-tabs no-print" aria-label="显示的条目">(.*?)</nav>', page, re.DOTALL
    )
    found = re.findall(r"<a([^>]*)>([^<]*)</a>", chosen)
    return [(" ".join(words.split()), "aria-current" in attributes) for attributes, words in found]


def test_page_opens_on_what_was_returned_singly(
    submitted: Assessment, officer: Client, district_reviewer: Actor, acting: Acting
) -> None:
    url = send_back(submitted, {5: "未见海绵化改造", 11: "缺台账"}, acting, district_reviewer)
    page = officer.get(url).text
    assert shows_returned_alone(page)
    assert tabs(page) == [("只看退回的 2 条", True), ("全部 17 条", False)]
    assert len(re.findall(r'class="assess-part has-return"', page)) == 2


def test_page_shows_all_when_asked_and_keeps_what_else_was_asked(
    submitted: Assessment, officer: Client, district_reviewer: Actor, acting: Acting
) -> None:
    url = send_back(submitted, {5: "未见海绵化改造"}, acting, district_reviewer)
    page = officer.get(url, {"show": "all", "x": "1"}).text
    assert not shows_returned_alone(page)
    assert tabs(page) == [("只看退回的 1 条", False), ("全部 17 条", True)]
    assert f'href="{url}?x=1"' in page


def test_page_has_nothing_to_choose_where_the_whole_was_returned(
    submitted: Assessment, officer: Client, district_reviewer: Actor, acting: Acting
) -> None:
    page = officer.get(send_back(submitted, {}, acting, district_reviewer)).text
    assert not shows_returned_alone(page)
    assert "只看退回的" not in page


def test_page_shows_all_to_whoever_only_reads_it(
    submitted: Assessment, at_district: Client, district_reviewer: Actor, acting: Acting
) -> None:
    page = at_district.get(send_back(submitted, {5: "未见海绵化改造"}, acting, district_reviewer)).text
    assert not shows_returned_alone(page)
    assert "只看退回的" not in page
