"""REST: who was recognised, by which document; and taking a recognition back."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from apps.accounts.api.views import Workable, verb
from apps.assessments.models import Assessment
from apps.assessments.second_approval import revoke_assessment
from apps.campaigns.api import CampaignRef
from apps.campaigns.models import Recognition
from apps.communities.api import CommunityRef
from apps.core.api.lists import Id, Year
from apps.core.api.shapes import Entered, Shown, sample, text
from apps.core.api.views import Listed, Retrieved
from apps.core.errors import TransitionError
from apps.jurisdictions.api import Below, DivisionRef


class RecognitionShape(Shown):
    campaign = CampaignRef()
    community = CommunityRef()
    division = DivisionRef(source="community.jurisdiction", label="所属辖区")
    authority = DivisionRef(allow_null=True, label="认定单位（接收的认定）")
    is_adopted = serializers.SerializerMethodField(label="从纸质文件接收")

    class Meta:
        model = Recognition
        fields = (
            *("id", "participation", "campaign", "community", "division", "year", "document_number", "recognised_at"),
            *("is_adopted", "authority", "revoked_at", "revocation_reason", "ended_on"),
        )

    def get_is_adopted(self, row: Recognition) -> bool:
        return row.adoption_id is not None


@sample(reason="复查不合格")
class RevocationEntered(Entered):
    reason = text("摘牌理由", most=1000, required=True)


class RecognitionFilter(django_filters.FilterSet):
    campaign = Id(label="创建行动的 id")
    community = Id(label="社区的 id")
    below = Below()
    year = Year("认定年度")
    document_number = django_filters.CharFilter(label="认定文号", max_length=100)
    in_force = django_filters.BooleanFilter(label="有效的（未摘牌、未终止）", method="narrow_to_force")

    def narrow_to_force(self, rows: QuerySet[Recognition], name: str, value: bool) -> QuerySet[Recognition]:
        stands = Q(revoked_at__isnull=True, ended_on__isnull=True)
        return rows.filter(stands if value else ~stands)


@extend_schema_view(list=extend_schema(summary="绿色社区认定列表"), retrieve=extend_schema(summary="一个绿色社区认定"))
class Recognitions(Listed, Retrieved, Workable):
    serializer_class = RecognitionShape
    filterset_class = RecognitionFilter
    orders = ("id", "year", "recognised_at")

    def get_queryset(self) -> QuerySet[Recognition]:
        return Recognition.objects.select_related("campaign", "community__jurisdiction", "authority")

    @verb("revoke", takes=RevocationEntered, gives=RecognitionShape, summary="摘牌（须复核的，提请复核）")
    def revoke(self, row: Recognition, entered: dict[str, Any]) -> None:
        assessment = Assessment.objects.filter(participation=row.participation_id).first()
        if assessment is None:
            raise TransitionError(f"{row.community}的认定从纸质文件接收，没有自评，请在系统里办理摘牌。")
        revoke_assessment(assessment, entered["reason"], actor=self.actor)
