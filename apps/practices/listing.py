"""The lists of practices, narrowed, and as tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Max, Prefetch, Q
from django.utils import timezone

from apps.accounts.http import ActorRequest
from apps.core.inputs import as_seen, whole_number
from apps.core.xlsx import ListValue
from apps.jurisdictions.models import Jurisdiction
from apps.practices.domain import practices_for
from apps.practices.models import Practice, PracticeChoice, PracticeQuerySet
from apps.standards.models import Criterion
from apps.standards.national import national_criteria, shortened

COLUMNS = ["标题", "做法来源", "报送单位", "对应国家条目", "状态", "采用单位", "采用日期", "通报表扬", "做法内容"]
_TONES = {"draft": "warning", "waiting": "info", "chosen": "success", "declined": "danger"}


class PracticeFilter(forms.Form):
    """What the published ones are narrowed by, from the address: words, criterion, unit, commended."""

    q = forms.CharField(label="标题、内容、来源", required=False, max_length=60)
    criterion = forms.CharField(label="对应国家条目", required=False)
    unit = forms.CharField(label="报送单位", required=False)
    commended = forms.CharField(label="通报表扬", required=False)

    def __init__(self, request: ActorRequest, published: PracticeQuerySet) -> None:
        super().__init__(request.GET, label_suffix="")
        self.criteria = national_criteria()
        self.words = as_seen(request.GET.get("q", ""))[:60].split()
        self.criterion_asked = whole_number(request.GET.get("criterion", ""))
        self.unit_asked = request.GET.get("unit", "")
        self.is_commended = request.GET.get("commended") == "1"
        senders = Jurisdiction.objects.filter(pk__in=published.order_by().values("jurisdiction")).select_related(
            "parent"
        )
        units = [(one.key, _full(one)) for one in senders.order_by("code")]
        choices: dict[str, list[tuple[Any, Any]]] = {
            "criterion": [("", "不限"), *((str(one.pk), shortened(one)) for one in self.criteria)],
            "unit": [("", "不限"), *units],
            "commended": [("", "不限"), ("1", "通报表扬的")],
        }
        for name, offered in choices.items():
            self.fields[name].widget = forms.Select(choices=offered)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.criterion_asked or self.unit_asked or self.is_commended)

    def narrow(self, practices: PracticeQuerySet) -> PracticeQuerySet:
        """Those that pass; each word stands in the title, the text or the origin."""
        for word in self.words:
            practices = practices.filter(Q(title__icontains=word) | Q(text__icontains=word) | Q(origin__icontains=word))
        if self.criterion_asked:
            practices = practices.filter(criteria__contains=[self.criterion_asked])
        if self.unit_asked:
            practices = practices.filter(jurisdiction__in=Jurisdiction.objects.with_key(self.unit_asked))
        return practices.chosen(commended_on__isnull=False) if self.is_commended else practices


def published_for(request: ActorRequest) -> PracticeQuerySet:
    """What the levels above and those of the area have chosen, the latest first."""
    chosen = practices_for(request.actor).chosen()
    latest = Max("choices__chosen_at", filter=Q(choices__withdrawn_at=None))
    return chosen.annotate(latest=latest).order_by("-latest", "-pk")


def shown(practices: PracticeQuerySet) -> PracticeQuerySet:
    """With what rows of lists name."""
    choices = PracticeChoice.objects.standing().select_related("jurisdiction")
    return practices.prefetch_related("pictures", Prefetch("choices", choices, to_attr="standing"))


def numbers_of(criteria: Iterable[Criterion]) -> Mapping[int, int]:
    """The number of each national criterion by its id."""
    return {one.pk: one.number for one in criteria}


def named(practice: Practice, numbers: Mapping[int, int]) -> str:
    """The criteria of a practice in a word: 第 4、5 条."""
    found = sorted(numbers[one] for one in practice.criteria if one in numbers)
    return f"第 {'、'.join(map(str, found))} 条" if found else ""


def state_of(practice: Practice) -> tuple[str, str]:
    """How a practice stands, in a word, and the tone of it."""
    return str(practice.get_status_display()), _TONES[practice.status]


def cells(practices: Iterable[Any], numbers: Mapping[int, int]) -> Iterator[list[ListValue]]:
    for one in practices:
        choices: Sequence[PracticeChoice] = one.standing
        first = timezone.localtime(choices[0].chosen_at).date() if choices else None
        commended = "；".join(f"{each.jurisdiction} {each.commended_in}" for each in choices if each.commended_in)
        who = "、".join(str(each.jurisdiction) for each in choices)
        words: list[ListValue] = [one.title, one.origin, str(one.jurisdiction), named(one, numbers)]
        yield [*words, state_of(one)[0], who, first, commended, one.text]


def _full(unit: Jurisdiction) -> str:
    return f"{unit.parent.name}{unit.name}" if unit.level == "street" and unit.parent else unit.name
