"""A recorded value in words: choices by their label, rows by their name, times in local time, long things cut."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from apps.accounts.models import User
from apps.assessments.models import Assessment
from apps.audit.json_words import json_in_words
from apps.audit.names import Names
from apps.audit.sources import Model
from apps.bulletins.models import Bulletin
from apps.communities.models import CommunitySurvey, SurveyField
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction
from apps.practices.models import Practice
from apps.projects.models import Project
from apps.standards.models import Criterion

NOTHING = "（空）"
_LONGEST = 120

Field = models.Field

# Lists of ids, and whose.
_LISTED: Mapping[tuple[Model, str], Model] = {
    (Assessment, "filled_in_by"): User,
    (Project, "criteria"): Criterion,
    (Practice, "criteria"): Criterion,
    (Bulletin, "praised"): Jurisdiction,
    (Bulletin, "urged"): Jurisdiction,
}
# Values by the code of a row, and of what: f12 is the one with the id 12.
KEYED: Mapping[tuple[Model, str], Model] = {(CommunitySurvey, "further"): SurveyField}


def want_value(field: Field, value: Any, names: Names) -> None:
    """Say which names the words of the value need."""
    if isinstance(field, models.ForeignKey):
        names.want(field.related_model, value)
    elif listed := _LISTED.get((field.model, field.name)):
        for pk in value or ():
            names.want(listed, pk)
    elif keyed := KEYED.get((field.model, field.name)):
        for code in value or ():
            names.want(keyed, int(code[1:]))


def in_words(field: Field, value: Any, names: Names) -> str:
    """Return the value as a person reads it."""
    if value is None or value == "":
        return NOTHING
    if isinstance(field, models.ForeignKey):
        return names.name(field.related_model, value)
    if listed := _LISTED.get((field.model, field.name)):
        return _cut("、".join(names.name(listed, pk) for pk in value) or NOTHING)
    if keyed := KEYED.get((field.model, field.name)):
        said = {True: "是", False: "否"}
        told = [
            f"{names.name(keyed, int(code[1:]))}：{said[one] if isinstance(one, bool) else one}"
            for code, one in value.items()
        ]
        return _cut("；".join(told) or NOTHING)
    return _cut(_plain(field, value))


def _plain(field: Field, value: Any) -> str:
    words = str(value)
    if field.choices:
        words = str(dict(field.flatchoices).get(value, value))
    elif isinstance(field, ArrayField):
        words = "、".join(_plain(field.base_field, one) for one in value) or NOTHING
    elif isinstance(field, models.FileField):
        words = "已存储"
    elif isinstance(value, bool):
        words = "是" if value else "否"
    elif isinstance(value, datetime):
        words = f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    elif isinstance(value, Decimal):
        words = plain(value)
    elif isinstance(value, list | dict):
        words = json_in_words(field, value) if value else NOTHING
    return words


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…（共 {len(text):,} 字）"
