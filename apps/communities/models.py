"""Urban communities and their place in the tree."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction


class CommunityQuerySet(PathQuerySet["Community"]):
    """Sets of communities."""

    def counted_in(self, year: int) -> "CommunityQuerySet":
        """The base of a year: those that count as urban and exist at its end (domain: 底数)."""
        end = date(year, 12, 31)
        return self.filter(
            Q(opened_on__isnull=True) | Q(opened_on__lte=end),
            Q(closed_on__isnull=True) | Q(closed_on__gt=end),
            counts_as_urban=True,
        )

    def in_code_order(self) -> "CommunityQuerySet":
        return self.order_by(F("code").asc(nulls_last=True), "id")


@tracked()
class Community(Walled):
    """城市社区: the area of one urban residents' committee, the object that is created green.

    Invariant: a code is unique in the nation; a name identifies nothing. Exists from ``opened_on`` (None: always) until the
    day before ``closed_on``.
    """

    code = models.CharField("区划代码", max_length=12, unique=True, null=True, blank=True)
    name = models.CharField("名称", max_length=100)
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="所属辖区", on_delete=models.PROTECT, related_name="communities"
    )
    counts_as_urban = models.BooleanField("计入城市社区", default=True)
    opened_on = models.DateField("设立日期", null=True, blank=True)
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    objects = CommunityQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "城市社区"
        constraints = [
            models.CheckConstraint(
                name="community_closed_after_opened",
                condition=Q(opened_on__isnull=True) | Q(closed_on__isnull=True) | Q(closed_on__gt=F("opened_on")),
            )
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def short_name(self) -> str:
        """The community's name as it stands in lists: 龙江社区 for 龙江社区居民委员会; other forms stay as they are."""
        for ending in ("居民委员会", "居委会"):
            if self.name.endswith("社区" + ending):
                return self.name.removesuffix(ending)
        return self.name
