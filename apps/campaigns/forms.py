"""Input shapes of campaigns. The rules are the verbs'."""

from django import forms

from apps.campaigns.models import Campaign, Target
from apps.core.forms import Number, PlainForm
from apps.jurisdictions.models import Jurisdiction


class TargetForm(PlainForm):
    """One cell of the targets' grid, with the document; the campaign's own jurisdiction is asked for the reason as well.

    Without a value the jurisdiction inherits.
    """

    value = Number(
        label="目标值",
        required=False,
        max_digits=8,
        decimal_places=2,
        error_messages={
            "invalid": "请填数字，例如 60 或 62.5。",
            "max_digits": "数字过大。",
            "max_whole_digits": "数字过大。",
            "max_decimal_places": "小数超过两位，请四舍五入到两位。",
        },
        widget=forms.NumberInput(attrs={"autofocus": True, "step": "any", "min": 0, "class": "target-value"}),
    )
    upper = forms.IntegerField(
        label="上限",
        required=False,
        min_value=0,
        max_value=999999,
        error_messages={
            "invalid": "上限请填整数。",
            "min_value": "上限请填不小于 0 的整数。",
            "max_value": "上限过大。",
        },
        widget=forms.NumberInput(attrs={"min": 0, "class": "target-value"}),
    )
    document_number = forms.CharField(
        label="文号",
        required=False,
        max_length=100,
        error_messages={"max_length": "文号过长，最多 100 个字。"},
        widget=forms.TextInput(attrs={"class": "target-words", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="调整理由",
        required=False,
        max_length=1000,
        error_messages={"max_length": "调整理由过长，最多 1000 个字。"},
        widget=forms.TextInput(attrs={"class": "target-words", "autocomplete": "off"}),
    )
    year = forms.TypedChoiceField(label="年度", coerce=int, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="类别", choices=Target.Kind.choices, widget=forms.HiddenInput)
    jurisdiction = forms.CharField(label="辖区", widget=forms.HiddenInput)
    seen = forms.CharField(label="版本", max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args: object, campaign: Campaign, place: Jurisdiction, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.place = place
        self.is_misspelt = False
        self.fields["year"].choices = [(year, year) for year in campaign.years]  # type: ignore[attr-defined]
        self.fields["value"].widget.attrs["aria-label"] = f"{place.name}目标值"
        if self["kind"].value() != Target.Kind.PERCENT:
            self.fields["value"].error_messages["invalid"] = "请填整数，例如 24。"
        if self["kind"].value() != Target.Kind.PILOTS_PER_STREET:
            del self.fields["upper"]
        if place.pk != campaign.jurisdiction_id:
            del self.fields["reason"]

    def clean(self) -> None:
        """An upper end closes a span that begins somewhere."""
        super().clean()
        if self.cleaned_data.get("upper") is not None and self.cleaned_data.get("value") is None and not self.errors:
            self.add_error("upper", "只填了上限：请在前一格填下限。")
        self.is_misspelt = bool(self.errors)

    def shows(self, sign: str) -> str:
        """The sign of what whoever fills it in has been shown: ``sign``, what stands now, unless no rule has looked at it yet."""
        return str(self["seen"].value()) if self.is_bound and self.is_misspelt else sign

    @property
    def asked(self) -> list[forms.BoundField]:
        """What is typed beside the value."""
        return [self[name] for name in ("upper", "reason", "document_number") if name in self.fields]

    @property
    def refused(self) -> list[forms.BoundField]:
        """What is wrong, by the fields."""
        return [self[name] for name in self.fields if name in self.errors]

    def is_for(self, place: Jurisdiction, year: int, kind: str) -> bool:
        """Whether this is the form of that cell."""
        return place == self.place and str(self["year"].value()) == str(year) and self["kind"].value() == kind
