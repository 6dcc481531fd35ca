"""Any sequence of the real verbs, by anybody, on PostgreSQL: what may move, what never changes, and what refusals say."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.accounts.acting import acting
from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.chain import chain_of
from apps.assessments.claims import claim_assessment, release_assessment
from apps.assessments.domain import (
    agree_assessment,
    editable_criteria,
    open_assessment,
    recognise_assessment,
    return_assessment,
    save_result,
    submit_assessment,
)
from apps.assessments.evidence import attach_evidence, remove_evidence
from apps.assessments.models import Assessment, CriterionResult, Evidence, ReviewAction, SecondApproval
from apps.assessments.recall import recall_assessment
from apps.assessments.second_approval import (
    confirm_second_approval,
    decline_second_approval,
    revoke_assessment,
    withdraw_second_approval,
)
from apps.assessments.steps import effective_results, score_of
from apps.campaigns.models import Campaign, Participation, Recognition
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.standards.models import Criterion
from apps.standards.scoring import Answer, Deduction
from tests.factories import person_at

Kind = ReviewAction.Kind
Status = Assessment.Status
Rows = dict[str, dict[int, dict[str, Any]]]

# Of 楚雄's standard: 11 has to be returned singly now and then, 5 and 6 lose some points, 1–5 together fail the mark of 80.
NUMBERS = [1, 2, 3, 4, 5, 6, 11]
NOTHING_LOST = Answer(deductions=())
# Refusals are told, never an error page; what lies in another branch is not found.
KNOWN = (TransitionError, StaleForm, InvalidInput, PermissionDenied)
_SENTENCE = re.compile(r"[\u4e00-\u9fff].*。$", re.DOTALL)
# Whose step moves it by how many places in the chain.
MOVES = {"submit": 1, "recall": -1, "return": -1, "agree": 1}
PEOPLE = ["street", "street too", "county", "county too", "first", "second", "above", "beside", "stranger", "viewer"]
# As often as not whoever's turn it is.
people = st.sampled_from([*["whose turn it is"] * len(PEOPLE), *PEOPLE])
TURNS = ["street", "county", "first"]


def rows_of(assessment: Assessment) -> Rows:
    """Everything that belongs to the assessment, as it stands in the database."""
    of = {"assessment": assessment.pk}
    found: dict[str, Any] = {
        "assessment": Assessment.objects.filter(pk=assessment.pk),
        "participation": Participation.objects.filter(pk=assessment.participation_id),
        "results": CriterionResult.objects.filter(**of),
        "evidence": Evidence.objects.filter(**of),
        "actions": ReviewAction.objects.filter(**of),
        "proposals": SecondApproval.objects.filter(**of),
        "recognitions": Recognition.objects.filter(participation=assessment.participation_id),
    }
    return {name: {row["id"]: row for row in rows.values()} for name, rows in found.items()}


class Review(RuleBasedStateMachine):
    """One community of 楚雄市 from its filled-in self-assessment on, in a savepoint that is taken back at the end."""

    drafted: ClassVar[Assessment]
    actors: ClassVar[dict[str, Actor]]
    done: ClassVar[Counter[str]]
    sentences: ClassVar[set[str]]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.chain = chain_of(self.drafted.participation)
        self.criteria = {one.number: one for one in self.drafted.standard.criteria.all()}
        self.recognised: Rows | None = None
        self.rows: Rows = rows_of(self.drafted)
        self.checked: Rows = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize(needs_second=st.booleans())
    def choose(self, needs_second: bool) -> None:
        Campaign.objects.filter(pk=self.drafted.participation.campaign_id).update(needs_second_approval=needs_second)

    def now(self) -> Assessment:
        return Assessment.objects.with_context().get(pk=self.drafted.pk)

    def place(self) -> int:
        """Of the holder in the chain; whoever is not in it is found nowhere."""
        return [one.pk for one in self.chain].index(self.rows["assessment"][self.drafted.pk]["holder_id"])

    def proposal(self) -> SecondApproval | None:
        if not self.rows["proposals"]:
            return None
        return SecondApproval.objects.filter(assessment=self.drafted).order_by("-pk").first()

    def take(self, verb: str, who: str, act: Callable[[Actor], object]) -> bool:
        """Let somebody try; return whether it was done. Refused, it has changed nothing; done, nothing that was locked."""
        before, place = self.rows, self.place()
        actor = self.actors[TURNS[place] if who == "whose turn it is" else who]
        editable = editable_criteria(self.now()) if verb in ("save", "attach", "remove", "return") else None
        try:
            with acting(actor):
                act(actor)
        except KNOWN as refused:
            self.sentences.add(str(refused))
            assert rows_of(self.drafted) == before, f"{verb} by {who} was refused and changed something"
            return False
        except (Assessment.DoesNotExist, SecondApproval.DoesNotExist):
            assert not actor.jurisdiction.contains(self.drafted.path), "what one sees is found"
            assert rows_of(self.drafted) == before
            return False
        self.done[verb] += 1
        self.rows = rows_of(self.drafted)
        self.check_done(verb, actor, before, place, editable)
        return True

    def check_done(self, verb: str, actor: Actor, before: Rows, place: int, editable: set[int] | None) -> None:
        after, now, level = self.rows, self.place(), actor.jurisdiction.level
        assert now == place + MOVES.get(verb, 0), f"{verb} moved it from {place} to {now}"
        turn = 0 if verb == "recall" else place
        assert verb == "open" or actor.jurisdiction == self.chain[turn], f"{verb} by {actor.jurisdiction}"
        for pk, row in before["actions"].items():
            assert after["actions"][pk] == row, "history was changed"
        if before["assessment"][self.drafted.pk]["status"] == Status.RECOGNISED:
            assert after["results"] == before["results"]
        rank = {one.level: number for number, one in enumerate(self.chain)}
        for pk, row in before["results"].items():
            if after["results"].get(pk) == row:
                continue
            # Verdicts of levels above that have become agreement go; nobody touches those of a level below.
            assert rank[row["level"]] >= turn, f"{verb} changed what {row['level']} found"
            if row["level"] == level and verb == "save":
                assert editable is None or row["criterion_id"] in editable, "a criterion that was not returned changed"
        fresh = [row for pk, row in after["results"].items() if pk not in before["results"]]
        assert editable is None or {row["criterion_id"] for row in fresh} <= editable, "a locked criterion was judged"
        if verb == "return" and editable is not None:
            passed_on = editable_criteria(self.now())
            assert passed_on, "what was returned singly was returned as a whole"
            assert passed_on <= editable
        if before["evidence"] != after["evidence"]:
            assert turn == 0

    @rule(who=people)
    def open(self, who: str) -> None:
        self.take("open", who, lambda actor: open_assessment(self.drafted.participation, actor=actor))

    @rule(
        who=people,
        number=st.sampled_from(NUMBERS),
        loses=st.booleans(),
        note=st.sampled_from(["", "现场未见"]),
        seen=st.sampled_from([None, None, None, 0, 1, 99]),
    )
    def save(self, who: str, number: int, loses: bool, note: str, seen: int | None) -> None:
        criterion = self.criteria[number]
        answer = lost(criterion) if loses else NOTHING_LOST
        self.take(
            "save", who, lambda actor: save_result(self.drafted, criterion, answer, actor=actor, note=note, seen=seen)
        )

    @rule(who=people, number=st.sampled_from(NUMBERS), which=st.integers(1, 2))
    def attach(self, who: str, number: int, which: int) -> None:
        file = SimpleUploadedFile("材料.pdf", b"%PDF-1.4\n%%EOF\n" + bytes(str(which), "ascii"))
        self.take("attach", who, lambda actor: attach_evidence(self.drafted, self.criteria[number], file, actor=actor))

    @rule(who=people)
    def remove(self, who: str) -> None:
        one = Evidence.objects.filter(assessment=self.drafted).order_by("pk").last()
        if one is not None:
            self.take("remove", who, lambda actor: remove_evidence(one, actor=actor))

    @rule(who=people)
    def submit(self, who: str) -> None:
        self.take("submit", who, lambda actor: submit_assessment(self.drafted, actor=actor))

    @rule(who=people)
    def recall(self, who: str) -> None:
        self.take("recall", who, lambda actor: recall_assessment(self.drafted, actor=actor))

    @rule(who=people, singly=st.sets(st.sampled_from(NUMBERS), max_size=2), comment=st.sampled_from(["", "请核实"]))
    def send_back(self, who: str, singly: set[int], comment: str) -> None:
        reasons = dict.fromkeys(singly, "请核实")
        self.take("return", who, lambda actor: return_assessment(self.drafted, comment, reasons, actor=actor))

    @rule(who=people, late=st.booleans())
    def agree(self, who: str, late: bool) -> None:
        seen = ReviewAction.objects.filter(assessment=self.drafted).earliest("pk").pk if late else None
        self.take("agree", who, lambda actor: agree_assessment(self.drafted, actor=actor, seen_action=seen))

    @rule(who=people, year=st.sampled_from([None, 2022, 2019]))
    def recognise(self, who: str, year: int | None) -> None:
        self.take("recognise", who, lambda actor: recognise_assessment(self.drafted, actor=actor, year=year))

    @rule(who=people, reason=st.sampled_from(["", "弄虚作假"]))
    def revoke(self, who: str, reason: str) -> None:
        self.take("revoke", who, lambda actor: revoke_assessment(self.drafted, reason, actor=actor))

    @rule(who=people, how=st.sampled_from(["confirm", "decline", "withdraw"]))
    def decide(self, who: str, how: str) -> None:
        proposal = self.proposal()
        if proposal is None:
            return
        verbs: dict[str, Callable[[Actor], object]] = {
            "confirm": lambda actor: confirm_second_approval(proposal, actor=actor),
            "decline": lambda actor: decline_second_approval(proposal, "再核实", actor=actor),
            "withdraw": lambda actor: withdraw_second_approval(proposal, actor=actor),
        }
        if self.take(how, who, verbs[how]):
            decided = SecondApproval.objects.get(pk=proposal.pk)
            assert how == "withdraw" or decided.decided_by != decided.proposed_by

    @rule(who=people, gives_up=st.booleans())
    def claim(self, who: str, gives_up: bool) -> None:
        verb = release_assessment if gives_up else claim_assessment
        self.take("release" if gives_up else "claim", who, lambda actor: verb(self.drafted, actor=actor))

    @rule(goes_on=st.integers(1, 3))
    def goes_its_way(self, goes_on: int) -> None:
        """What mostly happens in life: those whose turn it is pass it on; any may still be refused."""
        for _ in range(goes_on):
            proposal = self.proposal()
            if proposal is not None and proposal.outcome == SecondApproval.Outcome.OPEN:
                self.decide("second", "confirm")
            elif self.place() == 0:
                self.submit("street")
            elif self.place() == 1:
                self.agree("county", late=False)
            else:
                self.recognise("first", None)

    @invariant()
    def holds(self) -> None:
        """One assessment per participation; no level skipped; the holder in the chain; recognised means the standard is met."""
        if self.rows == self.checked:
            return
        self.checked, now = self.rows, self.now()
        assert Assessment.objects.filter(participation=now.participation_id).count() == 1
        steps = list(ReviewAction.objects.filter(assessment=now).order_by("at", "pk"))
        assert now.round == sum(one.kind == Kind.SUBMIT for one in steps)
        place = 0
        for step in steps:
            if step.passed_to_id is not None:
                reached = [one.pk for one in self.chain].index(step.passed_to_id)
                assert reached == place + MOVES.get(step.kind, 0), f"{step.kind} skipped a level"
                place = reached
        assert self.chain[place].pk == now.holder_id
        standing = Recognition.objects.standing().filter(participation=now.participation_id).count()
        ever = Recognition.objects.filter(participation=now.participation_id).count()
        assert ever == (now.status == Status.RECOGNISED)
        assert standing <= ever
        self.check_recognised(now)

    def check_recognised(self, now: Assessment) -> None:
        if now.status != Status.RECOGNISED:
            assert self.recognised is None, "recognised is final"
            return
        assert now.holder == self.chain[-1]
        judged = score_of(now, effective_results(now, self.chain))
        assert judged.meets_standard
        assert (now.total_points, now.meets_standard) == (judged.total, True)
        self.recognised = self.recognised or self.rows
        for name in ("results", "evidence"):
            assert self.rows[name] == self.recognised[name], f"{name} of what is recognised changed"


def lost(criterion: Criterion) -> Answer:
    """An answer that loses points, by the criterion's first rule."""
    first = criterion.rules.order_by("number")[0]
    entered: dict[str, Any] = {
        "range": {"points": int(first.max_points or 0)},
        "count": {"count": 2},
        "count_shortfall": {"count": 0},
        "rate_shortfall": {"rate": 50},
    }.get(first.kind, {})
    return Answer(deductions=(Deduction(rule=first.number, **entered),))


@pytest.fixture
def actors(
    drafted: Assessment,
    street_officer: Actor,
    district_reviewer: Actor,
    city_approver: Actor,
    province_reviewer: Actor,
    stranger: Actor,
    make_actor: Callable[[str, Role], Actor],
) -> dict[str, Actor]:
    def colleague(of: Actor) -> Actor:
        user = User.objects.create_user(
            username=f"{of.user.username}-2", display_name="同事", jurisdiction=of.jurisdiction
        )
        return Actor(user, grant_membership(user, of.jurisdiction, of.role))

    return {
        "street": street_officer,
        "street too": colleague(street_officer),
        "county": district_reviewer,
        "county too": person_at(district_reviewer.jurisdiction, Role.APPROVER),
        "first": city_approver,
        "second": colleague(city_approver),
        "above": province_reviewer,
        "beside": make_actor("532301102", Role.STREET_OFFICER),
        "stranger": stranger,
        "viewer": make_actor("5323", Role.VIEWER),
    }


def test_any_sequence_of_verbs_keeps_the_invariants(drafted: Assessment, actors: dict[str, Actor]) -> None:
    done: Counter[str] = Counter()
    sentences: set[str] = set()
    review = type("Review", (Review,), {"drafted": drafted, "actors": actors, "done": done, "sentences": sentences})
    run_state_machine_as_test(
        review,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Some sequences have gone all the way.
    assert {"submit", "agree", "recognise"} <= done.keys()
    assert [one for one in sentences if not _SENTENCE.search(one)] == []
