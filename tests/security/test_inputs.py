"""A form changes what it shows and nothing else: whatever else is posted is as good as not posted."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership, Role, User
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, CriterionResult, Evidence, ReviewAction
from apps.campaigns.models import Campaign, Participation, Recognition, Target
from apps.communities.models import Community
from apps.evaluations.models import AnnualEvaluation
from apps.filings.models import Filing
from apps.jurisdictions.models import Jurisdiction
from apps.papers.models import OfficeProfile
from apps.practices.models import Practice, PracticeChoice
from apps.reports.models import ExportJob
from apps.supervision.models import SupervisionVisit, VisitFinding
from tests.evaluations.conftest import clerk
from tests.evaluations.conftest import submit as report
from tests.factories import enrol, fill_in, submit
from tests.filings.conftest import milestone_of
from tests.practices.conftest import sent
from tests.supervision.conftest import issued

# The rows that a form could reach for; of communities and jurisdictions those of 楚雄市.
WATCHED: list[type[models.Model]] = [
    *(User, Membership, Campaign, Target, Participation, Recognition),
    *(Assessment, CriterionResult, Evidence, ReviewAction, ExportJob, OfficeProfile, Filing, AnnualEvaluation),
    *(Community, Jurisdiction),
    *(Assessment, CriterionResult, Evidence, ReviewAction, ExportJob, OfficeProfile, Filing),
    *(Community, Jurisdiction, SupervisionVisit, VisitFinding, Practice, PracticeChoice),
]
# Names of columns, relations and keyword arguments, as attackers guess them from models and error messages.
EXTRA: dict[str, Any] = {
    **dict.fromkeys(
        ["id", "pk", "user", "user_id", "actor", "created_by", "created_by_id", "updated_by", "uploaded_by"], "1"
    ),
    **dict.fromkeys(
        ["path", "code", "jurisdiction_id", "holder", "holder_id", "passed_to", "level", "parent", "parent_id"], "1"
    ),
    **dict.fromkeys(["status", "stage"], "recognised"),
    **dict.fromkeys(["round", "version", "points", "full_points", "total", "number", "sort_order"], "99"),
    **dict.fromkeys(
        ["is_superuser", "is_staff", "is_active", "is_pilot", "is_locked", "meets_standard", "frozen"], "on"
    ),
    **dict.fromkeys(["role", "membership", "permissions", "groups", "user_permissions"], Role.BUREAU_ADMIN),
    **dict.fromkeys(["password", "password1", "password2", "username", "display_name", "email"], "taken over 42"),
    **dict.fromkeys(
        ["recognised_at", "revoked_at", "submitted_at", "held_since", "at", "created_at", "finished_at"], "2000-01-01"
    ),
    **dict.fromkeys(["document_number", "caption", "sha256", "content_type", "size", "name", "failure"], "x"),
    **dict.fromkeys(["file", "filename", "upload_to", "storage"], "../../etc/passwd"),
    **dict.fromkeys(
        ["standard", "standard_id", "campaign_id", "participation", "participation_id", "community_id"], "1"
    ),
    **dict.fromkeys(
        ["assessment", "assessment_id", "evidence", "base", "base_at", "results", "answer", "deductions"], "1"
    ),
    "participation__year": "2035",
    "user__is_superuser": "on",
    "__class__": "x",
    "constructor.prototype": "x",
}


@pytest.fixture
def world(
    community: Callable[[str], Community], chuxiong: Campaign, make_actor: Callable[[str, Role], Actor]
) -> dict[str, Any]:
    officer = make_actor("532301101", Role.STREET_OFFICER)
    draft = fill_in(enrol(community("532301101006"), chuxiong, 2022), actor=officer)
    submitted = submit(fill_in(enrol(community("532301101008"), chuxiong, 2022), actor=officer), actor=officer)
    planned = enrol(community("532301101001"), chuxiong, 2022)
    seen = submitted.actions.latest("pk").pk
    visit = issued(chuxiong, officer.jurisdiction, actor=make_actor("532301", Role.STAFF))
    told = {"经验做法": "三方共管。"}
    return {
        "reporting": report(chuxiong, told, actor=clerk("532302")).jurisdiction.key,
        "finding": visit.findings.get().pk,
        "practice": sent(officer).pk,
        "draft": draft.pk,
        "submitted": submitted.pk,
        "planned": planned.pk,
        "community": planned.community_id,
        "unplanned": community("532301101003").pk,
        "county": officer.jurisdiction.parent_id,
        "due": milestone_of(chuxiong).pk,
        "seen": seen,
    }


# Who posts where, and the honest form; "@x" stands for the id of x.
FORMS: dict[str, tuple[tuple[str, Role], str, list[Any], dict[str, Any]]] = {
    "plan": (("532301", Role.STAFF), "plan", [], {"community": "@unplanned"}),
    "pilot": (("532301", Role.STAFF), "plan_pilot", ["@community"], {"is_pilot": "1"}),
    "open": (("532301101", Role.STREET_OFFICER), "self_assessment_open", ["@planned"], {}),
    "criterion": (
        ("532301101", Role.STREET_OFFICER),
        "self_assessment_criterion",
        ["@draft", 2],
        {"rule_1": "1", "seen": "1", "note": "两处缺口"},
    ),
    "submit": (("532301101", Role.STREET_OFFICER), "self_assessment_submit", ["@draft"], {"explanation": "已核对"}),
    "evidence": (("532301101", Role.STREET_OFFICER), "evidence_add", ["@draft", 2], {"files": None}),
    "verdict": (
        ("532301", Role.STAFF),
        "review_verdict",
        ["@submitted", 2],
        {"rule_1": "1", "note": "无平台", "seen": "0"},
    ),
    "agree": (("532301", Role.STAFF), "review_agree", ["@submitted"], {"comment": "同意", "seen": "@seen"}),
    "return": (("532301", Role.STAFF), "review_return", ["@submitted"], {"comment": "请补", "seen": "@seen"}),
    "target": (
        ("532301", Role.APPROVER),
        "set_target",
        ["chuxiong-2021"],
        {
            "jurisdiction": "532301000000",
            "year": "2022",
            "kind": "percent",
            "value": "70",
            "document_number": "楚建〔2022〕3号",
            "seen": "0",
        },
    ),
    "export": (
        ("5323", Role.APPROVER),
        "export_request",
        [],
        {"campaign": "chuxiong-2021", "jurisdiction": "@county", "year": "2022", "kind": "completion_summary"},
    ),
    "filing": (
        ("532301", Role.STAFF),
        "filing",
        ["@due", "532301000000", "2022-08-31"],
        {"narrative": "已自评", "seen": "0", "do": "submit"},
    ),
    "evaluation": (
        ("532301", Role.STAFF),
        "evaluation",
        ["chuxiong-2021", "532301000000", 2022],
        {"seen": "1", "title-0": "存在问题", "text-0": "充电设施不足。"},
    ),
    "visit": (("5323", Role.STAFF), "visit_add", [], {"jurisdiction": "532301000000"}),
    "answer": (
        ("532301101", Role.STREET_OFFICER),
        "finding_answer",
        ["@finding"],
        {"answer": "已整改", "seen": "0", "files": None},
    ),
    "practice": (
        ("532301101", Role.STREET_OFFICER),
        "practice_add",
        [],
        {"title": "共管车棚", "text": "三方共管。", "seen": "0", "do": "send"},
    ),
    "choose": (("532301", Role.APPROVER), "practice_choose", ["@practice"], {"seen": "1"}),
    "take up": (
        ("5323", Role.APPROVER),
        "evaluation_take_up",
        ["chuxiong-2021", "@reporting", 2022],
        {"title": "共管车棚", "text": "三方共管。"},
    ),
    "office": (
        ("5323", Role.BUREAU_ADMIN),
        "office_profile",
        [],
        {"name": "楚雄州住房和城乡建设局", "number_pattern": "楚住建〔{year}〕{number}号", "seen": "0"},
    ),
    "campaign": (("532301", Role.STAFF), "switch_campaign", [], {"campaign": "0"}),
    "password": (
        ("532301", Role.STAFF),
        "account_change_password",
        [],
        {
            "oldpassword": "测试用的密码 42",
            "password1": "另一个完全不同的密码 43",
            "password2": "另一个完全不同的密码 43",
        },
    ),
}
# Refused even when honest: a refusal writes nothing either. Of a changed password the rows show nothing, salted as it is.
REFUSED = {"campaign"}
UNSEEN = REFUSED | {"password"}


def shown(name: str, value: Any) -> Any:
    """A value without what differs from run to run: moments, random names and salts, the id of what a step makes."""
    if isinstance(value, (date, datetime)) or name in ("file", "password"):
        return bool(value)
    if name == "assessment_id" and ReviewAction.objects.filter(assessment=value).count() == 1:
        return "opened just now"
    if name == "practice_id" and Practice.objects.filter(pk=value, created_by=models.F("decided_by")).exists():
        return "taken up just now"
    return value


def rows() -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every watched row."""
    for model in WATCHED:
        query = model._default_manager.order_by("pk")
        if model in (Community, Jurisdiction):
            query = query.filter(code__startswith="532301")
        for one in query.values():
            values = tuple((name, shown(name, value)) for name, value in one.items() if name != "id")
            yield model.__name__, values


def effect(client: Client, address: str, form: dict[str, Any]) -> tuple[int, set[Any], set[Any]]:
    """What a post does, undone again: its status, the rows that were there no more and the rows that were new."""
    if "files" in form:
        form = form | {"files": SimpleUploadedFile("材料.pdf", b"%PDF-1.5\n%%EOF\n")}
    with transaction.atomic():
        before = {repr(row) for row in rows()}
        status = client.post(address, form).status_code
        after = {repr(row) for row in rows()}
        transaction.set_rollback(True)
    return status, before - after, after - before


@pytest.mark.parametrize("name", FORMS)
def test_extra_fields_change_nothing(
    name: str, world: dict[str, Any], make_actor: Callable[[str, Role], Actor], client_of: Callable[[Actor], Client]
) -> None:
    who, route, arguments, honest = FORMS[name]

    def filled(value: Any) -> Any:
        return world[value[1:]] if isinstance(value, str) and value.startswith("@") else value

    actor = make_actor(*who)
    address = reverse(route, args=[filled(one) for one in arguments])
    form = {field: filled(value) for field, value in honest.items()}
    as_meant = effect(client_of(actor), address, form)
    assert as_meant[0] == (404 if name in REFUSED else 302)
    assert bool(as_meant[2]) is (name not in UNSEEN)
    extra = {field: value for field, value in EXTRA.items() if field not in form and (name, field) not in READ}
    assert effect(client_of(actor), address, extra | form) == as_meant
    query = "&".join(f"{field}={value}" for field, value in extra.items())
    assert effect(client_of(actor), f"{address}?{query}", form) == as_meant


# Fields of EXTRA that a form does show under that name; empty here means that it was left blank.
READ = {("password", "password")}


def test_sign_in_takes_no_more_than_name_and_password(street_officer: Actor) -> None:
    form = {"login": street_officer.user.username, "password": "测试用的密码 42"}
    extra = {field: value for field, value in EXTRA.items() if field not in form}
    before = {repr(row) for row in rows() if row[0] in ("User", "Membership")}
    assert Client().post("/accounts/login/", extra | form).status_code == 302
    after = {repr(row) for row in rows() if row[0] in ("User", "Membership")}
    assert [one.replace("('last_login', None)", "('last_login', True)") for one in before - after] == list(
        after - before
    )


def test_rows_of_this_test_notice_a_change(world: dict[str, Any]) -> None:
    before = {repr(row) for row in rows()}
    Assessment.objects.filter(pk=world["draft"]).update(round=7)
    assert len({repr(row) for row in rows()} - before) == 1
