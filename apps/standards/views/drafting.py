"""HTTP of a draft as a whole: begin one, look at it, its head, publish it, give it up, begin the next version."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.core.errors import ProblemForPeople, StaleForm, TransitionError
from apps.core.rounding import plain
from apps.standards.checks import total_of
from apps.standards.deriving import begin_version, code_for, create_standard, delete_draft, require_drafter
from apps.standards.domain import parts_of, rule_spec, spec_of
from apps.standards.drafts import is_frozen, is_issuer, require_issuer
from apps.standards.editing import edit_head, renumber
from apps.standards.forms import HeadForm, NewStandardForm, initial_of
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem
from apps.standards.publishing import Remark, publish_standard, remarks_on
from apps.standards.words import rule_with_text

_KINDS = {Section: "section", Criterion: "criterion", SubItem: "sub-item", DeductionRule: "rule"}


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def standard_create(request: ActorRequest) -> HttpResponse:
    """Begin a standard, from scratch or from one that stands above; ``?base=`` proposes which."""
    actor, data = request.actor, request.POST if request.method == "POST" else None
    require_drafter(actor)
    initial = {"code": code_for(actor), "base": request.GET.get("base"), "kind": Standard.Kind.PASS_FAIL}
    form = NewStandardForm(data, initial=initial, actor=actor)
    if data is not None and form.is_valid():
        values = form.cleaned_data
        made = create_standard(values, actor=actor, base=values["base"], code=values["code"])
        messages.success(request, "已建立草稿。修改完成后，核对无误再发布。")
        return redirect("standard_edit", made.code)
    status = 422 if data is not None else 200
    return render(request, "standards/standard_form.html", {"form": form, "is_new": True}, status=status)


@members_only
@require_safe
def standard_edit(request: ActorRequest, code: str) -> HttpResponse:
    """A draft with everything that can be changed in it, and what still stands in the way of publishing it."""
    standard = draft_or_refuse(request, code)
    parts = parts_of(standard, "criteria__refines")
    remarks = remarks_on(standard, parts)
    context = {
        "standard": standard,
        "sections": [(section, [_row(one) for one in section.criteria.all()]) for section in parts],
        "total": total_of(spec_of(standard, parts).sections),
        "may_publish": is_issuer(request.actor, standard, "publish_standards"),
        **found(standard, remarks),
    }
    return render(request, "standards/standard_edit.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def standard_head(request: ActorRequest, code: str) -> HttpResponse:
    """Change name, document, kind, total and pass mark of a draft."""
    standard = draft_or_refuse(request, code)
    data = request.POST if request.method == "POST" else None
    form = HeadForm(data, initial=initial_of(standard))
    stale, status = "", 422 if data is not None else 200
    if data is not None and form.is_valid():
        try:
            edit_head(standard, form.cleaned_data, actor=request.actor, seen=seen_in(request))
        except StaleForm as error:
            stale, status = error.message, error.status
        else:
            messages.success(request, "已保存。")
            return redirect("standard_edit", code)
    otherwise = form.stored_otherwise() if stale else []
    context = {"form": form, "standard": standard, "refused": stale, "stored_otherwise": otherwise}
    return render(request, "standards/standard_form.html", context, status=status)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def standard_publish(request: ActorRequest, code: str) -> HttpResponse:
    """Look a second time at what is to be published, then publish it."""
    standard = _standard(code)
    require_issuer(request.actor, standard, "publish_standards")
    problem, status = "", 200
    if request.method == "POST":
        try:
            with transaction.atomic():
                publish_standard(standard, actor=request.actor, seen=seen_in(request))
        except ProblemForPeople as error:
            problem, status = error.message, error.status
            standard = _standard(code)
        else:
            messages.success(request, f"“{standard}”已发布。发布后内容不再改动；要修改，请制作新版本。")
            return redirect("standard_detail", code)
    _refuse_frozen(standard)
    return render(
        request, "standards/standard_publish.html", _second_look(standard) | {"problem": problem}, status=status
    )


@members_only
@require_POST
def standard_version(request: ActorRequest, code: str) -> HttpResponse:
    """Begin the next version of a published standard, or go on with the one that was begun."""
    draft = begin_version(_standard(code), actor=request.actor)
    messages.success(request, f"这是第 {draft.version} 版的草稿。发布前，现行的第 {draft.version - 1} 版照常使用。")
    return redirect("standard_edit", draft.code)


@members_only
@require_POST
def standard_delete(request: ActorRequest, code: str) -> HttpResponse:
    """Delete a draft; pressed twice it is deleted once."""
    require_drafter(request.actor)
    if (standard := _standards().filter(code=code).first()) is not None:
        delete_draft(standard, actor=request.actor)
        messages.success(request, f"已删除草稿“{standard}”。")
    return redirect("standard_list")


@members_only
@require_POST
def standard_renumber(request: ActorRequest, code: str) -> HttpResponse:
    """Number the parts of a draft anew."""
    standard = draft_or_refuse(request, code)
    try:
        renumber(standard, actor=request.actor, seen=seen_in(request))
    except StaleForm as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "已按现在的顺序重新编号。")
    return redirect("standard_edit", code)


def draft_or_refuse(request: ActorRequest, code: str) -> Standard:
    """The draft of an address, for those who edit it; a published one says why it is not changed."""
    standard = _standard(code)
    require_issuer(request.actor, standard)
    _refuse_frozen(standard)
    return standard


def seen_in(request: ActorRequest) -> int:
    """The revision that a form showed; one without any has seen nothing."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def address_of(standard: Standard, part: object) -> str:
    """Where a part is edited."""
    if isinstance(part, Standard):
        return reverse("standard_head", args=[standard.code])
    return reverse("standard_part", args=[standard.code, _KINDS[type(part)], part.pk])  # type: ignore[index, attr-defined]


def found(standard: Standard, remarks: list[Remark]) -> dict[str, Any]:
    """Remarks with their addresses, as pages list them."""
    linked = [(one, _mending(standard, one)) for one in remarks]
    return {
        "obstacles": [pair for pair in linked if pair[0].blocks],
        "oddities": [pair for pair in linked if not pair[0].blocks],
    }


def _mending(standard: Standard, remark: Remark) -> str:
    """What is missing altogether is added on the page of the draft; everything else is mended on its own page."""
    if remark.place in ("内容", "对应条目"):
        return reverse("standard_edit", args=[standard.code]) + "#sections"
    return address_of(standard, remark.part)


def _standard(code: str) -> Standard:
    return get_object_or_404(_standards(), code=code)


def _standards() -> QuerySet[Standard]:
    return Standard.objects.select_related("jurisdiction", "derived_from__jurisdiction", "replaces", "published_by")


def _refuse_frozen(standard: Standard) -> None:
    if standard.status != Standard.Status.DRAFT:
        raise TransitionError(is_frozen(standard))


def _row(criterion: Criterion) -> dict[str, Any]:
    rules = [rule_with_text(rule.text, rule_spec(rule), rule.unit) for rule in criterion.rules.all()]
    return {"criterion": criterion, "rules": rules, "loss": _loss(criterion)}


def _loss(criterion: Criterion) -> str:
    """What deleting a criterion takes along, and whether it stands in the way of publishing."""
    loss = "这一条的分项和扣分项一并删除，不能恢复。"
    if criterion.refines is None:
        return loss
    return f"{loss}它对应上级第 {criterion.refines.number} 条：删除后没有其他条目与之对应的，这份标准不能发布。"


def _second_look(standard: Standard) -> dict[str, Any]:
    parts = parts_of(standard, "criteria__refines")
    criteria = [one for section in parts for one in section.criteria.all()]
    rules = sum(len(one.rules.all()) for one in criteria)
    scored = [
        f"总分 {plain(standard.total_points)} 分，{plain(standard.pass_mark)} 分及以上达标",
        f"扣分项 {rules} 个",
    ]
    named = {
        "一票否决": [one for one in criteria if one.is_veto],
        "必备条目": [one for one in criteria if one.is_mandatory],
        "加分项": [one for one in criteria if one.is_bonus],
        "允许不适用": [one for one in criteria if one.allows_not_applicable],
        "必需佐证材料": [one for one in criteria if one.required_evidence],
        "本地自设": [one for one in criteria if standard.derived_from_id and one.refines_id is None],
    }
    return {
        "standard": standard,
        "counts": [f"{len(parts)} 项内容，{len(criteria)} 条", *(scored if standard.is_scored else [])],
        "named": [(label, rows) for label, rows in named.items() if rows],
        **found(standard, remarks_on(standard, parts)),
    }
