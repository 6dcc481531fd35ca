"""Standards by spreadsheet: the template, the export, and the import with its preview."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.core.downloads import spreadsheet_download
from apps.core.errors import InvalidInput, StaleForm
from apps.standards.deriving import require_drafter
from apps.standards.fixture_format import RuleEntry
from apps.standards.importing import Preview, import_standard, judge, sign, unsign
from apps.standards.models import Criterion, Standard
from apps.standards.sheet_export import base_content, content_of
from apps.standards.sheet_layout import Content
from apps.standards.sheet_reading import read_content
from apps.standards.sheet_workbook import build_workbook
from apps.standards.words import rule_with_text

_TEMPLATE = "创建标准填写模板"


@members_only
@require_safe
def standard_template(request: ActorRequest) -> HttpResponse:
    """The spreadsheet to fill in; ``?base=`` begins it with the criteria of that standard."""
    require_drafter(request.actor)
    code = request.GET.get("base", "")
    if not code:
        return spreadsheet_download(build_workbook(Content({}, []), title=_TEMPLATE), _TEMPLATE)
    base = get_object_or_404(Standard.objects.select_related("jurisdiction", "derived_from", "replaces"), code=code)
    return spreadsheet_download(build_workbook(base_content(base), title=_TEMPLATE), f"{_TEMPLATE}（依据{base}）")


@members_only
@require_safe
def standard_xlsx(request: ActorRequest, code: str) -> HttpResponse:
    """A standard in the form of the template."""
    rows = Standard.objects.select_related("jurisdiction", "derived_from", "replaces")
    standard = get_object_or_404(rows, code=code)
    content = build_workbook(content_of(standard), title=standard.name)
    record(
        AccessEvent.Kind.EXPORTED,
        actor=request.actor,
        subject=f"标准 {standard.code} {standard.name}",
        jurisdiction=standard.jurisdiction,
    )
    return spreadsheet_download(content, standard.name)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def standard_import(request: ActorRequest) -> HttpResponse:
    """Upload a filled-in spreadsheet and see what it would make, or what is wrong; nothing is written yet."""
    require_drafter(request.actor)
    if request.method != "POST":
        return _page(request)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, problem="请选择填好的表格（xlsx）。", status=422)
    try:
        preview = judge(read_content(file), actor=request.actor)
    except InvalidInput as error:
        return _page(request, problem=error.message, status=error.status)
    return _page(request, preview, status=422 if preview.problems else 200)


@members_only
@require_POST
def standard_import_confirm(request: ActorRequest) -> HttpResponse:
    """Make the draft of a preview; a second time it is there already."""
    require_drafter(request.actor)
    try:
        content, seen = unsign(request.POST.get("rows", ""), actor=request.actor)
        preview = judge(content, actor=request.actor)
        standard = import_standard(preview, actor=request.actor, seen=seen)
    except (InvalidInput, StaleForm) as error:
        return _page(request, problem=error.message, status=error.status)
    messages.success(request, f"已导入草稿“{standard}”。请核对后发布。")
    return redirect("standard_edit", standard.code)


@members_only
@require_POST
def standard_import_marked(request: ActorRequest) -> HttpResponse:
    """The uploaded spreadsheet with everything that is wrong marked at its cell."""
    require_drafter(request.actor)
    try:
        content, _ = unsign(request.POST.get("rows", ""), actor=request.actor)
        preview = judge(content, actor=request.actor)
    except InvalidInput as error:
        return _page(request, problem=error.message, status=error.status)
    title = content.value("标准名称")[:60] or "创建标准"
    return spreadsheet_download(build_workbook(content, title=title, problems=preview.problems), f"{title}（需要改正）")


def _page(
    request: ActorRequest, preview: Preview | None = None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {"preview": preview, "problem": problem}
    if preview is not None:
        context["signed"] = sign(preview, actor=request.actor)
        context["rows"] = _rows(preview)
    return render(request, "standards/standard_import.html", context, status=status)


def _rows(preview: Preview) -> list[dict[str, object]]:
    """What was read, criterion by criterion, for people to check it."""
    sections = preview.file.sections if preview.file else ()
    rows: list[dict[str, object]] = []
    for section in sections:
        for position, entry in enumerate(section.criteria):
            rows.append(
                {
                    "section": section.title if position == 0 else "",
                    "entry": entry,
                    "rules": _in_words(entry.rules),
                    "sub_items": [(item, _in_words(item.rules)) for item in entry.sub_items],
                    "check_methods": [Criterion.CheckMethod(one).label for one in entry.check_methods],
                }
            )
    return rows


def _in_words(rules: Iterable[RuleEntry]) -> list[str]:
    return [rule_with_text(rule.text, rule.to_spec(), getattr(rule, "unit", None) or "") for rule in rules]
