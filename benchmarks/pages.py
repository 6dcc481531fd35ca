"""Every page at five sizes of jurisdiction: server time, queries, bytes, and the time of its own statements sent bare.

The floor of a page is what PostgreSQL and the driver take for the statements that the page sends, behind the wall, with nothing
made of the answers.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from statistics import median
from typing import Any

from benchmarks.dataset import CAMPAIGN, MEASURED, YEAR
from benchmarks.measuring import browser_of, chart, milliseconds_of, percentile, program_of, table, verdict

ROUNDS = 20
FLOOR_ROUNDS = 5
# A page slower than this is asked for FEWEST times; the 95th percentile is the slowest of them.
SLOW_MS, FEWEST = 250, 7
MOST_QUERIES = 25
MOST_P95_MS = 150
# Pages with an aim of their own for the median, by page and jurisdiction ('': of any).
AIMS_MS = {
    ("an empty signed-in page", ""): 15,
    ("社区库", "江苏省"): 35,
    ("社区库, a fragment of a name", "江苏省"): 40,
    ("进展", "江苏省"): 40,
    ("进展", "全国"): 120,
}
PLACES = {
    "全国": "000000000000",
    "江苏省": "320000000000",
    "楚雄州": "532300000000",
    "楚雄市": "532301000000",
    "鹿城镇": "532301101000",
}
HEAD = ["", "p50, ms", "p95, ms", "queries", "kB", "its statements bare, ms", "× bare", "aims"]

_THREE, _ONE = f"campaign={CAMPAIGN}&year={YEAR}", f"campaign={MEASURED}&year={YEAR}"
# What a page is called, where it is, in whose role it is read. Names in braces are of a row in the jurisdiction.
PAGES: dict[str, tuple[str, str]] = {
    "an empty signed-in page": ("/accounts/password/change/", "approver"),
    "工作台": (f"/?{_ONE}", "approver"),
    "进展": (f"/progress/{{code}}/?{_THREE}", "approver"),
    "进展, last year beside": (f"/progress/{{code}}/?beside=last&{_THREE}", "approver"),
    "进展, tiles": (f"/progress/{{code}}/?view=tiles&{_THREE}", "approver"),
    "进展, trend": (f"/progress/{{code}}/?view=trend&{_THREE}", "approver"),
    "进展, stages": (f"/progress/{{code}}/?view=stages&{_ONE}", "approver"),
    "进展, missed criteria": (f"/progress/{{code}}/?view=criteria&{_ONE}", "approver"),
    "进展, pilots": (f"/progress/{{code}}/?view=pilots&{_THREE}", "approver"),
    "进展, late": (f"/progress/{{code}}/?view=late&{_ONE}", "approver"),
    "社区库": (f"/communities/?{_ONE}", "approver"),
    "社区库, a fragment of a name": (f"/communities/?q=花园&{_ONE}", "approver"),
    "社区库, initials": (f"/communities/?q=hysq&{_ONE}", "approver"),
    "社区库, of one stage": (f"/communities/?stage=in_review&{_ONE}", "approver"),
    "社区": ("/communities/{community}/", "approver"),
    "调查": (f"/communities/{{community}}/survey/{YEAR}/", "staff"),
    "底数": ("/baselines/", "approver"),
    "社区变更": ("/community-changes/", "approver"),
    "区划调整": ("/reorganisations/", "bureau_admin"),
    "年度计划": (f"/plan/?{_THREE}", "approver"),
    "项目": (f"/projects/?{_THREE}", "approver"),
    "资金统计": (f"/projects/funds/?{_THREE}", "approver"),
    "自评": (f"/assessments/?{_ONE}", "approver"),
    "自评, one": ("/assessments/{assessment}/", "approver"),
    "审核": (f"/reviews/?{_ONE}", "approver"),
    "审核, one": ("/reviews/{review}/", "approver"),
    "审核, in bulk": ("/reviews/bulk/", "approver"),
    "认定名单": (f"/recognitions/?{_ONE}", "approver"),
    "拟认定名单": (f"/recognitions/proposed/?{_ONE}", "approver"),
    "公示": ("/recognitions/notices/", "approver"),
    "复查": ("/recognitions/rechecks/", "approver"),
    "示范基地": ("/recognitions/bases/", "approver"),
    "标准": ("/standards/", "approver"),
    "标准, one": ("/standards/{standard}/", "approver"),
    "创建行动": ("/campaigns/", "approver"),
    "创建行动, one": (f"/campaigns/{CAMPAIGN}/", "approver"),
    "报送事项": (f"/filings/?{_THREE}", "approver"),
    "报送日历": (f"/filings/calendar/?{_THREE}", "approver"),
    "按时率": (f"/filings/rates/?{_THREE}", "approver"),
    "年度总结评估": (f"/evaluations/?{_THREE}", "approver"),
    "年度总结评估, one": (f"/evaluations/{CAMPAIGN}/{{code}}/{YEAR}/", "approver"),
    "通报": ("/bulletins/", "approver"),
    "督导检查": ("/visits/", "approver"),
    "经验做法": ("/practices/", "approver"),
    "汇总核对": (f"/consolidation/?{_THREE}", "approver"),
    "消息": ("/notifications/", "approver"),
    "报表": ("/reports/", "approver"),
    "人员": ("/people/", "bureau_admin"),
    "操作记录": ("/audit/", "bureau_admin"),
    "变更历史": ("/history/communities/community/{community}/", "approver"),
    "公开名单": ("/public/", "approver"),
}
# The lists of the REST API, asked for as a program does.
LISTS = {
    f"API: {address.replace('?name=花园', ', a fragment of a name').partition('?')[0]}": f"/api/v1/{address}"
    for address in (
        *("divisions", "communities", "communities?name=花园", "standards", "campaigns", "targets", "participations"),
        *("assessments", "evidence", "reviews", "recognitions", "obligations", "filings", "evaluations"),
        f"progress?campaign={{campaign}}&year={YEAR}",
    )
}


@dataclass(frozen=True)
class Place:
    """A jurisdiction that is measured, with the rows that its pages are about."""

    name: str
    code: str

    @cached_property
    def jurisdiction(self) -> Any:
        from apps.jurisdictions.models import Jurisdiction

        return Jurisdiction.objects.get(code=self.code)

    @cached_property
    def rows(self) -> dict[str, Any]:
        """A community of the jurisdiction, with its assessments and participation."""
        from apps.assessments.models import Assessment
        from apps.campaigns.models import Participation

        taking_part = Participation.objects.below(self.jurisdiction.path).filter(campaign__code=MEASURED)
        participation = taking_part.order_by("pk")[0]
        assessments = Assessment.objects.filter(participation__in=taking_part).order_by("pk")
        return {
            "code": self.code,
            "community": participation.community_id,
            "assessment": assessments[0].pk,
            "review": assessments.filter(status="in_review")[0].pk,
            "standard": participation.campaign.standard.code,
            "campaign": participation.campaign_id,
        }


def report() -> list[str]:
    """Return a table for each jurisdiction."""
    lines = []
    for name, code in PLACES.items():
        rows = list(_rows(Place(name, code)))
        measured = [(row[0], float(row[1])) for row in rows if row[1] != "–"]
        lines += [*table(f"Pages of {name}", HEAD, rows), *chart(f"{name}: p50", "ms", measured)]
    return [
        *lines,
        f"Medians and 95th percentiles of {ROUNDS} warm requests, {FEWEST} of pages slower than {SLOW_MS} ms, in",
        "one process, of ordinary scoped people; bare: the page's own statements behind the wall, sent by the driver with nothing",
        "made of the answers.",
        f"Aims where none is named: p95 under {MOST_P95_MS} ms; at most {MOST_QUERIES} queries everywhere.",
        "",
    ]


def _rows(place: Place) -> Iterator[list[str]]:
    yield from _pages(place)
    program = program_of(place.code, "street_officer" if place.name == "鹿城镇" else "approver")
    for name, address in LISTS.items():
        yield _row(name, program, address.format(**place.rows), place)


def _pages(place: Place) -> Iterator[list[str]]:
    browsers: dict[str, Any] = {}
    for page, (address, role) in PAGES.items():
        if place.name == "鹿城镇" and role in ("approver", "staff"):
            role = "street_officer"  # noqa: PLW2901 a street has no other clerks
        browser = browsers.setdefault(role, None) or browser_of(place.code, role)
        browsers[role] = browser
        yield _row(page, browser, address.format(**place.rows), place)


def _row(page: str, browser: Any, address: str, place: Place) -> list[str]:
    answer = browser.get(address)
    if answer.status_code in (403, 404):
        return [page, *["–"] * 6, "not theirs"]
    if answer.status_code != 200:
        sys.exit(f"{place.name} {address}: HTTP {answer.status_code}")
    statements = queries_of(browser, address)
    first = median(milliseconds_of(partial(browser.get, address), 2))
    rounds = ROUNDS if first <= SLOW_MS else FEWEST
    times = milliseconds_of(partial(browser.get, address), rounds)
    p50, p95 = median(times), percentile(times, 0.95)
    bare = _bare(statements, place, browser.user)
    own = AIMS_MS.get((page, place.name), AIMS_MS.get((page, "")))
    quick = p95 <= MOST_P95_MS if own is None else p50 < own
    aims = f"{'' if own is None else f'under {own} ms: '}{verdict(quick and len(statements) <= MOST_QUERIES)}"
    size = len(answer.content) / 1024
    return [
        page,
        f"{p50:.0f}",
        f"{p95:.0f}",
        str(len(statements)),
        f"{size:.0f}",
        f"{bare:.1f}",
        f"{p50 / bare:.1f}",
        aims,
    ]


def queries_of(browser: Any, address: str) -> list[str]:
    """Return the statements of one warm request, without those that open and close its transaction."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    return [one["sql"] for one in captured if one["sql"] not in ("BEGIN", "COMMIT")]


def _bare(statements: list[str], place: Place, user: Any) -> float:
    from django.db import connection, transaction

    from apps.core.scope import scope

    reading = [
        one for one in statements if one.lstrip().startswith(("SELECT", "WITH")) and "set_config('role'" not in one
    ]

    def send() -> None:
        with scope(place.jurisdiction.path, user_id=user.pk), connection.cursor() as cursor:
            for statement in reading:
                cursor.execute(statement)
                cursor.fetchall()

    with transaction.atomic():
        return median(milliseconds_of(send, FLOOR_ROUNDS))
