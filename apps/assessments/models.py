"""Assessments with their results, evidence and history. The verbs that move them are in domain.py."""

from pathlib import PurePath

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apps.campaigns.models import Participation
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction, Level
from apps.standards.models import Criterion, Section, Standard


class AssessmentQuerySet(PathQuerySet["Assessment"]):
    """Sets of assessments."""

    def with_context(self) -> "AssessmentQuerySet":
        """Joined with everything that a line in a list names."""
        return self.select_related(
            "participation__campaign", "participation__community__jurisdiction", "standard", "holder", "assignee"
        )


@tracked()
class Assessment(Walled):
    """自评与审核: the assessment of one participation under the standard version it began with.

    ``holder`` is the jurisdiction whose turn it is: the street while it is a draft or returned to it, then level by level up
    the campaign's review chain. ``assignee`` is whoever works on it there; None: nobody yet; until ``claimed_until`` nobody else
    of that level acts on it (领办). ``round`` counts the submissions.
    ``filled_in_by`` are the ids of all who ever answered, attached or submitted for the self-assessment.
    Invariant: only the holder changes anything; recognised is final, and so is ended, with a community that is there no more;
    nobody in ``filled_in_by`` judges it.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        IN_REVIEW = "in_review", "审核中"
        RETURNED = "returned", "已退回"
        RECOGNISED = "recognised", "已认定"
        ENDED = "ended", "已终止"

    participation = models.OneToOneField(
        Participation, verbose_name="参与创建", on_delete=models.PROTECT, related_name="assessment"
    )
    standard = models.ForeignKey(
        Standard, verbose_name="创建标准", on_delete=models.PROTECT, related_name="assessments"
    )
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.DRAFT)
    holder = models.ForeignKey(
        Jurisdiction,
        verbose_name="当前办理",
        on_delete=models.PROTECT,
        related_name="held_assessments",
        db_index=False,
    )
    held_since = models.DateTimeField("到达时间")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="承办人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    claimed_until = models.DateTimeField("领办至", null=True, blank=True)
    filled_in_by = ArrayField(models.PositiveIntegerField(), verbose_name="填报人员", default=list, blank=True)
    round = models.PositiveSmallIntegerField("提交次数", default=0)
    total_points = models.DecimalField("得分", max_digits=10, decimal_places=5, null=True, blank=True)
    meets_standard = models.BooleanField("达到创建要求", null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "自评"
        indexes = [*Walled.Meta.indexes, models.Index(fields=["holder", "status"], name="assessment_queue")]
        constraints = [
            models.CheckConstraint(
                name="assessment_status",
                condition=Q(status__in=["draft", "in_review", "returned", "recognised", "ended"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.participation.community} {self.participation.year} 年自评"


@tracked()
class CriterionResult(Walled):
    """自评结果、审核意见: what one level found on one criterion.

    The submitting level answers every criterion; a level above has a row only where its verdict differs, with the reason in
    ``note``. ``points`` are what ``standards.scoring`` gives for ``deductions`` under the frozen standard. ``is_prefilled``: taken
    over from an earlier assessment, and not confirmed yet.
    Invariant: one row per assessment, criterion and level.
    """

    class Verdict(models.TextChoices):
        MET = "met", "符合"
        NOT_MET = "not_met", "不符合"
        NOT_APPLICABLE = "not_applicable", "不适用"
        SCORED = "scored", "已评分"

    assessment = models.ForeignKey(
        Assessment, verbose_name="自评", on_delete=models.CASCADE, related_name="results", db_index=False
    )
    criterion = models.ForeignKey(Criterion, verbose_name="标准条目", on_delete=models.PROTECT, related_name="results")
    level = models.CharField("层级", max_length=10, choices=Level.choices)
    verdict = models.CharField("结果", max_length=20, choices=Verdict.choices)
    deductions = models.JSONField("扣分", default=list, encoder=DjangoJSONEncoder, blank=True)
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    note = models.TextField("说明", blank=True)
    is_prefilled = models.BooleanField("沿用上次，待核对", default=False)
    version = models.PositiveIntegerField("版本", default=1)
    updated_at = models.DateTimeField("更新时间")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填报人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "条目结果"
        indexes = [
            *Walled.Meta.indexes,
            # Most results are a street's 符合 without a loss: what is not is counted by criterion (进展, 薄弱条目).
            models.Index(
                fields=["path"],
                include=["assessment", "criterion", "level", "verdict", "points"],
                condition=Q(verdict__in=["not_met", "not_applicable"]) | ~Q(deductions=[]) | ~Q(level="street"),
                name="result_of_note",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion", "level"], name="result_once"),
            models.CheckConstraint(
                name="result_verdict", condition=Q(verdict__in=["met", "not_met", "not_applicable", "scored"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.number} {self.get_verdict_display()}"


def evidence_path(evidence: "Evidence", filename: str) -> str:
    """Where a file is stored: by assessment and hash; nothing of the uploaded name but its ending reaches the disk."""
    return f"evidence/{evidence.assessment_id}/{evidence.sha256}{PurePath(filename).suffix.lower()}"


def display_path(evidence: "Evidence", filename: str) -> str:
    """Where the picture that is shown instead of the original is stored."""
    return f"evidence/{evidence.assessment_id}/{evidence.sha256}-display.jpg"


def thumbnail_path(evidence: "Evidence", filename: str) -> str:
    """Where the small picture for lists is stored."""
    return f"evidence/{evidence.assessment_id}/{evidence.sha256}-thumbnail.jpg"


@tracked()
class SiteVisit(Walled):
    """现场核查: a visit to the community during review: when, by which offices, what was found; photos are its ``evidence``."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="自评", on_delete=models.CASCADE, related_name="site_visits"
    )
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="核查单位", on_delete=models.PROTECT, related_name="+")
    visited_on = models.DateField("核查日期")
    offices = models.CharField("参加单位", max_length=300)
    findings = models.TextField("核查情况")
    version = models.PositiveIntegerField("版本", default=1)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "现场核查"
        ordering = ["visited_on", "id"]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.visited_on:%Y-%m-%d} 现场核查"


@tracked()
class DepartmentOpinion(Walled):
    """部门意见: what a responsible department of the reviewing level says on one section of an assessment, in one round."""

    class Stance(models.TextChoices):
        AGREES = "agrees", "同意"
        OBJECTS = "objects", "有意见"

    assessment = models.ForeignKey(
        Assessment, verbose_name="自评", on_delete=models.CASCADE, related_name="opinions", db_index=False
    )
    section = models.ForeignKey(Section, verbose_name="内容", on_delete=models.PROTECT, related_name="+")
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="+")
    department = models.CharField("部门", max_length=50)
    round = models.PositiveSmallIntegerField("提交次数")
    stance = models.CharField("态度", max_length=20, choices=Stance.choices)
    text = models.TextField("意见", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    given_at = models.DateTimeField("时间")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填写人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "部门意见"
        ordering = ["section_id", "department", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "section", "jurisdiction", "department", "round"], name="department_opinion_once"
            ),
            models.CheckConstraint(
                name="department_opinion_text", condition=Q(stance="agrees") | (Q(stance="objects") & ~Q(text=""))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department}：{self.get_stance_display()}"


@tracked()
class Evidence(Walled):
    """佐证材料: a photo or document behind a result, or a photo of a site visit (then without ``criterion``).

    The same file may stand at several criteria: a row each, one stored file. Of a picture, ``display`` and ``thumbnail`` are made
    again by a task, without what the camera wrote; people see those, turned by ``rotation`` degrees clockwise, and download
    ``file`` itself. ``taken_at`` and the place (degrees, WGS 84) are what the camera wrote.
    Invariant: ``sha256`` is the stored file's; the content type was judged by content, never by name.
    """

    assessment = models.ForeignKey(
        Assessment, verbose_name="自评", on_delete=models.CASCADE, related_name="evidence", db_index=False
    )
    criterion = models.ForeignKey(
        Criterion,
        verbose_name="标准条目",
        on_delete=models.PROTECT,
        related_name="evidence",
        null=True,
        blank=True,
    )
    site_visit = models.ForeignKey(
        SiteVisit,
        verbose_name="现场核查",
        on_delete=models.CASCADE,
        related_name="evidence",
        null=True,
        blank=True,
        db_index=False,
    )
    file = models.FileField("文件", upload_to=evidence_path, max_length=255)
    display = models.FileField("显示用图", upload_to=display_path, max_length=255, blank=True)
    thumbnail = models.FileField("缩略图", upload_to=thumbnail_path, max_length=255, blank=True)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    caption = models.CharField("说明", max_length=200, blank=True)
    rotation = models.PositiveSmallIntegerField("旋转角度", default=0)
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True)
    latitude = models.FloatField("拍摄纬度", null=True, blank=True)
    longitude = models.FloatField("拍摄经度", null=True, blank=True)
    round = models.PositiveSmallIntegerField("提交次数", default=0)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ["criterion_id", "id"]
        indexes = [*Walled.Meta.indexes, models.Index(fields=["sha256"], name="evidence_sha256")]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion", "sha256"], name="evidence_once"),
            models.UniqueConstraint(fields=["site_visit", "sha256"], name="evidence_once_per_visit"),
            models.CheckConstraint(
                name="evidence_of_one_thing",
                condition=Q(criterion__isnull=True, site_visit__isnull=False)
                | Q(criterion__isnull=False, site_visit__isnull=True),
            ),
            models.CheckConstraint(name="evidence_rotation", condition=Q(rotation__in=[0, 90, 180, 270])),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> int | None:
        """The criterion's number; None of a site visit."""
        return self.criterion.number if self.criterion is not None else None

    @property
    def place(self) -> str:
        """Where it stands in its assessment, in words: 第 3 条, 现场核查."""
        return f"第 {self.criterion.number} 条" if self.criterion is not None else "现场核查"

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


@tracked()
class ReviewAction(Walled):
    """办理记录: one step of an assessment: who, from which jurisdiction, when, what, why.

    ``results`` holds the results as they stood, for comparing rounds. Invariant: never changed after it is written.
    """

    class Kind(models.TextChoices):
        OPEN = "open", "开始自评"
        SUBMIT = "submit", "提交自评"
        RECALL = "recall", "撤回自评"
        RETURN = "return", "退回"
        AGREE = "agree", "同意上报"
        PROPOSE_RECOGNISE = "propose_recognise", "拟认定，提请复核"
        RECOGNISE = "recognise", "认定"
        PROPOSE_REVOKE = "propose_revoke", "拟摘牌，提请复核"
        REVOKE = "revoke", "摘牌"
        DECLINE = "decline", "复核不同意"
        WITHDRAW = "withdraw", "撤回复核"
        END = "end", "终止"

    assessment = models.ForeignKey(
        Assessment, verbose_name="自评", on_delete=models.CASCADE, related_name="actions", db_index=False
    )
    kind = models.CharField("动作", max_length=20, choices=Kind.choices)
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="办理单位", on_delete=models.PROTECT, related_name="+")
    passed_to = models.ForeignKey(
        Jurisdiction, verbose_name="送达", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="办理人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")
    comment = models.TextField("意见", blank=True)
    round = models.PositiveSmallIntegerField("提交次数")
    total_points = models.DecimalField("得分", max_digits=10, decimal_places=5, null=True, blank=True)
    meets_standard = models.BooleanField("达到创建要求", null=True, blank=True)
    results = models.JSONField("当时结果", default=dict, encoder=DjangoJSONEncoder)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "办理记录"
        ordering = ["at", "id"]
        indexes = [
            *Walled.Meta.indexes,
            # The steps in order without their results: how long each took (进展, 环节).
            models.Index(
                fields=["assessment", "at", "id"], include=["kind", "jurisdiction", "path"], name="reviewaction_steps"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {timezone.localtime(self.at):%Y-%m-%d}"


@tracked()
class ReturnedCriterion(Walled):
    """退回条目: one criterion of a return, with its reason; a return without any is a return of the whole."""

    action = models.ForeignKey(
        ReviewAction,
        verbose_name="办理记录",
        on_delete=models.CASCADE,
        related_name="returned_criteria",
        db_index=False,
    )
    criterion = models.ForeignKey(Criterion, verbose_name="标准条目", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("退回理由")

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "退回条目"
        constraints = [
            models.UniqueConstraint(fields=["action", "criterion"], name="returned_criterion_once"),
            models.CheckConstraint(name="returned_criterion_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.number} {self.reason}"


@tracked()
class ReturnNote(Walled):
    """退回备注: a criterion that a reviewing level has noted with its reason for a return that is not sent yet (记入退回).

    Whoever works for that level sees it. Invariant: the next step of the assessment, whichever it is, leaves none.
    """

    assessment = models.ForeignKey(
        Assessment,
        verbose_name="自评",
        on_delete=models.CASCADE,
        related_name="return_notes",
        db_index=False,
    )
    criterion = models.ForeignKey(Criterion, verbose_name="标准条目", on_delete=models.PROTECT, related_name="+")
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="审核单位", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="记录人", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField("退回理由")
    at = models.DateTimeField("时间")

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "退回备注"
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion", "jurisdiction"], name="return_note_once"),
            models.CheckConstraint(name="return_note_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.number} {self.reason}"


@tracked()
class SecondApproval(Walled):
    """复核: a recognition or revocation that one person has proposed and a second one of the same bureau confirms or declines.

    ``values`` holds what the proposal would do (year, document number, comment or reason). ``decided_at`` is also when it was
    withdrawn. Invariant: at most one open per assessment and kind; nobody decides on their own proposal.
    """

    class Kind(models.TextChoices):
        RECOGNISE = "recognise", "认定"
        REVOKE = "revoke", "摘牌"

    class Outcome(models.TextChoices):
        OPEN = "open", "待复核"
        CONFIRMED = "confirmed", "已同意"
        DECLINED = "declined", "不同意"
        WITHDRAWN = "withdrawn", "已撤回"

    assessment = models.ForeignKey(
        Assessment, verbose_name="自评", on_delete=models.PROTECT, related_name="second_approvals"
    )
    kind = models.CharField("动作", max_length=20, choices=Kind.choices)
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="办理单位", on_delete=models.PROTECT, related_name="+")
    values = models.JSONField("拟办内容", default=dict, encoder=DjangoJSONEncoder)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="提出人", on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("提出时间")
    outcome = models.CharField("结果", max_length=20, choices=Outcome.choices, default=Outcome.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="复核人", on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField("复核时间", null=True)
    decline_reason = models.TextField("不同意理由", blank=True)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "复核"
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "kind"], condition=Q(outcome="open"), name="second_approval_open_once"
            ),
            models.CheckConstraint(
                name="second_approval_outcome",
                condition=Q(outcome="open", decided_by__isnull=True, decided_at__isnull=True)
                | Q(outcome="withdrawn", decided_by__isnull=True, decided_at__isnull=False)
                | (
                    Q(outcome="confirmed", decided_by__isnull=False, decided_at__isnull=False)
                    | (
                        Q(outcome="declined", decided_by__isnull=False, decided_at__isnull=False)
                        & ~Q(decline_reason="")
                    )
                ),
            ),
            models.CheckConstraint(
                name="second_approval_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}复核 {self.assessment}"
