"""Changes of communities (社区变更) and of jurisdictions (区划调整), and who succeeded whom."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.communities.models import Community
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction

# What the effects of a change call a community that moves singly.
COMMUNITY = "社区"


class Change(Walled):
    """What changes of communities and of jurisdictions have in common.

    ``effects`` tells what came of it, as the page before it had announced: lines of ``what``, ``name``, ``fate``, ``note``.
    ``submission`` is the form's: sent twice, it is carried out once.
    """

    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="变更辖区", on_delete=models.PROTECT, related_name="%(class)ss"
    )
    effective_on = models.DateField("生效日期")
    document_number = models.CharField("批准文号", max_length=100, blank=True)
    reason = models.TextField("变更理由")
    effects = models.JSONField("变更结果", default=list)
    submission = models.UUIDField("提交编号", unique=True, editable=False)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = PathQuerySet.as_manager()

    class Meta(Walled.Meta):
        abstract = True

    def made(self) -> list[int]:
        """Return the jurisdictions (ids) that came into being by it."""
        return []


@tracked()
class CommunityChange(Change):
    """社区变更: a community was opened, renamed, closed, merged, split, or moved to another street.

    ``jurisdiction`` is the lowest one that contains all of its communities before and after.
    Invariant: effective in the year it is recorded in, so that figures of earlier years stay; recorded with its successions.
    """

    class Kind(models.TextChoices):
        OPEN = "open", "新设"
        RENAME = "rename", "更名"
        CLOSE = "close", "撤销"
        MERGE = "merge", "合并"
        SPLIT = "split", "拆分"
        MOVE = "move", "调整所属街道"

    kind = models.CharField("类型", max_length=10, choices=Kind.choices)

    class Meta(Change.Meta):
        verbose_name = verbose_name_plural = "社区变更"
        ordering = ["-effective_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="community_change_kind",
                condition=Q(kind__in=["open", "rename", "close", "merge", "split", "move"]),
            ),
            models.CheckConstraint(name="community_change_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction}社区{self.get_kind_display()} {self.effective_on:%Y-%m-%d}"


@tracked()
class Succession(Walled):
    """社区承继: which community stands for which after a change, with their names and streets as they were before and after.

    One that was opened has no predecessor, one that was closed no successor; renamed or moved, a community succeeds itself.
    """

    change = models.ForeignKey(
        CommunityChange, verbose_name="社区变更", on_delete=models.CASCADE, related_name="successions"
    )
    predecessor = models.ForeignKey(
        Community,
        verbose_name="变更前社区",
        on_delete=models.PROTECT,
        related_name="succeeded_by",
        null=True,
        blank=True,
    )
    successor = models.ForeignKey(
        Community,
        verbose_name="变更后社区",
        on_delete=models.PROTECT,
        related_name="succeeds",
        null=True,
        blank=True,
    )
    name_before = models.CharField("变更前名称", max_length=220, blank=True)
    name_after = models.CharField("变更后名称", max_length=220, blank=True)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "社区承继"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="succession_of_somebody",
                condition=Q(predecessor__isnull=False) | Q(successor__isnull=False),
            )
        ]

    def __str__(self) -> str:
        if self.name_before and self.name_after:
            return f"{self.name_before} → {self.name_after}"
        return self.name_before or self.name_after


def has_changed() -> models.Exists:
    """Whether a community came out of a change, or went into one: for annotating communities."""
    mine = Q(predecessor=models.OuterRef("pk")) | Q(successor=models.OuterRef("pk"))
    return models.Exists(Succession.objects.filter(mine))


@tracked()
class JurisdictionChange(Change):
    """区划调整: a jurisdiction was renamed or given a new code, moved to another parent, made, enlarged, or merged into another.

    ``jurisdiction`` is the lowest one that contains all of them before and after.
    Invariant: effective in the year it is recorded in, so that figures of earlier years stay.
    """

    class Kind(models.TextChoices):
        RENAME = "rename", "更名、变更代码"
        MOVE = "move", "调整隶属"
        ZONE = "zone", "设立开发区"
        TAKE_OVER = "take_over", "开发区接管"
        MERGE = "merge", "撤并"

    kind = models.CharField("类型", max_length=10, choices=Kind.choices)

    class Meta(Change.Meta):
        verbose_name = verbose_name_plural = "区划调整"
        ordering = ["-effective_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="jurisdiction_change_kind",
                condition=Q(kind__in=["rename", "move", "zone", "take_over", "merge"]),
            ),
            models.CheckConstraint(name="jurisdiction_change_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction}{self.get_kind_display()} {self.effective_on:%Y-%m-%d}"

    def made(self) -> list[int]:
        return [one.successor_id for one in self.successions.all() if one.predecessor_id is None]

    @property
    def taken_singly(self) -> list[dict[str, Any]]:
        """The effects on communities that a development zone has taken over without their streets."""
        zones = (self.Kind.ZONE, self.Kind.TAKE_OVER)
        return [one for one in self.effects if one["what"] == COMMUNITY] if self.kind in zones else []

    @property
    def steps(self) -> list[str]:
        """What became of what, a line each."""
        return [*map(str, self.successions.all()), *(f"{one['name']}{one['fate']}" for one in self.taken_singly)]


@tracked()
class JurisdictionSuccession(Walled):
    """区划承继: which jurisdiction stands for which after a change, with names and codes as they were before and after."""

    change = models.ForeignKey(
        JurisdictionChange, verbose_name="区划调整", on_delete=models.CASCADE, related_name="successions"
    )
    predecessor = models.ForeignKey(
        Jurisdiction,
        verbose_name="调整前辖区",
        on_delete=models.PROTECT,
        related_name="succeeded_by",
        null=True,
        blank=True,
    )
    successor = models.ForeignKey(
        Jurisdiction, verbose_name="调整后辖区", on_delete=models.PROTECT, related_name="succeeds"
    )
    name_before = models.CharField("调整前名称", max_length=220, blank=True)
    name_after = models.CharField("调整后名称", max_length=220)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "区划承继"
        ordering = ["id"]

    def __str__(self) -> str:
        """A zone that takes over more stands for itself: named once."""
        if self.name_before in ("", self.name_after):
            return self.name_after
        return f"{self.name_before} → {self.name_after}"
