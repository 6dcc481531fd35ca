"""Every table behind the wall, tried with raw SQL as the role that web and worker act as.

For each table one row is taken, and each scope tries to select it, insert another like it, update it and delete it. The
table below says what gets through, by letter: S, I, U, D.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, ProgrammingError, connection, models, transaction
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path
from pghistory.models import Event

from apps.accounts.access import record
from apps.accounts.acting import acting
from apps.accounts.models import AccessEvent, ApiAnswer, ApiToken, Contact, Invitation, SecurityPolicy, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import Assessment, SecondApproval
from apps.bulletins.models import Bulletin
from apps.campaigns.models import AnnualPlan, Campaign, Recognition, TransferredFigures
from apps.campaigns.targets import set_target
from apps.communities.models import Baseline, Community, SurveyField
from apps.core import clock
from apps.core.models import Walled
from apps.core.scope import scope, signing_in
from apps.core.wall import LABEL_WIDTH, TENANT_WIDTH
from apps.evaluations.models import AnnualEvaluation
from apps.filings.models import DueDateMove, Escalation, Filing
from apps.jurisdictions.models import Jurisdiction
from apps.papers.models import OfficeProfile
from apps.practices.models import Practice
from apps.projects.models import TransferredFunds
from apps.recognitions.models import PublicNotice
from apps.reorganisations.models import CommunityChange, JurisdictionChange
from apps.reports.domain import request_export
from apps.standards.models import Standard
from apps.supervision.models import SupervisionVisit
from config.urls import urlpatterns as pages
from tests.factories import enrol, fill_in, recognised_community, submit
from tests.projects.conftest import put_down

# What a scope may do with a row, by where the scope stands: at the row's jurisdiction, at its parent, at a child, at a sibling,
# in another tenant, nowhere, and while somebody is signing in.
_COLUMNS = ("own", "parent", "child", "sibling", "other tenant", "none", "signing in")
RIGHTS = {
    "plain": ("SIUD", "SIUD", "", "", "", "", ""),
    # What an ancestor has set is read below it.
    "read below": ("SIUD", "SIUD", "S", "", "", "", ""),
    # Set by an ancestor, but about communities: the child here has none of them.
    "read below by whom it is about": ("SIUD", "SIUD", "", "", "", "", ""),
    # A branch writes below itself; a new row like its own would be a sibling.
    "the tree": ("SUD", "SIUD", "S", "S", "S", "S", "S"),
    # Whoever signed something is readable in the whole tenant.
    "people": ("SIUD", "SIUD", "S", "S", "", "", "SIU"),
    "one's own": ("SIUD", "SIUD", "", "", "", "", "SIUD"),
    "codes": ("SIUD", "SIUD", "", "", "", "", "SIU"),
    # Looked for while nobody is known yet.
    "tokens": ("SIUD", "SIUD", "", "", "", "", "S"),
    "append-only": ("SI", "SI", "", "", "", "", ""),
    "append-only, also by whoever signs in": ("SI", "SI", "", "", "", "", "I"),
    # What is added is given back to whoever adds it.
    "records of access": ("SI", "SI", "", "", "", "", "SI"),
}
KINDS = {
    "jurisdictions_jurisdiction": "the tree",
    "campaigns_campaign": "read below",
    "campaigns_phase": "read below",
    "campaigns_milestone": "read below",
    "campaigns_sectiondepartments": "read below",
    "campaigns_target": "read below",
    "campaigns_campaignchange": "read below",
    "campaigns_annualplan": "read below",
    "campaigns_planchange": "read below",
    "campaigns_adoption": "read below",
    "recognitions_publicnotice": "read below",
    "bulletins_bulletin": "read below",
    "practices_practice": "read below",
    "practices_practicepicture": "read below",
    "practices_practicechoice": "read below",
    "accounts_securitypolicy": "read below",
    "papers_officeprofile": "read below",
    "communities_baseline": "read below",
    "reorganisations_communitychange": "read below by whom it is about",
    "reorganisations_jurisdictionchange": "read below",
    "reorganisations_succession": "read below",
    "reorganisations_jurisdictionsuccession": "read below",
    "communities_surveyfield": "read below",
    "accounts_user": "people",
    "accounts_invitation": "codes",
    "accounts_apitoken": "tokens",
    "accounts_accessevent": "records of access",
    "accounts_userevent": "append-only, also by whoever signs in",
    "accounts_invitationevent": "append-only, also by whoever signs in",
    "mfa_authenticator": "one's own",
    "usersessions_usersession": "one's own",
    "socialaccount_socialaccount": "one's own",
    "account_emailaddress": "one's own",
}
PERSONAL = (Authenticator, UserSession, SocialAccount, EmailAddress)
_PERSONS_PATH = "(SELECT u.path FROM accounts_user u WHERE u.id = t.user_id)"
TABLES = [
    *(model for model in apps.get_models() if issubclass(model, Walled) and not model._meta.proxy),
    *(model for model in apps.get_models() if issubclass(model, Event) and hasattr(model, "pgh_tracked_model")),
    *PERSONAL,
]


def kind_of(model: type[models.Model]) -> str:
    return KINDS.get(model._meta.db_table, "append-only" if issubclass(model, Event) else "plain")


@pytest.fixture
def world(
    chuxiong: Campaign,
    community: Callable[[str], Community],
    district_reviewer: Actor,
    street_officer: Actor,
    city_approver: Actor,
) -> None:
    """A row in every table. The youngest standard is a draft: what everybody reads of published ones is tried in test_wall."""
    recognised_community(community("532301101001"), chuxiong, 2022)
    filled_in = fill_in(enrol(community("532301101006"), chuxiong, 2022), actor=street_officer)
    with acting(street_officer):
        first = filled_in.standard.criteria.get(number=1)
        attach_evidence(filled_in, first, SimpleUploadedFile("材料.pdf", b"%PDF-1.4\n%%EOF\n"), actor=street_officer)
    returned = submit(filled_in)
    with acting(district_reviewer):
        return_assessment(returned, "补正", {1: "缺台账"}, actor=district_reviewer)
        set_target(chuxiong, district_reviewer.jurisdiction, 2022, Decimal(70), actor=district_reviewer)
        request_export("completion_summary", chuxiong, district_reviewer.jurisdiction, 2022, actor=district_reviewer)
        record(AccessEvent.Kind.EXPORTED, actor=district_reviewer, subject="附件2")
        SecurityPolicy.objects.create(jurisdiction=district_reviewer.jurisdiction)
        OfficeProfile.objects.create(jurisdiction=district_reviewer.jurisdiction)
    user = street_officer.user
    now = clock.now()
    Contact.objects.create(user=user, office="综合科")
    Invitation.objects.create(user=user, code_hash="0" * 64, issued_at=now, expires_at=now)
    held = district_reviewer.membership
    token = {"membership": held, "user": held.user, "created_by": held.user, "created_at": now, "expires_at": now}
    ApiToken.objects.create(**token, name="程序", scope="read", prefix="lssq_", digest="0" * 64)
    ApiAnswer.objects.create(membership=held, key="k", digest="0" * 64, status=200, at=now)
    Authenticator.objects.create(user=user, type="totp", data={})
    UserSession.objects.create(user=user, ip="127.0.0.1", session_key="k", user_agent="")
    SocialAccount.objects.create(user=user, provider="oidc", uid="1")
    EmailAddress.objects.create(user=user, email="test@example.org")
    SecondApproval.objects.create(
        assessment=returned,
        kind=SecondApproval.Kind.RECOGNISE,
        jurisdiction=city_approver.jurisdiction,
        proposed_by=city_approver.user,
        proposed_at=now,
    )
    _surroundings(returned, street_officer, city_approver)
    draft = Standard.objects.create(
        code="draft", name="草稿", jurisdiction=city_approver.jurisdiction, kind="pass_fail"
    )
    section = draft.sections.create(number=1, title="内容")
    criterion = draft.criteria.create(section=section, number=1, text="条目")
    criterion.sub_items.create(number=1, text="分项", points=1)
    criterion.rules.create(number=1, text="扣分", kind="fixed", points=1)
    User.objects.filter(pk=user.pk).update(password=make_password("换一个口令 7"))


def _surroundings(returned: Assessment, street_officer: Actor, city_approver: Actor) -> None:
    """What stands around an assessment and a recognition."""
    now, today, here, who = clock.now(), clock.today(), city_approver.jurisdiction, city_approver.user
    returned.site_visits.create(
        jurisdiction=here, visited_on=today, offices="住建局", findings="属实", recorded_at=now, recorded_by=who
    )
    returned.opinions.create(
        section=returned.standard.sections.get(number=1),
        jurisdiction=here,
        department="民政局",
        round=1,
        stance="agrees",
        given_at=now,
        given_by=who,
    )
    returned.return_notes.create(
        criterion=returned.standard.criteria.get(number=1), jurisdiction=here, user=who, reason="缺台账", at=now
    )
    Bulletin.objects.create(
        campaign=returned.participation.campaign,
        jurisdiction=here,
        year=2022,
        title="通报",
        status=Bulletin.Status.PUBLISHED,
        as_of=today,
        created_at=now,
        created_by=who,
        published_at=now,
    )
    notice = PublicNotice.objects.create(
        campaign=returned.participation.campaign,
        jurisdiction=here,
        year=2022,
        title="公示",
        contact="电话",
        working_days=5,
        created_at=now,
        created_by=who,
    )
    entry = notice.entries.create(assessment=returned)
    entry.objections.create(received_on=today, text="不属实", recorded_at=now, recorded_by=who)
    returned.participation.campaign.changes.create(
        kind="years", was="2021–2022", now="2021–2023", reason="延长", changed_at=now, changed_by=who
    )
    plan = AnnualPlan.objects.create(campaign=returned.participation.campaign, jurisdiction=here, year=2022)
    plan.changes.create(kind="added", what="测试社区", reason="测试", changed_at=now, changed_by=who)
    returned.participation.campaign.adoptions.create(
        jurisdiction=here,
        document_number="楚住建城〔2021〕46号",
        decided_on=today,
        reason="测试",
        sources="附件2.xlsx",
        adopted_at=now,
        adopted_by=who,
    )
    recognition = Recognition.objects.get()
    baseline = Baseline.objects.create(jurisdiction=here, year=2022, number=1, confirmed_at=now, confirmed_by=who)
    baseline.entries.create(community=recognition.community, year=2022)
    SurveyField.objects.create(jurisdiction=here, label="充电桩", kind="whole")
    recognition.community.surveys.create(
        year=2022, source="台账", surveyed_on=today, recorded_at=now, recorded_by=who, version=1
    )
    TransferredFigures.objects.create(jurisdiction=here, year=2022, effective_on=today)
    put_down(recognition.community, returned.participation.campaign)
    TransferredFunds.objects.create(
        jurisdiction=here,
        campaign=returned.participation.campaign,
        year=2021,
        source="fiscal",
        planned=1,
        spent=1,
        effective_on=today,
    )
    _filings(returned.participation.campaign, here, who)
    _evaluation(returned.participation.campaign, here, who)
    _visits(returned.participation.campaign, here, who)
    _changes(here, who, recognition)
    recognition.rechecks.create(
        jurisdiction=here, year=2023, checked_on=today, result="passed", recorded_at=now, recorded_by=who
    )
    recognition.demonstration_bases.create(jurisdiction=here, title="示范教育基地", named_on=today, named_by=who)
    street_officer.user.notifications.create(key="return:1", kind="returned", title="退回", created_at=now)


def _filings(campaign: Campaign, here: Jurisdiction, who: User) -> None:
    """A filing with a file, a moved date and somebody urged."""
    now, today = clock.now(), clock.today()
    of_one: dict[str, Any] = {
        "milestone": campaign.milestones.earliest("number"),
        "jurisdiction": here,
        "due_on": today,
    }
    filing = Filing.objects.create(saved_at=now, saved_by=who, **of_one)
    filing.attachments.create(file="x.pdf", name="自评.pdf", size=1, uploaded_at=now, uploaded_by=who)
    moved_to = today + timedelta(days=1)
    DueDateMove.objects.create(moved_to=moved_to, reason="测试", moved_in=here, moved_at=now, moved_by=who, **of_one)
    Escalation.objects.create(text="请报送", issued_in=here, issued_at=now, issued_by=who, **of_one)


def _evaluation(campaign: Campaign, here: Jurisdiction, who: User) -> None:
    """An annual evaluation with a step and a countersignature."""
    now = clock.now()
    row = AnnualEvaluation.objects.create(campaign=campaign, jurisdiction=here, year=2022, saved_at=now, saved_by=who)
    row.steps.create(kind="submitted", round=1, taken_in=here, at=now, by=who)
    row.countersignatures.create(
        department="公安部门",
        office="公安局",
        stance="agrees",
        signed_on=clock.today(),
        version=1,
        recorded_at=now,
        recorded_by=who,
    )


def _visits(campaign: Campaign, here: Jurisdiction, who: User) -> None:
    """A visit with an answered finding, and a practice with a picture that its level has chosen."""
    now = clock.now()
    assert here.parent is not None
    visit = SupervisionVisit.objects.create(
        campaign=campaign,
        office=here.parent,
        unit=here,
        title="督导检查",
        started_on=clock.today(),
        created_at=now,
        created_by=who,
    )
    finding = visit.findings.create(number=1, text="台账不全")
    file: dict[str, Any] = {"file": "x.pdf", "name": "x", "size": 1, "uploaded_at": now, "uploaded_by": who}
    finding.attachments.create(**file)
    practice = Practice.objects.create(jurisdiction=here, origin="楚雄州", title="做法", created_at=now, created_by=who)
    practice.pictures.create(**file)
    practice.choices.create(jurisdiction=here, chosen_at=now, chosen_by=who)


def _changes(here: Jurisdiction, who: User, recognition: Recognition) -> None:
    """A changed community and a changed jurisdiction."""
    values: dict[str, Any] = {
        "jurisdiction": here,
        "kind": "rename",
        "effective_on": clock.today(),
        "reason": "测试",
        "recorded_at": clock.now(),
        "recorded_by": who,
    }
    change = CommunityChange.objects.create(submission=uuid4(), **values)
    change.successions.create(predecessor=recognition.community, name_before="旧名")
    reorganised = JurisdictionChange.objects.create(submission=uuid4(), **values)
    reorganised.successions.create(successor=here, name_after="新名")


def test_each_scope_gets_what_the_table_says(world: None) -> None:
    got = {model._meta.db_table: _rights_on(model) for model in TABLES}
    assert got == {model._meta.db_table: dict(zip(_COLUMNS, RIGHTS[kind_of(model)], strict=True)) for model in TABLES}


def count_everything(request: HttpRequest) -> JsonResponse:
    """A view that knows nothing of walls."""
    return JsonResponse({model._meta.db_table: model._default_manager.count() for model in TABLES})


urlpatterns = [*pages, path("t/count/", count_everything)]


@pytest.mark.urls(__name__)
def test_naive_view_counts_the_scope_only(
    world: None, client_of: Callable[[Actor], Client], district_reviewer: Actor, stranger: Actor
) -> None:
    # Published standards are everybody's; a change decided above is read where its communities are.
    others = {"standards_standard", "standards_section", "standards_criterion", "standards_deductionrule"}
    others |= {"reorganisations_communitychange"}
    scoped = [model for model in TABLES if RIGHTS[kind_of(model)][2:4] == ("", "")]
    scoped = [model for model in scoped if model._meta.db_table not in others]
    got = client_of(district_reviewer).get("/t/count/").json()
    expected = {model._meta.db_table: _count_within(model, district_reviewer.jurisdiction.path) for model in scoped}
    assert {table: count for table, count in got.items() if table in expected} == expected
    assert expected["assessments_evidenceevent"] == 1
    assert expected["communities_community"] == 31
    # Nothing of it in another tenant: what is counted there is what lies there.
    got = client_of(stranger).get("/t/count/").json()
    expected = {model._meta.db_table: _count_within(model, stranger.jurisdiction.path) for model in scoped}
    assert {table: count for table, count in got.items() if table in expected} == expected
    assert expected["assessments_evidenceevent"] == 0


def test_application_role_may_empty_no_table_and_change_no_history(db: None) -> None:
    held = {
        model._meta.db_table: [
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
            if _execute(
                "SELECT has_table_privilege(%s, %s, %s)", settings.APPLICATION_ROLE, model._meta.db_table, right
            )
            == [(True,)]
        ]
        for model in TABLES
    }
    assert held == {
        model._meta.db_table: ["SELECT", "INSERT"]
        if "U" not in RIGHTS[kind_of(model)][0]
        else ["SELECT", "INSERT", "UPDATE", "DELETE"]
        for model in TABLES
    }


def test_nobody_pauses_the_history(community: Callable[[str], Community]) -> None:
    one = community("532301101001")
    triggers = _execute(
        "SELECT array_agg(tgname::text)::text FROM pg_trigger WHERE tgrelid = 'communities_community'::regclass"
    )
    with scope(one.path):
        _execute("SELECT set_config('pgtrigger.ignore', %s, true)", triggers[0][0])
        Community.objects.filter(pk=one.pk).update(name="改")
    assert list(one.history.values_list("pgh_label", "name").order_by("pgh_id")) == [  # type: ignore[attr-defined]
        ("insert", one.name),
        ("update", "改"),
    ]


def test_nobody_puts_a_table_in_place_of_ours(community: Callable[[str], Community]) -> None:
    one = community("532301101001")
    with pytest.raises(ProgrammingError, match="permission denied"), scope(one.path):
        _execute("CREATE TEMPORARY TABLE communities_communityevent (id int)")
    # Should a database let them all the same, triggers do not look there.
    _execute("CREATE TEMPORARY TABLE communities_communityevent (LIKE public.communities_communityevent INCLUDING ALL)")
    Community.objects.filter(pk=one.pk).update(name="改")
    assert _execute("SELECT count(*) FROM pg_temp.communities_communityevent") == [(0,)]
    assert _execute("SELECT count(*) FROM public.communities_communityevent WHERE name = '改'") == [(1,)]
    loose = (
        "SELECT proname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE pronamespace = 'public'::regnamespace"
        " AND lanname = 'plpgsql' AND proconfig IS DISTINCT FROM ARRAY['search_path=public, pg_temp']"
    )
    assert _execute(loose) == []


def _rights_on(model: type[models.Model]) -> dict[str, str]:
    row, place = _row_of(model)
    tenant = place[:TENANT_WIDTH]
    elsewhere = Jurisdiction.objects.filter(level="province").exclude(path=tenant).earliest("pk").path
    places = {
        "own": scope(place),
        "parent": scope(place[:-LABEL_WIDTH]),
        "child": scope(place + "f" * LABEL_WIDTH),
        "sibling": scope(place[:-LABEL_WIDTH] + "f" * LABEL_WIDTH),
        "other tenant": scope(elsewhere),
        "none": scope(""),
        "signing in": signing_in(),
    }
    rights = {}
    for name, opened in places.items():
        with opened:
            rights[name] = "".join(letter for letter, through in _TRIALS.items() if through(model, row))
    return rights


def _row_of(model: type[models.Model]) -> tuple[dict[str, Any], str]:
    """Return the row that lies lowest in the tree, the youngest of them, and the path of its jurisdiction."""
    table = model._meta.db_table
    within = _PERSONS_PATH if model in PERSONAL else "t.path"
    found = _execute(
        f"SELECT to_json(t)::text, {within} AS place FROM {table} t ORDER BY length({within}) DESC, {_pk(model)} DESC LIMIT 1"
    )
    assert found, f"the world has no row in {table}"
    text, place = found[0]
    assert len(place) >= TENANT_WIDTH
    return json.loads(text), place


def _count_within(model: type[models.Model], begin: str) -> int:
    place = _PERSONS_PATH if model in PERSONAL else "t.path"
    statement = f"SELECT count(*) FROM {model._meta.db_table} t WHERE {place} >= %s AND {place} < %s"
    return int(_execute(statement, begin, begin + "~")[0][0])


def _select(model: type[models.Model], row: dict[str, Any]) -> bool:
    return bool(_execute(f"SELECT 1 FROM {model._meta.db_table} WHERE {_pk(model)} = %s", row[_pk(model)]))


def _insert(model: type[models.Model], row: dict[str, Any]) -> bool:
    table, key = model._meta.db_table, _pk(model)
    columns = ", ".join(f'"{column}"' for column in row)
    statement = (
        f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
        f" SELECT {columns} FROM json_populate_record(NULL::{table}, %s)"
    )
    # Too large an id would have no label left in the tree.
    return _gets_through(statement, json.dumps(row | {key: 15_000_000}))


def _update(model: type[models.Model], row: dict[str, Any]) -> bool:
    column = next(one for one in row if one != _pk(model))
    statement = f'UPDATE {model._meta.db_table} SET "{column}" = "{column}" WHERE {_pk(model)} = %s RETURNING 1'
    return _gets_through(statement, row[_pk(model)])


def _delete(model: type[models.Model], row: dict[str, Any]) -> bool:
    return _gets_through(f"DELETE FROM {model._meta.db_table} WHERE {_pk(model)} = %s RETURNING 1", row[_pk(model)])


_TRIALS = {"S": _select, "I": _insert, "U": _update, "D": _delete}

_REFUSED_BY_THE_WALL = "42501"
_BEYOND_THE_WALL = {
    "23503": "a foreign key",
    "23505": "a unique constraint",
    "23514": "a check",
}


def _gets_through(statement: str, value: Any) -> bool:
    """Whether the wall lets the statement through to at least one row; what else then hinders it does not count."""
    code = ""
    through = False
    with suppress(DatabaseError), transaction.atomic():
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, [value])
                through = cursor.rowcount > 0
        except DatabaseError as error:
            code = error.__cause__.sqlstate  # type: ignore[union-attr]
            raise
        transaction.set_rollback(True)
    assert code in {"", _REFUSED_BY_THE_WALL, *_BEYOND_THE_WALL}
    return through or code in _BEYOND_THE_WALL


def _execute(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def _pk(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)
