"""REST: campaigns, targets, and the communities that take part; setting targets and making plans."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response

from apps.accounts.api.views import Workable, verb
from apps.campaigns.domain import enrol_communities, mark_pilot, remove_from_plan
from apps.campaigns.models import (
    Campaign,
    Milestone,
    Participation,
    Phase,
    SectionDepartments,
    Target,
)
from apps.campaigns.targets import set_target, sign_of
from apps.communities.api import CommunityRef
from apps.communities.models import Community
from apps.core.api.lists import Id, Year
from apps.core.api.shapes import Entered, Shown, row_id, sample, text, year
from apps.core.api.views import Listed, Retrieved
from apps.core.errors import InvalidInput
from apps.jurisdictions.api import Below, DivisionRef
from apps.jurisdictions.models import Jurisdiction
from apps.standards.api import StandardRef


class CampaignRef(Shown):
    """A campaign where something else names it."""

    class Meta:
        model = Campaign
        fields = ("id", "code", "name")


class PhaseShape(Shown):
    class Meta:
        model = Phase
        fields = ("number", "title", "starts_on", "ends_on")


class MilestoneShape(Shown):
    class Meta:
        model = Milestone
        fields = ("id", "number", "title", "level", "kind", "recurrence", "dates", "required_parts", "source")


class DepartmentsShape(Shown):
    class Meta:
        model = SectionDepartments
        fields = ("section_number", "departments")


class CampaignShape(Shown):
    division = DivisionRef(source="jurisdiction", label="发起辖区")
    parent = CampaignRef(allow_null=True)
    standard = StandardRef()
    phases = PhaseShape(many=True)
    milestones = MilestoneShape(many=True)
    section_departments = DepartmentsShape(many=True)

    class Meta:
        model = Campaign
        fields = (
            *("id", "code", "name", "division", "parent", "status", "first_year", "last_year", "standard"),
            *("document_title", "document_number", "issued_on", "review_chain", "lead_departments"),
            *(
                "needs_second_approval",
                "notice_working_days",
                "publishes_list",
                "evaluation_grades",
                "evaluation_points",
            ),
            *("phases", "milestones", "section_departments"),
        )


class CampaignFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(label="行动代码", max_length=50)
    division = Id(label="发起辖区的 id", field_name="jurisdiction")
    status = django_filters.ChoiceFilter(label="状态", choices=Campaign.Status.choices)
    year = Year(method="in_year")

    def in_year(self, rows: QuerySet[Campaign], name: str, value: int) -> QuerySet[Campaign]:
        return rows.filter(first_year__lte=value, last_year__gte=value)


def campaigns_seen(actor: Any) -> QuerySet[Campaign]:
    """The campaigns that concern who acts, and the drafts of their own jurisdiction, as pages show them."""
    own = Q(jurisdiction=actor.jurisdiction, status=Campaign.Status.DRAFT)
    concerning = Campaign.objects.concerning(actor.jurisdiction.path).order_by().values("pk")
    return Campaign.objects.filter(own | Q(pk__in=concerning))


def campaign_named(actor: Any, pk: int) -> Campaign:
    """The campaign with an id that was entered; InvalidInput where it is out of sight."""
    found = campaigns_seen(actor).select_related("jurisdiction", "standard").filter(pk=pk).first()
    if found is None:
        raise InvalidInput(f"没有 id 为 {pk} 的创建行动，请先读取创建行动列表。")
    return found


def division_named(actor: Any, pk: int) -> Jurisdiction:
    """The jurisdiction of one's own area with an id that was entered; InvalidInput where it is out of sight."""
    found = Jurisdiction.objects.below(actor.jurisdiction.path).select_related("parent").filter(pk=pk).first()
    if found is None:
        raise InvalidInput(f"您的辖区内没有 id 为 {pk} 的行政区划，请先读取行政区划列表。")
    return found


@extend_schema_view(list=extend_schema(summary="创建行动列表"), retrieve=extend_schema(summary="一个创建行动"))
class Campaigns(Listed, Retrieved, Workable):
    queryset = Campaign.objects.none()
    serializer_class = CampaignShape
    filterset_class = CampaignFilter

    def get_queryset(self) -> QuerySet[Campaign]:
        rows = campaigns_seen(self.actor).select_related("jurisdiction", "parent", "standard")
        return rows.prefetch_related("phases", "milestones", "section_departments")


class TargetShape(Shown):
    campaign = CampaignRef()
    division = DivisionRef(source="jurisdiction", label="辖区")
    issued_by = DivisionRef(label="下达单位", allow_null=True)

    class Meta:
        model = Target
        fields = (
            "id",
            "campaign",
            "division",
            "year",
            "kind",
            "value",
            "upper",
            "document_number",
            "source",
            "issued_by",
        )


@sample(campaign=4, division=3520, year=2022, kind="percent", value="70.00", document_number="楚住建〔2022〕2号")
class TargetEntered(Entered):
    campaign = row_id("创建行动的 id")
    division = row_id("辖区的 id")
    year = year()
    kind = serializers.ChoiceField(Target.Kind.choices, label="类别", default=Target.Kind.PERCENT)
    value = serializers.DecimalField(8, 2, label="目标值；null 为取消，沿用上级的", allow_null=True, min_value=0)
    upper = serializers.DecimalField(8, 2, label="上限", allow_null=True, required=False, default=None, min_value=0)
    document_number = text("文号", most=100)
    reason = text("理由（调整已开展行动的目标时必填）", most=1000)


class TargetFilter(django_filters.FilterSet):
    campaign = Id(label="创建行动的 id")
    division = Id(label="辖区的 id", field_name="jurisdiction")
    below = Below()
    year = Year()
    kind = django_filters.ChoiceFilter(label="类别", choices=Target.Kind.choices)


@extend_schema_view(list=extend_schema(summary="创建目标列表"), retrieve=extend_schema(summary="一个创建目标"))
class Targets(Listed, Retrieved, Workable):
    """Targets as they were set; a unit without one inherits that of the nearest above."""

    queryset = Target.objects.none()
    serializer_class = TargetShape
    filterset_class = TargetFilter
    orders = ("id", "year")

    def get_queryset(self) -> QuerySet[Target]:
        seen = Target.objects.filter(campaign__in=campaigns_seen(self.actor))
        return seen.select_related("campaign", "jurisdiction", "issued_by")

    def stamp_of(self, row: Target) -> str:
        return sign_of(row)

    @verb("set", takes=TargetEntered, gives=TargetShape, detail=False, matched=True, summary="设定或取消创建目标")
    def set(self, entered: dict[str, Any]) -> Target | Response:
        """The version is that of the target that stands, "0" where there is none."""
        campaign = campaign_named(self.actor, entered.pop("campaign"))
        place = division_named(self.actor, entered.pop("division"))
        year, value, seen = entered.pop("year"), entered.pop("value"), self.seen(required=True)
        target = set_target(campaign, place, year, value, **entered, actor=self.actor, seen=seen)
        return target or Response(status=204)


class ParticipationShape(Shown):
    campaign = CampaignRef()
    community = CommunityRef()
    division = DivisionRef(source="community.jurisdiction", label="所属辖区")
    assessment = serializers.SerializerMethodField(label="自评的 id")

    class Meta:
        model = Participation
        fields = (
            *("id", "campaign", "community", "division", "year", "is_pilot", "stage", "ended_on", "created_at"),
            "assessment",
        )

    def get_assessment(self, row: Participation) -> int | None:
        # A room above keeps it.
        return getattr(getattr(row, "assessment", None), "pk", None)


@sample(campaign=4, year=2022, communities=[101, 102, 103], pilots=[101])
class EnrolmentEntered(Entered):
    campaign = row_id("创建行动的 id")
    year = year("计划年度")
    communities = serializers.ListField(
        child=row_id("社区的 id"), label="列入的社区的 id", min_length=1, max_length=500
    )
    pilots = serializers.ListField(
        child=row_id("社区的 id"), label="其中的试点", required=False, default=list, max_length=500
    )
    reason = text("理由（计划已获同意的必填）", most=1000)
    document_number = text("文号", most=100)


class Enrolled(serializers.Serializer):
    added = ParticipationShape(many=True, label="新列入的")
    unchanged = ParticipationShape(many=True, label="原已列入、没有变动的")


@sample(is_pilot=True)
class PilotEntered(Entered):
    is_pilot = serializers.BooleanField(label="试点")
    reason = text("理由（计划已获同意的必填）", most=1000)
    document_number = text("文号", most=100)


class ReasonEntered(Entered):
    reason = text("理由（计划已获同意的必填）", most=1000)
    document_number = text("文号", most=100)


class ParticipationFilter(django_filters.FilterSet):
    campaign = Id(label="创建行动的 id")
    community = Id(label="社区的 id")
    below = Below()
    year = Year("计划年度")
    stage = django_filters.ChoiceFilter(label="进度", choices=Participation.Stage.choices)
    is_pilot = django_filters.BooleanFilter(label="试点")


@extend_schema_view(list=extend_schema(summary="参与创建列表"), retrieve=extend_schema(summary="一个参与创建"))
class Participations(Listed, Retrieved, Workable):
    """Communities on the plans."""

    serializer_class = ParticipationShape
    filterset_class = ParticipationFilter

    def get_queryset(self) -> QuerySet[Participation]:
        return Participation.objects.select_related("campaign", "community__jurisdiction", "assessment")

    @verb("enrol", takes=EnrolmentEntered, gives=Enrolled, detail=False, summary="列入年度创建计划")
    def enrol(self, entered: dict[str, Any]) -> Response:
        campaign = campaign_named(self.actor, entered["campaign"])
        found = Community.objects.select_related("jurisdiction").in_bulk(entered["communities"])
        if lost := [str(pk) for pk in entered["communities"] if pk not in found]:
            raise InvalidInput(f"您的辖区内没有 id 为 {'、'.join(lost[:5])} 的社区，没有列入。")
        ground = {name: entered[name] for name in ("pilots", "reason", "document_number")}
        done = enrol_communities(campaign, entered["year"], list(found.values()), actor=self.actor, **ground)
        rows = {
            one.pk: one for one in self.get_queryset().filter(pk__in=[one.pk for one in (*done.added, *done.unchanged)])
        }
        told = {name: [rows[one.pk] for one in getattr(done, name)] for name in ("added", "unchanged")}
        return Response(Enrolled(told, context=self.get_serializer_context() | {"fields": []}).data)

    @verb("pilot", takes=PilotEntered, gives=ParticipationShape, summary="设为试点，或取消试点")
    def pilot(self, row: Participation, entered: dict[str, Any]) -> None:
        mark_pilot(row, entered.pop("is_pilot"), actor=self.actor, **entered)

    @verb("remove", takes=ReasonEntered, gives=None, summary="调出计划", status=204)
    def remove(self, row: Participation, entered: dict[str, Any]) -> Response:
        remove_from_plan(row, actor=self.actor, **entered)
        return Response(status=204)
