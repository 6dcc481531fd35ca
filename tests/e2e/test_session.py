"""A session that ends while somebody is writing: nothing on the page is lost, and nothing is sent for anybody else."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from PIL import Image
from playwright.sync_api import Page, expect
from redis import Redis

from tests.e2e.conftest import CACHE_NUMBER, PASSWORD
from tests.e2e.test_walk import fill_in

SignIn = Callable[..., Page]

COMMUNITY = "米市街社区"
NOTE = "小区海绵化改造验收单随后补交"


def at_database(statement: str, username: str) -> None:
    """Do something to the sessions of a person, as time or an administrator would."""
    address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/e2e_{os.getpid()}"))
    with psycopg.connect(address) as connection:
        connection.execute("SELECT set_config('app.scope_from', '', true), set_config('app.scope_to', '~', true)")
        connection.execute(statement.encode(), {"name": username})


def end_session(username: str) -> None:
    at_database(
        "DELETE FROM django_session WHERE session_key IN (SELECT s.session_key FROM usersessions_usersession s"
        " JOIN accounts_user u ON u.id = s.user_id WHERE u.username = %(name)s)",
        username,
    )


def let_rest(username: str, seconds: int) -> None:
    at_database(
        "UPDATE usersessions_usersession SET last_seen_at = now() - interval '1 second' * "
        f"{seconds} WHERE user_id = (SELECT id FROM accounts_user WHERE username = %(name)s)",
        username,
    )
    # Within a minute the cache would say that the person has just worked.
    with Redis.from_url(urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{CACHE_NUMBER}"))) as cache:
        for key in cache.scan_iter("*session-seen*"):
            cache.delete(key)


def look_again(page: Page) -> None:
    """Come back to the window after the machine slept: its clock says that the session is due."""
    page.clock.fast_forward("29:30")


def sign_in_again(page: Page, username: str) -> Page:
    """Follow the dialog's link to another window and sign in there."""
    with page.expect_popup() as opened:
        page.get_by_role("link", name=re.compile("在新窗口")).click()
    window = opened.value
    window.get_by_label("用户名").fill(username)
    window.get_by_label("密码", exact=True).fill(PASSWORD)
    window.get_by_role("button", name="登录").click()
    expect(window.get_by_role("heading", name="已登录")).to_be_visible()
    return window


def open_self_assessment(county: Page, street: Page) -> None:
    county.goto("/plan/?campaign=chuxiong-2021&year=2022")
    box = county.get_by_role("checkbox", name=COMMUNITY, exact=True)
    if box.count():
        box.check()
        county.get_by_role("button", name="列入计划").click()
        county.get_by_role("dialog").get_by_role("button", name="列入计划").click()
        expect(county.get_by_text("已列入 2022 年计划 1 个社区").first).to_be_visible()
    street.goto("/assessments/")
    street.get_by_role("button", name=f"开始自评：{COMMUNITY}").click()
    expect(street.get_by_role("heading", level=1)).to_contain_text(COMMUNITY)


def test_half_filled_forms_survive_the_end_of_a_session(
    sign_in: SignIn, axe: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    county, street = sign_in("chuxiongshi"), sign_in("lucheng")
    open_self_assessment(county, street)

    # A form that saves as one goes: what could not be saved is saved after signing in again.
    card = street.locator("#c5")
    card.get_by_role("checkbox").first.check()
    expect(card.locator("[data-save-state]")).to_contain_text("已保存")
    card.get_by_text("说明（选填）").click()
    note = card.get_by_label("第 5 条说明")
    note.press_sequentially(NOTE)
    end_session("lucheng")
    note.press("Tab")
    dialog = street.locator("#session-ended")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("页面上填写的内容都还在")
    expect(card.locator("[data-save-state]")).to_contain_text("未保存")
    assert axe(street) == []
    street.keyboard.press("Escape")
    street.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="已登录，继续").click()
    expect(dialog).to_contain_text("还没有登录")
    window = sign_in_again(street, "lucheng")
    assert axe(window) == []
    expect(dialog).to_be_hidden()
    expect(card.locator("[data-save-state]")).to_contain_text("已保存")
    expect(note).to_have_value(NOTE)
    street.reload()
    expect(street.get_by_label("第 5 条说明")).to_have_value(NOTE)

    # A dialog with a plain form: held back, kept, and sent when the person presses again.
    fill_in(street, losing=5)
    photo = tmp_path / "雨水花园.jpg"
    Image.new("RGB", (640, 480), "seagreen").save(photo)
    street.locator("#files-5").set_input_files(photo)
    expect(street.locator("#c5 .evidence-item")).to_have_count(1)
    street.get_by_role("link", name="提交自评").first.click()
    street.get_by_role("textbox", name="说明").fill("其余条目的材料留在社区备查")
    street.get_by_role("button", name="提交自评").click()
    expect(street.get_by_text("已提交，送楚雄市审核")).to_be_visible()
    county.clock.install()
    county.goto("/reviews/")
    county.get_by_role("link", name=re.compile(COMMUNITY)).first.click()
    county.get_by_role("button", name="整件退回").first.click()
    county.locator("#return-comment").fill("请补充 2022 年的验收单")
    end_session("chuxiongshi")
    county.clock.fast_forward("01:00")
    county.locator("#return").get_by_role("button", name="退回鹿城镇").click()
    expect(county.locator("#session-ended")).to_be_visible()
    sign_in_again(county, "chuxiongshi")
    expect(county.locator("#session-ended")).to_be_hidden()
    expect(county.locator("#return-comment")).to_have_value("请补充 2022 年的验收单")
    street.goto("/assessments/")
    expect(street.get_by_text("请补充 2022 年的验收单")).to_have_count(0)
    county.locator("#return").get_by_role("button", name="退回鹿城镇").click()
    expect(county.get_by_text("已退回鹿城镇")).to_be_visible()

    # Submitted again, it stands in nobody's way.
    street.goto("/")
    street.get_by_role("link", name=re.compile(f"^修改.*{COMMUNITY}")).click()
    street.get_by_role("link", name="提交自评").first.click()
    street.get_by_role("textbox", name="说明").fill("验收单在社区备查")
    street.get_by_role("button", name="提交自评").click()
    expect(street.get_by_text("已提交，送楚雄市审核")).to_be_visible()


def test_nothing_is_sent_for_another_person(sign_in: SignIn, axe: Callable[[Page], list[str]]) -> None:
    page = sign_in("guanli")
    page.clock.install()
    page.goto("/progress/")
    end_session("guanli")
    page.clock.fast_forward("01:00")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {urlsplit(request.url).path}"))
    page.locator("summary", has_text="测试").last.click()
    page.get_by_role("button", name="退出登录").click()
    dialog = page.locator("#session-ended")
    expect(dialog).to_be_visible()
    window = sign_in_again(page, "chakan")
    expect(dialog).to_contain_text("另一位用户（测试查看）")
    assert axe(page) == []
    assert "POST /accounts/logout/" not in sent
    window.get_by_role("link", name="不是本人，退出登录").click()
    window.get_by_role("button", name="退出登录").click()
    window.wait_for_url(re.compile("/accounts/login/"))
    sign_in_again_there(window, "guanli")
    page.bring_to_front()
    expect(dialog).to_be_hidden()


def sign_in_again_there(window: Page, username: str) -> None:
    window.get_by_label("用户名").fill(username)
    window.get_by_label("密码", exact=True).fill(PASSWORD)
    window.get_by_role("button", name="登录").click()
    expect(window.get_by_role("heading", level=1)).to_contain_text("工作台")


def test_rest_is_announced_and_work_goes_on(sign_in: SignIn, axe: Callable[[Page], list[str]]) -> None:
    page = sign_in("yunnan")
    page.clock.install()
    page.goto("/progress/?campaign=national-2020")
    let_rest("yunnan", 29 * 60)
    look_again(page)
    warning = page.locator("#session-warning")
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("您已 29 分钟 没有操作")
    assert axe(page) == []
    warning.get_by_role("button", name="继续工作").click()
    expect(warning).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("云南省")
    let_rest("yunnan", 31 * 60)
    look_again(page)
    expect(page.locator("#session-ended")).to_be_visible()
