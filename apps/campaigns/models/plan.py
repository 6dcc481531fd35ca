"""The plan of a year as it goes to the level above, and what was changed in it afterwards."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.campaigns.models.campaign import Campaign
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction


class AnnualPlanQuerySet(PathQuerySet["AnnualPlan"]):
    """Sets of annual plans."""


@tracked()
class AnnualPlan(Walled):
    """年度创建计划: the communities that a jurisdiction plans for a year, as it put them before the level above.

    Which communities they are is told by their participations alone; here stand the way of the plan and the figures that were
    submitted: ``communities`` and ``pilots`` of the year itself, ``enrolled`` up to it, and how many the target asked for. Without
    a row, or in DRAFT, the plan is free to be changed; while it waits it is locked; accepted, a change has a reason.
    ``round`` counts the submissions; ``decided_in`` is the jurisdiction that decided last, its own where none is above it.
    Invariant: one per campaign, jurisdiction and year; what was returned has a reason.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "编制中"
        SUBMITTED = "submitted", "已上报"
        RETURNED = "returned", "已退回"
        ACCEPTED = "accepted", "已同意"

    campaign = models.ForeignKey(
        Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="plans", db_index=False
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="编制辖区", on_delete=models.PROTECT, related_name="annual_plans"
    )
    year = models.PositiveSmallIntegerField("计划年度")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    round = models.PositiveSmallIntegerField("上报次数", default=0)
    communities = models.PositiveIntegerField("本年社区数", default=0)
    pilots = models.PositiveIntegerField("本年试点数", default=0)
    enrolled = models.PositiveIntegerField("累计列入数", default=0)
    wanted = models.PositiveIntegerField("目标数", null=True, blank=True)
    explanation = models.TextField("说明", blank=True)
    submitted_at = models.DateTimeField("上报时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="上报人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    decided_in = models.ForeignKey(
        Jurisdiction, verbose_name="审核单位", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="审核人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    return_reason = models.TextField("退回理由", blank=True)

    objects = AnnualPlanQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "年度创建计划"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "jurisdiction", "year"], name="annual_plan_once"),
            models.CheckConstraint(
                name="annual_plan_status",
                condition=Q(status="draft")
                | Q(status__in=["submitted", "returned", "accepted"], submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="annual_plan_return_reason", condition=~Q(status="returned") | ~Q(return_reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.year} 年计划"

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.SUBMITTED

    @property
    def is_accepted(self) -> bool:
        return self.status == self.Status.ACCEPTED

    @property
    def is_its_own(self) -> bool:
        """Whether it was confirmed where it was made, as nobody in the campaign stands above."""
        return self.is_accepted and self.decided_in_id == self.jurisdiction_id

    @property
    def state(self) -> str:
        return "已确认" if self.is_its_own else str(self.get_status_display())


@tracked()
class PlanChange(Walled):
    """计划调整: what was changed in an annual plan after it was accepted, in words, by whom and why. Invariant: it has a reason."""

    class Kind(models.TextChoices):
        ADDED = "added", "列入"
        REMOVED = "removed", "调出"
        PILOT = "pilot", "设为试点"
        NO_PILOT = "no_pilot", "取消试点"
        REORGANISED = "reorganised", "区划调整"

    plan = models.ForeignKey(AnnualPlan, verbose_name="年度创建计划", on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField("调整事项", max_length=20, choices=Kind.choices)
    what = models.TextField("调整内容")
    reason = models.TextField("理由")
    document_number = models.CharField("文号", max_length=100, blank=True)
    changed_at = models.DateTimeField("调整时间")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="调整人", on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "计划调整"
        ordering = ["plan", "-pk"]
        constraints = [models.CheckConstraint(name="plan_change_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.plan} {self.get_kind_display()}"
