"""批量同意: agree at once to what nobody has anything against; what is left out, and why."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from apps.accounts.permissions import Actor, require
from apps.assessments.domain import agree_assessment
from apps.assessments.models import Assessment, CriterionResult, DepartmentOpinion, Evidence, SecondApproval
from apps.assessments.queue import OLDEST_FIRST
from apps.assessments.refusals import claimed_by, whose_turn
from apps.assessments.steps import claimant, last_act, lock, own_work
from apps.core.errors import ProblemForPeople
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion

Status = Assessment.Status

# As many as one press of the button takes.
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Sorted:
    """An assessment of the preview with what stands against agreeing to it unseen; nothing: it will be agreed to."""

    assessment: Assessment
    reasons: list[str]


@dataclass(frozen=True)
class Outcome:
    """What came of one assessment in a run; ``refusal`` is empty where it was agreed to."""

    assessment: Assessment
    refusal: str = ""


@dataclass
class _Facts:
    """What the database knows of the assessments looked at, by their ids; each in one statement for all."""

    differing: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    objections: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    reused: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    answered: Counter[int] = field(default_factory=Counter)
    asked: dict[int, int] = field(default_factory=dict)
    proposed: set[int] = field(default_factory=set)


def sort_out(ids: Collection[int], *, actor: Actor, noted: Collection[int] = ()) -> list[Sorted]:
    """Say of each assessment what stands against agreeing to it with others; ``noted``: where something is noted for a return.

    In a dozen statements whatever their number.
    """
    require(actor, "review_assessments")
    rows = list(Assessment.objects.with_context().filter(pk__in=ids).order_by(*OLDEST_FIRST))
    facts, above = _facts_of(rows), _levels_above(actor.jurisdiction)
    return [Sorted(one, _reasons(one, facts, above, actor, is_noted=one.pk in noted)) for one in rows]


def agree_in_bulk(seen: dict[int, int], *, actor: Actor, noted: Collection[int] = ()) -> list[Outcome]:
    """Agree to each assessment of ``seen`` (id: the last step that the preview knew), each for itself.

    What has changed since the preview, or is another's work by now, is left as it is and said so. A second run changes nothing.
    """
    require(actor, "review_assessments")
    rows = Assessment.objects.with_context().filter(pk__in=seen)
    # In one order, so that two runs wait for each other instead of for ever.
    return [_agree(one, seen[one.pk], actor, noted) for one in rows.order_by("pk")[:MOST_AT_ONCE]]


def _agree(assessment: Assessment, seen: int, actor: Actor, noted: Collection[int]) -> Outcome:
    try:
        with transaction.atomic():
            lock(assessment.pk)
            if (reasons := sort_out([assessment.pk], actor=actor, noted=noted)[0].reasons) != []:
                return Outcome(assessment, "".join(reasons))
            agree_assessment(assessment, actor=actor, seen_action=seen)
    except (ProblemForPeople, PermissionDenied) as refused:
        return Outcome(assessment, str(refused))
    return Outcome(assessment)


def _reasons(one: Assessment, facts: _Facts, above: Collection[str], actor: Actor, *, is_noted: bool) -> list[str]:
    here = actor.jurisdiction
    if one.holder != here or one.status not in (Status.IN_REVIEW, Status.RETURNED):
        return [whose_turn(one)]
    chain = one.participation.campaign.review_chain
    if not set(above) & set(chain[chain.index(here.level) + 1 :] if here.level in chain else chain[1:]):
        return [f"{here}是最后一级，请办理认定。"]
    if one.pk in facts.proposed:
        return ["已提请复核，等待另一位审批人。"]
    if reason := own_work(one, actor.user):
        return [reason]
    other = claimant(one)
    if other is not None and other != actor.user:
        return [claimed_by(one, last_act(one))]
    return [*_against(one, facts), *(["有记入退回的条目，还没有退回。"] if is_noted else [])]


def _against(one: Assessment, facts: _Facts) -> list[str]:
    found = []
    if one.status == Status.RETURNED:
        found.append("上级退回，须逐件处理。")
    if facts.answered[one.pk] < facts.asked[one.standard_id]:
        found.append(f"有 {facts.asked[one.standard_id] - facts.answered[one.pk]} 条没有填。")
    if not one.meets_standard:
        found.append("未达到创建要求。")
    if numbers := facts.differing[one.pk]:
        found.append(f"第 {_listed(numbers)} 条各级意见不一致。")
    if said := facts.objections[one.pk]:
        found.append(f"{'；'.join(said)}。")
    if places := facts.reused[one.pk]:
        found.append(f"{'、'.join(sorted(places))}材料与其他社区重复，请先核对。")
    return found


def _facts_of(rows: list[Assessment]) -> _Facts:
    facts = _Facts(asked=_criteria_of({one.standard_id for one in rows}))
    results = CriterionResult.objects.filter(assessment__in=rows).values_list(
        "assessment", "level", "criterion__number"
    )
    submitting = {one.pk: _submitting(one) for one in rows}
    for pk, level, number in results:
        if level in submitting[pk]:
            facts.answered[pk] += 1
        else:
            facts.differing[pk].add(number)
    rounds = {one.pk: one.round for one in rows}
    objections = DepartmentOpinion.objects.filter(assessment__in=rows, stance=DepartmentOpinion.Stance.OBJECTS)
    for opinion in objections.select_related("section"):
        if opinion.round == rounds[opinion.assessment_id]:
            facts.objections[opinion.assessment_id].append(f"{opinion.department}对“{opinion.section}”有意见")
    for file in _reused(rows):
        facts.reused[file.assessment_id].add(file.place)
    open_ones = SecondApproval.objects.filter(assessment__in=rows, outcome=SecondApproval.Outcome.OPEN)
    facts.proposed = set(open_ones.values_list("assessment", flat=True))
    return facts


def _submitting(assessment: Assessment) -> set[str]:
    """The levels that may have submitted it: the chain's first, or that of the jurisdiction that the community belongs to."""
    chain = assessment.participation.campaign.review_chain
    own = assessment.participation.community.jurisdiction.level
    return {chain[0]} | ({own} if own not in chain[1:] else set())


def _criteria_of(standards: Iterable[int]) -> dict[int, int]:
    counted = Criterion.objects.filter(standard__in=list(standards)).values("standard").annotate(number=Count("pk"))
    return {row["standard"]: row["number"] for row in counted.order_by()}


def _reused(rows: list[Assessment]) -> Iterable[Evidence]:
    """Files that stand for another community too, as far as one may see."""
    same = Evidence.objects.filter(sha256=OuterRef("sha256")).exclude(
        assessment__participation__community=OuterRef("assessment__participation__community")
    )
    return Evidence.objects.filter(Exists(same), assessment__in=rows).select_related("criterion")


def _levels_above(here: Jurisdiction) -> set[str]:
    return {one.level for one in Jurisdiction.objects.ancestors_of(here.path) if one != here}


def _listed(numbers: Iterable[int]) -> str:
    return "、".join(map(str, sorted(numbers)))
