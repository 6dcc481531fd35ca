"""Pages of standards (标准): the list, and one standard as its document has it, with its rules in words."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import Actor
from apps.core.rounding import plain
from apps.jurisdictions.models import paths_down_to
from apps.standards.domain import parts_of, rule_spec, spec_of
from apps.standards.drafts import is_issuer, may_issue
from apps.standards.listing import StandardFilter, in_use_or_own, later_versions, nearest_first
from apps.standards.models import Criterion, DeductionRule, Standard
from apps.standards.specs import RuleKind
from apps.standards.words import rate_examples, readings_of, rule_with_text

PAGE_SIZE = 50


@members_only
@require_safe
def standard_list(request: ActorRequest) -> HttpResponse:
    """Drafts of one's own, then every published standard, page by page; those that hold for who acts come first."""
    form = StandardFilter(request.GET)
    rows = form.among(in_use_or_own(nearest_first(request.actor), request.actor.jurisdiction))
    page = Paginator(rows.values_list("pk", flat=True), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "groups": _groups(list(page), request.actor),
        "may_create": may_issue(request.actor, "edit_standards"),
    }
    return render(request, "standards/standard_list.html", context)


@members_only
@require_safe
def standard_detail(request: ActorRequest, code: str) -> HttpResponse:
    """One standard: sections, criteria, what its rules take, and how it is read."""
    rows = Standard.objects.select_related("jurisdiction", "derived_from", "replaces", "published_by")
    standard = get_object_or_404(rows.prefetch_related(later_versions()), code=code)
    parts = parts_of(standard, "criteria__national_criterion__standard")
    sections = [(section, [_row(criterion) for criterion in section.criteria.all()]) for section in parts]
    context = {
        "standard": standard,
        "judging": _judging(standard),
        "sections": sections,
        "readings": readings_of(spec_of(standard, parts)),
        "criteria_count": sum(len(rows) for _, rows in sections),
        "is_weighted": any(section.weight != 1 for section, _ in sections),
        "may_edit": is_issuer(request.actor, standard),
    }
    return render(request, "standards/standard_detail.html", context)


def _groups(ids: list[int], actor: Actor) -> list[tuple[str, list[Standard]]]:
    """The standards of a page with what a line shows, under the headings of the list."""
    line = paths_down_to(actor.jurisdiction.path)
    groups: dict[str, list[Standard]] = defaultdict(list)
    rows = nearest_first(actor).filter(pk__in=ids).prefetch_related(later_versions())
    for one in rows.annotate(criteria_count=Count("criteria")):
        if one.status == Standard.Status.DRAFT:
            groups[f"{actor.jurisdiction}的草稿"].append(one)
        else:
            groups["本辖区和上级的标准" if one.path in line else "其他地区的标准"].append(one)
    return list(groups.items())


def _judging(standard: Standard) -> str:
    if not standard.is_scored:
        return standard.get_kind_display()
    return f"评分制，满分 {plain(standard.total_points)} 分，{plain(standard.pass_mark)} 分达标"


def _row(criterion: Criterion) -> dict[str, Any]:
    rules = list(criterion.rules.all())
    return {
        "criterion": criterion,
        "rules": [_rule(rule, criterion.points) for rule in rules if rule.sub_item_id is None],
        "sub_items": [
            (item, [_rule(rule, item.points) for rule in rules if rule.sub_item_id == item.pk])
            for item in criterion.sub_items.all()
        ],
        "check_methods": [Criterion.CheckMethod(one).label for one in criterion.check_methods],
    }


def _rule(rule: DeductionRule, held: Decimal | None) -> dict[str, Any]:
    spec = rule_spec(rule)
    is_rate = spec.kind is RuleKind.RATE_SHORTFALL
    return {
        "number": rule.number,
        "words": rule_with_text(rule.text, spec, rule.unit),
        "examples": rate_examples(spec, held) if is_rate and held else "",
    }
