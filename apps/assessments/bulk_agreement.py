"""批量同意: agree at once to what nobody has anything against; what is left out, and why."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from apps.accounts.permissions import Actor, require
from apps.assessments.chain import chains_of, place_in
from apps.assessments.models import (
    Assessment,
    CriterionResult,
    DepartmentOpinion,
    Evidence,
    ReturnNote,
    ReviewAction,
    SecondApproval,
)
from apps.assessments.queue import OLDEST_FIRST
from apps.assessments.refusals import OF_SECOND_APPROVAL, claimed_by, done_by
from apps.assessments.steps import Opened, claimant, own_work, pass_on
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion

Status = Assessment.Status

# As many as one press of the button takes.
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Sorted:
    """An assessment of the preview with what stands against agreeing to it unseen; nothing: it will be agreed to.

    ``last_step`` is what the run has to find again.
    """

    assessment: Assessment
    reasons: list[str]
    last_step: int


@dataclass(frozen=True)
class Outcome:
    """What came of one assessment in a run; ``refusal`` is empty where it was agreed to."""

    assessment: Assessment
    refusal: str = ""

    @property
    def reasons(self) -> list[str]:
        return [self.refusal] if self.refusal else []


@dataclass
class _Facts:
    """What the database knows of the assessments looked at, by their ids; each in one statement for all."""

    chains: dict[int, list[Jurisdiction]]
    asked: dict[int, int]
    results: dict[int, dict[int, CriterionResult]] = field(default_factory=lambda: defaultdict(dict))
    differing: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    objections: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    reused: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    last_steps: dict[int, int] = field(default_factory=dict)
    told_steps: dict[int, ReviewAction] = field(default_factory=dict)
    proposed: set[int] = field(default_factory=set)
    noted: set[int] = field(default_factory=set)


def sort_out(ids: Collection[int], *, actor: Actor) -> list[Sorted]:
    """Say of each assessment what stands against agreeing to it with others, in a dozen statements whatever their number."""
    require(actor, "review_assessments")
    rows = list(Assessment.objects.with_context().filter(pk__in=ids).order_by(*OLDEST_FIRST))
    facts = _facts_of(rows)
    return [Sorted(one, _reasons(one, facts, actor), facts.last_steps[one.pk]) for one in rows]


@transaction.atomic
def agree_in_bulk(seen: dict[int, int], *, actor: Actor) -> list[Outcome]:
    """Agree to each assessment of ``seen`` (id: the last step that the preview knew) that nothing stands against.

    What has changed since the preview, or is another's work by now, is left as it is and said so. A second run changes nothing.
    """
    require(actor, "review_assessments")
    # Locked alone, as in steps.lock, and in one order, so that two runs wait for each other instead of for ever.
    locked = Assessment.objects.select_for_update().filter(pk__in=seen).order_by("pk")[:MOST_AT_ONCE]
    rows = list(Assessment.objects.with_context().filter(pk__in=[one.pk for one in locked]).order_by("pk"))
    facts = _facts_of(rows)
    return [_agree(one, seen[one.pk], facts, actor) for one in rows]


def _agree(assessment: Assessment, seen: int, facts: _Facts, actor: Actor) -> Outcome:
    """Do what domain.agree_assessment does, with what is known of all: no reason against it is left to be asked for."""
    if _is_done(assessment, seen, facts, actor):
        return Outcome(assessment)
    reasons = _reasons(assessment, facts, actor)
    if not reasons and facts.last_steps[assessment.pk] != seen:
        reasons = [f"{_moved_on(assessment, facts)}请刷新后再办理。"]
    if reasons:
        return Outcome(assessment, "".join(reasons))
    opened = Opened(assessment, facts.chains[assessment.participation_id])
    above, results = opened.chain[opened.place + 1], facts.results[assessment.pk]
    pass_on(opened, ReviewAction.Kind.AGREE, above, Status.IN_REVIEW, actor, results)
    return Outcome(assessment)


def _reasons(one: Assessment, facts: _Facts, actor: Actor) -> list[str]:
    here, chain = actor.jurisdiction, facts.chains[one.participation_id]
    if one.holder != here or one.status not in (Status.IN_REVIEW, Status.RETURNED) or place_in(chain, here.pk) == 0:
        return [_moved_on(one, facts)]
    if chain[-1] == here:
        return [f"{here}是最后一级，请办理认定。"]
    if one.pk in facts.proposed:
        return ["已提请复核，等待另一位审批人。"]
    if reason := own_work(one, actor.user):
        return [reason]
    other = claimant(one)
    if other is not None and other != actor.user:
        return [claimed_by(one, None)]
    return _against(one, facts)


def _is_done(one: Assessment, seen: int, facts: _Facts, actor: Actor) -> bool:
    """Whether the person agreed to it after the preview already: the second of two presses."""
    last = facts.told_steps.get(one.pk)
    if last is None or last.pk <= seen:
        return False
    return (last.kind, last.user_id, last.jurisdiction_id) == (
        ReviewAction.Kind.AGREE,
        actor.user.pk,
        actor.jurisdiction.pk,
    )


def _moved_on(one: Assessment, facts: _Facts) -> str:
    """Say who took the last step when, and where it is now."""
    return f"{one.participation.community} {done_by(facts.told_steps.get(one.pk))}现在由{one.holder}办理。"


def _against(one: Assessment, facts: _Facts) -> list[str]:
    found = []
    if one.status == Status.RETURNED:
        found.append("上级退回，须逐件处理。")
    if (missing := facts.asked[one.standard_id] - len(facts.results[one.pk])) > 0:
        found.append(f"有 {missing} 条没有填。")
    if not one.meets_standard:
        found.append("未达到创建要求。")
    if numbers := facts.differing[one.pk]:
        found.append(f"第 {_listed(numbers)} 条各级意见不一致。")
    if said := facts.objections[one.pk]:
        found.append(f"{'；'.join(said)}。")
    if places := facts.reused[one.pk]:
        found.append(f"{'、'.join(sorted(places))}材料与其他社区重复，请先核对。")
    if one.pk in facts.noted:
        found.append("有记入退回的条目，还没有退回。")
    return found


def _facts_of(rows: list[Assessment]) -> _Facts:
    facts = _Facts(chains_of([one.participation for one in rows]), _criteria_of({one.standard_id for one in rows}))
    submitting = {one.pk: facts.chains[one.participation_id][0].level for one in rows}
    for result in CriterionResult.objects.filter(assessment__in=rows).select_related("criterion"):
        if result.level == submitting[result.assessment_id]:
            facts.results[result.assessment_id][result.criterion.number] = result
        else:
            facts.differing[result.assessment_id].add(result.criterion.number)
    rounds = {one.pk: one.round for one in rows}
    objections = DepartmentOpinion.objects.filter(assessment__in=rows, stance=DepartmentOpinion.Stance.OBJECTS)
    for opinion in objections.select_related("section"):
        if opinion.round == rounds[opinion.assessment_id]:
            facts.objections[opinion.assessment_id].append(f"{opinion.department}对“{opinion.section}”有意见")
    for file in _reused(rows):
        facts.reused[file.assessment_id].add(file.place)
    steps = ReviewAction.objects.filter(assessment__in=rows).order_by("assessment", "-at", "-id").distinct("assessment")
    facts.last_steps = dict(steps.values_list("assessment", "pk"))
    told = steps.exclude(kind__in=OF_SECOND_APPROVAL).select_related("user", "jurisdiction").defer("results")
    facts.told_steps = {one.assessment_id: one for one in told}
    open_ones = SecondApproval.objects.filter(assessment__in=rows, outcome=SecondApproval.Outcome.OPEN)
    facts.proposed = set(open_ones.values_list("assessment", flat=True))
    facts.noted = set(ReturnNote.objects.filter(assessment__in=rows).values_list("assessment", flat=True))
    return facts


def _criteria_of(standards: Iterable[int]) -> dict[int, int]:
    counted = Criterion.objects.filter(standard__in=list(standards)).values("standard").annotate(number=Count("pk"))
    return {row["standard"]: row["number"] for row in counted.order_by()}


def _reused(rows: list[Assessment]) -> Iterable[Evidence]:
    """Files that stand for another community too, as far as one may see."""
    same = Evidence.objects.filter(sha256=OuterRef("sha256")).exclude(
        assessment__participation__community=OuterRef("assessment__participation__community")
    )
    return Evidence.objects.filter(Exists(same), assessment__in=rows).select_related("criterion")


def _listed(numbers: Iterable[int]) -> str:
    return "、".join(map(str, sorted(numbers)))
