"""滞后事项: what waits too long, with whom and since when; who works on it is told to those above only."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from django.test import Client

from apps.accounts.permissions import Actor
from apps.assessments.claims import claim_assessment
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.progress.extent import Extent
from apps.progress.late import late_of
from apps.progress.late_rows import late_rows
from apps.recognitions.models import Recheck
from apps.recognitions.rechecks import record_recheck
from tests.factories import enrol, recognised_community, submitted_community
from tests.progress.conftest import on

Find = Callable[[str], Community]
ExtentOf = Callable[[str, int], Extent]
ADDRESS = "/progress/532301101000/?campaign=chuxiong-2021&year=2022&view=late"


@pytest.fixture
def three(
    chuxiong: Campaign,
    community: Find,
    district_reviewer: Actor,
    acting: Callable[[Actor], AbstractContextManager[None]],
) -> list[Assessment]:
    """鹿城镇: submitted in June, in July, and in June but returned in July; a fourth is planned."""
    found = []
    for number, day in ((1, "2022-06-01"), (2, "2022-07-20"), (3, "2022-06-10")):
        with on(day):
            found.append(submitted_community(community(f"53230110100{number}"), chuxiong, 2022))
    with on("2022-07-01"):
        enrol(community("532301101004"), chuxiong, 2022)
    with on("2022-07-10"), acting(district_reviewer):
        return_assessment(found[2], "请补材料", actor=district_reviewer)
    return found


def test_late_counts_what_waits_longer_than_asked(three: list[Assessment], extent: ExtentOf) -> None:
    with on("2022-08-15"):
        place = extent("532301", 2022)
        assert late_of(place, "", 15).counts == {"waiting": 2, "returned": 1, "overdue": 0}
        assert late_of(place, "", 26).counts == {"waiting": 1, "returned": 1, "overdue": 0}
        assert late_of(place, "", 36).counts == {"waiting": 1, "returned": 0, "overdue": 0}
        assert [one.community.code for one in late_of(place, "waiting", 15).rows] == ["532301101001", "532301101002"]


def test_late_is_what_is_past_its_due_date(three: list[Assessment], extent: ExtentOf) -> None:
    with on("2022-12-31"):
        late = late_of(extent("532301", 2022), "overdue", 15)
        due = next(iter(late.dues.values()))
        assert late.dues
        overdue = due < date(2022, 12, 31)
        assert late.counts["overdue"] == (4 if overdue else 0)


def test_late_rows_tell_with_whom_since_when(
    three: list[Assessment],
    extent: ExtentOf,
    district_reviewer: Actor,
    street_officer: Actor,
    acting: Callable[[Actor], AbstractContextManager[None]],
) -> None:
    with on("2022-08-15"):
        with acting(district_reviewer):
            claim_assessment(three[0], actor=district_reviewer)
        late = late_of(extent("532301101", 2022), "waiting", 15)
        (own, _), (below, _) = (late_rows(late.rows, late, actor) for actor in (district_reviewer, street_officer))
        assert (own.holder, own.person, own.days) == ("楚雄市", str(district_reviewer.user), 75)
        assert (own.action, own.url) == ("去审核", f"/reviews/{three[0].pk}/")
        assert (below.holder, below.person, below.days) == ("楚雄市", "", 75)
        assert (below.action, below.url) == ("看自评", f"/assessments/{three[0].pk}/")


def test_late_page_names_nobody_above_to_those_below(
    three: list[Assessment],
    street_officer: Actor,
    district_reviewer: Actor,
    client_of: Callable[[Actor], Client],
    acting: Callable[[Actor], AbstractContextManager[None]],
) -> None:
    with on("2022-08-15"):
        with acting(district_reviewer):
            claim_assessment(three[0], actor=district_reviewer)
        page = client_of(street_officer).get(f"{ADDRESS}&kind=waiting").text
        assert "已停留" in page
        assert str(district_reviewer.user) not in page
        assert str(district_reviewer.user) in client_of(district_reviewer).get(f"{ADDRESS}&kind=waiting").text


@pytest.mark.parametrize("query", ["kind=nonsense", "age=x", "age=-1", "age=9999", "page=99", "kind=overdue&age=0"])
def test_late_page_bears_whatever_is_asked(
    three: list[Assessment], street_officer: Actor, client_of: Callable[[Actor], Client], query: str
) -> None:
    assert client_of(street_officer).get(f"{ADDRESS}&{query}").status_code == 200


def test_late_page_counts_rectifications_that_are_overdue(
    chuxiong: Campaign,
    community: Find,
    city_approver: Actor,
    client_of: Callable[[Actor], Client],
    acting: Callable[[Actor], AbstractContextManager[None]],
) -> None:
    with on("2022-03-01"):
        recognition = recognised_community(community("532301101001"), chuxiong, 2021)
    with on("2022-06-01"), acting(city_approver):
        record_recheck(
            recognition,
            year=2022,
            checked_on=date(2022, 6, 1),
            result=Recheck.Result.RECTIFY,
            findings="绿地被占用",
            rectify_by=date(2022, 7, 1),
            actor=city_approver,
        )
    told = {}
    for day in ("2022-07-01", "2022-07-02"):
        with on(day):
            page = client_of(city_approver).get("/progress/532301000000/?campaign=chuxiong-2021&year=2022&view=late")
            told[day] = page.context["rectifications"]
    assert told == {"2022-07-01": 0, "2022-07-02": 1}
    assert "/recognitions/rechecks/?jurisdiction=532301000000&amp;state=overdue" in page.text
