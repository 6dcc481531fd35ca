"""Urban communities, their place in the tree, and the lists that districts confirm."""

from datetime import date
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.communities.spelling import shorten, spell
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.jurisdictions.models import Jurisdiction


def is_counted_in(year: int) -> Q:
    """The condition of a community that belongs to the base of ``year``."""
    end = date(year, 12, 31)
    opened = Q(opened_on__isnull=True) | Q(opened_on__lte=end)
    return opened & (Q(closed_on__isnull=True) | Q(closed_on__gt=end)) & Q(counts_as_urban=True)


class CommunityQuerySet(PathQuerySet["Community"]):
    """Sets of communities."""

    def counted_in(self, year: int) -> "CommunityQuerySet":
        """The base of a year: those that count as urban and exist at its end (domain: 底数)."""
        return self.filter(is_counted_in(year))

    def in_code_order(self) -> "CommunityQuerySet":
        return self.order_by(F("code").asc(nulls_last=True), "id")


@tracked(silent=("pinyin", "initials"))
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
    urban_reason = models.CharField("计入或不计入的理由", max_length=200, blank=True, db_default="")
    opened_on = models.DateField("设立日期", null=True, blank=True)
    closed_on = models.DateField("撤销日期", null=True, blank=True)
    # How the name is spelt, for searching: see ``communities.spelling``.
    pinyin = models.TextField("拼音", blank=True, db_default="", editable=False)
    initials = models.CharField("拼音首字母", max_length=100, blank=True, db_default="", editable=False)

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever writes the name writes its spelling."""
        written = kwargs.get("update_fields")
        if written is None or "name" in written:
            self.pinyin, self.initials = spell(self.name)
            if written is not None:
                kwargs["update_fields"] = {*written, "pinyin", "initials"}
        super().save(*args, **kwargs)

    @property
    def short_name(self) -> str:
        """The community's name as it stands in lists: 龙江社区 for 龙江社区居民委员会; other forms stay as they are."""
        return shorten(self.name)


class BaselineQuerySet(PathQuerySet["Baseline"]):
    """Sets of confirmed baselines."""

    def standing(self) -> "BaselineQuerySet":
        """Those not reopened."""
        return self.filter(reopened_at__isnull=True)


@tracked()
class Baseline(Walled):
    """底数确认: a district's urban communities of a year, surveyed and confirmed; where a branch has no districts, a city's.

    The number stands for that year, in every ratio, until the level above reopens it with a reason; what it counts are its
    entries. ``number`` stays when it is reopened, the entries go.
    Invariant: at most one standing per jurisdiction and year; a reopening has a reason.
    """

    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="确认辖区", on_delete=models.PROTECT, related_name="baselines"
    )
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("底数")
    confirmed_at = models.DateTimeField("确认时间")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="确认人", on_delete=models.PROTECT, related_name="+"
    )
    reopened_at = models.DateTimeField("退回时间", null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="退回人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    reopening_reason = models.TextField("退回理由", blank=True)

    objects = BaselineQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "底数确认"
        ordering = ["-year", "-confirmed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "year"], condition=Q(reopened_at__isnull=True), name="baseline_standing_once"
            ),
            models.CheckConstraint(
                name="baseline_reopening_reason",
                condition=Q(reopened_at__isnull=True) | ~Q(reopening_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.year} 年底数 {self.number}"


@tracked()
class BaselineEntry(Walled):
    """底数名单: a community that a standing baseline counts. It goes where the community goes.

    Invariant: a community counts once in a year.
    """

    baseline = models.ForeignKey(Baseline, verbose_name="底数确认", on_delete=models.CASCADE, related_name="entries")
    community = models.ForeignKey(
        Community,
        verbose_name="城市社区",
        on_delete=models.PROTECT,
        related_name="baseline_entries",
        db_index=False,
    )
    year = models.PositiveSmallIntegerField("年度")

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "底数名单"
        indexes = [*Walled.Meta.indexes, models.Index(fields=["year", "path"], name="baseline_entry_year")]
        constraints = [models.UniqueConstraint(fields=["community", "year"], name="baseline_entry_once")]

    def __str__(self) -> str:
        return f"{self.community} {self.year}"


@tracked()
class CommunitySurvey(Walled):
    """社区基本情况: what is known of a community in a year, with its source. What the columns mean stands in ``communities.facts``.

    ``further`` holds the values of added fields (SurveyField) by their code. A blank is unknown, never zero.
    Invariant: one per community and year; counts are not negative, shares are at most 100 percent, parts not above the whole.
    """

    community = models.ForeignKey(
        Community, verbose_name="城市社区", on_delete=models.PROTECT, related_name="surveys", db_index=False
    )
    year = models.PositiveSmallIntegerField("年度")
    households = models.PositiveIntegerField("户数", null=True, blank=True)
    population = models.PositiveIntegerField("常住人口", null=True, blank=True)
    area = models.DecimalField("面积", max_digits=10, decimal_places=4, null=True, blank=True)
    estates = models.PositiveIntegerField("小区数", null=True, blank=True)
    old_estates = models.PositiveIntegerField("老旧小区数", null=True, blank=True)
    renovated_in = models.PositiveSmallIntegerField("老旧小区改造年份", null=True, blank=True)
    property_coverage = models.DecimalField("物业管理覆盖率", max_digits=5, decimal_places=2, null=True, blank=True)
    parking_spaces = models.PositiveIntegerField("停车位", null=True, blank=True)
    has_security_system = models.BooleanField("智能化安防系统", null=True, blank=True)
    green_space = models.DecimalField("绿地面积", max_digits=12, decimal_places=2, null=True, blank=True)
    noise_complaints = models.PositiveIntegerField("噪声投诉", null=True, blank=True)
    noise_complaints_handled = models.PositiveIntegerField("噪声投诉办结", null=True, blank=True)
    trainings = models.PositiveIntegerField("开展培训", null=True, blank=True)
    heritage_sites = models.PositiveIntegerField("历史文化保护对象", null=True, blank=True)
    further = models.JSONField("补充项目", default=dict, blank=True)
    source = models.CharField("资料来源", max_length=200)
    surveyed_on = models.DateField("调查日期")
    version = models.PositiveIntegerField("版本", default=1)
    recorded_at = models.DateTimeField("填写时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填写人", on_delete=models.PROTECT, related_name="+"
    )

    objects = PathQuerySet["CommunitySurvey"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "社区基本情况"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["community", "year"], name="survey_once_a_year"),
            models.CheckConstraint(name="survey_area", condition=Q(area__isnull=True) | Q(area__gte=0)),
            models.CheckConstraint(
                name="survey_green_space", condition=Q(green_space__isnull=True) | Q(green_space__gte=0)
            ),
            models.CheckConstraint(
                name="survey_property_coverage",
                condition=Q(property_coverage__isnull=True) | Q(property_coverage__range=(0, 100)),
            ),
            models.CheckConstraint(
                name="survey_handled_of_complaints",
                condition=Q(noise_complaints_handled__isnull=True)
                | Q(noise_complaints__isnull=True)
                | Q(noise_complaints_handled__lte=F("noise_complaints")),
            ),
            models.CheckConstraint(
                name="survey_old_of_estates",
                condition=Q(old_estates__isnull=True) | Q(estates__isnull=True) | Q(old_estates__lte=F("estates")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.year} 年基本情况"

    @property
    def noise_handled_ratio(self) -> Fraction | None:
        """Handled of all noise complaints; None where there were none, or it is not known."""
        if not self.noise_complaints or self.noise_complaints_handled is None:
            return None
        return Fraction(self.noise_complaints_handled, self.noise_complaints)


@tracked()
class SurveyField(Walled):
    """调查项目: a fact that a jurisdiction asks of the communities below it, beside those that everybody asks.

    Invariant: a label is unique in its jurisdiction, and by the verbs on the whole line; once there are values, nothing is
    changed that would make one of them wrong. A retired one keeps its values and is not asked any more.
    """

    class Kind(models.TextChoices):
        WHOLE = "whole", "整数"
        DECIMAL = "decimal", "小数"
        PERCENT = "percent", "百分比"
        YES_NO = "yes_no", "是或否"
        CHOICE = "choice", "选项"
        TEXT = "text", "文字"
        YEAR = "year", "年份"

    jurisdiction = models.ForeignKey(
        Jurisdiction,
        verbose_name="设置单位",
        on_delete=models.PROTECT,
        related_name="survey_fields",
        db_index=False,
    )
    number = models.PositiveSmallIntegerField("序号", default=1)
    label = models.CharField("名称", max_length=30)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    unit = models.CharField("单位", max_length=10, blank=True)
    choices = ArrayField(models.CharField(max_length=30), verbose_name="选项", default=list, blank=True)
    least = models.DecimalField("最小值", max_digits=14, decimal_places=4, null=True, blank=True)
    most = models.DecimalField("最大值", max_digits=14, decimal_places=4, null=True, blank=True)
    is_required = models.BooleanField("必填", default=False)
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    objects = PathQuerySet["SurveyField"].as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "调查项目"
        ordering = ["path", "number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "label"], name="survey_field_label"),
            models.CheckConstraint(
                name="survey_field_kind",
                condition=Q(kind__in=["whole", "decimal", "percent", "yes_no", "choice", "text", "year"]),
            ),
            models.CheckConstraint(name="survey_field_choices", condition=~Q(kind="choice") | ~Q(choices=[])),
            models.CheckConstraint(
                name="survey_field_bounds",
                condition=Q(least__isnull=True) | Q(most__isnull=True) | Q(least__lte=F("most")),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def code(self) -> str:
        """By what a survey keeps the value: never changes, whatever the field is called."""
        return f"f{self.pk}"
