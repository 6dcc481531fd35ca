"""People in a browser: invited on paper, activated on a phone, suspended at once; every page is sound."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESK, PHONE

_numbers = count(1)


def invite(page: Page, *, code: str = "532301101000", role: str = "街道经办") -> str:
    """Invite somebody new; return the user name. The person's page is open then."""
    name = f"ceshi-{next(_numbers)}-{page.viewport_size['width'] if page.viewport_size else 0}"
    page.goto(f"/people/invite/?jurisdiction={code}")
    page.get_by_label("姓名").fill("测试甲")
    page.get_by_label("角色").select_option(role)
    page.get_by_label("用户名").fill(name)
    page.get_by_label("办公电话").fill("0878-0000001")
    page.get_by_role("button", name="邀请到").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("测试甲")
    return name


def code_of(page: Page) -> str:
    """Print the slip from the person's page; return its code."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name="打印凭证").click()
    slip = opened.value
    text = slip.locator(".slip-code").inner_text()
    slip.close()
    return text.removeprefix("激活凭证").strip()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_of_people_are_sound(
    viewport: dict[str, int], sign_in: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = sign_in("guanli", viewport)
    invite(page)
    person = page.url
    addresses = ["/people/", "/people/invite/", "/people/bulk/", person, f"{person}depart/", f"{person}memberships/"]
    for address in addresses:
        page.goto(address)
        assert (address, axe(page)) == (address, [])
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (address, overflow) == (address, 0)
    page.goto(person)
    for button, dialog in [("修改资料", "edit"), ("停用账号", "suspend"), ("重新发放", "code")]:
        page.get_by_role("button", name=button).first.click()
        expect(page.locator(f"dialog#{dialog}")).to_be_visible()
        assert (dialog, axe(page)) == (dialog, [])
        page.locator(f"dialog#{dialog}").get_by_role("button", name="取消").click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="打印凭证").click()
    assert axe(opened.value) == []


def test_invited_on_paper_activated_on_a_phone_and_suspended(
    site: str, browser: Browser, sign_in: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = sign_in("guanli")
    name = invite(page)
    code = code_of(page)
    context = browser.new_context(base_url=site, viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    phone = context.new_page()
    phone.set_default_timeout(10_000)
    phone.goto("/activate/")
    assert axe(phone) == []
    phone.get_by_label("激活凭证").fill(code.lower().replace("-", ""))
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text("鹿城镇 · 街道经办")).to_be_visible()
    assert axe(phone) == []
    phone.get_by_label("设定密码", exact=True).fill("测试用的登录密码 42")
    phone.get_by_label("再输一次").fill("测试用的登录密码 42")
    phone.get_by_role("button", name="设定密码并登录").click()
    phone.wait_for_url(f"{site}/")
    page.reload()
    page.get_by_role("button", name="停用账号").click()
    page.locator("dialog#suspend").get_by_role("button", name="停用账号").click()
    expect(page.get_by_text("已停用测试甲的账号")).to_be_visible()
    phone.goto("/")
    assert "/accounts/login/" in phone.url
    page.goto(f"/people/?state=suspended&q={name}")
    expect(page.get_by_role("link", name="测试甲")).to_be_visible()
    context.close()
