"""Pages of standards (标准): the list, and one standard as its document has it, with its rules in words."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.core.rounding import plain
from apps.jurisdictions.models import paths_down_to
from apps.standards.domain import parts_of, rule_spec, spec_of
from apps.standards.drafts import is_issuer, may_issue
from apps.standards.models import Criterion, DeductionRule, Standard
from apps.standards.specs import RuleKind
from apps.standards.words import rate_examples, readings_of, rule_with_text


@members_only
@require_safe
def standard_list(request: ActorRequest) -> HttpResponse:
    """Drafts of one's own, then every published standard; those that hold for who acts come first."""
    own = request.actor.jurisdiction
    standards = (
        Standard.objects.select_related("jurisdiction", "derived_from__jurisdiction", "replaces")
        .filter(Q(status=Standard.Status.PUBLISHED) | Q(jurisdiction=own))
        .prefetch_related(_later_versions())
        .annotate(criteria_count=Count("criteria"))
        .order_by("path", "code")
    )
    line = paths_down_to(own.path)
    drafts = [one for one in standards if one.status == Standard.Status.DRAFT]
    published = [one for one in standards if one.status == Standard.Status.PUBLISHED]
    groups = [
        (f"{own}的草稿", drafts),
        ("本辖区和上级的标准", [one for one in published if one.path in line]),
        ("其他地区的标准", [one for one in published if one.path not in line]),
    ]
    context = {
        "groups": [group for group in groups if group[1]],
        "may_create": may_issue(request.actor, "edit_standards"),
    }
    return render(request, "standards/standard_list.html", context)


@members_only
@require_safe
def standard_detail(request: ActorRequest, code: str) -> HttpResponse:
    """One standard: sections, criteria, what its rules take, and how it is read."""
    rows = Standard.objects.select_related("jurisdiction", "derived_from", "replaces", "published_by")
    standard = get_object_or_404(rows.prefetch_related(_later_versions()), code=code)
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


def _later_versions() -> Prefetch:
    """The published version that replaced a standard, if any, as ``later``."""
    return Prefetch("replaced_by", Standard.objects.published().order_by("version"), to_attr="later")


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
