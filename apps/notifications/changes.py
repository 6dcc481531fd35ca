"""What people are told of baselines reopened and confirmed again, and of what a change of communities or jurisdictions touched."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from apps.accounts.models import Membership
from apps.accounts.permissions import roles_with
from apps.assessments.chain import chains_of
from apps.assessments.models import Assessment
from apps.communities.models import Baseline, Community
from apps.jurisdictions.models import Jurisdiction, Level, paths_down_to
from apps.notifications.message import Message, people_with, place_of
from apps.notifications.models import Notification
from apps.notifications.moments import moved_with
from apps.reorganisations.models import CommunityChange, JurisdictionChange, JurisdictionSuccession

Kind = Notification.Kind


def reopened_baselines() -> QuerySet[Baseline]:
    return Baseline.objects.filter(reopened_at__isnull=False).select_related("jurisdiction")


def baseline_reopened(baseline: Baseline) -> list[Message]:
    """The district's clerks and approvers, with the reason."""
    people = people_with(baseline.jurisdiction, "change_communities", but=[baseline.reopened_by_id])
    text = f"理由：{baseline.reopening_reason}\n更正社区库后，由审批人重新确认。"
    url = f"{reverse('baseline_list')}?year={baseline.year}"
    return [Message(Kind.CHANGE, people, f"{baseline.jurisdiction} {baseline.year} 年底数已退回", text, url)]


def confirmed_again() -> QuerySet[Baseline]:
    """Baselines that stand where an earlier one had been reopened."""
    rows = Baseline.objects.standing().select_related("jurisdiction", "confirmed_by")
    return rows.filter(Exists(_reopened_before(OuterRef("jurisdiction"), OuterRef("year"), OuterRef("confirmed_at"))))


def baseline_confirmed_again(baseline: Baseline) -> list[Message]:
    """Whoever reopened it, where they still act above the unit: what it counts now."""
    last = _reopened_before(baseline.jurisdiction_id, baseline.year, baseline.confirmed_at).latest("reopened_at")
    above = paths_down_to(baseline.jurisdiction.path)[:-1]
    seats = Membership.objects.effective().filter(user=last.reopened_by_id, jurisdiction__path__in=above)
    people = list(seats.filter(role__in=roles_with("confirm_baselines")).order_by("-jurisdiction__path")[:1])
    title = f"{baseline.jurisdiction} {baseline.year} 年底数已重新确认"
    text = f"退回前 {last.number} 个，现在 {baseline.number} 个。\n退回理由：{last.reopening_reason}"
    return [Message(Kind.CHANGE, people, title, text, f"{reverse('baseline_list')}?year={baseline.year}")]


def reopenings_answered(baseline: Baseline) -> list[str]:
    """Keys of what the unit was told when it was given back."""
    before = _reopened_before(baseline.jurisdiction_id, baseline.year, baseline.confirmed_at)
    return [f"baseline:{pk}" for pk in before.values_list("pk", flat=True)]


def _reopened_before(jurisdiction: Any, year: Any, moment: Any) -> QuerySet[Baseline]:
    return Baseline.objects.filter(jurisdiction=jurisdiction, year=year, reopened_at__lte=moment)


def community_changes() -> QuerySet[CommunityChange]:
    return CommunityChange.objects.select_related("jurisdiction", "recorded_by__jurisdiction")


def touched_by(change: Any) -> list[Message]:
    """The offices whose self-assessments ended, and those to whom others have come."""
    effects = {one["assessment"]: one for one in change.effects if one["assessment"]}
    rows = Assessment.objects.with_context().filter(pk__in=effects).order_by("pk")
    chains, told = chains_of([one.participation for one in rows]), []
    for one in rows:
        done, community = effects[one.pk], one.participation.community
        submits = one.holder == chains[one.participation.pk][0]
        people = people_with(one.holder, "self_assess" if submits else "review_assessments")
        url = reverse("self_assessment" if submits else "review", args=[one.pk])
        title = f"{place_of(community)} {one.participation.year} 年自评{done['fate']}"
        text = f"{change.get_kind_display()}，{change.effective_on:%Y-%m-%d} 生效。{done['note']}"
        told.append(Message(Kind.CHANGE, people, title, text, url))
    return told


def community_changed_for(change: CommunityChange) -> list[Message]:
    """The offices whose self-assessments it touches; then the streets that its communities belong or belonged to, and the units
    between these and the bureau that made it: what became of what, from which day, by what document."""
    rows = list(
        change.successions.select_related("predecessor__jurisdiction", "successor__jurisdiction").order_by("pk")
    )
    moved = moved_with(change, Community, "jurisdiction_id")
    streets = {one.jurisdiction_id for row in rows for one in (row.predecessor, row.successor) if one is not None}
    streets |= {one.was for one in moved}
    steps = [str(one) for one in rows if one.name_before != one.name_after]
    title = f"社区{change.get_kind_display()}：{'；'.join(steps)}"[:200]
    day = f"{change.effective_on:%Y-%m-%d} 生效。"
    by = f"{change.document_number}，{day}" if change.document_number else day
    effects = [_effect(one) for one in change.effects if not one["assessment"]]
    text = "\n".join([by, f"理由：{change.reason}", *effects])
    stands = next((row.successor for row in rows if row.successor is not None), None)
    told = touched_by(change)
    for unit in _from(change, Jurisdiction.objects.filter(pk__in=streets)):
        is_seen = stands is not None and unit.contains(stands.path)
        url = (
            reverse("community_detail", args=[stands.pk])
            if is_seen and stands
            else reverse("progress", args=[unit.key])
        )
        told.append(Message(Kind.CHANGE, _of_communities(unit, but=[change.recorded_by_id]), title, text, url))
    return [one for one in told if one.people]


def _from(change: CommunityChange, streets: Iterable[Jurisdiction]) -> list[Jurisdiction]:
    """The streets and the units above them, up to the bureau that made the change."""
    bureau = change.recorded_by.jurisdiction
    made_by = bureau.path if bureau is not None else ""
    line = {path for one in streets for path in paths_down_to(one.path)}
    below = [path for path in line if path.startswith(made_by) and path != made_by]
    return list(Jurisdiction.objects.filter(path__in=below, closed_on=None).order_by("path"))


def jurisdiction_changes() -> QuerySet[JurisdictionChange]:
    return JurisdictionChange.objects.select_related("jurisdiction", "recorded_by")


def reorganised(change: JurisdictionChange) -> list[Message]:
    """Those who work in the units that go on, that came under another one, and that lost or gained by it: what moved where, from
    which day, by what document. A self-assessment is named only to the unit that goes on with it."""
    rows = list(change.successions.select_related("predecessor", "successor__parent").order_by("pk"))
    # A zone that takes over more is only named by its succession: nothing else of it has changed.
    own = {one.successor: one for one in rows if one.name_before != one.name_after}
    told = []
    for unit in dict.fromkeys([*own, *(one.successor for one in rows), *_touched(change, rows)]):
        effects = [one for one in change.effects if unit in own or not one["assessment"]]
        day = f"{change.document_number}，{change.effective_on:%Y-%m-%d} 生效。"
        text = "\n".join([day, *map(_effect, effects)])
        title = f"区划调整：{_step(own[unit]) if unit in own else _summary(change, rows)}"[:200]
        people, url = _at_work_in(unit, but=[change.recorded_by_id]), reverse("progress", args=[unit.key])
        told.append(Message(Kind.CHANGE, people, title, text, url))
    return [one for one in told if one.people]


def _effect(one: dict[str, Any]) -> str:
    note = f"（{one['note']}）" if one["note"] else ""
    return f"{one['what']} {one['name']}：{one['fate']}{note}"


def _step(one: JurisdictionSuccession) -> str:
    return str(one) if one.predecessor_id else f"设立{one.name_after}"


def _summary(change: JurisdictionChange, rows: Collection[JurisdictionSuccession]) -> str:
    """The change in a line: its first succession, and how many there are; of a zone, what it has taken over."""
    if not rows:
        return str(change)
    if change.kind == JurisdictionChange.Kind.TAKE_OVER:
        zone, *streets = rows
        taken = [*(one.name_before for one in streets), *(one["name"] for one in change.taken_singly)]
        return f"{zone.name_after}接管{taken[0]}" + (f" 等 {len(taken)} 项" if len(taken) > 1 else "")
    first = next((one for one in rows if one.predecessor_id), next(iter(rows)))
    return _step(first) + (f" 等 {len(rows)} 项" if len(rows) > 1 else "")


def _at_work_in(unit: Jurisdiction, *, but: Collection[int]) -> list[Membership]:
    """The clerks and approvers of a unit, a street's officers, and its administrators."""
    found = [*people_with(unit, "reorganise", but=but), *_of_communities(unit, but=but)]
    return list({one.user_id: one for one in found}.values())


def _of_communities(unit: Jurisdiction, *, but: Collection[int]) -> list[Membership]:
    """Who works on communities in a unit: a street's officers, a bureau's clerks and approvers, of a zone both."""
    verbs = [] if unit.level == Level.STREET else ["change_communities"]
    verbs += ["self_assess"] if unit.level == Level.STREET or unit.is_zone else []
    found = [one for verb in verbs for one in people_with(unit, verb, but=but)]
    return list({one.user_id: one for one in found}.values())


def _touched(change: JurisdictionChange, rows: Iterable[JurisdictionSuccession]) -> list[Jurisdiction]:
    """The units that came under another one by a change, and those that lost or gained by what moved, from above."""
    steps = {
        (one.predecessor_id, one.successor_id) for one in rows if one.predecessor_id not in (None, one.successor_id)
    }
    moved = list(moved_with(change, Jurisdiction, "parent_id").filter(path__startswith=change.path))
    steps |= {(one.was, one.parent_id) for one in moved}
    if change.kind in (JurisdictionChange.Kind.ZONE, JurisdictionChange.Kind.TAKE_OVER):
        singly = moved_with(change, Community, "jurisdiction_id").filter(path__startswith=change.path)
        steps |= {(one.was, one.jurisdiction_id) for one in singly}
    line = {pk: set(paths_down_to(path)) for pk, path in _paths(pk for step in steps for pk in step)}
    apart = {path for left, joined in steps for path in line[left] ^ line[joined]}
    made_below = [one.successor.parent_id for one in rows if one.predecessor_id is None]
    ids = [*(one.pgh_obj_id for one in moved), *made_below]
    units = Jurisdiction.objects.filter(closed_on=None)
    return list((units.filter(path__in=apart) | units.filter(pk__in=ids)).order_by("path"))


def _paths(ids: Iterable[int | None]) -> list[tuple[int, str]]:
    return list(Jurisdiction.objects.filter(pk__in=set(ids)).values_list("pk", "path"))
