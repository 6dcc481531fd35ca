"""HTTP of the parts of a draft: sections, criteria, sub-items and rules."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.core.errors import ProblemForPeople, StaleForm, TransitionError
from apps.core.forms import DraftForm
from apps.standards.checks import rule_complaints
from apps.standards.domain import rule_spec
from apps.standards.drafts import Part
from apps.standards.editing import add_part, delete_part, edit_part, move_part
from apps.standards.forms import RuleForm, form_for
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem
from apps.standards.specs import OPTIONAL_PARAMETERS, PARAMETERS_OF_KIND, RuleKind
from apps.standards.views.drafting import address_of, draft_or_refuse, seen_in
from apps.standards.words import rate_examples, rule_in_words

MODELS: dict[str, type[Part]] = {
    "section": Section,
    "criterion": Criterion,
    "sub-item": SubItem,
    "rule": DeductionRule,
}
_LABELS = {Section: "内容", Criterion: "条目", SubItem: "分项", DeductionRule: "扣分项"}


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def standard_part(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Change one part of a draft."""
    standard, model = draft_or_refuse(request, code), _model(kind)
    part = _part(standard, model, pk, typed=request.method == "POST")
    if request.method != "POST":
        return _page(request, standard, form_for(model, standard=standard, part=part), part=part)
    form = form_for(model, request.POST, standard=standard, part=part, kind=request.POST.get("kind", ""))
    if "switch" in request.POST:
        return _page(request, standard, _asked_anew(form, standard, model, part=part), part=part)
    if not form.is_valid():
        return _page(request, standard, form, part=part, status=422)
    try:
        saved = edit_part(part, form.cleaned_data, actor=request.actor, seen=seen_in(request))
    except ProblemForPeople as error:
        return _page(request, standard, form, part=part, refused=error)
    messages.success(request, f"{_name(saved)}已保存。")
    return redirect(_after(standard, saved))


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def standard_part_add(request: ActorRequest, code: str, kind: str) -> HttpResponse:
    """Add a part to a draft; ``?in=`` names the section or criterion that it goes into."""
    standard, model = draft_or_refuse(request, code), _model(kind)
    holder = _holder(request, standard, model)
    if request.method != "POST":
        form = form_for(model, standard=standard, holder=holder, kind=request.GET.get("kind", ""))
        return _page(request, standard, form, model=model, holder=holder)
    form = form_for(model, request.POST, standard=standard, holder=holder, kind=request.POST.get("kind", ""))
    if "switch" in request.POST:
        form = _asked_anew(form, standard, model, holder=holder)
        return _page(request, standard, form, model=model, holder=holder)
    if not form.is_valid():
        return _page(request, standard, form, model=model, holder=holder, status=422)
    try:
        added: Part = add_part(model, form.cleaned_data, holder, actor=request.actor, seen=seen_in(request))
    except ProblemForPeople as error:
        return _page(request, standard, form, model=model, holder=holder, refused=error)
    messages.success(request, f"已增加{_name(added)}。")
    scored_criterion = isinstance(added, Criterion) and standard.is_scored
    return redirect(address_of(standard, added) if scored_criterion else _after(standard, added))


@members_only
@require_POST
def standard_part_move(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Move a part up or down."""
    standard = draft_or_refuse(request, code)
    part = _part(standard, _model(kind), pk)
    try:
        move_part(part, up=request.POST.get("direction") == "up", actor=request.actor, seen=seen_in(request))
    except ProblemForPeople as error:
        messages.error(request, error.message)
    return redirect(_after(standard, _part(standard, _model(kind), pk)))


@members_only
@require_POST
def standard_part_delete(request: ActorRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Delete a part of a draft."""
    standard = draft_or_refuse(request, code)
    part = _part(standard, _model(kind), pk)
    try:
        delete_part(part, actor=request.actor, seen=seen_in(request))
    except ProblemForPeople as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已删除{_name(part)}。")
    if isinstance(part, SubItem | DeductionRule):
        return redirect(address_of(standard, part.criterion))
    return redirect("standard_edit", code)


@members_only
@require_safe
def standard_rule_words(request: ActorRequest, code: str, pk: int) -> HttpResponse:
    """What the rule that is being typed means; with ``?fields`` the fields of another kind as well."""
    standard = draft_or_refuse(request, code)
    criterion = get_object_or_404(Criterion.objects.filter(standard=standard), pk=pk)
    kind = request.GET.get("kind", "")
    kind = kind if kind in PARAMETERS_OF_KIND else DeductionRule.Kind.FIXED
    form = RuleForm(request.GET, criterion=criterion, kind=kind)
    context = {"standard": standard, "criterion": criterion, "sentence": _sentence(form, criterion)}
    if "fields" not in request.GET:
        return render(request, "standards/_rule_sentence.html", context)
    # Not bound: what was not asked for before is not missing yet.
    blank = RuleForm(initial=request.GET.dict(), criterion=criterion, kind=kind)
    return render(request, "standards/_rule_fields.html", context | {"form": blank})


def _page(
    request: ActorRequest,
    standard: Standard,
    form: Any,
    *,
    part: Part | None = None,
    model: type[Part] | None = None,
    holder: Any = None,
    refused: ProblemForPeople | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a form; a refusal is told above it, and of a stale one what is stored now."""
    owner = part if part is not None else holder
    criterion = owner if isinstance(owner, Criterion) else getattr(owner, "criterion", None)
    is_rule = isinstance(form, RuleForm)
    context = {
        "standard": Standard.objects.select_related("jurisdiction", "derived_from").get(pk=standard.pk),
        "form": form,
        "part": part,
        "criterion": criterion,
        "criterion_label": f"第 {criterion.number} 条" if criterion else "",
        "is_rule": is_rule,
        "is_criterion": isinstance(part, Criterion),
        "title": _name(part) if part is not None else f"增加{_LABELS[model]}",  # type: ignore[index]
        "back": _after(standard, owner) if owner is not standard else reverse("standard_edit", args=[standard.code]),
        "refused": refused.message if refused else "",
        "stored_otherwise": form.stored_otherwise() if part is not None and isinstance(refused, StaleForm) else [],
    }
    if is_rule and criterion is not None:
        context["sentence"] = _sentence(form, criterion)
    if isinstance(part, Criterion):
        context |= {"rules": _rules(part), "items": part.sub_items.order_by("number")}
    return render(request, "standards/part_form.html", context, status=refused.status if refused else status)


def _asked_anew(
    typed: DraftForm, standard: Standard, model: type[Part], *, part: Part | None = None, holder: Any = None
) -> DraftForm:
    """The form with what was typed so far and the fields of the kind chosen: what was not asked for is not missing yet."""
    typed.is_valid()
    form = form_for(model, standard=standard, part=part, holder=holder, kind=typed.data.get("kind", ""))
    form.initial = {**form.initial, **typed.cleaned_data}
    return form


def _rules(criterion: Criterion) -> list[tuple[DeductionRule, str]]:
    rows = criterion.rules.select_related("sub_item").order_by("number")
    return [(rule, rule_in_words(rule_spec(rule), rule.unit)) for rule in rows]


def _sentence(form: RuleForm, criterion: Criterion) -> dict[str, Any]:
    """The rule in words as far as it is filled in, examples of a rate, and what is wrong with it."""
    if form.is_bound:
        form.is_valid()
    values = form.cleaned_data if form.is_bound else form.initial
    kind, names = form.of_kind, PARAMETERS_OF_KIND[RuleKind(form.of_kind)]
    if any(name not in values or (values[name] is None and name not in OPTIONAL_PARAMETERS) for name in names):
        return {}
    rule = DeductionRule(number=1, kind=kind, **{name: values[name] for name in names})
    item = values.get("sub_item")
    item = criterion.sub_items.filter(pk=item).first() if isinstance(item, int) else item
    spec, held = rule_spec(rule), (item.points if item else criterion.points)
    problems = [reason for _, reason in rule_complaints((), spec, held or None)]
    examples = rate_examples(spec, held) if spec.kind is RuleKind.RATE_SHORTFALL and held and not problems else ""
    return {"words": rule_in_words(spec, rule.unit or ""), "examples": examples, "problems": problems}


def _model(kind: str) -> type[Part]:
    if kind not in MODELS:
        raise Http404("没有这样的内容。")
    return MODELS[kind]


def _part(standard: Standard, model: type[Part], pk: int, *, typed: bool = False) -> Any:
    """The part of an address; where it is gone while somebody typed, the browser still holds what was typed."""
    rows: Any = model.objects.filter(pk=pk)
    if model in (Section, Criterion):
        rows = rows.filter(standard=standard)
    else:
        rows = rows.filter(criterion__standard=standard).select_related("criterion__section")
    part = rows.first()
    if part is None and typed:
        raise TransitionError(f"这个{_LABELS[model]}已被他人删除，没有保存。点浏览器的“后退”可以看到您填写的内容。")
    if part is None:
        raise Http404("没有这一部分，可能已被删除。")
    return part


def _holder(request: ActorRequest, standard: Standard, model: type[Part]) -> Any:
    """What a new part goes into: the standard itself, a section, a criterion."""
    if model is Section:
        return standard
    pk = request.GET.get("in", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 10):
        raise Http404("没有说明加到哪里。")
    return _part(standard, Section if model is Criterion else Criterion, int(pk))


def _after(standard: Standard, part: Any) -> str:
    """Where to go on after a part: the criterion of its parts, the draft at the place of the others."""
    if isinstance(part, SubItem | DeductionRule):
        return address_of(standard, part.criterion)
    mark = f"c{part.pk}" if isinstance(part, Criterion) else f"s{part.pk}"
    return f"{reverse('standard_edit', args=[standard.code])}#{mark}"


def _name(part: Part) -> str:
    match part:
        case Section():
            return f"内容“{part.title}”"
        case Criterion():
            return f"第 {part.number} 条"
        case SubItem():
            return f"第 {part.criterion.number} 条分项（{part.number}）"
        case _:
            return f"第 {part.criterion.number} 条扣分项 {part.number}"
