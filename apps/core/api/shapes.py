"""Shapes of what is read and written: serializers that can be asked for some of their fields, and whole numbers that fit."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from apps.core.api.problems import ApiProblem


class Shown(serializers.ModelSerializer):
    """A row as it is read. ``?fields=id,name`` leaves the others out, at the outermost level."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if meta := cls.__dict__.get("Meta"):
            meta.read_only_fields = meta.fields

    def get_fields(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_fields()
        for field in found.values():
            # Those that are written out too: none of them has to be in an answer that was asked for some.
            field.read_only, field.required = True, False
        asked = self.context.get("fields")
        if not asked or self.parent not in (None, self.root) or not _is_outermost(self):
            return found
        if unknown := [one for one in asked if one not in found]:
            told = "、".join(found)
            raise ApiProblem("invalid-parameter", f"没有名为“{unknown[0][:40]}”的字段，可以用：{told}。")
        return {name: field for name, field in found.items() if name in asked}


def _is_outermost(one: serializers.BaseSerializer) -> bool:
    return one.parent is None or (isinstance(one.parent, serializers.ListSerializer) and one.parent.parent is None)


class Entered(serializers.Serializer):
    """What a verb takes. Names that it does not know are refused: a misspelt one would be passed over in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := [str(one) for one in data if one not in self.fields]):
            raise serializers.ValidationError(dict.fromkeys(unknown, "没有这个字段，请核对名称。"))
        return super().to_internal_value(data)


def text(label: str, *, most: int, required: bool = False, **kwargs: Any) -> serializers.CharField:
    """A text of a verb, blank where it may be."""
    if not required:
        kwargs = {"required": False, "default": ""} | kwargs
    return serializers.CharField(label=label, max_length=most, allow_blank=not required, **kwargs)


def whole(label: str, *, least: int = 0, most: int = 2**31 - 1, **kwargs: Any) -> serializers.IntegerField:
    """A whole number that its column holds."""
    return serializers.IntegerField(label=label, min_value=least, max_value=most, **kwargs)


def year(label: str = "年度", **kwargs: Any) -> serializers.IntegerField:
    return whole(label, least=2000, most=2100, **kwargs)


def row_id(label: str, **kwargs: Any) -> serializers.IntegerField:
    return whole(label, least=1, most=2**63 - 1, **kwargs)


def sample(**entered: Any) -> Any:
    """Show in the document what is sent."""
    return extend_schema_serializer(examples=[OpenApiExample("例", value=entered, request_only=True)])
