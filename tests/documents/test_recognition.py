"""公示, 认定决定 and 认定名单: what they say, for whom, as PDF and docx."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader
from pytest_django import Settings

from apps.accounts.models import AccessEvent, Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Recognition
from apps.communities.models import Community
from apps.documents.recognition import decision_paper, list_paper, notice_paper, notices_of
from apps.papers.models import OfficeProfile
from apps.papers.paper import Head
from apps.papers.pdf import to_pdf
from apps.papers.xlsx import has_tables, to_xlsx
from apps.recognitions.decisions import decide_notice
from apps.recognitions.entries import lines_of
from apps.recognitions.listing import NAMED, recognitions_at
from apps.recognitions.models import PublicNotice
from tests.documents.conftest import text_of
from tests.factories import recognised_community
from tests.recognitions.conftest import Acting, act, at

RARE = "法脿𠙶社区"
Browser = Callable[[Actor], Client]
MakeActor = Callable[[str, Role], Actor]


def decided(notice: PublicNotice, actor: Actor, acting: Acting) -> list[Recognition]:
    """Recognised on the day after the notice has ended, under one document."""
    with at(date(2022, 8, 23)):
        act(actor, acting, decide_notice, notice, year=2022, document_number="楚住建城〔2022〕52号")
    rows = Recognition.objects.filter(document_number="楚住建城〔2022〕52号").select_related(*NAMED)
    return list(rows.order_by("path", "community__code"))


def test_notice_names_period_contact_and_communities(published: PublicNotice) -> None:
    paper = notice_paper(published, lines_of(published))
    text = text_of(paper)
    assert "公示期：2022年8月15日至2022年8月22日（5个工作日，发布当日不计）。" in text
    assert "异议受理：楚雄州住房和城乡建设局城建科 0878-3012345。" in text
    assert "1|楚雄市|鹿城镇|" in text
    assert [one.title for one in paper.annexes] == ["2022年拟认定绿色社区名单（3个）"]
    assert (paper.signed, paper.dated, paper.mark) == ("楚雄彝族自治州住房和城乡建设局", date(2022, 8, 15), "")
    # 公示 has no number, and so no 版头.
    assert paper.head is None


def test_draft_of_a_notice_is_marked_and_undated(drafted: PublicNotice, settings: Settings) -> None:
    paper = notice_paper(drafted, lines_of(drafted))
    assert (paper.mark, paper.dated) == ("草稿", None)
    assert "公示期：自发布之日起5个工作日。" in text_of(paper)
    settings.DEMO = True
    assert notice_paper(drafted, []).mark == "演示"


def test_notice_without_communities_says_so(drafted: PublicNotice) -> None:
    paper = notice_paper(drafted, [])
    assert [one.title for one in paper.annexes] == ["2022年拟认定绿色社区名单（0个）"]


def test_decision_goes_by_the_document_and_its_notice(
    published: PublicNotice, city_approver: Actor, acting: Acting
) -> None:
    rows = decided(published, city_approver, acting)
    paper = decision_paper(rows, city_approver.jurisdiction, notices_of(rows))
    text = text_of(paper)
    assert paper.head == Head("楚雄彝族自治州住房和城乡建设局文件", "楚住建城〔2022〕52号")
    assert "（楚住建城〔2021〕1号）要求，经社区自评、逐级审核，并于2022年8月15日至2022年8月22日向社会公示，" in text
    assert f"决定认定楚雄市鹿城镇{rows[0].community}等3个社区为2022年度绿色社区，名单见附件。" in text
    assert (paper.dated, paper.recipients) == (date(2022, 8, 23), "各县（市、区）住房和城乡建设主管部门")


def test_decision_on_one_community_names_it_without_an_annex(recognised: Recognition, city_approver: Actor) -> None:
    row = Recognition.objects.select_related(*NAMED).get(pk=recognised.pk)
    paper = decision_paper([row], city_approver.jurisdiction, notices_of([row]))
    assert f"决定认定楚雄市鹿城镇{row.community}为2021年度绿色社区。" in text_of(paper)
    assert list(paper.annexes) == []
    assert "公示" not in text_of(paper)


def test_decision_says_what_was_taken_back_since(published: PublicNotice, city_approver: Actor, acting: Acting) -> None:
    rows = decided(published, city_approver, acting)
    rows[1].revoked_at, rows[1].revocation_reason = rows[1].recognised_at, "复查不通过"
    paper = decision_paper(rows, city_approver.jurisdiction, [])
    assert text_of(paper).count("已于2022年8月23日摘牌") == 1
    assert "等3个社区" in text_of(paper)


def test_list_is_told_county_by_county(recognised: Recognition, city_approver: Actor) -> None:
    asked = {"q": "", "year": "2021", "state": "standing"}
    rows = list(recognitions_at(city_approver.jurisdiction.path, asked, None).order_by("path"))
    text = text_of(list_paper(city_approver.jurisdiction, 2021, rows))
    assert "楚雄彝族自治州2021年绿色社区名单" in text
    assert "截至2022年8月15日，楚雄彝族自治州有效的2021年绿色社区共1个。" in text
    assert "楚雄市（1个）" in text
    empty = list_paper(city_approver.jurisdiction, None, [])
    assert "有效的绿色社区共0个。" in text_of(empty)


@pytest.mark.parametrize("number", [0, 1, 60])
def test_hard_cases_are_set(
    number: int, recognised: Recognition, published: PublicNotice, city_approver: Actor
) -> None:
    row = Recognition.objects.select_related(*NAMED).get(pk=recognised.pk)
    row.community.name = RARE
    row.document_number = ""
    rows, place = [row] * number, city_approver.jurisdiction
    lines = [next(iter(lines_of(published)))] * number
    for line in lines:
        line.entry.assessment.participation.community.name = RARE
    papers = [list_paper(place, None, rows), notice_paper(published, lines)]
    # A decision is on one community at least.
    papers += [decision_paper(rows, place, [])] if rows else []
    for paper in papers:
        text = "".join("".join(one.extract_text() for one in PdfReader(BytesIO(to_pdf(paper))).pages).split())
        assert text.count(str(row.community)) >= number
        book = load_workbook(BytesIO(to_xlsx(paper))) if has_tables(paper) else None
        cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row] if book else []
        assert cells.count(str(row.community)) in (0, number)


def test_files_are_downloaded_and_recorded(
    published: PublicNotice, city_approver: Actor, client_of: Browser, recognised: Recognition
) -> None:
    client = client_of(city_approver)
    address = reverse("notice_document", args=[published.pk])
    page = client.get(address).content.decode()
    assert page.count("data:image/png;base64,") == 2
    pdf, docx, xlsx = (client.get(address, {"format": kind}) for kind in ("pdf", "docx", "xlsx"))
    assert load_workbook(BytesIO(xlsx.content)).worksheets[0]["A3"].value == 1
    assert (pdf["Content-Type"], pdf["Content-Disposition"][:10]) == ("application/pdf", "attachment")
    assert "公示期" in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    assert [len(table.rows) for table in Document(BytesIO(docx.content)).tables] == [4]
    taken = AccessEvent.objects.filter(kind=AccessEvent.Kind.EXPORTED).values_list("subject", flat=True)
    assert sorted(taken) == sorted(f"{published.title}.{kind}" for kind in ("pdf", "docx", "xlsx"))


def test_what_is_only_partly_seen_is_no_document(
    published: PublicNotice,
    recognised: Recognition,
    district_reviewer: Actor,
    province_reviewer: Actor,
    stranger: Actor,
    client_of: Browser,
) -> None:
    addresses = [reverse("notice_document", args=[published.pk]), reverse("decision_document", args=[recognised.pk])]
    for actor, status in ((district_reviewer, 403), (stranger, 404), (province_reviewer, 200)):
        client = client_of(actor)
        assert [client.get(one, {"format": "docx"}).status_code for one in addresses] == [status, status]
    assert "由楚雄彝族自治州印发" in client_of(district_reviewer).get(addresses[0]).content.decode()


def test_documents_print_what_the_bureau_entered_and_nothing_as_markup(
    published: PublicNotice, city_approver: Actor, client_of: Browser
) -> None:
    name = '<b>甲&乙"局</b>'
    OfficeProfile.objects.create(jurisdiction=city_approver.jurisdiction, name=name, contact_office="城建科")
    PublicNotice.objects.filter(pk=published.pk).update(text="<i>一</i>&amp;", version=2)
    client = client_of(city_approver)
    answer = client.get(reverse("notice_document", args=[published.pk]), {"format": "pdf"})
    text = "".join("".join(one.extract_text() for one in PdfReader(BytesIO(answer.content)).pages).split())
    assert (name in text, "<i>一</i>&amp;" in text) == (True, True)


def test_a_list_that_is_too_long_is_refused(
    recognised: Recognition, city_approver: Actor, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.documents.views.LONGEST_LIST", 0)
    answer = client_of(city_approver).get(reverse("list_document"))
    assert answer.status_code == 422
    assert "下载 xlsx" in answer.content.decode()


def test_number_of_queries_does_not_grow_with_the_list(
    community: Callable[[str], Community], chuxiong: Campaign, city_approver: Actor, client_of: Browser
) -> None:
    client, numbers = client_of(city_approver), []
    for codes in (["532301101001"], ["532301101006", "532301101008"]):
        for code in codes:
            recognised_community(community(code), chuxiong, 2022)
        first = Recognition.objects.order_by("pk")[0]
        Recognition.objects.update(document_number="楚住建〔2022〕1号")
        for address in (reverse("list_document"), reverse("decision_document", args=[first.pk])):
            with CaptureQueriesContext(connection) as found:
                assert client.get(address, {"format": "docx"}).status_code == 200
            numbers.append(len(found))
    assert numbers[:2] == numbers[2:]
