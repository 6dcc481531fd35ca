"""年度总结评估报告, from the draft to the province's approval; its way, and the departments that countersign it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.campaigns.models import Campaign
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction


class AnnualEvaluationQuerySet(PathQuerySet["AnnualEvaluation"]):
    """Sets of annual evaluations."""

    def with_context(self) -> "AnnualEvaluationQuerySet":
        """With what their pages name."""
        return self.select_related(
            "campaign__jurisdiction", "jurisdiction__parent", "holder", "submitted_by", "saved_by", "approved_in"
        )

    def of(self, campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> "AnnualEvaluationQuerySet":
        return self.filter(campaign=campaign, jurisdiction=jurisdiction, year=year)

    def finished(self) -> "AnnualEvaluationQuerySet":
        return self.filter(status=AnnualEvaluation.Status.APPROVED)


@tracked()
class AnnualEvaluation(Walled):
    """年度总结评估报告: what one unit reports of a campaign's year, reviewed upward and approved by the province.

    ``sections`` is a list of {title, text}, the campaign's first, in its order. ``facts`` are counted live and frozen at every
    submission (see ``facts``): base, list, 附件2, funds. ``holder`` is the unit above with which it lies now. ``version`` counts
    changes of the text, ``round`` submissions. ``grade`` and ``score`` are the approving level's. Sources: 建城〔2020〕68号
    四、（四）; 楚住建城〔2021〕1号 四、（三）.
    Invariant: one per campaign, unit and year; submitted, it lies with somebody above; what was returned has a reason.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "审核中"
        RETURNED = "returned", "已退回"
        APPROVED = "approved", "已通过"

    campaign = models.ForeignKey(
        Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="evaluations", db_index=False
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="报告单位", on_delete=models.PROTECT, related_name="evaluations"
    )
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    sections = models.JSONField("报告内容", default=list, blank=True)
    facts = models.JSONField("固定数据", default=dict, blank=True)
    explanation = models.TextField("会签说明", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    round = models.PositiveSmallIntegerField("提交次数", default=0)
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="保存人", on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField("送会签时间", null=True, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提交人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    holder = models.ForeignKey(
        Jurisdiction, verbose_name="办理单位", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    return_reason = models.TextField("退回理由", blank=True)
    returned_sections = models.JSONField("退回内容", default=dict, blank=True)
    approved_at = models.DateTimeField("通过时间", null=True, blank=True)
    approved_in = models.ForeignKey(
        Jurisdiction, verbose_name="通过单位", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    grade = models.CharField("评估等次", max_length=20, blank=True)
    score = models.DecimalField("评估得分", max_digits=6, decimal_places=2, null=True, blank=True)

    objects = AnnualEvaluationQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "年度总结评估报告"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "jurisdiction", "year"], name="annual_evaluation_once"),
            models.CheckConstraint(
                name="annual_evaluation_status",
                condition=Q(status="draft", holder=None)
                | Q(status="submitted", submitted_at__isnull=False, holder__isnull=False)
                | Q(status="returned", submitted_at__isnull=False, holder=None)
                | Q(status="approved", approved_at__isnull=False, holder=None),
            ),
            models.CheckConstraint(
                name="annual_evaluation_return_reason",
                condition=~Q(status="returned") | ~Q(return_reason="") | ~Q(returned_sections={}),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction}{self.year}年度总结评估报告"

    @property
    def is_editable(self) -> bool:
        """Whether the unit may still change it."""
        return self.status in (self.Status.DRAFT, self.Status.RETURNED)

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.SUBMITTED

    @property
    def is_approved(self) -> bool:
        return self.status == self.Status.APPROVED

    @property
    def is_returned(self) -> bool:
        return self.status == self.Status.RETURNED

    @property
    def reasons(self) -> list[str]:
        """Why it came back: for the whole, then section by section."""
        whole = [self.return_reason] if self.return_reason else []
        return [*whole, *(f"“{title}”：{reason}" for title, reason in self.returned_sections.items())]

    @property
    def judged(self) -> str:
        """Grade and score, as far as there are any: 良好，88.5 分."""
        score = f"{self.score.normalize():f} 分" if self.score is not None else ""
        return "，".join(filter(None, [self.grade, score]))

    def text_of(self, title: str) -> str:
        return next((str(one["text"]) for one in self.sections if one["title"] == title), "")


@tracked()
class EvaluationStep(Walled):
    """评估办理记录: one step on an evaluation's way: by whom, for which unit, with which words."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", "提交"
        WITHDRAWN = "withdrawn", "撤回"
        AGREED = "agreed", "审核同意"
        RETURNED = "returned", "退回"
        APPROVED = "approved", "通过"

    evaluation = models.ForeignKey(
        AnnualEvaluation, verbose_name="年度总结评估报告", on_delete=models.CASCADE, related_name="steps"
    )
    kind = models.CharField("办理", max_length=10, choices=Kind.choices)
    round = models.PositiveSmallIntegerField("提交次数")
    taken_in = models.ForeignKey(Jurisdiction, verbose_name="办理单位", on_delete=models.PROTECT, related_name="+")
    passed_to = models.ForeignKey(
        Jurisdiction, verbose_name="送往单位", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    words = models.TextField("意见", blank=True)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="办理人", on_delete=models.PROTECT, related_name="+")

    objects = PathQuerySet["EvaluationStep"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "评估办理记录"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.evaluation} {self.get_kind_display()}"


@tracked()
class Countersignature(Walled):
    """会签: what a department says of an evaluation of its level: whether it agrees, its words, its office, the day.

    ``version`` is the text that it signed. Invariant: one per evaluation and department; who does not agree says why.
    """

    class Stance(models.TextChoices):
        AGREES = "agrees", "同意"
        OBJECTS = "objects", "有意见"

    evaluation = models.ForeignKey(
        AnnualEvaluation,
        verbose_name="年度总结评估报告",
        on_delete=models.CASCADE,
        related_name="countersignatures",
        db_index=False,
    )
    department = models.CharField("会签部门", max_length=50)
    office = models.CharField("会签单位", max_length=100)
    stance = models.CharField("会签态度", max_length=10, choices=Stance.choices)
    text = models.TextField("会签意见", blank=True)
    signed_on = models.DateField("会签日期")
    version = models.PositiveIntegerField("会签版本")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = PathQuerySet["Countersignature"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "会签"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "department"], name="countersignature_once"),
            models.CheckConstraint(name="countersignature_objection_text", condition=Q(stance="agrees") | ~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.department}{self.get_stance_display()}"

    @property
    def kept(self) -> dict[str, Any]:
        """As it is taken into what is frozen."""
        return {
            "department": self.department,
            "office": self.office,
            "stance": self.stance,
            "text": self.text,
            "signed_on": self.signed_on.isoformat(),
        }
