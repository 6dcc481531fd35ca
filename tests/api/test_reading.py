"""Lists and single things: the wall, filters, pages, sparse fields, versions, and the number of queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment, save_result
from apps.assessments.evidence import attach_evidence
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.reports.domain import request_export
from apps.standards.scoring import Answer, Deduction
from tests.api.conftest import Program
from tests.evaluations.conftest import submit as submit_evaluation
from tests.factories import enrol, fill_in, made_up, recognised_community, submit
from tests.filings.conftest import draft, milestone_of

Make = Callable[..., Program]
CODES = ("532301101001", "532301101002", "532301101003")
LISTS = (
    *("divisions", "communities", "standards", "campaigns", "targets", "participations", "assessments", "evidence"),
    *("reviews", "recognitions", "obligations", "filings", "evaluations", "exports"),
)


@pytest.fixture
def rows(
    chuxiong: Campaign, community: Callable[[str], Community], city_approver: Actor, district_reviewer: Actor
) -> None:
    """At least three of almost everything in 楚雄州."""
    for code in CODES:
        recognised_community(community(code), chuxiong, 2022)
    officer = made_up("532301101", Role.STREET_OFFICER)
    filled_in = fill_in(enrol(community("532301101006"), chuxiong, 2022), actor=officer)
    with acting(officer):
        for number in (1, 2, 3):
            file = SimpleUploadedFile("材料.pdf", b"%PDF-1.4\n%%EOF\n")
            attach_evidence(filled_in, filled_in.standard.criteria.get(number=number), file, actor=officer)
    with acting(city_approver):
        for kind in ("completion_summary", "recognised_list"):
            request_export(kind, chuxiong, city_approver.jurisdiction, 2022, actor=city_approver)
        request_export("completion_summary", chuxiong, city_approver.jurisdiction, 2021, actor=city_approver)
    submit_evaluation(chuxiong, actor=district_reviewer)


@pytest.mark.parametrize("name", LISTS)
def test_the_number_of_queries_is_that_of_one_row(program: Make, rows: None, city_approver: Actor, name: str) -> None:
    asked, counts, found = program(city_approver), [], []
    asked.get(name, limit=1)
    for limit in (1, 3):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = asked.get(name, limit=limit)
        assert answer.status_code == 200, answer.content
        counts.append(len(queries))
        found.append(len(answer.json()["results"]))
    assert found[0] == 1 or name == "filings"
    assert counts[0] == counts[1], "\n".join(one["sql"][:150] for one in queries.captured_queries)


@pytest.mark.parametrize(
    "name", [one for one in LISTS if one not in ("divisions", "standards", "campaigns", "targets", "obligations")]
)
def test_another_tenant_sees_none_of_it(
    program: Make, rows: None, city_approver: Actor, stranger: Actor, name: str
) -> None:
    own, others = program(city_approver), program(stranger)
    ids = [one["id"] for one in own.get(name).json()["results"]]
    if name != "filings":
        assert ids
    seen = {one["id"] for one in others.get(name, limit=200).json()["results"]}
    assert not seen & set(ids)
    for pk in ids[:1]:
        assert (others.get(f"{name}/{pk}").status_code, own.get(f"{name}/{pk}").status_code) == (404, 200)


@pytest.mark.parametrize(
    ("query", "status", "code", "words"),
    [
        ({"nmae": "龙江"}, 400, "unknown-parameter", "没有名为“nmae”的参数"),
        ({"limit": "0"}, 400, "invalid-parameter", "须在 1 到 200 之间"),
        ({"limit": "x"}, 400, "invalid-parameter", "须在 1 到 200 之间"),
        ({"ordering": "code"}, 400, "invalid-parameter", "不能按“code”排序"),
        ({"fields": "id,colour"}, 400, "invalid-parameter", "没有名为“colour”的字段"),
        ({"below": "zwei"}, 400, "invalid-parameter", ""),
        ({"cursor": "xyz"}, 400, "invalid-cursor", "第一页"),
        ({"name": ["a", "b"]}, 400, "invalid-parameter", "给了 2 次"),
    ],
)
def test_what_a_list_does_not_know_is_refused(
    program: Make, district_reviewer: Actor, query: dict[str, Any], status: int, code: str, words: str
) -> None:
    answer = program(district_reviewer).get("communities", **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert words in answer.json()["detail"]


def test_a_tampered_cursor_is_refused(program: Make, district_reviewer: Actor) -> None:
    from base64 import b64encode

    cursor = b64encode(b"p=abc").decode()
    answer = program(district_reviewer).get("communities", cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")


def test_pages_lead_through_everything_once(program: Make, district_reviewer: Actor) -> None:
    asked, found, query = program(district_reviewer), [], {"limit": 7, "ordering": "-name", "fields": "id,name"}
    answer = asked.get("communities", **query).json()
    while True:
        found += answer["results"]
        if answer["next"] is None:
            break
        answer = asked.client.get(answer["next"], headers=asked.headers).json()
    assert (
        len({one["id"] for one in found})
        == len(found)
        == Community.objects.below(district_reviewer.jurisdiction.path).count()
    )
    assert set(found[0]) == {"id", "name"}


def test_obligations_come_in_pages_too(program: Make, city_approver: Actor, chuxiong: Campaign) -> None:
    asked, found = program(city_approver), []
    answer = asked.get("obligations", campaign=chuxiong.pk, limit=5).json()
    while True:
        found += [(one["milestone"]["id"], one["division"]["id"], one["due_on"]) for one in answer["results"]]
        if answer["next"] is None:
            break
        answer = asked.client.get(answer["next"], headers=asked.headers).json()
    whole = asked.get("obligations", campaign=chuxiong.pk, limit=200).json()["results"]
    assert found == [(one["milestone"]["id"], one["division"]["id"], one["due_on"]) for one in whole]
    assert len(set(found)) == len(found) > 5


def test_narrowing_by_a_place(program: Make, city_approver: Actor, jurisdiction: Callable[[str], Any]) -> None:
    street = jurisdiction("532301101")
    found = program(city_approver).get("communities", below=street.pk, limit=200).json()["results"]
    assert {one["division"]["name"] for one in found} == {street.name}


def test_progress_sums_up(program: Make, rows: None, city_approver: Actor, chuxiong: Campaign) -> None:
    answer = program(city_approver).get("progress", campaign=chuxiong.pk, year=2022).json()
    assert answer["total"]["recognised"] == 3
    for name in ("base", "enrolled", "recognised", "cumulative"):
        assert answer["total"][name] == answer["direct"][name] + sum(one[name] for one in answer["children"])
    assert program(city_approver).get("progress", campaign=chuxiong.pk).status_code == 400


def test_what_a_level_still_works_on_is_its_own(
    program: Make,
    chuxiong: Campaign,
    community: Callable[[str], Community],
    street_officer: Actor,
    district_reviewer: Actor,
) -> None:
    assessment = submit(fill_in(enrol(community(CODES[0]), chuxiong, 2022), actor=street_officer), actor=street_officer)
    criterion = assessment.standard.criteria.get(number=1)
    rule = criterion.rules.order_by("number").first()
    assert rule is not None
    with acting(district_reviewer):
        answer = Answer(deductions=(Deduction(rule=rule.number),))
        save_result(assessment, criterion, answer, actor=district_reviewer, note="不符")
    told = [
        [one["level"] for one in program(who).get(f"assessments/{assessment.pk}/results/1").json()["results"]]
        for who in (street_officer, district_reviewer)
    ]
    assert told == [["street"], ["street", "district"]]


def test_a_draft_is_its_units_own(
    program: Make, chuxiong: Campaign, district_reviewer: Actor, city_approver: Actor
) -> None:
    from datetime import date

    kept = draft(milestone_of(chuxiong), district_reviewer.jurisdiction, date(2022, 8, 31), actor=district_reviewer)
    statuses = [program(who).get(f"filings/{kept.pk}").status_code for who in (district_reviewer, city_approver)]
    assert statuses == [200, 404]


def test_the_version_of_what_has_none_is_what_is_shown(
    program: Make, district_reviewer: Actor, chuxiong: Campaign
) -> None:
    asked = program(district_reviewer)
    first = asked.get(f"campaigns/{chuxiong.pk}")
    assert first["ETag"] == asked.get(f"campaigns/{chuxiong.pk}", fields="id")["ETag"]
    Campaign.objects.filter(pk=chuxiong.pk).update(name="另一个名称")
    assert asked.get(f"campaigns/{chuxiong.pk}")["ETag"] != first["ETag"]


def test_a_returned_criterion_has_its_reason(
    program: Make,
    chuxiong: Campaign,
    community: Callable[[str], Community],
    street_officer: Actor,
    district_reviewer: Actor,
) -> None:
    assessment = submit(fill_in(enrol(community(CODES[0]), chuxiong, 2022), actor=street_officer), actor=street_officer)
    with acting(district_reviewer):
        return_assessment(assessment, "补正", {1: "缺台账"}, actor=district_reviewer)
    review = program(street_officer).get("reviews", assessment=assessment.pk, kind="return").json()["results"][0]
    assert review["returned_criteria"] == [{"criterion": 1, "reason": "缺台账"}]


@pytest.mark.parametrize(("path", "code"), [("nothing", "not-found"), ("communities/999999", "not-found")])
def test_what_is_not_there(program: Make, district_reviewer: Actor, path: str, code: str) -> None:
    answer = program(district_reviewer).get(path)
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        404,
        "application/problem+json",
        code,
    )


def test_other_refusals_are_problems_too(program: Make, district_reviewer: Actor, settings: Any) -> None:
    asked = program(district_reviewer)
    assert asked.send("DELETE", "communities/1").json()["code"] == "method-not-allowed"
    answer = asked.client.get("/api/v1/communities", headers=asked.headers | {"Accept": "text/html"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")
    assert asked.post("participations/enrol", [1]).json()["code"] == "invalid"
    broken = asked.client.generic(
        "POST", "/api/v1/participations/enrol", b"{", "application/json", headers=asked.headers
    )
    assert broken.json()["code"] == "malformed"
    deep = asked.client.generic(
        "POST", "/api/v1/participations/enrol", b"[" * 100_000, "application/json", headers=asked.headers
    )
    assert deep.json()["code"] == "malformed"
    form = asked.client.post("/api/v1/participations/enrol", {"a": 1}, headers=asked.headers)
    assert form.json()["code"] == "unsupported-media-type"
    assert asked.get("communities", name="\0").json()["code"] == "malformed"
    assert asked.send("OPTIONS", "communities").json()["code"] == "method-not-allowed"
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert asked.post("participations/enrol", {"campaign": 1}).json()["code"] == "too-large"
    settings.MAX_BODY_BYTES = 10
    assert asked.post("participations/enrol", {"campaign": 1}).json()["code"] == "too-large"
