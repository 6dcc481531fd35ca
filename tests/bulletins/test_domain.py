"""The life of a bulletin: drafted from the figures, edited, published with them frozen, withdrawn."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.bulletins.domain import (
    Wording,
    bulletins_for,
    discard_bulletin,
    draft_bulletin,
    edit_bulletin,
    live_units,
    publish_bulletin,
    was_discarded,
    withdraw_bulletin,
)
from apps.bulletins.models import Bulletin
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.notifications.models import Notification
from tests.factories import recognised_community

MakeActor = Callable[[str, Role], Actor]
Find = Callable[[str], Jurisdiction]
Status = Bulletin.Status


@pytest.fixture(autouse=True)
def _in_2022() -> Iterator[None]:
    with clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))):
        yield


@pytest.fixture
def draft(chuxiong: Campaign, community: Callable[[str], Community], city_approver: Actor) -> Bulletin:
    """The prefecture's, with two of 楚雄市's 31 communities recognised."""
    for code in ("532301101001", "532301101006"):
        recognised_community(community(code), chuxiong, 2022)
    with acting(city_approver):
        return draft_bulletin(chuxiong, 2022, actor=city_approver)


def wording(draft: Bulletin, *, praised: tuple[int, ...] = (), urged: tuple[int, ...] = ()) -> Wording:
    return Wording("关于进展的通报", "楚住建通〔2022〕3号", "进展如下。", "ratio", frozenset(praised), frozenset(urged))


def test_a_draft_says_the_figures_in_sentences(draft: Bulletin, city_approver: Actor) -> None:
    assert (draft.title, draft.status) == ("关于2022年绿色社区创建行动进展情况的通报", "draft")
    assert draft.text.splitlines() == [
        "现将楚雄彝族自治州2022年绿色社区创建行动进展情况通报如下。",
        "截至2022年8月15日，楚雄彝族自治州共有城市社区163个，参与创建2个，累计认定绿色社区2个，合计完成比例1.23%。",
        "2022年目标为60%，应认定98个，还差96个。",
        "10个县（市、区）中，已达到2022年目标的0个，尚未达到的10个。",
        "请各单位对照目标，抓紧推进尚未完成的创建任务。",
    ]
    with acting(city_approver):
        assert draft_bulletin(draft.campaign, 2022, actor=city_approver) == draft
        assert [(one.name, one.base, one.completed, one.wanted) for one in live_units(draft)][:2] == [
            ("楚雄市", 31, 2, 19),
            ("禄丰市", 45, 0, 27),
        ]


def test_published_figures_stay_what_they_were(
    draft: Bulletin, city_approver: Actor, community: Callable[[str], Community], jurisdiction: Find
) -> None:
    best, last = jurisdiction("532301").pk, jurisdiction("532328").pk
    with acting(city_approver):
        edited = edit_bulletin(draft, wording(draft, praised=(best,), urged=(last,)), actor=city_approver, seen=1)
        done = publish_bulletin(edited, actor=city_approver, seen=2)
        assert publish_bulletin(edited, actor=city_approver, seen=2) == done
    recognised_community(community("532301101008"), draft.campaign, 2022)
    done.refresh_from_db()
    assert (done.status, str(done.as_of), done.published_by) == ("published", "2022-08-15", city_approver.user)
    assert [(one.name, one.completed) for one in done.frozen if one.completed] == [("楚雄市", 2)]
    assert (done.praised, done.urged) == ([best], [last])
    with acting(city_approver), pytest.raises(TransitionError, match="已发布，不能修改"):
        edit_bulletin(done, wording(done), actor=city_approver, seen=done.version)


def test_drafts_are_the_offices_own_and_published_ones_are_read_below(
    draft: Bulletin, city_approver: Actor, make_actor: MakeActor, stranger: Actor
) -> None:
    people = [
        make_actor("532301", Role.STAFF),
        make_actor("532301101", Role.STREET_OFFICER),
        make_actor("53", Role.APPROVER),
    ]

    def seen() -> list[int]:
        counts = []
        for one in (city_approver, *people, stranger):
            with acting(one):
                counts.append(bulletins_for(one).count())
        return counts

    assert seen() == [1, 0, 0, 0, 0]
    with acting(city_approver):
        publish_bulletin(draft, actor=city_approver, seen=1)
    assert seen() == [1, 1, 1, 1, 0]


def test_only_the_office_itself_works_on_it(
    draft: Bulletin, make_actor: MakeActor, jurisdiction: Find, chuxiong: Campaign
) -> None:
    clerk, above, viewer = (
        make_actor("5323", Role.STAFF),
        make_actor("53", Role.APPROVER),
        make_actor("5323", Role.VIEWER),
    )
    with acting(clerk):
        edited = edit_bulletin(draft, wording(draft), actor=clerk, seen=1)
        with pytest.raises(PermissionDenied):
            publish_bulletin(edited, actor=clerk, seen=2)
    with acting(above), pytest.raises(PermissionDenied, match="由楚雄彝族自治州办理"):
        publish_bulletin(edited, actor=above, seen=2)
    with acting(viewer), pytest.raises(PermissionDenied):
        draft_bulletin(chuxiong, 2022, actor=viewer)


def test_a_stale_page_changes_and_publishes_nothing(draft: Bulletin, city_approver: Actor) -> None:
    with acting(city_approver):
        edit_bulletin(draft, wording(draft), actor=city_approver, seen=1)
        with pytest.raises(StaleForm, match="您的修改没有保存"):
            edit_bulletin(draft, replace(wording(draft), text="别的"), actor=city_approver, seen=1)
        with pytest.raises(StaleForm, match="没有发布"):
            publish_bulletin(draft, actor=city_approver, seen=1)
    draft.refresh_from_db()
    assert (draft.text, draft.status) == ("进展如下。", "draft")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": " "}, "请填写标题"),
        ({"text": ""}, "请填写通报正文"),
        ({"praised": frozenset({1}), "urged": frozenset({1})}, "不能既表扬又督促"),
        ({"praised": frozenset({99_999_999})}, "已不在名单里"),
    ],
)
def test_say_what_is_wrong(draft: Bulletin, city_approver: Actor, changed: dict[str, object], said: str) -> None:
    with acting(city_approver), pytest.raises(InvalidInput, match=said):
        edit_bulletin(draft, replace(wording(draft), **changed), actor=city_approver, seen=1)  # type: ignore[arg-type]


def test_withdrawing_takes_a_reason_and_is_told_once(draft: Bulletin, city_approver: Actor) -> None:
    with acting(city_approver):
        with pytest.raises(TransitionError, match="还没有发布，可以直接删除草稿"):
            withdraw_bulletin(draft, "数字有误", actor=city_approver)
        publish_bulletin(draft, actor=city_approver, seen=1)
        with pytest.raises(InvalidInput, match="请填写撤回通报的理由"):
            withdraw_bulletin(draft, " ", actor=city_approver)
        withdraw_bulletin(draft, "数字有误", actor=city_approver)
        with pytest.raises(TransitionError, match="已于 2022-08-15 10:00 由 测试审批人5323 撤回"):
            withdraw_bulletin(draft, "再撤", actor=city_approver)


def test_a_draft_is_thrown_away_once(draft: Bulletin, city_approver: Actor, stranger: Actor) -> None:
    with acting(city_approver):
        discard_bulletin(draft, actor=city_approver)
        discard_bulletin(draft, actor=city_approver)
        assert was_discarded(draft.pk, city_approver)
    with acting(stranger):
        assert not was_discarded(draft.pk, stranger)
    assert not Bulletin.objects.exists()


def test_all_below_are_told_and_nobody_else(
    draft: Bulletin,
    city_approver: Actor,
    make_actor: MakeActor,
    stranger: Actor,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    county, street = make_actor("532301", Role.STAFF), make_actor("532301101", Role.STREET_OFFICER)
    viewer, above = make_actor("532301", Role.VIEWER), make_actor("53", Role.APPROVER)
    with acting(city_approver), django_capture_on_commit_callbacks(execute=True):
        edited = edit_bulletin(draft, wording(draft), actor=city_approver, seen=1)
        publish_bulletin(edited, actor=city_approver, seen=2)
    told = Notification.objects.filter(kind="bulletin")
    assert {(one.title, one.text) for one in told} == {
        ("关于进展的通报", "楚雄彝族自治州印发（楚住建通〔2022〕3号）。")
    }
    reached = {one.user for one in told}
    assert {county.user, street.user} <= reached
    assert reached.isdisjoint({viewer.user, city_approver.user, above.user, stranger.user})
    with acting(city_approver), django_capture_on_commit_callbacks(execute=True):
        withdraw_bulletin(edited, "数字有误", actor=city_approver)
    assert told.filter(title="关于进展的通报（已撤回）", user=county.user).get().text.endswith("理由：数字有误")
