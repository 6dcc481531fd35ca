"""Turns at the added facts (调查项目): many put down values at once, whoever changes what is asked does so alone.

A value is checked by the field as it stands, and a field is changed by whether there are values: neither row knows the other.
"""

from apps.core.turns import take_turn

_FIELDS = "communities.survey_field"


def keep_fields() -> None:
    """Wait until nobody changes what is asked, and let nobody do so before this transaction ends."""
    take_turn(_FIELDS, shared=True)


def change_fields_alone() -> None:
    """Wait until nobody puts down values, or changes what is asked, and let nobody before this transaction ends."""
    take_turn(_FIELDS)
