"""Input shapes of the phases and milestones of a campaign. The rules are the verbs'."""

from datetime import date
from typing import Any

from django import forms

from apps.campaigns.due_dates import MONTHLY, ONCE, QUARTERLY, YEARLY, Rule, rule_behind
from apps.campaigns.form_fields import Names, PartForm
from apps.campaigns.models import Milestone
from apps.core import clock
from apps.core.forms import Day, Lines
from apps.jurisdictions.models import Level


class PhaseForm(PartForm):
    title = forms.CharField(label="阶段", max_length=100, help_text="例如：试点先行阶段。")
    starts_on = Day(label="开始", required=False)
    ends_on = Day(label="结束", required=False)


class MilestoneForm(PartForm):
    """What is due from which level; the dates of what recurs are made from day and span."""

    title = forms.CharField(label="事项", max_length=200, help_text="例如：上报年度总结评估报告。")
    level = forms.ChoiceField(label="报送层级", help_text="由哪一级报送。几级都要报送的，每级各加一项。")
    kind = forms.ChoiceField(label="类别", choices=Milestone.Kind.choices)
    recurrence = forms.ChoiceField(label="频次", choices=Milestone.Recurrence.choices)
    days = Lines(
        label="期限（一次的）", rows=2, required=False, max_length=1000, help_text="一行一个日期，例如 2026-10-20。"
    )
    month = forms.TypedChoiceField(
        label="几月（每年的）", coerce=int, required=False, choices=[("", "—"), *((n, f"{n} 月") for n in range(1, 13))]
    )
    quarter_month = forms.TypedChoiceField(
        label="季内第几个月（每季度的）",
        coerce=int,
        required=False,
        choices=[(3, "第三个月（季末）"), (1, "第一个月"), (2, "第二个月")],
    )
    day = forms.IntegerField(
        label="几日（每月、每季度、每年的）",
        min_value=1,
        max_value=31,
        required=False,
        help_text="31 表示当月最后一天。文件没有写明期限的，不填。",
        error_messages={
            "invalid": "请填 1 至 31。",
            "min_value": "请填 1 至 31。",
            "max_value": "请填 1 至 31。",
        },
    )
    begins = Day(label="自（每月、每季度、每年的）", required=False, help_text="不填的，从行动的第一年起。")
    ends = Day(label="至", required=False, help_text="不填的，到行动的最后一年止。")
    required_parts = Names(label="应含内容", rows=3, longest=100, help_text="一行一项，例如 附件2。")
    source = forms.CharField(label="依据", max_length=200, required=False, help_text="文件的条款，例如 四、（三）。")

    def build(self) -> None:
        own = self.campaign.jurisdiction.level_type.depth
        levels = [(one.value, one.label) for one in reversed(Level) if one.depth >= own]
        held = self.initial.get("level")
        known = {value for value, _ in levels}
        if held and held not in known:
            levels.append((held, Level(held).label))
        self.fields["level"].choices = levels  # type: ignore[attr-defined]
        if self._is_late:
            self.fields["begins"].help_text = "不填的，从今天起；已经过去的期限不能增加。"
        elif self.campaign.is_open:
            self.fields["day"].help_text += "已经过去的期限保持不变，改动从今天起执行。"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            cleaned["dates"] = self._once() if cleaned["recurrence"] == ONCE else self._recurring(cleaned)
        return cleaned

    def _once(self) -> list[date]:
        found = []
        for line in str(self.cleaned_data["days"]).replace("、", "\n").split():
            try:
                found.append(date.fromisoformat(line))
            except ValueError:
                self.add_error("days", f"“{line[:20]}”不是日期，请写成 2026-10-20。")
        return sorted(set(found))

    def _recurring(self, cleaned: dict[str, Any]) -> list[date]:
        recurrence, day = cleaned["recurrence"], cleaned.get("day")
        if day is None:
            # Dates that keep to no rule stay as long as none is given.
            return list(self.initial.get("dates", [])) if recurrence == self.initial.get("recurrence") else []
        if recurrence == YEARLY and not cleaned.get("month"):
            self.add_error("month", "每年的，请选几月。")
            return []
        month = {MONTHLY: 1, QUARTERLY: cleaned.get("quarter_month") or 3}.get(recurrence, cleaned.get("month") or 1)
        begins = cleaned.get("begins") or self._first_day()
        ends = cleaned.get("ends") or date(self.campaign.last_year, 12, 31)
        dates = Rule(recurrence, day, begins, ends, month).dates() if begins <= ends else []
        if not dates:
            self.add_error("ends", f"自 {begins} 至 {ends} 之间没有这样的期限，请核对起止日期。")
        return self._with_past(dates)

    def _with_past(self, dates: list[date]) -> list[date]:
        """Of a campaign under way a new rule holds from today on; what has fallen due stays as it was."""
        if not self.campaign.is_open or not self.initial:
            return dates
        today = clock.today()
        past = [day for day in self.initial.get("dates", []) if day < today]
        return [*past, *(day for day in dates if day >= today)]

    def _first_day(self) -> date:
        """Where dates begin unless the form says: of an opened campaign nothing that is past is added."""
        first = date(self.campaign.first_year, 1, 1)
        return max(first, clock.today()) if self._is_late else first

    @property
    def _is_late(self) -> bool:
        return self.campaign.is_open and not self.initial


def initial_of_milestone(one: Milestone) -> dict[str, Any]:
    """A milestone as its form takes it: the rule behind its dates, or behind those to come, where there is one."""
    names = ("title", "level", "kind", "recurrence", "dates", "required_parts", "source")
    values: dict[str, Any] = {name: getattr(one, name) for name in names}
    to_come = [day for day in one.dates if day >= clock.today()]
    rule = rule_behind(one.recurrence, one.dates) or rule_behind(one.recurrence, to_come)
    if rule is not None:
        values |= {"day": rule.day, "begins": rule.begins, "ends": rule.ends}
        values |= {"quarter_month" if one.recurrence == QUARTERLY else "month": rule.month}
    if one.recurrence == ONCE:
        values["days"] = "\n".join(day.isoformat() for day in one.dates)
    return values
