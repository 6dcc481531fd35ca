"""Filling in when the line is down or a colleague is in the same form: what was typed stays, and nothing is overwritten."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE

SignIn = Callable[..., Page]


def test_what_was_typed_survives_a_closed_tab(sign_in: SignIn) -> None:
    county, street = sign_in("chuxiongshi"), sign_in("lucheng", PHONE)
    county.goto("/plan/?campaign=chuxiong-2021&year=2022")
    county.get_by_role("checkbox", name="万家坝社区", exact=True).check()
    county.get_by_role("button", name="列入计划").click()
    county.get_by_role("dialog").get_by_role("button", name="列入计划").click()
    expect(county.get_by_text("已列入 2022 年计划 1 个社区").first).to_be_visible()
    street.goto("/assessments/")
    street.get_by_role("button", name="开始自评：万家坝社区").click()
    expect(street.get_by_role("heading", level=1)).to_contain_text("万家坝社区")

    # Another tab of the same browser, in which the line goes down.
    tab = street.context.new_page()
    tab.goto(street.url)
    # Not offline altogether: a browser says so on its console, which no page here may write to.
    tab.route(re.compile("/criteria/"), lambda route: route.fulfill(status=503, body=""))
    tab.locator("#c9").get_by_role("checkbox").first.check()
    tab.locator("#c11 [data-none]").click()
    expect(tab.locator("#c9 [data-save-state]")).to_contain_text("未保存")
    expect(tab.locator("#c11 [data-save-state]")).to_contain_text("未保存")
    tab.close(run_before_unload=False)

    # On the next visit it is there, and sent.
    street.reload()
    expect(street.locator("#c9 [data-save-state]")).to_contain_text("已保存")
    expect(street.locator("#c9 .criterion-points")).to_contain_text("3 / 6 分")
    expect(street.locator("#c11 .criterion-points")).to_contain_text("6 / 6 分")
    assert street.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []

    # Several criteria while the line is down: once it is back, each says for itself that it is saved.
    tab = street.context.new_page()
    tab.goto(street.url)
    tab.route(re.compile("/criteria/"), lambda route: route.abort())
    cards = [tab.locator(f"#c{number}") for number in (1, 2, 3)]
    for card in cards:
        card.locator("[data-none]").click()
        expect(card.locator("[data-save-state]")).to_have_text("未保存：网络中断，将自动重试")
    tab.unroute(re.compile("/criteria/"))
    tab.evaluate("window.dispatchEvent(new Event('online'))")
    for card in cards:
        expect(card.locator("[data-save-state]")).to_contain_text("✓ 已保存")


def test_signing_out_takes_along_what_was_kept(sign_in: SignIn) -> None:
    """From the page of signing out as well; what another person kept in this browser stays."""
    page = sign_in("lucheng")
    user = page.locator("[data-session]").get_attribute("data-user")
    page.evaluate(
        "(user) => ['draft:' + user + ':1:9', 'draft:0:1:9'].forEach((key) => localStorage.setItem(key, '{}'))", user
    )
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="退出登录").click()
    page.wait_for_url(re.compile("/accounts/login/"))
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == ["draft:0:1:9"]
