"""REST: documents of the report centre: asked for, watched, fetched, cancelled."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.accounts.api.shapes import PersonRef
from apps.accounts.api.views import Workable, verb
from apps.accounts.permissions import require
from apps.campaigns.api import CampaignRef, campaign_named, division_named
from apps.core.api.lists import Id, Year, check_parameters
from apps.core.api.shapes import Entered, Shown, row_id, sample, year
from apps.core.api.views import Listed, Retrieved
from apps.jurisdictions.api import DivisionRef
from apps.reports import registry
from apps.reports.domain import cancel_export, repeat_export, request_export
from apps.reports.handing_out import fetched, put_out
from apps.reports.heartbeat import progress_of
from apps.reports.models import ExportJob


class ExportShape(Shown):
    campaign = CampaignRef()
    division = DivisionRef(source="jurisdiction", label="填报单位")
    created_by = PersonRef()
    percent = serializers.SerializerMethodField(label="进度（%）")

    class Meta:
        model = ExportJob
        fields = (
            *("id", "kind", "campaign", "division", "year", "status", "percent", "filename", "failure"),
            *("created_at", "created_by", "finished_at"),
        )

    def get_percent(self, row: ExportJob) -> int:
        return progress_of(row)


@sample(kind="completion_summary", campaign=4, division=3520, year=2022)
class ExportEntered(Entered):
    kind = serializers.ChoiceField(registry.choices(), label="文件")
    campaign = row_id("创建行动的 id")
    division = row_id("填报单位的 id")
    year = year()


class ExportFilter(django_filters.FilterSet):
    kind = django_filters.CharFilter(label="文件", max_length=50)
    campaign = Id(label="创建行动的 id")
    division = Id(label="填报单位的 id", field_name="jurisdiction")
    year = Year()
    status = django_filters.ChoiceFilter(label="状态", choices=ExportJob.Status.choices)


@extend_schema_view(
    list=extend_schema(summary="导出任务列表"), retrieve=extend_schema(summary="一个导出任务，连同进度")
)
class Exports(Listed, Retrieved, Workable):
    """Made for one's jurisdiction, or by oneself for one below."""

    queryset = ExportJob.objects.none()
    serializer_class = ExportShape
    filterset_class = ExportFilter

    def get_queryset(self) -> QuerySet[ExportJob]:
        require(self.actor, "export_reports")
        own = Q(jurisdiction=self.actor.jurisdiction) | Q(created_by=self.actor.user)
        return ExportJob.objects.select_related("campaign", "jurisdiction", "created_by").filter(own)

    @verb("request", takes=ExportEntered, gives=ExportShape, detail=False, status=202, summary="生成文件")
    def ask(self, entered: dict[str, Any]) -> ExportJob:
        campaign = campaign_named(self.actor, entered["campaign"])
        place = division_named(self.actor, entered["division"])
        job = request_export(entered["kind"], campaign, place, entered["year"], actor=self.actor)
        put_out(job, actor=self.actor)
        return job

    @verb("cancel", gives=ExportShape, summary="取消导出任务")
    def cancel(self, row: ExportJob, entered: dict[str, Any]) -> None:
        cancel_export(row, actor=self.actor)

    @verb("repeat", gives=ExportShape, summary="重新生成")
    def repeat(self, row: ExportJob, entered: dict[str, Any]) -> None:
        put_out(repeat_export(row, actor=self.actor), actor=self.actor)

    @extend_schema(summary="下载生成的文件", responses={(200, "*/*"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True)
    def file(self, request: Request, pk: str) -> FileResponse:
        """The document, once it is there."""
        check_parameters(request, known=())
        row = self.get_object()
        if row.status != ExportJob.Status.DONE:
            raise Http404(f"“{row}”{row.get_status_display()}，还没有可以下载的文件。")
        return fetched(row, actor=self.actor)
