"""The desk: what waits, in which order, and the figures beside it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.scope import scope
from apps.dashboard import todos
from apps.dashboard.todos import next_due, todos_of
from apps.filings.waiting import owed_by
from apps.reorganisations.baselines import confirm_baseline, reopen_baseline
from tests.factories import enrol, fill_in, recognised_community, submit, submitted_community

FindCommunity = Callable[[str], Community]

# 东兴, 学桥街, 中大街, 米市街社区 of 鹿城镇.
FIRST, SECOND, THIRD, FOURTH = (f"53230110100{number}" for number in range(1, 5))
MIDDLE_OF_AUGUST = datetime(2022, 8, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def lines_of(actor: Actor, campaign: Campaign) -> list[tuple[str, str, str, str]]:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk), clock.stopped_at(MIDDLE_OF_AUGUST):
        return [(one.kind, one.title, one.note, one.action) for one in todos_of(actor)]


def test_todos_of_a_street_officer_put_the_returned_one_first(
    chuxiong: Campaign, community: FindCommunity, street_officer: Actor, district_reviewer: Actor
) -> None:
    with clock.stopped_at(MIDDLE_OF_AUGUST):
        enrol(community(FIRST), chuxiong, 2022)
        fill_in(enrol(community(SECOND), chuxiong, 2022), actor=street_officer)
        returned = submit(fill_in(enrol(community(THIRD), chuxiong, 2022), actor=street_officer))
        with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
            return_assessment(returned, "请补充", {5: "缺验收单"}, actor=district_reviewer)
    assert lines_of(street_officer, chuxiong) == [
        ("退回", "鹿城镇 中大街社区 2022 年自评", "楚雄市退回：请补充；第 5 条 缺验收单", "修改"),
        ("自评", "鹿城镇 学桥街社区 2022 年自评", "草稿，尚未提交", "继续填报"),
        ("自评", "2022 年 1 个社区尚未开始自评", "楚雄州绿色社区创建行动", "去填报"),
    ]
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        assert {str(one.due) for one in todos_of(street_officer)} == {"2022-08-31"}


def test_todos_of_a_reviewer_name_what_is_due_and_what_has_waited_longest(
    chuxiong: Campaign, community: FindCommunity, district_reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.stopped_at(MIDDLE_OF_AUGUST):
        for code in (SECOND, FIRST, THIRD):
            submitted_community(community(code), chuxiong, 2022)
    monkeypatch.setattr(todos, "_SHOWN", 2)
    found = lines_of(district_reviewer, chuxiong)
    assert [one[1] for one in found if one[0] == "审核"] == [
        "鹿城镇 学桥街社区 2022 年自评",
        "鹿城镇 东兴社区 2022 年自评",
        "其余 1 件自评",
    ]
    assert ("报送", "上报创建成果名单（2022-08-31）", "还有 16 天，楚雄州绿色社区创建行动", "去填报") in found


def test_todos_of_a_viewer_are_none(
    chuxiong: Campaign, community: FindCommunity, make_actor: Callable[[str, Role], Actor]
) -> None:
    submitted_community(community(FIRST), chuxiong, 2022)
    assert lines_of(make_actor("532301", Role.VIEWER), chuxiong) == []


@pytest.mark.parametrize(("role", "action"), [(Role.APPROVER, "更正后确认"), (Role.STAFF, "更正社区库")])
def test_a_baseline_that_came_back_waits_until_it_is_confirmed_again(
    chuxiong: Campaign,
    make_actor: Callable[[str, Role], Actor],
    city_approver: Actor,
    acting: Callable[[Actor], AbstractContextManager[None]],
    role: Role,
    action: str,
) -> None:
    county, reader = make_actor("532327", Role.APPROVER), make_actor("532327", role)
    with acting(county):
        baseline = confirm_baseline(county.jurisdiction, 2022, actor=county)
    assert lines_of(reader, chuxiong)[0][0] != "退回"
    with acting(city_approver):
        reopen_baseline(baseline, "少列一个社区", actor=city_approver)
    told = ("退回", "2022 年底数", f"{city_approver.user}退回，理由：少列一个社区", action)
    assert lines_of(reader, chuxiong)[0] == told
    with acting(county):
        confirm_baseline(county.jurisdiction, 2022, actor=county)
    assert told not in lines_of(reader, chuxiong)


def test_next_due_counts_from_the_business_date(
    chuxiong: Campaign, district_reviewer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    with clock.stopped_at(MIDDLE_OF_AUGUST):
        coming = next_due(owed_by(district_reviewer), chuxiong)
        assert coming is not None
        assert (coming.deadline.isoformat(), coming.days_left) == ("2022-08-31", 16)
        page = client_of(district_reviewer).get("/?campaign=chuxiong-2021&year=2022").content.decode()
    assert f"距“{coming.title}”还有" in "".join(page.split())


def test_desk_shows_exact_figures_with_their_target(
    chuxiong: Campaign, community: FindCommunity, client_of: Callable[[Actor], Client], district_reviewer: Actor
) -> None:
    recognised_community(community(FIRST), chuxiong, 2021, is_pilot=True)
    recognised_community(community(SECOND), chuxiong, 2022)
    submitted_community(community(THIRD), chuxiong, 2022)
    enrol(community(FOURTH), chuxiong, 2022)
    with clock.stopped_at(MIDDLE_OF_AUGUST):
        response = client_of(district_reviewer).get("/?campaign=chuxiong-2021&year=2022")
    assert [(one["label"], one["value"], one["note"]) for one in response.context["figures"]] == [
        ("城市社区底数", 31, "2022 年"),
        ("参与创建", 4, "试点 1 · 占底数 12.90%"),
        ("审核中", 1, "县级及以上"),
        ("已认定（累计）", 2, "其中 2022 年 1"),
        ("合计完成比例", "6.45%", "目标 60% · 还差 17 个社区"),
    ]
    bars = [(one["line"].jurisdiction.name, one["ratio"]) for one in response.context["lines"]]
    assert bars == [("鹿城镇", "10.53%"), ("东瓜镇", "0.00%"), ("紫溪镇", "0.00%")]
