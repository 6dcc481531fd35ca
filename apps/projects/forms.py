"""Input shapes of this room. The rules are the verbs'."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from django import forms

from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.forms import Day, PlainForm, Problem
from apps.core.inputs import whole_number
from apps.core.rounding import plain
from apps.projects.domain import LONGEST_REASON
from apps.projects.facts import DAYS, NO_MONEY, Money, ProjectFacts, read_amount, wrong_dates, wrong_funding
from apps.projects.models import LONGEST_CONTENT, LONGEST_NAME, Project, Source
from apps.standards.models import Criterion

# A form shows so many empty lines of funding, and at most so many lines.
_EMPTY_LINES, MOST_LINES = 3, 60
_YEARS_SHOWN = (6, 3)


class ProjectForm(PlainForm):
    """A project; the lines of its funding are a form of their own beside it (`FundingLines`)."""

    name = forms.CharField(label="项目名称", max_length=LONGEST_NAME, help_text="例如：老旧供水管网改造。")
    content = forms.CharField(
        label="建设改造内容",
        required=False,
        max_length=LONGEST_CONTENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="建什么、改什么、多少，例如：更换供水管 1.2 公里，新装路灯 40 盏。",
    )
    criteria = forms.TypedMultipleChoiceField(
        label="对应条目",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少勾选一条：项目是为哪一条标准建设改造的。"},
        help_text="项目是为哪些标准条目建设改造的，可以勾选多条。",
    )
    planned_start = Day(label="计划开工")
    planned_end = Day(label="计划完工", help_text="没有确定到日的填月末。")
    started_on = Day(label="开工日期", required=False, help_text="开工后填写。")
    completed_on = Day(label="完工日期", required=False, help_text="完工后填写。")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        criteria: Sequence[Criterion],
        project: Project | None,
        data: Mapping[str, Any] | None = None,
        *,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        """``data`` is judged; ``typed`` is shown as it was typed so far."""
        initial: dict[str, Any] = {}
        if project is not None:
            names = [one for one in self.base_fields if one != "seen"]
            initial = {name: getattr(project, name) for name in names} | {"seen": project.version}
        initial |= typed or {}
        super().__init__(data, initial=initial, label_suffix="")
        choices = [(one.pk, f"{one.number}．{one.text}") for one in criteria]
        self.fields["criteria"].choices = choices  # type: ignore[attr-defined]
        self.fields["seen"].required = project is not None

    def clean(self) -> dict[str, Any]:
        """Tell of the order of the dates together with the rest, as far as they can be read."""
        entered = self.cleaned_data
        for name, text in wrong_dates({name: entered.get(name) for name in DAYS}).items():
            if name not in self.errors:
                self.add_error(name, text)
        return entered

    def facts(self, funding: Sequence[Money]) -> ProjectFacts:
        """What was entered; only after it was found valid."""
        entered = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return ProjectFacts(**entered, funding=funding)

    def tell(self, errors: Mapping[str, str]) -> None:
        """Say beside each field why the verb has refused it; what belongs to no field stands above."""
        for name, text in errors.items():
            if not name.startswith("funding"):
                self.add_error(name if name in self.fields else None, text)


class FundingLine:
    """A line of funding as it was typed: nothing typed is lost to a refusal. ``errors``: by part, what is wrong with it."""

    PARTS = {"source": "资金来源", "year": "资金年度", "planned": "计划投资", "spent": "完成投资"}

    def __init__(self, number: int, typed: Mapping[str, str]) -> None:
        self.number = number
        self.typed = {**typed, "year": normalize("NFKC", typed["year"])}
        self.errors: dict[str, str] = {}
        self.money: Money | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing but perhaps a year stands in it."""
        return not any(self.typed[name] for name in ("source", "planned", "spent"))

    def read(self) -> None:
        """Read what was typed, or keep what is wrong with it."""
        typed = self.typed["year"]
        year = whole_number(typed, digits=4)
        if year is None:
            self.errors["year"] = f"“{typed[:20]}”不是年度，请重新选择。" if typed else "请选择年度。"
        amounts = [self._amount(name) for name in ("planned", "spent")]
        if year is not None and not self.errors:
            self.money = Money(self.typed["source"], year, *amounts)

    def _amount(self, name: str) -> Decimal:
        try:
            return read_amount(self.typed[name])
        except InvalidInput as error:
            self.errors[name] = error.message
            return NO_MONEY


class FundingLines:
    """The lines of funding in a form: one per source and year, some empty ones behind them; an emptied line is taken away."""

    def __init__(
        self, data: Mapping[str, Any] | None, funding: Sequence[Money] = (), *, adds_lines: bool = False
    ) -> None:
        typed = list(_posted(data)) if data is not None else [_typed(one) for one in funding]
        if data is None or adds_lines:
            typed += [dict.fromkeys(FundingLine.PARTS, "")] * min(_EMPTY_LINES, MOST_LINES - len(typed))
        self.lines = [FundingLine(number, one) for number, one in enumerate(typed)]
        self.error = ""

    def __iter__(self) -> Iterator[FundingLine]:
        return iter(self.lines)

    @property
    def filled(self) -> list[FundingLine]:
        return [one for one in self.lines if not one.is_blank]

    def is_valid(self) -> bool:
        """Read every line; whether each could be read, and all of them go together."""
        for one in self.filled:
            one.read()
        if self.money or not self.filled:
            self.tell(wrong_funding(self.money))
        return not self.problems

    @property
    def problems(self) -> list[Problem]:
        """What is wrong, with all of them and with each line."""
        general = [Problem("funding", "项目资金", self.error)] if self.error else []
        return general + [
            Problem(f"{part}-{one.number}", f"项目资金第 {at} 行{FundingLine.PARTS[part]}", text)
            for at, one in enumerate(self.lines, 1)
            for part, text in one.errors.items()
        ]

    @property
    def money(self) -> list[Money]:
        """What the lines say that could be read."""
        return [one.money for one in self.filled if one.money is not None]

    def tell(self, errors: Mapping[str, str]) -> None:
        """Say at each line of ``money`` what is wrong with it; `funding` is about all of them."""
        self.error = errors.get("funding", "")
        for at, one in enumerate(one for one in self.filled if one.money is not None):
            one.errors |= {part: errors[key] for part in FundingLine.PARTS if (key := f"funding-{at}-{part}") in errors}

    @property
    def sources(self) -> list[tuple[str, str]]:
        return [("", "—"), *Source.choices]

    @property
    def years(self) -> list[str]:
        """The years to choose from: those around this one, and those that stand."""
        this, (before, ahead) = clock.today().year, _YEARS_SHOWN
        years = {str(year) for year in range(this - before, this + ahead + 1)}
        return sorted(years | {one.typed["year"] for one in self.lines if one.typed["year"]}, reverse=True)

    @property
    def is_full(self) -> bool:
        return len(self.lines) >= MOST_LINES


def _posted(data: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The lines of a form, up to the most there may be."""
    for number in range(MOST_LINES):
        if f"source-{number}" in data or f"planned-{number}" in data:
            yield {name: str(data.get(f"{name}-{number}", "")).strip() for name in FundingLine.PARTS}


def _typed(money: Money) -> dict[str, str]:
    amounts = {"planned": money.planned, "spent": money.spent}
    shown = {name: plain(amount) if amount != NO_MONEY else "" for name, amount in amounts.items()}
    return {"source": money.source, "year": str(money.year), **shown}


class CompletionForm(PlainForm):
    """When a project was completed."""

    completed_on = Day(label="完工日期")


class EndForm(PlainForm):
    """Why a project is ended."""

    reason = forms.CharField(
        label="终止理由",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：资金未落实，并入明年片区改造。终止当年起计划投资不再计入，已完成的投资照旧。",
    )
