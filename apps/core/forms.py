"""Forms that say what is wrong in the product's words: the value and the way out, and all of it together above a long form."""

import re
from typing import Any, NamedTuple
from unicodedata import normalize

from django import forms
from django.core.exceptions import ValidationError

from apps.core.errors import OUTDATED

_LONGEST_SHOWN = 20
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_TOO_LONG = "“%(value)s”位数太多，整数部分最多 %(whole)s 位、小数最多 %(places)s 位，请核对数字和单位。"
_WORDS = {
    "required": "请%(verb)s%(label)s。",
    "max_length": "有 %(show_value)s 字，超过 %(limit_value)s 字，请缩短。",
    "min_value": "“%(value)s”太小，应不小于 %(limit_value)s。",
    "max_value": "“%(value)s”太大，应不大于 %(limit_value)s。",
    "max_digits": _TOO_LONG,
    "max_whole_digits": _TOO_LONG,
    "max_decimal_places": "“%(value)s”的小数超过 %(places)s 位，请四舍五入到 %(places)s 位。",
    "invalid_choice": "没有“%(value)s”这个选项，请刷新页面后重新选择。",
}
# By kind of field; a number with decimals is a kind of whole number to Django, and stands before it.
_WRONG_KIND: dict[type[forms.Field], str] = {
    forms.DateField: "“%(value)s”不是日期，请按“2022-08-15”这样填写。",
    forms.DecimalField: "“%(value)s”不是数字，请只填数字，不带文字。",
    forms.IntegerField: "“%(value)s”不是整数，请只填数字。",
}


class Problem(NamedTuple):
    """One thing that is wrong beside a field; ``anchor`` is the id of what is to be mended."""

    anchor: str
    label: str
    text: str


class Problems(NamedTuple):
    """What is wrong with a form, as components/error_summary.html takes it: with the form as a whole, and in which places."""

    general: list[str]
    placed: list[Problem]


class Number(forms.DecimalField):
    """A number as people write it: no powers of ten, which may be larger than anything that can be kept."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = normalize("NFKC", value).strip()
            if value and not _NUMBER.fullmatch(value):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class Day(forms.DateField):
    """A day, typed or picked; what the control of browsers takes and gives is the form of ISO 8601."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs)


class Lines(forms.CharField):
    """Text of the document in several lines, kept as typed; only line ends are made one kind."""

    widget = forms.Textarea

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n").strip()


class PlainForm(forms.Form):
    """A form that says itself what Django would refuse in stock sentences. A field's own ``error_messages`` stand.

    What is wrong with a field that nobody sees is not of the person's making: the page is old.
    """

    def add_error(self, field: str | None, error: Any) -> None:
        """Take an error down beside its field, in the product's words."""
        if field is not None and isinstance(error, ValidationError):
            if self.fields[field].widget.is_hidden:
                field, error = None, OUTDATED
            else:
                error = [self._in_words(field, one) for one in error.error_list]
        super().add_error(field, error)

    @property
    def problems(self) -> Problems:
        """All that is wrong, in the order of the fields."""
        placed = [Problem(_anchor(one), str(one.label), str(text)) for one in self for text in one.errors]
        return Problems([str(text) for text in self.non_field_errors()], placed)

    def _in_words(self, name: str, error: ValidationError) -> Any:
        field, known = self.fields[name], dict(error.params or {})
        words = _words(field, error.code or "")
        if not words or _is_own(field, error.code or ""):
            return error
        value = str(known.get("value", self[name].data) if error.code == "invalid_choice" else self[name].data)
        places = getattr(field, "decimal_places", None) or 0
        return words % {
            **known,
            "label": field.label,
            "verb": "选择" if hasattr(field, "choices") else "填写",
            "value": value[:_LONGEST_SHOWN],
            "places": places,
            "whole": (getattr(field, "max_digits", None) or 0) - places,
        }


class DraftForm(PlainForm):
    """A form that knows which fields differ from what is stored now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def stored_otherwise(self) -> list[tuple[str, str]]:
        """Label and stored value of each field in which the database holds something else than what was typed."""
        return [(str(self[name].label), self._words(name)) for name in self.changed_data]

    def _words(self, name: str) -> str:
        value, field = self[name].initial, self.fields[name]
        choices: dict[Any, Any] = dict(getattr(field, "choices", []))
        if isinstance(value, list) and choices:
            return "、".join(str(choices.get(one, one)) for one in value) or "（空）"
        if isinstance(value, bool):
            return "是" if value else "否"
        return "（空）" if value in (None, "", []) else str(choices.get(value, value))


def _words(field: forms.Field, code: str) -> str:
    if code == "invalid":
        return next((words for kind, words in _WRONG_KIND.items() if isinstance(field, kind)), "")
    return _WORDS.get(code, "")


def _is_own(field: forms.Field, code: str) -> bool:
    """Whether the field says this in words of its own, not in Django's."""
    stock = (one.__dict__.get("default_error_messages", {}) for one in type(field).__mro__)
    return field.error_messages.get(code) != next((words[code] for words in stock if code in words), None)


def _anchor(field: forms.BoundField) -> str:
    """The id of the control; of several boxes, the first."""
    return field.id_for_label or f"{field.auto_id}_0"
