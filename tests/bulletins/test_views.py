"""通报 in the browser: the list, the draft with its ranking, what those below see."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.bulletins.models import Bulletin
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.jurisdictions.models import Jurisdiction
from tests.factories import recognised_community
from tests.pages import text

ClientOf = Callable[[Actor], Client]


@pytest.fixture(autouse=True)
def _in_2022() -> Iterator[None]:
    with clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))):
        yield


@pytest.fixture
def client(
    chuxiong: Campaign, community: Callable[[str], Community], city_approver: Actor, client_of: ClientOf
) -> Client:
    recognised_community(community("532301101001"), chuxiong, 2022)
    return client_of(city_approver)


@pytest.fixture
def draft(client: Client) -> Bulletin:
    assert client.post("/bulletins/add/").status_code == 302
    return Bulletin.objects.get()


def save(client: Client, draft: Bulletin, **also: object) -> HttpResponse:
    fields = {
        "title": "进展通报",
        "document_number": "楚住建通〔2022〕3号",
        "ranked_by": "ratio",
        "text": "如下。",
        "seen": 1,
    }
    return client.post(f"/bulletins/{draft.pk}/edit/", fields | also)  # type: ignore[return-value]


def test_from_the_draft_to_what_a_county_reads(
    client: Client,
    draft: Bulletin,
    client_of: ClientOf,
    district_reviewer: Actor,
    jurisdiction: Callable[[str], Jurisdiction],
) -> None:
    county = client_of(district_reviewer)
    page = client.get(f"/bulletins/{draft.pk}/edit/")
    assert "8 月 15 日 的数字，按合计完成比例排名" in text(page)
    marks = {f"mark_{jurisdiction('532301').pk}": "praised", f"mark_{jurisdiction('532328').pk}": "urged"}
    assert save(client, draft, **marks).status_code == 302
    assert county.get(f"/bulletins/{draft.pk}/").status_code == 404
    assert "今天的数字，发布时定下来" in text(client.get(f"/bulletins/{draft.pk}/"))
    done = client.post(f"/bulletins/{draft.pk}/publish/", {"seen": 2}, follow=True)
    assert "通报已发布，辖区内各单位都能看到。" in text(done)
    assert "进展通报 楚住建通〔2022〕3号 楚雄彝族自治州" in text(county.get("/bulletins/"))
    read = text(county.get(f"/bulletins/{draft.pk}/"))
    assert "表扬：楚雄市" in read
    assert "督促：元谋县" in read
    assert "1 楚雄市 31 1 3.23% 19 5.26% 18 表扬" in read
    assert "2 禄丰市 45 0 0.00% 27 0.00% 27 —" in read
    assert county.post(f"/bulletins/{draft.pk}/publish/", {"seen": 3}).status_code == 403


def test_withdrawn_ones_tell_those_below_only_why(
    client: Client, draft: Bulletin, client_of: ClientOf, district_reviewer: Actor
) -> None:
    client.post(f"/bulletins/{draft.pk}/publish/", {"seen": 1})
    page = client.post(f"/bulletins/{draft.pk}/withdraw/", {"reason": ""})
    assert (page.status_code, "请填写理由" in text(page)) == (422, True)
    client.post(f"/bulletins/{draft.pk}/withdraw/", {"reason": "底数有误"})
    read = text(client_of(district_reviewer).get(f"/bulletins/{draft.pk}/"))
    assert ("底数有误" in read, "名次" in read, "现将楚雄彝族自治州" in read) == (True, False, False)
    assert "现将楚雄彝族自治州" in text(client.get(f"/bulletins/{draft.pk}/"))


def test_what_was_typed_stays_on_a_refused_form(client: Client, draft: Bulletin) -> None:
    page = save(client, draft, title="", text="已改的正文")
    assert page.status_code == 422
    assert "请填写标题。" in text(page)
    assert "已改的正文" in text(page)
    page = save(client, draft, document_number="三号")
    assert "勾选“文号确实如此”" in text(page)
    assert save(client, draft, document_number="三号", number_is_so="on").status_code == 302
    page = save(client, draft)
    assert (page.status_code, "刚刚由同事改过，您的修改没有保存" in text(page)) == (409, True)


def test_the_ranking_as_a_sheet(client: Client, draft: Bulletin) -> None:
    answer = client.get(f"/bulletins/{draft.pk}/?format=xlsx")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=1, max_row=3)]
    assert rows[0] == [
        "名次",
        "单位",
        "城市社区底数",
        "累计认定",
        "合计完成比例",
        "目标数",
        "目标完成率",
        "还差",
        "表扬督促",
    ]
    assert rows[1] == [
        1,
        "楚雄市",
        31,
        1,
        pytest.approx(1 / 31, abs=1e-4),
        19,
        pytest.approx(1 / 19, abs=1e-4),
        18,
        None,
    ]
    assert rows[2][:4] == [2, "禄丰市", 45, 0]


def test_streets_draft_none(client_of: ClientOf, street_officer: Actor, chuxiong: Campaign) -> None:
    client = client_of(street_officer)
    assert "拟通报" not in text(client.get("/bulletins/"))
    assert client.post("/bulletins/add/").status_code == 403


def test_the_list_takes_the_same_queries_whatever_its_length(
    client: Client, draft: Bulletin, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(100) as counted:
            client.get("/bulletins/")
        return len(counted)  # type: ignore[arg-type]

    one = queries()
    for _ in range(2):
        draft.pk = None
        draft.save()
    assert Bulletin.objects.count() == 3
    assert queries() == one


def test_a_discarded_draft_is_gone_whoever_presses_again(client: Client, draft: Bulletin) -> None:
    for _ in range(2):
        assert client.post(f"/bulletins/{draft.pk}/discard/").url == "/bulletins/"  # type: ignore[attr-defined]
    assert not Bulletin.objects.exists()


def test_a_place_without_a_campaign_says_so(client_of: ClientOf, make_actor: Callable[[str, Role], Actor]) -> None:
    Campaign.objects.update(status=Campaign.Status.DRAFT)
    page = client_of(make_actor("5323", Role.APPROVER)).post("/bulletins/add/")
    assert (page.status_code, "还没有创建行动" in text(page)) == (422, True)
