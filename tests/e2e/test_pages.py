"""Every page as its people see it, at a desk and on a phone: axe finds nothing, nothing scrolls sideways."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from apps.progress.state import VIEWS
from tests.e2e.conftest import DESK, PHONE

PAGES: dict[str, list[str]] = {
    "lucheng": ["/", "/progress/", "/plan/", "/assessments/", "/projects/", "/projects/add/", "/projects/import/"],
    "chuxiongshi": [
        "/",
        "/progress/",
        "/progress/532301101000/",
        "/communities/",
        "/plan/",
        "/assessments/",
        "/reviews/",
        "/reports/",
        "/consolidation/",
        "/filings/",
        "/filings/calendar/",
        "/filings/rates/",
        "/evaluations/?year=2021",
        "/evaluations/chuxiong-2021/532301000000/2022/",
        "/bulletins/",
        "/visits/",
        "/visits/add/",
        "/practices/",
        "/practices/add/",
        "/practices/sent/",
        "/projects/",
        "/projects/funds/",
        "/standards/",
        "/standards/chuxiong-2021/",
        "/standards/national-2020/",
        "/campaigns/",
        "/campaigns/chuxiong-2021/",
        "/campaigns/chuxiong-2021/?kind=number&edit=number.532301000000.2022",
        "/plan/submit/",
        "/campaigns/chuxiong-2021/targets/distribute/",
        "/campaigns/chuxiong-2021/targets/percent/532301000000/2022/",
    ],
    "yunnan": ["/", "/practices/waiting/", "/progress/?campaign=national-2020", "/plan/"],
    "guanli": [
        *("/", "/papers/office/", "/papers/office/sample/", "/accounts/tokens/", "/accounts/tokens/add/", "/systems/"),
        *("/systems/add/", "/api/docs/"),
    ],
    "tianjin": [
        *("/", "/progress/", "/progress/120101000000/", "/campaigns/tianjin-2020/"),
        *("/filings/", "/filings/below/?year=2021", "/filings/calendar/?year=2021", "/filings/rates/?year=2021"),
    ],
    "chakan": [
        *("/", "/progress/", "/communities/", "/bulletins/"),
        *(f"/progress/532300000000/?campaign=chuxiong-2021&year=2022&view={view}" for view in VIEWS),
        "/progress/532300000000/?campaign=chuxiong-2021&year=2022&beside=last",
    ],
}


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("username", PAGES)
def test_pages_are_sound(
    username: str, viewport: dict[str, int], sign_in: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = sign_in(username, viewport)
    for address in PAGES[username]:
        answer = page.goto(address)
        assert answer is not None
        assert (address, answer.status) == (address, 200)
        assert (address, axe(page)) == (address, [])
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (address, overflow) == (address, 0)
        assert page.locator("h1").count() == 1
