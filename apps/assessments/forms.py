"""What people enter on the pages of this room beside the answers to criteria.

Of a self-assessment the note, and what was shown when it was opened; of a review the decisions; of a visit what was found.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.assessments.models import Assessment
from apps.assessments.recognition import recognition_year
from apps.assessments.site_visits import LONGEST_FINDINGS, VisitFacts
from apps.campaigns.document_numbers import DocumentNumberForm
from apps.campaigns.notice_rules import notice_days_of
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.forms import Day, PlainForm
from apps.core.inputs import ids_in, whole_number
from apps.standards.answer_forms import WrongAnswer
from apps.standards.models import Criterion

LONGEST_NOTE = 500
LONGEST_REASON = 1000
WHOLE, SINGLE = "whole", "single"


def parse_version(data: Mapping[str, str]) -> int:
    """The version of the result that the form showed; 0 without one."""
    return whole_number(data.get("seen", ""), digits=9) or 0


def parse_moment(text: str) -> datetime | None:
    """When what the form showed was last changed; None where it does not say. InvalidInput for what is no moment."""
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or not timezone.is_aware(moment):
        raise InvalidInput("页面信息不完整，没有提交。请刷新页面核对后再提交。")
    return moment


def parse_note(criterion: Criterion, data: Mapping[str, str], prefix: str = "") -> str:
    note = data.get(f"{prefix}note", "").strip()
    if len(note) > LONGEST_NOTE:
        raise WrongAnswer(f"第 {criterion.number} 条的说明有 {len(note)} 字，请压缩到 {LONGEST_NOTE} 字以内。")
    return note


class DecisionForm(PlainForm):
    """A remark for the history; ``seen``: the last step that the page knew."""

    comment = forms.CharField(
        label="意见",
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class RecognitionForm(DocumentNumberForm, DecisionForm):
    """Year and document of a recognition (认定); ``proposed``: what an earlier proposal of it held, None where none is offered.

    The number is marked as required where the verb asks for it.
    """

    year = forms.TypedChoiceField(label="认定年度", coerce=int)
    document_number = forms.CharField(
        label="认定文号", required=False, max_length=100, help_text="认定文件的发文字号，按“机关代字〔年份〕序号”填写。"
    )
    field_order = ["year", "document_number", "number_is_so", "comment"]

    def __init__(
        self,
        assessment: Assessment,
        data: Mapping[str, str] | None = None,
        proposed: Mapping[str, Any] | None = None,
    ) -> None:
        participation = assessment.participation
        initial = {"year": recognition_year(participation)} | dict(proposed or {})
        super().__init__(data, initial=initial, auto_id="recognise-%s")
        years = [year for year in participation.campaign.years if year >= participation.year]
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]  # type: ignore[attr-defined]
        if data is not None or proposed is not None:
            number = self.fields["document_number"]
            number.required = notice_days_of(participation.campaign) > 0
            number.error_messages["required"] = "请填写认定文号，例如“楚住建城〔2022〕46号”。"


def parse_reason(text: str, number: int) -> str:
    """Return the reason for returning the criterion ``number``."""
    reason = text.strip()
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"第 {number} 条的退回理由有 {len(reason)} 字，请压缩到 {LONGEST_REASON} 字以内。")
    return reason


def with_noted(comment: str, data: Mapping[str, str], noted: Mapping[int, str]) -> str:
    """The comment of a decision other than a return, with what was noted for a return (记入退回) and is not returned now.

    Nothing of it is dropped unasked: InvalidInput unless the form says that the reviewer goes on all the same.
    """
    if not noted:
        return comment
    numbers = "、".join(map(str, noted))
    if not data.get("despite_noted"):
        raise InvalidInput(
            f"还有 {len(noted)} 条记入退回（第 {numbers} 条），没有退回。"
            "请先点“退回所列”；不再退回的，请勾选后再办理，理由写入意见。"
        )
    reasons = "；".join(f"第 {number} 条：{reason}" for number, reason in noted.items())
    return f"{comment}\n记入退回而未退回的条目：{reasons}".strip()


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
    numbers = ids_in(data.getlist("criterion"), digits=4)
    reasons = {number: parse_reason(data.get(f"reason_{number}", ""), number) for number in numbers}
    if data.get("scope") == SINGLE and not reasons:
        raise InvalidInput("没有勾选要退回的条目。请勾选，或改为整件退回。")
    return reasons


class VisitForm(PlainForm):
    """A visit as it is written down; ``version``: the one that the form showed."""

    visited_on = Day(label="核查日期")
    offices = forms.CharField(
        label="参加单位",
        max_length=300,
        help_text="参加核查的单位和部门，用顿号隔开，例如：市住房城乡建设局、市城市管理局。",
    )
    findings = forms.CharField(
        label="核查情况",
        max_length=LONGEST_FINDINGS,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="写看到的情况和存在的问题；对某一条的意见，在审核页面该条下填写。",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)

    def __init__(self, *args: object, assessment: Assessment, **kwargs: object) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))  # type: ignore[arg-type]
        bounds = {"min": f"{assessment.participation.year}-01-01", "max": f"{clock.today():%Y-%m-%d}"}
        self.fields["visited_on"].widget.attrs |= bounds

    def facts(self) -> VisitFacts:
        data = self.cleaned_data
        return VisitFacts(data["visited_on"], data["offices"], data["findings"])
