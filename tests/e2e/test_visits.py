"""A supervision visit and a good practice, each the whole way between two people."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.practices.conftest import photo

SignIn = Callable[..., Page]


def test_a_visit_is_issued_answered_and_mended(sign_in: SignIn, axe: Callable[[Page], list[str]]) -> None:
    office, unit = sign_in("tianjin"), sign_in("heping")
    office.goto("/visits/")
    office.get_by_role("link", name="登记督导检查").first.click()
    office.get_by_label("被检查单位").select_option(label="和平区")
    office.get_by_role("button", name="填写检查情况").click()
    office.get_by_label("检查人员").fill("督导一组")
    office.get_by_role("textbox", name="第 1 项问题", exact=True).fill("台账不全")
    office.get_by_label("第 1 项问题整改期限").fill("2030-01-31")
    office.get_by_role("button", name="再加几行").click()
    expect(office.get_by_role("textbox", name="第 6 项问题", exact=True)).to_be_visible()
    expect(office.get_by_role("textbox", name="第 1 项问题", exact=True)).to_have_value("台账不全")
    assert axe(office) == []
    office.get_by_role("button", name="保存草稿").click()
    office.get_by_role("button", name="印发").click()
    office.get_by_role("dialog").get_by_role("button", name="印发").click()
    expect(office.get_by_text("已印发，和平区可以看到并答复整改情况。")).to_be_visible()
    assert axe(office) == []

    unit.goto("/")
    unit.get_by_role("link", name="去整改").click()
    unit.get_by_role("link", name="答复整改情况").click()
    unit.get_by_label("整改情况").fill("已补齐台账")
    assert axe(unit) == []
    unit.get_by_role("button", name="提交整改情况").click()
    expect(unit.get_by_text("已答复，等待天津市核查。")).to_be_visible()

    office.reload()
    office.get_by_role("button", name="整改完成").click()
    office.get_by_role("dialog").get_by_role("button", name="整改完成").click()
    expect(office.get_by_text("问题 1 已核查，整改完成。")).to_be_visible()


def test_a_practice_is_sent_chosen_and_read(sign_in: SignIn, axe: Callable[[Page], list[str]]) -> None:
    sender, chooser, reader = sign_in("heping"), sign_in("tianjin"), sign_in("heping-jiedao")
    sender.goto("/practices/add/")
    sender.get_by_label("标题").fill("共管充电车棚")
    sender.get_by_label("做法内容").fill("三方共管。")
    sender.get_by_label("4．社区各类基础设施比较完善").check()
    sender.get_by_label("加照片").set_input_files(
        {"name": "车棚.jpg", "mimeType": "image/jpeg", "buffer": photo().read()}
    )
    assert axe(sender) == []
    sender.get_by_role("button", name="报送", exact=True).click()
    sender.get_by_role("dialog").get_by_role("button", name="报送").click()
    expect(sender.get_by_text("已报送，等待天津市办理。")).to_be_visible()

    chooser.goto("/practices/waiting/")
    chooser.get_by_role("link", name="共管充电车棚").click()
    chooser.get_by_role("button", name="采用", exact=True).click()
    chooser.get_by_role("dialog").get_by_role("button", name="采用").click()
    expect(chooser.get_by_text("已采用，辖区内各单位都能看到。")).to_be_visible()
    assert axe(chooser) == []

    reader.goto("/practices/")
    reader.get_by_role("link", name="共管充电车棚").click()
    expect(reader.get_by_role("img", name="共管充电车棚")).to_be_visible()
    assert reader.evaluate("document.querySelector('.practice-gallery img').naturalWidth") == 640
    assert axe(reader) == []
