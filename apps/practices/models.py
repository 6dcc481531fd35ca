"""Good practice, its pictures, and by which levels it was chosen."""

from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from apps.communities.models import Community
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction

FOLDER = "practices"
LONGEST_TITLE, LONGEST_TEXT = 200, 20_000


def _stored_as(picture: "PracticePicture", kind: str, filename: str) -> str:
    return f"{FOLDER}/{picture.practice_id}/{picture.sha256}{kind}{PurePath(filename).suffix.lower()}"


def original_path(picture: "PracticePicture", filename: str) -> str:
    """Where an original is stored: by practice and hash; nothing of the uploaded name but its ending reaches the disk."""
    return _stored_as(picture, "", filename)


def display_path(picture: "PracticePicture", filename: str) -> str:
    """Where the picture is stored that pages show."""
    return _stored_as(picture, "-display", filename)


def thumbnail_path(picture: "PracticePicture", filename: str) -> str:
    """Where the picture is stored that lists show."""
    return _stored_as(picture, "-thumbnail", filename)


class PracticeQuerySet(PathQuerySet["Practice"]):
    """Sets of practices."""

    def chosen(self, **conditions: Any) -> "PracticeQuerySet":
        """Those for which a choice stands that the reader sees: published; ``conditions`` on that choice."""
        choices = PracticeChoice.objects.standing().filter(practice=OuterRef("pk"), **conditions)
        return self.filter(Exists(choices))


@tracked()
class Practice(Walled):
    """经验做法: what a unit did well, sent to the level above, which chooses it for all below.

    ``origin`` names the community or office it comes from in words: those who read it in other branches do not see the
    community's own row. ``criteria`` holds ids of national criteria. ``sent_in`` sent it last to ``holder``, whose turn it is or
    was; ``round`` counts sendings, ``version`` changes of the words. Invariant: what was sent is not changed unless it comes
    back, and never once a choice stands.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        WAITING = "waiting", "待采用"
        CHOSEN = "chosen", "已采用"
        DECLINED = "declined", "未采用"

    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="报送单位", on_delete=models.PROTECT, related_name="practices"
    )
    community = models.ForeignKey(
        Community, verbose_name="来源社区", on_delete=models.PROTECT, related_name="practices", null=True, blank=True
    )
    origin = models.CharField("做法来源", max_length=200)
    title = models.CharField("标题", max_length=200)
    text = models.TextField("做法内容", blank=True)
    criteria = ArrayField(models.BigIntegerField(), verbose_name="对应国家条目", default=list, blank=True)
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    round = models.PositiveSmallIntegerField("报送次数", default=0)
    created_at = models.DateTimeField("拟稿时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="拟稿人", on_delete=models.PROTECT, related_name="+"
    )
    sent_in = models.ForeignKey(
        Jurisdiction, verbose_name="送出单位", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    holder = models.ForeignKey(
        Jurisdiction, verbose_name="办理单位", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    sent_at = models.DateTimeField("报送时间", null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="报送人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
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
    decline_reason = models.TextField("未采用理由", blank=True)

    objects = PracticeQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "经验做法"
        constraints = [
            models.CheckConstraint(
                name="practice_status",
                condition=Q(status="draft")
                | Q(status__in=["waiting", "chosen"], sent_at__isnull=False, holder__isnull=False)
                | (Q(status="declined") & ~Q(decline_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_editable(self) -> bool:
        """Whether the unit may change it: it was not sent yet, or came back."""
        return self.status in (self.Status.DRAFT, self.Status.DECLINED)


@tracked()
class PracticePicture(Walled):
    """经验做法照片: a picture of a practice. Readers get what was made again from the original, without what the camera wrote.

    Invariant: the same file once per practice.
    """

    practice = models.ForeignKey(
        Practice, verbose_name="经验做法", on_delete=models.CASCADE, related_name="pictures", db_index=False
    )
    file = models.FileField("原件", upload_to=original_path, max_length=255)
    display = models.FileField("显示用图", upload_to=display_path, max_length=255)
    thumbnail = models.FileField("缩略图", upload_to=thumbnail_path, max_length=255)
    name = models.CharField("文件名", max_length=200)
    caption = models.CharField("说明", max_length=100, blank=True)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "经验做法照片"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["practice", "sha256"], name="practice_picture_once")]

    def __str__(self) -> str:
        return self.name


class PracticeChoiceQuerySet(PathQuerySet["PracticeChoice"]):
    """Sets of choices."""

    def standing(self) -> "PracticeChoiceQuerySet":
        return self.filter(withdrawn_at=None)


@tracked()
class PracticeChoice(Walled):
    """采用: a level has chosen a practice and publishes it to all below; it may commend by a document whom it comes from.

    Invariant: one per practice and level; a commended one has a document number and a day; a withdrawn one says why.
    """

    practice = models.ForeignKey(
        Practice, verbose_name="经验做法", on_delete=models.PROTECT, related_name="choices", db_index=False
    )
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="采用单位", on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField("采用时间")
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="采用人", on_delete=models.PROTECT, related_name="+"
    )
    commended_in = models.CharField("通报表扬文号", max_length=100, blank=True)
    commended_on = models.DateField("通报表扬日期", null=True, blank=True)
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

    objects = PracticeChoiceQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "采用"
        ordering = ["chosen_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "jurisdiction"], name="practice_choice_once"),
            models.CheckConstraint(
                name="practice_choice_commended",
                condition=Q(commended_in="", commended_on=None) | (~Q(commended_in="") & Q(commended_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="practice_choice_withdrawn",
                condition=Q(withdrawn_at=None) | ~Q(withdrawal_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction}采用“{self.practice}”"
