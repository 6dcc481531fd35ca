"""The access matrix: every address, who gets what.

A route without a row fails. What belongs to another branch of the tree is 404, never 403: nobody learns that it exists. 403 is for
people who see the thing and may not do this with it; 409 for those whose turn it is not.
"""

from collections.abc import Callable
from copy import copy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.accounts.acting import acting
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import SecondApproval
from apps.assessments.site_visits import VisitFacts, record_visit
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.people.inviting import ContactFacts, invite_person
from apps.reports.domain import request_export
from apps.reports.models import ExportJob
from apps.reports.tasks import make_export
from apps.standards.deriving import begin_version
from tests.architecture.access_matrix import ACCOUNT, ADMINISTRATION, ADMINISTRATORS, ANYBODY, PEOPLE, WORK
from tests.factories import agree, enrol, fill_in, submit

World = dict[str, int | str]


@pytest.fixture
def world(community: Callable[[str], Community], chuxiong: Campaign, make_actor: Callable[[str, Role], Actor]) -> World:
    """What the addresses are about: ids and codes by the word of the column ``on``."""
    officer, approver = make_actor(*PEOPLE["street"]), make_actor(*PEOPLE["prefecture"])
    planned = enrol(community("532301101001"), chuxiong, 2022)
    draft = fill_in(enrol(community("532301101006"), chuxiong, 2022), actor=officer)
    submitted = submit(fill_in(enrol(community("532301101008"), chuxiong, 2022), actor=officer), actor=officer)
    with scope(officer.jurisdiction.path, user_id=officer.user.pk):
        file = SimpleUploadedFile("材料.pdf", b"%PDF-1.4\n%%EOF\n")
        evidence = attach_evidence(draft, draft.standard.criteria.get(number=1), file, actor=officer)
    with scope(approver.jurisdiction.path, user_id=approver.user.pk):
        kind = ExportJob.Kind.COMPLETION_SUMMARY
        job = request_export(kind, chuxiong, approver.jurisdiction, 2022, actor=approver)
    make_export(job.pk, approver.jurisdiction.path)
    administrator = make_actor("532301", Role.BUREAU_ADMIN)
    with acting(administrator):
        invited = invite_person(
            administrator.jurisdiction,
            Role.VIEWER,
            actor=administrator,
            name="测试人员",
            contact=ContactFacts(email="test@example.org"),
        )
    proposer = Actor(
        User.objects.create(username="proposer", display_name="测试提出人", jurisdiction=approver.jurisdiction),
        approver.membership,
    )
    proposal = SecondApproval.objects.create(
        assessment=agree(
            submit(fill_in(enrol(community("532301101009"), chuxiong, 2022), actor=officer), actor=officer)
        ),
        kind=SecondApproval.Kind.RECOGNISE,
        jurisdiction=approver.jurisdiction,
        values={"year": 2022, "document_number": "", "comment": ""},
        proposed_by=proposer.user,
        proposed_at=clock.now(),
    )
    # By a colleague of the county who is not tried.
    visitor = make_actor("532301", Role.APPROVER)
    with acting(visitor):
        facts = VisitFacts(visited_on=clock.today(), offices="住建局", findings="属实")
        visited = submit(fill_in(enrol(community("532301101010"), chuxiong, 2022), actor=officer), actor=officer)
        visit = record_visit(visited, facts, actor=visitor)
    with acting(approver):
        drafted = begin_version(chuxiong.standard, actor=approver)
    person = invited.user
    return {
        "visited": visited.pk,
        "visit": visit.pk,
        "draft_standard": drafted.code,
        "draft_criterion": drafted.criteria.get(number=1).pk,
        "person": person.pk,
        "held": person.memberships.get().pk,
        "code": person.invitations.get().code,
        "home": administrator.jurisdiction.pk,
        "officer": officer.user.pk,
        "proposal": proposal.pk,
        "planned": planned.pk,
        "draft": draft.pk,
        "submitted": submitted.pk,
        "evidence": evidence.pk,
        "job": job.pk,
        "community": planned.community_id,
        "campaign": chuxiong.code,
        "campaign_id": chuxiong.pk,
        "unplanned": community("532301101003").pk,
        "county": make_actor(*PEOPLE["county"]).jurisdiction.pk,
        "seen": submitted.actions.latest("pk").pk,
        "standard": chuxiong.standard.code,
    }


def routes(patterns: list[URLPattern | URLResolver] | None = None) -> list[str]:
    """Every address of the installation."""
    found = []
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            found += routes(entry.url_patterns)
        else:
            found.append(entry.name or str(entry.pattern))
    return found


def test_every_route_has_a_row() -> None:
    rows = [row for table in TABLES.values() for row in table]
    assert sorted(set(routes())) == sorted({row["route"].split()[-1] for row in rows})


def _rows(table: str) -> list[dict[str, str]]:
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


TABLES = {"work": _rows(WORK), "administration": _rows(ADMINISTRATION), "account": _rows(ACCOUNT)}
COLUMNS = [
    *(("work", who, place) for who, place in PEOPLE.items()),
    *(("administration", who, place) for who, place in ADMINISTRATORS.items()),
    *(("account", who, place) for who, place in ANYBODY.items()),
    *((table, who, None) for table in TABLES for who in ("no membership", "nobody")),
]


@pytest.mark.parametrize(("table", "who", "place"), COLUMNS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_gets_what_the_matrix_says(
    table: str,
    who: str,
    place: tuple[str, Role] | None,
    world: World,
    make_actor: Callable[[str, Role], Actor],
    client_of: Callable[[Actor], Client],
) -> None:
    client = Client()
    if place is not None:
        actor = make_actor(*place)
        client = client_of(actor)
        if who == "suspended":
            # While the session runs: the next request is nobody's.
            User.objects.filter(pk=actor.user.pk).update(is_active=False)
    elif who == "no membership":
        home = Jurisdiction.objects.get(code="530000000000")
        user = User.objects.create(username="nobody", display_name="无任职", jurisdiction=home)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    got = {}
    for row in TABLES[table]:
        *method, name = row["route"].split()
        url = reverse(name, args=[world.get(word, word) for word in row["on"].split()])
        cookies = copy(client.cookies)
        with transaction.atomic():
            answer = client.post(url, _body(name, world)) if method == ["POST"] else client.get(url)
            transaction.set_rollback(True)
        client.cookies = cookies
        got[f"{row['route']} {row['on']}"] = str(answer.status_code)
    assert got == {f"{row['route']} {row['on']}": row[who] for row in TABLES[table]}


def _body(name: str, world: World) -> dict[str, object]:
    """What is posted: a good form, so that whoever may do it does it."""
    decision: dict[str, object] = {"comment": "测试", "seen": world["seen"]}
    visit = {"visited_on": clock.today().isoformat(), "offices": "住建局", "findings": "属实", "version": "1"}
    bodies: dict[str, dict[str, object]] = {
        "switch_campaign": {"campaign": world["campaign_id"]},
        "plan": {"community": world["unplanned"]},
        "plan_pilot": {"is_pilot": "1"},
        "self_assessment_criterion": {"rule_1": "1", "seen": "1"},
        "self_assessment_submit": {"confirmed": "1"},
        "evidence_add": {"files": SimpleUploadedFile("材料.pdf", b"%PDF-1.5\n%%EOF\n")},
        "review_verdict": {"rule_1": "1", "note": "无平台", "seen": "0"},
        "review_pick": {"reason": "测试"},
        "review_return": decision,
        "review_agree": decision,
        "review_recognise": decision | {"year": 2022},
        "export_summary": {"campaign": world["campaign"], "jurisdiction": world["county"], "year": 2022},
        "review_revoke": {"reason": "测试"},
        "site_visit_add": visit,
        "site_visit": visit,
        "site_visit_photos": {"photos": SimpleUploadedFile("照片.pdf", b"%PDF-1.5\n%%EOF\n")},
        "opinion_save": {"stance": "agrees", "seen": "0"},
        "second_approval_decline": {"reason": "测试"},
        "set_second_approval": {"on": "1"},
        "person_invite": {"display_name": "测试", "role": "viewer"},
        "slips": {"person": world["person"]},
        "person_edit": {"display_name": "测试", "jurisdiction": world["home"]},
        "person_depart": {"confirmed": "1"},
        "membership_add": {"role": "staff"},
        "membership_change": {"role": "approver"},
        "security_policy": {"requires_two_factor": "1"},
        "set_target": {"jurisdiction": "532301000000", "year": 2022, "kind": "percent", "value": "70"},
    }
    return bodies.get(name, {})
