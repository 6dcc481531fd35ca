"""Assessments, their results criterion by criterion, and the steps of the review chain."""

from datetime import UTC, datetime, timedelta
from typing import Any

import django_filters
from django.db.models import Max, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.views import MATCH, Workable, required, verb
from apps.assessments.api.shapes import (
    AssessmentShape,
    CommentEntered,
    CriterionResults,
    OpenEntered,
    RecogniseEntered,
    ResultEntered,
    ReturnEntered,
    SubmitEntered,
)
from apps.assessments.claims import claim_assessment, release_assessment
from apps.assessments.comparison import Comparison, Row, compare
from apps.assessments.domain import (
    agree_assessment,
    open_assessment,
    recognise_assessment,
    return_assessment,
    save_result,
    submit_assessment,
)
from apps.assessments.models import Assessment
from apps.assessments.recall import recall_assessment
from apps.campaigns.models import Participation
from apps.core.api.lists import Id, Year, check_parameters
from apps.core.api.views import Listed, Retrieved
from apps.core.errors import InvalidInput, StaleForm
from apps.core.inputs import whole_number
from apps.jurisdictions.api import Below
from apps.standards.domain import standard_in_use
from apps.standards.models import Criterion

NUMBER = OpenApiParameter("number", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AssessmentFilter(django_filters.FilterSet):
    campaign = Id(label="创建行动的 id", field_name="participation__campaign")
    community = Id(label="社区的 id", field_name="participation__community")
    participation = Id(label="参与创建的 id")
    below = Below()
    holder = Id(label="当前办理单位的 id")
    status = django_filters.ChoiceFilter(label="状态", choices=Assessment.Status.choices)
    year = Year("计划年度", field_name="participation__year")
    meets_standard = django_filters.BooleanFilter(label="达到创建要求")


@extend_schema_view(list=extend_schema(summary="自评列表"), retrieve=extend_schema(summary="一件自评"))
class Assessments(Listed, Retrieved, Workable):
    """The version is the last step, and the last change of what the street has filled in."""

    serializer_class = AssessmentShape
    filterset_class = AssessmentFilter
    orders = ("id", "held_since")

    def get_queryset(self) -> QuerySet[Assessment]:
        return Assessment.objects.with_context()

    def stamp_of(self, row: Assessment) -> str:
        step = row.actions.aggregate(last=Max("pk"))["last"] or 0
        own = row.results.filter(criterion__isnull=False).aggregate(last=Max("updated_at"))["last"]
        file = row.evidence.filter(criterion__isnull=False).aggregate(last=Max("uploaded_at"))["last"]
        last = max(filter(None, [own, file]), default=_EPOCH)
        return f"{step}-{(last - _EPOCH) // timedelta(microseconds=1)}"

    @property
    def step_seen(self) -> int | None:
        """The last step that the program knew."""
        return self._parts_seen()[0]

    def _parts_seen(self) -> tuple[int | None, datetime | None]:
        text = self.seen()
        if text is None:
            return None, None
        step, moment = (whole_number(one) for one in text.partition("-")[::2])
        if step is None or moment is None:
            raise StaleForm("If-Match 里的版本不是这里给出的，请重新读取后再提交。")
        return step, _EPOCH + timedelta(microseconds=min(moment, 10**16))

    @verb("open", takes=OpenEntered, gives=AssessmentShape, detail=False, status=200, summary="开始自评")
    def open(self, entered: dict[str, Any]) -> Assessment:
        rows = Participation.objects.select_related("community", "campaign")
        participation = rows.filter(pk=entered["participation"]).first()
        if participation is None:
            raise InvalidInput(f"您的辖区内没有 id 为 {entered['participation']} 的参与创建，请先读取参与创建列表。")
        return open_assessment(participation, actor=self.actor)

    @verb("submit", takes=SubmitEntered, gives=AssessmentShape, summary="提交自评")
    def submit(self, row: Assessment, entered: dict[str, Any]) -> None:
        _, moment = self._parts_seen()
        submit_assessment(row, actor=self.actor, explanation=entered["explanation"], seen_at=moment)

    @verb("withdraw", gives=AssessmentShape, summary="撤回自评")
    def withdraw(self, row: Assessment, entered: dict[str, Any]) -> None:
        recall_assessment(row, actor=self.actor)

    @verb("claim", gives=AssessmentShape, summary="领办")
    def claim(self, row: Assessment, entered: dict[str, Any]) -> None:
        claim_assessment(row, actor=self.actor)

    @verb("release", gives=AssessmentShape, summary="释放领办")
    def release(self, row: Assessment, entered: dict[str, Any]) -> None:
        release_assessment(row, actor=self.actor)

    @verb("agree", takes=CommentEntered, gives=AssessmentShape, matched=True, summary="同意上报")
    def agree(self, row: Assessment, entered: dict[str, Any]) -> None:
        agree_assessment(row, entered["comment"], actor=self.actor, seen_action=self.step_seen)

    @verb("return", takes=ReturnEntered, gives=AssessmentShape, matched=True, summary="退回")
    def give_back(self, row: Assessment, entered: dict[str, Any]) -> None:
        reasons = {one["criterion"]: one["reason"] for one in entered["criteria"]}
        return_assessment(row, entered["comment"], reasons, actor=self.actor, seen_action=self.step_seen)

    @verb(
        "recognise", takes=RecogniseEntered, gives=AssessmentShape, matched=True, summary="认定（须复核的，提请复核）"
    )
    def recognise(self, row: Assessment, entered: dict[str, Any]) -> None:
        recognise_assessment(row, actor=self.actor, seen_action=self.step_seen, **entered)

    @extend_schema(summary="自评的各条结果", responses=CriterionResults(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def results(self, request: Request, pk: str) -> Response:
        """Criterion by criterion what each level found, as far as the reader's level is told."""
        check_parameters(request, known=())
        sheet = self._sheet(self.get_object())
        return Response(CriterionResults([_shown(sheet, row) for row in sheet.rows], many=True).data)

    @extend_schema(summary="自评的一条结果", responses=CriterionResults, parameters=[NUMBER])
    @action(detail=True, url_path=r"results/(?P<number>[0-9]{1,4})", url_name="result")
    def result(self, request: Request, pk: str, number: str) -> Response:
        """One criterion; its ETag is the version of the own level's result, "0" where it has none."""
        check_parameters(request, known=())
        return self._result(self.get_object(), int(number))

    @extend_schema(
        summary="填报自评，或填写审核意见",
        description="本级是填报单位的，保存自评；是审核单位的，与下级不同时保存本级意见，相同时撤销本级意见。",
        request=ResultEntered,
        responses=CriterionResults,
        parameters=[NUMBER, required(MATCH)],
    )
    @result.mapping.put
    def put_result(self, request: Request, pk: str, number: str) -> Response:
        """Save what the holder found on one criterion; a first answer is put on version "0"."""
        check_parameters(request, known=())
        row, seen = self.get_object(), self.version(required=True)
        parts = Criterion.objects.prefetch_related("rules", "sub_items")
        criterion = self.found(parts.filter(standard=row.standard_id), number=int(number))
        shape = ResultEntered(data=request.data)
        shape.is_valid(raise_exception=True)
        note = shape.validated_data["note"]
        save_result(row, criterion, shape.answer(), actor=self.actor, note=note, seen=seen)
        return self._result(self.again(row), criterion.number)

    def _sheet(self, row: Assessment) -> Comparison:
        row.standard = standard_in_use(row.standard_id)
        return compare(row, self.actor)

    def _result(self, row: Assessment, number: int) -> Response:
        sheet = self._sheet(row)
        found = sheet.row(number)
        if found is None:
            raise Http404(f"标准里没有第 {number} 条。")
        level = self.actor.jurisdiction.level
        own = next((one for one in found.cells if one is not None and one.level == level), None)
        shown = CriterionResults(_shown(sheet, found)).data
        return Response(shown, headers={"ETag": f'"{own.version if own else 0}"'})


def _shown(sheet: Comparison, row: Row) -> dict[str, Any]:
    """A criterion with what each level said itself."""
    said = {one.level: one for one in row.cells if one is not None}
    return {
        "number": row.number,
        "text": row.criterion.text,
        "results": [said[one.level] for one in sheet.chain if one.level in said],
        "asked": row.asked,
        "evidence": len(row.evidence),
    }
