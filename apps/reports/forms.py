"""Input shapes of exports."""

from django import forms

from apps.campaigns.models import Campaign
from apps.core.forms import PlainForm
from apps.jurisdictions.models import Jurisdiction, Level


class SummaryForm(PlainForm):
    """Which 附件2: of what campaign, jurisdiction and year."""

    campaign = forms.ModelChoiceField(
        label="创建行动", queryset=Campaign.objects.none(), to_field_name="code", widget=forms.HiddenInput
    )
    jurisdiction = forms.ModelChoiceField(label="填报单位", queryset=Jurisdiction.objects.none())
    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: object, campaign: Campaign | None, own: Jurisdiction, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["campaign"].queryset = Campaign.objects.concerning(own.path)  # type: ignore[attr-defined]
        units = Jurisdiction.objects.below(own.path).exclude(level=Level.STREET)
        asked = getattr(self.initial.get("jurisdiction"), "pk", None)
        near = units.filter(parent=own) | units.filter(pk__in=[own.pk, asked])
        self.fields["jurisdiction"].queryset = (units if self.is_bound else near).order_by("path")  # type: ignore[attr-defined]
        years = campaign.years if campaign else []
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]  # type: ignore[attr-defined]
