"""The evaluations of a year, unit by unit, with who has none yet; and the list as a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils import timezone

from apps.campaigns.domain import campaigns_above
from apps.campaigns.models import Campaign, Milestone
from apps.campaigns.rollup import family_of, roll_up
from apps.evaluations.models import AnnualEvaluation
from apps.filings.models import ANSWERED_BY_EVALUATION
from apps.filings.obligations import Query
from apps.jurisdictions.models import Jurisdiction, Level

COLUMNS = [
    *("单位", "层级", "期限", "状态", "办理单位", "提交日期", "提交次数"),
    *("城市社区底数", "累计认定", "合计完成比例", "评估等次", "评估得分", "通过单位"),
]
_TONES = {"draft": "neutral", "submitted": "info", "returned": "danger", "approved": "success"}


@dataclass(frozen=True)
class Row:
    """A unit with its evaluation, if it has begun one, and the date by which one is asked of it."""

    unit: Jurisdiction
    evaluation: AnnualEvaluation | None
    deadline: date | None
    url: str

    @property
    def state(self) -> str:
        return "未起草" if self.evaluation is None else str(self.evaluation.get_status_display())

    @property
    def tone(self) -> str:
        return "neutral" if self.evaluation is None else _TONES[self.evaluation.status]

    @property
    def figures(self) -> dict[str, Any]:
        """As frozen; nothing of what is still being written."""
        frozen = self.evaluation is not None and not self.evaluation.is_editable
        return dict(self.evaluation.facts.get("figures", {})) if frozen and self.evaluation else {}

    @property
    def base(self) -> int | None:
        return self.figures.get("base")

    @property
    def cumulative(self) -> int | None:
        return self.figures.get("cumulative")

    @property
    def ratio(self) -> Fraction | None:
        ratio = self.figures.get("ratio")
        return Fraction(*ratio) if ratio else None


def rows_at(place: Jurisdiction, campaign: Campaign, year: int, state: str = "") -> list[Row]:
    """The place itself and the units right below it that report; narrowed to a ``state`` all below that are in it."""
    found = (
        AnnualEvaluation.objects.below(place.path).with_context().filter(year=year, campaign__in=family_of(campaign))
    )
    due = _deadlines(place, campaign, year)
    if state:
        listed = found.filter(status=state).order_by("jurisdiction__code", "pk")
        return [_row(one.jurisdiction, one, campaign, year, due) for one in listed]
    units = [place, *(one.jurisdiction for one in roll_up(campaign, place, year).children if one.figures.base)]
    held = {one.jurisdiction_id: one for one in sorted(found.filter(jurisdiction__in=units), key=_furthest)}
    return [
        _row(one, held.get(one.pk), campaign, year, due)
        for one in units
        if one.level not in (Level.STREET, Level.NATION)
    ]


def cells(rows: Iterable[Row]) -> list[list[Any]]:
    """The list as rows of a spreadsheet."""
    return [[*_facts(row), *_judgement(row.evaluation)] for row in rows]


def _facts(row: Row) -> list[Any]:
    one = row.evaluation
    holder = one.holder.name if one and one.holder else ""
    day = timezone.localtime(one.submitted_at).date() if one and one.submitted_at else None
    return [
        *(row.unit.name, Level(row.unit.level).label, row.deadline, row.state, holder, day, one.round if one else None),
        *(row.base, row.cumulative, row.ratio),
    ]


def _judgement(one: AnnualEvaluation | None) -> list[Any]:
    if one is None or not one.is_approved:
        return ["", None, ""]
    return [one.grade, one.score, one.approved_in.name if one.approved_in else ""]


def _furthest(one: AnnualEvaluation) -> tuple[bool, int, int]:
    return one.is_approved, one.round, one.pk


def _deadlines(place: Jurisdiction, campaign: Campaign, year: int) -> dict[int, date]:
    """By unit the first date by which a report of the year is due: under the campaign, those that it carries out and those that
    carry it out."""
    line = [*family_of(campaign), *campaigns_above(campaign)]
    asking = Milestone.objects.filter(campaign__in=line, kind__in=ANSWERED_BY_EVALUATION).select_related("campaign")
    asked = [(one.pk, day) for one in asking for day in one.dates if one.year_reported(day) == year]
    rows = [one for pk, day in asked for one in Query(place.path, milestone=pk, due_on=day).rows()]
    return {one.unit_id: one.deadline for one in sorted(rows, key=lambda one: one.deadline, reverse=True)}


def _row(unit: Jurisdiction, one: AnnualEvaluation | None, campaign: Campaign, year: int, due: dict[int, date]) -> Row:
    code = one.campaign.code if one else campaign.code
    return Row(unit, one, due.get(unit.pk), reverse("evaluation", args=[code, unit.key, year]))
