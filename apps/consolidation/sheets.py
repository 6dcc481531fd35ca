"""Uploaded forms on their way from the preview to the decision: sealed, so that what is decided on is what was seen."""

from collections.abc import Sequence
from typing import Any

from apps.accounts.permissions import Actor
from apps.accounts.sealing import seal, unseal
from apps.campaigns.models import Campaign
from apps.consolidation.reading import Form, FormRow, YearCell, name_of

_SALT = "consolidation"


def sign(forms: Sequence[Form], campaign: Campaign, *, actor: Actor) -> str:
    """Return the forms as text that only this person can send back."""
    kept = [[form.file, form.reporting_unit, [_row(row) for row in form.rows]] for form in forms]
    return seal({"campaign": campaign.pk, "forms": kept}, salt=_SALT, actor=actor)


def unsign(text: str, *, actor: Actor) -> tuple[list[Form], int]:
    """Return the forms and the id of the campaign; InvalidInput for a preview too old or of somebody else."""
    kept = unseal(text, salt=_SALT, actor=actor)
    forms = [Form(file, unit, [_read(row) for row in rows]) for file, unit, rows in kept["forms"]]
    return forms, kept["campaign"]


def _row(row: FormRow) -> list[Any]:
    years = [[year, [one.written for one in cell.names], cell.count, cell.ratio] for year, cell in row.years.items()]
    return [row.number, row.label, row.is_total, years]


def _read(kept: list[Any]) -> FormRow:
    number, label, is_total, years = kept
    cells = {year: YearCell([name_of(one) for one in names], count, ratio) for year, names, count, ratio in years}
    return FormRow(number, label, cells, is_total)
