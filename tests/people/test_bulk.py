"""Inviting by spreadsheet: the template, the preview, every error at once, confirming once and twice."""

from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import chain

import pytest
from django.core import mail, signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import AccessEvent, Invitation, Role, User
from apps.accounts.permissions import Actor
from apps.people.bulk import COLUMNS

Row = Sequence[object]
GOOD: Row = ("测试甲", "532301", "楚雄市", "经办人", "Ceshi-Jia", "测试科", "0878-0000001", "ceshi@example.cn")


def sheet(*rows: Row, columns: Sequence[str] = COLUMNS) -> SimpleUploadedFile:
    """A filled-in list as it is uploaded."""
    workbook, buffer = Workbook(), BytesIO()
    for row in (columns, *rows):
        workbook.active.append(list(row))  # type: ignore[union-attr]
    for cell in chain.from_iterable(workbook.active.iter_rows()):  # type: ignore[union-attr]
        cell.data_type = "s"
    workbook.save(buffer)
    return SimpleUploadedFile("名单.xlsx", buffer.getvalue())


@pytest.fixture
def client(administrator: Actor, client_of: Callable[[Actor], Client]) -> Client:
    return client_of(administrator)


def preview(client: Client, *rows: Row) -> tuple[dict[int, dict[str, str]], str]:
    """Upload rows; return the errors by row and column, and what goes to the confirmation."""
    answer = client.post(reverse("bulk_invite"), {"file": sheet(*rows)})
    assert answer.status_code == 200
    return {row.number: row.errors for row in answer.context["rows"]}, answer.context["signed"]


def test_template_offers_the_units_below_and_the_roles(client: Client) -> None:
    answer = client.get(reverse("bulk_template"))
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["人员名单", "单位", "角色", "部门", "填写说明"]
    assert [cell.value for cell in book["人员名单"][1]] == COLUMNS
    units = {row[0]: row[1] for row in book["单位"].iter_rows(min_row=2, values_only=True)}
    assert (units["532301000000"], units["532301101000"]) == ("楚雄市", "鹿城镇")
    assert "530000000000" not in units
    roles = [row[0] for row in book["角色"].iter_rows(min_row=2, values_only=True)]
    assert roles == ["单位管理员", "经办人", "审批人", "街道经办", "部门审核", "查看"]
    lists = {str(one.sqref): one.formula1 for one in book["人员名单"].data_validations.dataValidation}
    assert lists == {
        "B2:B501": f"'单位'!$A$2:$A${len(units) + 1}",
        "D2:D501": "'角色'!$A$2:$A$7",
        "I2:I501": "'部门'!$A$2:$A$7",
    }
    departments = [row[0] for row in book["部门"].iter_rows(min_row=2, values_only=True)]
    assert (len(departments), departments[4]) == (6, "楚雄彝族自治州生态环境局")


def test_template_filled_in_is_read_back(client: Client) -> None:
    book = load_workbook(BytesIO(client.get(reverse("bulk_template")).content))
    for column, text in enumerate(GOOD, start=1):
        book["人员名单"].cell(2, column).value = str(text)
    buffer = BytesIO()
    book.save(buffer)
    answer = client.post(reverse("bulk_invite"), {"file": SimpleUploadedFile("名单.xlsx", buffer.getvalue())})
    assert [(row.number, row.errors, row.username) for row in answer.context["rows"]] == [(2, {}, "ceshi-jia")]


def test_preview_writes_nothing_and_confirm_invites_once(client: Client) -> None:
    errors, signed = preview(client, GOOD, ("测试乙", "", "鹿城镇", "街道经办", "", "", "", ""))
    assert errors == {2: {}, 3: {}}
    assert User.objects.count() == 1
    answer = client.post(reverse("bulk_confirm"), {"rows": signed})
    assert [one.user.username for one in answer.context["invitations"]] == ["ceshi-jia", "532301101-01"]
    made = User.objects.get(username="ceshi-jia")
    assert (made.contact.office_phone, str(made.memberships.get())) == ("0878-0000001", "楚雄市 · 经办人")
    again = client.post(reverse("bulk_confirm"), {"rows": signed})
    assert again.context["invitations"] == answer.context["invitations"]
    assert (len(again.context["on_paper"]), again.context["wrong"]) == (2, [])
    _, once_more = preview(client, GOOD)
    other = client.post(reverse("bulk_confirm"), {"rows": once_more})
    assert (other.context["invitations"], len(other.context["wrong"])) == ([], 1)
    assert "已有：测试甲（楚雄市），不重复邀请" in other.content.decode()
    assert (User.objects.count(), Invitation.objects.count()) == (3, 2)


def test_preview_names_every_error_by_row_and_column(client: Client, stranger: Actor) -> None:
    User.objects.filter(pk=stranger.user.pk).update(username="taken")
    errors, signed = preview(
        client,
        ("", "999999", "", "科员", "a", "x" * 51, "电话", "不是邮箱"),
        ("测试乙", "532301", "禄丰市", "平台管理员", "taken", "", "", ""),
        ("测试丙", "532301101", "", "审批人", "same", "", "", ""),
        ("测试丁", "120000", "", "经办人", "same", "", "", ""),
        ("测试戊", "", "", "经办人", "", "", "", ""),
        ("测试己", "", "不知道", "经办人", "", "", "", ""),
        GOOD,
        (*GOOD[:4], "other-1", "", "", ""),
    )
    assert {number: list(found) for number, found in errors.items()} == {
        2: ["单位代码", "姓名", "角色", "科室", "办公电话", "电子邮箱", "用户名"],
        3: ["单位名称", "角色", "用户名"],
        4: ["角色", "用户名"],
        5: ["单位代码", "用户名"],
        6: ["单位代码"],
        7: ["单位名称"],
        8: {},
        9: ["姓名"],
    } | {8: []}
    assert errors[2]["角色"] == "没有“科员”这个角色，见“角色”表。"
    assert errors[3] == {
        "单位名称": "代码 532301 是楚雄市，不是“禄丰市”，请改成一致。",
        "角色": "您不能授予“平台管理员”。",
        "用户名": "用户名“taken”不能使用，请换一个。",
    }
    assert errors[4]["用户名"] == "“same”在表里出现 2 次，每人应不同。"
    assert errors[9]["姓名"] == "和第 8 行重复；确是同名的两个人，请在姓名后加以区别。"
    answer = client.post(reverse("bulk_confirm"), {"rows": signed})
    assert [one.user.username for one in answer.context["invitations"]] == ["ceshi-jia"]


def test_rows_with_errors_come_back_as_a_list_that_can_be_uploaded(client: Client) -> None:
    _, signed = preview(client, GOOD, ("测试乙", "120000", "", "经办人", "=1+1", "", "", ""))
    answer = client.post(reverse("bulk_errors"), {"rows": signed})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
    assert rows[0] == (*COLUMNS, "需要改正")
    assert (len(rows), rows[1][0], rows[1][4]) == (2, "测试乙", "=1+1")
    again = client.post(reverse("bulk_invite"), {"file": SimpleUploadedFile("名单.xlsx", answer.content)})
    assert [sorted(row.errors) for row in again.context["rows"]] == [["单位代码", "用户名"]]


def test_confirm_of_rows_that_were_changed_or_of_another_office_is_refused(
    client: Client, county_administrator: Actor, client_of: Callable[[Actor], Client]
) -> None:
    _, signed = preview(client, GOOD)
    forged = signing.dumps({"by": 1, "rows": []}, salt="another", compress=True)
    for text in ("", "x", signed[:-2], forged):
        answer = client.post(reverse("bulk_confirm"), {"rows": text})
        assert (answer.status_code, "请重新上传表格" in answer.content.decode()) == (422, True)
    assert client_of(county_administrator).post(reverse("bulk_confirm"), {"rows": signed}).status_code == 422
    assert not User.objects.filter(username="ceshi-jia").exists()


def test_upload_that_is_no_such_list_is_refused_in_words(client: Client) -> None:
    for file, words in [
        (SimpleUploadedFile("名单.xlsx", b"x"), "不是 Excel 文件"),
        (sheet(), "表格里没有人员"),
        (sheet(("甲",), columns=["姓名"]), "缺少列"),
        (sheet(*[GOOD] * 501), "超过 500 行"),
    ]:
        answer = client.post(reverse("bulk_invite"), {"file": file})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert client.post(reverse("bulk_invite")).status_code == 422


def test_bulk_is_for_administrators(city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    client = client_of(city_approver)
    assert client.get(reverse("bulk_template")).status_code == 403
    assert client.post(reverse("bulk_confirm"), {"rows": "x"}).status_code == 403


def test_a_hundred_people_are_invited_in_one_go(client: Client) -> None:
    rows = [(f"测试{number}", "532301", "", Role.STAFF.label, "", "", "", "") for number in range(100)]
    errors, signed = preview(client, *rows)
    assert not any(errors.values())
    assert len(signed) < 20_000
    answer = client.post(reverse("bulk_confirm"), {"rows": signed})
    assert len(answer.context["invitations"]) == 100
    assert answer.context["invitations"][-1].user.username == "532301-100"


def test_confirm_mails_links_to_those_with_an_address_and_prints_the_rest(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    rows = [
        GOOD,
        ("测试乙", "532301", "", "经办人", "yi", "", "", ""),
        ("测试丙", "999999", "", "经办人", "", "", "", "c@example.cn"),
    ]
    page = client.post(reverse("bulk_invite"), {"file": sheet(*rows)})
    assert "把激活链接发到电子邮箱（1 人填了邮箱）" in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("bulk_confirm"), {"rows": page.context["signed"], "by_mail": "1"})
    (letter,) = mail.outbox
    assert letter.to == ["ceshi@example.cn"]
    made = Invitation.objects.get(user__username="ceshi-jia")
    assert f"http://testserver/activate/{made.code}/" in letter.body
    assert [one.user.username for one in answer.context["on_paper"]] == ["yi"]
    done = " ".join(answer.content.decode().split())
    for said in ("1 人的激活链接已交付发送", "其余 1 人没有填电子邮箱", "打印 1 张凭证", "1 行没有办理"):
        assert said in done
    assert f'value="{made.user_id}"' not in done
    shown = AccessEvent.objects.get(kind="code_shown")
    assert shown.subject == "测试甲（ceshi-jia）：发送邮件"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("bulk_confirm"), {"rows": page.context["signed"], "by_mail": "1"})
    assert len(mail.outbox) == 1


def test_confirm_without_the_wish_mails_nothing(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    _, signed = preview(client, GOOD)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("bulk_confirm"), {"rows": signed})
    assert (mail.outbox, len(answer.context["on_paper"])) == ([], 1)
    assert "打印 1 张凭证" in answer.content.decode()


def test_preview_without_addresses_offers_no_mail(client: Client) -> None:
    page = client.post(reverse("bulk_invite"), {"file": sheet((*GOOD[:7], ""))}).content.decode()
    assert "by_mail" not in page


def test_mailing_asks_as_often_for_one_person_as_for_three(client: Client) -> None:
    asked = []
    for names in (["a1"], ["b1", "b2", "b3"]):
        _, signed = preview(client, *[(f"测试{name}", *GOOD[1:4], name, *GOOD[5:]) for name in names])
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(reverse("bulk_confirm"), {"rows": signed, "by_mail": "1"})
        assert len(answer.context["mailed"]) == len(names)
        asked.append(len(captured))
    assert asked[0] == asked[1]
