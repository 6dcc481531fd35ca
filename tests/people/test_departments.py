"""The department of a department reviewer: required there, refused elsewhere, offered from the campaign's words."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import AccessEvent, Invitation, Membership, Role, User
from apps.accounts.permissions import Actor
from apps.core.errors import InvalidInput
from apps.jurisdictions.models import Jurisdiction
from apps.people.inviting import invite_person
from apps.people.moving import add_membership, change_membership
from tests.people.test_bulk import GOOD, preview, sheet

Acting = Callable[[Actor], AbstractContextManager[None]]
REVIEWER = Role.DEPARTMENT_REVIEWER


@pytest.fixture
def client(administrator: Actor, client_of: Callable[[Actor], Client]) -> Client:
    return client_of(administrator)


def test_invite_a_department_reviewer_takes_the_department(
    administrator: Actor, jurisdiction: Callable[[str], Jurisdiction], acting: Acting
) -> None:
    with acting(administrator):
        with pytest.raises(InvalidInput, match="“部门审核”须填所属部门"):
            invite_person(jurisdiction("532301"), REVIEWER, actor=administrator, name="测试甲", department=" ")
        with pytest.raises(InvalidInput, match="只有“部门审核”填所属部门"):
            invite_person(jurisdiction("532301"), Role.STAFF, actor=administrator, name="测试甲", department="民政局")
        assert Invitation.objects.count() == 0
        invitation = invite_person(
            jurisdiction("532301"), REVIEWER, actor=administrator, name="测试甲", department=" 生态  环境局 "
        )
    assert invitation.user.memberships.get().department == "生态 环境局"
    granted = AccessEvent.objects.get(kind=AccessEvent.Kind.GRANTED)
    assert granted.subject == "测试甲（532301-01）：楚雄市 · 部门审核（生态 环境局）"


def test_add_and_change_of_the_department_alone(
    active: Callable[..., User], administrator: Actor, jurisdiction: Callable[[str], Jurisdiction], acting: Acting
) -> None:
    person, unit = active(), jurisdiction("532301")
    with acting(administrator):
        with pytest.raises(InvalidInput, match="须填所属部门"):
            add_membership(person, unit, REVIEWER, actor=administrator)
        added = add_membership(person, unit, REVIEWER, actor=administrator, department="民政局")
        with pytest.raises(InvalidInput, match="没有变动"):
            change_membership(added, unit, REVIEWER, actor=administrator, department="民政局")
        changed = change_membership(added, unit, REVIEWER, actor=administrator, department="公安局")
        assert (changed.pk, changed.department) == (added.pk, "公安局")
        viewer = change_membership(changed, unit, Role.VIEWER, actor=administrator)
    assert viewer.department == ""


def test_forms_offer_the_campaigns_departments_and_take_others(client: Client) -> None:
    address = f"{reverse('person_invite')}?jurisdiction=532301000000"
    assert '<option value="楚雄彝族自治州生态环境局"></option>' in client.get(address).text
    body = {"display_name": "测试甲", "role": "department_reviewer"}
    refused = client.post(address, body)
    assert refused.status_code == 422
    assert "“部门审核”须填所属部门" in refused.context["form"].errors["department"][0]
    invited = client.post(address, body | {"department": "市残联"}, follow=True)
    assert "市残联" in invited.text
    assert Membership.objects.get(role=REVIEWER).department == "市残联"
    assert "部门审核（市残联）" in client.get(reverse("person_list")).text


def test_form_of_a_street_asks_for_no_department(client: Client) -> None:
    address = f"{reverse('person_invite')}?jurisdiction=532301101000"
    assert "department" not in client.get(address).context["form"].fields


def test_bulk_takes_the_department_of_a_reviewer_only(client: Client) -> None:
    reviewer = ("测试乙", "532301", "", "部门审核", "", "", "", "")
    errors, signed = preview(
        client,
        (*reviewer, "市生态环境局"),
        ("测试丙", *reviewer[1:], ""),
        (*GOOD, "民政局"),
    )
    assert {number: list(found) for number, found in errors.items()} == {2: [], 3: ["所属部门"], 4: ["所属部门"]}
    client.post(reverse("bulk_confirm"), {"rows": signed})
    assert Membership.objects.get(role=REVIEWER).department == "市生态环境局"


def test_bulk_takes_a_list_of_before_the_column(client: Client) -> None:
    columns = ["姓名", "单位代码", "单位名称", "角色", "用户名", "科室", "办公电话", "电子邮箱"]
    answer = client.post(reverse("bulk_invite"), {"file": sheet(GOOD, columns=columns)})
    assert [row.errors for row in answer.context["rows"]] == [{}]
