"""The order in which lists offer standards, and what narrows them."""

from typing import Any

from django import forms
from django.db.models import Case, Prefetch, Q, QuerySet, Value, When

from apps.accounts.permissions import Actor
from apps.jurisdictions.models import Jurisdiction, paths_down_to
from apps.standards.models import Standard

_SEARCHED = ("name", "document_number", "jurisdiction__name")


class StandardFilter(forms.Form):
    """What narrows a list of standards, from the address."""

    q = forms.CharField(label="标准名称、文号或发布辖区", required=False, max_length=50)

    def __init__(self, data: Any) -> None:
        super().__init__(data, label_suffix="")
        self.fields["q"].widget.attrs["autocomplete"] = "off"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.data.get("q", "").strip())

    def among(self, rows: QuerySet[Standard]) -> QuerySet[Standard]:
        """Those in which every word occurs; none where the filter is wrong."""
        if not self.is_valid():
            return rows.none()
        for word in self.cleaned_data["q"].split():
            occurs = Q()
            for name in _SEARCHED:
                occurs |= Q(**{f"{name}__icontains": word})
            rows = rows.filter(occurs)
        return rows


def nearest_first(actor: Actor) -> QuerySet[Standard]:
    """Every standard that can be seen: the drafts of one's own, what holds for who acts, the others."""
    own = actor.jurisdiction
    nearness = Case(
        When(jurisdiction=own, status=Standard.Status.DRAFT, then=Value(0)),
        When(path__in=paths_down_to(own.path), then=Value(1)),
        default=Value(2),
    )
    rows = Standard.objects.select_related("jurisdiction", "derived_from__jurisdiction", "replaces")
    return rows.order_by(nearness, "path", "code")


def in_use_or_own(rows: QuerySet[Standard], own: Jurisdiction) -> QuerySet[Standard]:
    """Published ones, and the drafts of one's own."""
    return rows.filter(Q(status=Standard.Status.PUBLISHED) | Q(jurisdiction=own))


def later_versions() -> Prefetch:
    """The published version that replaced a standard, if any, as ``later``."""
    return Prefetch("replaced_by", Standard.objects.published().order_by("version"), to_attr="later")
