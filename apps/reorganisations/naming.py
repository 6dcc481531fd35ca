"""Names and codes of communities and jurisdictions, and names of survey fields: what may be given, and who has it already."""

from collections.abc import Collection

from django.db import IntegrityError, transaction

from apps.communities.facts import fact_of
from apps.communities.models import Community, SurveyField
from apps.communities.spelling import shorten
from apps.core.errors import InvalidInput
from apps.core.inputs import whole_number
from apps.jurisdictions.models import Jurisdiction, paths_down_to

Named = Community | Jurisdiction

_CODE_LENGTH = 12
_LONGEST_NAME = 100


def check_name_and_code(
    model: type[Named], name: str, code: str, home: Jurisdiction | None, but: Named | None = None
) -> None:
    """InvalidInput for a name or code that is none, or that another one has: the name in the same ``home``, the code anywhere."""
    if not name or len(name) > _LONGEST_NAME:
        what = "社区名称" if model is Community else "名称"
        raise InvalidInput(f"请填写{what}，不超过 {_LONGEST_NAME} 个字。")
    if code and (len(code) != _CODE_LENGTH or whole_number(code) is None):
        raise InvalidInput(f"区划代码 {code} 不对：应为 {_CODE_LENGTH} 位数字。没有的可以不填。")
    if namesakes(model, home, [name], but):
        raise InvalidInput(f"{home}已有“{name}”，请核对名称。")
    others = model.objects.exclude(pk=but.pk if but else 0)
    if code and (other := others.select_related(_home(model)).filter(code=code).first()):
        raise InvalidInput(f"区划代码 {code} 已由{getattr(other, _home(model)) or ''}{other}使用，请核对。")


def namesakes(model: type[Named], home: Jurisdiction | None, names: Collection[str], but: Named | None = None) -> str:
    """Return which of ``names`` others that exist in ``home`` have, up to five of them in words; empty for none.

    Of communities what lists show counts: 龙江社区 and 龙江社区居民委员会 are one name.
    """
    there = model.objects.filter(closed_on=None, **{_home(model): home}).exclude(pk=but.pk if but else 0).order_by("pk")
    shown = shorten if model is Community else str
    wanted = set(map(shown, names))
    return "、".join([name for name in there.values_list("name", flat=True) if shown(name) in wanted][:5])


def check_fields(units: Collection[Jurisdiction], to: Jurisdiction) -> None:
    """InvalidInput where ``units``, or those below them, ask communities for what is asked under that name above their new place.

    What was retired counts as well: it may be asked again. The caller keeps others from changing fields (``keep_fields``).
    """
    fields = SurveyField.objects.select_related("jurisdiction")
    above = list(fields.filter(path__in=paths_down_to(to.path)))
    known = {name: one for one in above for name in (one.label, fact_of(one).column)}
    for unit in units:
        for own in fields.below(unit.path).order_by("path", "number"):
            if (other := known.get(own.label) or known.get(fact_of(own).column)) is not None and own.pk != other.pk:
                raise InvalidInput(
                    f"{own.jurisdiction}和{other.jurisdiction}都有调查项目“{own.label}”，调整后同一张表里会有两个同名的项目。"
                    "请先由其中一个单位把自己的项目改名（已停用的也要改名），再调整区划。"
                )


def save_or_refuse(row: Named, fields: list[str] | None = None) -> None:
    """Save; a code is unique in the nation, and who has it elsewhere is not told."""
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError as error:
        raise InvalidInput(f"区划代码 {row.code} 不能使用，请核对。") from error


def _home(model: type[Named]) -> str:
    return "jurisdiction" if model is Community else "parent"
