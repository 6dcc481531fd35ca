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
from apps.assessments.domain import attach_evidence
from apps.assessments.models import SecondApproval
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.people.inviting import ContactFacts, invite_person
from apps.reports.domain import request_export
from apps.reports.models import ExportJob
from apps.reports.tasks import make_export
from tests.factories import agree, enrol, fill_in, submit

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
    "suspended": ("532301", Role.STAFF),
}
# Administration: of a person of 楚雄市, by the administrators of 楚雄市 itself, above, below and beside it.
ADMINISTRATORS = {
    "own": ("532301", Role.BUREAU_ADMIN),
    "above": ("5323", Role.BUREAU_ADMIN),
    "below": ("532301101", Role.BUREAU_ADMIN),
    "beside": ("532302", Role.BUREAU_ADMIN),
    "other tenant": ("120101", Role.BUREAU_ADMIN),
    "platform": ("000000000000", Role.PLATFORM_ADMIN),
    "staff": ("532301", Role.STAFF),
    "street": ("532301101", Role.STREET_OFFICER),
    "viewer": ("5323", Role.VIEWER),
    "suspended": ("532301", Role.BUREAU_ADMIN),
}
# One's own account: everybody's, whatever they are.
ANYBODY = {"signed in": ("532301101", Role.STREET_OFFICER), "suspended": ("532301", Role.STAFF)}

World = dict[str, int | str]

WORK = """
route                          | on                           | street | street beside | county | county beside | prefecture | administrator | province | viewer | department | other tenant | suspended | no membership | nobody
desk                           |                              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
healthz                        |                              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 200       | 200           | 200
switch_membership              |                              | 405    | 405           | 405    | 405           | 405        | 405           | 405      | 405    | 405        | 405          | 302       | 403           | 302
POST switch_membership         |                              | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
progress                       |                              | 302    | 302           | 302    | 302           | 302        | 302           | 302      | 302    | 302        | 302          | 302       | 403           | 302
progress                       | 532301000000                 | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
progress                       | 532300000000                 | 404    | 404           | 404    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
progress                       | 120000000000                 | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 200          | 302       | 403           | 302
community_list                 |                              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
community_detail               | community                    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
plan                           |                              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST plan                      |                              | 403    | 403           | 302    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
POST plan_remove               | community                    | 403    | 404           | 302    | 404           | 422        | 403           | 422      | 403    | 403        | 404          | 302       | 403           | 302
POST plan_pilot                | community                    | 403    | 404           | 302    | 404           | 422        | 403           | 422      | 403    | 403        | 404          | 302       | 403           | 302
self_assessment_list           |                              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST self_assessment_open      | planned                      | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
self_assessment                | draft                        | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
self_assessment                | submitted                    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST self_assessment_criterion | draft 2                      | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_criterion | submitted 2                  | 409    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
self_assessment_submit         | draft                        | 200    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_submit    | draft                        | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_submit    | submitted                    | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST evidence_add              | draft 2                      | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
evidence                       | evidence                     | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST evidence_delete           | evidence                     | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
review_queue                   |                              | 403    | 403           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
review                         | draft                        | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
review                         | submitted                    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST review_verdict            | submitted 2                  | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST review_pick               | submitted 2                  | 403    | 404           | 302    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST review_return             | submitted                    | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST review_agree              | submitted                    | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST review_recognise          | submitted                    | 403    | 404           | 403    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
report_list                    |                              | 403    | 403           | 200    | 200           | 200        | 200           | 200      | 403    | 200        | 200          | 302       | 403           | 302
POST export_summary            |                              | 403    | 403           | 302    | 422           | 302        | 302           | 302      | 403    | 302        | 422          | 302       | 403           | 302
export_job                     | job                          | 403    | 403           | 404    | 404           | 200        | 200           | 404      | 403    | 200        | 404          | 302       | 403           | 302
download_export                | job                          | 403    | 403           | 404    | 404           | 200        | 200           | 404      | 403    | 200        | 404          | 302       | 403           | 302
standard_list                  |                              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
standard_detail                | standard                     | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
campaign_list                  |                              | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST switch_campaign           |                              | 302    | 302           | 302    | 302           | 302        | 302           | 302      | 302    | 302        | 404          | 302       | 403           | 302
campaign_detail                | campaign                     | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST set_target                | campaign                     | 404    | 404           | 302    | 404           | 302        | 302           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST review_revoke             | submitted                    | 403    | 404           | 403    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST second_approval_confirm   | proposal                     | 403    | 404           | 403    | 404           | 302        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST second_approval_decline   | proposal                     | 403    | 404           | 403    | 404           | 302        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST second_approval_withdraw  | proposal                     | 403    | 404           | 403    | 404           | 403        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST set_second_approval       | campaign                     | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
object_history                 | assessments assessment draft | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
object_history                 | accounts user officer        | 403    | 404           | 403    | 404           | 403        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
audit_trail                    |                              | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 403          | 302       | 403           | 302
"""

ADMINISTRATION = """
route                  | on                   | own | above | below | beside | other tenant | platform | staff | street | viewer | suspended | no membership | nobody
person_list            |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
person_invite          |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
bulk_invite            |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
bulk_template          |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
audit_trail            |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
security_policy        |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
person_detail          | person               | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 403    | 403    | 302       | 403           | 302
person_depart          | person               | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 403    | 403    | 302       | 403           | 302
membership_add         | person               | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 403    | 403    | 302       | 403           | 302
membership_change      | held                 | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 403    | 403    | 302       | 403           | 302
object_history         | accounts user person | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 404    | 403    | 302       | 403           | 302
POST person_invite     |                      | 302 | 302   | 302   | 302    | 302          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST bulk_invite       |                      | 422 | 422   | 422   | 422    | 422          | 422      | 403   | 403    | 403    | 302       | 403           | 302
POST bulk_confirm      |                      | 422 | 422   | 422   | 422    | 422          | 422      | 403   | 403    | 403    | 302       | 403           | 302
POST bulk_errors       |                      | 422 | 422   | 422   | 422    | 422          | 422      | 403   | 403    | 403    | 302       | 403           | 302
slips                  |                      | 302 | 302   | 302   | 302    | 302          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST slips             |                      | 200 | 200   | 302   | 302    | 302          | 200      | 403   | 403    | 403    | 302       | 403           | 302
POST security_policy   |                      | 302 | 302   | 302   | 302    | 302          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_edit       | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_code       | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_mail       | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_reset      | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_unlock     | person               | 409 | 409   | 404   | 404    | 404          | 409      | 403   | 403    | 403    | 302       | 403           | 302
POST person_suspend    | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_resume     | person               | 409 | 409   | 404   | 404    | 404          | 409      | 403   | 403    | 403    | 302       | 403           | 302
POST person_erase      | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_depart     | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST membership_add    | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST membership_change | held                 | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST membership_end    | held                 | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
"""

ACCOUNT = """
route                         | on   | signed in | suspended | no membership | nobody
activate                      |      | 200       | 200       | 200           | 200
activate_with                 | code | 302       | 302       | 302           | 302
POST activate                 |      | 200       | 422       | 200           | 422
session_list                  |      | 200       | 302       | 200           | 302
POST session_end              |      | 302       | 302       | 302           | 302
session_state                 |      | 200       | 200       | 200           | 200
signed_in                     |      | 200       | 302       | 200           | 302
account_login                 |      | 302       | 200       | 302           | 200
account_logout                |      | 200       | 302       | 200           | 302
POST account_logout           |      | 302       | 302       | 302           | 302
account_inactive              |      | 200       | 200       | 200           | 200
account_signup                |      | 302       | 200       | 302           | 200
POST account_signup           |      | 302       | 200       | 302           | 200
account_reauthenticate        |      | 200       | 302       | 200           | 302
account_change_password       |      | 200       | 302       | 200           | 302
mfa_index                     |      | 200       | 302       | 200           | 302
mfa_authenticate              |      | 302       | 302       | 302           | 302
mfa_reauthenticate            |      | 302       | 302       | 302           | 302
mfa_activate_totp             |      | 302       | 302       | 302           | 302
mfa_deactivate_totp           |      | 404       | 302       | 404           | 302
mfa_view_recovery_codes       |      | 404       | 302       | 404           | 302
mfa_generate_recovery_codes   |      | 302       | 302       | 302           | 302
mfa_download_recovery_codes   |      | 404       | 302       | 404           | 302
openid_connect_login          | oidc | 404       | 404       | 404           | 404
openid_connect_callback       | oidc | 404       | 404       | 404           | 404
socialaccount_login_cancelled |      | 200       | 200       | 200           | 200
socialaccount_login_error     |      | 401       | 401       | 401           | 401
socialaccount_connections     |      | 200       | 302       | 200           | 302
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
    person = invited.user
    return {
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
