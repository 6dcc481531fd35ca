"""Long forms that are refused: what is wrong stands above and takes the focus; large amounts fit on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE

LARGE = "9999999.99"


def width_over(page: Page) -> int:
    over: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return over


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_what_is_wrong_stands_above_and_leads_to_the_fields(
    viewport: dict[str, int], sign_in: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = sign_in("lucheng", viewport)
    for address, typed, fault in (
        ("/projects/add/", "计划投资（万元）", "#planned-0"),
        ("survey", "户数（户）", "#id_households"),
    ):
        _open(page, address)
        page.get_by_label(typed).first.fill("一百")
        if address == "survey":
            page.get_by_label("资料来源").fill("街道台账")
        else:
            page.get_by_label("项目名称").fill("管网改造")
            page.get_by_label("计划开工").fill("2022-08-01")
            page.get_by_label("计划完工").fill("2022-07-01")
        page.get_by_role("button", name="保存", exact=True).click()
        summary = page.locator(".error-summary")
        expect(summary).to_be_focused()
        expect(summary).to_be_in_viewport()
        assert axe(page) == []
        assert width_over(page) == 0
        summary.locator(f'a[href="{fault}"]').click()
        expect(page.locator(fault)).to_be_focused()
        expect(page.locator(fault)).to_be_in_viewport()


def test_sums_of_large_amounts_fit_on_a_phone(sign_in: Callable[..., Page]) -> None:
    page = sign_in("lucheng")
    _open(page, "/projects/add/")
    page.get_by_label("项目名称").fill("片区改造")
    page.get_by_label("计划开工").fill("2022-03-01")
    page.get_by_label("计划完工").fill("2022-10-01")
    page.get_by_label("开工日期").fill("2022-03-02")
    for row, source in enumerate(("fiscal", "bond", "credit")):
        page.locator(f"#source-{row}").select_option(source)
        page.locator(f"[name=year-{row}]").select_option("2022")
        page.locator(f"[name=planned-{row}]").fill(LARGE)
        page.locator(f"[name=spent-{row}]").fill(LARGE)
    page.locator("[name=criteria]").first.check()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("“片区改造”已保存")).to_be_visible()
    for viewport in (PHONE, DESK):
        for address in ("/projects/funds/?year=2022", "/projects/funds/?year=all", "/projects/"):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            page.goto(address)
            assert (address, width_over(page)) == (address, 0)
            spilt = page.locator(".figure-value").evaluate_all(
                "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent.trim())"
            )
            assert (address, spilt) == (address, [])


def _open(page: Page, address: str) -> None:
    """The form of a project or of a survey, of the first community of the street."""
    page.goto("/projects/add/")
    page.locator("main tbody a[href*='community=']").first.click()
    if address == "survey":
        community = page.url.split("community=")[1]
        page.goto(f"/communities/{community}/survey/2022/")
