"""Forms of 年度计划: which communities are put on the plan, which of them as pilots, and why it is changed or falls short."""

from collections.abc import Sequence

from django import forms

from apps.campaigns.plan import SHOWN
from apps.communities.models import Community
from apps.core.errors import OUTDATED, StaleForm
from apps.core.forms import Lines, PlainForm
from apps.core.inputs import whole_number
from apps.jurisdictions.models import Jurisdiction

_GONE = {
    "invalid_choice": "有的社区已不在本辖区，请刷新后再选。",
    "invalid_pk_value": OUTDATED,
}


class PlanForm(PlainForm):
    """A form whose one answer stands above the plan, not beside its fields."""

    @property
    def problem(self) -> str:
        """What is wrong, in one sentence."""
        return next((str(message) for messages in self.errors.values() for message in messages), "")


class EnrolForm(PlanForm):
    """The ticked communities of one jurisdiction; who is ticked as a pilot is put on the plan with it."""

    community = forms.ModelMultipleChoiceField(Community.objects.none(), required=False, error_messages=_GONE)
    pilot = forms.ModelMultipleChoiceField(Community.objects.none(), required=False, error_messages=_GONE)

    def __init__(self, data: object, place: Jurisdiction) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        communities = Community.objects.below(place.path).in_code_order()
        for name in ("community", "pilot"):
            self.fields[name].queryset = communities  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        found = self.cleaned_data
        chosen = {one.pk: one for name in ("community", "pilot") for one in found.get(name, ())}
        if not chosen and not self.errors:
            raise forms.ValidationError("请先勾选要列入计划的社区。")
        return {"chosen": list(chosen.values()), "pilots": {one.pk for one in found.get("pilot", ())}}


class PlanFilter(forms.Form):
    """Which part of a plan is shown, from the address."""

    street = forms.CharField(label="街道（镇、乡）", required=False)
    q = forms.CharField(label="社区名称", required=False, max_length=60)
    show = forms.ChoiceField(label="显示", required=False, choices=list(SHOWN.items()))

    def __init__(self, data: object, streets: list[Jurisdiction]) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]
        if len(streets) > 1:
            choices = [("", "全部"), *((one.key, one.name) for one in streets)]
            self.fields["street"].widget = forms.Select(choices=choices, attrs={"data-plan-filter": "street"})
        else:
            del self.fields["street"]
        self.fields["q"].widget.attrs |= {"data-plan-filter": "text", "autocomplete": "off"}
        self.fields["show"].widget.attrs["data-plan-filter"] = "show"

    def asked(self, name: str) -> str:
        return str(self.cleaned_data.get(name, "")) if self.is_valid() else ""


class WhyForm(PlanForm):
    """Why a plan is changed that was accepted, and by which document; ``is_needed``: no change without a reason."""

    reason = forms.CharField(
        label="调整理由",
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填写调整理由。", "max_length": "调整理由过长，最多 1000 个字。"},
    )
    document_number = forms.CharField(
        label="文号",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": "文号过长，最多 100 个字。"},
    )

    def __init__(self, data: object = None, *, is_needed: bool = False) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]
        self.fields["reason"].required = is_needed


class ExplanationForm(PlainForm):
    """Why a plan is submitted that falls short of what is asked; ``is_needed``: this one does."""

    explanation = Lines(
        label="说明",
        max_length=1000,
        error_messages={
            "required": "计划还有不足，可以上报，请先填写说明。",
            "max_length": "说明过长，最多 1000 个字。",
        },
        help_text="例如：两个社区正在拆迁，明年补齐。",
    )

    def __init__(self, data: object = None, *, is_needed: bool) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]
        self.fields["explanation"].required = is_needed


def chosen_plans(ticked: Sequence[str]) -> dict[int, int]:
    """The ticked plans by id with the submission that was shown: ``417:2``; StaleForm for anything else."""
    pairs = [one.partition(":") for one in ticked]
    return {shown_number(pk): shown_number(seen) for pk, _, seen in pairs}


def shown_number(text: str) -> int:
    """A number that the page itself has put into a form; StaleForm where it is none any more."""
    if (found := whole_number(text)) is None:
        raise StaleForm(OUTDATED)
    return found
