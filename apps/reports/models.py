"""Exports that run in the background and their files."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.campaigns.models import Campaign
from apps.core.history import tracked
from apps.core.models import Walled
from apps.jurisdictions.models import Jurisdiction


@tracked()
class ExportJob(Walled):
    """导出任务: one document made for a jurisdiction by a worker.

    Invariant: a finished job has a file, a failed one a reason in words.
    """

    class Kind(models.TextChoices):
        COMPLETION_SUMMARY = "completion_summary", "附件2 完成情况汇总表"

    class Status(models.TextChoices):
        WAITING = "waiting", "等待中"
        RUNNING = "running", "生成中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"

    kind = models.CharField("文件", max_length=30, choices=Kind.choices)
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="填报单位", on_delete=models.PROTECT, related_name="exports"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="exports")
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.WAITING)
    file = models.FileField("文件", upload_to="exports/%Y/%m", max_length=255, blank=True)
    filename = models.CharField("文件名", max_length=200, blank=True)
    failure = models.TextField("失败原因", blank=True)
    created_at = models.DateTimeField("发起时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发起人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "导出任务"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="export_status",
                condition=(Q(status__in=["waiting", "running"], file="") | (Q(status="done") & ~Q(file="")))
                | (Q(status="failed") & ~Q(failure="")),
            )
        ]

    def __str__(self) -> str:
        return self.filename or self.get_kind_display()
