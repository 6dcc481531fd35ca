"""Input shapes of exports."""

from django import forms

from apps.campaigns.models import Campaign
from apps.core.forms import PlainForm
from apps.jurisdictions.models import Jurisdiction, Level
from apps.reports import registry
from apps.reports.models import ExportJob, ExportJobQuerySet


class ExportForm(PlainForm):
    """Which document: of what kind, campaign, jurisdiction and year."""

    campaign = forms.ModelChoiceField(
        label="创建行动", queryset=Campaign.objects.none(), to_field_name="code", widget=forms.HiddenInput
    )
    kind = forms.ChoiceField(label="文件", choices=registry.choices)
    jurisdiction = forms.ModelChoiceField(label="填报单位", queryset=Jurisdiction.objects.none(), empty_label=None)
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


class JobFilter(forms.Form):
    """What the list of jobs is narrowed by, from the address; what is wrong there narrows nothing."""

    kind = forms.ChoiceField(label="文件", required=False)
    state = forms.ChoiceField(label="状态", required=False)

    def __init__(self, data: object) -> None:
        super().__init__(data, label_suffix="", prefix=None)  # type: ignore[arg-type]
        self.auto_id = "filter-%s"
        for name, choices in (("kind", registry.choices()), ("state", ExportJob.Status.choices)):
            self.fields[name].choices = [("", "不限"), *choices]  # type: ignore[attr-defined]

    def narrow(self, jobs: ExportJobQuerySet) -> ExportJobQuerySet:
        self.is_valid()
        wanted = {"kind": self.cleaned_data.get("kind"), "status": self.cleaned_data.get("state")}
        return jobs.filter(**{name: value for name, value in wanted.items() if value})

    @property
    def is_narrowed(self) -> bool:
        self.is_valid()
        return any(self.cleaned_data.values())
