"""Fields and bases that the forms of campaigns share."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.campaigns.models import Campaign
from apps.core.forms import DraftForm, Lines, Number

_YEAR_ERRORS = {
    "required": "请填年度，例如 2026。",
    "invalid": "请填四位数的年度，例如 2026。",
    "min_value": "年度须在 2000 至 2100 之间。",
    "max_value": "年度须在 2000 至 2100 之间。",
}


class Year(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=2000, max_value=2100, error_messages=_YEAR_ERRORS, **kwargs)


class Names(Lines):
    """Names, one a line; 、 parts them as well."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace("、", "\n")
        names = [line.strip() for line in text.splitlines() if line.strip()]
        if long := next((one for one in names if len(one) > self.longest), None):
            raise forms.ValidationError(f"“{long[:20]}…”过长，每个不超过 {self.longest} 个字。")
        return list(dict.fromkeys(names))

    def __init__(self, *, longest: int = 50, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(required=False, max_length=3000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial or []), data))


class ReasonForm(DraftForm):
    """Why something is changed, and by which document."""

    reason = Lines(label="理由", rows=2, max_length=1000, error_messages={"required": "请填写理由。"})
    basis = forms.CharField(
        label="依据文号", max_length=100, required=False, help_text="有文件的填，例如 楚住建〔2026〕8号。"
    )


class PartForm(DraftForm):
    """A part of a campaign; of an opened one with the reason and the document of the change."""

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        self.build()
        if campaign.is_open:
            self.fields |= {f"change_{name}": field for name, field in ReasonForm().fields.items()}
            self.fields["change_reason"].label = "调整理由"

    def build(self) -> None:
        """Add or drop the fields that depend on the campaign."""

    def why(self) -> dict[str, str]:
        """Reason and document as the verbs take them."""
        values = self.cleaned_data
        return {"reason": values.get("change_reason", ""), "document_number": values.get("change_basis", "")}

    def _words(self, name: str) -> str:
        value = self[name].initial
        is_listed = isinstance(value, list) and not hasattr(self.fields[name], "choices")
        return "、".join(value) or "（空）" if is_listed else super()._words(name)

    def stored_otherwise(self) -> list[tuple[str, str]]:
        asked = {str(self[name].label) for name in self.fields if name.startswith("change_")}
        return [(label, words) for label, words in super().stored_otherwise() if label not in asked]


class Percent(Number):
    """A percentage, written without idle zeros."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            max_digits=8,
            decimal_places=2,
            widget=forms.NumberInput(attrs={"step": "any", "min": 0, "inputmode": "decimal", "class": "target-value"}),
            error_messages={
                "invalid": "请填数字，例如 60 或 62.5。",
                "max_digits": "数字过大。",
                "max_whole_digits": "数字过大。",
                "max_decimal_places": "小数超过两位，请四舍五入到两位。",
            },
        )

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value
