"""REST: what is due (报送), and what was handed in for it."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.views import Workable, verb
from apps.campaigns.api import CampaignRef, division_named
from apps.campaigns.models import Milestone
from apps.core.api.lists import LIMIT, MOST, Id, Year, check_parameters, page_of
from apps.core.api.problems import ApiProblem
from apps.core.api.shapes import Entered, Shown, row_id, sample, text
from apps.core.api.views import Listed, Retrieved
from apps.core.errors import InvalidInput, StaleForm
from apps.core.inputs import whole_number
from apps.filings.domain import (
    Content,
    accept_filing,
    return_filing,
    save_draft,
    submit_filing,
    withdraw_filing,
)
from apps.filings.models import LONGEST_REASON, LONGEST_TEXT, LONGEST_TITLE, Filing, FilingAttachment
from apps.filings.obligations import Query, State, lines_of
from apps.jurisdictions.api import Below, DivisionRef

_ID = {"type": "integer", "minimum": 1}
_PARAMETERS = {
    "division": (_ID, "报送单位的 id：它自己和它以下的；不填为本级和本级以下。"),
    "campaign": (_ID, "创建行动的 id。"),
    "milestone": (_ID, "里程碑的 id。"),
    "kind": ({"type": "string", "enum": list(Milestone.Kind.values)}, "类别。"),
    "year": ({"type": "integer", "minimum": 2000, "maximum": 2100}, "年度。"),
    "state": ({"type": "string", "enum": list(State.values)}, "状态。"),
    "limit": ({"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}, "每页条数。"),
    "cursor": ({"type": "string"}, "翻页标记，取自上一次返回的 next。"),
}


class MilestoneRef(Shown):
    class Meta:
        model = Milestone
        fields = ("id", "title", "kind")


class ObligationShape(serializers.Serializer):
    """One due date of one unit; ``deadline`` is the due date, or the one that it was moved to."""

    milestone = MilestoneRef(label="里程碑")
    campaign = CampaignRef(label="创建行动")
    division = DivisionRef(source="unit", label="报送单位")
    due_on = serializers.DateField(source="owed.due_on", label="原定期限")
    deadline = serializers.DateField(source="owed.deadline", label="期限")
    state = serializers.ChoiceField(State.choices, source="owed.state", label="状态")
    handed_in_on = serializers.DateField(source="owed.handed_in_on", label="首次报送日期", allow_null=True)
    days_late = serializers.IntegerField(source="owed.days_late", label="逾期天数")
    is_urged = serializers.BooleanField(source="owed.is_urged", label="已督办")
    filing = serializers.SerializerMethodField(label="报送件的 id，草稿只有本单位看得到")

    def get_filing(self, line: Any) -> int | None:
        filing, own = line.filing, self.context["own"]
        return (
            filing.pk if filing and (filing.status != Filing.Status.DRAFT or filing.jurisdiction_id == own.pk) else None
        )


@extend_schema_serializer(many=False)
class ObligationPage(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ObligationShape(many=True)


class Obligations(Workable):
    """Derived from milestones and the tree, by deadline."""

    serializer_class = ObligationShape
    filter_backends = ()
    pagination_class = None
    without_fields = True

    @extend_schema(
        summary="报送事项列表",
        responses=ObligationPage,
        parameters=[OpenApiParameter(name, shape, description=words) for name, (shape, words) in _PARAMETERS.items()],
    )
    def list(self, request: Request) -> Response:
        """What the unit and those below it owe."""
        check_parameters(request, known=_PARAMETERS)
        asked = request.query_params
        place = division_named(self.actor, _number(asked, "division") or self.actor.jurisdiction.pk)
        query = Query(
            place.path,
            campaign=_number(asked, "campaign"),
            milestone=_number(asked, "milestone"),
            kind=_choice(asked, "kind", Milestone.Kind.values),
            year=_number(asked, "year", digits=4),
        )
        state = _choice(asked, "state", State.values)
        rows = query.rows([state] if state else [])
        page = page_of(
            rows, lambda one: (one.deadline.isoformat(), one.milestone_id, one.path, one.due_on.isoformat()), request
        )
        page["results"] = lines_of(page["results"])
        return Response(ObligationPage(page, context={"own": self.actor.jurisdiction}).data)


def _number(asked: Any, name: str, digits: int = 18) -> int | None:
    if name not in asked:
        return None
    number = whole_number(asked[name], digits=digits)
    if not number:
        raise ApiProblem("invalid-parameter", f"参数 {name} 为“{asked[name][:20]}”，须为数字。")
    return number


def _choice(asked: Any, name: str, values: list[str]) -> str:
    chosen = str(asked.get(name, ""))
    if chosen and chosen not in values:
        raise ApiProblem("invalid-parameter", f"参数 {name} 为“{chosen[:20]}”，可以用：{'、'.join(values)}。")
    return chosen


class PartShape(serializers.Serializer):
    title = serializers.CharField(label="标题")
    text = serializers.CharField(label="内容")


class AttachmentShape(Shown):
    class Meta:
        model = FilingAttachment
        fields = ("id", "name", "content_type", "size", "sha256")


class FilingShape(Shown):
    milestone = MilestoneRef()
    campaign = CampaignRef(source="milestone.campaign")
    division = DivisionRef(source="jurisdiction", label="报送单位")
    parts = PartShape(many=True)
    attachments = AttachmentShape(many=True)

    class Meta:
        model = Filing
        fields = (
            *("id", "milestone", "campaign", "division", "due_on", "status", "parts", "narrative", "figures"),
            *("attachments", "round", "handed_in_on", "submitted_at", "decided_at", "return_reason", "returned_parts"),
        )


class PartEntered(Entered):
    title = text("标题", most=LONGEST_TITLE, required=True)
    text = text("内容", most=LONGEST_TEXT)


@sample(
    milestone=12,
    division=3520,
    due_on="2022-08-31",
    parts=[{"title": "工作措施", "text": "已印发方案。"}],
    narrative="进展顺利。",
)
class FilingEntered(Entered):
    milestone = row_id("里程碑的 id")
    division = row_id("报送单位的 id")
    due_on = serializers.DateField(label="原定期限")
    parts = PartEntered(many=True, label="各部分", required=False, default=list, max_length=50)
    narrative = text("工作情况", most=LONGEST_TEXT)


class PartReason(Entered):
    title = text("标题", most=LONGEST_TITLE, required=True)
    reason = text("退回理由", most=LONGEST_REASON, required=True)


@sample(reason="请补充数据")
class FilingReturn(Entered):
    reason = text("整件的退回理由", most=LONGEST_REASON)
    parts = PartReason(many=True, label="逐部分退回", required=False, default=list, max_length=50)


class FilingFilter(django_filters.FilterSet):
    campaign = Id(label="创建行动的 id", field_name="milestone__campaign")
    milestone = Id(label="里程碑的 id")
    division = Id(label="报送单位的 id", field_name="jurisdiction")
    below = Below()
    status = django_filters.ChoiceFilter(label="状态", choices=Filing.Status.choices)
    year = Year(field_name="due_on__year")


def version_and_round(view: Workable) -> tuple[int, int]:
    """Of If-Match the version of the text and the submission that were seen."""
    version, round_ = (whole_number(one, digits=9) for one in [*(view.seen(required=True) or "").split("-"), ""][:2])
    if version is None or round_ is None:
        raise StaleForm("If-Match 里的版本不是这里给出的，请重新读取后再提交。")
    return version, round_


@extend_schema_view(list=extend_schema(summary="报送件列表"), retrieve=extend_schema(summary="一个报送件"))
class Filings(Listed, Retrieved, Workable):
    """What units have handed in; a draft is its unit's own. The version is that of the text, and of the submission."""

    queryset = Filing.objects.none()
    serializer_class = FilingShape
    filterset_class = FilingFilter

    def get_queryset(self) -> QuerySet[Filing]:
        readable = ~Q(status=Filing.Status.DRAFT) | Q(jurisdiction=self.actor.jurisdiction)
        return Filing.objects.with_context().filter(readable).prefetch_related("attachments")

    def stamp_of(self, row: Filing) -> str:
        return f"{row.version}-{row.round}-{row.status}"

    @verb("save", takes=FilingEntered, gives=FilingShape, detail=False, matched=True, summary="保存报送件草稿")
    def save(self, entered: dict[str, Any]) -> Filing:
        """The first time on version "0-0"."""
        version, _ = version_and_round(self)
        milestone = Milestone.objects.select_related("campaign__jurisdiction").filter(pk=entered["milestone"]).first()
        if milestone is None:
            raise InvalidInput(f"没有 id 为 {entered['milestone']} 的里程碑，请先读取报送事项列表。")
        place = division_named(self.actor, entered["division"])
        parts = [(one["title"], one["text"]) for one in entered["parts"]]
        content = Content(parts, entered["narrative"])
        return save_draft(milestone, place, entered["due_on"], content, actor=self.actor, seen=version)

    @verb("submit", gives=FilingShape, matched=True, summary="报送")
    def submit(self, row: Filing, entered: dict[str, Any]) -> None:
        submit_filing(row, actor=self.actor, seen=version_and_round(self)[0])

    @verb("withdraw", gives=FilingShape, matched=True, summary="撤回报送件")
    def withdraw(self, row: Filing, entered: dict[str, Any]) -> None:
        withdraw_filing(row, actor=self.actor, seen=version_and_round(self)[1])

    @verb("accept", gives=FilingShape, matched=True, summary="接收报送件")
    def accept(self, row: Filing, entered: dict[str, Any]) -> None:
        accept_filing(row, actor=self.actor, seen=version_and_round(self)[1])

    @verb("return", takes=FilingReturn, gives=FilingShape, matched=True, summary="退回报送件")
    def give_back(self, row: Filing, entered: dict[str, Any]) -> None:
        by_part = {one["title"]: one["reason"] for one in entered["parts"]}
        return_filing(row, entered["reason"], by_part, actor=self.actor, seen=version_and_round(self)[1])
