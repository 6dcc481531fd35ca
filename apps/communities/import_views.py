"""Pages of the import of surveys: template, preview, the copy with marked errors, confirmation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.communities.forms import years_to_fill
from apps.communities.models import Community
from apps.communities.survey_import import (
    MAX_ROWS,
    State,
    SurveySheet,
    WrongRows,
    import_rows,
    judge,
    read_file,
    sign,
    unsign,
)
from apps.communities.survey_sheet import build_template, marked_copy, title_of
from apps.core import clock
from apps.core.downloads import spreadsheet_download
from apps.core.errors import InvalidInput
from apps.core.inputs import whole_number
from apps.people.places import place_of

# What the preview lists of each kind of rows; all of them are counted.
_SHOWN = 200


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def survey_import(request: ActorRequest) -> HttpResponse:
    """Upload a filled-in sheet and see what each row would do; nothing is written yet."""
    require(request.actor, "survey_communities")
    if request.method != "POST":
        return _page(request)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, problem="请选择填好的表格（xlsx）。", status=422)
    try:
        return _page(request, read_file(file, actor=request.actor))
    except InvalidInput as error:
        return _page(request, problem=error.message, status=error.status)


@members_only
@require_POST
def survey_import_confirm(request: ActorRequest) -> HttpResponse:
    """Import the rows of the preview, all or the good ones; sent a second time it changes nothing."""
    require(request.actor, "survey_communities")
    try:
        rows = unsign(request.POST.get("rows", ""), actor=request.actor)
    except InvalidInput as error:
        return _page(request, problem=error.message, status=error.status)
    try:
        done = import_rows(rows, actor=request.actor, only_good=request.POST.get("mode") == "good")
    except WrongRows as error:
        return _page(request, error.sheet, problem=error.message, status=error.status)
    if done.errors:
        return _page(request, done, done=True)
    counts = _counts(done)
    messages.success(
        request, f"已导入：新填 {counts['new']:,} 行，修改 {counts['changed']:,} 行，{counts['same']:,} 行没有变化。"
    )
    return redirect("community_list")


@members_only
@require_POST
def survey_import_marked(request: ActorRequest) -> HttpResponse:
    """The uploaded sheet again, with the errors marked."""
    require(request.actor, "survey_communities")
    try:
        sheet = judge(unsign(request.POST.get("rows", ""), actor=request.actor), actor=request.actor)
    except InvalidInput as error:
        return _page(request, problem=error.message, status=error.status)
    rows = [(one.number, one.texts) for one in sheet.rows]
    return spreadsheet_download(marked_copy(sheet.heads, rows, sheet.errors), "社区基本情况（标出错处）")


@members_only
@require_safe
def survey_template(request: ActorRequest) -> HttpResponse:
    """The sheet to fill in, with the communities of the place."""
    require(request.actor, "survey_communities")
    place = place_of(request).jurisdiction
    year = whole_number(request.GET.get("year", ""), digits=4) or clock.today().year
    if year not in years_to_fill([]):
        return _page(request, problem=f"没有 {year} 年的模板。", status=422)
    count = Community.objects.below(place.path).count()
    if count > MAX_ROWS:
        messages.warning(request, f"{place}有 {count:,} 个社区，超过一张表的 {MAX_ROWS:,} 个。请选下级辖区分别下载。")
        return redirect("survey_import")
    title = title_of(place, year)
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    return spreadsheet_download(build_template(place, year, carries=bool(request.GET.get("carries"))), title)


def _page(
    request: ActorRequest, sheet: SurveySheet | None = None, *, problem: str = "", done: bool = False, status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {
        "problem": problem,
        "max_rows": MAX_ROWS,
        "years": years_to_fill([]),
        "place": place_of(request),
        "trail": [("社区库", reverse("community_list")), ("导入基本情况", None)],
        "done": done,
    }
    if sheet is not None:
        wrong, changed, new = sheet.of(State.WRONG), sheet.of(State.CHANGED), sheet.of(State.NEW)
        lists = [(State.WRONG, "danger", wrong), (State.CHANGED, "warning", changed), (State.NEW, "success", new)]
        context |= {
            "counts": _counts(sheet),
            "lists": [(state.value, tone, rows[:_SHOWN], len(rows)) for state, tone, rows in lists if rows],
            "signed": sign(sheet, actor=request.actor),
            "good": len(changed) + len(new),
            "wrong": len(wrong),
        }
    return render(request, "communities/survey_import.html", context, status=status)


def _counts(sheet: SurveySheet) -> dict[str, int]:
    names = {
        "new": State.NEW,
        "changed": State.CHANGED,
        "same": State.UNCHANGED,
        "blank": State.BLANK,
        "wrong": State.WRONG,
    }
    return {name: len(sheet.of(state)) for name, state in names.items()}
