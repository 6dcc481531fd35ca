"""Input shapes of this room. The rules are the verbs'."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from apps.communities.facts import Fact, Kind, grouped
from apps.communities.models import Community, CommunitySurvey, SurveyField
from apps.communities.survey_fields import FieldFacts
from apps.communities.surveys import LONGEST_SOURCE, SOURCE, SURVEYED_ON, Survey
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.forms import Day, Number, PlainForm


class SurveyForm(PlainForm):
    """The survey of a year: a field for each fact, typed as text, so that nothing typed is lost to a refusal.

    Facts of an ``earlier`` survey stand where the year has none of its own, and are marked until they are saved.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        facts: Sequence[Fact],
        survey: CommunitySurvey | None,
        earlier: CommunitySurvey | None,
        data: Mapping[str, str] | None = None,
    ) -> None:
        self._facts = facts
        self.earlier = earlier if survey is None else None
        known = survey or earlier
        initial: dict[str, Any] = {"seen": survey.version if survey else 0, SURVEYED_ON: clock.today()}
        if known is not None:
            initial |= {one.code: one.text_of(one.value_of(known)) for one in facts} | {SOURCE: known.source}
        if survey is not None:
            initial[SURVEYED_ON] = survey.surveyed_on
        super().__init__(data, initial=initial, label_suffix="")
        for fact in facts:
            self.fields[fact.code] = _field_of(fact)
        self.fields[SOURCE] = forms.CharField(
            label="资料来源", max_length=LONGEST_SOURCE, help_text="例如：街道台账、民政统计、入户调查。"
        )
        self.fields[SURVEYED_ON] = Day(label="调查日期")

    @property
    def groups(self) -> dict[str, list[tuple[Fact, Any]]]:
        """The fields under their headings: the fact, and the bound field with the year it is carried over from ('' for none)."""
        carried = self.earlier
        lines = [
            (one, (self[one.code], carried.year if carried and one.value_of(carried) is not None else ""))
            for one in self._facts
        ]
        return grouped(lines)

    @property
    def survey(self) -> Survey:
        """What was entered."""
        values = {one.code: self.cleaned_data[one.code] for one in self._facts}
        return Survey(values, self.cleaned_data[SOURCE], self.cleaned_data[SURVEYED_ON])

    def clean(self) -> dict[str, Any]:
        """Read each fact as the spreadsheet does."""
        entered = self.cleaned_data
        for fact in self._facts:
            try:
                entered[fact.code] = fact.read(entered.get(fact.code) or "")
            except InvalidInput as error:
                self.add_error(fact.code, error.message)
        return entered

    def tell(self, errors: Mapping[str, str]) -> None:
        """Say beside each field why the verb has refused it."""
        for code, text in errors.items():
            self.add_error(code if code in self.fields else None, text)


def _field_of(fact: Fact) -> forms.Field:
    common: dict[str, Any] = {"label": fact.label, "required": False, "help_text": fact.hint}
    if fact.options:
        return forms.CharField(
            widget=forms.Select(choices=[("", "未填"), *((one, one) for one in fact.options)]), **common
        )
    attrs = {"inputmode": "decimal" if fact.places else "numeric", "autocomplete": "off"} if fact.is_number else {}
    return forms.CharField(widget=forms.TextInput(attrs=attrs), max_length=400, **common)


class UrbanForm(PlainForm):
    """Whether a community counts as urban."""

    counts = forms.TypedChoiceField(
        label="计入城市社区",
        choices=[("1", "计入"), ("0", "不计入")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        help_text="不计入的社区不进入底数，不列入年度计划。已确认的底数不因此改变。",
    )
    reason = forms.CharField(
        label="理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明依据，留在变更记录里，例如：以农业人口为主，尚未建成。",
    )
    seen = forms.ChoiceField(choices=[("1", "计入"), ("0", "不计入")], widget=forms.HiddenInput)

    def __init__(self, community: Community, data: Mapping[str, str] | None = None) -> None:
        now = "1" if community.counts_as_urban else "0"
        super().__init__(data, initial={"counts": now, "reason": community.urban_reason, "seen": now}, label_suffix="")


class SurveyFieldForm(PlainForm):
    """An added field."""

    label = forms.CharField(label="名称", max_length=30, help_text="社区填写时看到的名称，如“充电桩”。")
    kind = forms.ChoiceField(label="类型", choices=SurveyField.Kind.choices, initial=Kind.WHOLE)
    unit = forms.CharField(
        label="计量单位", max_length=10, required=False, help_text="整数、小数填写，如“个”“平方米”。"
    )
    choices = forms.CharField(
        label="选项",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="类型为“选项”的填写，每行一个。",
    )
    least = Number(label="最小值", required=False, max_digits=14, decimal_places=4)
    most = Number(
        label="最大值", required=False, max_digits=14, decimal_places=4, help_text="超出范围的填不进去，可防多填一位。"
    )
    is_required = forms.BooleanField(
        label="必填", required=False, help_text="没有填的计为不完整，不影响保存。确有需要再设必填。"
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, field: SurveyField | None, data: Mapping[str, str] | None = None) -> None:
        initial: dict[str, Any] = {}
        if field is not None:
            names = ("label", "kind", "unit", "least", "most", "is_required")
            initial = {name: getattr(field, name) for name in names}
            initial |= {"choices": "\n".join(field.choices), "seen": field.version}
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["seen"].required = field is not None

    @property
    def asked(self) -> FieldFacts:
        entered = {name: self.cleaned_data[name] for name in self.fields if name not in ("choices", "seen")}
        return FieldFacts(**entered, choices=self.cleaned_data["choices"].splitlines())


def years_to_fill(years: Iterable[int]) -> list[int]:
    """The years that a form offers: this one, the four before it, and those that there are surveys of; newest first."""
    today = clock.today().year
    return sorted({*range(today - 4, today + 1), *years}, reverse=True)
