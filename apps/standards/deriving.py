"""Verbs that begin or give up a draft: a new standard, one derived from another, a new version."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet

from apps.accounts.permissions import Actor, require
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.jurisdictions.models import Jurisdiction, paths_down_to
from apps.standards.domain import parts_of
from apps.standards.drafts import HEAD_FIELDS, lock, may_issue, require_issuer
from apps.standards.loading import hold_code, national_of
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem

_LONGEST_STEM = 44
_UNIQUE_CODE = "standards_standard_code_key"


def bases_for(actor: Actor) -> QuerySet[Standard]:
    """Published standards that the person's jurisdiction can derive its own from: those above, and its own; newest versions."""
    line = paths_down_to(actor.jurisdiction.path)
    newest = Standard.objects.published().exclude(replaced_by__status=Standard.Status.PUBLISHED)
    return newest.filter(path__in=line).select_related("jurisdiction").order_by("path", "-pk")


def require_drafter(actor: Actor) -> None:
    """PermissionDenied unless the person may begin a standard of their jurisdiction."""
    require(actor, "edit_standards")
    if not may_issue(actor, "edit_standards"):
        raise PermissionDenied("乡镇、街道不编制标准，标准由县级及以上编制。")


def code_for(actor: Actor) -> str:
    """A free code for the next standard of the person's jurisdiction."""
    return next(codes_of(actor.jurisdiction))


@transaction.atomic
def create_standard(
    values: Mapping[str, Any], *, actor: Actor, base: Standard | None = None, code: str = ""
) -> Standard:
    """Begin a draft; from ``base`` every section and criterion is copied, each tied to the one that it refines.

    ``code`` is what the form proposed: sent twice, it leads to the draft that the first one made.
    """
    require_drafter(actor)
    if base is not None and not bases_for(actor).filter(pk=base.pk).exists():
        raise InvalidInput(f"不能依据“{base}”编制标准：只能依据本级或上级已发布的标准。")
    # Two presses at once wait for each other here.
    hold_code(code)
    own = Standard.objects.filter(jurisdiction=actor.jurisdiction)
    before = own.filter(code=code, status=Standard.Status.DRAFT, name=values["name"], derived_from=base).first()
    if before is not None:
        return before
    fields = {name: values[name] for name in HEAD_FIELDS if name in values}
    standard = _create(codes_of(actor.jurisdiction), jurisdiction=actor.jurisdiction, derived_from=base, **fields)
    if base is not None:
        _copy_parts(base, standard, with_points=standard.is_scored and base.is_scored)
    return standard


@transaction.atomic
def begin_version(standard: Standard, *, actor: Actor) -> Standard:
    """Begin the next version of a published standard as a draft; where one was begun already, that one."""
    require_issuer(actor, standard)
    locked = lock(standard)
    if locked.status != Standard.Status.PUBLISHED:
        raise TransitionError(f"“{locked}”还是草稿，直接修改即可，不用制作新版本。")
    later = locked.replaced_by.order_by("-version").first()
    if later is not None and later.status == Standard.Status.PUBLISHED:
        raise TransitionError(f"“{locked}”已由第 {later.version} 版代替，请从第 {later.version} 版制作新版本。")
    if later is not None:
        return later
    version = locked.version + 1
    fields = {name: getattr(locked, name) for name in HEAD_FIELDS}
    # The next document has a number and a date of its own.
    fields |= {"document_number": "", "issued_on": None}
    stem = re.sub(r"-v\d+(-\d+)?$", "", locked.code)[:_LONGEST_STEM]
    draft = _create(
        _free(f"{stem}-v{version}"),
        jurisdiction=locked.jurisdiction,
        derived_from=locked.derived_from,
        replaces=locked,
        version=version,
        **fields,
    )
    _copy_parts(locked, draft, with_points=True)
    return draft


@transaction.atomic
def delete_draft(standard: Standard, *, actor: Actor) -> None:
    """Delete a draft with all its parts; doing it twice has one effect."""
    require_issuer(actor, standard)
    locked = Standard.objects.select_for_update().filter(pk=standard.pk).first()
    if locked is None:
        return
    if locked.status != Standard.Status.DRAFT:
        raise TransitionError(f"“{locked}”已发布，不能删除：已有的自评要按它核对。")
    try:
        locked.delete()
    except ProtectedError as error:
        raise TransitionError(f"“{locked}”正被创建行动使用，不能删除。") from error


def codes_of(unit: Jurisdiction) -> Iterator[str]:
    """Free codes for standards of a jurisdiction: its own code without idle zeros, and the year."""
    digits = re.sub(r"(00)+$", "", unit.key) or "0"
    return _free(f"{digits}-{clock.today().year}")


def _free(stem: str) -> Iterator[str]:
    """``stem`` and what is made of it, without end, as far as one can see that they are free."""
    taken = set(Standard.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return (code for code in chain([stem], (f"{stem}-{n}" for n in count(2))) if code not in taken)


def is_code_taken(error: IntegrityError) -> bool:
    """Whether a standard was refused for its code, which another one has."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == _UNIQUE_CODE


def _create(codes: Iterator[str], **fields: Any) -> Standard:
    """Under the first code that is free: a draft that cannot be seen from here, or one of the same moment, may hold it."""
    while True:
        try:
            with transaction.atomic():
                return Standard.objects.create(code=next(codes), **fields)
        except IntegrityError as error:
            if not is_code_taken(error):
                raise


def _copy_parts(source: Standard, target: Standard, *, with_points: bool) -> None:
    is_version = target.replaces_id == source.pk
    for section in parts_of(source, "criteria__refines"):
        copied = Section.objects.create(
            standard=target, number=section.number, title=section.title, weight=section.weight
        )
        for criterion in section.criteria.all():
            criterion.standard = source
            refined = criterion.refines if is_version else criterion
            national = criterion.national_criterion_id if is_version else getattr(national_of(criterion), "pk", None)
            own = _criterion(criterion, copied, with_points=with_points)
            own.refines, own.national_criterion_id = refined, national
            own.save()
            if with_points:
                _copy_rules(criterion, own)


def _criterion(criterion: Criterion, section: Section, *, with_points: bool) -> Criterion:
    names = ["number", "text", "allows_not_applicable", "is_veto", "is_mandatory", "guidance"]
    names += ["required_evidence", "check_methods"]
    if with_points:
        names += ["points", "is_bonus", "scoring_text"]
    return Criterion(standard=section.standard, section=section, **{name: getattr(criterion, name) for name in names})


def _copy_rules(source: Criterion, target: Criterion) -> None:
    items = {}
    for item in source.sub_items.all():
        items[item.pk] = SubItem.objects.create(
            criterion=target, number=item.number, text=item.text, points=item.points
        )
    kept = [
        one.name
        for one in DeductionRule._meta.concrete_fields
        if one.name not in ("id", "path", "criterion", "sub_item")
    ]
    DeductionRule.objects.bulk_create(
        DeductionRule(
            criterion=target,
            sub_item=items[rule.sub_item_id] if rule.sub_item_id else None,
            **{name: getattr(rule, name) for name in kept},
        )
        for rule in source.rules.all()
    )
