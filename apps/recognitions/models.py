"""What surrounds a recognition: the public notice before it, objections, re-checks and demonstration bases after it.

The recognition itself, which the figures count, stands in ``campaigns``.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Recognition
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction


class PublicNoticeQuerySet(PathQuerySet["PublicNotice"]):
    """Sets of public notices."""

    def published(self) -> "PublicNoticeQuerySet":
        return self.filter(status=PublicNotice.Status.PUBLISHED)


@tracked()
class PublicNotice(Walled):
    """公示: the list of communities proposed for recognition, shown to the public for a number of working days.

    The first day counted is the working day after ``starts_on``'s publication; ``ends_on`` is the last one. Invariant: what is
    published is not changed; it ends, or is withdrawn with a reason.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤回"

    campaign = models.ForeignKey(Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="notices")
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="公示单位", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("认定年度")
    title = models.CharField("标题", max_length=200)
    text = models.TextField("公示内容", blank=True)
    contact = models.CharField("异议受理方式", max_length=200)
    working_days = models.PositiveSmallIntegerField("公示工作日数")
    starts_on = models.DateField("公示日期", null=True, blank=True)
    ends_on = models.DateField("截止日期", null=True, blank=True)
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("拟稿时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="拟稿人", on_delete=models.PROTECT, related_name="+"
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发布人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawal_reason = models.TextField("撤回理由", blank=True)

    objects = PublicNoticeQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "公示"
        constraints = [
            models.CheckConstraint(
                name="notice_status",
                condition=Q(status="draft", starts_on__isnull=True, ends_on__isnull=True)
                | Q(status="published", starts_on__isnull=False, ends_on__gt=F("starts_on"))
                | (Q(status="withdrawn") & ~Q(withdrawal_reason="")),
            ),
            models.CheckConstraint(name="notice_working_days", condition=Q(working_days__gte=1, working_days__lte=60)),
        ]

    def __str__(self) -> str:
        return self.title


@tracked()
class NoticeEntry(Walled):
    """公示名单: one proposed community of a notice."""

    notice = models.ForeignKey(
        PublicNotice, verbose_name="公示", on_delete=models.CASCADE, related_name="entries", db_index=False
    )
    assessment = models.ForeignKey(
        Assessment, verbose_name="自评", on_delete=models.PROTECT, related_name="notice_entries"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "公示名单"
        constraints = [models.UniqueConstraint(fields=["notice", "assessment"], name="notice_entry_once")]

    def __str__(self) -> str:
        return str(self.assessment.participation.community)


@tracked()
class Objection(Walled):
    """异议: what somebody brought forward against a proposed community, and what came of it.

    Who brought it forward is not kept, only whether it was signed. Invariant: a decided one says how it was handled.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "办理中"
        SUSTAINED = "sustained", "成立"
        REJECTED = "rejected", "不成立"

    entry = models.ForeignKey(NoticeEntry, verbose_name="公示名单", on_delete=models.CASCADE, related_name="objections")
    received_on = models.DateField("收到日期")
    is_signed = models.BooleanField("实名", default=False)
    text = models.TextField("异议内容")
    outcome = models.CharField("处理结果", max_length=20, choices=Outcome.choices, default=Outcome.OPEN)
    handling = models.TextField("核查处理情况", blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="处理人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "异议"
        ordering = ["received_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="objection_outcome",
                condition=Q(outcome="open", decided_at__isnull=True)
                | (Q(outcome__in=["sustained", "rejected"], decided_at__isnull=False) & ~Q(handling="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry}：{self.get_outcome_display()}"


@tracked()
class Recheck(Walled):
    """复查: the yearly look at a recognised community. Invariant: one per recognition and year; without 通过 it says why."""

    class Result(models.TextChoices):
        PASSED = "passed", "通过"
        RECTIFY = "rectify", "限期整改"
        FAILED = "failed", "不通过"

    recognition = models.ForeignKey(
        Recognition,
        verbose_name="绿色社区认定",
        on_delete=models.PROTECT,
        related_name="rechecks",
        db_index=False,
    )
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="复查单位", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("复查年度")
    checked_on = models.DateField("复查日期")
    result = models.CharField("复查结果", max_length=20, choices=Result.choices)
    findings = models.TextField("复查情况", blank=True)
    rectify_by = models.DateField("整改期限", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = PathQuerySet["Recheck"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "复查"
        ordering = ["year", "id"]
        constraints = [
            models.UniqueConstraint(fields=["recognition", "year"], name="recheck_once_a_year"),
            models.CheckConstraint(
                name="recheck_result",
                condition=Q(result="passed", rectify_by__isnull=True)
                | (Q(result="rectify", rectify_by__isnull=False) & ~Q(findings=""))
                | (Q(result="failed", rectify_by__isnull=True) & ~Q(findings="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recognition.community} {self.year} 年复查：{self.get_result_display()}"


@tracked()
class DemonstrationBase(Walled):
    """示范教育基地: a recognised community chosen as a demonstration site (楚雄州方案 四（二）, 安徽省方案 四（二）).

    Invariant: of a recognition and a naming jurisdiction at most one stands.
    """

    recognition = models.ForeignKey(
        Recognition, verbose_name="绿色社区认定", on_delete=models.PROTECT, related_name="demonstration_bases"
    )
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="命名单位", on_delete=models.PROTECT, related_name="+")
    title = models.CharField("称号", max_length=100)
    document_number = models.CharField("命名文号", max_length=100, blank=True)
    named_on = models.DateField("命名日期")
    note = models.TextField("示范内容", blank=True)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="命名人", on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField("撤销时间", null=True, blank=True)
    end_reason = models.TextField("撤销理由", blank=True)

    objects = PathQuerySet["DemonstrationBase"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "示范教育基地"
        constraints = [
            models.UniqueConstraint(
                fields=["recognition", "jurisdiction"],
                condition=Q(ended_at__isnull=True),
                name="demonstration_base_standing_once",
            ),
            models.CheckConstraint(
                name="demonstration_base_end", condition=Q(ended_at__isnull=True) | ~Q(end_reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recognition.community} {self.title}"
