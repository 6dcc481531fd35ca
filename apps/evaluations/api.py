"""REST: annual evaluations, written by their unit, reviewed upward, approved by the province."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from apps.accounts.api.shapes import PersonRef
from apps.accounts.api.views import Workable, verb
from apps.campaigns.api import CampaignRef, campaign_named, division_named
from apps.core.api.lists import Id, Year
from apps.core.api.shapes import Entered, Shown, row_id, sample, text, year
from apps.core.api.views import Listed, Retrieved
from apps.evaluations.domain import (
    LONGEST_REASON,
    LONGEST_TEXT,
    agree_evaluation,
    approve_evaluation,
    begin_evaluation,
    return_evaluation,
    save_evaluation,
    submit_evaluation,
    withdraw_evaluation,
)
from apps.evaluations.models import AnnualEvaluation, EvaluationStep
from apps.filings.api import PartShape, version_and_round
from apps.jurisdictions.api import Below, DivisionRef

_LONGEST_TITLE = 50


class StepShape(Shown):
    division = DivisionRef(source="taken_in", label="办理单位")
    passed_to = DivisionRef(allow_null=True, label="送往单位")
    by = PersonRef(label="办理人")

    class Meta:
        model = EvaluationStep
        fields = ("kind", "round", "division", "passed_to", "words", "at", "by")


class EvaluationShape(Shown):
    campaign = CampaignRef()
    division = DivisionRef(source="jurisdiction", label="报告单位")
    holder = DivisionRef(allow_null=True, label="办理单位")
    approved_in = DivisionRef(allow_null=True, label="通过单位")
    sections = PartShape(many=True)
    figures = serializers.SerializerMethodField(label="提交时固定的数据")
    steps = StepShape(many=True)

    class Meta:
        model = AnnualEvaluation
        fields = (
            *("id", "campaign", "division", "year", "status", "holder", "sections", "explanation", "figures", "round"),
            *("submitted_at", "return_reason", "returned_sections", "approved_at", "approved_in", "grade", "score"),
            "steps",
        )

    def get_figures(self, row: AnnualEvaluation) -> dict[str, Any]:
        """Nothing of what is still being written."""
        return {} if row.is_editable else dict(row.facts.get("figures", {}))


@sample(campaign=4, division=3520, year=2022)
class BeginEntered(Entered):
    campaign = row_id("创建行动的 id")
    division = row_id("报告单位的 id")
    year = year()


class SectionEntered(Entered):
    title = text("标题", most=_LONGEST_TITLE, required=True)
    text = text("内容", most=LONGEST_TEXT)


@sample(sections=[{"title": "存在问题", "text": "充电设施不足。"}])
class TextsEntered(Entered):
    sections = SectionEntered(many=True, label="各部分；没有写的不变", max_length=50)
    explanation = text("会签说明；没有写的不变", most=LONGEST_REASON, default=None)


class WordsEntered(Entered):
    words = text("意见", most=LONGEST_REASON)


class SectionReason(Entered):
    title = text("标题", most=_LONGEST_TITLE, required=True)
    reason = text("退回理由", most=LONGEST_REASON, required=True)


@sample(reason="请补充问题清单")
class EvaluationReturn(Entered):
    reason = text("整件的退回理由", most=LONGEST_REASON)
    sections = SectionReason(many=True, label="逐部分退回", required=False, default=list, max_length=50)


@sample(grade="良好", score="88.50", words="同意")
class ApprovalEntered(Entered):
    grade = text("评估等次", most=20)
    score = serializers.DecimalField(6, 2, label="评估得分", required=False, allow_null=True, default=None, min_value=0)
    words = text("意见", most=LONGEST_REASON)


class EvaluationFilter(django_filters.FilterSet):
    campaign = Id(label="创建行动的 id")
    division = Id(label="报告单位的 id", field_name="jurisdiction")
    below = Below()
    year = Year()
    status = django_filters.ChoiceFilter(label="状态", choices=AnnualEvaluation.Status.choices)


@extend_schema_view(
    list=extend_schema(summary="年度总结评估报告列表"), retrieve=extend_schema(summary="一份年度总结评估报告")
)
class Evaluations(Listed, Retrieved, Workable):
    """A draft is its unit's own. The version is that of the text, and of the submission."""

    queryset = AnnualEvaluation.objects.none()
    serializer_class = EvaluationShape
    filterset_class = EvaluationFilter

    def get_queryset(self) -> QuerySet[AnnualEvaluation]:
        readable = ~Q(status=AnnualEvaluation.Status.DRAFT) | Q(jurisdiction=self.actor.jurisdiction)
        rows = AnnualEvaluation.objects.with_context().filter(readable)
        return rows.prefetch_related("steps__taken_in", "steps__passed_to", "steps__by")

    def stamp_of(self, row: AnnualEvaluation) -> str:
        return f"{row.version}-{row.round}-{row.status}-{row.holder_id or 0}"

    @verb("begin", takes=BeginEntered, gives=EvaluationShape, detail=False, summary="起草年度总结评估报告")
    def begin(self, entered: dict[str, Any]) -> AnnualEvaluation:
        campaign = campaign_named(self.actor, entered["campaign"])
        place = division_named(self.actor, entered["division"])
        return begin_evaluation(campaign, place, entered["year"], actor=self.actor)

    @verb("save", takes=TextsEntered, gives=EvaluationShape, matched=True, summary="保存年度总结评估报告")
    def save(self, row: AnnualEvaluation, entered: dict[str, Any]) -> None:
        texts = {one["title"]: one["text"] for one in entered["sections"]}
        explanation = row.explanation if entered["explanation"] is None else entered["explanation"]
        seen = version_and_round(self)[0]
        save_evaluation(row, texts, explanation, actor=self.actor, seen=seen, explained=row.explanation)

    @verb("submit", gives=EvaluationShape, matched=True, summary="提交年度总结评估报告")
    def submit(self, row: AnnualEvaluation, entered: dict[str, Any]) -> None:
        submit_evaluation(row, actor=self.actor, seen=version_and_round(self)[0])

    @verb("withdraw", gives=EvaluationShape, matched=True, summary="撤回年度总结评估报告")
    def withdraw(self, row: AnnualEvaluation, entered: dict[str, Any]) -> None:
        withdraw_evaluation(row, actor=self.actor, seen=version_and_round(self)[1])

    @verb("agree", takes=WordsEntered, gives=EvaluationShape, matched=True, summary="审核同意")
    def agree(self, row: AnnualEvaluation, entered: dict[str, Any]) -> None:
        agree_evaluation(row, entered["words"], actor=self.actor, seen=version_and_round(self)[1])

    @verb("return", takes=EvaluationReturn, gives=EvaluationShape, matched=True, summary="退回年度总结评估报告")
    def give_back(self, row: AnnualEvaluation, entered: dict[str, Any]) -> None:
        by_section = {one["title"]: one["reason"] for one in entered["sections"]}
        seen = version_and_round(self)[1]
        return_evaluation(row, entered["reason"], by_section, actor=self.actor, seen=seen)

    @verb("approve", takes=ApprovalEntered, gives=EvaluationShape, matched=True, summary="通过年度总结评估报告")
    def approve(self, row: AnnualEvaluation, entered: dict[str, Any]) -> None:
        approve_evaluation(row, **entered, actor=self.actor, seen=version_and_round(self)[1])
