"""Models are called what the glossary calls them."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from pghistory.models import Event

ROWS = re.findall(r"^\| (\S+) \| `(\w+)` \|", (settings.BASE_DIR / "docs" / "glossary.md").read_text(), re.MULTILINE)
# Histories are called after what they are the history of.
OWN_MODELS = [
    model for model in apps.get_models() if model.__module__.startswith("apps.") and not issubclass(model, Event)
]


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
def test_verbose_name_is_the_glossarys_term(model: type[models.Model]) -> None:
    assert (str(model._meta.verbose_name), model.__name__) in ROWS


def test_terms_and_identifiers_are_unique() -> None:
    assert len({term for term, _ in ROWS}) == len({name for _, name in ROWS}) == len(ROWS)
