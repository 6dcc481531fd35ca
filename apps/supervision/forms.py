"""Input shapes of this room. The rules are the verbs'."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from apps.accounts.http import ActorRequest
from apps.campaigns.document_numbers import DocumentNumberForm
from apps.communities.models import Community
from apps.core.forms import Day, Lines, PlainForm, Problem
from apps.core.inputs import as_seen, whole_number
from apps.people.places import Place, place_of
from apps.standards.models import Criterion
from apps.standards.national import shortened
from apps.supervision.domain import MOST_FINDINGS, FindingFacts, VisitFacts
from apps.supervision.models import LONGEST_TEXT, SupervisionVisit, VisitFinding

# A form shows so many empty lines of findings.
_EMPTY_LINES = 3
_MOST_LINES = MOST_FINDINGS + _EMPTY_LINES
STATES = {
    "draft": "草稿",
    "open": "整改中",
    "late": "有逾期",
    "answered": "待核查",
    "mended": "整改完成",
    "withdrawn": "已撤回",
}


class UnitForm(PlainForm):
    """Walks down the tree to the unit that was visited."""

    jurisdiction = forms.CharField(label="被检查单位", help_text="逐级往下选，可以选到街道（镇、乡）。")

    def __init__(self, place: Place) -> None:
        super().__init__({"jurisdiction": place.jurisdiction.key}, label_suffix="")
        self.fields["jurisdiction"].widget = forms.Select(choices=place.choices)


class CommunityForm(PlainForm):
    """The community that was visited in a unit, where the visit was to one."""

    community = forms.ChoiceField(label="被检查社区", required=False, help_text="检查的是单位整体工作的不选。")

    def __init__(self, communities: Sequence[Community], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="")
        self.communities = {str(one.pk): one for one in communities}
        names = [(pk, one.short_name) for pk, one in self.communities.items()]
        self.fields["community"].choices = [("", "不选"), *names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Community | None:
        return self.communities.get(self.cleaned_data["community"])


class VisitForm(DocumentNumberForm):
    """What is written down of a visit; its findings are lines of their own beside it (`FindingLines`)."""

    title = forms.CharField(label="标题", max_length=200)
    document_number = forms.CharField(
        label="文号", max_length=100, required=False, help_text="例如 楚住建督〔2022〕3号；没有编号的不填。"
    )
    started_on = Day(label="检查日期")
    ended_on = Day(label="检查结束日期", required=False, help_text="检查一天的不填。")
    offices = forms.CharField(
        label="参加单位", max_length=500, required=False, help_text="例如：州住建局、州民政局、州生态环境局。"
    )
    people = forms.CharField(label="检查人员", max_length=500, required=False)
    looked_at = Lines(
        label="检查内容",
        rows=3,
        max_length=LONGEST_TEXT,
        required=False,
        help_text="看了哪些社区、查了哪些资料、访谈了什么人，每段一行。",
    )
    summary = Lines(label="总体情况", rows=5, max_length=LONGEST_TEXT, required=False, help_text="每段一行。")
    seen = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("title", "document_number", "number_is_so")

    def __init__(
        self,
        visit: SupervisionVisit,
        data: Mapping[str, Any] | None = None,
        *,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        """``data`` is judged; ``typed`` is shown as it was typed so far."""
        names = [one for one in self.base_fields if hasattr(visit, one)]
        initial = {name: getattr(visit, name) for name in names} | {"seen": visit.version, **(typed or {})}
        super().__init__(data, initial=initial, label_suffix="")

    def facts(self, findings: Sequence[FindingFacts]) -> VisitFacts:
        """What was entered; only after it was found valid."""
        entered = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return VisitFacts(**entered, findings=findings)


class FindingLine:
    """A finding as it was typed: nothing typed is lost to a refusal. ``errors``: by part, what is wrong with it."""

    PARTS = ("text", "criterion", "mend_by")

    def __init__(self, number: int, typed: Mapping[str, str]) -> None:
        self.number, self.typed = number, typed
        self.errors: dict[str, str] = {}
        self.mend_by: date | None = None

    @property
    def is_blank(self) -> bool:
        return not self.typed["text"] and not self.typed["mend_by"]

    @property
    def criterion(self) -> int | None:
        return whole_number(self.typed["criterion"])

    def read(self) -> None:
        """Read what was typed, or keep what is wrong with it."""
        if not self.typed["text"]:
            self.errors["text"] = "请填写问题，或者清空这一行的整改期限。"
        elif len(self.typed["text"]) > LONGEST_TEXT:
            self.errors["text"] = f"有 {len(self.typed['text']):,} 字，超过 {LONGEST_TEXT:,} 字，请缩短。"
        try:
            self.mend_by = date.fromisoformat(self.typed["mend_by"]) if self.typed["mend_by"] else None
        except ValueError:
            self.errors["mend_by"] = f"“{self.typed['mend_by'][:20]}”不是日期，请按“2022-08-15”这样填写。"


class FindingLines:
    """The findings in a form, some empty lines behind them; an emptied line is taken away."""

    def __init__(
        self,
        criteria: Sequence[Criterion],
        data: Mapping[str, Any] | None,
        findings: Sequence[VisitFinding] = (),
        *,
        adds_lines: bool = False,
    ) -> None:
        typed = list(_posted(data)) if data is not None else [_typed(one) for one in findings]
        if data is None or adds_lines:
            typed += [dict.fromkeys(FindingLine.PARTS, "")] * min(_EMPTY_LINES, _MOST_LINES - len(typed))
        self.lines = [FindingLine(number, one) for number, one in enumerate(typed)]
        self.choices = [("", "不对应条目"), *((str(one.pk), shortened(one)) for one in criteria)]

    def __iter__(self) -> Iterator[FindingLine]:
        return iter(self.lines)

    @property
    def filled(self) -> list[FindingLine]:
        return [one for one in self.lines if not one.is_blank]

    @property
    def is_full(self) -> bool:
        return len(self.lines) >= _MOST_LINES

    def is_valid(self) -> bool:
        """Read every line; whether each could be read."""
        for one in self.filled:
            one.read()
        return not self.problems

    @property
    def problems(self) -> list[Problem]:
        return [
            Problem(f"{part}-{one.number}", f"第 {at} 项问题", text)
            for at, one in enumerate(self.lines, 1)
            for part, text in one.errors.items()
        ]

    @property
    def facts(self) -> list[FindingFacts]:
        """What the lines say; only after they were found valid."""
        return [FindingFacts(one.typed["text"], one.mend_by, one.criterion) for one in self.filled]


def _posted(data: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The lines of a form, up to the most there may be."""
    for number in range(_MOST_LINES):
        if f"text-{number}" in data:
            yield {
                name: as_seen(str(data.get(f"{name}-{number}", ""))).replace("\r\n", "\n").strip()
                for name in FindingLine.PARTS
            }


def _typed(finding: VisitFinding) -> dict[str, str]:
    mend_by = finding.mend_by.isoformat() if finding.mend_by else ""
    return {"text": finding.text, "criterion": str(finding.criterion_id or ""), "mend_by": mend_by}


class AnswerForm(PlainForm):
    """What the visited unit says it mended; files and the boxes of those that go are beside it."""

    answer = Lines(label="整改情况", rows=6, max_length=LONGEST_TEXT, help_text="做了什么、什么时候完成的，每段一行。")
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, finding: VisitFinding, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"answer": finding.answer, "seen": finding.round}, label_suffix="")


class ReturnForm(PlainForm):
    """Why an answer is given back, and by when the rest is to be mended."""

    reason = Lines(label="退回理由", rows=3, max_length=1000, help_text="写明还有什么没有整改到位。")
    mend_by = Day(label="新的整改期限", required=False, help_text="不填的，原来的期限不变。")
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, finding: VisitFinding, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"seen": finding.round}, label_suffix="")


class VisitFilter(forms.Form):
    """What the list is narrowed by, from the address: unit, state, year."""

    jurisdiction = forms.CharField(label="单位", required=False)
    state = forms.CharField(label="状态", required=False)
    year = forms.CharField(label="年度", required=False)

    def __init__(self, request: ActorRequest, years: Sequence[int]) -> None:
        super().__init__(request.GET, label_suffix="")
        self.place = place_of(request)
        asked = request.GET.get("state", "")
        self.state_asked = asked if asked in STATES else ""
        self.year_asked = whole_number(request.GET.get("year", ""), digits=4)
        shown = sorted({*years, *([self.year_asked] if self.year_asked else [])}, reverse=True)
        choices: dict[str, list[tuple[Any, Any]]] = {
            "jurisdiction": self.place.choices,
            "state": [("", "不限"), *STATES.items()],
            "year": [("", "不限"), *((str(one), f"{one} 年") for one in shown)],
        }
        for name, offered in choices.items():
            self.fields[name].widget = forms.Select(choices=offered)
        self.data = {**request.GET.dict(), "jurisdiction": self.place.jurisdiction.key}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.state_asked or self.year_asked)
