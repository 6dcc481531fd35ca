"""The same jurisdiction's pages with a hundredth, a tenth and the whole of the nation loaded: their time may not grow with it."""

from functools import partial
from statistics import median
from typing import Any

from benchmarks.dataset import CAMPAIGN, SHARES, YEAR, fill, make_database, name_of
from benchmarks.measuring import browser_of, milliseconds_of, table, verdict

ROUNDS = 5
TURNS = 5
MOST = 1.3
PLACES = {"楚雄州": "532300000000", "楚雄市": "532301000000"}
PAGES = {
    "工作台": "/",
    "进展": "/progress/{code}/",
    "社区库": "/communities/",
    "社区库, a fragment of a name": "/communities/?q=龙",
    "年度计划": "/plan/",
    "自评": "/assessments/",
    "审核": "/reviews/",
    "认定名单": "/recognitions/",
    "人员": "/people/",
    "操作记录": "/audit/",
}
# Those that administrators read.
_ADMINISTRATORS = ("人员", "操作记录")
HEAD = ["", "who", *(f"{share} %, ms" for share in SHARES), f"100 % / 1 %, at most {MOST}"]


def report() -> list[str]:
    """Measure in turns, a connection to each share at a time, so that the machine's moods weigh on all of them alike."""
    for share in SHARES:
        if share != 100:
            make_database(share)
    connections = {share: _connected(share) for share in SHARES}
    times: dict[tuple[str, str], dict[int, list[float]]] = {}
    for turn in range(TURNS):
        for share in sorted(SHARES, reverse=bool(turn % 2)):
            with_connection(connections[share], partial(_measure, share, times))
    rows = []
    for (page, who), taken in times.items():
        medians = {share: median(taken[share]) for share in SHARES}
        ratio = median(whole / part for whole, part in zip(taken[100], taken[1], strict=True))
        rows.append(
            [page, who, *(f"{medians[share]:.0f}" for share in SHARES), f"{ratio:.2f}: {verdict(ratio <= MOST)}"]
        )
    return table("Growth: the same page with more of the nation loaded", HEAD, rows)


def with_connection(wrapper: Any, work: Any) -> None:
    """Run ``work`` with another database behind Django's connection."""
    from django.db import connections

    usual = connections["default"]
    connections["default"] = wrapper
    try:
        work()
    finally:
        wrapper.close()
        connections["default"] = usual


def _connected(share: int) -> Any:
    from django.db import connections

    wrapper = connections.create_connection("default")
    wrapper.settings_dict = wrapper.settings_dict | {"NAME": name_of(share)}
    with_connection(wrapper, partial(fill, share))
    return wrapper


def _measure(share: int, times: dict[tuple[str, str], dict[int, list[float]]]) -> None:
    for who, code in PLACES.items():
        browsers = {role: browser_of(code, role) for role in ("approver", "bureau_admin")}
        for page, address in PAGES.items():
            sign = "&" if "?" in address else "?"
            browser = browsers["bureau_admin" if page in _ADMINISTRATORS else "approver"]
            asked = f"{address.format(code=code)}{sign}campaign={CAMPAIGN}&year={YEAR}"
            taken = milliseconds_of(partial(browser.get, asked), ROUNDS)
            times.setdefault((page, who), {}).setdefault(share, []).append(median(taken))
