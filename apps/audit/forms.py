"""What the trail is narrowed by, from the address."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from apps.accounts.http import ActorRequest
from apps.audit.sources import sources
from apps.audit.trail import ACCESS_ACTS, ROW_ACTS, Asked
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction

DAYS_SHOWN = 30
_ACTS = {key: label for key, (label, _) in ACCESS_ACTS.items()} | dict(ROW_ACTS)
_WRONG_DAY = "请写成 2022-08-15 这样的日期。"
# Days at either end of the calendar have no moment in every time zone.
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
_NO_SUCH_DAY = "请填 2000 年至 2100 年之间的日期。"


class TrailFilter(forms.Form):
    """The filters of the page 审计; without a day it shows the last thirty, without a place one's own."""

    since = forms.DateField(label="从", required=False, error_messages={"invalid": _WRONG_DAY})
    until = forms.DateField(label="到", required=False, error_messages={"invalid": _WRONG_DAY})
    person = forms.CharField(label="姓名或用户名", required=False, max_length=50, strip=True)
    act = forms.ChoiceField(label="行为", required=False, choices=[("", "不限"), *_ACTS.items()])
    thing = forms.ChoiceField(label="对象", required=False)
    jurisdiction = forms.CharField(label="辖区", required=False)
    machines = forms.BooleanField(label="包含系统自动处理", required=False)
    request = forms.UUIDField(
        label="操作编号",
        required=False,
        error_messages={"invalid": "操作编号不完整，请从一行记录的详情里点开。"},
        widget=forms.HiddenInput,
    )

    def __init__(self, request: ActorRequest, place: Jurisdiction) -> None:
        today = clock.today()
        days = {"since": (today - timedelta(days=DAYS_SHOWN)).isoformat(), "until": today.isoformat()}
        given = {name: value for name, value in request.GET.dict().items() if value}
        super().__init__(days | given | {"jurisdiction": place.key}, label_suffix="")
        self.place = place
        self.own = request.actor.jurisdiction
        self.narrowed_by = {*given} & {"since", "until", "person", "act", "thing", "request"}
        things = [(one.key, one.label) for one in sources() if one.tracked]
        self.fields["thing"].choices = [("", "不限"), *sorted(things, key=lambda one: one[1])]  # type: ignore[attr-defined]
        self.fields["jurisdiction"].widget = forms.Select(choices=self._places())
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date", "max": today.isoformat()})
            self.fields[name].validators += [
                MinValueValidator(_FIRST_DAY, _NO_SUCH_DAY),
                MaxValueValidator(_LAST_DAY, _NO_SUCH_DAY),
            ]
        self.fields["person"].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", f"结束日期 {until} 早于开始日期 {since}，请改正。")
        return cleaned

    @property
    def asked(self) -> Asked | None:
        """What is asked for; None where a filter is wrong."""
        if not self.is_valid():
            return None
        asked = self.cleaned_data
        return Asked(
            path=self.place.path,
            since=asked["since"] and _midnight(asked["since"]),
            until=asked["until"] and _midnight(asked["until"] + timedelta(days=1)),
            act=asked["act"],
            thing=asked["thing"],
            person=asked["person"],
            request=asked["request"],
            reader=self.own,
            # One operation is shown whole.
            leaves_out_machines=not (asked["machines"] or asked["request"]),
        )

    @property
    def headline(self) -> str:
        """Where and when, in words."""
        if not self.is_valid():
            return self.place.name
        return f"{self.place.name} {self.cleaned_data['since']} 至 {self.cleaned_data['until']}"

    def _places(self) -> list[tuple[str, Any]]:
        line = Jurisdiction.objects.ancestors_of(self.place.path).below(self.own.path)
        above = [(one.key, one.name) for one in line]
        below = [(one.key, one.name) for one in Jurisdiction.objects.filter(parent=self.place).in_code_order()]
        return [*above, (f"{self.place.name}以下", below)] if below else list(above)


def _midnight(day: date) -> datetime:
    """The real moment at which a day, as people see it, begins."""
    return clock.real(timezone.make_aware(datetime.combine(day, time())))
