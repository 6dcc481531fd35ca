"""Annual plans between two levels: several accepted at once are named, and a later change asks for its reason in its place."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

SignIn = Callable[..., Page]
PLAN = "/plan/?campaign=tianjin-2020&year=2022"


def test_plans_are_named_when_accepted_and_changed_with_a_reason(
    sign_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    district, city = sign_in("heping"), sign_in("tianjin")
    district.goto(PLAN)
    district.locator('input[name="community"]').first.check()
    district.get_by_role("button", name="列入计划").click()
    district.get_by_role("dialog").get_by_role("button", name="列入计划").click()
    district.get_by_role("link", name="上报计划").click()
    district.get_by_role("textbox", name="说明").fill("明年补齐")
    district.get_by_role("button", name="上报", exact=True).click()
    expect(district.get_by_text("等待天津市审核").first).to_be_visible()

    city.goto(PLAN)
    assert axe(city) == []
    button = city.get_by_role("button", name="批量同意")
    expect(button).to_be_disabled()
    city.get_by_role("checkbox", name="选择和平区的计划").check()
    button.click()
    dialog = city.get_by_role("dialog")
    expect(dialog).to_contain_text(
        "同意以下 1 份 2022 年计划： 和平区 1 个社区（按现在的目标和底数，累计列入 1 个，比目标 "
    )
    expect(dialog).to_contain_text("；说明：明年补齐） 以后的改动须说明理由。")
    dialog.get_by_role("button", name="同意").click()
    expect(city.get_by_text("已同意 1 份 2022 年计划：和平区。").first).to_be_visible()

    district.goto(PLAN)
    assert axe(district) == []
    reason = district.get_by_label("调整理由")
    district.get_by_role("button", name="设为试点").click()
    expect(reason).to_be_focused()
    expect(district.get_by_role("button", name="取消试点")).to_have_count(0)
    reason.fill("按新的试点要求")
    district.get_by_role("button", name="设为试点").click()
    expect(district.get_by_role("button", name="取消试点")).to_be_visible()
    expect(district.get_by_text("已设为试点。")).to_be_visible()
    expect(reason).to_have_value("")
    expect(district.get_by_text("同意后的调整 1 次")).to_be_visible()
