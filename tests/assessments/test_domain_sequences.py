"""Any sequence of steps by anybody of the line keeps the invariants of the review chain."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.permissions import Actor
from apps.assessments import domain
from apps.assessments.models import Assessment, ReviewAction
from apps.campaigns.models import Recognition
from apps.core.errors import ProblemForPeople
from apps.core.scope import scope

VERBS: dict[str, Callable[..., Any]] = {
    "submit": domain.submit_assessment,
    "return": lambda assessment, actor: domain.return_assessment(assessment, "请核实", actor=actor),
    "return_one": lambda assessment, actor: domain.return_assessment(assessment, "", {5: "请核实"}, actor=actor),
    "agree": domain.agree_assessment,
    "recognise": lambda assessment, actor: domain.recognise_assessment(assessment, actor=actor, year=2022),
}
CHAIN = ["鹿城镇", "楚雄市", "楚雄彝族自治州"]


def expected(place: int, verb: str, person: int, *, limited: bool) -> int | None:
    """Where the assessment goes from ``place`` in the chain when ``person`` takes the step; None: refused.

    ``limited``: the last level returned one criterion, and the one below has not answered yet.
    """
    if person != place or (limited and place == 1 and verb == "return"):
        return None
    allowed = {"submit": place == 0, "return": place > 0, "return_one": place > 0, "agree": place == 1}
    if not allowed.get(verb, place == 2):
        return None
    return {"submit": 1, "return": place - 1, "return_one": place - 1, "agree": 2, "recognise": 2}[verb]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(VERBS)), st.integers(0, 2)), min_size=3, max_size=10))
def test_any_sequence_of_steps_keeps_the_invariants(
    drafted: Assessment,
    street_officer: Actor,
    district_reviewer: Actor,
    city_approver: Actor,
    sequence: list[tuple[str, int]],
) -> None:
    people = [street_officer, district_reviewer, city_approver]
    with transaction.atomic():
        place, done, final, limited = 0, 1, False, False
        for verb, person in sequence:
            goal = None if final else expected(place, verb, person, limited=limited)
            actor = people[person]
            try:
                with scope(actor.jurisdiction.path, user_id=actor.user.pk):
                    VERBS[verb](drafted, actor=actor)
                    took_place = True
            except (ProblemForPeople, PermissionDenied):
                took_place = False
            assert took_place == (goal is not None)
            if goal is not None:
                limited = verb == "return_one" if place == 2 else limited and verb != "agree"
                place, done, final = goal, done + 1, verb == "recognise"
            check(drafted, place, done, final)
        transaction.set_rollback(True)


def check(assessment: Assessment, place: int, done: int, final: bool) -> None:
    now = Assessment.objects.with_context().get(pk=assessment.pk)
    steps = list(ReviewAction.objects.filter(assessment=now).order_by("at", "id").select_related("passed_to"))
    assert now.holder.name == CHAIN[place]
    assert len(steps) == done
    assert now.round == sum(one.kind == "submit" for one in steps)
    assert (now.status == "recognised") == final == Recognition.objects.filter(participation=now.participation).exists()
    if len(steps) > 1:
        assert steps[-1].passed_to == now.holder
        assert (steps[-1].total_points, steps[-1].meets_standard) == (now.total_points, now.meets_standard)
    open_to_street = place == 0
    assert (now.status in ("draft", "returned") and now.holder.name == CHAIN[0]) == open_to_street
    assert now.participation.stage == (
        "recognised" if final else "in_review" if not open_to_street else "drafting" if done == 1 else "returned"
    )
