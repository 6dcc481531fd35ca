"""Verbs of added survey fields (调查项目): what a jurisdiction asks of all communities below it, beside the built-in facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Q

from apps.accounts.permissions import Actor, require
from apps.communities.facts import BUILT_IN, NUMBERS, Fact, Kind, fact_of
from apps.communities.models import CommunitySurvey, SurveyField
from apps.communities.survey_sheet import CODE, DATE_COLUMN, ERRORS, NAME, PASSED_OVER, SOURCE_COLUMN, STREET, YEAR
from apps.communities.turns import change_fields_alone
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction, Level, paths_down_to

_MOST_FIELDS = 20
_MOST_CHOICES = 30
# Heads of other columns of the spreadsheet.
_TAKEN = {CODE, STREET, NAME, YEAR, SOURCE_COLUMN, DATE_COLUMN, ERRORS, *PASSED_OVER}


@dataclass(frozen=True)
class FieldFacts:
    """What a field asks for."""

    label: str
    kind: str
    unit: str = ""
    choices: Sequence[str] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    is_required: bool = False


def fields_seen_at(path: str) -> "list[SurveyField]":
    """Return the fields that are asked of the communities of the jurisdiction with ``path``, its own last."""
    fields = SurveyField.objects.filter(path__in=paths_down_to(path)).select_related("jurisdiction")
    return list(fields.order_by("path", "retired_at", "number", "pk"))


def require_manager(actor: Actor) -> None:
    """PermissionDenied unless the person adds fields where they act."""
    require(actor, "manage_survey_fields")
    if actor.jurisdiction.level == Level.STREET:
        raise PermissionDenied("乡镇、街道不设置调查项目，由县级及以上设置。")


@transaction.atomic
def add_field(asked: FieldFacts, *, actor: Actor) -> SurveyField:
    """Ask one thing more of the communities where ``actor`` acts and below; the same twice has one effect."""
    require_manager(actor)
    asked = _cleaned(asked)
    change_fields_alone()
    own = SurveyField.objects.filter(jurisdiction=actor.jurisdiction)
    if (same := own.filter(label=asked.label).first()) is not None and _says(same, asked):
        return same
    _check(asked, actor.jurisdiction.path, but=None)
    _check_room(actor.jurisdiction)
    last = own.aggregate(last=Max("number"))["last"] or 0
    return SurveyField.objects.create(jurisdiction=actor.jurisdiction, number=last + 1, **_columns(asked))


@transaction.atomic
def change_field(field: SurveyField, asked: FieldFacts, *, actor: Actor, seen: int) -> SurveyField:
    """Change what a field asks for. Once there are values, choices and bounds only grow and the kind stays."""
    asked = _cleaned(asked)
    locked = _locked(field, actor)
    if _says(locked, asked):
        return locked
    if locked.version != seen:
        raise StaleForm(f"“{locked.label}”刚刚被改过，您的修改没有保存。请核对后再改。")
    _check(asked, locked.path, but=locked)
    if number_of_values(locked):
        _check_in_use(locked, asked)
    for name, value in _columns(asked).items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save()
    return locked


@transaction.atomic
def retire_field(field: SurveyField, *, actor: Actor) -> SurveyField:
    """Ask no more; what was put down stays and is shown. Twice has one effect."""
    locked = _locked(field, actor)
    if locked.retired_at is None:
        locked.retired_at = clock.now()
        locked.save(update_fields=["retired_at"])
    return locked


@transaction.atomic
def resume_field(field: SurveyField, *, actor: Actor) -> SurveyField:
    """Ask again what was retired. Twice has one effect."""
    locked = _locked(field, actor)
    if locked.retired_at is not None:
        _check_room(actor.jurisdiction)
        locked.retired_at = None
        locked.save(update_fields=["retired_at"])
    return locked


def number_of_values(field: SurveyField) -> int:
    """How many surveys say something of it."""
    return CommunitySurvey.objects.below(field.path).filter(further__has_key=field.code).count()


def _locked(field: SurveyField, actor: Actor) -> SurveyField:
    require_manager(actor)
    if field.jurisdiction_id != actor.jurisdiction.pk:
        raise PermissionDenied("调查项目由设置它的单位修改。")
    # Labels are unique on a whole line of the tree, and values are put down by the field as it stands.
    change_fields_alone()
    return SurveyField.objects.select_for_update().get(pk=field.pk)


def _check_room(jurisdiction: Jurisdiction) -> None:
    asked = SurveyField.objects.filter(jurisdiction=jurisdiction, retired_at__isnull=True)
    if asked.count() >= _MOST_FIELDS:
        raise InvalidInput(f"已有 {_MOST_FIELDS} 个调查项目，不能再加。项目越多，基层填报越重，请先停用不需要的。")


def _cleaned(asked: FieldFacts) -> FieldFacts:
    choices = [one.strip() for one in asked.choices if one.strip()] if asked.kind == Kind.CHOICE else []
    has_bounds = asked.kind in NUMBERS
    return FieldFacts(
        label=asked.label.strip(),
        kind=asked.kind,
        unit=asked.unit.strip() if asked.kind in (Kind.WHOLE, Kind.DECIMAL) else "",
        choices=tuple(dict.fromkeys(choices)),
        least=asked.least if has_bounds else None,
        most=asked.most if has_bounds else None,
        is_required=asked.is_required,
    )


def _columns(asked: FieldFacts) -> dict[str, object]:
    names = ("label", "kind", "unit", "least", "most", "is_required")
    return {name: getattr(asked, name) for name in names} | {"choices": list(asked.choices)}


def _says(field: SurveyField, asked: FieldFacts) -> bool:
    return all(getattr(field, name) == value for name, value in _columns(asked).items())


def _check(asked: FieldFacts, path: str, *, but: SurveyField | None) -> None:
    if not asked.label:
        raise InvalidInput("请填写项目名称。")
    if asked.kind not in Kind.values:
        raise InvalidInput("请选择项目类型。")
    if asked.kind == Kind.CHOICE and not 2 <= len(asked.choices) <= _MOST_CHOICES:
        raise InvalidInput(f"选项类的项目请填 2 到 {_MOST_CHOICES} 个选项，每行一个。")
    if any(len(one) > 30 for one in asked.choices):
        raise InvalidInput("每个选项最多 30 字，请缩短。")
    if asked.least is not None and asked.most is not None and asked.least > asked.most:
        raise InvalidInput(f"最小值 {plain(asked.least)} 大于最大值 {plain(asked.most)}，请改正。")
    _check_bounds(asked)
    _check_label(asked, path, but)


def _check_bounds(asked: FieldFacts) -> None:
    """There is something that can be filled in: what nobody bounds is bounded by the kind."""
    fact = fact_of(SurveyField(**_columns(asked)))
    if not fact.is_number or fact.can_be_met:
        return
    least, most = map(plain, fact.bounds)
    limits = {Kind.PERCENT: "百分比在 0 到 100 之间。", Kind.YEAR: "年份从 1900 年到今年。"}
    raise InvalidInput(
        f"{least} 到 {most} 之间没有可以填的{fact.kind.label}，社区无法填报，请改最小值或最大值。"
        + (limits.get(fact.kind) or _without_bounds(fact))
    )


def _without_bounds(fact: Fact) -> str:
    """What holds where a bound was left out."""
    if fact.least is not None and fact.most is not None:
        return ""
    least, most = replace(fact, least=None, most=None).bounds
    return f"没有填的按 {plain(least)} 到 {plain(most)} 算。"


def _check_label(asked: FieldFacts, path: str, but: SurveyField | None) -> None:
    """No two columns of one list may be called the same: neither above nor below."""
    heading = fact_of(SurveyField(**_columns(asked))).column
    known = _TAKEN | {one.label for one in BUILT_IN.values()} | {one.column for one in BUILT_IN.values()}
    if {heading, "".join(asked.label.split())} & known:
        raise InvalidInput(f"“{asked.label}”是系统已有的项目，不必再加。")
    line = Q(path__in=paths_down_to(path)) | Q(path__gte=path, path__lt=path + "~")
    for other in SurveyField.objects.filter(line).select_related("jurisdiction"):
        same = other.label == asked.label or fact_of(other).column == heading
        if same and (but is None or other.pk != but.pk):
            state = "（已停用，可以恢复使用）" if other.retired_at else ""
            raise InvalidInput(f"{other.jurisdiction}已有名为“{asked.label}”的项目{state}，请换一个名称。")


def _check_in_use(field: SurveyField, asked: FieldFacts) -> None:
    """Refuse what would make a value wrong that somebody has put down."""
    told = f"“{field.label}”已有社区填写"
    if asked.kind != field.kind:
        raise InvalidInput(f"{told}，类型不能再改。需要另一种类型的，请新增一个项目，再停用这个。")
    if lost := [one for one in field.choices if one not in asked.choices]:
        raise InvalidInput(f"{told}，选项只能增加，不能去掉“{'、'.join(lost)}”。")
    narrower = (asked.least is not None and (field.least is None or asked.least > field.least)) or (
        asked.most is not None and (field.most is None or asked.most < field.most)
    )
    if narrower:
        raise InvalidInput(f"{told}，取值范围只能放宽，不能收窄。")
    if asked.unit != field.unit:
        raise InvalidInput(f"{told}，计量单位不能再改，否则原来的数字就不对了。")
