"""The main job with four accounts: 龙江社区 of 楚雄市 from the plan, through return and resubmission, to recognition and 附件2."""

import re
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE

SignIn = Callable[..., Page]


def fill_in(page: Page, *, losing: int) -> None:
    """Answer all criteria of 楚雄's standard: nothing lost but on criterion ``losing``, whose first rule applies."""
    for number in range(1, 18):
        card = page.locator(f"#c{number}")
        if number == losing:
            card.get_by_role("checkbox").first.check()
        elif number == 10:
            card.get_by_label("比率").fill("100")
            card.get_by_label("比率").press("Tab")
        elif number == 12:
            card.get_by_label("比率").fill("45")
            card.get_by_label("比率").press("Tab")
        elif number == 14:
            card.get_by_role("spinbutton").fill("2")
            card.get_by_role("spinbutton").press("Tab")
        else:
            card.locator("[data-none]").click()
    for number in range(1, 18):
        expect(page.locator(f"#c{number}:not(.is-open)")).to_be_visible()


def test_walk_from_plan_to_summary(sign_in: SignIn, tmp_path: Path) -> None:
    county, street, prefecture = sign_in("chuxiongshi"), sign_in("lucheng", PHONE), sign_in("chuxiongzhou")

    # 楚雄市 puts the community on the plan of 2022.
    county.goto("/plan/?campaign=chuxiong-2021&year=2022")
    county.get_by_role("checkbox", name="龙江社区", exact=True).check()
    county.get_by_role("button", name="列入计划").click()
    county.get_by_role("dialog").get_by_role("button", name="列入计划").click()
    expect(county.get_by_text("已列入 2022 年计划 1 个社区").first).to_be_visible()

    # 鹿城镇 fills in the self-assessment on a phone, with a photo, and submits it.
    street.goto("/assessments/")
    street.get_by_role("button", name="开始自评：龙江社区").click()
    expect(street.get_by_role("heading", level=1)).to_contain_text("龙江社区")
    fill_in(street, losing=5)
    photo = tmp_path / "雨水花园.jpg"
    Image.new("RGB", (640, 480), "seagreen").save(photo)
    street.locator("#files-5").set_input_files(photo)
    expect(street.locator("#c5 .evidence-item")).to_have_count(1)
    street.get_by_role("link", name="提交自评").first.click()
    street.get_by_role("textbox", name="说明").fill("第 10 条的比率已与物业核对")
    street.get_by_role("button", name="提交自评").click()
    expect(street.get_by_text("已提交，送楚雄市审核")).to_be_visible()
    expect(street.locator("#files-5")).to_have_count(0)

    # 楚雄市 returns criterion 5.
    county.goto("/reviews/")
    county.get_by_role("link", name=re.compile("龙江社区")).first.click()
    county.goto(county.url.partition("?")[0] + "?c=5")
    county.get_by_role("button", name="退回本条").click()
    county.get_by_label("退回理由").first.fill("请补 2022 年海绵化改造验收单")
    county.get_by_role("button", name="记入退回").click()
    county.get_by_role("button", name="退回所列").click()
    county.locator("#return").get_by_role("button", name="退回鹿城镇").click()
    expect(county.get_by_text("龙江社区第 5 条已退回鹿城镇")).to_be_visible()

    # 鹿城镇 finds the reason on its desk, mends the criterion (the others are locked) and submits again.
    street.goto("/")
    expect(street.get_by_text("请补 2022 年海绵化改造验收单")).to_be_visible()
    street.get_by_role("link", name=re.compile("^修改")).click()
    expect(street.locator("#c5")).to_be_visible()
    expect(street.locator("#c4")).to_be_hidden()
    expect(street.locator("#c4 [data-none]")).to_have_count(0)
    street.locator("#c5").get_by_role("checkbox").first.uncheck()
    expect(street.locator("#c5 .criterion-points b")).to_have_text("6")
    street.get_by_role("link", name="提交自评").first.click()
    street.get_by_role("textbox", name="说明").fill("第 10 条的比率已与物业核对")
    street.get_by_role("button", name="提交自评").click()
    expect(street.get_by_text("已提交，送楚雄市审核")).to_be_visible()

    # 楚雄市 agrees, 楚雄州 recognises.
    county.goto("/reviews/")
    everything, one = county.get_by_label("选择本页全部"), county.locator('input[name="one"]').first
    everything.check()
    expect(one).to_be_checked()
    one.uncheck()
    expect(everything).not_to_be_checked()
    county.get_by_role("link", name=re.compile("龙江社区")).first.click()
    county.get_by_role("button", name="同意上报").first.click()
    county.locator("#agree").get_by_role("button", name="同意上报").click()
    expect(county.get_by_text("龙江社区已同意上报楚雄彝族自治州")).to_be_visible()
    prefecture.goto("/reviews/")
    prefecture.get_by_role("link", name=re.compile("龙江社区")).first.click()
    prefecture.get_by_role("button", name="认定").first.click()
    prefecture.locator("#recognise").get_by_label("认定文号").fill("楚住建城〔2022〕8号")
    prefecture.locator("#recognise").get_by_role("button", name="认定").click()
    expect(prefecture.get_by_text("龙江社区已认定为 2022 年度绿色社区")).to_be_visible()

    # The ratio has changed at county and prefecture.
    county.goto("/progress/?campaign=chuxiong-2021&year=2022")
    expect(county.get_by_text("3.23%").first).to_be_visible()
    prefecture.goto("/progress/?campaign=chuxiong-2021&year=2022")
    expect(prefecture.get_by_text("0.61%").first).to_be_visible()

    # 附件2 agrees with it.
    prefecture.goto("/reports/")
    prefecture.get_by_role("button", name="生成", exact=True).click()
    with prefecture.expect_download() as download:
        prefecture.get_by_role("link", name="下载").first.click(timeout=60_000)
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "楚雄彝族自治州2022年绿色社区建设任务完成情况汇总表.xlsx"
    sheet = load_workbook(file).active
    assert isinstance(sheet, Worksheet)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=15)]
    assert rows[0] == ["楚雄市", None, 0, 0, "龙江社区", 1, 0.0323, 0.0323]
    assert rows[-1] == ["楚雄彝族自治州", "/", 0, 0, "/", 1, 0.0061, 0.0061]
