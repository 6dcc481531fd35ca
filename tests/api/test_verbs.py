"""Verbs: the same as the pages', on the version that was seen, once for a key, within the token's scope."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.acting import acting
from apps.accounts.models import AccessEvent, ApiAnswer, Role
from apps.accounts.permissions import Actor
from apps.accounts.tasks import clear_answers
from apps.assessments.domain import agree_assessment
from apps.assessments.models import Assessment, ReviewAction
from apps.campaigns.models import Campaign, Participation, Recognition, Target
from apps.campaigns.targets import set_target
from apps.communities.models import Community
from apps.core import clock
from apps.evaluations.models import AnnualEvaluation
from apps.filings.models import Filing
from apps.reports.models import ExportJob
from tests.api.conftest import Program, Scope
from tests.evaluations.conftest import at
from tests.factories import enrol, fill_in, submit
from tests.filings.conftest import milestone_of

Make = Callable[..., Program]


@pytest.fixture
def submitted(chuxiong: Campaign, community: Callable[[str], Community], street_officer: Actor) -> Assessment:
    """It lies with 楚雄市."""
    filled_in = fill_in(enrol(community("532301101001"), chuxiong, 2022), actor=street_officer)
    return submit(filled_in, actor=street_officer)


def test_a_community_goes_all_the_way(
    program: Make,
    chuxiong: Campaign,
    community: Callable[[str], Community],
    make_actor: Callable[[str, Role], Actor],
    street_officer: Actor,
    city_approver: Actor,
) -> None:
    street, city = program(street_officer), program(city_approver)
    district, place = program(make_actor("532301", Role.APPROVER)), community("532301101001")
    enrolment = {"campaign": chuxiong.pk, "year": 2022, "communities": [place.pk], "pilots": [place.pk]}
    answer = district.post("participations/enrol", enrolment)
    assert answer.status_code == 200, answer.content
    (planned,) = answer.json()["added"]
    assert (planned["stage"], planned["is_pilot"], planned["community"]["id"]) == ("planned", True, place.pk)
    answer = street.post("assessments/open", {"participation": planned["id"]})
    pk = answer.json()["id"]
    for criterion in chuxiong.standard.criteria.all():
        address = f"assessments/{pk}/results/{criterion.number}"
        seen = street.get(address)["ETag"]
        assert seen == '"0"'
        saved = street.put(address, {"deductions": []}, If_Match=seen)
        assert (saved.status_code, saved["ETag"]) == (200, '"1"'), saved.content
    file = SimpleUploadedFile("材料.pdf", b"%PDF-1.4\n%%EOF\n")
    form = {"assessment": pk, "criterion": 1, "file": file, "caption": "台账"}
    attached = street.client.post("/api/v1/evidence/attach", form, headers=street.headers)
    assert attached.status_code == 200, attached.content
    fetched = street.get(f"evidence/{attached.json()['id']}/file")
    assert b"".join(fetched.streaming_content).startswith(b"%PDF")
    assert AccessEvent.objects.filter(kind="downloaded").count() == 1
    now = street.get(f"assessments/{pk}")
    answer = street.post(f"assessments/{pk}/submit", {"explanation": "如实"}, If_Match=now["ETag"])
    assert (answer.status_code, answer.json()["status"]) == (200, "in_review"), answer.content
    answer = district.post(f"assessments/{pk}/agree", {}, If_Match=answer["ETag"])
    assert answer.json()["holder"]["name"] == city_approver.jurisdiction.name, answer.content
    words = {"year": 2022, "document_number": "楚住建〔2022〕1号"}
    answer = city.post(f"assessments/{pk}/recognise", words, If_Match=answer["ETag"])
    assert answer.json()["status"] == "recognised", answer.content
    (recognised,) = street.get("recognitions").json()["results"]
    assert (recognised["year"], recognised["document_number"]) == (2022, "楚住建〔2022〕1号")
    kinds = [one["kind"] for one in city.get("reviews", assessment=pk).json()["results"]]
    assert kinds == ["open", "submit", "agree", "recognise"]
    answer = city.post(f"recognitions/{recognised['id']}/revoke", {"reason": "复查不合格"})
    assert answer.json()["revocation_reason"] == "复查不合格", answer.content
    assert Recognition.objects.standing().count() == 0


def test_what_was_not_seen_is_not_decided_on(
    program: Make, submitted: Assessment, make_actor: Callable[[str, Role], Actor]
) -> None:
    asked = program(make_actor("532301", Role.APPROVER))
    seen = asked.get(f"assessments/{submitted.pk}")["ETag"]
    answer = asked.post(f"assessments/{submitted.pk}/agree", {})
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition-required")
    assert asked.post(f"assessments/{submitted.pk}/agree", {}, If_Match="*").status_code == 428
    assert asked.post(f"assessments/{submitted.pk}/agree", {}, If_Match="abc").status_code == 400
    colleague = make_actor("532301", Role.STAFF)
    with acting(colleague):
        agree_assessment(submitted, actor=colleague)
    answer = asked.post(f"assessments/{submitted.pk}/return", {"comment": "补正"}, If_Match=seen)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
    assert "楚雄" in answer.json()["detail"]


def test_a_result_that_a_colleague_saved_is_not_lost(
    program: Make, chuxiong: Campaign, community: Callable[[str], Community], street_officer: Actor
) -> None:
    assessment = fill_in(enrol(community("532301101001"), chuxiong, 2022), actor=street_officer)
    asked, address = program(street_officer), f"assessments/{assessment.pk}/results/1"
    criterion = assessment.standard.criteria.get(number=1)
    rule = criterion.rules.order_by("number").first()
    assert rule is not None
    seen = asked.get(address)["ETag"]
    entered = {"deductions": [{"rule": rule.number}], "note": "门前有堆物"}
    first = asked.put(address, entered, If_Match=seen)
    assert first.status_code == 200, first.content
    second = asked.put(address, {"deductions": []}, If_Match=seen)
    assert (second.status_code, second.json()["code"]) == (412, "stale")
    assert "第 1 条" in second.json()["detail"]
    assert asked.put(address, {"deductions": []}).status_code == 428


def test_the_same_request_is_done_once(program: Make, submitted: Assessment, district_reviewer: Actor) -> None:
    asked, address = program(district_reviewer), f"assessments/{submitted.pk}/agree"
    seen = asked.get(f"assessments/{submitted.pk}")["ETag"]
    first, again = (asked.post(address, {}, If_Match=seen, Idempotency_Key="k-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200), first.content
    assert (again.json(), again["ETag"]) == (first.json(), first["ETag"])
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert ReviewAction.objects.filter(assessment=submitted, kind="agree").count() == 1
    other = asked.post(address, {"comment": "别的"}, If_Match=seen, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert asked.post(address, {}, If_Match=seen, Idempotency_Key="").status_code == 400


def test_a_refusal_is_not_kept_under_its_key(program: Make, submitted: Assessment, district_reviewer: Actor) -> None:
    asked, address = program(district_reviewer), f"assessments/{submitted.pk}/return"
    seen = asked.get(f"assessments/{submitted.pk}")["ETag"]
    refused = asked.post(address, {}, If_Match=seen, Idempotency_Key="k-2")
    assert (refused.status_code, ApiAnswer.objects.count()) == (422, 0)
    done = asked.post(address, {"comment": "补正"}, If_Match=seen, Idempotency_Key="k-2")
    assert (done.status_code, done.json()["status"]) == (200, "returned")


def test_answers_are_kept_for_a_day(program: Make, submitted: Assessment, district_reviewer: Actor) -> None:
    asked = program(district_reviewer)
    asked.post(f"assessments/{submitted.pk}/claim", Idempotency_Key="k-3")
    clear_answers()
    assert ApiAnswer.objects.count() == 1
    ApiAnswer.objects.update(at=clock.now() - timedelta(hours=25))
    clear_answers()
    assert ApiAnswer.objects.count() == 0


def test_a_token_that_reads_changes_nothing(program: Make, submitted: Assessment, district_reviewer: Actor) -> None:
    asked = program(district_reviewer, Scope.READ)
    assert asked.get(f"assessments/{submitted.pk}").status_code == 200
    answer = asked.post(f"assessments/{submitted.pk}/claim")
    assert (answer.status_code, answer.json()["code"]) == (403, "read-only-token")


def test_a_right_that_is_lacking_is_on_record(program: Make, submitted: Assessment, city_approver: Actor) -> None:
    asked = program(city_approver)
    seen = asked.get(f"assessments/{submitted.pk}")["ETag"]
    answer = asked.post(f"assessments/{submitted.pk}/submit", {}, If_Match=seen)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    record = AccessEvent.objects.get(kind="refused", user=city_approver.user)
    assert record.subject == f"POST /api/v1/assessments/{submitted.pk}/submit"


def test_the_history_names_the_token(program: Make, submitted: Assessment, district_reviewer: Actor) -> None:
    program(district_reviewer).post(f"assessments/{submitted.pk}/claim")
    event = Assessment.pgh_event_model.objects.filter(pgh_obj_id=submitted.pk).latest("pgh_id")  # type: ignore[attr-defined]
    assert (event.pgh_context["token"], event.pgh_context["user"]) == ("测试程序", district_reviewer.user.pk)


def test_names_that_nobody_knows_are_refused(program: Make, submitted: Assessment, district_reviewer: Actor) -> None:
    seen = program(district_reviewer).get(f"assessments/{submitted.pk}")["ETag"]
    answer = program(district_reviewer).post(f"assessments/{submitted.pk}/return", {"coment": "x"}, If_Match=seen)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "#/coment", "detail": "没有这个字段，请核对名称。"}]


def test_surveys(program: Make, community: Callable[[str], Community], street_officer: Actor) -> None:
    asked, place, year = program(street_officer), community("532301101001"), clock.today().year
    address = f"communities/{place.pk}/surveys/{year}"
    assert asked.get(address).status_code == 404
    asks = asked.get(f"communities/{place.pk}/facts").json()
    assert {"code": "households", "label": "户数"}.items() <= next(
        one for one in asks if one["code"] == "households"
    ).items()
    entered: dict[str, Any] = {
        "values": {"households": 1200, "has_security_system": True, "property_coverage": 95.5},
        "source": "街道台账",
        "surveyed_on": clock.today().isoformat(),
    }
    first = asked.put(address, entered, If_Match='"0"')
    assert (first.status_code, first["ETag"]) == (200, '"1"'), first.content
    values = first.json()["values"]
    assert (values["households"], values["has_security_system"], values["property_coverage"]) == (1200, True, 95.5)
    entered["values"] = {"households": -1, "colour": "red"}
    wrong = asked.put(address, entered, If_Match='"1"')
    assert wrong.status_code == 422
    assert {one["pointer"] for one in wrong.json()["errors"]} >= {"#/colour"}
    entered["values"] = {"households": 1300}
    assert asked.put(address, entered, If_Match='"0"').json()["code"] == "stale"
    assert [one["year"] for one in asked.get(f"communities/{place.pk}/surveys").json()] == [year]


def test_targets(program: Make, chuxiong: Campaign, district_reviewer: Actor) -> None:
    asked, place = program(district_reviewer), district_reviewer.jurisdiction
    entered: dict[str, Any] = {"campaign": chuxiong.pk, "division": place.pk, "year": 2022, "value": "70.00"}
    made = asked.post("targets/set", entered, If_Match='"0"')
    assert (made.status_code, made.json()["value"]) == (200, "70.00"), made.content
    with acting(district_reviewer):
        set_target(chuxiong, place, 2022, 71, actor=district_reviewer)  # type: ignore[arg-type]
    stale = asked.post("targets/set", entered | {"value": "72"}, If_Match=made["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    seen = asked.get(f"targets/{made.json()['id']}")["ETag"]
    gone = asked.post("targets/set", entered | {"value": None}, If_Match=seen)
    assert (gone.status_code, Target.objects.filter(jurisdiction=place).count()) == (204, 0)


def test_plans(
    program: Make, chuxiong: Campaign, community: Callable[[str], Community], district_reviewer: Actor
) -> None:
    planned, asked = enrol(community("532301101001"), chuxiong, 2022), program(district_reviewer)
    assert asked.post(f"participations/{planned.pk}/pilot", {"is_pilot": True}).json()["is_pilot"] is True
    lost = asked.post("participations/enrol", {"campaign": chuxiong.pk, "year": 2022, "communities": [10**9]})
    assert (lost.status_code, lost.json()["code"]) == (422, "invalid")
    answer = asked.post(f"participations/{planned.pk}/remove", {}, Idempotency_Key="off")
    again = asked.post(f"participations/{planned.pk}/remove", {}, Idempotency_Key="off")
    assert (answer.status_code, again.status_code, Participation.objects.count()) == (204, 204, 0)


def test_exports(
    program: Make, chuxiong: Campaign, city_approver: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    asked = program(city_approver)
    wanted = {
        "kind": "completion_summary",
        "campaign": chuxiong.pk,
        "division": city_approver.jurisdiction.pk,
        "year": 2022,
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = asked.post("exports/request", wanted)
    assert answer.status_code == 202, answer.content
    pk = answer.json()["id"]
    shown = asked.get(f"exports/{pk}").json()
    assert (shown["status"], shown["percent"]) == ("done", 100)
    assert b"".join(asked.get(f"exports/{pk}/file").streaming_content)[:2] == b"PK"
    assert asked.post(f"exports/{pk}/cancel").json()["code"] == "wrong-state"
    waiting = asked.post("exports/request", wanted | {"year": 2021}).json()["id"]
    assert asked.get(f"exports/{waiting}/file").status_code == 404
    assert asked.post(f"exports/{waiting}/cancel").json()["status"] == "cancelled"
    assert asked.post(f"exports/{waiting}/repeat").json()["status"] == "waiting"
    assert ExportJob.objects.count() == 2


def test_filings(
    program: Make, chuxiong: Campaign, make_actor: Callable[[str, Role], Actor], city_approver: Actor
) -> None:
    clerk = make_actor("532301", Role.STAFF)
    district, city, milestone = program(clerk), program(city_approver), milestone_of(chuxiong)
    parts = [{"title": one, "text": "已完成。"} for one in milestone.required_parts]
    entered = {
        "milestone": milestone.pk,
        "division": clerk.jurisdiction.pk,
        "due_on": "2022-08-31",
        "parts": parts,
        "narrative": "进展顺利。",
    }
    kept = district.post("filings/save", entered, If_Match='"0-0"')
    assert kept.status_code == 200, kept.content
    address = f"filings/{kept.json()['id']}"
    assert district.post("filings/save", entered | {"narrative": "改"}, If_Match='"0-0"').json()["code"] == "stale"
    filed = district.post(f"{address}/submit", If_Match=kept["ETag"])
    assert filed.json()["status"] == "submitted", filed.content
    back = city.post(f"{address}/return", {"reason": "补数据"}, If_Match=filed["ETag"])
    assert back.json()["return_reason"] == "补数据", back.content
    again = district.post(f"{address}/submit", If_Match=back["ETag"])
    withdrawn = district.post(f"{address}/withdraw", If_Match=again["ETag"])
    assert withdrawn.json()["status"] == "returned", withdrawn.content
    third = district.post(f"{address}/submit", If_Match=withdrawn["ETag"])
    done = city.post(f"{address}/accept", If_Match=third["ETag"])
    assert done.json()["status"] == "accepted", done.content
    owed = city.get("obligations", milestone=milestone.pk, state="accepted").json()["results"]
    assert [(one["filing"], one["division"]["id"]) for one in owed] == [(kept.json()["id"], clerk.jurisdiction.pk)]
    assert Filing.objects.get().is_accepted


def test_evaluations(program: Make, chuxiong: Campaign, make_actor: Callable[[str, Role], Actor]) -> None:
    with at(2022, 10, 18):
        clerk = make_actor("532301", Role.STAFF)
        district, city = program(clerk), program(make_actor("5323", Role.APPROVER))
        province = program(make_actor("53", Role.APPROVER))
        begun = district.post(
            "evaluations/begin", {"campaign": chuxiong.pk, "division": clerk.jurisdiction.pk, "year": 2022}
        )
        assert begun.status_code == 200, begun.content
        address = f"evaluations/{begun.json()['id']}"
        assert city.get(address).status_code == 404
        sections = [{"title": one["title"], "text": "已完成。"} for one in begun.json()["sections"]]
        saved = district.post(
            f"{address}/save", {"sections": sections, "explanation": "会签单另附"}, If_Match=begun["ETag"]
        )
        assert saved.status_code == 200, saved.content
        written = [{"title": sections[0]["title"], "text": "已全部完成。"}]
        saved = district.post(f"{address}/save", {"sections": written}, If_Match=saved["ETag"])
        assert saved.status_code == 200, saved.content
        kept = saved.json()
        assert kept["explanation"] == "会签单另附"
        assert [one["text"] for one in kept["sections"]] == ["已全部完成。"] + ["已完成。"] * (len(sections) - 1)
        assert district.post(f"{address}/submit", If_Match=begun["ETag"]).json()["code"] == "stale"
        first = district.post(f"{address}/submit", If_Match=saved["ETag"])
        assert first.json()["status"] == "submitted", first.content
        back = city.post(f"{address}/return", {"reason": "补充问题"}, If_Match=first["ETag"])
        assert back.json()["return_reason"] == "补充问题", back.content
        again = district.post(f"{address}/submit", If_Match=back["ETag"])
        taken = district.post(f"{address}/withdraw", If_Match=again["ETag"])
        third = district.post(f"{address}/submit", If_Match=taken["ETag"])
        agreed = city.post(f"{address}/agree", {"words": "同意"}, If_Match=third["ETag"])
        assert agreed.json()["holder"]["name"] == "云南省", agreed.content
        done = province.post(f"{address}/approve", {}, If_Match=agreed["ETag"])
        assert done.json()["status"] == "approved", done.content
    assert AnnualEvaluation.objects.get().is_approved
