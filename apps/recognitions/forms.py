"""Input shapes of this room. The rules are the verbs'."""

from collections.abc import Mapping, Sequence

from django import forms

from apps.accounts.http import ActorRequest
from apps.campaigns.document_numbers import DocumentNumberForm
from apps.campaigns.models import Recognition
from apps.core import clock
from apps.core.forms import Day, PlainForm
from apps.papers.offices import office_of
from apps.people.places import place_of
from apps.recognitions.decisions import possible_years
from apps.recognitions.demonstration_bases import USUAL_TITLE
from apps.recognitions.models import Objection, PublicNotice, Recheck
from apps.recognitions.notices import MOST_DAYS, Wording, fewest_days

LONGEST = 1000


def _text(label: str, *, rows: int = 3, **also: object) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONGEST, widget=widget, **also)  # type: ignore[arg-type]


class ListFilter(forms.Form):
    """What every list of this room is narrowed by, from the address: name, place, year, state."""

    q = forms.CharField(label="社区或街道名称", required=False, max_length=60, strip=True)
    jurisdiction = forms.CharField(label="辖区", required=False)
    year = forms.ChoiceField(label="认定年度", required=False)
    state = forms.ChoiceField(label="状态", required=False)

    def __init__(self, request: ActorRequest, years: Sequence[int], states: Mapping[str, str]) -> None:
        super().__init__(request.GET, label_suffix="")
        place = place_of(request)
        self.place = place.jurisdiction
        self.fields["jurisdiction"].widget = forms.Select(choices=place.choices)
        self._offer("year", {str(year): f"{year} 年" for year in years})
        self._offer("state", states)
        self.data = {**request.GET.dict(), "jurisdiction": self.place.key}

    @property
    def asked(self) -> dict[str, str]:
        """The conditions; what is wrong in the address narrows nothing."""
        self.is_valid()
        names = ("q", "year", "state")
        return {name: str(self.cleaned_data.get(name) or "") for name in names}

    @property
    def is_narrowed(self) -> bool:
        return any(self.asked.values())

    def _offer(self, name: str, choices: Mapping[str, str]) -> None:
        if not choices:
            del self.fields[name]
            return
        self.fields[name].choices = [("", "不限"), *choices.items()]  # type: ignore[attr-defined]


class NoticeForm(PlainForm):
    """The words of a notice."""

    title = forms.CharField(label="标题", max_length=200)
    text = forms.CharField(label="公示内容", max_length=4000, widget=forms.Textarea(attrs={"rows": 8}))
    contact = forms.CharField(
        label="异议受理方式",
        max_length=200,
        required=False,
        help_text="单位的办公电话或邮箱，发布前必填；不填个人姓名和手机。例如：楚雄州住房和城乡建设局城建科 0878-3012345",
    )
    working_days = forms.IntegerField(label="公示工作日数", min_value=1, max_value=MOST_DAYS)
    year = forms.TypedChoiceField(label="认定年度", coerce=int)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, notice: PublicNotice, data: Mapping[str, str] | None = None) -> None:
        names = ("title", "text", "contact", "working_days", "year")
        initial = {name: getattr(notice, name) for name in names} | {"seen": notice.version}
        super().__init__(data, initial=initial, label_suffix="")
        fewest = fewest_days(notice.campaign)
        self.fields["working_days"].help_text = f"至少 {fewest} 个工作日；发布当日不计，法定节假日和周末不计。"
        self.fields["year"].choices = [(year, f"{year} 年") for year in notice.campaign.years]  # type: ignore[attr-defined]

    @property
    def wording(self) -> Wording:
        entered = self.cleaned_data
        return Wording(entered["title"], entered["text"], entered["contact"], entered["working_days"], entered["year"])


class ReasonForm(PlainForm):
    """A reason, for acts that take something back."""

    reason = _text("理由")


class ObjectionForm(PlainForm):
    """An objection as it came in."""

    received_on = Day(label="收到日期")
    is_signed = forms.TypedChoiceField(
        label="反映方式",
        choices=[("1", "实名"), ("0", "匿名")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        help_text="只登记是否实名，不登记反映人的姓名和联系方式。",
    )
    text = _text("异议内容", rows=5, help_text="写明反映的问题；其中的个人姓名、电话请略去。")

    def __init__(self, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data, initial={"received_on": clock.today()}, label_suffix="")


class OutcomeForm(PlainForm):
    """What came of an objection."""

    outcome = forms.ChoiceField(
        label="处理结果",
        choices=[
            (Objection.Outcome.REJECTED, "不成立：保留在名单中"),
            (Objection.Outcome.SUSTAINED, "成立：移出名单，退回自评"),
        ],
        widget=forms.RadioSelect,
    )
    handling = _text("核查处理情况", rows=5)


class DecisionForm(DocumentNumberForm):
    """Year and document of a decision."""

    year = forms.TypedChoiceField(label="认定年度", coerce=int)
    document_number = forms.CharField(
        label="认定文号", max_length=100, help_text="认定文件的发文字号，按“机关代字〔年份〕序号”填写。"
    )
    comment = _text("意见", required=False)
    after = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    field_order = ("year", "document_number", "number_is_so")

    def __init__(self, notice: PublicNotice, data: Mapping[str, str] | None = None) -> None:
        years = possible_years(notice)
        super().__init__(data, initial={"year": max(notice.year, years[0]), "after": 0}, label_suffix="")
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]  # type: ignore[attr-defined]
        if usual := office_of(notice.jurisdiction).number(clock.today().year):
            self.fields["document_number"].help_text = f"认定文件的发文字号，本单位的形如“{usual}”。"

    def clean_after(self) -> int:
        return self.cleaned_data["after"] or 0


class NumberForm(DocumentNumberForm):
    """The right document number of a recognition, or of all ``number`` of them that its document recognised."""

    document_number = forms.CharField(label="更正为", max_length=100)
    reason = _text("更正理由")
    whole_document = forms.BooleanField(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    field_order = ("document_number", "number_is_so")

    def __init__(self, recognition: Recognition, number: int, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data, initial={"whole_document": True, "seen": recognition.document_number}, label_suffix="")
        self.fields["whole_document"].label = f"同一文号认定的 {number} 个社区一并更正"
        if number < 2:
            del self.fields["whole_document"]


class RecheckForm(PlainForm):
    """What a re-check found."""

    checked_on = Day(label="复查日期")
    result = forms.ChoiceField(label="复查结果", choices=Recheck.Result.choices, widget=forms.RadioSelect)
    rectify_by = Day(label="整改期限", required=False, help_text="限期整改的填写；到期未登记结果的，列为逾期。")
    findings = _text("复查情况", rows=5, required=False, help_text="限期整改、不通过的必填：哪一条不符合，要求怎样改。")
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, existing: Recheck | None, data: Mapping[str, str] | None = None) -> None:
        initial: dict[str, object] = {"checked_on": clock.today(), "seen": 0}
        if existing is not None:
            names = ("checked_on", "result", "rectify_by", "findings")
            initial = {name: getattr(existing, name) for name in names} | {"seen": existing.version}
        super().__init__(data, initial=initial, label_suffix="")


class BaseForm(DocumentNumberForm):
    """Naming a demonstration base."""

    title = forms.CharField(label="称号", max_length=100)
    document_number = forms.CharField(label="命名文号", max_length=100)
    named_on = Day(label="命名日期")
    note = _text(
        "示范内容", required=False, help_text="示范什么、适合哪些人参观学习。向社会公布名单的，会一并公布称号。"
    )
    field_order = ("title", "document_number", "number_is_so")

    def __init__(self, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data, initial={"title": USUAL_TITLE, "named_on": clock.today()}, label_suffix="")
