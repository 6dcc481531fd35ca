"""An id inside one's own address leads to nothing of somebody else's."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Max
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import Assessment, CriterionResult, Evidence
from apps.campaigns.models import Campaign, Participation, Target
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.reports.domain import request_export
from apps.reports.models import ExportJob
from apps.reports.tasks import make_export
from apps.standards.models import Criterion
from tests.factories import enrol, fill_in, submit

ClientOf = Callable[[Actor], Client]
Acting = Callable[[Actor], AbstractContextManager[None]]
MakeActor = Callable[[str, Role], Actor]
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def next_door(
    community: Callable[[str], Community], chuxiong: Campaign, make_actor: MakeActor, acting: Acting
) -> Evidence:
    """A document of the street beside."""
    officer = make_actor("532301102", Role.STREET_OFFICER)
    place = Community.objects.below(officer.jurisdiction.path).in_code_order().first()
    assert place is not None
    assessment = fill_in(enrol(place, chuxiong, 2022), actor=officer)
    with acting(officer):
        file = SimpleUploadedFile("隔壁.pdf", PDF)
        return attach_evidence(assessment, assessment.standard.criteria.get(number=1), file, actor=officer)


@pytest.fixture
def foreign_number(drafted: Assessment) -> int:
    """The number of a criterion that another standard has and this one has not."""
    last = drafted.standard.criteria.aggregate(last=Max("number"))["last"]
    number = Criterion.objects.exclude(standard=drafted.standard).aggregate(last=Max("number"))["last"]
    assert number > last
    return int(number)


def test_criterion_of_another_standard_is_not_there(
    client_of: ClientOf, drafted: Assessment, foreign_number: int, street_officer: Actor
) -> None:
    client = client_of(street_officer)
    results, files = CriterionResult.objects.count(), Evidence.objects.count()
    place = [drafted.pk, foreign_number]
    assert client.get(reverse("self_assessment_criterion", args=place)).status_code == 404
    assert client.post(reverse("self_assessment_criterion", args=place), {"none": "1", "seen": "0"}).status_code == 404
    file = SimpleUploadedFile("材料.pdf", PDF)
    assert client.post(reverse("evidence_add", args=place), {"files": file}).status_code == 404
    assert (CriterionResult.objects.count(), Evidence.objects.count()) == (results, files)


def test_reviewer_returns_no_criterion_of_another_standard(
    client_of: ClientOf, drafted: Assessment, foreign_number: int, street_officer: Actor, district_reviewer: Actor
) -> None:
    assessment = submit(drafted, actor=street_officer)
    client, seen = client_of(district_reviewer), assessment.actions.latest("pk").pk
    place = [assessment.pk, foreign_number]
    assert client.post(reverse("review_verdict", args=place), {"none": "1", "seen": "0"}).status_code == 404
    assert client.post(reverse("review_pick", args=place), {"reason": "测试"}).status_code == 404
    form = {"scope": "single", "criterion": foreign_number, f"reason_{foreign_number}": "测试", "seen": seen}
    assert client.post(reverse("review_return", args=[assessment.pk]), form).status_code == 422
    assert Assessment.objects.get(pk=assessment.pk).status == Assessment.Status.IN_REVIEW


def test_documents_of_the_street_beside_are_not_there(
    client_of: ClientOf, next_door: Evidence, drafted: Assessment, street_officer: Actor
) -> None:
    client = client_of(street_officer)
    for address in (
        reverse("evidence", args=[next_door.pk]),
        f"/assessments/evidence/{next_door.pk}/?inline=1",
        f"/assessments/evidence/{next_door.pk}/?thumbnail=1",
        reverse("self_assessment", args=[next_door.assessment_id]),
    ):
        assert client.get(address).status_code == 404
    assert client.post(reverse("evidence_delete", args=[next_door.pk])).status_code == 404
    file = SimpleUploadedFile("材料.pdf", PDF)
    assert client.post(reverse("evidence_add", args=[next_door.assessment_id, 1]), {"files": file}).status_code == 404
    assert Evidence.objects.filter(pk=next_door.pk).exists()
    assert Evidence.objects.filter(assessment=next_door.assessment_id).count() == 1


def test_documents_are_not_taken_away_after_submission(
    client_of: ClientOf, evidence: Evidence, street_officer: Actor
) -> None:
    submit(evidence.assessment, actor=street_officer)
    client = client_of(street_officer)
    assert client.post(reverse("evidence_delete", args=[evidence.pk])).status_code == 409
    assert Evidence.objects.filter(pk=evidence.pk).exists()


def test_documents_made_for_others_are_not_there(
    client_of: ClientOf,
    chuxiong: Campaign,
    city_approver: Actor,
    make_actor: MakeActor,
    acting: Acting,
    stranger: Actor,
) -> None:
    with acting(city_approver):
        kind = "completion_summary"
        job = request_export(kind, chuxiong, city_approver.jurisdiction, 2022, actor=city_approver)
    make_export(job.pk, city_approver.jurisdiction.path)
    addresses = [reverse(name, args=[job.pk]) for name in ("export_job", "download_export")]
    below, beside = make_actor("532301", Role.STAFF), make_actor("532302", Role.STAFF)
    for actor in (below, beside, stranger):
        assert [client_of(actor).get(address).status_code for address in addresses] == [404, 404]
        for name in ("export_cancel", "export_repeat"):
            assert client_of(actor).post(reverse(name, args=[job.pk])).status_code == 404
        assert f"job-{job.pk}" not in client_of(actor).get("/reports/").text
    assert [client_of(city_approver).get(address).status_code for address in addresses] == [200, 200]


def test_plan_takes_no_community_of_another_place(
    client_of: ClientOf, district_reviewer: Actor, make_actor: MakeActor, stranger: Actor
) -> None:
    client, before = client_of(district_reviewer), Participation.objects.count()
    for actor in (make_actor("532302", Role.STAFF), stranger):
        foreign = Community.objects.below(actor.jurisdiction.path).first()
        assert foreign is not None
        assert client.post("/plan/", {"community": foreign.pk}).status_code == 422
        assert client.post("/plan/", {"pilot": foreign.pk}).status_code == 422
        assert client.post(reverse("plan_remove", args=[foreign.pk])).status_code == 404
        assert client.post(reverse("plan_pilot", args=[foreign.pk]), {"is_pilot": "1"}).status_code == 404
    own = Community.objects.below(district_reviewer.jurisdiction.path).first()
    assert own is not None
    mixed = [own.pk, Community.objects.below(stranger.jurisdiction.path).values_list("pk", flat=True)[0]]
    assert client.post("/plan/", {"community": mixed}).status_code == 422
    assert Participation.objects.count() == before


@pytest.mark.parametrize("place", ["532302000000", "120000000000", "532300000000", "000000000000", "1' OR '1'='1"])
def test_target_of_another_place_is_not_set(client_of: ClientOf, make_actor: MakeActor, place: str) -> None:
    before = Target.objects.count()
    form = {"jurisdiction": place, "year": "2022", "kind": "percent", "value": "70"}
    client = client_of(make_actor("532301", Role.APPROVER))
    assert client.post(reverse("set_target", args=["chuxiong-2021"]), form).status_code == 404
    assert Target.objects.count() == before


def test_export_of_another_place_or_campaign_is_not_made(
    client_of: ClientOf, city_approver: Actor, stranger: Actor, jurisdiction: Callable[[str], Jurisdiction]
) -> None:
    client = client_of(city_approver)
    own = city_approver.jurisdiction.pk
    other = Campaign.objects.exclude(code="chuxiong-2021").filter(path__startswith=stranger.jurisdiction.path).first()
    wrong = [
        {"campaign": "chuxiong-2021", "jurisdiction": stranger.jurisdiction.pk, "year": 2022},
        {"campaign": "chuxiong-2021", "jurisdiction": jurisdiction("53").pk, "year": 2022},
        {"campaign": "chuxiong-2021", "jurisdiction": own, "year": 1999},
        {"campaign": other.code if other else "tianjin-2021", "jurisdiction": own, "year": 2022},
        {"campaign": "chuxiong-2021", "jurisdiction": "1 OR 1=1", "year": 2022},
    ]
    for form in wrong:
        assert client.post(reverse("export_request"), {"kind": "completion_summary"} | form).status_code == 422, form
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("number", [2**31, 2**63, 2**64, 10**30])
def test_numbers_beyond_any_id_are_not_there(client_of: ClientOf, city_approver: Actor, number: int) -> None:
    client = client_of(city_approver)
    for address in (
        "/communities/{}/",
        "/assessments/{}/",
        "/reviews/{}/",
        "/reports/jobs/{}/",
        "/assessments/evidence/{}/",
    ):
        assert client.get(address.format(number)).status_code == 404, address
    assert client.get(f"/assessments/1/criteria/{number}/").status_code == 404
