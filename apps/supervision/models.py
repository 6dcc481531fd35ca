"""Supervision visits, what they found, and the files with which the visited unit answers."""

from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import Count, Min, Q

from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion

LONGEST_TEXT = 10_000
FOLDER = "supervision"


def file_path(attachment: "FindingAttachment", filename: str) -> str:
    """Where a file is stored: by finding and hash; nothing of the uploaded name but its ending reaches the disk."""
    return f"{FOLDER}/{attachment.finding_id}/{attachment.sha256}{PurePath(filename).suffix.lower()}"


class SupervisionVisitQuerySet(PathQuerySet["SupervisionVisit"]):
    """Sets of supervision visits."""

    def issued(self) -> "SupervisionVisitQuerySet":
        return self.filter(status=SupervisionVisit.Status.ISSUED)

    def counted(self) -> "SupervisionVisitQuerySet":
        """With how many findings each has (`found`), how many are mended, wait for a check, are late, and the next date. Nothing
        is late before it is issued, or after it was withdrawn."""
        unmended = ~Q(findings__state=VisitFinding.State.MENDED)
        owed = Q(findings__state__in=VisitFinding.OWED, status=SupervisionVisit.Status.ISSUED)
        return self.annotate(
            found=Count("findings"),
            mended=Count("findings", filter=Q(findings__state=VisitFinding.State.MENDED)),
            answered=Count("findings", filter=Q(findings__state=VisitFinding.State.ANSWERED)),
            late=Count("findings", filter=owed & Q(findings__mend_by__lt=clock.today())),
            next_date=Min("findings__mend_by", filter=unmended),
        )


@tracked()
class SupervisionVisit(Walled):
    """督导检查: a bureau looks at a unit below it, or at a community there, and says what is to be mended by when.

    The row lies with the visited ``unit``, which answers; ``office`` visits. Who took part is text: people of other offices have
    no account. A draft is the office's own affair. Invariant: what is issued is not changed; it stands, or is withdrawn with a
    reason.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        ISSUED = "issued", "已印发"
        WITHDRAWN = "withdrawn", "已撤回"

    campaign = models.ForeignKey(
        Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="supervision_visits"
    )
    office = models.ForeignKey(Jurisdiction, verbose_name="检查单位", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Jurisdiction, verbose_name="被检查单位", on_delete=models.PROTECT, related_name="supervision_visits"
    )
    community = models.ForeignKey(
        Community,
        verbose_name="被检查社区",
        on_delete=models.PROTECT,
        related_name="supervision_visits",
        null=True,
        blank=True,
    )
    title = models.CharField("标题", max_length=200)
    document_number = models.CharField("文号", max_length=100, blank=True)
    started_on = models.DateField("检查日期")
    ended_on = models.DateField("检查结束日期", null=True, blank=True)
    offices = models.CharField("参加单位", max_length=500, blank=True)
    people = models.CharField("检查人员", max_length=500, blank=True)
    looked_at = models.TextField("检查内容", blank=True)
    summary = models.TextField("总体情况", blank=True)
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("拟稿时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="拟稿人", on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField("印发时间", null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="印发人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="撤回人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    withdrawal_reason = models.TextField("撤回理由", blank=True)

    objects = SupervisionVisitQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "督导检查"
        constraints = [
            models.CheckConstraint(
                name="visit_status",
                condition=Q(status="draft", issued_at__isnull=True)
                | Q(status="issued", issued_at__isnull=False)
                | (Q(status="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
            ),
            models.CheckConstraint(
                name="visit_dates", condition=Q(ended_on=None) | Q(ended_on__gte=models.F("started_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def place(self) -> str:
        """What was visited: the unit, or the community there."""
        return f"{self.unit}{self.community}" if self.community else str(self.unit)


@tracked()
class VisitFinding(Walled):
    """督导问题: one thing that a visit found, to be mended by a day; answered by the visited unit, checked by the office.

    ``criterion`` is the national one that it concerns, where one is named. ``round`` counts answers, so that a check says which
    one it is about. Invariant: numbers are unique within the visit; what was answered says what was done, what was returned why.
    """

    class State(models.TextChoices):
        OPEN = "open", "待整改"
        ANSWERED = "answered", "待核查"
        RETURNED = "returned", "退回整改"
        MENDED = "mended", "整改完成"

    # Those that the visited unit has to do something about.
    OWED = (State.OPEN, State.RETURNED)

    visit = models.ForeignKey(
        SupervisionVisit, verbose_name="督导检查", on_delete=models.CASCADE, related_name="findings", db_index=False
    )
    number = models.PositiveSmallIntegerField("序号")
    text = models.TextField("问题")
    criterion = models.ForeignKey(
        Criterion, verbose_name="对应国家条目", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    mend_by = models.DateField("整改期限", null=True, blank=True)
    state = models.CharField("整改状态", max_length=20, choices=State.choices, default=State.OPEN)
    answer = models.TextField("整改情况", blank=True)
    round = models.PositiveSmallIntegerField("答复次数", default=0)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="答复人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    checked_at = models.DateTimeField("核查时间", null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="核查人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    return_reason = models.TextField("退回理由", blank=True)

    objects = PathQuerySet["VisitFinding"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "督导问题"
        ordering = ["visit", "number"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="visit_finding_number"),
            models.CheckConstraint(
                name="visit_finding_state",
                condition=Q(state="open")
                | (Q(state__in=["answered", "mended"], answered_at__isnull=False) & ~Q(answer=""))
                | (Q(state="returned") & ~Q(return_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit} 问题 {self.number}"

    @property
    def is_owed(self) -> bool:
        """Whether the visited unit has to do something about it."""
        return self.state in self.OWED

    @property
    def is_late(self) -> bool:
        return self.is_owed and self.mend_by is not None and self.mend_by < clock.today()


@tracked()
class FindingAttachment(Walled):
    """整改附件: a file with which the visited unit shows what was mended. Invariant: the same file once per finding."""

    finding = models.ForeignKey(
        VisitFinding, verbose_name="督导问题", on_delete=models.CASCADE, related_name="attachments", db_index=False
    )
    file = models.FileField("文件", upload_to=file_path, max_length=255)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "整改附件"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["finding", "sha256"], name="finding_attachment_once")]

    def __str__(self) -> str:
        return self.name
