"""The access matrix: every address, who gets what.

A route without a row fails. What belongs to another branch of the tree is 404, never 403: nobody learns that it exists. 403 is for
people who see the thing and may not do this with it; 409 for those whose turn it is not.
"""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import attach_evidence
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.reports.domain import request_export
from apps.reports.models import ExportJob
from apps.reports.tasks import make_export
from tests.factories import enrol, fill_in, submit

# 鹿城镇 fills in for its communities, 楚雄市 reviews, 楚雄州 recognises. The draft lies with 鹿城镇, the submitted one with 楚雄市.
PEOPLE = {
    "street": ("532301101", Role.STREET_OFFICER),
    "street beside": ("532301102", Role.STREET_OFFICER),
    "county": ("532301", Role.STAFF),
    "county beside": ("532302", Role.STAFF),
    "prefecture": ("5323", Role.APPROVER),
    "administrator": ("5323", Role.BUREAU_ADMIN),
    "province": ("53", Role.APPROVER),
    "viewer": ("5323", Role.VIEWER),
    "department": ("5323", Role.DEPARTMENT_REVIEWER),
    "other tenant": ("12", Role.APPROVER),
}

World = dict[str, int | str]

MATRIX = """
route                          | on           | street | street beside | county | county beside | prefecture | administrator | province | viewer | department | other tenant | no membership | nobody
desk                           |              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 403           | 302
healthz                        |              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 200           | 200
switch_membership              |              | 405    | 405           | 405    | 405           | 405        | 405           | 405      | 405    | 405        | 405          | 403           | 302
POST switch_membership         |              | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 403           | 302
progress                       |              | 302    | 302           | 302    | 302           | 302        | 302           | 302      | 302    | 302        | 302          | 403           | 302
progress                       | 532301000000 | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
progress                       | 532300000000 | 404    | 404           | 404    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
progress                       | 120000000000 | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 200          | 403           | 302
community_list                 |              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 403           | 302
community_detail               | community    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
plan                           |              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 403           | 302
POST plan                      |              | 403    | 403           | 302    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 403           | 302
POST plan_remove               | community    | 403    | 404           | 302    | 404           | 422        | 403           | 422      | 403    | 403        | 404          | 403           | 302
POST plan_pilot                | community    | 403    | 404           | 302    | 404           | 422        | 403           | 422      | 403    | 403        | 404          | 403           | 302
self_assessment_list           |              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 403           | 302
POST self_assessment_open      | planned      | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 403           | 302
self_assessment                | draft        | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
self_assessment                | submitted    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
POST self_assessment_criterion | draft 2      | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 403           | 302
POST self_assessment_criterion | submitted 2  | 409    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 403           | 302
self_assessment_submit         | draft        | 200    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 403           | 302
POST self_assessment_submit    | draft        | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 403           | 302
POST self_assessment_submit    | submitted    | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 403           | 302
POST evidence_add              | draft 2      | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 403           | 302
evidence                       | evidence     | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
POST evidence_delete           | evidence     | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 403           | 302
review_queue                   |              | 403    | 403           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 403           | 302
review                         | draft        | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
review                         | submitted    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
POST review_verdict            | submitted 2  | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 403           | 302
POST review_pick               | submitted 2  | 403    | 404           | 302    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 403           | 302
POST review_return             | submitted    | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 403           | 302
POST review_agree              | submitted    | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 403           | 302
POST review_recognise          | submitted    | 403    | 404           | 403    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 403           | 302
report_list                    |              | 403    | 403           | 200    | 200           | 200        | 200           | 200      | 403    | 200        | 200          | 403           | 302
POST export_summary            |              | 403    | 403           | 302    | 422           | 302        | 302           | 302      | 403    | 302        | 422          | 403           | 302
export_job                     | job          | 403    | 403           | 404    | 404           | 200        | 200           | 404      | 403    | 200        | 404          | 403           | 302
download_export                | job          | 403    | 403           | 404    | 404           | 200        | 200           | 404      | 403    | 200        | 404          | 403           | 302
standard_list                  |              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 403           | 302
standard_detail                | standard     | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 403           | 302
campaign_list                  |              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 403           | 302
POST switch_campaign           |              | 302    | 302           | 302    | 302           | 302        | 302           | 302      | 302    | 302        | 404          | 403           | 302
campaign_detail                | campaign     | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 403           | 302
POST set_target                | campaign     | 404    | 404           | 302    | 404           | 302        | 302           | 302      | 403    | 403        | 404          | 403           | 302
"""


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
    return {
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
    """Every named address of the installation but allauth's own, which it tests itself."""
    found = []
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            found += routes(entry.url_patterns)
        elif entry.name and not entry.name.startswith("account_"):
            found.append(entry.name)
        elif not entry.name:
            found.append(str(entry.pattern))
    return found


def test_every_route_has_a_row() -> None:
    assert sorted(set(routes())) == sorted({row["route"].split()[-1] for row in ROWS})


def _rows() -> list[dict[str, str]]:
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in MATRIX.strip().splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


ROWS = _rows()


@pytest.mark.parametrize("who", [*PEOPLE, "no membership", "nobody"])
def test_each_gets_what_the_matrix_says(
    who: str, world: World, make_actor: Callable[[str, Role], Actor], client_of: Callable[[Actor], Client]
) -> None:
    if who == "nobody":
        client = Client()
    elif who == "no membership":
        client = Client()
        home = Jurisdiction.objects.get(code="530000000000")
        user = User.objects.create(username="nobody", display_name="无任职", jurisdiction=home)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    else:
        client = client_of(make_actor(*PEOPLE[who]))
    got = {}
    for row in ROWS:
        *method, name = row["route"].split()
        url = reverse(name, args=[world.get(word, word) for word in row["on"].split()])
        with transaction.atomic():
            answer = client.post(url, _body(name, world)) if method == ["POST"] else client.get(url)
            transaction.set_rollback(True)
        got[f"{row['route']} {row['on']}"] = str(answer.status_code)
    assert got == {f"{row['route']} {row['on']}": row[who] for row in ROWS}


def _body(name: str, world: World) -> dict[str, object]:
    """What is posted: a good form, so that whoever may do it does it."""
    decision: dict[str, object] = {"comment": "测试", "seen": world["seen"]}
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
        "set_target": {"jurisdiction": "532301000000", "year": 2022, "kind": "percent", "value": "70"},
    }
    return bodies.get(name, {})
