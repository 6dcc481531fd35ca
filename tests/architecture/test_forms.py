"""What somebody typed is refused in the product's words."""

from importlib import import_module
from pkgutil import walk_packages

from django import forms

import apps
from apps.core.forms import PlainForm


def _below(kind: type[forms.BaseForm]) -> set[type[forms.BaseForm]]:
    return {one for direct in kind.__subclasses__() for one in (direct, *_below(direct))}


def _is_of_another_package(form: type[forms.BaseForm]) -> bool:
    return any(one.__module__.startswith("allauth.") for one in form.__mro__)


def test_every_form_is_a_plain_form() -> None:
    """Filters pass over what they cannot read; everything else refuses it, and not in Django's sentences."""
    for module in walk_packages(apps.__path__, "apps."):
        if module.name.rpartition(".")[2].endswith("forms"):
            import_module(module.name)
    own = {one for one in _below(forms.BaseForm) if one.__module__.startswith("apps.")}
    plain = {one for one in own if issubclass(one, PlainForm)}
    assert len(plain) > 30
    others = {one.__name__ for one in own - plain if not _is_of_another_package(one)}
    assert {one for one in others if not one.endswith("Filter")} == set()
