"""What a jurisdiction has to reach in a year."""

from django.db import models
from django.db.models import Q

from apps.campaigns.models.campaign import Campaign
from apps.core.history import tracked
from apps.core.models import Walled
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction


@tracked()
class Target(Walled):
    """创建目标: what a jurisdiction, and each below it, must reach in a year.

    ``value`` is a percent of the base (累计), a number of pilots per street or a number of communities; ``upper`` closes a
    range such as 1–2 pilots. ``issued_by`` gave it out (下达单位): whoever is below may not change it; None where that was not
    kept. Invariant: one per campaign, jurisdiction, year and kind; percent is above 0 and at most 100.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", "占城市社区比例（%）"
        PILOTS_PER_STREET = "pilots_per_street", "每街道试点数"
        NUMBER = "number", "社区数"

    campaign = models.ForeignKey(
        Campaign, verbose_name="创建行动", on_delete=models.CASCADE, related_name="targets", db_index=False
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="targets"
    )
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    value = models.DecimalField("目标值", max_digits=8, decimal_places=2)
    upper = models.DecimalField("上限", max_digits=8, decimal_places=2, null=True, blank=True)
    document_number = models.CharField("文号", max_length=100, blank=True)
    source = models.CharField("依据", max_length=200, blank=True)
    issued_by = models.ForeignKey(
        Jurisdiction, verbose_name="下达单位", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "创建目标"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "jurisdiction", "year", "kind"], name="target_once"),
            models.CheckConstraint(
                name="target_value",
                condition=Q(kind="percent", value__gt=0, value__lte=100)
                | Q(kind__in=["pilots_per_street", "number"], value__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction.name} {self.year} {self.get_kind_display()} {self.value}"

    @property
    def said(self) -> str:
        """The target in short: `60%`, `24 个`, `1–2 个`."""
        if self.kind == self.Kind.PERCENT:
            return f"{plain(self.value)}%"
        return f"{plain(self.value)} 个" if self.upper is None else f"{plain(self.value)}–{plain(self.upper)} 个"
