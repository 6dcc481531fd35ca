"""Memberships added, changed, ended; to-dos handed over; the last administrator stays."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.domain import grant_membership
from apps.accounts.models import AccessEvent, Invitation, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction
from apps.people.inviting import ContactFacts
from apps.people.moving import (
    OpenTodos,
    add_membership,
    change_membership,
    edit_person,
    end_membership,
    successors_of,
)
from tests.people.conftest import FakeDuties

Acting = Callable[[Actor], AbstractContextManager[None]]
Place = Callable[[str], Jurisdiction]
MakeActor = Callable[[str, Role], Actor]


def offices(user: User) -> list[str]:
    return [str(one) for one in user.memberships.order_by("path", "role")]


def test_add_membership_gives_a_second_one(
    active: Callable[..., User], administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active()
    with acting(administrator):
        add_membership(user, jurisdiction("532322"), Role.STAFF, actor=administrator)
        with pytest.raises(InvalidInput, match="已经是双柏县的经办人"):
            add_membership(user, jurisdiction("532322"), Role.STAFF, actor=administrator)
    assert offices(user) == ["楚雄市 · 经办人", "双柏县 · 经办人"]
    assert AccessEvent.objects.filter(kind="granted").count() == 2


def test_add_membership_to_somebody_outside_or_to_oneself_is_refused(
    administrator: Actor, stranger: Actor, province_reviewer: Actor, acting: Acting, jurisdiction: Place
) -> None:
    with acting(administrator):
        for person in (stranger.user, province_reviewer.user, administrator.user):
            with pytest.raises(PermissionDenied):
                add_membership(person, jurisdiction("5323"), Role.VIEWER, actor=administrator)


def test_people_with_a_membership_outside_are_left_to_the_level_above(
    active: Callable[..., User], county_administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active()
    grant_membership(user, jurisdiction("532322"), Role.STAFF)
    with acting(county_administrator), pytest.raises(PermissionDenied, match="在您的辖区以外还有任职"):
        add_membership(user, jurisdiction("532301"), Role.VIEWER, actor=county_administrator)


def test_change_membership_moves_the_person_and_their_bureau(
    active: Callable[..., User], administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active()
    with acting(administrator):
        change_membership(user.memberships.get(), jurisdiction("532302"), Role.APPROVER, actor=administrator)
    user.refresh_from_db()
    assert (offices(user), user.jurisdiction.name, user.contact.path) == (
        ["禄丰市 · 审批人"],
        "禄丰市",
        jurisdiction("532302").path,
    )
    kinds = AccessEvent.objects.order_by("-pk").values_list("kind", "jurisdiction__name", "subject")[:2]
    assert list(kinds) == [
        ("granted", "禄丰市", "测试甲（532301-01）：禄丰市 · 审批人"),
        ("ended", "楚雄市", "测试甲（532301-01）：楚雄市 · 经办人"),
    ]


def test_change_membership_to_beside_above_or_more_is_refused(
    active: Callable[..., User], county_administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active()
    with acting(county_administrator):
        membership = user.memberships.get()
        for code in ("5323", "532302", "12"):
            with pytest.raises(PermissionDenied):
                change_membership(membership, jurisdiction(code), Role.STAFF, actor=county_administrator)
        with pytest.raises(PermissionDenied):
            change_membership(membership, jurisdiction("532301"), Role.PLATFORM_ADMIN, actor=county_administrator)
    assert offices(user) == ["楚雄市 · 经办人"]


def test_change_membership_of_oneself_is_refused(administrator: Actor, acting: Acting) -> None:
    with acting(administrator), pytest.raises(PermissionDenied, match="自己的账号和任职由其他管理员办理"):
        change_membership(administrator.membership, administrator.jurisdiction, Role.APPROVER, actor=administrator)


def test_change_membership_to_another_province_is_refused_even_to_the_platform(
    active: Callable[..., User], platform_administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active()
    with acting(platform_administrator), pytest.raises(InvalidInput, match="跨省任职请另建账号"):
        change_membership(user.memberships.get(), jurisdiction("12"), Role.STAFF, actor=platform_administrator)


def test_end_membership_with_open_todos_needs_a_successor_who_may_do_them(
    active: Callable[..., User], administrator: Actor, acting: Acting, duties: FakeDuties
) -> None:
    user, viewer, colleague = active(), active(role=Role.VIEWER), active(role=Role.APPROVER)
    elsewhere = active(code="532302")
    membership = user.memberships.get()
    duties.todos[membership.pk] = 2
    with acting(administrator):
        with pytest.raises(OpenTodos) as caught:
            end_membership(membership, actor=administrator)
        assert caught.value.message == (
            "测试甲在“楚雄市 · 经办人”还有待办：待审核的自评 2 件。请选择接手人，移交后再办理。"
        )
        assert [one.user for one in successors_of(membership)] == [colleague]
        for wrong in (viewer, elsewhere, user):
            with pytest.raises(InvalidInput, match="不能接手"):
                end_membership(membership, actor=administrator, successor=wrong)
        end_membership(membership, actor=administrator, successor=colleague)
    assert duties.moved == [(membership.pk, colleague.pk)]
    assert offices(user) == []
    assert list(AccessEvent.objects.order_by("-pk").values_list("kind", flat=True)[:2]) == ["ended", "handed_over"]


def test_change_of_role_keeps_the_todos_that_it_may_still_do(
    active: Callable[..., User], administrator: Actor, acting: Acting, duties: FakeDuties, jurisdiction: Place
) -> None:
    user = active()
    membership = user.memberships.get()
    duties.todos[membership.pk] = 1
    with acting(administrator):
        changed = change_membership(membership, jurisdiction("532301"), Role.APPROVER, actor=administrator)
        with pytest.raises(OpenTodos):
            change_membership(changed, jurisdiction("532301"), Role.VIEWER, actor=administrator)
        with pytest.raises(OpenTodos):
            change_membership(changed, jurisdiction("532302"), Role.APPROVER, actor=administrator)
    assert (duties.moved, offices(user)) == ([], ["楚雄市 · 审批人"])


def test_end_membership_in_scope_of_somebody_who_belongs_elsewhere(
    active: Callable[..., User], county_administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active(code="532302")
    inside = grant_membership(user, jurisdiction("532301"), Role.STAFF)
    with acting(county_administrator):
        end_membership(inside, actor=county_administrator)
    assert offices(user) == ["禄丰市 · 经办人"]


def test_end_membership_outside_is_refused(
    active: Callable[..., User], county_administrator: Actor, acting: Acting
) -> None:
    membership = active(code="532302").memberships.get()
    with acting(county_administrator), pytest.raises(PermissionDenied):
        end_membership(membership, actor=county_administrator)


def test_last_administrator_cannot_leave_until_another_is_activated(
    administrator: Actor, invited: Callable[..., Invitation], active: Callable[..., User], acting: Acting
) -> None:
    invited(code="5323", role=Role.BUREAU_ADMIN)
    with acting(administrator), pytest.raises(TransitionError, match="您是楚雄彝族自治州唯一的单位管理员，不能退出"):
        end_membership(administrator.membership, actor=administrator)
    active(code="5323", role=Role.BUREAU_ADMIN)
    with acting(administrator):
        end_membership(administrator.membership, actor=administrator)
    assert offices(administrator.user) == []


def test_platform_administrator_is_not_replaced_by_a_bureau_administrator(
    platform_administrator: Actor, make_actor: MakeActor, acting: Acting
) -> None:
    make_actor("000000", Role.BUREAU_ADMIN)
    with acting(platform_administrator), pytest.raises(TransitionError, match="唯一的平台管理员"):
        end_membership(platform_administrator.membership, actor=platform_administrator)


def test_end_membership_that_ended_meanwhile_says_so(
    active: Callable[..., User], administrator: Actor, acting: Acting
) -> None:
    membership = active().memberships.get()
    Membership.objects.filter(pk=membership.pk).delete()
    with acting(administrator), pytest.raises(TransitionError, match="刚被别人调整或免去"):
        end_membership(membership, actor=administrator)


def test_verbs_of_an_administrator_whose_role_was_taken_away_are_refused(
    active: Callable[..., User], administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active()
    Membership.objects.filter(pk=administrator.membership.pk).delete()
    with acting(administrator), pytest.raises(PermissionDenied, match="您的任职已经变动"):
        add_membership(user, jurisdiction("5323"), Role.VIEWER, actor=administrator)


def test_edit_person_mends_name_bureau_and_contact(
    active: Callable[..., User], administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active()
    facts = ContactFacts("综合科", "0878-0000002", "")
    with acting(administrator):
        edit_person(user, actor=administrator, name="测试乙", jurisdiction=jurisdiction("532302"), contact=facts)
    user.refresh_from_db()
    assert (user.display_name, user.jurisdiction.name) == ("测试乙", "禄丰市")
    assert (user.contact.office, user.contact.office_phone, user.contact.email) == ("综合科", "0878-0000002", "")


def test_edit_person_to_another_bureau_outside_is_refused(
    active: Callable[..., User], administrator: Actor, acting: Acting, jurisdiction: Place
) -> None:
    user = active()
    with acting(administrator):
        for code in ("53", "12"):
            with pytest.raises(PermissionDenied):
                edit_person(
                    user, actor=administrator, name="测试甲", jurisdiction=jurisdiction(code), contact=ContactFacts()
                )
        with pytest.raises(PermissionDenied, match="自己的所属单位"):
            edit_person(
                administrator.user,
                actor=administrator,
                name="测试丙",
                jurisdiction=jurisdiction("532301"),
                contact=ContactFacts(),
            )


def test_person_of_the_nation_with_two_provinces_does_not_become_one_provinces(
    platform_administrator: Actor, make_actor: MakeActor, acting: Acting, jurisdiction: Place
) -> None:
    user = make_actor("000000", Role.STAFF).user
    here, there = (grant_membership(user, jurisdiction(code), Role.STAFF) for code in ("53", "12"))
    home = user.memberships.get(jurisdiction=jurisdiction("000000"))
    with acting(platform_administrator):
        with pytest.raises(InvalidInput) as caught:
            change_membership(home, jurisdiction("5323"), Role.STAFF, actor=platform_administrator)
        assert caught.value.message == (
            f"{user}在天津市还有任职，所属单位不能改为楚雄彝族自治州。请先免去该任职，跨省任职请另建账号。"
        )
        with pytest.raises(InvalidInput, match="所属单位不能改为云南省"):
            edit_person(
                user, actor=platform_administrator, name="甲", jurisdiction=here.jurisdiction, contact=ContactFacts()
            )
        end_membership(there, actor=platform_administrator)
        change_membership(home, jurisdiction("5323"), Role.STAFF, actor=platform_administrator)
    user.refresh_from_db()
    assert (user.jurisdiction.name, offices(user)) == ("楚雄彝族自治州", ["云南省 · 经办人", "楚雄彝族自治州 · 经办人"])


def test_person_with_an_office_at_the_nation_stays_the_nations(
    platform_administrator: Actor, make_actor: MakeActor, acting: Acting, jurisdiction: Place
) -> None:
    user = make_actor("000000", Role.STAFF).user
    with acting(platform_administrator), pytest.raises(InvalidInput, match="还有任职，所属单位不能改为云南省"):
        edit_person(
            user, actor=platform_administrator, name="甲", jurisdiction=jurisdiction("53"), contact=ContactFacts()
        )


def test_successor_has_activated_the_account(
    active: Callable[..., User],
    invited: Callable[..., Invitation],
    administrator: Actor,
    acting: Acting,
    duties: FakeDuties,
) -> None:
    membership, newcomer = active().memberships.get(), invited().user
    duties.todos[membership.pk] = 1
    with acting(administrator):
        assert successors_of(membership) == []
        with pytest.raises(InvalidInput, match="不能接手"):
            end_membership(membership, actor=administrator, successor=newcomer)


def test_effective_memberships_are_those_of_people_who_can_sign_in(
    active: Callable[..., User], invited: Callable[..., Invitation]
) -> None:
    people = [active(), active(), active(), invited().user]
    User.objects.filter(pk=people[1].pk).update(is_active=False)
    User.objects.filter(pk=people[2].pk).update(is_active=False, departed_at="2022-08-01T00:00:00Z")
    found = Membership.objects.effective().filter(user__in=people)
    assert [one.user for one in found] == [people[0]]
    for one, state in zip(people, ["active", "suspended", "departed", "invited"], strict=True):
        (alone,) = [each for each in User.State if User.objects.filter(User.in_state(each), pk=one.pk).exists()]
        assert (alone, User.objects.get(pk=one.pk).state) == (state, state)
