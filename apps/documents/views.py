"""Documents to look at and to take along; what they say is made in the other modules of this room."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.assessments.comparison import Comparison, compare
from apps.assessments.views.review import load_review
from apps.bulletins.domain import bulletins_for, is_told_to, places_of
from apps.campaigns.annual_plans import listed_in
from apps.campaigns.current import current_campaign
from apps.campaigns.models import AnnualPlan, Recognition
from apps.core.errors import InvalidInput, TransitionError
from apps.documents.assessment import review_record, score_sheet
from apps.documents.bulletin import bulletin_paper
from apps.documents.evaluation import evaluation_paper
from apps.documents.filing import filing_paper
from apps.documents.plan import plan_paper
from apps.documents.recognition import decision_paper, list_paper, notice_paper, notices_of
from apps.documents.supervision import visit_paper
from apps.evaluations import domain as evaluations
from apps.evaluations.facts import facts_of
from apps.evaluations.views import access_evaluation
from apps.filings import domain as filings
from apps.filings.models import Filing
from apps.filings.obligations import filing_url
from apps.jurisdictions.models import Jurisdiction
from apps.papers.http import paper_answer
from apps.recognitions import listing
from apps.recognitions.authority import authority_of
from apps.recognitions.document_number_correction import same_document
from apps.recognitions.entries import lines_of
from apps.recognitions.forms import ListFilter
from apps.supervision.domain import visits_for
from apps.supervision.models import SupervisionVisit

# A longer list is a spreadsheet.
LONGEST_LIST = 1000

Trail = list[tuple[str, str | None]]


@members_only
@require_safe
def notice_document(request: ActorRequest, pk: int) -> HttpResponse:
    """公示, for the office that publishes it and those above."""
    notice = get_object_or_404(listing.notices_for(request.actor), pk=pk)
    _refuse_below(request, notice.jurisdiction, "公示文件由{}印发，完整名单见公开页面。")
    trail: Trail = [
        ("认定与公示", reverse("recognition_list")),
        ("公示", reverse("notice_list")),
        (notice.title, reverse("notice_detail", args=[pk])),
        ("公示文件", None),
    ]
    return paper_answer(
        request, notice_paper(notice, lines_of(notice)), trail=trail, name=notice.title, place=notice.jurisdiction
    )


@members_only
@require_safe
def decision_document(request: ActorRequest, pk: int) -> HttpResponse:
    """认定决定 of the document that recognised a community, for the office that decided and those above."""
    recognition = get_object_or_404(Recognition.objects.select_related(*listing.NAMED), pk=pk)
    if recognition.adoption_id is not None:
        raise TransitionError(
            f"{recognition.community}的认定是按{recognition.document_number}接收的，认定决定以原文件为准。"
        )
    holder = authority_of(recognition)
    _refuse_below(request, holder, "认定决定由{}印发，其他单位请向其索取。")
    decided = same_document(recognition).filter(adoption=None).select_related(*listing.NAMED)
    rows = list(decided.order_by("path", "community__code", "pk"))
    paper = decision_paper(rows, holder, notices_of(rows))
    trail: Trail = [("认定与公示", reverse("recognition_list")), ("认定决定", None)]
    return paper_answer(request, paper, trail=trail, name=paper.title, place=holder)


@members_only
@require_safe
def bulletin_document(request: ActorRequest, pk: int) -> HttpResponse:
    """通报, for whoever reads it: a draft is its office's own, a withdrawn one is no more told to those below."""
    bulletin = get_object_or_404(bulletins_for(request.actor), pk=pk)
    if not is_told_to(request.actor, bulletin):
        raise PermissionDenied(f"这份通报已由{bulletin.jurisdiction}撤回，撤回的时间和理由见通报页面。")
    trail: Trail = [
        ("通报", reverse("bulletin_list")),
        (bulletin.title, reverse("bulletin_detail", args=[pk])),
        ("通报文件", None),
    ]
    paper = bulletin_paper(bulletin, places_of(bulletin))
    return paper_answer(request, paper, trail=trail, name=bulletin.title, place=bulletin.jurisdiction)


@members_only
@require_safe
def filing_document(request: ActorRequest, pk: int) -> HttpResponse:
    """What a unit hands in, for the unit and those above it; a draft is the unit's own."""
    filing = get_object_or_404(Filing.objects.with_context(), pk=pk)
    if not filings.may_read(request.actor, filing):
        raise Http404
    paper, name = filing_paper(filing), f"{filing.jurisdiction}{filing.milestone}（{filing.due_on:%Y-%m-%d}）"
    url = filing_url(filing.milestone, filing.jurisdiction, filing.due_on)
    trail: Trail = [("报送事项", reverse("filing_list")), (filing.milestone.title, url), ("报送文件", None)]
    return paper_answer(request, paper, trail=trail, name=name, place=filing.jurisdiction)


@members_only
@require_safe
def plan_document(request: ActorRequest, pk: int) -> HttpResponse:
    """年度创建计划, for the unit that plans and those above it."""
    rows = AnnualPlan.objects.below(request.actor.jurisdiction.path)
    plan = get_object_or_404(rows.select_related("campaign__jurisdiction", "jurisdiction__parent"), pk=pk)
    paper = plan_paper(plan, listed_in(plan.campaign, plan.jurisdiction, plan.year))
    name = f"{plan.jurisdiction}{plan.year}年绿色社区创建计划"
    trail: Trail = [("年度计划", reverse("plan")), (name, reverse("annual_plan", args=[pk])), ("计划文件", None)]
    return paper_answer(request, paper, trail=trail, name=name, place=plan.jurisdiction)


@members_only
@require_safe
def list_document(request: ActorRequest) -> HttpResponse:
    """认定名单 of the place and year that the list of recognitions shows."""
    own = request.actor.jurisdiction
    form = ListFilter(request, listing.years_recognised(own.path), {})
    asked = {**form.asked, "q": "", "state": "standing"}
    rows = listing.recognitions_at(form.place.path, asked, current_campaign(request))
    found = list(rows.order_by("path", "community__code", "year", "pk")[: LONGEST_LIST + 1])
    if len(found) > LONGEST_LIST:
        raise InvalidInput(f"名单超过 {LONGEST_LIST} 个社区。请按年度或下级单位缩小范围，或者下载 xlsx。")
    paper = list_paper(form.place, int(asked["year"]) if asked["year"] else None, found)
    trail: Trail = [("认定与公示", reverse("recognition_list")), ("认定名单", None)]
    return paper_answer(request, paper, trail=trail, name=paper.title, place=form.place)


@members_only
@require_safe
def evaluation_document(request: ActorRequest, campaign: str, unit: str, year: int) -> HttpResponse:
    """年度总结评估报告, for the unit itself and, once it was submitted, those above."""
    one = access_evaluation(request, campaign, unit, year)
    evaluation = one.evaluation
    if evaluation is None or not evaluations.may_read(request.actor, evaluation):
        raise Http404(f"{one.unit}还没有提交 {year} 年度总结评估报告。")
    paper = evaluation_paper(evaluation, facts_of(evaluation))
    trail: Trail = [
        ("年度总结评估", reverse("evaluation_list")),
        (str(one.unit), reverse("evaluation", args=[campaign, unit, year])),
        ("报告文件", None),
    ]
    return paper_answer(request, paper, trail=trail, name=paper.title, place=one.unit)


@members_only
@require_safe
def score_sheet_document(request: ActorRequest, pk: int) -> HttpResponse:
    """评分表 of one assessment, for whoever may read its review."""
    return _of_assessment(request, pk, "评分表")


@members_only
@require_safe
def review_record_document(request: ActorRequest, pk: int) -> HttpResponse:
    """办理记录 of one assessment, for whoever may read its review."""
    return _of_assessment(request, pk, "办理记录")


@members_only
@require_safe
def visit_document(request: ActorRequest, pk: int) -> HttpResponse:
    """督导检查反馈意见, for the office that visits, the visited unit and those between."""
    visit = get_object_or_404(visits_for(request.actor).select_related("office__parent"), pk=pk)
    if visit.status == SupervisionVisit.Status.WITHDRAWN and request.actor.jurisdiction != visit.office:
        raise PermissionDenied(f"{visit.office}已撤回这份督导检查意见，理由：{visit.withdrawal_reason}")
    paper = visit_paper(visit, list(visit.findings.select_related("criterion")))
    here = reverse("visit_detail", args=[pk])
    trail: Trail = [("督导检查", reverse("visit_list")), (visit.title, here), ("反馈意见文件", None)]
    return paper_answer(request, paper, trail=trail, name=visit.title, place=visit.unit)


def _of_assessment(request: ActorRequest, pk: int, what: str) -> HttpResponse:
    sheet: Comparison = compare(load_review(pk), request.actor)
    community = sheet.assessment.participation.community
    paper = score_sheet(sheet) if what == "评分表" else review_record(sheet)
    trail: Trail = [(str(community), reverse("review", args=[pk])), (what, None)]
    name = paper.title.replace("\n", "")
    return paper_answer(request, paper, trail=trail, name=name, place=community.jurisdiction)


def _refuse_below(request: ActorRequest, office: Jurisdiction, words: str) -> None:
    """403 for whoever sees only a part of what the office decided on: the document would name that part alone."""
    if not request.actor.jurisdiction.contains(office.path):
        raise PermissionDenied(words.format(office))
