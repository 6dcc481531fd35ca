"""Input shapes of this room. The rules are the verbs'."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from apps.campaigns.document_numbers import DocumentNumberForm
from apps.communities.models import Community
from apps.core import clock
from apps.core.forms import Day, Lines, PlainForm
from apps.jurisdictions.models import Jurisdiction
from apps.practices.choosing import Commendation
from apps.practices.domain import Wording
from apps.practices.models import LONGEST_TEXT, LONGEST_TITLE, Practice, PracticeChoice
from apps.recognitions.forms import ReasonForm
from apps.standards.models import Criterion

# A select of more communities is none; whose practice it is, is then written.
_MOST_COMMUNITIES = 200


def communities_of(unit: Jurisdiction) -> list[Community]:
    """The communities that a unit may choose from; none where there are too many of them."""
    rows = Community.objects.below(unit.path).filter(closed_on=None).select_related("jurisdiction__parent")
    found = list(rows.order_by("jurisdiction__code", "code")[: _MOST_COMMUNITIES + 1])
    return found if len(found) <= _MOST_COMMUNITIES else []


class PracticeForm(PlainForm):
    """The words of a practice; its pictures are beside it."""

    title = forms.CharField(
        label="标题", max_length=LONGEST_TITLE, help_text="例如：物业、社区、居民三方共管充电车棚。"
    )
    community = forms.ChoiceField(label="来源社区", required=False, help_text="是本单位整体做法的不选。")
    origin = forms.CharField(
        label="做法来源",
        max_length=LONGEST_TITLE,
        required=False,
        help_text="公布时写明是哪个社区或单位的做法；不填的，按来源社区或本单位填写。",
    )
    text = Lines(
        label="做法内容",
        rows=12,
        max_length=LONGEST_TEXT,
        required=False,
        help_text="背景、做法、成效，每段一行；报送前必填。不写居民姓名、电话。",
    )
    criteria = forms.TypedMultipleChoiceField(
        label="对应国家条目",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="做法和哪些标准条目有关，可以勾选多条；别的单位按条目查找。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        criteria: Sequence[Criterion],
        tied: Mapping[int, Sequence[int]],
        communities: Sequence[Community],
        practice: Practice | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        initial: dict[str, Any] = {"seen": 0}
        if practice is not None:
            initial = {name: getattr(practice, name) for name in ("title", "text", "origin", "criteria")}
            initial |= {"community": practice.community_id or "", "seen": practice.version}
        super().__init__(data, initial=initial, label_suffix="")
        self.communities = {one.pk: one for one in communities}
        places = [(one.pk, f"{one.jurisdiction} {one.short_name}") for one in communities]
        self.fields["community"].choices = [("", "不选"), *places]  # type: ignore[attr-defined]
        if not communities:
            del self.fields["community"]
        choices = [(one.pk, f"{one.number}．{one.text}{_tie(one.number, tied.get(one.pk, ()))}") for one in criteria]
        self.fields["criteria"].choices = choices  # type: ignore[attr-defined]

    @property
    def wording(self) -> Wording:
        """What was entered; only after it was found valid."""
        entered = self.cleaned_data
        community = self.communities.get(int(entered.get("community") or 0))
        return Wording(entered["title"], entered["text"], community, entered["criteria"], entered["origin"])


class TakeUpForm(PracticeForm):
    """What a report tells of, worded for those who are to read it as a practice."""

    def __init__(
        self,
        criteria: Sequence[Criterion],
        tied: Mapping[int, Sequence[int]],
        communities: Sequence[Community],
        told: Mapping[str, str],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(criteria, tied, communities, data=data)
        self.initial = {**self.initial, **told}
        del self.fields["seen"]
        self.fields["text"].required = True
        if "community" in self.fields:
            self.fields["community"].help_text = "是报告单位整体做法的不选。"
        self.fields["text"].help_text = "取自报告，可以删节；每段一行。不写居民姓名、电话。"
        self.fields["origin"].help_text = "公布时写明是哪个社区或单位的做法；不填的，按来源社区或报告单位填写。"


class DeclineForm(ReasonForm):
    """Why a practice, as it was sent then, is not chosen."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, practice: Practice, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"seen": practice.round}, label_suffix="")


class CommendationForm(DocumentNumberForm):
    """By which document, and when, whoever a practice comes from was commended."""

    document_number = forms.CharField(label="通报表扬文号", max_length=100, help_text="例如 楚住建通〔2022〕5号。")
    commended_on = Day(label="通报表扬日期")

    def __init__(self, choice: PracticeChoice, data: Mapping[str, Any] | None = None) -> None:
        initial = {
            "document_number": choice.commended_in,
            "commended_on": choice.commended_on or clock.today(),
        }
        super().__init__(data, initial=initial, label_suffix="")

    @property
    def commendation(self) -> Commendation:
        return Commendation(self.cleaned_data["document_number"], self.cleaned_data["commended_on"])


def _tie(number: int, numbers: Sequence[int]) -> str:
    """By which criteria the own standard carries out a national one, where that is not the one of the same number."""
    if list(numbers) == [number]:
        return ""
    return f"（本地标准第 {'、'.join(map(str, numbers))} 条）" if numbers else ""
