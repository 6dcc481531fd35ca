"""Verbs on the numbered parts of a campaign: its phases and milestones."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypeVar, Unpack

from django.db.models import Max, ProtectedError

from apps.accounts.permissions import Actor
from apps.campaigns.changing import Ground, changing
from apps.campaigns.entry_kinds import kind_of
from apps.campaigns.models import Campaign, Milestone, Phase
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError

Entry = TypeVar("Entry", Phase, Milestone)

# Above every number in use: where one waits while another moves.
_ASIDE = 10_000


def add_entry(model: type[Entry], campaign: Campaign, values: Mapping[str, Any], **ground: Unpack[Ground]) -> Entry:
    """Add a phase or a milestone as the last one; nothing of it has fallen due where the campaign is opened.

    ``seen`` is the version of all of them, so that one sent twice is added once.
    """
    with changing(campaign, kind_of(model).part, **ground) as locked:
        last = model.objects.filter(campaign=locked).aggregate(last=Max("number"))["last"] or 0
        entry = model(campaign=locked, number=last + 1)
        if not locked.is_draft:
            _check_days([], values.get("dates", []))
        _fill(entry, values)
        entry.save()
    return entry


def edit_entry(entry: Entry, values: Mapping[str, Any], **ground: Unpack[Ground]) -> Entry:
    """Change a phase or a milestone; what has fallen due of an opened campaign's milestone stays as it was."""
    with changing(entry.campaign, entry, **ground) as locked:
        row: Any = type(entry).objects.filter(pk=entry.pk).first()
        if row is None:
            raise TransitionError("这一项已被他人删除。您填写的内容还在，需要时请复制后重新增加。")
        if isinstance(row, Milestone) and not locked.is_draft:
            _keep_past(row, values)
        _fill(row, values)
        row.save()
    return row


def delete_entry(entry: Phase | Milestone, **ground: Unpack[Ground]) -> None:
    """Delete a phase or a milestone that nothing has fallen due of yet; doing it twice has one effect."""
    with changing(entry.campaign, entry, **ground) as locked:
        row: Any = type(entry).objects.filter(pk=entry.pk).first()
        if isinstance(row, Milestone) and not locked.is_draft and (past := _past(row)):
            raise InvalidInput(f"“{row.title}”的期限 {past[-1]} 已过，不能删除；可以修改它，去掉以后的期限。")
        try:
            if row is not None:
                row.delete()
        except ProtectedError as error:
            raise InvalidInput(f"“{row.title}”已有单位报送或填报，不能删除；可以修改它，去掉以后的期限。") from error


def move_entry(entry: Phase | Milestone, *, up: bool, actor: Actor, seen: str) -> None:
    """Change places with the one before or after; in a draft only, as the order says nothing."""
    campaign, model = entry.campaign, type(entry)
    with changing(campaign, kind_of(model).part, actor=actor, seen=seen) as locked:
        if not locked.is_draft:
            raise TransitionError(f"“{locked}”已经开展，顺序不再调整。")
        rows: list[Any] = list(model.objects.filter(campaign=locked).order_by("number"))
        if entry not in rows:
            raise TransitionError("这一项已被他人删除，请核对后再操作。")
        place = rows.index(entry)
        other = place - 1 if up else place + 1
        if 0 <= other < len(rows):
            _swap(rows[place], rows[other])


def _fill(row: Any, values: Mapping[str, Any]) -> None:
    for name in kind_of(row).fields:
        if name in values:
            setattr(row, name, values[name])
    if isinstance(row, Milestone):
        row.dates = sorted(set(row.dates))


def _past(milestone: Milestone) -> list[date]:
    today = clock.today()
    return [day for day in milestone.dates if day < today]


def _keep_past(milestone: Milestone, values: Mapping[str, Any]) -> None:
    """Whoever has reported has done so by level, kind and date."""
    past = _past(milestone)
    _check_days(past, values.get("dates", milestone.dates))
    for name, label in (("level", "报送层级"), ("kind", "类别")):
        if past and values.get(name, getattr(milestone, name)) != getattr(milestone, name):
            raise InvalidInput(f"“{milestone.title}”已有期限过去，{label}不能改；可以另加一项里程碑。")


def _check_days(past: Collection[date], wanted: Collection[date]) -> None:
    """InvalidInput where a due date that has ``past`` is gone from those ``wanted``, or another one is among them."""
    today = clock.today()
    if lost := [day for day in past if day not in wanted]:
        raise InvalidInput(f"期限 {lost[0]} 已过，不能去掉或改动；只能改以后的期限。")
    if added := sorted(day for day in wanted if day < today and day not in past):
        raise InvalidInput(f"期限 {added[0]} 已经过去，不能增加。请填今天（{today}）以后的日期。")


def _swap(one: Any, other: Any) -> None:
    numbers = one.number, other.number
    for row, number in ((one, _ASIDE), (other, numbers[0]), (one, numbers[1])):
        row.number = number
        row.save(update_fields=["number"])
