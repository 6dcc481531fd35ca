"""What a reviewer enters with a decision: the forms of returning, agreeing and recognising."""

import re
from collections.abc import Mapping

from django import forms
from django.http import QueryDict

from apps.assessments.models import Assessment
from apps.assessments.recognition import recognition_year
from apps.core.errors import InvalidInput

LONGEST_REASON = 1000
WHOLE, SINGLE = "whole", "single"


class DecisionForm(forms.Form):
    """A remark for the history; ``seen``: the last step that the page knew."""

    comment = forms.CharField(
        label="意见",
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class RecognitionForm(DecisionForm):
    """Year and document of a recognition (认定)."""

    year = forms.TypedChoiceField(label="认定年度", coerce=int)
    document_number = forms.CharField(
        label="认定文号", required=False, max_length=100, help_text="认定文件的发文字号，按“机关代字〔年份〕序号”填写。"
    )
    field_order = ["year", "document_number", "comment"]

    def __init__(self, assessment: Assessment, data: Mapping[str, str] | None = None) -> None:
        participation = assessment.participation
        super().__init__(data, initial={"year": recognition_year(participation)}, auto_id="recognise-%s")
        years = [year for year in participation.campaign.years if year >= participation.year]
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]  # type: ignore[attr-defined]


def parse_reason(text: str, number: int) -> str:
    """Return the reason for returning the criterion ``number``."""
    reason = text.strip()
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"第 {number} 条的退回理由有 {len(reason)} 字，请压缩到 {LONGEST_REASON} 字以内。")
    return reason


def parse_remark(data: Mapping[str, str], name: str) -> str:
    """Return a remark or reason for the history."""
    remark = data.get(name, "").strip()
    if len(remark) > LONGEST_REASON:
        raise InvalidInput(f"填写的内容有 {len(remark)} 字，请压缩到 {LONGEST_REASON} 字以内。")
    return remark


def parse_reasons(data: QueryDict) -> dict[int, str]:
    """Return the ticked criteria of a return with their reasons; none for a return of the whole."""
    if data.get("scope") == WHOLE:
        return {}
    numbers = [int(text) for text in data.getlist("criterion") if re.fullmatch(r"[0-9]{1,4}", text)]
    reasons = {number: parse_reason(data.get(f"reason_{number}", ""), number) for number in numbers}
    if data.get("scope") == SINGLE and not reasons:
        raise InvalidInput("没有勾选要退回的条目。请勾选，或改为整件退回。")
    return reasons
