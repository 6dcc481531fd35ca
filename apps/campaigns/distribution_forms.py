"""Forms of a target's division: by which way, and the numbers of the children as they are proposed and edited."""

from collections.abc import Mapping
from typing import Any

from django import forms

from apps.campaigns.distributing import Child, Division, Way
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.forms import PlainForm
from apps.core.inputs import whole_number

# More communities than any jurisdiction has.
_MOST = 999999
_WHOLE = {
    "required": "请填整数，没有的填 0。",
    "invalid": "请填整数。",
    "min_value": "应不小于 0。",
    "max_value": "超过底数 %(limit_value)s 个。",
}


class WayForm(PlainForm):
    """How many communities of which year are divided, and by what: from the address."""

    year = forms.TypedChoiceField(label="年度", coerce=int, required=False)
    number = forms.IntegerField(
        label="分解总数",
        required=False,
        min_value=0,
        max_value=_MOST,
        error_messages={"invalid": "请填整数。", "min_value": "请填不小于 0 的整数。", "max_value": "数字过大。"},
        widget=forms.NumberInput(attrs={"class": "target-value"}),
    )
    way = forms.ChoiceField(label="分解方式", choices=Way.choices, required=False)

    def __init__(self, data: Mapping[str, Any], *, campaign: Campaign) -> None:
        asked = whole_number(str(data.get("year", "")), digits=4)
        self.shown_year = asked if asked in campaign.years else campaign.year_for(clock.today().year)
        usual = {"number": data.get("number", ""), "way": data.get("way") or Way.BASE.value}
        super().__init__(usual | {"year": self.shown_year}, label_suffix="")
        self.fields["year"].choices = [(one, f"{one} 年") for one in campaign.years]  # type: ignore[attr-defined]

    def proposed(self, division: Division) -> dict[int, int]:
        """What the way gives; without a number of its own what the jurisdiction's target asks for."""
        number = self.cleaned_data.get("number") if self.is_valid() else None
        whole = division.whole if number is None else number
        way = self.cleaned_data.get("way") or Way.BASE
        return {} if whole is None or self.errors else division.propose(whole, Way(way))


class NumbersForm(PlainForm):
    """The number of each child, what they make together, and the document."""

    whole = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=_MOST)
    document_number = forms.CharField(
        label="文号", required=False, max_length=100, error_messages={"max_length": "文号过长，最多 100 个字。"}
    )

    def __init__(
        self, data: Any = None, *, division: Division, proposed: Mapping[int, int] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.division = division
        for child in division.children:
            one = child.jurisdiction
            # What was given from above stands as it is, even where the base has shrunk below it.
            most = _MOST if child.is_given else child.base
            attrs = {"class": "target-value", "min": 0, "data-summand": "", "aria-label": f"{one.name}社区数"}
            attrs |= {"readonly": True} if child.is_given else {"max": most}
            self.fields[f"number_{one.pk}"] = forms.IntegerField(
                label=one.name,
                min_value=0,
                max_value=most,
                initial=(proposed or {}).get(one.pk),
                widget=forms.NumberInput(attrs=attrs),
                error_messages=_WHOLE,
            )

    def numbers(self) -> dict[int, int]:
        """What was typed, by the children's ids."""
        return {
            one.jurisdiction.pk: self.cleaned_data[f"number_{one.jurisdiction.pk}"] for one in self.division.children
        }

    def rows(self) -> list[tuple[Child, forms.BoundField, list[str]]]:
        """Each child with its field and what is to be known about its number."""
        found = []
        for child in self.division.children:
            bound = self[f"number_{child.jurisdiction.pk}"]
            found.append((child, bound, child.remarks(_typed(bound))))
        return found

    @property
    def total(self) -> int:
        bound = (self[f"number_{one.jurisdiction.pk}"] for one in self.division.children)
        return sum(_typed(one) or 0 for one in bound)

    @property
    def asked(self) -> int:
        """What the numbers are to make together."""
        return _typed(self["whole"]) or 0


def _typed(bound: forms.BoundField) -> int | None:
    """The number that a field holds, read as the form reads it; None where it is none, or more than any."""
    try:
        found: int | None = bound.field.to_python(bound.value())
    except forms.ValidationError:
        return None
    return None if found is None or abs(found) > _MOST else found
