"""The decision after a public notice: recognising, in one act, every community that nothing stands against."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.assessments.domain import recognise_assessment
from apps.assessments.models import Assessment, SecondApproval
from apps.campaigns.models import Recognition
from apps.core.errors import InvalidInput, ProblemForPeople, TransitionError
from apps.recognitions.entries import Line, is_over, lines_of, period_on
from apps.recognitions.models import PublicNotice
from apps.recognitions.notices import refuse_others


@dataclass(frozen=True)
class Decision:
    """What a decision did: recognised, proposed to a second approver, left out with the reason."""

    recognised: Sequence[tuple[Line, Recognition]]
    proposed: Sequence[tuple[Line, SecondApproval]]
    left_out: Sequence[tuple[Line, str]]


@dataclass(frozen=True)
class Preview:
    """What a decision would do now."""

    ready: Sequence[Line]
    left_out: Sequence[tuple[Line, str]]


def preview_of(notice: PublicNotice) -> Preview:
    """Return who would be recognised, and who would be left out and why."""
    lines = lines_of(notice)
    return Preview([one for one in lines if not one.left_out], [(one, one.left_out) for one in lines if one.left_out])


@transaction.atomic
def decide_notice(
    notice: PublicNotice, *, year: int, document_number: str, comment: str = "", actor: Actor
) -> Decision:
    """Recognise all communities of an ended notice without open or sustained objections (作出认定).

    Each by the review's own verb, so that where the campaign asks for a second approver each is proposed. What cannot be
    recognised is left out with its reason and stays as it was; calling it again does what is still to be done.
    """
    require(actor, "recognise_communities", notice.path)
    refuse_others(notice, actor)
    ids = list(notice.entries.order_by("assessment").values_list("assessment", flat=True))
    list(Assessment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    rows = PublicNotice.objects.select_for_update(of=("self",)).select_related("campaign", "jurisdiction")
    locked = rows.get(pk=notice.pk)
    _check(locked, year, document_number)
    preview = preview_of(locked)
    recognised, proposed, left_out = [], [], list(preview.left_out)
    for line in preview.ready:
        try:
            with transaction.atomic():
                done = recognise_assessment(
                    line.entry.assessment,
                    actor=actor,
                    year=year,
                    document_number=document_number.strip(),
                    comment=comment.strip() or f"公示期满，依据“{locked.title}”认定。",
                )
        except ProblemForPeople as error:
            left_out.append((line, error.message))
        except PermissionDenied as error:
            left_out.append((line, str(error)))
        else:
            if isinstance(done, SecondApproval):
                proposed.append((line, done))
            else:
                recognised.append((line, done))
    return Decision(recognised, proposed, left_out)


def _check(notice: PublicNotice, year: int, document_number: str) -> None:
    if notice.status != PublicNotice.Status.PUBLISHED:
        raise TransitionError(f"“{notice.title}”{notice.get_status_display()}，不能据此作出认定。")
    if not is_over(notice):
        last = period_on(notice).last
        raise TransitionError(f"“{notice.title}”公示期至 {last:%Y-%m-%d}，期满后（次日起）才能作出认定。")
    if year not in notice.campaign.years:
        first, last_year = notice.campaign.first_year, notice.campaign.last_year
        raise InvalidInput(f"认定年度 {year} 不对：应在 {first} 至 {last_year} 年之间。")
    if not document_number.strip():
        raise InvalidInput("请填写认定文号，例如“楚住建城〔2022〕46号”。")
