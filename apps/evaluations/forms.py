"""Input shapes of this room. The rules are the verbs'."""

from django import forms

from apps.campaigns.models import Campaign
from apps.core.forms import Day, Lines, Number, PlainForm
from apps.evaluations.domain import LONGEST_REASON
from apps.evaluations.models import AnnualEvaluation, Countersignature


class ApprovalForm(PlainForm):
    """With what an evaluation is approved, as far as the campaign asks for it."""

    grade = forms.ChoiceField(label="评估等次")
    score = Number(label="评估得分", max_digits=6, decimal_places=2)
    words = Lines(label="意见", required=False, rows=2, max_length=LONGEST_REASON)

    def __init__(self, campaign: Campaign, *args: object, **kwargs: object) -> None:
        super().__init__(*args, label_suffix="", **kwargs)  # type: ignore[arg-type, misc]
        if campaign.evaluation_grades:
            offered = [("", "请选择"), *((one, one) for one in campaign.evaluation_grades)]
            self.fields["grade"].choices = offered  # type: ignore[attr-defined]
        else:
            del self.fields["grade"]
        if campaign.evaluation_points:
            self.fields["score"].help_text = f"满分 {campaign.evaluation_points} 分。"
        else:
            del self.fields["score"]


class CountersignatureForm(PlainForm):
    """What a department says; ``departments``: of which one is chosen, where the clerk records it from paper."""

    department = forms.ChoiceField(label="会签部门")
    office = forms.CharField(
        label="会签单位", max_length=100, required=False, help_text="盖章的单位全称，例如 楚雄州生态环境局。"
    )
    stance = forms.ChoiceField(label="意见", choices=[("", "请选择"), *Countersignature.Stance.choices])
    text = Lines(label="会签意见", required=False, rows=2, max_length=LONGEST_REASON, help_text="有意见的必填。")
    signed_on = Day(label="会签日期", required=False, help_text="不填的按今天。")

    def __init__(self, departments: list[str], *args: object, **kwargs: object) -> None:
        super().__init__(*args, label_suffix="", **kwargs)  # type: ignore[arg-type, misc]
        offered: list[tuple[str, str]] = [(one, one) for one in departments]
        if len(offered) > 1:
            offered.insert(0, ("", "请选择"))
        self.fields["department"].choices = offered  # type: ignore[attr-defined]


class ListFilter(forms.Form):
    """What the list is narrowed by, from the address."""

    state = forms.ChoiceField(label="状态", required=False)

    def __init__(self, data: object) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]
        self.fields["state"].choices = [("", "全部"), *AnnualEvaluation.Status.choices]  # type: ignore[attr-defined]

    @property
    def asked(self) -> str:
        """The status that is asked for; what is none narrows nothing."""
        return str(self.cleaned_data.get("state", "")) if self.is_valid() else ""
