"""Pages of the import of projects: template, preview, the copy with marked errors, confirmation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns.current import campaigns_of, campaigns_worked_under
from apps.campaigns.models import Campaign
from apps.communities.survey_sheet import marked_copy
from apps.core.downloads import spreadsheet_download
from apps.core.errors import InvalidInput
from apps.people.places import place_of
from apps.projects.domain import VERB
from apps.projects.models import Project
from apps.projects.sheet import SHEET, build_template, number_of_rows, title_of
from apps.projects.sheet_import import (
    MAX_ROWS,
    ProjectRow,
    ProjectSheet,
    RowState,
    import_rows,
    judge,
    read_file,
    sign,
    unsign,
)

# What the preview lists of each kind of rows; all of them are counted.
_SHOWN = 200


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def project_import(request: ActorRequest) -> HttpResponse:
    """Upload a filled-in sheet and see what each row would do; nothing is written yet."""
    require(request.actor, VERB)
    if request.method != "POST":
        return _page(request)
    campaign, file = _campaign(request, request.POST.get("campaign", "")), request.FILES.get("file")
    if campaign is None or file is None:
        return _page(request, problem="请选择创建行动和填好的表格（xlsx）。", status=422)
    try:
        return _page(request, read_file(file, campaign, actor=request.actor))
    except InvalidInput as error:
        return _page(request, problem=error.message, status=error.status)


@members_only
@require_POST
def project_import_confirm(request: ActorRequest) -> HttpResponse:
    """Import the projects of the preview, all or the good ones; sent a second time it changes nothing."""
    require(request.actor, VERB)
    try:
        rows, campaign = _previewed(request)
    except InvalidInput as error:
        return _page(request, problem=error.message, status=error.status)
    only_good = request.POST.get("mode") == "good"
    try:
        done = import_rows(rows, campaign, actor=request.actor, only_good=only_good)
    except InvalidInput as error:
        return _page(request, judge(rows, campaign, actor=request.actor), problem=error.message, status=error.status)
    if done.errors:
        return _page(request, done, done=True)
    counts = _counts(done)
    messages.success(
        request, f"已导入：新登记 {counts['new']:,} 行，修改 {counts['changed']:,} 行，{counts['same']:,} 行没有变化。"
    )
    return redirect("project_list")


@members_only
@require_POST
def project_import_marked(request: ActorRequest) -> HttpResponse:
    """The uploaded sheet again, with the errors marked."""
    require(request.actor, VERB)
    try:
        rows, campaign = _previewed(request)
        sheet = judge(rows, campaign, actor=request.actor)
    except InvalidInput as error:
        return _page(request, problem=error.message, status=error.status)
    marked = marked_copy(sheet.heads, [(one.number, one.texts) for one in sheet.rows], sheet.errors, title=SHEET)
    return spreadsheet_download(marked, "建设改造项目（标出错处）")


@members_only
@require_safe
def project_template(request: ActorRequest) -> HttpResponse:
    """The sheet to fill in, with the projects that stand."""
    require(request.actor, VERB)
    place, campaign = place_of(request).jurisdiction, _campaign(request, request.GET.get("campaign", ""))
    if campaign is None:
        return _page(request, problem="没有可以登记项目的创建行动。", status=422)
    if (count := number_of_rows(campaign, place)) > MAX_ROWS:
        messages.warning(
            request, f"{place}的项目按年度有 {count:,} 行，超过一张表的 {MAX_ROWS:,} 行。请选下级辖区分别下载。"
        )
        return redirect("project_import")
    title = title_of(campaign, place)
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    return spreadsheet_download(build_template(campaign, place), title)


def _campaigns(request: ActorRequest) -> list[Campaign]:
    """The campaigns whose projects who acts can bring: those worked under, and those in which projects stand."""
    path = request.actor.jurisdiction.path
    here = {one.pk for one in campaigns_worked_under(request, path)}
    here |= set(Project.objects.below(path).order_by().values_list("campaign", flat=True).distinct())
    return [one for one in campaigns_of(request) if one.pk in here]


def _campaign(request: ActorRequest, code: str) -> Campaign | None:
    """The campaign with a code, or the nearest; None where none concerns who acts."""
    campaigns = _campaigns(request)
    return next((one for one in campaigns if one.code == code), None if code else next(iter(campaigns), None))


def _previewed(request: ActorRequest) -> tuple[list[ProjectRow], Campaign]:
    rows, key = unsign(request.POST.get("rows", ""), actor=request.actor)
    campaign = next((one for one in _campaigns(request) if one.pk == key), None)
    if campaign is None:
        raise InvalidInput("预览所用的创建行动已经看不到了，请重新上传表格。")
    return rows, campaign


def _page(
    request: ActorRequest,
    sheet: ProjectSheet | None = None,
    *,
    problem: str = "",
    done: bool = False,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, object] = {
        "problem": problem,
        "max_rows": MAX_ROWS,
        "place": place_of(request),
        "choices": _campaigns(request),
        "trail": [("项目与资金", reverse("project_list")), ("导入项目", None)],
        "done": done,
    }
    if sheet is not None:
        wrong, changed, new = sheet.of(RowState.WRONG), sheet.of(RowState.CHANGED), sheet.of(RowState.NEW)
        lists = [("有错", "danger", wrong), ("修改", "warning", changed), ("新登记", "success", new)]
        context |= {
            "counts": _counts(sheet),
            "lists": [(label, tone, rows[:_SHOWN], len(rows)) for label, tone, rows in lists if rows],
            "signed": sign(sheet, actor=request.actor),
            "good": len(changed) + len(new),
            "wrong": len(wrong),
        }
    return render(request, "projects/project_import.html", context, status=status)


def _counts(sheet: ProjectSheet) -> dict[str, int]:
    names = {"new": RowState.NEW, "changed": RowState.CHANGED, "same": RowState.UNCHANGED, "wrong": RowState.WRONG}
    return {name: len(sheet.of(state)) for name, state in names.items()}
