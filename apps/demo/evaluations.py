"""Plays the annual evaluations of the demo: submitted by a few units, agreed with, returned, approved or still waiting."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Literal

from django.utils import timezone

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.core.fixture_file import Code, Day, FixtureFile, FixturePart, JurisdictionCode, Text, read_fixture
from apps.demo.accounts import Troupe
from apps.demo.fixture_format import SOURCE, Year
from apps.demo.story import Task, at_hour, deed
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
from apps.jurisdictions.models import Jurisdiction

_NOTHING_SAID = "本年没有需要报告的情况。"
_LABELS = {"agree": "审核同意年度报告", "return": "退回年度报告", "approve": "通过年度报告"}


class StepEntry(FixturePart):
    """What a unit above decides on a day."""

    do: Literal["agree", "return", "approve"]
    unit: JurisdictionCode
    on: Day
    words: str = ""


class EvaluationEntry(FixturePart):
    """The evaluation of a unit and its way upward; without an approval it waits where the last step has left it."""

    campaign: Code
    unit: JurisdictionCode
    year: Year
    submitted_on: Day
    explanation: Text
    sections: dict[str, Text] = {}
    steps: list[StepEntry] = []


class Evaluations(FixtureFile):
    """fixtures/demo/evaluations.yaml."""

    evaluations: list[EvaluationEntry]


def tasks_of_evaluations(campaign: Campaign, troupe: Troupe, branch: str = "") -> Iterator[Task]:
    """Yield what is still to be done about the evaluations in the branch; one that people have begun goes the way that they give
    it."""
    told = read_fixture(SOURCE / "evaluations.yaml", Evaluations)
    entries = [one for one in told.evaluations if one.campaign == campaign.code]
    codes = {one.unit for one in entries} | {step.unit for one in entries for step in one.steps}
    units = Jurisdiction.objects.in_bulk(codes, field_name="code")
    for entry in entries:
        unit = units.get(entry.unit)
        if unit is not None and unit.path.startswith(branch):
            yield from _tasks(campaign, unit, entry, units, troupe)


def _tasks(
    campaign: Campaign, unit: Jurisdiction, entry: EvaluationEntry, units: dict[str, Jurisdiction], troupe: Troupe
) -> Iterator[Task]:
    found = AnnualEvaluation.objects.of(campaign, unit, entry.year).first()
    taken = found.steps.count() if found else 0
    if found is None:
        clerk = troupe.find(unit, Role.STAFF)
        verb = partial(_submit, campaign, unit, entry, clerk)
        yield deed(clerk, at_hour(entry.submitted_on, 15), "提交年度报告", verb)
    for place, step in enumerate(entry.steps, start=1):
        if found is None or (taken == place and entry.submitted_on == _day_of(found)):
            approver = troupe.find(units[step.unit], Role.APPROVER)
            decide = partial(_decide, campaign, unit, entry.year, step, approver)
            yield deed(approver, at_hour(step.on, 10), _LABELS[step.do], decide)
            taken += 1


def _day_of(evaluation: AnnualEvaluation) -> date | None:
    return timezone.localtime(evaluation.submitted_at).date() if evaluation.submitted_at else None


def _submit(campaign: Campaign, unit: Jurisdiction, entry: EvaluationEntry, actor: Actor) -> None:
    begun = begin_evaluation(campaign, unit, entry.year, actor=actor)
    texts = {title: entry.sections.get(title, text) or _NOTHING_SAID for title, text in contents_of(begun)}
    saved = save_evaluation(begun, texts, entry.explanation, actor=actor, seen=begun.version)
    submit_evaluation(saved, actor=actor, seen=saved.version)


def _decide(campaign: Campaign, unit: Jurisdiction, year: int, step: StepEntry, actor: Actor) -> None:
    row = AnnualEvaluation.objects.with_context().get(campaign=campaign, jurisdiction=unit, year=year)
    match step.do:
        case "agree":
            agree_evaluation(row, step.words, actor=actor, seen=row.round)
        case "return":
            return_evaluation(row, step.words, actor=actor, seen=row.round)
        case "approve":
            approve_evaluation(row, words=step.words, actor=actor, seen=row.round)
