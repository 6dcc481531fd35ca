"""One evaluation: its form for the unit that writes it, its page for everybody above, its countersigning, the decisions on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns.current import access_campaign
from apps.core.downloads import spreadsheet_download
from apps.core.errors import InvalidInput, ProblemForPeople, StaleForm
from apps.core.inputs import as_seen, whole_number
from apps.core.xlsx import workbook_bytes
from apps.evaluations.below import children_of, texts_below
from apps.evaluations.completion_summary import build_workbook
from apps.evaluations.countersigning import ask_to_countersign, countersign
from apps.evaluations.domain import (
    DECIDE,
    agree_evaluation,
    approve_evaluation,
    begin_evaluation,
    may_read,
    return_evaluation,
    save_evaluation,
    submit_evaluation,
    withdraw_evaluation,
)
from apps.evaluations.drafting import Source, drafted
from apps.evaluations.facts import facts_of, summary_of
from apps.evaluations.forms import ApprovalForm, CountersignatureForm
from apps.evaluations.models import AnnualEvaluation
from apps.evaluations.shortfalls import departments
from apps.evaluations.showing import One, page_of, parts_of
from apps.filings.domain import FILE
from apps.filings.forms import content_from, number_in, part_reasons_from
from apps.filings.sources import with_appended
from apps.jurisdictions.models import Jurisdiction

Verb = Callable[[AnnualEvaluation], object]


def access_evaluation(request: ActorRequest, campaign: str, unit: str, year: int) -> One:
    """The evaluation; 404 where campaign or unit are out of sight, or the campaign does not run there in that year."""
    named = access_campaign(request, campaign)
    units = Jurisdiction.objects.below(request.actor.jurisdiction.path).with_key(unit).select_related("parent")
    place = get_object_or_404(units)
    if year not in named.years or not named.jurisdiction.contains(place.path):
        raise Http404(f"“{named}”在{place}没有 {year} 年度。")
    found = AnnualEvaluation.objects.with_context().of(named, place, year).first()
    return One(named, place, year, found)


def of_one(view: Callable[[ActorRequest, One], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view the evaluation that its address names."""

    @wraps(view)
    def shown(request: ActorRequest, campaign: str, unit: str, year: int) -> HttpResponse:
        return view(request, access_evaluation(request, campaign, unit, year))

    return shown


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
@of_one
def evaluation(request: ActorRequest, one: One) -> HttpResponse:
    """The form of an evaluation for its own unit, the evaluation as it stands for everybody else; beginning, saving, submitting."""
    if request.method != "POST":
        return _page(request, one)
    require(request.actor, FILE, one.unit.path)
    if one.evaluation is None:
        return _begun(request, one)
    typed, asked = dict(content_from(request.POST).parts), request.POST.get("do", "")
    explanation = as_seen(request.POST.get("explanation", ""))
    try:
        texts = _helped(one, typed, asked)
        saved = save_evaluation(one.evaluation, texts, explanation, actor=request.actor, **_seen_of(request))
    except ProblemForPeople as error:
        shown = {"typed": typed, "typed_explanation": explanation} | _seen_of(request)
        return _page(request, one, ("没有保存", error), **shown)
    if asked != "submit":
        messages.success(request, "草稿已保存，还没有提交。")
        return redirect(f"{_url(one)}#{asked}" if "-" in asked else _url(one))
    try:
        submit_evaluation(saved, actor=request.actor, seen=saved.version)
    except ProblemForPeople as error:
        return _page(request, _again(request, one), ("已保存草稿，没有提交", error))
    messages.success(request, f"已提交，由{one.unit.parent}审核。")
    return redirect(_url(one))


def _seen_of(request: ActorRequest) -> dict[str, Any]:
    """What the form showed: refused, it shows the same again, so that nobody overwrites by sending it a second time."""
    return {"seen": number_in(request.POST, "seen"), "explained": as_seen(request.POST.get("explained", ""))}


def _begun(request: ActorRequest, one: One) -> HttpResponse:
    try:
        begin_evaluation(one.campaign, one.unit, one.year, actor=request.actor)
    except ProblemForPeople as error:
        return _page(request, one, ("没有起草", error))
    messages.success(request, "已按数据拟好初稿，请核对、修改后提交。")
    return redirect(_url(one))


def _helped(one: One, typed: dict[str, str], asked: str) -> dict[str, str]:
    """What was typed, with what a button adds to it: sentences of the data (`draft-2`), or what those below say (`below-2`)."""
    what, _, place = asked.partition("-")
    number = whole_number(place, digits=3)
    titles = list(typed)
    if what not in ("draft", "below") or number is None or number >= len(titles):
        return typed
    title, source = titles[number], Source(one.campaign, one.unit, one.year)
    if what == "below":
        text = texts_below(children_of(source.rollup), title)
    elif not (text := drafted(title, source)):
        raise InvalidInput(f"“{title}”没有可以按数据拟写的内容，请直接填写。")
    return typed | {title: with_appended(typed[title], text)}


@members_only
@require_safe
@of_one
def evaluation_summary(request: ActorRequest, one: One) -> HttpResponse:
    """附件2 as a spreadsheet: frozen with the evaluation, live while it is written."""
    if one.evaluation is None or not may_read(request.actor, one.evaluation):
        raise Http404(f"{one.unit}还没有提交 {one.year} 年度总结评估报告。")
    title = f"{one.unit.name}{one.year}年绿色社区建设任务完成情况汇总表"
    content = workbook_bytes(build_workbook(summary_of(one.evaluation, facts_of(one.evaluation))))
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=one.unit)
    return spreadsheet_download(content, title)


@members_only
@require_POST
@of_one
def evaluation_ask(request: ActorRequest, one: One) -> HttpResponse:
    """Send the text to the departments to be countersigned."""
    require(request.actor, FILE, one.unit.path)
    return _act(request, one, "没有送会签", lambda row: ask_to_countersign(row, actor=request.actor), "已送会签。")


@members_only
@require_POST
@of_one
def evaluation_countersign(request: ActorRequest, one: One) -> HttpResponse:
    """Countersign for one's department, or record what came on paper."""
    form, seen = (
        CountersignatureForm(departments(one.campaign, one.unit), request.POST),
        number_in(request.POST, "seen"),
    )

    def sign(row: AnnualEvaluation) -> None:
        entered = _entered(form)
        countersign(
            row,
            entered["department"],
            entered["stance"],
            entered["text"],
            office=entered["office"],
            signed_on=entered["signed_on"],
            actor=request.actor,
            seen=seen,
        )

    return _act(request, one, "没有登记会签", sign, "会签已登记。", signature_form=form)


@members_only
@require_POST
@of_one
def evaluation_withdraw(request: ActorRequest, one: One) -> HttpResponse:
    """Take an evaluation back to change it."""
    seen = number_in(request.POST, "round")
    require(request.actor, FILE, one.unit.path)
    said = "已撤回，可以修改后重新提交。"
    return _act(request, one, "没有撤回", lambda row: withdraw_evaluation(row, actor=request.actor, seen=seen), said)


@members_only
@require_POST
@of_one
def evaluation_agree(request: ActorRequest, one: One) -> HttpResponse:
    """Agree and pass on to the unit above."""
    seen, words = number_in(request.POST, "round"), as_seen(request.POST.get("words", ""))
    require(request.actor, DECIDE, one.unit.path)
    said = f"已审核同意，报{request.actor.jurisdiction.parent}。"
    return _act(
        request,
        one,
        "没有办理",
        lambda row: agree_evaluation(row, words, actor=request.actor, seen=seen),
        said,
        words=words,
    )


@members_only
@require_POST
@of_one
def evaluation_return(request: ActorRequest, one: One) -> HttpResponse:
    """Give an evaluation back with reasons; refused, what was typed stays."""
    seen, reason = number_in(request.POST, "round"), as_seen(request.POST.get("reason", ""))
    by_section = part_reasons_from(request.POST)
    require(request.actor, DECIDE, one.unit.path)

    def give_back(row: AnnualEvaluation) -> None:
        return_evaluation(row, reason, by_section, actor=request.actor, seen=seen)

    said = f"已退回{one.unit}。"
    return _act(request, one, "没有退回", give_back, said, reason=reason, to_return=list(by_section.items()))


@members_only
@require_POST
@of_one
def evaluation_approve(request: ActorRequest, one: One) -> HttpResponse:
    """Approve at the last level."""
    form, seen = ApprovalForm(one.campaign, request.POST), number_in(request.POST, "round")
    require(request.actor, DECIDE, one.unit.path)

    def approve(row: AnnualEvaluation) -> None:
        entered = _entered(form)
        approve_evaluation(
            row, entered.get("grade", ""), entered.get("score"), entered["words"], actor=request.actor, seen=seen
        )

    return _act(request, one, "没有通过", approve, f"{one.unit}的报告已通过。", approval_form=form)


def _entered(form: ApprovalForm | CountersignatureForm) -> dict[str, Any]:
    """What was entered; InvalidInput with all that is wrong."""
    if not form.is_valid():
        raise InvalidInput("；".join([*form.problems.general, *(each.text for each in form.problems.placed)]))
    return form.cleaned_data


def _act(request: ActorRequest, one: One, not_done: str, verb: Verb, said: str, **typed: Any) -> HttpResponse:
    """Do something with the evaluation and go back to its page, or say there why not."""
    if one.evaluation is None:
        raise Http404(f"{one.unit}还没有起草 {one.year} 年度总结评估报告。")
    try:
        verb(one.evaluation)
    except ProblemForPeople as error:
        return _page(request, _again(request, one), (not_done, error), **typed)
    messages.success(request, said)
    return redirect(_url(one))


def _again(request: ActorRequest, one: One) -> One:
    return access_evaluation(request, one.campaign.code, one.unit.key, one.year)


def _url(one: One) -> str:
    return reverse("evaluation", args=[one.campaign.code, one.unit.key, one.year])


def _page(
    request: ActorRequest, one: One, refused: tuple[str, ProblemForPeople] | None = None, **typed: Any
) -> HttpResponse:
    context = page_of(request.actor, one) | {"refused": refused, "own_url": _url(one)}
    # What was typed stays where it is; beside it the page that a colleague has changed can be opened.
    context["latest"] = _url(one) if refused and isinstance(refused[1], StaleForm) else ""
    texts = typed.pop("typed", None)
    if texts is not None and one.evaluation is not None and "parts" in context:
        context["parts"] = parts_of(one.evaluation, context["children"], texts)
    if one.evaluation is not None:
        explanation = one.evaluation.explanation
        context |= {"typed_explanation": explanation, "explained": explanation, "seen": one.evaluation.version}
    context |= {name: value for name, value in typed.items() if name in context or not name.endswith("_form")}
    return render(request, "evaluations/evaluation.html", context, status=refused[1].status if refused else 200)
