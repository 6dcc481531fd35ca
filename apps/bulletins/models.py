"""Bulletins and what they say."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.bulletins.ranking import FULFILMENT, RATIO, RankedUnit
from apps.campaigns.models import Campaign
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction


class BulletinQuerySet(PathQuerySet["Bulletin"]):
    """Sets of bulletins."""


@tracked()
class Bulletin(Walled):
    """通报: how the units below stand, who is praised and urged, published to all below (苏建房管〔2020〕152号: 全省通报).

    A draft shows the figures of the day; published ones are frozen in ``units``. Invariant: what is published is not changed; it
    stands, or is withdrawn with a reason.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤回"

    class RankedBy(models.TextChoices):
        RATIO = RATIO, "合计完成比例"
        FULFILMENT = FULFILMENT, "目标完成率"

    campaign = models.ForeignKey(Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="bulletins")
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="通报单位", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("标题", max_length=200)
    document_number = models.CharField("文号", max_length=100, blank=True)
    text = models.TextField("通报正文", blank=True)
    ranked_by = models.CharField("排名依据", max_length=20, choices=RankedBy.choices, default=RankedBy.RATIO)
    praised = ArrayField(models.BigIntegerField(), verbose_name="表扬单位", default=list, blank=True)
    urged = ArrayField(models.BigIntegerField(), verbose_name="督促单位", default=list, blank=True)
    units = models.JSONField("排名数据", default=list, blank=True)
    as_of = models.DateField("截至日期", null=True, blank=True)
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("拟稿时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="拟稿人", on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发布人",
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

    objects = BulletinQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "通报"
        constraints = [
            models.CheckConstraint(
                name="bulletin_status",
                condition=Q(status="draft", published_at__isnull=True)
                | Q(status="published", published_at__isnull=False, as_of__isnull=False)
                | (Q(status="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
            ),
            models.CheckConstraint(name="bulletin_praised_or_urged", condition=~Q(praised__overlap=models.F("urged"))),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def frozen(self) -> list[RankedUnit]:
        """The units as they stood when the bulletin was published."""
        return [RankedUnit(**one) for one in self.units]
