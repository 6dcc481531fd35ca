"""The list behind the page 审计: what it holds, in which order, page by page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts import access, lockout
from apps.accounts.models import AccessEvent, Role, User
from apps.accounts.permissions import Actor
from apps.audit.lines import Line, lines_of
from apps.audit.trail import Asked, Mark, find
from apps.campaigns.domain import enrol_communities
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core.history import recording
from apps.people.departing import suspend_person
from apps.people.inviting import unlock_sign_in

Acting = Callable[[Actor], AbstractContextManager[None]]
FindCommunity = Callable[[str], Community]

CODES = ["532301101001", "532301101006", "532301101008"]


@pytest.fixture
def admin(make_actor: Callable[[str, Role], Actor]) -> Actor:
    return make_actor("532301", Role.BUREAU_ADMIN)


@pytest.fixture
def planned(
    chuxiong: Campaign,
    admin: Actor,
    stranger: Actor,
    district_reviewer: Actor,
    acting: Acting,
    community: FindCommunity,
) -> None:
    """Three communities enrolled in one operation, and a list taken along."""
    with acting(district_reviewer):
        enrol_communities(chuxiong, 2022, [community(code) for code in CODES], actor=district_reviewer)
        access.record(AccessEvent.Kind.EXPORTED, actor=district_reviewer, subject="楚雄市 社区名单")


def look(actor: Actor, acting: Acting, **asked: Any) -> list[Line]:
    with acting(actor):
        return lines_of(find(Asked(**{"path": actor.jurisdiction.path} | asked), limit=100))


def things(lines: list[Line]) -> list[tuple[str, str]]:
    return [(one.act, one.thing) for one in lines]


def test_find_joins_changes_and_access_newest_first(planned: None, admin: Actor, acting: Acting) -> None:
    lines = look(admin, acting, person="测试经办人532301")
    # First the account was made.
    made = [("新增", "任职"), ("修改", "用户"), ("新增", "用户")]
    assert things(lines) == [("导出", ""), *[("新增", "参与创建")] * 3, *things(lines[4:])]
    assert sorted(things(lines[4:])) == sorted(made)
    assert [one.at for one in lines] == sorted((one.at for one in lines), reverse=True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"act": "insert", "thing": "campaigns.participation"}, [("新增", "参与创建")] * 3),
        ({"act": "export"}, [("导出", "")]),
        ({"act": "download"}, []),
        ({"act": "sign_in"}, []),
        ({"act": "rights"}, []),
        ({"act": "delete"}, []),
        ({"act": "export", "thing": "campaigns.participation"}, []),
        ({"thing": "campaigns.recognition"}, []),
        ({"person": "532301", "act": "export"}, [("导出", "")]),
        ({"person": "没有这个人"}, []),
        ({"person": "100%"}, []),
    ],
)
def test_find_narrows(
    planned: None, admin: Actor, acting: Acting, asked: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert things(look(admin, acting, **asked)) == found


def test_find_by_name_finds_what_was_done_to_the_person(planned: None, admin: Actor, acting: Acting) -> None:
    clerk = User.objects.get(display_name="测试经办人532301")
    with acting(admin), recording(user=admin.user.pk, name=str(admin.user)):
        suspend_person(clerk, actor=admin)
    lines = look(admin, acting, person="测试经办人532301", since=timezone.now() - timedelta(hours=1))
    assert ("停用账号", "") in things(lines)
    assert ("修改", "用户") in things(lines)
    assert things(look(admin, acting, person=clerk.username, act="rights")) == [("停用账号", "")]


def test_find_by_name_finds_that_a_lock_was_lifted(planned: None, admin: Actor, acting: Acting) -> None:
    clerk = User.objects.get(display_name="测试经办人532301")
    for _ in range(lockout.FAILURES):
        lockout.record_failure(clerk.username)
    with acting(admin), recording(user=admin.user.pk, name=str(admin.user)):
        unlock_sign_in(clerk, actor=admin)
    assert things(look(admin, acting, person=clerk.username, act="rights")) == [("解除锁定", "")]
    assert look(admin, acting, person=clerk.username, act="sign_in")[0].act == "登录被暂停"


def test_find_by_name_does_not_look_into_the_digest_of_an_unknown_one(db: None, acting: Acting) -> None:
    access.record_unknown(AccessEvent.Kind.SIGN_IN_FAILED, "zuo9")
    digest = access.unknown_name("zuo9").partition("#")[2]
    asked = Asked(path="", act="sign_in")
    assert len(find(replace(asked, person="ZU"), limit=9)) == 1
    assert find(replace(asked, person=digest[:4]), limit=9) == []


def test_find_narrows_by_time(planned: None, admin: Actor, acting: Acting) -> None:
    now = timezone.now()
    person = "测试经办人532301"
    assert len(look(admin, acting, person=person, since=now - timedelta(hours=1))) == 7
    assert look(admin, acting, person=person, since=now + timedelta(hours=1)) == []
    assert look(admin, acting, person=person, until=now - timedelta(hours=1)) == []


def test_find_gives_everything_of_one_request(planned: None, admin: Actor, acting: Acting) -> None:
    exported = look(admin, acting, act="export")[0]
    assert things(look(admin, acting, request=exported.request)) == [("导出", ""), *[("新增", "参与创建")] * 3]


def test_find_stays_below_the_jurisdiction_asked_for(
    planned: None, admin: Actor, acting: Acting, community: FindCommunity
) -> None:
    town = community(CODES[0]).jurisdiction
    assert len(look(admin, acting, path=town.path, thing="campaigns.participation")) == 3
    beside = town.path[:-1] + ("0" if town.path[-1] != "0" else "1")
    assert look(admin, acting, path=beside, thing="campaigns.participation") == []
    # The wall decides, whatever path is asked for.
    assert {one.place.split("楚雄市")[0] for one in look(admin, acting, path="")} == {"云南省楚雄彝族自治州"}


def test_find_shows_nothing_of_other_branches(
    planned: None, stranger: Actor, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    assert look(stranger, acting, path="", person="532301") == []
    assert all(one.place.startswith("天津市") for one in look(stranger, acting, path=""))
    beside = make_actor("532302", Role.BUREAU_ADMIN)
    assert look(beside, acting, path="", thing="campaigns.participation") == []


def test_pages_hold_every_line_once(planned: None, admin: Actor, acting: Acting) -> None:
    with acting(admin):
        asked = Asked(path=admin.jurisdiction.path, since=timezone.now() - timedelta(minutes=30))
        whole = find(asked, limit=1000)
        paged: list[Mark] = []
        while page := find(asked, limit=7, after=paged[-1] if paged else None):
            assert len(page) <= 7
            paged += page
    assert paged == whole
    assert len(set(whole)) == len(whole) > 40


@pytest.mark.parametrize("text", ["", "1", "1-2", "a-b-c", "1-2-3-4", "-1-2-3", "9" * 30 + "-1-1", "９-1-1"])
def test_mark_of_a_wrong_address_is_none(text: str) -> None:
    assert Mark.parse(text) is None


def test_mark_survives_the_address(db: None) -> None:
    mark = Mark(timezone.now(), 3, 17)
    assert Mark.parse(str(mark)) == mark


def test_find_without_rows_is_empty(db: None, admin: Actor, acting: Acting) -> None:
    assert look(admin, acting, thing="campaigns.participation") == []
    assert not Participation.objects.exists()
