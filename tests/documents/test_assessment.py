"""评分表 and 办理记录: what they say, many in one file, who reads what."""

from collections.abc import Callable
from io import BytesIO

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from apps.accounts.permissions import Actor
from apps.assessments.comparison import compare
from apps.assessments.models import Assessment, Evidence
from apps.assessments.views.review import load_review
from apps.documents.assessment import review_record, score_sheet, score_sheets
from apps.papers.pdf import to_pdf
from apps.papers.xlsx import to_xlsx
from tests.documents.conftest import text_of
from tests.recognitions.conftest import Acting

Browser = Callable[[Actor], Client]


def test_score_sheet_tells_points_by_level_and_the_conclusion(
    held: list[Assessment], city_approver: Actor, acting: Acting
) -> None:
    with acting(city_approver):
        paper = score_sheet(compare(load_review(held[0].pk), city_approver))
    text = text_of(paper)
    assert paper.title.endswith("\n2022年绿色社区创建评分表")
    assert "达标分80分，达到创建要求。" in text
    # The criterion with its full points, what the street and the county gave, no files.
    line = next(one for one in text.splitlines() if one.startswith("1|"))
    assert line.split("|")[2:6] == ["6", "6", "6", "—"] or line.split("|")[2:5] == ["6", "6", "6"]
    assert "鹿城镇|" in text
    assert paper.mark == ""


def test_score_sheet_below_shows_what_is_told_there(
    held: list[Assessment], street_officer: Actor, acting: Acting
) -> None:
    with acting(street_officer):
        text = text_of(score_sheet(compare(load_review(held[0].pk), street_officer)))
    assert "达到创建要求" in text
    assert "楚雄彝族自治州|" not in text


def test_review_record_tells_every_step_in_order(held: list[Assessment], city_approver: Actor, acting: Acting) -> None:
    with acting(city_approver):
        text = text_of(review_record(compare(load_review(held[0].pk), city_approver)))
    steps = [line.split("|") for line in text.splitlines() if line[:2] in ("1|", "2|", "3|")]
    assert [one[2] for one in steps] == ["鹿城镇", "鹿城镇", "楚雄市"]
    assert [one[4].split("，")[0] for one in steps] == ["开始自评", "提交自评", "同意上报"]
    assert steps[1][4].startswith("提交自评，送楚雄市，得分")


def test_many_score_sheets_are_one_file(held: list[Assessment], city_approver: Actor, acting: Acting) -> None:
    with acting(city_approver):
        rows = [load_review(one.pk) for one in held]
        reader = PdfReader(BytesIO(score_sheets(rows, city_approver)))
    assert len(reader.outline) == 3
    titles = ["".join(page.extract_text().split()) for page in reader.pages]
    assert sum("绿色社区创建评分表" in one for one in titles) == 3


def test_hard_cases_are_set(held: list[Assessment], city_approver: Actor, acting: Acting) -> None:
    with acting(city_approver):
        sheet = compare(load_review(held[0].pk), city_approver)
    sheet.assessment.participation.community.name = "法脿𠙶社区"
    several = score_sheet(sheet)
    sheet.actions = []
    # Sixty files behind one criterion, and nobody has said or decided anything.
    sheet.rows[0].evidence[:] = [Evidence()] * 60
    papers = [several, score_sheet(sheet), review_record(sheet)]
    for paper, said in zip(papers, ("鹿城镇", "还没有提交", "还没有办理记录"), strict=True):
        text = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(to_pdf(paper))).pages).split())
        assert "法脿𠙶社区" in text
        assert said in text
    assert any("60份" in row for row in score_sheet(sheet).blocks[1].rows)  # type: ignore[union-attr]
    sheets = load_workbook(BytesIO(to_xlsx(papers[1]))).sheetnames
    assert len(sheets) == 3


def test_number_of_queries_is_that_of_the_review(
    held: list[Assessment], city_approver: Actor, client_of: Browser
) -> None:
    client, numbers = client_of(city_approver), []
    for name in ("score_sheet_document", "review_record_document"):
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(name, args=[held[0].pk]), {"format": "docx"}).status_code == 200
        numbers.append(len(found))
    assert max(numbers) <= 20
