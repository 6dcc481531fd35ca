"""Two people put down or change the same project at the same moment, on two connections with committed rows."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from pytest_django import DjangoDbBlocker

from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.projects.domain import add_project, change_project, complete_project, delete_project, end_project
from apps.projects.models import Funding, Project
from apps.projects.sheet_import import import_rows, read_file
from tests.assessments.test_domain_at_once import history_taken_back
from tests.communities.test_surveys_at_once import while_another
from tests.factories import made_up
from tests.projects.conftest import facts, money, put_down
from tests.projects.test_sheet_import import line, workbook

Act = Callable[[Actor], object]


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the transaction that every other test is rolled back with: what is written here is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def committed(db: None) -> Iterator[Community]:
    """A community whose projects other connections see; what was written is deleted afterwards."""
    with history_taken_back():
        people = set(User.objects.values_list("pk", flat=True))
        yield Community.objects.get(code="532301101001")
        Project.objects.all().delete()
        User.objects.exclude(pk__in=people).delete()


@pytest.fixture
def campaign(committed: Community) -> Campaign:
    return Campaign.objects.select_related("standard", "jurisdiction").get(code="chuxiong-2021")


def test_the_same_twice_at_once_is_once(committed: Community, campaign: Campaign) -> None:
    act: Act = lambda actor: add_project(committed, campaign, facts(campaign), actor=actor)  # noqa: E731
    assert while_another(act, act) == "done"
    assert (Project.objects.count(), Funding.objects.count()) == (1, 1)


def test_a_name_is_taken_once_at_once(committed: Community, campaign: Campaign) -> None:
    said = while_another(
        lambda actor: add_project(committed, campaign, facts(campaign), actor=actor),
        lambda actor: add_project(committed, campaign, facts(campaign, [money(planned=7)]), actor=actor),
    )
    assert "已登记过“老旧供水管网改造”" in said
    assert Funding.objects.get().planned == 120


def test_the_second_one_hears_of_the_first(committed: Community, campaign: Campaign) -> None:
    project = put_down(committed, campaign)
    said = while_another(
        lambda actor: change_project(project, facts(campaign, content="甲"), actor=actor, seen=1),
        lambda actor: change_project(project, facts(campaign, content="乙"), actor=actor, seen=1),
    )
    assert "刚刚由测试街道经办532301101改过" in said
    assert Project.objects.get().content == "甲"


def test_a_name_is_taken_once_by_adding_and_renaming(committed: Community, campaign: Campaign) -> None:
    project = put_down(committed, campaign, name="路灯")
    add: Act = lambda actor: add_project(committed, campaign, facts(campaign, content="新"), actor=actor)  # noqa: E731
    rename: Act = lambda actor: change_project(project, facts(campaign), actor=actor)  # noqa: E731
    assert "已登记过“老旧供水管网改造”" in while_another(rename, add)
    delete_project(project, actor=made_up("532301", Role.STAFF))
    project = put_down(committed, campaign, name="路灯")
    assert "另有一个“老旧供水管网改造”" in while_another(add, rename)


def test_an_import_does_not_overwrite_what_was_saved_meanwhile(committed: Community, campaign: Campaign) -> None:
    project, clerk = put_down(committed, campaign), made_up("532301", Role.STAFF)
    sheet = read_file(workbook([line(committed)]), campaign, actor=clerk)
    for row in sheet.rows:
        row.seen = row.version
    said = while_another(
        lambda actor: change_project(project, facts(campaign, [money("bond")]), actor=actor, seen=1),
        lambda actor: import_rows(sheet.rows, campaign, actor=actor, only_good=False),
    )
    assert "有 1 行需要改正，一行也没有导入" in said
    assert Funding.objects.get().source == "bond"


def test_ending_and_completing_do_not_meet(committed: Community, campaign: Campaign) -> None:
    project = put_down(committed, campaign, started_on=date(2022, 4, 1))
    said = while_another(
        lambda actor: end_project(project, "不建了", actor=actor),
        lambda actor: complete_project(project, date(2022, 10, 1), actor=actor),
    )
    assert "终止，不能登记完工" in said


def test_deleting_waits_for_money(committed: Community, campaign: Campaign) -> None:
    project = put_down(committed, campaign)
    said = while_another(
        lambda actor: change_project(project, facts(campaign, [money(spent=5)]), actor=actor, seen=1),
        lambda actor: delete_project(project, actor=actor),
    )
    assert "已有完成投资 5 万元，不能删除" in said
