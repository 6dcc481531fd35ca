"""Input shapes of this room. The rules are the verbs'."""

from collections.abc import Mapping, Sequence

from django import forms

from apps.bulletins.domain import Wording
from apps.bulletins.models import Bulletin
from apps.bulletins.ranking import RankedUnit
from apps.campaigns.document_numbers import DocumentNumberForm
from apps.core.forms import Lines

_LONGEST_TEXT = 10_000
_PRAISED, _URGED = "praised", "urged"
_MARKS = [("", "—"), (_PRAISED, "表扬"), (_URGED, "督促")]


class BulletinForm(DocumentNumberForm):
    """The words of a bulletin, and of each unit whether it is praised or urged (`mark_<id>`)."""

    title = forms.CharField(label="标题", max_length=200)
    document_number = forms.CharField(
        label="文号", max_length=100, required=False, help_text="例如 楚住建通〔2022〕3号；没有编号的不填。"
    )
    ranked_by = forms.ChoiceField(
        label="排名依据",
        choices=Bulletin.RankedBy.choices,
        help_text="合计完成比例 = 累计认定数 / 底数；目标完成率 = 累计认定数 / 本年目标数。",
    )
    text = Lines(
        label="正文", rows=12, max_length=_LONGEST_TEXT, help_text="每段一行；排名表附在正文后面，不用写进正文。"
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("title", "document_number", "number_is_so")

    def __init__(self, bulletin: Bulletin, units: Sequence[RankedUnit], data: Mapping[str, str] | None = None) -> None:
        initial = {name: getattr(bulletin, name) for name in ("title", "document_number", "ranked_by", "text")}
        initial |= {_key(pk): _PRAISED for pk in bulletin.praised} | {_key(pk): _URGED for pk in bulletin.urged}
        super().__init__(data, initial=initial | {"seen": bulletin.version}, label_suffix="")
        self.units = {_key(one.jurisdiction): one.jurisdiction for one in units}
        for one in units:
            widget = forms.Select(attrs={"aria-label": f"{one.name}：表扬或督促"})
            self.fields[_key(one.jurisdiction)] = forms.ChoiceField(
                label=one.name, choices=_MARKS, required=False, widget=widget
            )

    @property
    def words(self) -> list[forms.BoundField]:
        """The fields above the table of units."""
        return [one for one in self if one.name not in self.units]

    def mark_of(self, unit: RankedUnit) -> forms.BoundField:
        return self[_key(unit.jurisdiction)]

    @property
    def wording(self) -> Wording:
        """What was entered; only after it was found valid."""
        entered = self.cleaned_data
        praised, urged = (
            frozenset(pk for key, pk in self.units.items() if entered[key] == mark) for mark in (_PRAISED, _URGED)
        )
        return Wording(
            entered["title"], entered["document_number"], entered["text"], entered["ranked_by"], praised, urged
        )


def _key(pk: int) -> str:
    return f"mark_{pk}"
