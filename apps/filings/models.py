"""What units hand in upward (报送): the reports themselves, their files, moved dates, urging by the level above.

What is due is not stored: it follows from the milestones of campaigns and the tree, see ``obligations``.
"""

from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.campaigns.models import Milestone
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction

LONGEST_TITLE, LONGEST_TEXT, LONGEST_REASON = 100, 20_000, 1000
FOLDER = "filings"
# Kinds of milestones that the annual evaluation of their year answers, see ``answering``.
ANSWERED_BY_EVALUATION = (Milestone.Kind.ANNUAL_REPORT,)
# A part whose text only points at a file.
SEE_FILE = "见附件"


def attachment_path(attachment: "FilingAttachment", filename: str) -> str:
    """Where a file is stored: by filing and hash; nothing of the uploaded name but its ending reaches the disk."""
    return f"{FOLDER}/{attachment.filing_id}/{attachment.sha256}{PurePath(filename).suffix.lower()}"


class FilingQuerySet(PathQuerySet["Filing"]):
    """Sets of filings."""

    def with_context(self) -> "FilingQuerySet":
        """With what their names and their pages name."""
        return self.select_related(
            "milestone__campaign__jurisdiction", "jurisdiction__parent", "submitted_by", "decided_by", "decided_in"
        )

    def handed_in(self) -> "FilingQuerySet":
        """Those that lie with the level above, or were accepted by it."""
        return self.filter(status__in=[Filing.Status.SUBMITTED, Filing.Status.ACCEPTED])


@tracked()
class Filing(Walled):
    """报送件: what one unit hands in for one due date of a milestone: parts, narrative, figures, files.

    ``due_on`` is the date as the milestone has it, whether it was moved or not: with milestone and unit it says which one this is.
    ``parts`` is a list of {title, text}: those that the milestone demands first, in its order. ``figures`` are counted live and
    frozen at submission (see ``figures``). ``handed_in_on`` is the day of the first submission that was not withdrawn: by it a
    filing is on time or late; a draft has none. ``round`` counts submissions, ``version`` saves; ``decided_in`` decided last.
    Invariant: one per milestone, unit and due date; what is not a draft was submitted; what was returned has a reason.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "已报送"
        RETURNED = "returned", "已退回"
        ACCEPTED = "accepted", "已接收"

    milestone = models.ForeignKey(
        Milestone, verbose_name="里程碑", on_delete=models.PROTECT, related_name="filings", db_index=False
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="报送单位", on_delete=models.PROTECT, related_name="filings"
    )
    due_on = models.DateField("原定期限")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    parts = models.JSONField("报送内容", default=list, blank=True)
    narrative = models.TextField("工作情况", blank=True)
    figures = models.JSONField("报送数据", default=dict, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    round = models.PositiveSmallIntegerField("报送次数", default=0)
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="保存人", on_delete=models.PROTECT, related_name="+"
    )
    handed_in_on = models.DateField("首次报送日期", null=True, blank=True)
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="报送人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    decided_in = models.ForeignKey(
        Jurisdiction, verbose_name="接收单位", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="办理人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    return_reason = models.TextField("退回理由", blank=True)
    returned_parts = models.JSONField("退回内容", default=dict, blank=True)

    objects = FilingQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "报送件"
        constraints = [
            models.UniqueConstraint(fields=["milestone", "jurisdiction", "due_on"], name="filing_once"),
            models.CheckConstraint(
                name="filing_status",
                condition=Q(status="draft")
                | Q(status__in=["submitted", "returned", "accepted"], submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="filing_return_reason",
                condition=~Q(status="returned") | ~Q(return_reason="") | ~Q(returned_parts={}),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.due_on:%Y-%m-%d} {self.milestone}"

    @property
    def is_editable(self) -> bool:
        """Whether the unit may still change it: it does not lie with the level above."""
        return self.status in (self.Status.DRAFT, self.Status.RETURNED)

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.SUBMITTED

    @property
    def is_accepted(self) -> bool:
        return self.status == self.Status.ACCEPTED

    @property
    def is_returned(self) -> bool:
        return self.status == self.Status.RETURNED

    @property
    def reasons(self) -> list[str]:
        """Why it came back: for the whole, then part by part."""
        whole = [self.return_reason] if self.return_reason else []
        return [*whole, *(f"“{title}”：{reason}" for title, reason in self.returned_parts.items())]

    @property
    def words(self) -> str:
        """What is told in it, as it may be taken up in another one: the narrative, else its parts."""
        if self.narrative:
            return self.narrative
        told = [one for one in self.parts if one["text"] and SEE_FILE not in one["text"]]
        return "\n".join(f"{one['title']}：{one['text']}" for one in told)


@tracked()
class FilingAttachment(Walled):
    """报送附件: a file of a filing, judged by its content. Invariant: the same file once per filing."""

    filing = models.ForeignKey(
        Filing, verbose_name="报送件", on_delete=models.CASCADE, related_name="attachments", db_index=False
    )
    file = models.FileField("文件", upload_to=attachment_path, max_length=255)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "报送附件"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["filing", "sha256"], name="filing_attachment_once")]

    def __str__(self) -> str:
        return self.name


@tracked()
class DueDateMove(Walled):
    """期限调整: for one unit, one due date of a milestone is another day; by a unit above, with a reason.

    Invariant: one per milestone, unit and original date; it does move it.
    """

    milestone = models.ForeignKey(
        Milestone, verbose_name="里程碑", on_delete=models.CASCADE, related_name="moves", db_index=False
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="报送单位", on_delete=models.PROTECT, related_name="due_date_moves"
    )
    due_on = models.DateField("原定期限")
    moved_to = models.DateField("调整后期限")
    reason = models.TextField("理由")
    moved_in = models.ForeignKey(Jurisdiction, verbose_name="调整单位", on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField("调整时间")
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="调整人", on_delete=models.PROTECT, related_name="+"
    )

    objects = PathQuerySet["DueDateMove"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "期限调整"
        constraints = [
            models.UniqueConstraint(fields=["milestone", "jurisdiction", "due_on"], name="due_date_move_once"),
            models.CheckConstraint(name="due_date_move_moves", condition=~Q(moved_to=F("due_on"))),
            models.CheckConstraint(name="due_date_move_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.due_on:%Y-%m-%d} 调整为 {self.moved_to:%Y-%m-%d}"


@tracked()
class Escalation(Walled):
    """督办: a unit above urges one unit, on record, to hand in what is due; answered by the submission. Invariant: it says what."""

    milestone = models.ForeignKey(
        Milestone, verbose_name="里程碑", on_delete=models.CASCADE, related_name="escalations", db_index=False
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="被督办单位", on_delete=models.PROTECT, related_name="escalations"
    )
    due_on = models.DateField("原定期限")
    text = models.TextField("督办内容")
    document_number = models.CharField("文号", max_length=100, blank=True)
    issued_in = models.ForeignKey(Jurisdiction, verbose_name="督办单位", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField("督办时间")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="督办人", on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField("回应时间", null=True, blank=True)

    objects = PathQuerySet["Escalation"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "督办"
        ordering = ["-issued_at", "-id"]
        indexes = [
            *Walled.Meta.indexes,
            models.Index(fields=["milestone", "jurisdiction", "due_on"], name="escalation_of"),
        ]
        constraints = [models.CheckConstraint(name="escalation_text", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"{self.issued_in}督办{self.jurisdiction} {self.due_on:%Y-%m-%d}"
