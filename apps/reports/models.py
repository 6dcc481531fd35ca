"""Exports that run in the background and their files."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.campaigns.models import Campaign
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction
from apps.reports import registry


class ExportJobQuerySet(PathQuerySet["ExportJob"]):
    """Sets of export jobs."""

    def under_way(self) -> "ExportJobQuerySet":
        """Those that a worker makes or is going to."""
        return self.filter(status__in=[ExportJob.Status.WAITING, ExportJob.Status.RUNNING])


@tracked()
class ExportJob(Walled):
    """导出任务: one document made for a jurisdiction by a worker.

    ``attempts`` counts how often a worker began it, ``interruptions`` how often one died over it since somebody asked last;
    since ``asked_at`` it waits for a worker, to whom ``called_at`` told of it last.
    Invariant: a finished job has a file and no other one has; a failed one has a reason in words.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "等待中"
        RUNNING = "running", "生成中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"
        EXPIRED = "expired", "已过期"

    kind = models.CharField("文件", max_length=30, choices=registry.choices)
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="填报单位", on_delete=models.PROTECT, related_name="exports"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="exports")
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField("生成次数", default=0)
    interruptions = models.PositiveSmallIntegerField("中断次数", default=0)
    file = models.FileField("文件", upload_to="exports/%Y/%m", max_length=255, blank=True)
    filename = models.CharField("文件名", max_length=200, blank=True)
    failure = models.TextField("失败原因", blank=True)
    created_at = models.DateTimeField("发起时间")
    asked_at = models.DateTimeField("排队时间")
    called_at = models.DateTimeField("派发时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发起人", on_delete=models.PROTECT, related_name="+"
    )

    objects = ExportJobQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "导出任务"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="export_status",
                condition=Q(status__in=["waiting", "running", "cancelled", "expired"], file="")
                | (Q(status="done") & ~Q(file=""))
                | (Q(status="failed", file="") & ~Q(failure="")),
            )
        ]

    def __str__(self) -> str:
        return self.filename or self.get_kind_display()

    @property
    def is_under_way(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    @property
    def can_be_repeated(self) -> bool:
        return self.status in (self.Status.FAILED, self.Status.CANCELLED, self.Status.EXPIRED)
