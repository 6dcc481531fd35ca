"""An assessment as a reviewer reads it: verdict beside verdict by level, what changed since it was last here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F, Prefetch, Window, prefetch_related_objects
from django.db.models.functions import RowNumber

from apps.accounts.permissions import Actor
from apps.assessments.answers import answers_of
from apps.assessments.chain import chain_of, place_in
from apps.assessments.inputs import describe
from apps.assessments.models import Assessment, CriterionResult, Evidence, ReturnedCriterion, ReviewAction
from apps.assessments.rounds import Round, Wording, change_of, rounds_of
from apps.assessments.steps import results_told_to, return_to_answer, told_to, without_recalled
from apps.campaigns.models import Participation
from apps.core.attached import attach
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction, Level
from apps.standards.domain import parts_in_use, spec_in_use
from apps.standards.models import Criterion
from apps.standards.scoring import Standing, standing
from apps.standards.specs import StandardSpec

Status = Assessment.Status
Kind = ReviewAction.Kind
# Of one file; more than anybody follows.
_USES_SHOWN = 40


@dataclass(frozen=True)
class Column:
    """One level of the chain: what stands after it has spoken, criterion by criterion; nothing while it is pending."""

    jurisdiction: Jurisdiction
    label: str
    is_pending: bool
    results: Mapping[int, CriterionResult]
    standing: Standing
    spec: StandardSpec

    @property
    def total(self) -> Decimal | None:
        return self.standing.points_so_far if self.spec.pass_mark is not None else None

    @property
    def fulfilled(self) -> int:
        return len(self.standing.scores) - len(self.standing.failed)

    @property
    def is_complete(self) -> bool:
        return not self.standing.unanswered

    @property
    def meets_standard(self) -> bool:
        return self.is_complete and self.standing.can_meet


@dataclass(frozen=True)
class Row:
    """One criterion: ``cells`` by column, ``own`` where this level differs from ``lower``, the level below.

    ``asked``: why it was sent back last time; ``before``: what stood then, where it is different now; ``change`` says that in
    words. ``rounds``: what was found when it came here before, and what this level said then.
    """

    criterion: Criterion
    cells: list[CriterionResult | None]
    lower: CriterionResult | None
    own: CriterionResult | None
    spoken: list[tuple[str, CriterionResult]]
    above: list[tuple[str, CriterionResult]]
    evidence: list[Evidence]
    added: list[Evidence]
    before: str
    asked: str
    change: Wording | None = None
    rounds: list[Round] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.criterion.number

    @property
    def effective(self) -> CriterionResult | None:
        return self.own or self.lower

    @property
    def version(self) -> int:
        return self.own.version if self.own is not None else 0

    @property
    def has_news(self) -> bool:
        """Whether the level below answered a return here: other results or further evidence."""
        return bool(self.added or self.change)

    @property
    def differs(self) -> bool:
        """Whether any level changed what the one below it found."""
        found = {(one.verdict, str(one.deductions)) for one in self.cells if one is not None}
        return len(found) > 1

    @property
    def said(self) -> list[tuple[str, CriterionResult, list[str]]]:
        """What each level said on it, up to the one looked from: label, result, the result in words."""
        return [(label, result, describe(self.criterion, result)) for label, result in self.spoken]


@dataclass
class Comparison:
    """An assessment beside the levels that judged it. ``place`` is the level looked from: the reviewer's own, or the holder's."""

    assessment: Assessment
    spec: StandardSpec
    chain: list[Jurisdiction]
    place: int
    actions: list[ReviewAction]
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def viewed(self) -> Jurisdiction:
        return self.chain[self.place]

    @property
    def own(self) -> Column:
        return self.columns[self.place]

    @property
    def lower(self) -> Column:
        return self.columns[self.place - 1]

    @property
    def submitted(self) -> Column:
        return self.columns[0]

    @property
    def stands(self) -> Column:
        """What counts now: this level's view, or while it is pending the one below."""
        return self.lower if self.own.is_pending else self.own

    @property
    def outcome(self) -> str:
        """达到 80 or 未达到 80; 达标 or 未达标 where points do not decide."""
        mark, total = self.spec.pass_mark, self.stands.total
        if mark is None or total is None or (total >= mark and not self.stands.meets_standard):
            return "达标" if self.stands.meets_standard else "未达标"
        return f"{'达到' if total >= mark else '未达到'} {plain(mark)}"

    @property
    def is_scored(self) -> bool:
        return self.spec.pass_mark is not None

    @property
    def is_last(self) -> bool:
        return self.place == len(self.chain) - 1

    @property
    def below(self) -> Jurisdiction:
        return self.chain[max(self.place - 1, 0)]

    @property
    def above(self) -> Jurisdiction | None:
        return None if self.is_last else self.chain[self.place + 1]

    @property
    def changed(self) -> list[Row]:
        """The criteria on which this level differs from the one below."""
        return [row for row in self.rows if row.own is not None]

    @property
    def news(self) -> list[Row]:
        return [row for row in self.rows if row.has_news]

    @property
    def unchanged(self) -> list[int]:
        """The numbers of the criteria sent back from here one by one that came back as they were."""
        back = self.returned_from_here
        numbers = {one.criterion.number for one in back.returned_criteria.all()} if back is not None else set()
        return sorted(numbers - {row.number for row in self.news})

    @property
    def last_action(self) -> ReviewAction | None:
        return self.actions[-1] if self.actions else None

    @property
    def returned_here(self) -> ReviewAction | None:
        """The return by the level above that waits to be answered here."""
        last = self.last_action
        waits = last is not None and last.kind == Kind.RETURN and last.passed_to_id == self.viewed.pk
        return last if waits else None

    @cached_property
    def limit(self) -> ReviewAction | None:
        """The return of single criteria that this level has still to answer: the others stay locked."""
        answered = return_to_answer(self.actions, self.viewed.pk)
        return answered if answered is not None and answered.returned_criteria.all() else None

    @cached_property
    def limited_to(self) -> list[int]:
        """The numbers of those criteria; none: all are open."""
        return sorted(one.criterion.number for one in self.limit.returned_criteria.all()) if self.limit else []

    @cached_property
    def arrivals(self) -> list[ReviewAction]:
        """The steps that brought it up to this level, in order."""
        upward = (Kind.SUBMIT, Kind.AGREE)
        steps = without_recalled(self.actions)
        return [one for one in steps if one.kind in upward and one.passed_to_id == self.viewed.pk]

    @cached_property
    def returned_from_here(self) -> ReviewAction | None:
        """This level's last return, if it has been answered."""
        returns = [one for one in self.actions if one.kind == Kind.RETURN and one.jurisdiction_id == self.viewed.pk]
        answered = returns and self.arrivals and self.arrivals[-1].at > returns[-1].at
        return returns[-1] if answered else None

    def row(self, number: int) -> Row | None:
        return next((row for row in self.rows if row.number == number), None)


def compare(assessment: Assessment, actor: Actor) -> Comparison:
    """Load an assessment for its review, in six queries whatever the number of criteria."""
    sections, spec = parts_in_use(assessment.standard), spec_in_use(assessment.standard)
    chain = chain_of(assessment.participation)
    holding = place_in(chain, assessment.holder_id)
    assessment.holder = chain[holding]
    actions = list(assessment.actions.select_related("user").order_by("at", "id"))
    attach(actions, "jurisdiction", chain)
    attach(actions, "passed_to", chain)
    returned = ReturnedCriterion.objects.select_related("criterion")
    prefetch_related_objects(
        [one for one in actions if one.kind == Kind.RETURN], Prefetch("returned_criteria", returned)
    )
    criteria = {criterion.pk: criterion for section in sections for criterion in section.criteria.all()}
    stored = list(assessment.results.all())
    attach(stored, "criterion", criteria.values())
    by_level: dict[str, dict[int, CriterionResult]] = defaultdict(dict)
    for result in results_told_to(actor, assessment, chain, stored, actions):
        by_level[result.level][result.criterion.number] = result
    here = next((place for place, one in enumerate(chain) if one.pk == actor.jurisdiction.pk), 0)
    shown = _levels_shown(assessment, chain, holding, by_level, is_holder=here == holding)
    place = here if 0 < here < max(shown, holding + 1) else max(holding, 1)
    sheet = Comparison(assessment, spec, chain, place, told_to(actor, actions))
    sheet.columns = _columns(sheet, by_level, shown, actor.jurisdiction)
    evidence: dict[int | None, list[Evidence]] = defaultdict(list)
    for one in assessment.evidence.order_by("id"):
        evidence[one.criterion_id].append(one)
    sheet.rows = [_row(sheet, criterion, evidence[pk]) for pk, criterion in criteria.items()]
    return sheet


def _levels_shown(
    assessment: Assessment, chain: list[Jurisdiction], holding: int, by_level: Mapping[str, object], *, is_holder: bool
) -> int:
    """How many levels of the chain a reader sees: what a level is still working on is its own until it has decided.

    Of what was returned to it, ``by_level`` holds for the levels below only what stood at its last decision.
    """
    if assessment.status == Status.IN_REVIEW:
        return holding + 1 if is_holder else holding
    spoken = [place for place, one in enumerate(chain) if one.level in by_level]
    return max([*spoken, holding]) + 1


def _columns(
    sheet: Comparison, by_level: Mapping[str, Mapping[int, CriterionResult]], shown: int, mine: Jurisdiction
) -> list[Column]:
    columns: list[Column] = []
    results: dict[int, CriterionResult] = {}
    for place, jurisdiction in enumerate(sheet.chain[: max(shown, sheet.place + 1)]):
        results = {**results, **by_level.get(jurisdiction.level, {})} if place < shown else {}
        label = "自评" if place == 0 else "本级" if jurisdiction == mine else str(Level(jurisdiction.level).label)
        found = standing(sheet.spec, answers_of(results.values()))
        columns.append(Column(jurisdiction, label, place >= shown, results, found, sheet.spec))
    return columns


def _row(sheet: Comparison, criterion: Criterion, evidence: list[Evidence]) -> Row:
    number, place = criterion.number, sheet.place
    lower = sheet.columns[place - 1].results.get(number)
    effective = sheet.columns[place].results.get(number)
    previous = sheet.arrivals[-2] if len(sheet.arrivals) > 1 else None
    return Row(
        criterion=criterion,
        cells=[column.results.get(number) for column in sheet.columns],
        lower=lower,
        own=effective if effective is not None and effective.level == sheet.viewed.level else None,
        spoken=_spoken(sheet.columns[:place], number),
        above=_spoken(sheet.columns[place + 1 :], number),
        evidence=evidence,
        added=[one for one in evidence if previous is not None and one.uploaded_at > previous.at],
        before=_before(sheet.arrivals, number),
        asked=_reason(sheet.returned_here or sheet.returned_from_here, number),
        change=change_of(criterion, sheet.arrivals),
        rounds=rounds_of(criterion, sheet.arrivals, sheet.actions, sheet.viewed),
    )


def _spoken(columns: list[Column], number: int) -> list[tuple[str, CriterionResult]]:
    """The results that the levels of ``columns`` gave themselves, without those they took over from below."""
    found = [(column, column.results.get(number)) for column in columns]
    return [(one.label, result) for one, result in found if result and result.level == one.jurisdiction.level]


def _before(arrivals: list[ReviewAction], number: int) -> str:
    """What stood on a criterion when the assessment was here before, in words; empty where it stands the same now."""
    if len(arrivals) < 2:
        return ""
    then, now = (one.results.get(str(number)) for one in arrivals[-2:])
    if then is None or now is None or _finding(then) == _finding(now):
        return ""
    if then["points"] is None:
        return str(CriterionResult.Verdict(then["verdict"]).label)
    return f"{plain(Decimal(then['points']))} 分"


def _finding(stored: Mapping[str, Any]) -> tuple[object, object]:
    return stored["verdict"], stored["deductions"]


def _reason(action: ReviewAction | None, number: int) -> str:
    returned = [] if action is None else action.returned_criteria.all()
    return next((one.reason for one in returned if one.criterion.number == number), "")


@dataclass(frozen=True)
class Use:
    """Where a file is attached too: the assessment, and in words the community, year and place."""

    assessment_id: int
    community: str
    year: int
    place: str
    number: int | None

    def __str__(self) -> str:
        return f"{self.community}（{self.year} 年，{self.place}）"


def used_elsewhere(evidence: Iterable[Evidence]) -> dict[str, list[Use]]:
    """Return, by hash, where the same files stand for another community, as far as one may see; all files of one assessment."""
    files = list(evidence)
    found: dict[str, list[Use]] = defaultdict(list)
    # Seldom anything is: asked by itself, which costs least.
    also = Evidence.objects.exclude(assessment__in={one.assessment_id for one in files})
    shared = set(also.filter(sha256__in={one.sha256 for one in files}).values_list("sha256", flat=True))
    if not shared:
        return found
    own = Participation.objects.filter(assessment=files[0].assessment_id).values("community")
    same = Evidence.objects.filter(sha256__in=shared)
    others = same.exclude(assessment__participation__community__in=own).select_related(
        "criterion", "assessment__participation__community"
    )
    order = (F("assessment__participation__year").desc(), F("id").asc())
    nth = Window(RowNumber(), partition_by=F("sha256"), order_by=order)
    for one in others.annotate(nth=nth).filter(nth__lte=_USES_SHOWN).order_by(*order):
        participation = one.assessment.participation
        use = Use(one.assessment_id, str(participation.community), participation.year, one.place, one.number)
        found[one.sha256].append(use)
    return found
