"""What upper levels have found and heard stays out of the histories that those below read."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.claims import claim_assessment
from apps.assessments.domain import return_assessment, save_result
from apps.assessments.models import Assessment, SecondApproval
from apps.assessments.second_approval import propose, withdraw_second_approval
from apps.assessments.site_visits import VisitFacts, record_visit
from apps.assessments.steps import open_for
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.history import recording
from apps.recognitions.models import Objection
from apps.recognitions.notices import draft_notice
from apps.standards.scoring import Answer, Deduction
from tests.factories import agree, submitted_community

ClientOf = Callable[[Actor], Client]
SECRETS = ("州级意见", "州级核查", "州级拟办", "州级异议")


@pytest.fixture
def held(chuxiong: Campaign, community: Callable[[str], Community], city_approver: Actor) -> Assessment:
    """An assessment that lies with 楚雄州, which has judged, visited, put it on a draft, heard an objection, and proposed."""
    assessment = agree(submitted_community(community("532301101006"), chuxiong, 2022))
    with acting(city_approver), recording(user=city_approver.user.pk, name=str(city_approver.user)):
        fifth = assessment.standard.criteria.get(number=5)
        answer = Answer(deductions=(Deduction(rule=2),))
        save_result(assessment, fifth, answer, actor=city_approver, note="州级意见")
        facts = VisitFacts(visited_on=date(2022, 8, 1), offices="住建局", findings="州级核查")
        record_visit(assessment, facts, actor=city_approver)
        entry = draft_notice(chuxiong, [assessment.pk], actor=city_approver).entries.get()
        Objection.objects.create(
            entry=entry,
            received_on=date(2022, 8, 1),
            text="州级异议",
            recorded_at=clock.now(),
            recorded_by=city_approver.user,
        )
        opened = open_for(assessment, city_approver, by_reviewer=True)
        values = {"year": 2022, "document_number": "", "comment": "州级拟办"}
        propose(opened, "recognise", values, actor=city_approver)  # type: ignore[arg-type]
    return assessment


def said_in_history(client: Client, assessment: Assessment) -> set[str]:
    page = client.get(reverse("object_history", args=["assessments", "assessment", assessment.pk]))
    assert page.status_code == 200
    return {one for one in SECRETS if one in page.text}


def test_history_of_an_assessment_withholds_the_upper_levels_work(
    held: Assessment, street_officer: Actor, district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    assert said_in_history(client_of(street_officer), held) == set()
    assert said_in_history(client_of(district_reviewer), held) == set()
    # Notices have no part in the assessment's history.
    assert said_in_history(client_of(city_approver), held) == {"州级意见", "州级核查", "州级拟办"}


def test_history_does_not_name_who_works_on_it_above(
    held: Assessment, district_reviewer: Actor, city_approver: Actor, client_of: ClientOf
) -> None:
    """Neither while it lies above nor when it has come back: what changed is told as if nobody had."""
    address = reverse("object_history", args=["assessments", "assessment", held.pk])
    assert Assessment.objects.get(pk=held.pk).assignee == city_approver.user
    with acting(city_approver), recording(user=city_approver.user.pk, name=str(city_approver.user)):
        [proposal] = SecondApproval.objects.filter(assessment=held)
        withdraw_second_approval(proposal, actor=city_approver)
        claim_assessment(held, actor=city_approver)
        page = client_of(district_reviewer).get(address).text
        assert "领办至" not in page
        assert f"→ {city_approver.user}" not in page
        return_assessment(held, "请补正", actor=city_approver)
    page = client_of(district_reviewer).get(address).text
    assert "领办至" not in page
    assert f"→ {city_approver.user}" not in page
    assert f"{city_approver.user} →" not in page
    assert "请补正" in page
    assert "领办至" in client_of(city_approver).get(address).text


def test_audit_withholds_the_upper_levels_work(
    held: Assessment, make_actor: Callable[[str, Role], Actor], client_of: ClientOf
) -> None:
    query = {"machines": "on"}
    below = client_of(make_actor("532301", Role.BUREAU_ADMIN)).get(reverse("audit_trail"), query)
    assert {one for one in SECRETS if one in below.text} == set()
    own = client_of(make_actor("5323", Role.BUREAU_ADMIN)).get(reverse("audit_trail"), query)
    assert {one for one in SECRETS if one in own.text} == set(SECRETS)
