"""What is handed in, and annual plans, as documents: what they say, for whom, and the hard cases, read back from the files."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from pypdf import PdfReader

from apps.accounts.permissions import Actor
from apps.campaigns.annual_plans import listed_in, submit_plan, version_of
from apps.campaigns.models import AnnualPlan, Campaign, Milestone
from apps.communities.models import Community
from apps.documents.filing import filing_paper, matter_of
from apps.documents.plan import plan_paper
from apps.filings.domain import Content
from apps.filings.models import Filing
from apps.jurisdictions.models import Jurisdiction
from apps.papers.models import OfficeProfile
from apps.papers.paper import Head, Paper
from apps.papers.pdf import to_pdf
from tests.documents.conftest import text_of
from tests.factories import enrol
from tests.filings.conftest import PARTS, SELF_EVALUATION, draft, give_back, hand_in, milestone_of
from tests.papers.geometry import lines_of, words_of
from tests.papers.geometry import text_of as line_text
from tests.papers.test_docx import through_libreoffice
from tests.recognitions.conftest import Acting

Browser = Callable[[Actor], Client]
Find = Callable[[str], Jurisdiction]
RARE = "法脿镇、垚、犇"


@pytest.fixture
def milestone(chuxiong: Campaign) -> Milestone:
    return milestone_of(chuxiong)


def loaded(filing: Filing) -> Filing:
    return Filing.objects.with_context().get(pk=filing.pk)


def said(paper: Paper) -> str:
    """What the PDF says, without blanks."""
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(to_pdf(paper))).pages).split())


def named_files(filing: Filing, *names: str) -> None:
    for name in names:
        filing.attachments.create(
            file=name, name=name, size=1, sha256=name, uploaded_at=filing.saved_at, uploaded_by=filing.saved_by
        )


@pytest.mark.parametrize(
    ("title", "recurrence", "matter"),
    [
        ("报送绿色社区创建工作进展情况", "monthly", "报送2022年8月绿色社区创建工作进展情况"),
        ("报送绿色社区创建工作进展情况", "quarterly", "报送2022年第三季度绿色社区创建工作进展情况"),
        ("各区政府及各相关市级部门报送年度工作报告", "yearly", "报送2022年度工作报告"),
        ("报送创建成果和总结", "yearly", "报送2022年创建成果和总结"),
        ("会同发改等部门开展自评", "yearly", "2022年会同发改等部门开展自评"),
        ("报送2022年度绿色社区创建行动计划", "yearly", "报送2022年度绿色社区创建行动计划"),
        ("制定本区绿色社区创建行动方案", "once", "制定本区绿色社区创建行动方案"),
    ],
)
def test_matter_names_the_period(title: str, recurrence: str, matter: str) -> None:
    campaign = Campaign(first_year=2020, last_year=2022)
    assert matter_of(Milestone(title=title, recurrence=recurrence, campaign=campaign), SELF_EVALUATION) == matter


def test_what_is_due_in_january_names_the_year_that_it_is_of() -> None:
    asked = Milestone(title="报送年度工作报告", recurrence="yearly", kind=Milestone.Kind.ANNUAL_REPORT)
    asked.campaign = Campaign(first_year=2020, last_year=2022)
    assert matter_of(asked, date(2022, 1, 15)) == "报送2021年度工作报告"


def test_report_goes_to_the_office_above_with_its_frozen_figures(milestone: Milestone, city_approver: Actor) -> None:
    OfficeProfile.objects.create(jurisdiction=city_approver.jurisdiction, name="楚雄州住建局")
    filed = hand_in(milestone, SELF_EVALUATION, Content([("存在问题", "缺少经费")], "完成 3 个社区，占 10% 左右"))
    named_files(filed, "自评报告.pdf", "名单.v2.xlsx")
    filed.figures = filed.figures | {"base": 31, "cumulative": 3, "ratio": [3, 31]}
    filed.save()
    paper = filing_paper(loaded(filed))
    text = text_of(paper)
    assert paper.title == "楚雄市住房和城乡建设局关于2022年会同发改等部门对辖区内绿色社区创建工作开展自评的报告"
    assert paper.head == Head("楚雄市住房和城乡建设局文件", "", is_upward=True)
    assert (paper.recipients, paper.dated, paper.mark) == ("楚雄州住建局", date(2022, 8, 15), "")
    assert (
        text.index("存在问题\n缺少经费") < text.index("工作情况\n完成3个社区，占10%左右") < text.index("2022年创建数据")
    )
    assert "城市社区底数|31" in text
    assert "合计完成比例|9.68%" in text
    # The roll-up of the day knows nothing of those three.
    assert "累计已认定|3" in text
    # A self-evaluation brings its list of results along.
    assert paper.annex_lines == ["1.创建成果名单（0个）", "2.自评报告", "3.名单.v2"]


def test_plan_has_no_figures_and_a_draft_is_marked(milestone: Milestone, district_reviewer: Actor) -> None:
    Milestone.objects.filter(pk=milestone.pk).update(kind=Milestone.Kind.PLAN, required_parts=PARTS)
    milestone.refresh_from_db()
    content = Content([(PARTS[0], RARE)])
    made = draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, content, actor=district_reviewer)
    paper = filing_paper(loaded(made))
    assert (paper.mark, paper.dated, paper.annex_lines) == ("草稿", None, [])
    assert "创建数据" not in text_of(paper)
    assert f"总体目标\n{RARE}\n工作措施\n（未填写）" in text_of(paper)
    assert RARE in said(paper)


def test_change_since_the_last_report_is_told(milestone: Milestone) -> None:
    last = hand_in(milestone, date(2021, 8, 31))
    Filing.objects.filter(pk=last.pk).update(figures=last.figures | {"base": 30})
    text = text_of(filing_paper(loaded(hand_in(milestone, SELF_EVALUATION))))
    assert "城市社区底数|31|+1" in text
    assert "目标数|" in text


def test_returned_report_is_a_draft_again(milestone: Milestone, city_approver: Actor) -> None:
    back = give_back(hand_in(milestone, SELF_EVALUATION), actor=city_approver)
    assert (filing_paper(loaded(back)).mark, filing_paper(loaded(back)).dated) == ("草稿", None)


def test_who_reads_what_is_handed_in(
    milestone: Milestone,
    district_reviewer: Actor,
    city_approver: Actor,
    street_officer: Actor,
    stranger: Actor,
    client_of: Browser,
) -> None:
    made = draft(milestone, district_reviewer.jurisdiction, SELF_EVALUATION, actor=district_reviewer)
    address, ask = reverse("filing_document", args=[made.pk]), {"format": "docx"}
    readers = [client_of(one) for one in (district_reviewer, city_approver, street_officer, stranger)]
    assert [one.get(address, ask).status_code for one in readers] == [200, 404, 404, 404]
    hand_in(milestone, SELF_EVALUATION, actor=district_reviewer)
    assert [one.get(address, ask).status_code for one in readers] == [200, 200, 404, 404]
    page = readers[1].get(address).content.decode()
    assert ("下载 Word" in page, "表格 xlsx" in page) == (True, True)


def test_pdf_and_docx_leave_room_for_who_signs_it_off(
    milestone: Milestone, city_approver: Actor, tmp_path: Path
) -> None:
    OfficeProfile.objects.create(jurisdiction_id=milestone.campaign.jurisdiction_id, number_pattern="")
    filed = hand_in(milestone, SELF_EVALUATION)
    OfficeProfile.objects.create(jurisdiction=filed.jurisdiction, number_pattern="楚市住建〔{year}〕{number}号")
    paper = filing_paper(loaded(filed))
    file = tmp_path / "report.pdf"
    file.write_bytes(to_pdf(paper))
    for pages in (words_of(file), words_of(_printed(paper, tmp_path))):
        issuer, number, *_ = lines_of(pages[0])
        assert line_text(issuer) == "楚雄市住房和城乡建设局文件"
        assert "".join(line_text(number).split("　")).startswith("楚市住建〔2022〕")
        assert "签发人：" in line_text(number)
        # 发文字号居左空一字, 签发人 on the right.
        assert number[0].left == pytest.approx(28 + 5.6, abs=0.8)
        signer = next(word for word in number if "签发人" in word.text)
        assert 135 < signer.left < 165


def _printed(paper: Paper, directory: Path) -> Path:
    from apps.papers.docx import to_docx

    directory = directory / "office"
    directory.mkdir()
    return through_libreoffice(to_docx(paper), directory)


def planned(campaign: Campaign, actor: Actor, acting: Acting) -> AnnualPlan:
    with acting(actor):
        seen = version_of(listed_in(campaign, actor.jurisdiction, 2022))
        made = submit_plan(campaign, actor.jurisdiction, 2022, actor=actor, seen=seen, explanation="其余 3 个明年列入")
    return AnnualPlan.objects.select_related("campaign__jurisdiction", "jurisdiction__parent").get(pk=made.pk)


def paper_of_plan(plan: AnnualPlan) -> Paper:
    return plan_paper(plan, listed_in(plan.campaign, plan.jurisdiction, plan.year))


@pytest.mark.parametrize("number", [0, 1, 3])
def test_plan_lists_its_communities(
    number: int, chuxiong: Campaign, district_reviewer: Actor, acting: Acting, jurisdiction: Find
) -> None:
    communities = list(Community.objects.below(jurisdiction("532301").path).in_code_order())[:number]
    for place, one in enumerate(communities):
        enrol(one, chuxiong, 2022, is_pilot=place == 0, actor=district_reviewer)
    paper = paper_of_plan(planned(chuxiong, district_reviewer, acting))
    text = said(paper)
    assert paper.title == "楚雄市住房和城乡建设局关于报送2022年绿色社区创建计划的报告"
    assert (paper.recipients, paper.dated) == ("楚雄彝族自治州住房和城乡建设局", date(2022, 8, 15))
    assert "需要说明的情况：其余3个明年列入" in text
    assert f"现有城市社区31个，累计列入创建计划{number}个，2022年目标为19个。" in text
    if number:
        assert f"2022年计划创建绿色社区{number}个，其中试点1个，名单见附件。" in text
        assert f"附件：2022年绿色社区创建计划名单（{number}个）" in text
        assert all(str(one) in text for one in communities)
    else:
        assert ("没有新列入创建计划的社区" in text, list(paper.annexes)) == (True, [])


def test_number_of_queries_does_not_grow(
    chuxiong: Campaign,
    milestone: Milestone,
    district_reviewer: Actor,
    acting: Acting,
    client_of: Browser,
    jurisdiction: Find,
) -> None:
    client, numbers = client_of(district_reviewer), []
    communities = list(Community.objects.below(jurisdiction("532301").path).in_code_order())
    filed = hand_in(milestone, SELF_EVALUATION)
    plan = AnnualPlan.objects.create(campaign=chuxiong, jurisdiction=district_reviewer.jurisdiction, year=2022)
    for start, end in ((0, 1), (1, 3)):
        for one in communities[start:end]:
            enrol(one, chuxiong, 2022, actor=district_reviewer)
        named_files(filed, *(f"{one}.pdf" for one in range(start, end)))
        for name, pk in (("filing_document", filed.pk), ("plan_document", plan.pk)):
            with CaptureQueriesContext(connection) as found:
                answer = client.get(reverse(name, args=[pk]), {"format": "docx"})
            numbers.append(len(found))
            assert "公文" not in answer["Content-Disposition"]
            assert Document(BytesIO(answer.content)).paragraphs
    assert numbers[:2] == numbers[2:]
