"""The shape of fixtures/demo: accounts, words, and the stories of the campaigns."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from django.conf import settings
from pydantic import Field

from apps.accounts.models import Role
from apps.core.fixture_file import (
    Amount,
    Code,
    Complaint,
    Day,
    FixtureFile,
    FixturePart,
    Flag,
    JurisdictionCode,
    Ordinal,
    Text,
    Whole,
    read_fixture,
)

SOURCE: Path = settings.BASE_DIR / "fixtures" / "demo"

Year = Annotated[int, Field(strict=True, ge=2000, le=2100)]
Doing = Literal[
    "open", "submit", "agree", "agree_stricter", "return_items", "return_whole", "return_short", "recognise"
]


class Place(FixturePart):
    """Accounts that act in one jurisdiction. `name` and `title` make up what they are called; `department` is that of a
    department reviewer."""

    jurisdiction: JurisdictionCode
    name: Text
    title: Text | None = None
    department: Text | None = None
    listed: Flag = True
    accounts: dict[Code, Role]


class Accounts(FixtureFile):
    password: Text
    at_sign_in: list[Code]
    places: list[Place]

    def complaints(self) -> Iterator[Complaint]:
        known = {username for place in self.places for username in place.accounts}
        for position, username in enumerate(self.at_sign_in):
            if username not in known:
                yield ("at_sign_in", position), f"没有账号 {username}"


class CriterionWords(FixturePart):
    """What is said about a criterion; one without a `reason` is never returned, one without `found` never marked down."""

    note: Text
    loss: Text
    picture: Text
    reason: Text | None = None
    answer: Text | None = None
    found: Text | None = None


class VisitWords(FixturePart):
    """What is written down of a site visit; what was found on the criteria follows `findings`."""

    offices: Text
    findings: Text
    caption: Text


class OpinionWords(FixturePart):
    """What a department says: `objection` on the first of its sections, `agreement` on the others."""

    objection: Text
    agreement: Text


class Words(FixtureFile):
    visit: VisitWords
    opinion: OpinionWords
    whole: Annotated[list[Text], Field(min_length=1)]
    items: Text
    short_scored: Text
    short_pass_fail: Text
    improved: Text
    losses: Annotated[list[Text], Field(min_length=1)]
    not_applicable: Text
    agree: Annotated[list[Text], Field(min_length=1)]
    agree_stricter: Text
    recognise: Annotated[list[Text], Field(min_length=1)]
    criteria: dict[Ordinal, CriterionWords]
    own: CriterionWords
    bonus: Text


class StepEntry(FixturePart):
    """One step of a way, on a day between `from` and `to` (none: on that day).

    `objection`: the department at the level above objects, the same day, once it has arrived there.
    """

    do: Doing
    first: Day = Field(alias="from")
    to: Day | None = None
    document: Text | None = None
    objection: Flag = False

    @property
    def last(self) -> date:
        return self.to or self.first


class Way(FixturePart):
    plan: Year
    steps: list[StepEntry]


class TargetEntry(FixturePart):
    jurisdiction: JurisdictionCode
    year: Year
    percent: Amount
    set_on: Day


class Unit(FixturePart):
    """A jurisdiction that enrols: how many of its communities take which way, in the order in which pilots are chosen."""

    jurisdiction: JurisdictionCode
    streets: list[JurisdictionCode] = []
    enrolled_on: dict[Year, Day]
    pilots: Whole = 0
    ways: dict[Code, Ordinal]
    pinned: dict[JurisdictionCode, Code] = {}
    untouched: list[JurisdictionCode] = []


class Story(FixtureFile):
    campaign: Code
    title: Text
    targets: list[TargetEntry] = []
    ways: dict[Code, Way]
    units: list[Unit]

    def complaints(self) -> Iterator[Complaint]:
        for name, way in self.ways.items():
            for position, (one, following) in enumerate(pairwise(way.steps)):
                if one.last >= following.first:
                    yield ("ways", name, "steps", position + 1, "from"), "须晚于上一步"
            for position, step in enumerate(way.steps):
                if step.last < step.first:
                    yield ("ways", name, "steps", position, "to"), "不能早于 from"
        for position, unit in enumerate(self.units):
            for name in [*unit.ways, *unit.pinned.values()]:
                if name not in self.ways:
                    yield ("units", position, "ways"), f"没有 {name} 这条路"
                elif self.ways[name].plan not in unit.enrolled_on:
                    yield ("units", position, "enrolled_on"), f"{name} 缺少 {self.ways[name].plan} 年的列入日期"


@cache
def accounts() -> Accounts:
    return read_fixture(SOURCE / "accounts.yaml", Accounts)


@cache
def words() -> Words:
    return read_fixture(SOURCE / "words.yaml", Words)


def stories() -> list[Story]:
    return [read_fixture(path, Story) for path in sorted((SOURCE / "stories").glob("*.yaml"))]
