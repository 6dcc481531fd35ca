"""The decision after a public notice: recognising, in one act, every community that nothing stands against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Q

from apps.accounts.permissions import Actor, require
from apps.assessments.domain import recognise_assessment
from apps.assessments.models import Assessment, SecondApproval
from apps.campaigns.models import Recognition
from apps.core.errors import InvalidInput, ProblemForPeople, TransitionError
from apps.recognitions.entries import Line, is_over, lines_at, period_on
from apps.recognitions.models import NoticeEntry, PublicNotice
from apps.recognitions.notices import refuse_others

# What one call decides on, so that it ends while the browser waits.
PORTION = 200


class LeftOut(NamedTuple):
    """A line that a decision leaves out, with the reason."""

    line: Line
    reason: str

    @property
    def assessment(self) -> Assessment:
        return self.line.entry.assessment

    @property
    def reasons(self) -> list[str]:
        return [self.reason]


@dataclass(frozen=True)
class Decision:
    """What a decision did with one portion of the list: recognised, proposed to a second approver, left out with the reason.

    ``rest``: how many come after it; ``after``: from where the next call goes on.
    """

    recognised: Sequence[tuple[Line, Recognition]]
    proposed: Sequence[tuple[Line, SecondApproval]]
    left_out: Sequence[LeftOut]
    rest: int
    after: int


@dataclass(frozen=True)
class Preview:
    """What a decision would do now with the next portion of the list; ``rest`` and ``after`` as in ``Decision``."""

    ready: Sequence[Line]
    left_out: Sequence[LeftOut]
    rest: int
    after: int


@dataclass(frozen=True)
class _Portion:
    """The ids of the entries that one call looks at; ``rest`` and ``after`` as in ``Decision``."""

    entries: list[int]
    rest: int
    after: int


def possible_years(notice: PublicNotice) -> list[int]:
    """Return the years for which all that still waits on ``notice`` may be recognised: none before its plan's."""
    waiting = notice.entries.filter(assessment__status=Assessment.Status.IN_REVIEW)
    first = waiting.aggregate(first=Max("assessment__participation__year"))["first"] or 0
    return [year for year in notice.campaign.years if year >= first]


def preview_of(notice: PublicNotice, after: int = 0) -> Preview:
    """Return who of the portion behind the entry with the id ``after`` would be recognised, who be left out and why."""
    return _preview(_portion(notice, after))


def _preview(portion: _Portion) -> Preview:
    lines = lines_at(NoticeEntry.objects.filter(pk__in=portion.entries))
    return Preview(
        [one for one in lines if not one.left_out],
        [LeftOut(one, one.left_out) for one in lines if one.left_out],
        portion.rest,
        portion.after,
    )


@transaction.atomic
def decide_notice(
    notice: PublicNotice,
    *,
    year: int,
    document_number: str,
    comment: str = "",
    after: int = 0,
    through: int | None = None,
    actor: Actor,
) -> Decision:
    """Recognise the communities of an ended notice that nothing stands against (作出认定), at most ``PORTION`` in one call.

    Each by the review's own verb, so that where the campaign asks for a second approver each is proposed. What cannot be
    recognised is left out with its reason and stays as it was; calling it again does what is still to be done. ``after``: where
    the last call left off, as its result says. ``through``: the last entry of the preview, behind which nothing is decided.
    """
    require(actor, "recognise_communities", notice.path)
    refuse_others(notice, actor)
    portion = _portion(notice, after, through)
    ids = NoticeEntry.objects.filter(pk__in=portion.entries).values("assessment")
    list(Assessment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    rows = PublicNotice.objects.select_for_update(of=("self",)).select_related("campaign", "jurisdiction")
    locked = rows.get(pk=notice.pk)
    _check(locked, year, document_number)
    # Those that are locked and no others, whatever a colleague has done meanwhile.
    return _recognise_each(
        _preview(portion), year=year, document_number=document_number.strip(), comment=comment.strip(), actor=actor
    )


def _recognise_each(preview: Preview, *, year: int, document_number: str, comment: str, actor: Actor) -> Decision:
    recognised, proposed, left_out = [], [], list(preview.left_out)
    for line in preview.ready:
        try:
            with transaction.atomic():
                done = recognise_assessment(
                    line.entry.assessment, actor=actor, year=year, document_number=document_number, comment=comment
                )
        except ProblemForPeople as error:
            left_out.append(LeftOut(line, error.message))
        except PermissionDenied as error:
            left_out.append(LeftOut(line, str(error)))
        else:
            if isinstance(done, SecondApproval):
                proposed.append((line, done))
            else:
                recognised.append((line, done))
    return Decision(recognised, proposed, left_out, preview.rest, preview.after)


def _portion(notice: PublicNotice, after: int, through: int | None = None) -> _Portion:
    """The next entries up to ``through`` that are not recognised, and, where they do not fill the portion, those that are."""
    entries = NoticeEntry.objects.filter(notice=notice, pk__gt=after).order_by("pk").values_list("pk", flat=True)
    is_recognised = Q(assessment__status=Assessment.Status.RECOGNISED)
    waiting, near = entries.exclude(is_recognised), entries if through is None else entries.filter(pk__lte=through)
    chosen = list(near.exclude(is_recognised)[:PORTION])
    last = chosen[-1] if chosen else max(after, through or 0)
    settled = list(near.filter(is_recognised)[: PORTION - len(chosen)])
    return _Portion(chosen + settled, waiting.filter(pk__gt=last).count(), last)


def _check(notice: PublicNotice, year: int, document_number: str) -> None:
    if notice.status != PublicNotice.Status.PUBLISHED:
        raise TransitionError(f"“{notice.title}”{notice.get_status_display()}，不能据此作出认定。")
    if not is_over(notice):
        last = period_on(notice).last
        raise TransitionError(f"“{notice.title}”公示期至 {last:%Y-%m-%d}，期满后（次日起）才能作出认定。")
    years = possible_years(notice)
    if year not in years:
        raise InvalidInput(f"认定年度 {year} 不对：应在 {years[0]} 至 {years[-1]} 年之间，不早于名单上社区的计划年度。")
    if not document_number.strip():
        raise InvalidInput("请填写认定文号，例如“楚住建城〔2022〕46号”。")
