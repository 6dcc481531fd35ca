"""汇总核对 in the browser: what the files say beside the system, and one decision."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from apps.accounts.acting import acting
from apps.accounts.permissions import Actor
from apps.campaigns.adopting import Adopted
from apps.campaigns.models import Adoption, Campaign, Recognition
from apps.campaigns.rollup import Figures
from apps.communities.models import Community
from apps.consolidation import matching
from apps.consolidation.matching import Compared, Consolidation, State, consolidate
from apps.consolidation.reading import read_form
from apps.core.errors import InvalidInput
from apps.evaluations.completion_summary import build_workbook
from apps.evaluations.summarising import summarise
from apps.jurisdictions.models import Jurisdiction
from tests.consolidation.workbooks import HEADER, named, workbook
from tests.factories import recognised_community

FindCommunity = Callable[[str], Community]
ClientOf = Callable[[Actor], Client]
Judge = Callable[..., Consolidation]

LONGJIANG, BEIPU, ZIXI = "532301101006", "532301101008", "532301104001"


@pytest.fixture
def judge(chuxiong: Campaign, city_approver: Actor) -> Judge:
    """Return a function that judges files as 楚雄州's approver sees them."""

    def look(*files: Any, choices: dict[int, int] | None = None) -> Consolidation:
        with acting(city_approver):
            return consolidate([read_form(file) for file in files], chuxiong, actor=city_approver, choices=choices)

    return look


def states(done: Consolidation) -> list[tuple[str, State, str]]:
    return [(one.name.written, one.state, (one.community.code or "") if one.community else "") for one in done.entries]


def test_consolidate_what_the_product_wrote_finds_no_difference(
    judge: Judge,
    adopt: Callable[..., Adopted],
    community: FindCommunity,
    chuxiong: Campaign,
    jurisdiction: Callable[[str], Jurisdiction],
) -> None:
    adopt({community(LONGJIANG).pk: 2021, community(BEIPU).pk: 2021})
    recognised_community(community(ZIXI), chuxiong, 2022)
    for unit in ("5323", "532301"):
        done = judge(named(build_workbook(summarise(chuxiong, jurisdiction(unit), 2022)), "附件2.xlsx"))
        assert states(done) == [
            ("龙江社区", State.FOUND, LONGJIANG),
            ("北浦社区", State.FOUND, BEIPU),
            ("紫溪社区", State.FOUND, ZIXI),
        ]
        assert (len(done.recognised), done.open, done.differing, done.problems) == (3, [], [], [])


def test_consolidate_matches_by_code_street_name_and_offers_what_is_near(
    judge: Judge, community: FindCommunity
) -> None:
    twin = community(ZIXI)
    Community.objects.filter(pk=twin.pk).update(name="龙江社区居民委员会")
    names = "532301101008、龙江社区（鹿城镇）、龙江社区、龙江居委会（紫溪镇）、北蒲社区、毫不相干社区、龙江社区（鹿城）"
    done = judge(workbook([HEADER, ["楚雄市", names, 7, "22.58%"]]))
    assert states(done) == [
        ("532301101008", State.FOUND, BEIPU),
        ("龙江社区(鹿城镇)", State.FOUND, LONGJIANG),
        ("龙江社区", State.CHOOSE, ""),
        ("龙江居委会(紫溪镇)", State.FOUND, ZIXI),
        ("北蒲社区", State.CHOOSE, ""),
        ("毫不相干社区", State.UNKNOWN, ""),
        ("龙江社区(鹿城镇)".replace("镇", ""), State.TWICE, LONGJIANG),
    ]
    assert [one.pk for one in done.entries[2].candidates] == [community(LONGJIANG).pk, twin.pk]
    assert community(BEIPU) in done.entries[4].candidates
    chosen = judge(
        workbook([HEADER, ["楚雄市", "毫不相干社区、北蒲社区", 2]]),
        choices={1: community(BEIPU).pk, 0: community(BEIPU).pk},
    )
    assert states(chosen)[1] == ("北蒲社区", State.FOUND, BEIPU)


def test_consolidate_names_row_by_row_what_differs(judge: Judge, chuxiong: Campaign, community: FindCommunity) -> None:
    recognised_community(community(LONGJIANG), chuxiong, 2021)
    rows: list[list[Any]] = [
        HEADER,
        ["楚雄市", "龙江社区、北浦社区", 3, "9.68%"],
        ["楚雄", "/", None, None],
        ["火星县", "紫溪社区", 1, None],
        ["楚雄彝族自治州", "/", 4, "2.45%"],
    ]
    done = judge(workbook(rows))
    assert [(one.label, one.differences) for one in done.compared] == [
        ("楚雄市", ["名单有 2 个，数量写 3 个", "数量相差 +2", "比例不同"]),
        ("火星县", ["系统中没有这个单位"]),
        ("楚雄彝族自治州", ["数量相差 +3", "比例不同"]),
    ]
    assert [one.system_ratio for one in done.compared] == ["3.23%", "", "0.61%"]
    agreeing = Compared("附件2.xlsx", "东瓜镇", 2021, 0, 0, "", Figures())
    assert replace(done, compared=[agreeing, *done.compared]).by_difference == [*done.compared, agreeing]
    assert "第 4 行“火星县”认不出是楚雄彝族自治州的哪个单位" in done.problems[0]
    assert states(done)[2] == ("紫溪社区", State.FOUND, ZIXI)


def test_consolidate_never_knows_what_lies_elsewhere(judge: Judge, stranger: Actor, community: FindCommunity) -> None:
    tianjin = Campaign.objects.select_related("jurisdiction", "standard").get(code="tianjin-2020")
    with acting(stranger), pytest.raises(InvalidInput, match="认不出“楚雄州.xlsx”是哪个单位报的"):
        consolidate([read_form(workbook([HEADER, ["楚雄市", LONGJIANG, 1]]))], tianjin, actor=stranger)
    elsewhere = Community.objects.filter(path__startswith=stranger.jurisdiction.path).order_by("code").first()
    assert elsewhere is not None
    done = judge(workbook([HEADER, ["楚雄市", f"{elsewhere.code}、龙江社区", 1]]))
    assert states(done)[0] == (elsewhere.code, State.UNKNOWN, "")
    assert done.entries[0].candidates == []


def test_consolidate_limits_names(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MAX_NAMES", 2)
    with pytest.raises(InvalidInput, match="名单共有 3 个名称，一次最多核对 2 个"):
        judge(workbook([HEADER, ["楚雄市", "甲社区、乙社区、丙社区", 3]]))


def test_files_are_compared_and_taken_over_in_the_browser(
    city_approver: Actor, client_of: ClientOf, community: FindCommunity
) -> None:
    client = client_of(city_approver)
    assert client.get("/consolidation/").status_code == 200
    files = [
        workbook([HEADER, ["楚雄市", "龙江社区、北蒲社区、北浦新社区", 3]], name="一.xlsx"),
        workbook([["填报单位：楚雄市住房和城乡建设局"], HEADER, ["紫溪镇", "紫溪社区", 1]], name="二.xlsx"),
    ]
    response = client.post("/consolidation/", {"files": files})
    assert response.status_code == 200
    page, signed = response.content.decode(), response.context["signed"]
    assert "2 个文件、4 个名称，还没有保存任何内容" in page
    assert [one.index for one in response.context["done"].open] == [0, 3]
    decision = {"document_number": "楚住建城〔2021〕46号", "decided_on": "2021-12-20", "reason": "系统启用前已认定"}
    sent = {"rows": signed, "take": ["0", "3"], "choice-1": community(BEIPU).pk, "choice-2": ""}
    refused = client.post("/consolidation/adopt/", {**sent, **decision, "document_number": ""})
    assert refused.status_code == 422
    assert f'value="{community(BEIPU).pk}" selected' in " ".join(refused.content.decode().split())
    assert not Adoption.objects.exists()
    same = client.post("/consolidation/adopt/", {**sent, **decision, "choice-2": community(BEIPU).pk})
    assert (same.status_code, "是同一社区，请改选或不接收" in same.content.decode()) == (422, True)
    done = client.post("/consolidation/adopt/", {**sent, **decision}, follow=True)
    assert "已接收 3 个社区的认定（楚住建城〔2021〕46号）。" in done.content.decode()
    assert set(Recognition.objects.values_list("community__code", "year")) == {
        (LONGJIANG, 2021),
        (BEIPU, 2021),
        (ZIXI, 2021),
    }
    assert Adoption.objects.get().sources == "一.xlsx、二.xlsx"
    again = client.post("/consolidation/adopt/", {**sent, **decision}, follow=True)
    assert "此前都已认定，没有变动" in again.content.decode()
    assert Adoption.objects.count() == 1


def test_preview_of_somebody_else_is_refused(
    city_approver: Actor, province_reviewer: Actor, district_reviewer: Actor, client_of: ClientOf
) -> None:
    preview = client_of(city_approver).post(
        "/consolidation/", {"files": [workbook([HEADER, ["楚雄市", "龙江社区", 1]])]}
    )
    sent = {"rows": preview.context["signed"], "take": ["0"], "document_number": "楚〔2021〕1号", "reason": "x"}
    sent["decided_on"] = "2021-12-20"
    refused = client_of(province_reviewer).post("/consolidation/adopt/", sent)
    assert (refused.status_code, "另一个任职单位" in refused.content.decode()) == (422, True)
    assert client_of(district_reviewer).post("/consolidation/adopt/", sent).status_code == 403
    assert client_of(city_approver).post("/consolidation/adopt/", {**sent, "rows": "x"}).status_code == 422
    below = client_of(district_reviewer).post(
        "/consolidation/", {"files": [workbook([HEADER, ["鹿城镇", "龙江社区", 1]])]}
    )
    assert "由认定单位的审批人办理" in below.content.decode()
    assert not Adoption.objects.exists()


def test_upload_without_files_or_with_too_many_says_so(city_approver: Actor, client_of: ClientOf) -> None:
    client = client_of(city_approver)
    assert "请选择各地报送的附件2" in client.post("/consolidation/").content.decode()
    wrong = client.post("/consolidation/", {"files": [workbook([["x"]])]})
    assert (wrong.status_code, "找不到附件2的表头" in wrong.content.decode()) == (422, True)


def test_preview_asks_no_more_for_more_names(
    judge: Judge, city_approver: Actor, chuxiong: Campaign, django_assert_max_num_queries: Any
) -> None:
    def file(names: str) -> Any:
        return read_form(workbook([HEADER, ["楚雄市", names, 1]]))

    with acting(city_approver):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as few:
            consolidate([file("龙江社区")], chuxiong, actor=city_approver)
        with django_assert_max_num_queries(len(few)):
            consolidate([file("龙江社区、北浦社区、紫溪社区")], chuxiong, actor=city_approver)


def test_what_was_taken_over_has_no_decision_but_the_one_on_paper(
    adopt: Callable[..., Adopted],
    community: Callable[[str], Community],
    city_approver: Actor,
    client_of: Callable[[Actor], Client],
) -> None:
    (recognition,) = adopt({community("532301101001").pk: 2021}).added
    client = client_of(city_approver)
    page = client.get("/recognitions/?campaign=chuxiong-2021")
    assert page.status_code == 200
    assert f"/documents/decisions/{recognition.pk}/" not in page.text
    refused = client.get(f"/documents/decisions/{recognition.pk}/")
    assert (refused.status_code, "认定决定以原文件为准" in refused.text) == (409, True)
    assert client.get("/documents/recognised/?campaign=chuxiong-2021&format=docx").status_code == 200
