"""What every change shares: what it goes by, its locks, its record, and trying it out to see what it would do."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple, NotRequired, TypedDict, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.campaigns.models import Participation, Target
from apps.campaigns.rollup import roll_up
from apps.communities.confirming import CONFIRMING_WIDTHS
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import OUTDATED, InvalidInput, StaleForm, TransitionError, stale
from apps.core.wall import TENANT_WIDTH
from apps.jurisdictions.models import Jurisdiction, paths_down_to
from apps.projects.models import Project
from apps.projects.transfers import PastFunds
from apps.reorganisations.models import Change
from apps.reorganisations.past_years import Counts, Past, counts_of

_Change = TypeVar("_Change", bound=Change)
_Row = TypeVar("_Row", Community, Jurisdiction)

# The fate of a self-assessment that ends by a change.
ENDED_UNDER_WAY = "终止办理"


class Effect(TypedDict):
    """One thing that a change brings about: ``what`` it is, its ``name``, its ``fate``, and what is to be known of it.

    ``tone`` as a badge's; ``assessment`` is the id of one that ended, or came to another office; ``community`` that of one that
    a development zone has taken over singly.
    """

    what: str
    name: str
    fate: str
    note: str
    tone: str
    assessment: int | None
    community: NotRequired[int]


def effect(
    what: str,
    name: object,
    fate: str,
    note: str = "",
    tone: str = "neutral",
    assessment: int | None = None,
    community: int | None = None,
) -> Effect:
    told = Effect(what=what, name=str(name), fate=fate, note=note, tone=tone, assessment=assessment)
    if community is not None:
        told["community"] = community
    return told


class Done(NamedTuple):
    """What came of a change, and the jurisdictions that it has made."""

    effects: list[Effect]
    made: Sequence[Jurisdiction] = ()


@dataclass(frozen=True)
class Order:
    """What a change goes by: from when, by which document, why.

    ``submission`` is the form's, so that it is carried out once; ``seen`` is the mark of the effects that were shown (None:
    nobody was shown any); ``ends_assessments`` says that self-assessments under way may end by it.
    """

    effective_on: date
    reason: str
    document_number: str = ""
    submission: UUID = field(default_factory=uuid4)
    seen: str | None = None
    ends_assessments: bool = False


def check_order(order: Order, *, needs_document: bool = False) -> None:
    """InvalidInput for a day outside of this year or still to come, or without a reason."""
    today = clock.today()
    day = f"生效日期 {order.effective_on:%Y-%m-%d} 不对："
    if order.effective_on > today:
        raise InvalidInput(f"{day}还没有到。请在生效当天或以后登记。")
    if order.effective_on.year != today.year:
        raise InvalidInput(
            f"{day}属于以前年度，以前年度的数字已经上报，不再变动。请填今年的日期，原定日期可以写在理由里。"
        )
    if not order.reason.strip():
        raise InvalidInput("请填写变更理由。")
    if needs_document and not order.document_number.strip():
        raise InvalidInput("请填写批准文号。")


def check_province(paths: Iterable[str]) -> None:
    """InvalidInput where a change is about more than one province: they are tenants."""
    if len({path[:TENANT_WIDTH] for path in paths}) > 1:
        raise InvalidInput("不能调整到其他省：各省的数据互相隔离。跨省划转的，由两省分别办理。")


def lowest_common(places: Collection[Jurisdiction], actor: Actor) -> Jurisdiction:
    """Return the lowest jurisdiction that contains all of ``places``; PermissionDenied where that is not the actor's business."""
    lines = [paths_down_to(one.path) for one in places]
    shared = [one for one in lines[0] if all(one in line for line in lines)]
    own = actor.jurisdiction
    if not shared or not all(own.contains(one.path) for one in places):
        raise PermissionDenied(f"涉及{own}以外的辖区，请由共同的上级办理。")
    return Jurisdiction.objects.get(path=shared[-1])


def lock_units(paths: Iterable[str], also: Iterable[Jurisdiction] = ()) -> None:
    """Let whatever changes the same districts' communities or units, or confirms their baselines, follow one another.

    ``also`` are locked with them, in the one order that all keep to.
    """
    units = Q(path__in={path[:width] for path in paths for width in CONFIRMING_WIDTHS.values()})
    rows = Jurisdiction.objects.select_for_update(no_key=True).filter(units | Q(pk__in=[one.pk for one in also]))
    list(rows.order_by("pk").values_list("pk"))


def lock_as_shown(rows: QuerySet[_Row], shown: Collection[_Row], moved: str) -> list[_Row]:
    """Lock what a change is about with ``rows``, and return it as it stands now.

    TransitionError for what is closed, StaleForm with ``moved`` for what has come to another place since it was read.
    """
    wanted = {one.pk: one.path for one in shown}
    locked = list(rows.filter(pk__in=wanted).order_by("pk"))
    for one in locked:
        refuse_closed(one, one.closed_on)
    if {one.pk: one.path for one in locked} != wanted:
        raise StaleForm(f"有关{moved}刚有变动，没有办理。请刷新后核对。")
    return locked


def lock_counted(paths: Iterable[str]) -> None:
    """Wait for whoever is changing what counts in the jurisdictions with ``paths``, and let nobody do so until the change is done:
    what others commit between its two counts would be taken for its own doing.

    In the order of those who plan, review and put down projects.
    """
    inside = Q()
    for path in paths:
        inside |= Q(path__gte=path, path__lt=path + "~")
    in_order: list[QuerySet[Any]] = [
        Community.objects.all(),
        Assessment.objects.all(),
        Participation.objects.all(),
        Project.objects.all(),
    ]
    for rows in in_order:
        list(rows.select_for_update(no_key=True).filter(inside).order_by("pk").values_list("pk"))


def done_before(model: type[_Change], order: Order, actor: Actor) -> _Change | None:
    """Return what the same form has brought about; StaleForm where somebody else sent it."""
    rows: QuerySet[_Change] = QuerySet(model)
    done = rows.filter(submission=order.submission).first()
    if done is not None and done.recorded_by_id != actor.user.pk:
        raise StaleForm(OUTDATED)
    return done


def carry_out(
    model: type[_Change],
    kind: str,
    order: Order,
    places: Collection[Jurisdiction],
    *,
    actor: Actor,
    act: Callable[[_Change], Done],
) -> _Change:
    """Record a change and let ``act`` do it, while the earlier years of ``places`` and of what it makes stay.

    The caller has locked what counts there. StaleForm where it would do something else than was shown.
    """
    past, funds = Past(places, order.effective_on), PastFunds(places, order.effective_on)
    values: dict[str, Any] = {"kind": kind}
    change = model(
        jurisdiction=lowest_common(places, actor),
        effective_on=order.effective_on,
        document_number=order.document_number.strip(),
        reason=order.reason.strip(),
        submission=order.submission,
        recorded_at=clock.now(),
        recorded_by=actor.user,
        **values,
    )
    try:
        with transaction.atomic():
            change.save()
    except IntegrityError as error:
        # The number of a form that somebody sent whose changes are not seen from here.
        raise StaleForm(OUTDATED) from error
    done = act(change)
    change.effects = [*done.effects, *_out_of_reach(places, order.effective_on.year, actor.jurisdiction)]
    change.save(update_fields=["effects"])
    past.keep([*places, *done.made])
    funds.keep([*places, *done.made])
    if order.seen is not None and order.seen != mark_of(change.effects):
        raise stale(order.seen, "您打开预览后，有关情况有变化，没有办理。请核对下面新的预览后再确认。")
    return change


def _out_of_reach(places: Collection[Jurisdiction], year: int, seen_from: Jurisdiction) -> list[Effect]:
    """Tell of numbers that were given to units, from ``year`` on, and are more than their base has become: targets do not move.

    Only of units that are seen whole ``seen_from`` where the change is made.
    """
    units = Jurisdiction.objects.filter(pk__in=[one.pk for one in places], closed_on=None)
    line = {path for unit in units for path in paths_down_to(unit.path) if path.startswith(seen_from.path)}
    given = Target.objects.filter(kind=Target.Kind.NUMBER, year__gte=year, jurisdiction__path__in=line)
    told = []
    for one in given.select_related("jurisdiction", "campaign").order_by("path", "campaign", "year"):
        base = roll_up(one.campaign, one.jurisdiction, one.year).total.figures.base
        if one.value > base:
            name = f"{one.jurisdiction} {one.year} 年社区数 {one.value:.0f} 个"
            told.append(
                effect("创建目标", name, f"多于调整后的底数 {base} 个", "目标不随社区划转，请重新下达", "warning")
            )
    return told


def mark_of(effects: Collection[Effect]) -> str:
    """Return a mark of what a change does: another one where it would do something else."""
    told = [{**one, "assessment": None} for one in effects]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class FigureLine:
    """A place's figures of this year before and after."""

    place: Jurisdiction
    before: tuple[int, int, int]
    after: tuple[int, int, int]

    @property
    def cells(self) -> list[tuple[int, int]]:
        return list(zip(self.before, self.after, strict=True))


@dataclass(frozen=True)
class Preview:
    """What a change would do: its effects, and the figures of this year; those of earlier years stay."""

    effects: list[Effect]
    figures: list[FigureLine]
    year: int

    @property
    def seen(self) -> str:
        return mark_of(self.effects)

    @property
    def ends_assessments(self) -> bool:
        return any(one["fate"] == ENDED_UNDER_WAY for one in self.effects)


def preview(verb: Callable[[], Change], places: Collection[Jurisdiction]) -> Preview:
    """Do the change, look, and take it back: what is shown is what would happen. ``places``: whose figures are shown."""
    year = clock.today().year
    before = {one.pk: counts_of(one.path, year, year) for one in places}
    with transaction.atomic():
        change = verb()
        effects = list(change.effects)
        now = Jurisdiction.objects.filter(pk__in=[*before, *change.made()]).in_code_order()
        after = {one.pk: counts_of(one.path, year, year) for one in now}
        lines = [FigureLine(one, _summed(before.get(one.pk, {})), _summed(after[one.pk])) for one in now]
        transaction.set_rollback(True)
    return Preview(effects, lines, year)


def _summed(counts: Counts) -> tuple[int, int, int]:
    """Base, taking part, recognised so far; a community takes part in one campaign of a line."""
    base = enrolled = recognised = 0
    for (_, campaign), of_campaign in counts.items():
        if campaign is None:
            base += of_campaign["base"]
        else:
            enrolled += of_campaign["enrolled"]
            recognised += sum(number for name, number in of_campaign.items() if name[0].isdigit())
    return base, enrolled, recognised


def refuse_closed(name: object, closed_on: date | None) -> None:
    """TransitionError for what is there no more."""
    if closed_on is not None:
        raise TransitionError(f"{name}已于 {closed_on:%Y-%m-%d} 撤销，不能再变更。")
