"""What is read of assessments, and what their verbs take."""

from typing import Any

from rest_framework import serializers

from apps.accounts.api.shapes import PersonRef
from apps.assessments.models import Assessment, CriterionResult, Evidence, ReturnedCriterion, ReviewAction
from apps.campaigns.api import CampaignRef
from apps.communities.api import CommunityRef
from apps.core.api.shapes import Entered, Shown, row_id, sample, text, whole, year
from apps.jurisdictions.api import DivisionRef
from apps.standards.api import StandardRef
from apps.standards.scoring import LARGEST_COUNT, Answer, Deduction


class AssessmentShape(Shown):
    campaign = CampaignRef(source="participation.campaign")
    community = CommunityRef(source="participation.community")
    division = DivisionRef(source="participation.community.jurisdiction", label="所属辖区")
    year = serializers.IntegerField(source="participation.year", label="计划年度")
    standard = StandardRef()
    holder = DivisionRef(label="当前办理")

    class Meta:
        model = Assessment
        fields = (
            *("id", "participation", "campaign", "community", "division", "year", "standard", "status", "holder"),
            *("held_since", "round", "total_points", "meets_standard"),
        )


class DeductionShape(serializers.Serializer):
    """One rule that applies, with what was entered for it."""

    rule = serializers.IntegerField(label="扣分项序号")
    points = serializers.FloatField(label="扣分或加分（区间）", required=False)
    count = serializers.FloatField(label="数量", required=False)
    rate = serializers.FloatField(label="比率（%）", required=False)


class ResultShape(Shown):
    level = serializers.CharField(label="层级")
    deductions = DeductionShape(many=True)
    updated_by = PersonRef()

    class Meta:
        model = CriterionResult
        fields = (
            *(
                "level",
                "verdict",
                "points",
                "deductions",
                "note",
                "is_prefilled",
                "version",
                "updated_at",
                "updated_by",
            ),
        )


class CriterionResults(serializers.Serializer):
    """What the levels found on one criterion, as far as the reader may see it: the last one counts."""

    number = serializers.IntegerField(label="条目号")
    text = serializers.CharField(label="标准条目")
    results = ResultShape(many=True, label="各级的结果，自评在前")
    returned_for = serializers.CharField(label="退回理由", source="asked")
    evidence = serializers.IntegerField(label="佐证材料件数")


class DeductionEntered(Entered):
    rule = whole("扣分项序号", least=1, most=1000)
    points = serializers.DecimalField(6, 2, label="扣分或加分（区间）", required=False, min_value=0)
    count = whole("数量", most=LARGEST_COUNT, required=False)
    rate = serializers.DecimalField(7, 4, label="比率（%）", required=False, min_value=0, max_value=100)


@sample(deductions=[{"rule": 2, "count": 3}], note="3 处没有分类")
class ResultEntered(Entered):
    """Of a criterion with points ``deductions`` (empty: none applies), of one without ``met``; or that it does not apply."""

    met = serializers.BooleanField(label="符合", required=False, allow_null=True, default=None)
    not_applicable = serializers.BooleanField(label="不适用", required=False, default=False)
    deductions = DeductionEntered(
        many=True, label="扣分", required=False, allow_null=True, default=None, max_length=200
    )
    note = text("说明；审核意见与下级不同的必填", most=2000)

    def answer(self) -> Answer:
        """As scoring takes it."""
        entered: dict[str, Any] = self.validated_data
        deductions = entered["deductions"]
        return Answer(
            met=entered["met"],
            not_applicable=entered["not_applicable"],
            deductions=None if deductions is None else tuple(Deduction(**one) for one in deductions),
        )


class EvidenceShape(Shown):
    criterion = serializers.IntegerField(source="number", label="条目号", allow_null=True)
    uploaded_by = PersonRef()

    class Meta:
        model = Evidence
        fields = (
            *("id", "assessment", "criterion", "name", "content_type", "size", "sha256", "caption", "taken_at"),
            *("uploaded_at", "uploaded_by"),
        )


class EvidenceEntered(Entered):
    assessment = row_id("自评的 id")
    criterion = whole("条目号", least=1, most=1000)
    file = serializers.FileField(label="文件", max_length=200, allow_empty_file=False)
    caption = text("说明", most=200)


class ReturnedShape(Shown):
    criterion = serializers.IntegerField(source="criterion.number", label="条目号")

    class Meta:
        model = ReturnedCriterion
        fields = ("criterion", "reason")


class ReviewShape(Shown):
    division = DivisionRef(source="jurisdiction", label="办理单位")
    passed_to = DivisionRef(allow_null=True, label="送达")
    user = PersonRef(label="办理人")
    returned_criteria = ReturnedShape(many=True)

    class Meta:
        model = ReviewAction
        fields = (
            *("id", "assessment", "kind", "division", "passed_to", "user", "at", "comment", "round", "total_points"),
            *("meets_standard", "returned_criteria"),
        )


@sample(participation=57)
class OpenEntered(Entered):
    participation = row_id("参与创建的 id")


@sample(explanation="第 6 条今年新增 12 处，见台账。")
class SubmitEntered(Entered):
    explanation = text("异常情况的说明；提示需要说明时填写", most=1000)


@sample(comment="同意上报。")
class CommentEntered(Entered):
    comment = text("意见", most=1000)


class ReasonOfCriterion(Entered):
    criterion = whole("条目号", least=1, most=1000)
    reason = text("退回理由", most=1000, required=True)


@sample(comment="请补正", criteria=[{"criterion": 6, "reason": "缺分类台账"}])
class ReturnEntered(Entered):
    comment = text("整件的退回理由；没有逐条退回时必填", most=1000)
    criteria = ReasonOfCriterion(many=True, label="逐条退回", required=False, default=list, max_length=200)


@sample(year=2022, document_number="楚住建〔2022〕4号", comment="符合标准")
class RecogniseEntered(Entered):
    year = year("认定年度；不填为今年", required=False, allow_null=True, default=None)
    document_number = text("认定文号", most=100)
    comment = text("意见", most=1000)
