"""Two people save the same survey at the same moment, on two connections with committed rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from apps.accounts.acting import acting as acting_as
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.communities.models import Community, CommunitySurvey, SurveyField
from apps.communities.survey_fields import FieldFacts, add_field, change_field
from apps.communities.survey_import import import_rows, read_file
from apps.communities.surveys import Survey, save_survey
from apps.core.errors import ProblemForPeople
from tests.assessments.test_domain_at_once import history_taken_back, wait_for_a_lock
from tests.communities.conftest import survey_of
from tests.communities.test_survey_import import line, workbook
from tests.factories import made_up

Act = Callable[[Actor], object]


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def committed(db: None) -> Iterator[Community]:
    """A community whose surveys other connections see; what was written is deleted afterwards."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        yield Community.objects.get(code="532301101001")
        CommunitySurvey.objects.all().delete()
        SurveyField.objects.all().delete()
        User.objects.exclude(pk__in=people).delete()


def elsewhere(act: Act, actor: Actor) -> str:
    """Act on a connection of its own; returns what came of it."""
    try:
        with acting_as(actor):
            act(actor)
    except ProblemForPeople as error:
        return error.message
    finally:
        connection.close()
    return "done"


def while_another(first: Act, second: Act) -> str:
    """Let ``second`` begin while ``first`` is not committed yet; returns what came of the second."""
    officer, clerk = made_up("532301101", Role.STREET_OFFICER), made_up("532301", Role.STAFF)
    with ThreadPoolExecutor(max_workers=1) as threads:
        with transaction.atomic():
            first(officer)
            waiting = threads.submit(elsewhere, second, clerk)
            wait_for_a_lock()
        return waiting.result(timeout=60)


def test_the_second_one_hears_of_the_first(committed: Community) -> None:
    said = while_another(
        lambda actor: save_survey(committed, 2022, survey_of(), actor=actor, seen=0),
        lambda actor: save_survey(committed, 2022, survey_of(households=7), actor=actor, seen=0),
    )
    assert "刚刚由测试街道经办532301101改过" in said
    assert CommunitySurvey.objects.get().households == 1200


def test_the_same_twice_at_once_is_once(committed: Community) -> None:
    said = while_another(
        lambda actor: save_survey(committed, 2022, survey_of(), actor=actor, seen=0),
        lambda actor: save_survey(committed, 2022, survey_of(), actor=actor, seen=0),
    )
    assert (said, CommunitySurvey.objects.get().version) == ("done", 1)


def test_an_import_waits_for_a_form(committed: Community) -> None:
    clerk = made_up("532301", Role.STAFF)
    sheet = read_file(workbook([line(committed, 7)]), actor=clerk)
    for row in sheet.rows:
        row.seen = row.version
    said = while_another(
        lambda actor: save_survey(committed, 2022, survey_of(), actor=actor, seen=0),
        lambda actor: import_rows(sheet.rows, actor=actor, only_good=False),
    )
    assert "一行也没有导入" in said
    assert CommunitySurvey.objects.get().households == 1200


def test_a_field_keeps_its_kind_while_a_value_of_it_is_being_saved(committed: Community) -> None:
    officer, manager = made_up("532301101", Role.STREET_OFFICER), made_up("532301", Role.BUREAU_ADMIN)
    field = add_field(FieldFacts("门禁", "text"), actor=manager)
    number = FieldFacts("门禁", "whole")
    with ThreadPoolExecutor(max_workers=1) as threads:
        with transaction.atomic():
            save_survey(committed, 2022, Survey({field.code: "三处"}, "台账", date(2022, 1, 1)), actor=officer)
            waiting = threads.submit(elsewhere, lambda actor: change_field(field, number, actor=actor, seen=1), manager)
            wait_for_a_lock()
        assert "类型不能再改" in waiting.result(timeout=60)
    assert CommunitySurvey.objects.get().further == {field.code: "三处"}
