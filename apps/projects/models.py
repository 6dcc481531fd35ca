"""What is built or retrofitted in a community, and the money behind it. What may be put down stands in facts.py."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction

LONGEST_NAME, LONGEST_CONTENT = 100, 500


class Source(models.TextChoices):
    """资金来源, in the words of the documents.

    国家方案 四（一）: 财政部门资金支持, 信贷支持, 社会力量投资; 北京市方案 四（二）: 中央、市级、区级财政, 社会资本;
    天津市方案 五（二）: 财政支持; 楚雄州方案 三（二）: 专项债资金. 居民出资 is what residents pay themselves.
    """

    FISCAL = "fiscal", "财政资金"
    BOND = "bond", "专项债券"
    CREDIT = "credit", "信贷资金"
    PRIVATE = "private", "社会资本"
    RESIDENTS = "residents", "居民出资"


SOURCE_NOTES: dict[str, str] = {
    Source.FISCAL: "中央、省、市（州）、县（市、区）各级财政预算和补助",
    Source.BOND: "地方政府专项债券",
    Source.CREDIT: "政策性、开发性、商业银行贷款",
    Source.PRIVATE: "企业、专业机构、管线单位等社会力量的投资",
    Source.RESIDENTS: "居民出资，含住宅专项维修资金、公共收益",
}


class State(models.TextChoices):
    """Where a project stands, by its dates."""

    PLANNED = "planned", "未开工"
    BUILDING = "building", "在建"
    COMPLETED = "completed", "已完工"
    ENDED = "ended", "已终止"


class ProjectQuerySet(PathQuerySet["Project"]):
    """Sets of projects."""

    def in_state(self, state: str) -> "ProjectQuerySet":
        """Those of which ``state`` is the state; `late` narrows to what is past its planned end and neither done nor ended."""
        match state:
            case State.PLANNED:
                return self.filter(started_on=None, ended_on=None)
            case State.BUILDING:
                return self.filter(started_on__isnull=False, completed_on=None, ended_on=None)
            case State.COMPLETED:
                return self.filter(completed_on__isnull=False, ended_on=None)
            case State.ENDED:
                return self.filter(ended_on__isnull=False)
        return self.none()

    def late_on(self, day: date) -> "ProjectQuerySet":
        """Those whose planned end has passed, neither completed nor ended."""
        return self.filter(planned_end__lt=day, completed_on=None, ended_on=None)


@tracked()
class Project(Walled):
    """建设改造项目: what is built or retrofitted in one community under a campaign, for which criteria, from when to when.

    One that covers several communities is put down in each of them with its share of the money. ``criteria`` holds the ids of
    criteria of the campaign's standard; a published one is frozen, so that none of them goes.
    Invariant: a name stands once in a community and campaign; completed after it was started; ended with a reason, never both.
    """

    community = models.ForeignKey(
        Community, verbose_name="城市社区", on_delete=models.PROTECT, related_name="projects", db_index=False
    )
    campaign = models.ForeignKey(Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="projects")
    name = models.CharField("项目名称", max_length=LONGEST_NAME)
    content = models.TextField("建设改造内容", blank=True)
    criteria = ArrayField(models.BigIntegerField(), verbose_name="对应条目")
    planned_start = models.DateField("计划开工")
    planned_end = models.DateField("计划完工")
    started_on = models.DateField("开工日期", null=True, blank=True)
    completed_on = models.DateField("完工日期", null=True, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    end_reason = models.CharField("终止理由", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    recorded_at = models.DateTimeField("更新时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="更新人", on_delete=models.PROTECT, related_name="+"
    )

    objects = ProjectQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "建设改造项目"
        ordering = ["path", "community", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "campaign", "name"], name="project_name"),
            models.CheckConstraint(name="project_criteria", condition=Q(criteria__len__gte=1)),
            models.CheckConstraint(name="project_plan", condition=Q(planned_start__lte=F("planned_end"))),
            models.CheckConstraint(
                name="project_completed_after_start",
                condition=Q(completed_on__isnull=True) | Q(started_on__isnull=False, completed_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="project_ended",
                condition=Q(ended_on__isnull=True, end_reason="")
                | (Q(ended_on__isnull=False, completed_on__isnull=True) & ~Q(end_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> State:
        if self.ended_on is not None:
            return State.ENDED
        if self.completed_on is not None:
            return State.COMPLETED
        return State.BUILDING if self.started_on is not None else State.PLANNED

    def is_late_on(self, day: date) -> bool:
        """Whether its planned end has passed and it is neither completed nor ended."""
        return self.planned_end < day and self.state in (State.PLANNED, State.BUILDING)


@tracked()
class Funding(Walled):
    """项目资金: what one source gives to a project in a year, in 万元: planned (计划投资) and spent (完成投资).

    Invariant: one row per project, year and source; no amount is negative, one of the two is more than nothing.
    """

    project = models.ForeignKey(
        Project, verbose_name="建设改造项目", on_delete=models.CASCADE, related_name="funding", db_index=False
    )
    source = models.CharField("资金来源", max_length=20, choices=Source.choices)
    year = models.PositiveSmallIntegerField("资金年度")
    planned = models.DecimalField("计划投资（万元）", max_digits=12, decimal_places=2, default=Decimal(0))
    spent = models.DecimalField("完成投资（万元）", max_digits=12, decimal_places=2, default=Decimal(0))

    objects = PathQuerySet["Funding"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "项目资金"
        ordering = ["year", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "year", "source"], name="funding_once"),
            models.CheckConstraint(
                name="funding_source", condition=Q(source__in=["fiscal", "bond", "credit", "private", "residents"])
            ),
            models.CheckConstraint(
                name="funding_amounts",
                condition=Q(planned__gte=0, spent__gte=0) & (Q(planned__gt=0) | Q(spent__gt=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.year} 年{self.get_source_display()}"


@tracked()
class TransferredFunds(Walled):
    """划转前资金: what a transfer of communities to another jurisdiction takes from one's sums of a year before it, or adds to the
    other's, so that sums of past years stay as they were reported; written for both sides, where they meet they cancel out.
    """

    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="transferred_funds"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="创建行动", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("资金年度")
    source = models.CharField("资金来源", max_length=20, choices=Source.choices)
    planned = models.DecimalField("计划投资（万元）", max_digits=14, decimal_places=2)
    spent = models.DecimalField("完成投资（万元）", max_digits=14, decimal_places=2)
    effective_on = models.DateField("划转日期")

    objects = PathQuerySet["TransferredFunds"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "划转前资金"
        constraints = [
            models.CheckConstraint(
                name="transferred_funds_source",
                condition=Q(source__in=["fiscal", "bond", "credit", "private", "residents"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.year} 年{self.get_source_display()}"
