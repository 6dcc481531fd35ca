"""Annual evaluations as somebody in life would write them. Time stands at 18 October 2022 where a test does not say otherwise."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.evaluations.domain import (
    agree_evaluation,
    approve_evaluation,
    begin_evaluation,
    contents_of,
    return_evaluation,
    save_evaluation,
    submit_evaluation,
)
from apps.evaluations.models import AnnualEvaluation
from tests.factories import made_up

YEAR = 2022
SECTIONS = ["工作开展情况", "存在问题", "经验做法", "下一年度工作计划"]


@pytest.fixture
def today() -> Iterator[None]:
    with at(2022, 10, 18):
        yield


@pytest.fixture
def national(db: None) -> Campaign:
    return Campaign.objects.select_related("standard", "jurisdiction").get(code="national-2020")


def at(*day: int) -> Any:
    """The business time stopped at ten o'clock of a day."""
    return clock.stopped_at(clock.midnight(date(*day)) + timedelta(hours=10))


def clerk(code: str = "532301") -> Actor:
    return made_up(code, Role.STAFF)


def begin(campaign: Campaign, *, actor: Actor | None = None, year: int = YEAR) -> AnnualEvaluation:
    actor = actor or clerk()
    with acting(actor):
        return begin_evaluation(campaign, actor.jurisdiction, year, actor=actor)


def write(
    evaluation: AnnualEvaluation, texts: dict[str, str] | None = None, explanation: str = "会签单另附", *, actor: Actor
) -> AnnualEvaluation:
    """Save with every section written."""
    filled = {title: text or "无。" for title, text in contents_of(evaluation)} | (texts or {})
    with acting(actor):
        return save_evaluation(evaluation, filled, explanation, actor=actor, seen=evaluation.version)


def submit(
    campaign: Campaign, texts: dict[str, str] | None = None, *, actor: Actor | None = None, year: int = YEAR
) -> AnnualEvaluation:
    """Begin, write and submit by a clerk of the unit."""
    actor = actor or clerk()
    saved = write(begin(campaign, actor=actor, year=year), texts, actor=actor)
    with acting(actor):
        return submit_evaluation(saved, actor=actor, seen=saved.version)


def agree(evaluation: AnnualEvaluation, words: str = "", *, actor: Actor) -> AnnualEvaluation:
    with acting(actor):
        return agree_evaluation(evaluation, words, actor=actor, seen=evaluation.round)


def give_back(
    evaluation: AnnualEvaluation, reason: str = "数据不全", *, actor: Actor, **by_section: str
) -> AnnualEvaluation:
    with acting(actor):
        return return_evaluation(evaluation, reason, by_section, actor=actor, seen=evaluation.round)


def approve(evaluation: AnnualEvaluation, *, actor: Actor, **judgement: Any) -> AnnualEvaluation:
    with acting(actor):
        return approve_evaluation(evaluation, **judgement, actor=actor, seen=evaluation.round)
