"""REST: standards with everything that they ask."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.views import Workable
from apps.core.api.lists import Id, check_parameters
from apps.core.api.shapes import Shown
from apps.core.api.views import Listed
from apps.jurisdictions.api import DivisionRef
from apps.standards.listing import in_use_or_own
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem


class StandardRef(Shown):
    """A standard where something else names it."""

    class Meta:
        model = Standard
        fields = ("id", "code", "name", "version")


class RuleShape(Shown):
    sub_item = serializers.IntegerField(source="sub_item.number", label="分项序号", allow_null=True, default=None)

    class Meta:
        model = DeductionRule
        fields = (
            *("number", "sub_item", "text", "kind", "points", "min_points", "max_points", "cap", "full_value"),
            *("step", "floor", "rounding", "required", "unit"),
        )


class SubItemShape(Shown):
    class Meta:
        model = SubItem
        fields = ("number", "text", "points")


class CriterionShape(Shown):
    sub_items = SubItemShape(many=True)
    rules = RuleShape(many=True)

    class Meta:
        model = Criterion
        fields = (
            *("number", "text", "points", "allows_not_applicable", "is_veto", "is_mandatory", "is_bonus"),
            *("scoring_text", "guidance", "required_evidence", "check_methods", "sub_items", "rules"),
        )


class SectionShape(Shown):
    criteria = CriterionShape(many=True)

    class Meta:
        model = Section
        fields = ("number", "title", "weight", "criteria")


_HEAD = (
    *("id", "code", "name", "division", "version", "status", "kind", "total_points", "pass_mark"),
    *("document_title", "document_number", "issued_on", "published_at"),
)


class StandardHead(Shown):
    division = DivisionRef(source="jurisdiction", label="发布辖区")

    class Meta:
        model = Standard
        fields = _HEAD


class StandardShape(StandardHead):
    derived_from = StandardRef(allow_null=True)
    sections = SectionShape(many=True)

    class Meta:
        model = Standard
        fields = (*_HEAD, "derived_from", "sections")


class StandardFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(label="标准代码", max_length=50)
    division = Id(label="发布辖区的 id", field_name="jurisdiction")
    status = django_filters.ChoiceFilter(label="状态", choices=Standard.Status.choices)


@extend_schema_view(list=extend_schema(summary="创建标准列表", responses=StandardHead(many=True)))
class Standards(Listed, Workable):
    """Published ones, and the drafts of one's own jurisdiction."""

    queryset = Standard.objects.none()
    serializer_class = StandardHead
    filterset_class = StandardFilter

    def get_queryset(self) -> QuerySet[Standard]:
        return in_use_or_own(Standard.objects.select_related("jurisdiction", "derived_from"), self.actor.jurisdiction)

    @extend_schema(summary="一个创建标准，连同内容、条目和扣分项", responses=StandardShape)
    def retrieve(self, request: Request, pk: str) -> Response:
        """A standard with all its parts."""
        check_parameters(request, known=("fields",))
        self.serializer_class = StandardShape
        parts = ("sections__criteria__sub_items", "sections__criteria__rules__sub_item")
        return self.shown(self.found(self.get_queryset().prefetch_related(*parts), pk=pk))
