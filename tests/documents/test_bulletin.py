"""通报 as a document: what it says, for whom, and the hard cases, read back from the files."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document
from pypdf import PdfReader

from apps.accounts.permissions import Actor
from apps.bulletins.domain import draft_bulletin, places_of, publish_bulletin, withdraw_bulletin
from apps.bulletins.models import Bulletin
from apps.bulletins.ranking import RankedUnit
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.documents.bulletin import bulletin_paper
from apps.jurisdictions.models import Jurisdiction
from apps.papers.models import OfficeProfile
from apps.papers.paper import Head
from apps.papers.pdf import to_pdf
from tests.documents.conftest import text_of
from tests.factories import recognised_community
from tests.papers.geometry import lines_of, words_of
from tests.papers.geometry import text_of as line_text

Browser = Callable[[Actor], Client]
_PRAISED = "对楚雄市予以通报表扬。"


@pytest.fixture(autouse=True)
def _in_2022() -> Iterator[None]:
    with clock.stopped_at(datetime(2022, 8, 15, 10, tzinfo=ZoneInfo("Asia/Shanghai"))):
        yield


@pytest.fixture
def draft(
    chuxiong: Campaign,
    community: Callable[[str], Community],
    city_approver: Actor,
    jurisdiction: Callable[[str], Jurisdiction],
) -> Bulletin:
    recognised_community(community("532301101001"), chuxiong, 2022)
    made = draft_bulletin(chuxiong, 2022, actor=city_approver)
    made.document_number = "楚住建通〔2022〕3号"
    made.praised, made.urged = [jurisdiction("532301").pk], [jurisdiction("532328").pk, jurisdiction("532302").pk]
    made.save()
    return made


def with_units(bulletin: Bulletin, *units: RankedUnit, **also: object) -> Bulletin:
    """Published with these units."""
    bulletin.units, bulletin.as_of = [one.kept() for one in units], date(2022, 8, 15)
    bulletin.status, bulletin.published_at = Bulletin.Status.PUBLISHED, clock.now()
    for name, value in also.items():
        setattr(bulletin, name, value)
    return bulletin


def test_draft_says_what_stands_today_and_is_marked(draft: Bulletin) -> None:
    paper = bulletin_paper(draft, places_of(draft))
    text = text_of(paper)
    assert paper.title == "楚雄彝族自治州住房和城乡建设局关于2022年绿色社区创建行动进展情况的通报"
    assert paper.head == Head("楚雄彝族自治州住房和城乡建设局文件", "楚住建通〔2022〕3号")
    assert (paper.recipients, paper.dated, paper.mark) == ("各县（市、区）住房和城乡建设主管部门", None, "草稿")
    assert _PRAISED in text
    assert "对元谋县、禄丰市予以督促。" in text or "对禄丰市、元谋县予以督促。" in text
    assert [one.title for one in paper.annexes] == ["2022年绿色社区创建进展排名"]
    assert "截至2022年8月15日，按合计完成比例排名" in text
    assert "1|楚雄市|31|1|3.23%|19|5.26%|18|表扬" in text
    assert "2|禄丰市|45|0|0.00%|27|0.00%|27|督促" in text


def test_published_one_keeps_its_figures_and_names_copies(draft: Bulletin, city_approver: Actor) -> None:
    OfficeProfile.objects.create(jurisdiction=city_approver.jurisdiction, copies="州人民政府办公室")
    published = publish_bulletin(draft, actor=city_approver, seen=1)
    paper = bulletin_paper(published, places_of(published))
    assert (paper.dated, paper.mark) == (date(2022, 8, 15), "")
    assert paper.imprint is not None
    assert (paper.imprint.copies, paper.imprint.issued_on) == ("州人民政府办公室", date(2022, 8, 15))


def test_a_title_that_names_its_office_is_left_as_it_is(draft: Bulletin) -> None:
    draft.title = "楚雄州绿色社区创建情况通报"
    assert bulletin_paper(draft, []).title == "楚雄州绿色社区创建情况通报"


def test_who_reads_it(
    draft: Bulletin, city_approver: Actor, district_reviewer: Actor, stranger: Actor, client_of: Browser
) -> None:
    address = reverse("bulletin_document", args=[draft.pk])
    own, below, other = (client_of(one) for one in (city_approver, district_reviewer, stranger))
    ask = {"format": "docx"}
    assert [one.get(address, ask).status_code for one in (own, below, other)] == [200, 404, 404]
    publish_bulletin(draft, actor=city_approver, seen=1)
    assert [one.get(address, ask).status_code for one in (own, below, other)] == [200, 200, 404]
    # Those below are given what the office issued, and its own name for itself.
    told = "\n".join(one.text for one in Document(BytesIO(below.get(address, ask).content)).paragraphs)
    assert _PRAISED in told
    withdraw_bulletin(Bulletin.objects.get(), "底数有误", actor=city_approver)
    refused = below.get(address, ask)
    assert (refused.status_code, "已由楚雄彝族自治州撤回" in refused.content.decode()) == (403, True)
    mine = own.get(address)
    assert "已撤回" in mine.content.decode()


def test_pdf_has_head_signature_and_the_ranking_on_its_own_page(draft: Bulletin, tmp_path: Path) -> None:
    published = with_units(draft, RankedUnit(draft.praised[0], "楚雄市", 31, 1, 19))
    file = tmp_path / "bulletin.pdf"
    file.write_bytes(to_pdf(bulletin_paper(published, places_of(published))))
    pages = words_of(file)
    first = [line_text(line) for line in lines_of(pages[0])]
    assert first[:5] == [
        "楚雄彝族自治州住房和城乡建设局文件",
        "楚住建通〔2022〕3号",
        "楚雄彝族自治州住房和城乡建设局关于",
        "2022年绿色社区创建行动进展情况的通报",
        "各县（市、区）住房和城乡建设主管部门：",
    ]
    body = [line_text(line) for page in pages for line in lines_of(page)]
    assert "附件：2022年绿色社区创建进展排名" in body
    annex = next(lines for page in pages if line_text((lines := lines_of(page))[0]) == "附件")
    assert line_text(annex[1]) == "2022年绿色社区创建进展排名"
    assert any(line_text(line) == "1楚雄市3113.23%195.26%18表扬" for line in annex)


@pytest.mark.parametrize("number", [0, 1, 60])
def test_hard_cases(draft: Bulletin, number: int) -> None:
    units = [RankedUnit(one, f"法脿{one}街道", 0 if one == 1 else one, 0, None) for one in range(1, number + 1)]
    published = with_units(draft, *units, praised=[one.jurisdiction for one in units], urged=[])
    paper = bulletin_paper(published, places_of(published))
    text = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(to_pdf(paper))).pages).split())
    assert ("没有下级单位" in text) == (number == 0)
    assert ("予以通报表扬" in text) == (number > 0)
    assert all(f"法脿{one}街道" in text for one in range(1, number + 1))
    # Without communities there is neither ratio nor place.
    assert ("—法脿1街道00——" in text) == (number > 0)
