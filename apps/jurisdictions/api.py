"""REST: the tree of jurisdictions, which everybody reads."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from apps.core.api.lists import Id
from apps.core.api.shapes import Shown
from apps.core.api.views import Listed, Readable, Retrieved
from apps.jurisdictions.models import Jurisdiction, JurisdictionQuerySet, Level


class DivisionRef(Shown):
    """A jurisdiction where something else names it."""

    class Meta:
        model = Jurisdiction
        fields = ("id", "code", "name", "level")


class Division(Shown):
    parent = DivisionRef(label="上级辖区", allow_null=True)

    class Meta:
        model = Jurisdiction
        fields = ("id", "code", "name", "level", "kind", "parent", "opened_on", "closed_on")


class Below(Id):
    """Rows of a jurisdiction and all below it, by its id; ``field_name`` is the path."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"field_name": "path", "label": "辖区的 id：只要它和它以下的"} | kwargs)

    def filter(self, qs: QuerySet[Any], value: int | None) -> QuerySet[Any]:
        if value is None:
            return qs
        path = Jurisdiction.objects.filter(pk=value).values_list("path", flat=True).first()
        if path is None:
            return qs.none()
        return qs.filter(**{f"{self.field_name}__gte": path, f"{self.field_name}__lt": f"{path}~"})


class DivisionFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(label="区划代码", max_length=12)
    name = django_filters.CharFilter(label="名称中的文字", lookup_expr="contains", max_length=50)
    level = django_filters.ChoiceFilter(label="层级", choices=Level.choices)
    parent = Id(label="上级辖区的 id")
    below = Below(label="辖区的 id：它自己和以下各级")
    is_open = django_filters.BooleanFilter(label="现有的（未撤销）", field_name="closed_on", lookup_expr="isnull")


@extend_schema_view(
    list=extend_schema(summary="行政区划列表"),
    retrieve=extend_schema(summary="一个行政区划"),
)
class Divisions(Listed, Retrieved, Readable):
    """The tree; the id is what other resources are asked by."""

    serializer_class = Division
    filterset_class = DivisionFilter
    orders = ("id", "name")

    def get_queryset(self) -> JurisdictionQuerySet:
        return Jurisdiction.objects.select_related("parent")
