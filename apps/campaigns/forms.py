"""Input shapes of campaigns. The rules are the verbs'."""

from django import forms

from apps.campaigns.models import Campaign, Target
from apps.jurisdictions.models import Jurisdiction

_SETTABLE = [(kind.value, kind.label) for kind in (Target.Kind.PERCENT, Target.Kind.PILOTS_PER_STREET)]


class TargetForm(forms.Form):
    """One cell of the targets' grid. Without a value the jurisdiction inherits."""

    value = forms.DecimalField(
        label="目标值",
        required=False,
        max_digits=8,
        decimal_places=2,
        error_messages={
            "invalid": "请填数字，例如 60 或 62.5。",
            "max_digits": "数字过大。",
            "max_whole_digits": "数字过大。",
            "max_decimal_places": "最多两位小数。",
        },
        widget=forms.NumberInput(attrs={"autofocus": True, "step": "any", "min": 0, "class": "target-value"}),
    )
    year = forms.TypedChoiceField(label="年度", coerce=int, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="类别", choices=_SETTABLE, widget=forms.HiddenInput)
    jurisdiction = forms.CharField(label="辖区", widget=forms.HiddenInput)

    def __init__(self, *args: object, campaign: Campaign, place: Jurisdiction, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.place = place
        self.fields["year"].choices = [(year, year) for year in campaign.years]  # type: ignore[attr-defined]
        self.fields["value"].widget.attrs["aria-label"] = f"{place.name}目标值"

    def is_for(self, place: Jurisdiction, year: int, kind: str) -> bool:
        """Whether this is the form of that cell."""
        return place == self.place and str(self["year"].value()) == str(year) and self["kind"].value() == kind
