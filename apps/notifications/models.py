"""What people are told: the inbox. What they have to do stands in the rooms themselves and is counted there."""

from django.conf import settings
from django.db import models

from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled


class NotificationQuerySet(PathQuerySet["Notification"]):
    """Sets of notifications."""

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at__isnull=True)


@tracked(silent=["mailed_at", "mail_refused_at"])
class Notification(Walled):
    """消息: one thing that one person is told, in the inbox and, where they have an address, by mail.

    ``key`` names what it is about, so that it is told once: ``return:417`` for the return with that ReviewAction.
    ``mail_refused_at``: the person's address was refused for good, no further letter tells of it. Invariant: one per person
    and key.
    """

    class Kind(models.TextChoices):
        RETURNED = "returned", "退回"
        RECALLED = "recalled", "撤回"
        ARRIVED = "arrived", "待审核"
        RECOGNISED = "recognised", "认定"
        REVOKED = "revoked", "摘牌"
        NOTICE = "notice", "公示"
        OBJECTION = "objection", "异议"
        RECHECK = "recheck", "复查"
        OPINION = "opinion", "部门意见"
        APPROVAL = "approval", "复核"
        CHANGE = "change", "变更"
        PLAN = "plan", "年度计划"
        TARGET = "target", "创建目标"
        BULLETIN = "bulletin", "通报"
        VISIT = "visit", "督导检查"
        PRACTICE = "practice", "经验做法"
        FILING = "filing", "报送"
        EVALUATION = "evaluation", "年度评估"
        URGED = "urged", "督办"
        REMINDER = "reminder", "催报"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="收件人",
        on_delete=models.CASCADE,
        related_name="notifications",
        db_index=False,
    )
    key = models.CharField("事由标识", max_length=80)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    title = models.CharField("标题", max_length=200)
    text = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    mailed_at = models.DateTimeField("邮件发出时间", null=True, blank=True)
    mail_refused_at = models.DateTimeField("邮件被拒时间", null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-created_at", "-id"]
        indexes = [
            *Walled.Meta.indexes,
            models.Index(fields=["user", "read_at"], name="notification_inbox"),
            models.Index(fields=["key"], name="notification_key"),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notification_once")]

    def __str__(self) -> str:
        return self.title
