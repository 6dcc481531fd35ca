"""Evidence of criteria: read, attached, taken away, fetched; and the steps of the review, to read."""

from functools import partial
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.views import Workable, verb
from apps.assessments.api.shapes import EvidenceEntered, EvidenceShape, ReviewShape
from apps.assessments.evidence import attach_evidence, remove_evidence
from apps.assessments.models import Assessment, Evidence, ReviewAction
from apps.assessments.originals import original
from apps.assessments.refusals import OF_SECOND_APPROVAL
from apps.assessments.tasks import make_renditions
from apps.core.api.lists import Id, check_parameters
from apps.core.api.views import Listed, Readable, Retrieved
from apps.core.downloads import harmless
from apps.core.errors import InvalidInput
from apps.jurisdictions.api import Below
from apps.standards.models import Criterion


class EvidenceFilter(django_filters.FilterSet):
    assessment = Id(label="自评的 id")
    criterion = Id(label="条目号", field_name="criterion__number")
    below = Below()
    sha256 = django_filters.CharFilter(label="SHA-256", max_length=64)


@extend_schema_view(list=extend_schema(summary="佐证材料列表"), retrieve=extend_schema(summary="一份佐证材料"))
class EvidenceFiles(Listed, Retrieved, Workable):
    """Files behind criteria; photos of site visits stay with the visit."""

    serializer_class = EvidenceShape
    filterset_class = EvidenceFilter

    def get_queryset(self) -> QuerySet[Evidence]:
        rows = Evidence.objects.filter(criterion__isnull=False)
        return rows.select_related("criterion", "uploaded_by", "assessment__participation__community__jurisdiction")

    @verb("attach", takes=EvidenceEntered, gives=EvidenceShape, detail=False, multipart=True, summary="上传佐证材料")
    def attach(self, entered: dict[str, Any]) -> Evidence:
        assessment = Assessment.objects.with_context().filter(pk=entered["assessment"]).first()
        if assessment is None:
            raise InvalidInput(f"您的辖区内没有 id 为 {entered['assessment']} 的自评，没有接收。")
        criterion = Criterion.objects.filter(standard=assessment.standard_id, number=entered["criterion"]).first()
        if criterion is None:
            raise InvalidInput(f"标准里没有第 {entered['criterion']} 条，没有接收。")
        made = attach_evidence(assessment, criterion, entered["file"], actor=self.actor, caption=entered["caption"])
        transaction.on_commit(partial(make_renditions.delay, made.pk, made.path), robust=True)
        return made

    @verb("remove", status=204, summary="删去佐证材料")
    def remove(self, row: Evidence, entered: dict[str, Any]) -> Response:
        remove_evidence(row, actor=self.actor)
        return Response(status=204)

    @extend_schema(summary="下载佐证材料原件", responses={(200, "*/*"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True)
    def file(self, request: Request, pk: str) -> HttpResponseBase:
        """The original, on record as on the pages."""
        check_parameters(request, known=())
        row = self.get_object()
        try:
            return harmless(original(row, actor=self.actor))
        except FileNotFoundError as missing:
            raise Http404(f"“{row.name}”的文件找不到了，请联系管理员。") from missing


class ReviewFilter(django_filters.FilterSet):
    assessment = Id(label="自评的 id")
    division = Id(label="办理单位的 id", field_name="jurisdiction")
    kind = django_filters.ChoiceFilter(label="动作", choices=ReviewAction.Kind.choices)
    below = Below()
    since = django_filters.IsoDateTimeFilter(label="从此刻起", field_name="at", lookup_expr="gte")


@extend_schema_view(list=extend_schema(summary="审核记录列表"), retrieve=extend_schema(summary="一条审核记录"))
class Reviews(Listed, Retrieved, Readable):
    """The steps of assessments, as far as they are told: those of a second approval are not for the levels below it."""

    queryset = ReviewAction.objects.none()
    serializer_class = ReviewShape
    filterset_class = ReviewFilter
    orders = ("id", "at")

    def get_queryset(self) -> QuerySet[ReviewAction]:
        here = self.actor.jurisdiction.path
        inside = Q(jurisdiction__path__gte=here, jurisdiction__path__lt=f"{here}~")
        told = ReviewAction.objects.filter(~Q(kind__in=OF_SECOND_APPROVAL) | inside)
        rows = told.defer("results").select_related("jurisdiction", "passed_to", "user")
        return rows.prefetch_related("returned_criteria__criterion")
