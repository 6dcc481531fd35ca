"""What the database keeps of every change: of requests, tasks and commands, one row at a time and many at once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import ProgrammingError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Event
from psycopg.errors import FeatureNotSupported

from apps.accounts.domain import end_membership, grant_membership
from apps.accounts.models import AccessEvent, Contact, Invitation, Role, User
from apps.accounts.permissions import Actor
from apps.campaigns.domain import enrol_communities
from apps.campaigns.models import Campaign, Participation, Target
from apps.communities.models import Community
from apps.core import history
from apps.jurisdictions.models import Jurisdiction
from apps.reports.domain import request_export
from apps.reports.models import ExportJob
from apps.reports.tasks import hand_out_lost_exports, make_export
from tests.factories import enrol, fill_in, submit

Acting = Callable[[Actor], AbstractContextManager[None]]
FindJurisdiction = Callable[[str], Jurisdiction]
FindCommunity = Callable[[str], Community]
ClientOf = Callable[[Actor], Client]
MakeActor = Callable[[str, Role], Actor]

LONGJIANG, SECOND, THIRD = "532301101006", "532301101008", "532301101001"
HISTORIES: list[Any] = [one for one in apps.get_models() if issubclass(one, Event) and one.pgh_tracked_model]


def events_of(model: type[models.Model], **conditions: Any) -> list[Any]:
    event_model: Any = next(one for one in HISTORIES if one.pgh_tracked_model is model)
    return list(event_model.objects.filter(**conditions).order_by("pgh_id"))


@pytest.fixture
def since(db: None) -> Callable[[], Iterator[Any]]:
    """Return a function that gives every event written since the test began."""
    last = {one: max(one.objects.values_list("pgh_id", flat=True), default=0) for one in HISTORIES}

    def written() -> Iterator[Any]:
        for one, pgh_id in last.items():
            yield from one.objects.filter(pgh_id__gt=pgh_id).order_by("pgh_id")

    return written


def test_request_writes_who_where_from_and_which_request(
    chuxiong: Campaign,
    district_reviewer: Actor,
    client_of: ClientOf,
    community: FindCommunity,
    since: Callable[[], Iterator[Any]],
) -> None:
    client = client_of(district_reviewer)
    before = {(type(one), one.pk) for one in since()}
    answer = client.post(reverse("plan"), {"community": [community(LONGJIANG).pk, community(SECOND).pk]})
    assert answer.status_code == 302
    written = [one for one in since() if (type(one), one.pk) not in before]
    assert [(type(one).__name__, one.pgh_label) for one in written] == [("ParticipationEvent", "insert")] * 2
    assert {one.pgh_context_id for one in written} == {written[0].pgh_context_id}
    assert written[0].pgh_context_id is not None
    for one in written:
        assert one.pgh_context == {
            "user": district_reviewer.user.pk,
            "name": "测试经办人532301",
            "membership": district_reviewer.membership.pk,
            "unit": "楚雄市",
            "role": "经办人",
            "address": "127.0.0.1",
            "url": "POST /plan/",
        }
    client.post(reverse("plan"), {"community": community(THIRD).pk})
    assert events_of(Participation)[-1].pgh_context_id != written[0].pgh_context_id


def test_request_records_insert_update_and_delete(
    chuxiong: Campaign, district_reviewer: Actor, client_of: ClientOf, community: FindCommunity
) -> None:
    client, place = client_of(district_reviewer), community(LONGJIANG)
    client.post(reverse("plan"), {"community": place.pk})
    client.post(reverse("plan_pilot", args=[place.pk]), {"is_pilot": "1"})
    client.post(reverse("plan_remove", args=[place.pk]))
    events = events_of(Participation, community_id=place.pk)
    assert [(one.pgh_label, one.is_pilot) for one in events] == [("insert", False), ("update", True), ("delete", True)]
    assert [one.pgh_context["url"] for one in events] == [
        "POST /plan/",
        f"POST {reverse('plan_pilot', args=[place.pk])}",
        f"POST {reverse('plan_remove', args=[place.pk])}",
    ]
    assert not Participation.objects.exists()


def test_refused_request_leaves_no_event(
    chuxiong: Campaign, street_officer: Actor, client_of: ClientOf, community: FindCommunity
) -> None:
    assert client_of(street_officer).post(reverse("plan"), {"community": community(LONGJIANG).pk}).status_code == 403
    assert events_of(Participation) == []


def test_verbs_of_every_level_are_recorded_as_theirs(
    chuxiong: Campaign, community: FindCommunity, since: Callable[[], Iterator[Any]]
) -> None:
    assessment = submit(fill_in(enrol(community(LONGJIANG), chuxiong, 2022)))
    officer = {"鹿城镇"}
    for name in ("assessment", "criterionresult", "reviewaction"):
        events = [one for one in since() if type(one)._meta.model_name == f"{name}event"]
        assert events
        assert {one.pgh_context["unit"] for one in events} == officer
        assert all(one.pgh_context["membership"] and one.pgh_context_id for one in events)
    assert assessment.status == "in_review"


def test_task_writes_its_name_and_for_whom(
    chuxiong: Campaign, city_approver: Actor, acting: Acting, since: Callable[[], Iterator[Any]]
) -> None:
    with acting(city_approver):
        kind = "completion_summary"
        job = request_export(kind, chuxiong, city_approver.jurisdiction, 2022, actor=city_approver)
    make_export(job.pk, city_approver.jurisdiction.path)
    asked, begun, done = events_of(ExportJob, pgh_obj_id=job.pk)
    assert (asked.status, begun.status, done.status) == ("waiting", "running", "done")
    facts = {"task": "make_export", "user": city_approver.user.pk, "name": "测试审批人5323"}
    assert begun.pgh_context == done.pgh_context == facts
    assert begun.pgh_context_id == done.pgh_context_id != asked.pgh_context_id


def test_task_for_all_tenants_writes_its_name(chuxiong: Campaign, city_approver: Actor) -> None:
    job = ExportJob.objects.create(
        kind="completion_summary",
        jurisdiction=city_approver.jurisdiction,
        campaign=chuxiong,
        year=2022,
        created_by=city_approver.user,
        **dict.fromkeys(["created_at", "asked_at", "called_at"], timezone.now() - timedelta(days=3)),
    )
    hand_out_lost_exports()
    given_up = events_of(ExportJob, pgh_obj_id=job.pk)[-1]
    assert given_up.status == "failed"
    assert given_up.pgh_context == {"task": "hand_out_lost_exports"}


def test_command_writes_its_name(db: None, make_actor: MakeActor) -> None:
    user = make_actor("532301", Role.VIEWER).user
    call_command("add_member", user.username, jurisdiction="532301", role="staff", verbosity=0)
    event = events_of(apps.get_model("accounts", "Membership"), user_id=user.pk, role="staff")[-1]
    assert event.pgh_context == {"command": "add_member"}
    assert event.pgh_context_id is not None
    # What the session's fixtures have loaded.
    assert {one.pgh_context["command"] for one in events_of(Community)} == {"load_divisions"}
    assert {one.pgh_context["command"] for one in events_of(Campaign)} == {"load_campaigns"}


def test_story_is_recorded_as_the_command_and_the_people_in_it(db: None, make_actor: MakeActor, acting: Acting) -> None:
    actor = make_actor("532301", Role.STAFF)
    with history.recording(command="seed_demo"), acting(actor):
        facts = history.current()
        assert facts is not None
        assert facts.metadata == {
            "command": "seed_demo",
            "user": actor.user.pk,
            "name": "测试经办人532301",
            "membership": actor.membership.pk,
            "unit": "楚雄市",
            "role": "经办人",
        }
    assert history.current() is None


def test_bulk_create_update_and_raw_sql_are_recorded_row_by_row(
    chuxiong: Campaign, district_reviewer: Actor, acting: Acting, community: FindCommunity
) -> None:
    with acting(district_reviewer):
        places = [community(LONGJIANG), community(SECOND)]
        enrol_communities(chuxiong, 2022, places, actor=district_reviewer)
        Participation.objects.update(is_pilot=True)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE campaigns_participation SET is_pilot = false")
        made = Participation.objects.bulk_create(
            [Participation(campaign=chuxiong, community=community(THIRD), year=2022, created_at=timezone.now())]
        )
        Participation.objects.filter(pk=made[0].pk)._raw_delete("default")
    events = events_of(Participation)
    assert [(one.pgh_label, one.is_pilot) for one in events] == [
        *[("insert", False)] * 2,
        *[("update", True)] * 2,
        *[("update", False)] * 2,
        ("insert", False),
        ("delete", False),
    ]
    assert {one.pgh_context["name"] for one in events} == {"测试经办人532301"}


def test_copy_does_not_get_past_the_history(db: None, jurisdiction: FindJurisdiction) -> None:
    street = jurisdiction("532301101")

    def copy_one(name: str) -> None:
        statement = "COPY communities_community (name, jurisdiction_id, counts_as_urban) FROM STDIN"
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write_row((name, street.pk, True))

    with pytest.raises(FeatureNotSupported, match="COPY FROM not supported with row-level security"):
        copy_one("甲社区居民委员会")
    # Even where the owner takes the wall down for it.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE communities_community NO FORCE ROW LEVEL SECURITY")
    copy_one("乙社区居民委员会")
    assert [(one.pgh_label, one.name, one.path) for one in events_of(Community, code__isnull=True)] == [
        ("insert", "乙社区居民委员会", street.path)
    ]


def test_update_that_changes_nothing_is_not_recorded(chuxiong: Campaign) -> None:
    before = len(events_of(Target))
    Target.objects.update(value=models.F("value"))
    assert len(events_of(Target)) == before


def test_sign_in_time_alone_is_not_recorded(street_officer: Actor) -> None:
    before = len(events_of(User, pgh_obj_id=street_officer.user.pk))
    User.objects.filter(pk=street_officer.user.pk).update(last_login=timezone.now())
    assert len(events_of(User, pgh_obj_id=street_officer.user.pk)) == before


def test_secrets_stand_in_no_record(street_officer: Actor, acting: Acting) -> None:
    user = street_officer.user
    with acting(street_officer):
        contact = Contact.objects.create(user=user, office="鹿城镇城建办", office_phone="0878-3012345")
        contact.office_phone, contact.email = "0878-3099999", "lucheng@example.org"
        contact.save()
        user.set_password("全新的密码 4711")
        user.save(update_fields=["password"])
        invitation = Invitation.objects.create(
            user=user, issued_at=timezone.now(), expires_at=timezone.now() + timedelta(days=7), code_hash="c0de" * 16
        )
        Invitation.objects.filter(pk=invitation.pk).update(code_hash="beef" * 16)
        contact.delete()
    assert [one.pgh_label for one in events_of(Contact)] == ["insert", "update", "delete"]
    assert [one.pgh_label for one in events_of(User, pgh_obj_id=user.pk)][-1] == "update"
    assert [one.pgh_label for one in events_of(Invitation)] == ["insert", "update"]
    secrets = [user.password, "鹿城镇城建办", "3012345", "3099999", "lucheng@example.org", "c0dec0de", "beefbeef"]
    for model in [*HISTORIES, AccessEvent]:
        for secret in secrets:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT count(*) FROM {model._meta.db_table} t WHERE position(%s in t::text) > 0", [secret]
                )
                assert cursor.fetchone() == (0,), (model, secret)


def test_history_follows_a_jurisdiction_that_moves(
    chuxiong: Campaign, jurisdiction: FindJurisdiction, community: FindCommunity, make_actor: MakeActor, acting: Acting
) -> None:
    enrol(community(LONGJIANG), chuxiong, 2022)
    town, county = jurisdiction("532301101"), jurisdiction("532302")
    old, new = make_actor("532301", Role.STAFF), make_actor("532302", Role.STAFF)
    with acting(old):
        assert len(events_of(Participation)) == 1
    with acting(new):
        assert events_of(Participation) == []
    town.parent = county
    town.save()
    with acting(old):
        assert events_of(Participation) == []
    with acting(new):
        assert [one.pgh_label for one in events_of(Participation)] == ["insert", "update"]
        assert {one.path for one in events_of(Participation)} == {county.path + f"{town.pk:06x}"}


def test_history_of_another_tenant_is_not_seen(
    chuxiong: Campaign, stranger: Actor, street_officer: Actor, acting: Acting, community: FindCommunity
) -> None:
    submit(fill_in(enrol(community(LONGJIANG), chuxiong, 2022)))
    with acting(stranger):
        for one in HISTORIES:
            assert {event.path[:12] for event in one.objects.all()} <= {stranger.jurisdiction.path}, one
    with acting(street_officer):
        for one in HISTORIES:
            assert all(event.path.startswith(street_officer.jurisdiction.path) for event in one.objects.all()), one


def test_ended_membership_stays_readable(make_actor: MakeActor, acting: Acting, jurisdiction: FindJurisdiction) -> None:
    admin, clerk = make_actor("532301", Role.BUREAU_ADMIN), make_actor("532301", Role.STAFF)
    with acting(admin):
        membership = grant_membership(clerk.user, jurisdiction("532301"), Role.VIEWER)
        pk = membership.pk
        end_membership(membership)
    granted, ended = events_of(type(membership), pgh_obj_id=pk)
    assert (granted.pgh_label, ended.pgh_label, ended.role, ended.user_id) == (
        "insert",
        "delete",
        "viewer",
        clerk.user.pk,
    )
    assert ended.pgh_context["name"] == "测试单位管理员532301"


@pytest.fixture
def place(db: None, jurisdiction: FindJurisdiction) -> Community:
    return Community.objects.create(name="甲社区居民委员会", jurisdiction=jurisdiction("532301101"))


def rename(place: Community, name: str) -> Any:
    """Change the row; return what the history says of who did it."""
    Community.objects.filter(pk=place.pk).update(name=name)
    return events_of(Community, pgh_obj_id=place.pk)[-1].pgh_context


def test_facts_end_with_their_block_inside_the_same_transaction(place: Community) -> None:
    with transaction.atomic():
        with history.recording(command="first"):
            with history.recording(task="inner"):
                assert rename(place, "乙") == {"command": "first", "task": "inner"}
            assert rename(place, "丙") == {"command": "first"}
        assert rename(place, "丁") is None
        assert events_of(Community, pgh_obj_id=place.pk)[-1].pgh_context_id is None


def test_facts_end_with_a_block_that_fails(place: Community) -> None:
    def fail() -> None:
        with history.recording(command="fails"):
            rename(place, "乙")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rename(place, "丙") is None


def test_error_of_the_database_passes_through_the_block(place: Community) -> None:
    def break_it() -> None:
        with transaction.atomic(), history.recording(command="breaks"), connection.cursor() as cursor:
            rename(place, "乙")
            cursor.execute("SELECT no_such_column FROM communities_community")

    with pytest.raises(ProgrammingError, match="no_such_column"):
        break_it()
    assert rename(place, "丙") is None


def test_facts_around_a_transaction_cost_no_query() -> None:
    # Without the fixture ``db`` any query raises.
    with history.recording(command="around"):
        assert not connection.in_atomic_block
