"""What is asked of every community, and what jurisdictions add: the one list behind form, page, template, import and export.

A fact knows how it is called, read from what a person typed, checked and written. The built-in ones are columns of
CommunitySurvey; those added as data (SurveyField) stand in its ``further``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any
from unicodedata import normalize

from django.db.models import Q

from apps.communities.models import CommunitySurvey, SurveyField
from apps.core import clock
from apps.core.errors import InvalidInput
from apps.core.rounding import plain
from apps.jurisdictions.models import paths_down_to

Kind = SurveyField.Kind
Value = int | Decimal | bool | str

YES_NO = {"是": True, "否": False, "有": True, "无": False, "true": True, "false": False}
LONGEST_TEXT = 200
ADDED = "补充项目"
# Kinds of numbers, with their places behind the point.
NUMBERS = {Kind.WHOLE: 0, Kind.YEAR: 0, Kind.PERCENT: 2, Kind.DECIMAL: 4}
_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(,\d{3})+(?![\d,])")
_NUMBER = re.compile(r"[-\N{MINUS SIGN}]?\d+(\.\d+)?")
_MOST = Decimal(10**8)
# Beyond any bound.
_ABSURD = Decimal(10**15)
_LONGEST_SHOWN = 20
_FIRST_YEAR = 1900


@dataclass(frozen=True)
class Fact:
    """One thing that is asked. ``path``: of the communities there and below ('' for all); ``least`` and ``most`` are bounds."""

    code: str
    label: str
    kind: Kind
    unit: str = ""
    group: str = ADDED
    is_required: bool = True
    least: Decimal | None = Decimal(0)
    most: Decimal | None = None
    choices: tuple[str, ...] = ()
    places: int = 0
    hint: str = ""
    path: str = ""
    is_retired: bool = False

    @property
    def heading(self) -> str:
        """The fact as the head of a column, with its unit."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    @property
    def column(self) -> str:
        """The heading as it is found again in a spreadsheet, whose heads are compared without blanks."""
        return "".join(self.heading.split())

    @property
    def typed_unit(self) -> str:
        """What may stand behind a number; a year's is in no heading."""
        return "年" if self.kind == Kind.YEAR else self.unit

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def options(self) -> list[str]:
        """What can be chosen; nothing where it is typed."""
        return ["是", "否"] if self.kind == Kind.YES_NO else list(self.choices)

    def applies_at(self, path: str) -> bool:
        """Whether it is asked of the communities at ``path``."""
        return path.startswith(self.path)

    def read(self, text: str) -> Value | None:
        """Return what ``text`` says, None for a blank; InvalidInput names the value and the way out."""
        typed = normalize("NFKC", text).strip() if self.kind != Kind.TEXT else text.strip()
        if not typed:
            return None
        value = self._number(typed) if self.is_number else self._word(typed)
        if refused := self.refusal(value):
            raise InvalidInput(refused)
        return value

    def refusal(self, value: Value) -> str:
        """Say why a value cannot be kept, '' where it can."""
        if not self._is_kept_as(value):
            return "这个调查项目的类型改过，请刷新页面后再填。"
        if self.is_number:
            return self._out_of_bounds(Decimal(value))
        if self.kind == Kind.TEXT and len(str(value)) > LONGEST_TEXT:
            return f"有 {len(str(value))} 字，超过 {LONGEST_TEXT} 字，请缩短。"
        if self.kind == Kind.CHOICE and value not in self.choices:
            return f"没有“{str(value)[:_LONGEST_SHOWN]}”这个选项，可以填：{'、'.join(self.choices)}。"
        return ""

    def _is_kept_as(self, value: Value) -> bool:
        """Whether the value is of the fact's kind; the kind may have been another one when it was typed."""
        if self.kind == Kind.YES_NO or isinstance(value, bool):
            return self.kind == Kind.YES_NO and isinstance(value, bool)
        return isinstance(value, int | Decimal if self.is_number else str)

    def _out_of_bounds(self, number: Decimal) -> str:
        least, most = self.bounds
        sign = "%" if self.kind == Kind.PERCENT else ""
        shown = f"“{plain(number)[:_LONGEST_SHOWN]}{sign}”"
        if number < least:
            wrong = "是负数" if number < 0 <= least else "太小"
            return f"{shown}{wrong}，应不小于 {plain(least)}{sign}。请核对数字和单位。"
        return f"{shown}太大，应不大于 {plain(most)}{sign}。请核对数字和单位。" if number > most else ""

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the most that a number may be."""
        least, most = -_MOST, _MOST
        if self.kind == Kind.PERCENT:
            least, most = Decimal(0), Decimal(100)
        elif self.kind == Kind.YEAR:
            least, most = Decimal(_FIRST_YEAR), Decimal(clock.today().year)
        least, most = least if self.least is None else self.least, most if self.most is None else self.most
        return least, min(most, Decimal(100)) if self.kind == Kind.PERCENT else most

    @property
    def can_be_met(self) -> bool:
        """Whether any number lies within the bounds, with the places that the fact has."""
        least, most = self.bounds
        return least.quantize(Decimal(1).scaleb(-self.places), ROUND_CEILING) <= most

    def value_of(self, survey: CommunitySurvey) -> Value | None:
        """What the survey says of it; None where it says nothing."""
        if self.code in BUILT_IN:
            value: Value | None = getattr(survey, self.code)
            return value
        kept = survey.further.get(self.code)
        return Decimal(kept) if kept is not None and self.kind in (Kind.DECIMAL, Kind.PERCENT) else kept

    def text_of(self, value: Value | None) -> str:
        """The value as it is typed, without its unit."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, str):
            return value
        # So small a share is not taken without its sign.
        return f"{plain(value)}%" if self.kind == Kind.PERCENT and 0 < value <= 1 else plain(value)

    def words_for(self, value: Value | None) -> str:
        """The value as a page says it; '' for none."""
        if value is None or isinstance(value, str) or not self.is_number:
            return self.text_of(value)
        shown = plain(value) if self.kind == Kind.YEAR else f"{Decimal(plain(value)):,f}"
        return f"{shown}{self.unit}" if self.unit == "%" else f"{shown} {self.typed_unit}".rstrip()

    def _number(self, typed: str) -> int | Decimal:
        bare = _GROUPED.sub(lambda found: found[0].replace(",", ""), typed).replace(" ", "")
        digits = bare.removesuffix(normalize("NFKC", self.typed_unit))
        if not _NUMBER.fullmatch(digits):
            raise InvalidInput(f"“{typed[:_LONGEST_SHOWN]}”不是数字。请只填数字，不带文字；不清楚的留空。")
        number = Decimal(digits.replace("\N{MINUS SIGN}", "-"))
        if abs(number) >= _ABSURD:
            raise InvalidInput(self._out_of_bounds(number))
        if self.kind == Kind.PERCENT and 0 < number <= 1 and not bare.endswith("%"):
            raise InvalidInput(f"“{typed}”分不清是 {plain(number)}% 还是 {plain(number * 100)}%，请带百分号填写。")
        if self.places == 0:
            if number != number.to_integral_value():
                raise InvalidInput(f"“{typed[:_LONGEST_SHOWN]}”有小数，请四舍五入到整数。")
            return int(number)
        kept = number.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)
        if number and not kept:
            rounded = f"“{typed[:_LONGEST_SHOWN]}”太小，保留 {self.places} 位小数后是 0。"
            raise InvalidInput(f"{rounded}请核对数字和单位；没有的填 0，不清楚的留空。")
        return kept

    def _word(self, typed: str) -> bool | str:
        if self.kind == Kind.YES_NO:
            if (said := YES_NO.get(typed.casefold())) is None:
                raise InvalidInput(f"“{typed[:_LONGEST_SHOWN]}”不对，请填“是”或“否”。")
            return said
        return typed


_BUILT_IN = [
    Fact("households", "户数", Kind.WHOLE, "户", "人口和住房"),
    Fact("population", "常住人口", Kind.WHOLE, "人", "人口和住房"),
    Fact("area", "面积", Kind.DECIMAL, "平方公里", "人口和住房", places=4, most=Decimal(10_000)),
    Fact("estates", "小区数", Kind.WHOLE, "个", "人口和住房", most=Decimal(10_000)),
    Fact("old_estates", "老旧小区数", Kind.WHOLE, "个", "人口和住房", hint="2000 年底前建成的；没有的填 0。"),
    Fact(
        "renovated_in",
        "老旧小区改造年份",
        Kind.YEAR,
        group="人口和住房",
        is_required=False,
        least=None,
        hint="最近一次改造完成的年份；没有改造的留空。",
    ),
    Fact(
        "property_coverage",
        "物业管理覆盖率",
        Kind.PERCENT,
        "%",
        "物业和安全",
        places=2,
        hint="有物业管理的户数 ÷ 总户数。",
    ),
    Fact("parking_spaces", "停车位", Kind.WHOLE, "个", "物业和安全"),
    Fact("has_security_system", "智能化安防系统", Kind.YES_NO, group="物业和安全"),
    Fact("green_space", "绿地面积", Kind.DECIMAL, "平方米", "环境", places=2),
    Fact("noise_complaints", "噪声投诉", Kind.WHOLE, "件", "环境", hint="全年受理的件数；没有的填 0。"),
    Fact("noise_complaints_handled", "噪声投诉办结", Kind.WHOLE, "件", "环境", hint="其中已办结的，不超过受理的。"),
    Fact("trainings", "开展培训", Kind.WHOLE, "次", "文化和培训", hint="全年绿色生活、垃圾分类等培训的次数。"),
    Fact("heritage_sites", "历史文化保护对象", Kind.WHOLE, "处", "文化和培训", hint="文物古迹、历史建筑；没有的填 0。"),
]
BUILT_IN: Mapping[str, Fact] = {one.code: one for one in _BUILT_IN}
# A part, its whole, and what is said where the part is larger.
_PARTS = [("noise_complaints_handled", "noise_complaints"), ("old_estates", "estates")]


def fact_of(field: SurveyField) -> Fact:
    """The added field as a fact."""
    kind = Kind(field.kind)
    return Fact(
        code=field.code,
        label=field.label,
        kind=kind,
        unit=field.unit or ("%" if kind == Kind.PERCENT else ""),
        is_required=field.is_required,
        least=field.least,
        most=field.most,
        choices=tuple(field.choices),
        places=NUMBERS.get(kind, 0),
        path=field.path,
        is_retired=field.retired_at is not None,
    )


def facts_at(path: str, *, retired: bool = False) -> list[Fact]:
    """Return what is asked of a community at ``path``, built-in facts first; with ``retired``, also what was asked once."""
    return _with(Q(path__in=paths_down_to(path)), retired=retired)


def facts_around(path: str, *, retired: bool = False) -> list[Fact]:
    """Return what is asked of any community at ``path`` or below."""
    return _with(Q(path__in=paths_down_to(path)) | Q(path__gte=path, path__lt=path + "~"), retired=retired)


def _with(condition: Q, *, retired: bool) -> list[Fact]:
    fields = SurveyField.objects.filter(condition)
    asked = fields if retired else fields.filter(retired_at__isnull=True)
    return [*_BUILT_IN, *map(fact_of, asked)]


@dataclass(frozen=True)
class Completeness:
    """How many of the facts that have to be filled in are, and which are missing."""

    required: int
    missing: tuple[str, ...]

    @property
    def filled(self) -> int:
        return self.required - len(self.missing)

    @property
    def is_complete(self) -> bool:
        return not self.missing


def completeness_of(survey: CommunitySurvey | None, facts: Iterable[Fact], path: str) -> Completeness:
    """Say what the survey of a community at ``path`` lacks of ``facts``; without a survey everything."""
    required = [one for one in facts if one.is_required and not one.is_retired and one.applies_at(path)]
    missing = [one.label for one in required if survey is None or one.value_of(survey) is None]
    return Completeness(len(required), tuple(missing))


def incomplete(facts: Iterable[Fact]) -> Q:
    """The condition that a survey lacks something that has to be filled in: ``completeness_of`` for many, in the database."""
    lacking = Q()
    for one in facts:
        if not one.is_required or one.is_retired:
            continue
        if one.code in BUILT_IN:
            lacking |= Q(**{f"{one.code}__isnull": True})
        else:
            lacking |= Q(path__gte=one.path, path__lt=one.path + "~") & ~Q(further__has_key=one.code)
    return lacking


def contradictions(values: Mapping[str, Value | None]) -> dict[str, str]:
    """What cannot be true together, by the code of the fact to mend."""
    found = {}
    for part, whole in _PARTS:
        some, all_of = values.get(part), values.get(whole)
        if isinstance(some, int) and isinstance(all_of, int) and some > all_of:
            names = BUILT_IN[part].label, BUILT_IN[whole].label
            found[part] = f"“{some}”多于{names[1]}“{all_of}”，请核对。"
    return found


def values_of(survey: CommunitySurvey, facts: Sequence[Fact]) -> dict[str, Value | None]:
    """What the survey says of each of ``facts``, by code."""
    return {one.code: one.value_of(survey) for one in facts}


def put(survey: CommunitySurvey, facts: Iterable[Fact], values: Mapping[str, Value | None]) -> None:
    """Write ``values`` into the survey, which is not saved; what they do not name stays, retired values too."""
    further: dict[str, Any] = dict(survey.further)
    for one in facts:
        if one.code not in values:
            continue
        value = values[one.code]
        if one.code in BUILT_IN:
            setattr(survey, one.code, value)
        elif value is None:
            further.pop(one.code, None)
        else:
            further[one.code] = plain(value) if isinstance(value, Decimal) else value
    survey.further = further


def grouped(lines: Iterable[tuple[Fact, Any]]) -> dict[str, list[tuple[Fact, Any]]]:
    """Facts with what goes beside each, under the headings they stand under."""
    groups: dict[str, list[tuple[Fact, Any]]] = {}
    for fact, beside in lines:
        groups.setdefault(fact.group, []).append((fact, beside))
    return groups
