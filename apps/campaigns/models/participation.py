"""Communities that take part, those that were recognised, and what transfers leave in the figures of earlier years."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.campaigns.models.campaign import Campaign
from apps.communities.models import Community
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction


class ParticipationQuerySet(PathQuerySet["Participation"]):
    """Sets of participations."""

    def going_on(self) -> "ParticipationQuerySet":
        """Those that did not end with their community."""
        return self.filter(ended_on__isnull=True)


@tracked()
class Participation(Walled):
    """参与创建: a community is enrolled in a campaign and planned for a year.

    ``stage`` says where it stands on its way; only the verbs of ``assessments`` and of recognition move it. From ``ended_on``,
    the day that the community went, it counts no more.
    Invariant: a community takes part once per campaign, and in no two campaigns of one line (parent and child).
    """

    class Stage(models.TextChoices):
        PLANNED = "planned", "未填报"
        DRAFTING = "drafting", "自评中"
        IN_REVIEW = "in_review", "审核中"
        RETURNED = "returned", "已退回"
        RECOGNISED = "recognised", "已认定"

    campaign = models.ForeignKey(
        Campaign,
        verbose_name="创建行动",
        on_delete=models.PROTECT,
        related_name="participations",
        db_index=False,
    )
    community = models.ForeignKey(
        Community, verbose_name="城市社区", on_delete=models.PROTECT, related_name="participations"
    )
    year = models.PositiveSmallIntegerField("计划年度")
    is_pilot = models.BooleanField("试点", default=False)
    stage = models.CharField("进度", max_length=20, choices=Stage.choices, default=Stage.PLANNED)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    created_at = models.DateTimeField("列入时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="列入人", on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = ParticipationQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "参与创建"
        indexes = [*Walled.Meta.indexes, models.Index(fields=["campaign", "path"], name="participation_campaign")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "community"], name="participation_once"),
            models.CheckConstraint(
                name="participation_stage",
                condition=Q(stage__in=["planned", "drafting", "in_review", "returned", "recognised"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.year}"


class RecognitionQuerySet(PathQuerySet["Recognition"]):
    """Sets of recognitions."""

    def standing(self) -> "RecognitionQuerySet":
        """Those not revoked."""
        return self.filter(revoked_at__isnull=True)

    def revoked(self) -> "RecognitionQuerySet":
        """Those taken back (摘牌): few, with an index of their own."""
        return self.filter(revoked_at__isnull=False)

    def in_force(self) -> "RecognitionQuerySet":
        """Those neither revoked nor ended with their community: the green communities of today."""
        return self.standing().filter(ended_on__isnull=True)


@tracked()
class Adoption(Walled):
    """接收认定: one decision by which recognitions of earlier years, made before the campaign ran here, were taken over from paper.

    ``jurisdiction`` is the last level of the chain, which answers for them; ``sources`` names the files that they stood in.
    """

    campaign = models.ForeignKey(Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="adoptions")
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="接收单位", on_delete=models.PROTECT, related_name="+")
    document_number = models.CharField("文号", max_length=100)
    decided_on = models.DateField("文件日期")
    reason = models.TextField("接收理由")
    sources = models.TextField("来源文件")
    adopted_at = models.DateTimeField("接收时间")
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="接收人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "接收认定"
        ordering = ["-adopted_at", "-id"]
        constraints = [
            models.CheckConstraint(name="adoption_on_record", condition=~Q(document_number="") & ~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"接收认定 {self.document_number}"


@tracked()
class Recognition(Walled):
    """绿色社区（认定）: the final act; the community is a 绿色社区 as of ``year``. Revoked (摘牌) it counts no more, and from
    ``ended_on``, the day that the community went, not in the years that end after it.

    ``correction_reason``: why the document number was corrected last; the history keeps the earlier ones.
    ``adoption``: the decision by which it was taken over from paper; it then rests on no self-assessment, whose holder answers for
    others, and ``authority`` is the office that answers for it.
    Invariant: at most one standing recognition per participation; a revocation has a reason.
    """

    participation = models.ForeignKey(
        Participation, verbose_name="参与创建", on_delete=models.PROTECT, related_name="recognitions"
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name="创建行动",
        on_delete=models.PROTECT,
        related_name="recognitions",
        db_index=False,
    )
    community = models.ForeignKey(
        Community, verbose_name="城市社区", on_delete=models.PROTECT, related_name="recognitions"
    )
    year = models.PositiveSmallIntegerField("认定年度")
    document_number = models.CharField("认定文号", max_length=100, blank=True)
    correction_reason = models.TextField("文号更正理由", blank=True)
    recognised_at = models.DateTimeField("认定时间")
    recognised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="认定人", on_delete=models.PROTECT, related_name="+", null=True
    )
    adoption = models.ForeignKey(
        Adoption,
        verbose_name="接收认定",
        on_delete=models.PROTECT,
        related_name="recognitions",
        null=True,
        blank=True,
    )
    authority = models.ForeignKey(
        Jurisdiction, verbose_name="认定单位", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    revoked_at = models.DateTimeField("摘牌时间", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="摘牌人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    revocation_reason = models.TextField("摘牌理由", blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)

    objects = RecognitionQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "绿色社区认定"
        indexes = [
            *Walled.Meta.indexes,
            models.Index(fields=["campaign", "path"], name="recognition_campaign"),
            models.Index(fields=["path"], condition=Q(revoked_at__isnull=False), name="recognition_revoked"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participation"], condition=Q(revoked_at__isnull=True), name="recognition_standing_once"
            ),
            models.CheckConstraint(
                name="recognition_adopted_authority",
                condition=Q(adoption__isnull=True, authority__isnull=True)
                | Q(adoption__isnull=False, authority__isnull=False),
            ),
            models.CheckConstraint(
                name="recognition_revocation_reason",
                condition=Q(revoked_at__isnull=True) | ~Q(revocation_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.year}"

    @property
    def is_in_force(self) -> bool:
        """Whether it is neither revoked nor ended with its community."""
        return self.revoked_at is None and self.ended_on is None


@tracked()
class TransferredFigures(Walled):
    """划转前数据: what a transfer of communities to another jurisdiction takes from one's figures of a year before it, or adds to
    the other's, so that past years stay as they were reported.

    ``base`` belongs to no ``campaign``, the rest to one; ``recognitions`` holds them by the day on which they count
    (``rollup.DAY``) and their id, as {"2021-03-31#17": 1}; the oldest have no id. Written with the transfer, for both sides: where
    they meet they cancel out.
    """

    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="transferred_figures"
    )
    campaign = models.ForeignKey(
        Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    year = models.PositiveSmallIntegerField("统计年度")
    base = models.IntegerField("底数", default=0)
    enrolled = models.IntegerField("参与创建", default=0)
    pilots = models.IntegerField("试点", default=0)
    recognitions = models.JSONField("认定数", default=dict)
    effective_on = models.DateField("划转日期")

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "划转前数据"

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.year}"
