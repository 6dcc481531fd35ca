"""REST: communities, and what is known of them year by year."""

from decimal import Decimal
from typing import Any

import django_filters
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.shapes import PersonRef
from apps.accounts.api.views import MATCH, Workable, required
from apps.communities.facts import Fact, Value, facts_at
from apps.communities.models import Community, CommunityQuerySet, CommunitySurvey
from apps.communities.surveys import Survey, WrongFacts, save_survey
from apps.core.api.lists import Id, check_parameters
from apps.core.api.shapes import Entered, Shown, sample, text
from apps.core.api.views import Listed, Retrieved
from apps.core.errors import InvalidInput
from apps.core.rounding import plain
from apps.jurisdictions.api import Below, DivisionRef

YEAR = OpenApiParameter("year", {"type": "integer", "minimum": 2000, "maximum": 2099}, OpenApiParameter.PATH)
_VALUES = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}


class CommunityRef(Shown):
    """A community where something else names it."""

    class Meta:
        model = Community
        fields = ("id", "code", "name")


class CommunityShape(Shown):
    division = DivisionRef(source="jurisdiction", label="所属辖区")

    class Meta:
        model = Community
        fields = ("id", "code", "name", "division", "counts_as_urban", "urban_reason", "opened_on", "closed_on")


class SurveyShape(Shown):
    values = serializers.SerializerMethodField(label="各项调查内容，按项目代码")
    recorded_by = PersonRef()

    class Meta:
        model = CommunitySurvey
        fields = ("year", "values", "source", "surveyed_on", "version", "recorded_at", "recorded_by")

    @extend_schema_field(_VALUES)
    def get_values(self, row: CommunitySurvey) -> dict[str, Any]:
        return {fact.code: _shown(fact.value_of(row)) for fact in self.context["facts"]}


class FactShape(serializers.Serializer):
    """What is asked of a community."""

    code = serializers.CharField(label="项目代码")
    label = serializers.CharField(label="名称")
    kind = serializers.CharField(label="类型")
    unit = serializers.CharField(label="单位")
    is_required = serializers.BooleanField(label="必填")
    choices = serializers.ListField(child=serializers.CharField(), source="options", label="可选的值")


@extend_schema_field(_VALUES)
class _Values(serializers.DictField):
    """Facts by code; null takes one back."""


@sample(
    values={"households": 1200, "property_coverage": 95.5, "has_security_system": True},
    source="街道台账",
    surveyed_on="2022-06-30",
)
class SurveyEntered(Entered):
    values = _Values(label="各项调查内容，按项目代码；没有写的不变，null 为清空")
    source = text("资料来源", most=200, required=True)
    surveyed_on = serializers.DateField(label="调查日期")


class CommunityFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(label="区划代码", max_length=12)
    name = django_filters.CharFilter(label="名称中的文字", lookup_expr="contains", max_length=50)
    division = Id(label="所属辖区（街道）的 id", field_name="jurisdiction")
    below = Below()
    counts_as_urban = django_filters.BooleanFilter(label="计入城市社区")
    is_open = django_filters.BooleanFilter(label="现有的（未撤销）", field_name="closed_on", lookup_expr="isnull")


@extend_schema_view(list=extend_schema(summary="社区列表"), retrieve=extend_schema(summary="一个社区"))
class Communities(Listed, Retrieved, Workable):
    """Communities of the area that the token sees."""

    serializer_class = CommunityShape
    filterset_class = CommunityFilter
    orders = ("id", "name")

    def get_queryset(self) -> CommunityQuerySet:
        return Community.objects.select_related("jurisdiction")

    @extend_schema(summary="社区的调查项目", responses=FactShape(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def facts(self, request: Request, pk: str) -> Response:
        """What is asked of the community."""
        check_parameters(request, known=())
        return Response(FactShape(facts_at(self.get_object().path), many=True).data)

    @extend_schema(summary="社区各年的基本情况", responses=SurveyShape(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def surveys(self, request: Request, pk: str) -> Response:
        """The surveys of all years, the newest first."""
        check_parameters(request, known=())
        place = self.get_object()
        rows = place.surveys.select_related("recorded_by").order_by("-year")
        return Response(SurveyShape(rows, many=True, context=self._with_facts(place)).data)

    @extend_schema(summary="社区一年的基本情况", responses=SurveyShape, parameters=[YEAR])
    @action(detail=True, url_path=r"surveys/(?P<year>20[0-9]{2})", url_name="survey")
    def survey(self, request: Request, pk: str, year: str) -> Response:
        """One year's survey; its ETag is its version."""
        check_parameters(request, known=())
        place = self.get_object()
        row = place.surveys.select_related("recorded_by").filter(year=int(year)).first()
        if row is None:
            raise Http404(f'{place}没有 {year} 年的基本情况。第一次填写时 If-Match 写 "0"。')
        return self._survey(place, row)

    @extend_schema(
        summary="填写社区一年的基本情况",
        request=SurveyEntered,
        responses=SurveyShape,
        parameters=[YEAR, required(MATCH)],
    )
    @survey.mapping.put
    def put_survey(self, request: Request, pk: str, year: str) -> Response:
        """Record it, whole or in part; a first one is put on version "0"."""
        check_parameters(request, known=())
        place, seen = self.get_object(), self.version(required=True)
        entered = self.entered(SurveyEntered)
        values = _read(entered["values"], facts_at(place.path))
        survey = Survey(values, entered["source"], entered["surveyed_on"])
        return self._survey(place, save_survey(place, int(year), survey, actor=self.actor, seen=seen))

    def _survey(self, place: Community, row: CommunitySurvey) -> Response:
        shown = SurveyShape(row, context=self._with_facts(place)).data
        return Response(shown, headers={"ETag": f'"{row.version}"'})

    def _with_facts(self, place: Community) -> dict[str, Any]:
        return self.get_serializer_context() | {"facts": facts_at(place.path, retired=True)}


def _shown(value: Value | None) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _read(values: dict[str, Any], facts: list[Fact]) -> dict[str, Value | None]:
    """What was sent, read as what people type is; WrongFacts names every fact that cannot be."""
    by_code, read, wrong = {one.code: one for one in facts}, {}, {}
    for code, value in values.items():
        if (fact := by_code.get(code)) is None:
            wrong[code] = "没有这个调查项目，请先读取社区的调查项目。"
            continue
        try:
            read[code] = None if value is None else fact.read(_typed(value))
        except InvalidInput as error:
            wrong[code] = error.message
    if wrong:
        raise WrongFacts(wrong)
    return read


def _typed(value: Any) -> str:
    """A value of JSON as a person would type it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return plain(Decimal(str(value))) if abs(value) < 10**15 else str(value)
    return str(value)[:1000]
