"""Projects are put down, changed, completed, ended, taken back: by whom, and what is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.projects.domain import (
    add_project,
    change_project,
    complete_project,
    delete_project,
    end_project,
    resume_project,
)
from apps.projects.facts import WrongProject, read_amount
from apps.projects.models import Funding, Project, State
from tests.projects.conftest import criteria_of, facts, money, put_down, put_down_before

Acting = Callable[[Actor], AbstractContextManager[None]]
Of = Callable[[str], Community]


@pytest.fixture
def one(community: Of) -> Community:
    return community("532301101001")


@pytest.fixture
def project(one: Community, chuxiong: Campaign, street_officer: Actor) -> Project:
    """Under construction since April, with 120 planned and 50 spent of the budget, and 30 planned by residents."""
    funding = [money(spent=50), money("residents", planned=30)]
    return put_down(one, chuxiong, *funding, actor=street_officer, started_on=date(2022, 4, 1))


def test_put_a_project_down(project: Project, one: Community, street_officer: Actor) -> None:
    found = Project.objects.get()
    assert (found.community, found.name, found.state, found.version) == (one, "老旧供水管网改造", State.BUILDING, 1)
    assert (found.path, found.recorded_by) == (one.path, street_officer.user)
    assert list(found.funding.values_list("year", "source", "planned", "spent", "path")) == [
        (2022, "fiscal", Decimal(120), Decimal(50), one.path),
        (2022, "residents", Decimal(30), Decimal(0), one.path),
    ]


def test_the_same_twice_is_once(one: Community, chuxiong: Campaign, street_officer: Actor) -> None:
    first = put_down(one, chuxiong, actor=street_officer)
    again = put_down(one, chuxiong, actor=street_officer, criteria=[*criteria_of(chuxiong)] * 2)
    assert again.pk == first.pk
    with pytest.raises(WrongProject, match="已登记过“老旧供水管网改造”"):
        put_down(one, chuxiong, money(planned=7), actor=street_officer)
    assert (Project.objects.count(), Funding.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"name": " "}, "name", "请填写项目名称"),
        ({"name": "改" * 101}, "name", "有 101 字，超过 100 字"),
        ({"content": "改" * 501}, "content", "有 501 字，超过 500 字"),
        ({"criteria": []}, "criteria", "请至少勾选一条"),
        ({"criteria": [0]}, "criteria", "不在“楚雄州绿色社区"),
        ({"planned_start": None}, "planned_start", "请填写计划开工日期"),
        ({"planned_end": date(2022, 2, 28)}, "planned_end", "早于计划开工日期 2022-03-01"),
        ({"planned_end": date(2090, 1, 1)}, "planned_end", "2090-01-01 不对"),
        ({"started_on": date(2030, 1, 1)}, "started_on", "2030-01-01 还没有到"),
        ({"completed_on": date(2022, 5, 1)}, "started_on", "请把开工日期也填上"),
        ({"started_on": date(2022, 5, 2), "completed_on": date(2022, 5, 1)}, "completed_on", "早于开工日期 2022-05-02"),
        ({"funding": []}, "funding", "请至少填一笔资金"),
        ({"funding": [money("gift")]}, "funding-0-source", "请选择资金来源"),
        ({"funding": [money(), money(planned=3)]}, "funding-1-source", "2022 年的财政资金填了两笔"),
        ({"funding": [money(planned=0)]}, "funding-0-planned", "请填计划投资或者完成投资"),
        ({"funding": [money(year=1999)]}, "funding-0-year", "1999 年不对"),
        ({"funding": [money(year=2031, spent=1)]}, "funding-0-spent", "2031 年还没有到，不能填完成投资"),
        ({"funding": [money(planned=-1, spent=2)]}, "funding-0-planned", "金额应在 0 至"),
        ({"funding": [money(spent=2)]}, "started_on", "已填完成投资，请把开工日期也填上"),
    ],
)
def test_refuse_wrong_facts(
    one: Community,
    chuxiong: Campaign,
    street_officer: Actor,
    acting: Acting,
    wrong: dict[str, Any],
    field: str,
    said: str,
) -> None:
    told = facts(chuxiong, **{"funding": [money()], **wrong}) if "funding" not in wrong else facts(chuxiong)
    if "funding" in wrong:
        told = type(told)(**{**told.__dict__, **wrong})
    with acting(street_officer), pytest.raises(WrongProject) as refused:
        add_project(one, chuxiong, told, actor=street_officer)
    assert said in refused.value.errors[field]
    assert Project.objects.count() == 0


def test_refuse_a_campaign_of_another_place_and_a_closed_community(
    one: Community, chuxiong: Campaign, street_officer: Actor, acting: Acting
) -> None:
    tianjin = Campaign.objects.get(code="tianjin-2020")
    with acting(street_officer), pytest.raises(WrongProject, match="不在“.*”的范围内"):
        add_project(one, tianjin, facts(tianjin), actor=street_officer)
    Community.objects.filter(pk=one.pk).update(closed_on=date(2022, 1, 1))
    with acting(street_officer), pytest.raises(WrongProject, match="已于 2022-01-01 撤销，请登记在承接它的社区"):
        add_project(one, chuxiong, facts(chuxiong), actor=street_officer)


def test_refuse_a_campaign_that_a_nearer_one_carries_out(
    one: Community, chuxiong: Campaign, street_officer: Actor, acting: Acting
) -> None:
    """This year decides, as on the pages: not when the project begins, nor whether the nearer campaign is closed."""
    nation = Campaign.objects.get(code="national-2020")
    Campaign.objects.filter(pk=chuxiong.pk).update(status=Campaign.Status.CLOSED)
    said = f"楚雄彝族自治州执行“{chuxiong}”，项目登记在其中，不登记在“{nation}”。请换成“{chuxiong}”。"
    for begins in (date(2020, 3, 1), date(2022, 3, 1)):
        with acting(street_officer), pytest.raises(WrongProject) as refused:
            add_project(one, nation, facts(nation, planned_start=begins), actor=street_officer)
        assert refused.value.errors == {"campaign": said}
    Campaign.objects.filter(pk=chuxiong.pk).update(last_year=nation.last_year - 1)
    assert put_down(one, nation, actor=street_officer).campaign == nation


def test_a_name_stands_once_in_a_line_of_campaigns(
    one: Community, chuxiong: Campaign, street_officer: Actor, acting: Acting
) -> None:
    """So that its money counts once in the nation; what stood there before can be changed there."""
    nation = Campaign.objects.get(code="national-2020")
    first = put_down_before(chuxiong, one, nation, actor=street_officer)
    with acting(street_officer), pytest.raises(WrongProject) as refused:
        add_project(one, chuxiong, facts(chuxiong), actor=street_officer)
    said = f"{one}已在“{nation}”登记过“老旧供水管网改造”（{street_officer.user}），不再重复登记。"
    assert refused.value.errors == {"name": said}
    changed = change_project(first, facts(nation, [money(spent=7)]), actor=street_officer, seen=1)
    assert changed.funding.get().spent == Decimal(7)
    other = put_down(one, chuxiong, actor=street_officer, name="老旧供水管网改造二期")
    with acting(street_officer), pytest.raises(WrongProject) as refused:
        change_project(other, facts(chuxiong), actor=street_officer)
    assert refused.value.errors == {"name": f"{one}在“{nation}”另有一个“老旧供水管网改造”，请换个名称。"}


@pytest.mark.parametrize(
    ("place", "role", "may"),
    [
        ("532301101", Role.STREET_OFFICER, True),
        ("532301", Role.STAFF, True),
        ("532301", Role.APPROVER, True),
        ("5323", Role.STAFF, True),
        ("53", Role.APPROVER, True),
        ("532301101", Role.VIEWER, False),
        ("532301", Role.BUREAU_ADMIN, False),
        ("532301", Role.DEPARTMENT_REVIEWER, False),
        ("532301102", Role.STREET_OFFICER, False),
        ("532302", Role.STAFF, False),
    ],
)
def test_who_may(
    one: Community, chuxiong: Campaign, make_actor: Callable[[str, Role], Actor], place: str, role: Role, may: bool
) -> None:
    actor, existing = make_actor(place, role), put_down(one, chuxiong)
    acts: list[Callable[[], object]] = [
        lambda: add_project(one, chuxiong, facts(chuxiong, name="路灯"), actor=actor),
        lambda: change_project(existing, facts(chuxiong, name="管网"), actor=actor),
        lambda: end_project(existing, "不建了", actor=actor),
        lambda: resume_project(existing, actor=actor),
        lambda: delete_project(existing, actor=actor),
    ]
    if may:
        for act in acts:
            act()
        assert list(Project.objects.values_list("name", flat=True)) == ["路灯"]
        return
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()


def test_change_keeps_the_lines_that_stay(project: Project, chuxiong: Campaign, district_reviewer: Actor) -> None:
    before = {one.source: one.pk for one in project.funding.all()}
    told = facts(chuxiong, [money(spent=90), money("bond", planned=200)], started_on=date(2022, 4, 1))
    changed = change_project(project, told, actor=district_reviewer, seen=1)
    assert (changed.version, changed.recorded_by) == (2, district_reviewer.user)
    rows = {one.source: (one.pk, one.spent) for one in project.funding.all()}
    assert rows["fiscal"] == (before["fiscal"], Decimal(90))
    assert set(rows) == {"fiscal", "bond"}
    # Sent once more it changes nothing, whatever version the form showed.
    assert change_project(project, told, actor=district_reviewer, seen=1).version == 2


def test_keep_a_project_whose_community_has_left_the_campaign(
    project: Project, chuxiong: Campaign, street_officer: Actor, province_reviewer: Actor, acting: Acting
) -> None:
    """By those there too, who do not see the campaign any more; nothing new comes in."""
    put_down(project.community, chuxiong, name="路灯")
    Campaign.objects.filter(pk=chuxiong.pk).update(jurisdiction=Jurisdiction.objects.get(code="532302000000"))
    told = facts(chuxiong, [money(spent=80)], started_on=date(2022, 4, 1), name="供水管网改造")
    with acting(street_officer):
        assert not Campaign.objects.filter(pk=chuxiong.pk).exists()
        assert change_project(project, told, actor=street_officer, seen=1).funding.get().spent == 80
        with pytest.raises(WrongProject, match="另有一个“路灯”"):
            change_project(project, replace(told, name="路灯"), actor=street_officer)
        assert complete_project(project, date(2022, 10, 1), actor=street_officer).campaign == chuxiong
        # The nation counts it already.
        nation = Campaign.objects.get(code="national-2020")
        again = facts(nation, name="供水管网改造", planned_start=date(2020, 3, 1))
        with pytest.raises(WrongProject, match=f"已在“{chuxiong}”登记过“供水管网改造”"):
            add_project(project.community, nation, again, actor=street_officer)
    chuxiong.refresh_from_db()
    with acting(province_reviewer), pytest.raises(WrongProject, match="不在“.*”的范围内"):
        add_project(project.community, chuxiong, facts(chuxiong, name="绿化改造"), actor=province_reviewer)


def test_a_stale_form_is_refused(
    project: Project, chuxiong: Campaign, street_officer: Actor, district_reviewer: Actor
) -> None:
    change_project(project, facts(chuxiong, content="改为 1.5 公里"), actor=district_reviewer, seen=1)
    with pytest.raises(StaleForm, match="刚刚由测试经办人532301改过"):
        change_project(project, facts(chuxiong, content="改为 2 公里"), actor=street_officer, seen=1)
    assert Project.objects.get().content == "改为 1.5 公里"


def test_a_name_is_taken_once(project: Project, one: Community, chuxiong: Campaign, street_officer: Actor) -> None:
    other = put_down(one, chuxiong, actor=street_officer, name="路灯")
    with pytest.raises(WrongProject, match="另有一个“老旧供水管网改造”"):
        change_project(other, facts(chuxiong), actor=street_officer)


def test_complete(project: Project, street_officer: Actor) -> None:
    for day in (None, date(2022, 3, 31), date(2090, 1, 1)):
        with pytest.raises(InvalidInput, match="应在开工日期 2022-04-01 至今天之间"):
            complete_project(project, day, actor=street_officer)
    done = complete_project(project, date(2022, 10, 1), actor=street_officer)
    assert (done.state, done.version) == (State.COMPLETED, 2)
    assert complete_project(project, date(2022, 10, 1), actor=street_officer).version == 2
    with pytest.raises(TransitionError, match="已登记 2022-10-01 完工"):
        complete_project(project, date(2022, 10, 2), actor=street_officer)
    with pytest.raises(TransitionError, match="已于 2022-10-01 完工，不能终止"):
        end_project(project, "不建了", actor=street_officer)


def test_complete_only_what_was_begun(one: Community, chuxiong: Campaign, street_officer: Actor) -> None:
    planned = put_down(one, chuxiong, actor=street_officer)
    with pytest.raises(InvalidInput, match="还没有填开工日期"):
        complete_project(planned, date(2022, 10, 1), actor=street_officer)


def test_end_and_resume(project: Project, chuxiong: Campaign, street_officer: Actor) -> None:
    with pytest.raises(InvalidInput, match="请填写终止理由"):
        end_project(project, " ", actor=street_officer)
    ended = end_project(project, "资金未落实", actor=street_officer)
    assert (ended.state, ended.version) == (State.ENDED, 2)
    assert end_project(project, "资金未落实 ", actor=street_officer).version == 2
    with pytest.raises(TransitionError, match="终止：资金未落实"):
        end_project(project, "另一个理由", actor=street_officer)
    for act in (
        lambda: change_project(project, facts(chuxiong), actor=street_officer),
        lambda: complete_project(project, date(2022, 10, 1), actor=street_officer),
    ):
        with pytest.raises(TransitionError, match="请先“恢复”"):
            act()
    assert resume_project(project, actor=street_officer).state == State.BUILDING
    assert resume_project(project, actor=street_officer).version == 3


def test_delete_only_where_nothing_was_spent(
    project: Project, one: Community, chuxiong: Campaign, street_officer: Actor
) -> None:
    with pytest.raises(TransitionError, match="已有完成投资 50 万元，不能删除"):
        delete_project(project, actor=street_officer)
    mistake = put_down(one, chuxiong, actor=street_officer, name="登记错了")
    delete_project(mistake, actor=street_officer)
    delete_project(mistake, actor=street_officer)
    assert list(Project.objects.all()) == [project]
    with pytest.raises(TransitionError, match="刚刚被删除了"):
        end_project(mistake, "不建了", actor=street_officer)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", "0"),
        ("120", "120"),
        ("85.5", "85.5"),
        ("1,234.56", "1234.56"),
        ("１２０万元", "120"),
        ("9999999.99", "9999999.99"),
    ],
)
def test_read_amounts(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("一百", "不是金额"),
        ("-5", "“-5”是负数，金额应不小于 0"),
        ("－5 万元", "是负数"),
        ("\N{MINUS SIGN}1,000.5", "是负数"),
        ("--5", "不是金额"),
        ("1e9", "不是金额"),
        ("12,34", "不是金额"),
        ("0.001", "超过两位"),
        ("10000000", "“10000000”太大，应不大于 9,999,999.99 万元"),
        ("9" * 40, "太大"),
        ("９" * 30 + ".99", "太大"),
        ("٣", "不是金额"),
    ],
)
def test_refuse_other_amounts(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_amount(text)
