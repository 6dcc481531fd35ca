"""Standards as data: sections, criteria, sub-items, deduction rules. The arithmetic is in scoring.py."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.core.history import tracked
from apps.core.models import Walled
from apps.jurisdictions.models import Jurisdiction
from apps.standards.specs import FACTS_OF_KIND


class StandardQuerySet(models.QuerySet["Standard"]):
    """Sets of standards."""

    def published(self) -> "StandardQuerySet":
        return self.filter(status=Standard.Status.PUBLISHED)


@tracked()
class Standard(Walled):
    """创建标准: a catalogue of criteria issued by a jurisdiction.

    ``replaces`` is the version before this one; ``revision`` counts the changes of a draft, so that two who edit it notice each
    other. Invariant: once published, it and all its parts are frozen by the database; a new version is a new row.
    """

    class Kind(models.TextChoices):
        PASS_FAIL = "pass_fail", "达标制"
        SCORED = "scored", "评分制"

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"

    code = models.SlugField("标准代码", max_length=50, unique=True)
    name = models.CharField("标准名称", max_length=200)
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="发布辖区", on_delete=models.PROTECT, related_name="standards"
    )
    derived_from = models.ForeignKey(
        "self", verbose_name="依据标准", on_delete=models.PROTECT, related_name="derivations", null=True, blank=True
    )
    replaces = models.ForeignKey(
        "self", verbose_name="前一版本", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True
    )
    version = models.PositiveSmallIntegerField("版本", default=1)
    revision = models.PositiveIntegerField("修改次数", default=0)
    document_title = models.CharField("文件名称", max_length=200, blank=True)
    document_number = models.CharField("文号", max_length=100, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    note = models.TextField("注", blank=True)
    kind = models.CharField("评价方式", max_length=20, choices=Kind.choices)
    total_points = models.DecimalField("总分", max_digits=7, decimal_places=2, null=True, blank=True)
    pass_mark = models.DecimalField("达标分", max_digits=7, decimal_places=2, null=True, blank=True)
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.DRAFT)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发布人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    objects = StandardQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "创建标准"
        constraints = [
            models.CheckConstraint(name="standard_kind", condition=Q(kind__in=["pass_fail", "scored"])),
            models.CheckConstraint(name="standard_status", condition=Q(status__in=["draft", "published"])),
            models.CheckConstraint(
                name="standard_points_when_scored",
                condition=Q(kind="pass_fail", total_points=None, pass_mark=None)
                | Q(kind="scored", total_points__gt=0, pass_mark__gt=0, pass_mark__lte=models.F("total_points")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_scored(self) -> bool:
        return self.kind == self.Kind.SCORED


@tracked()
class Section(Walled):
    """内容: a group of criteria under the document's own heading."""

    standard = models.ForeignKey(
        Standard, verbose_name="标准", on_delete=models.CASCADE, related_name="sections", db_index=False
    )
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("内容", max_length=200)
    weight = models.DecimalField("权重", max_digits=6, decimal_places=3, default=1)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "内容"
        ordering = ["standard", "number"]
        constraints = [models.UniqueConstraint(fields=["standard", "number"], name="section_number")]

    def __str__(self) -> str:
        return self.title


@tracked()
class Criterion(Walled):
    """标准条目: one numbered line of a standard, tied to the national criterion that it carries out, if any.

    ``refines`` is the criterion of the standard it is derived from; at the first derivation that is the national one itself.
    Invariant: numbers are unique within the standard; a tie leads to a criterion of another standard.
    """

    class CheckMethod(models.TextChoices):
        DOCUMENTS = "documents", "查阅资料"
        SITE_VISIT = "site_visit", "现场查看"
        INTERVIEWS = "interviews", "访谈"
        QUESTIONNAIRE = "questionnaire", "问卷"

    standard = models.ForeignKey(
        Standard, verbose_name="标准", on_delete=models.CASCADE, related_name="criteria", db_index=False
    )
    section = models.ForeignKey(Section, verbose_name="内容", on_delete=models.CASCADE, related_name="criteria")
    number = models.PositiveSmallIntegerField("条目号")
    text = models.TextField("标准条目")
    national_criterion = models.ForeignKey(
        "self", verbose_name="对应国家条目", on_delete=models.PROTECT, related_name="refinements", null=True, blank=True
    )
    refines = models.ForeignKey(
        "self", verbose_name="细化的上级条目", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    points = models.DecimalField("分值", max_digits=6, decimal_places=2, null=True, blank=True)
    allows_not_applicable = models.BooleanField("允许不适用", default=False)
    is_veto = models.BooleanField("一票否决", default=False)
    is_mandatory = models.BooleanField("必备条目", default=False)
    is_bonus = models.BooleanField("加分项", default=False)
    scoring_text = models.TextField("评分标准", blank=True)
    guidance = models.TextField("说明", blank=True)
    required_evidence = ArrayField(
        models.CharField(max_length=100), verbose_name="必需佐证材料", default=list, blank=True
    )
    check_methods = ArrayField(
        models.CharField(max_length=20, choices=CheckMethod.choices), verbose_name="核查方式", default=list, blank=True
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "标准条目"
        ordering = ["standard", "number"]
        constraints = [models.UniqueConstraint(fields=["standard", "number"], name="criterion_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"


@tracked()
class SubItem(Walled):
    """分项: a part of a criterion that holds points of its own; its rules cannot take more."""

    criterion = models.ForeignKey(
        Criterion,
        verbose_name="标准条目",
        on_delete=models.CASCADE,
        related_name="sub_items",
        db_index=False,
    )
    number = models.PositiveSmallIntegerField("序号")
    text = models.TextField("分项内容")
    points = models.DecimalField("分值", max_digits=6, decimal_places=2)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "分项"
        ordering = ["criterion", "number"]
        constraints = [models.UniqueConstraint(fields=["criterion", "number"], name="sub_item_number")]

    def __str__(self) -> str:
        return self.text


@tracked()
class DeductionRule(Walled):
    """扣分项: how points are lost (a bonus: gained) on a criterion.

    Which parameters a kind uses is told by ``standards.scoring``; the others stay empty.
    """

    class Kind(models.TextChoices):
        FIXED = "fixed", "固定扣分"
        RANGE = "range", "区间扣分"
        COUNT = "count", "按处扣分"
        RATE_SHORTFALL = "rate_shortfall", "比率不足扣分"
        COUNT_SHORTFALL = "count_shortfall", "次数不足扣分"
        BONUS_RANGE = "bonus_range", "区间加分"

    class Rounding(models.TextChoices):
        FULL_STEPS = "full_steps", "满一档才扣"
        STARTED_STEPS = "started_steps", "不足一档按一档扣"

    criterion = models.ForeignKey(
        Criterion, verbose_name="标准条目", on_delete=models.CASCADE, related_name="rules", db_index=False
    )
    sub_item = models.ForeignKey(
        SubItem, verbose_name="分项", on_delete=models.CASCADE, related_name="rules", null=True, blank=True
    )
    number = models.PositiveSmallIntegerField("序号")
    text = models.TextField("扣分情形")
    kind = models.CharField("类型", max_length=20, choices=Kind.choices)
    points = models.DecimalField("分值（每档、每处、每次）", max_digits=6, decimal_places=2, null=True, blank=True)
    min_points = models.DecimalField("最少", max_digits=6, decimal_places=2, null=True, blank=True)
    max_points = models.DecimalField("最多", max_digits=6, decimal_places=2, null=True, blank=True)
    cap = models.DecimalField("扣分上限", max_digits=6, decimal_places=2, null=True, blank=True)
    full_value = models.DecimalField("满额值（%）", max_digits=6, decimal_places=2, null=True, blank=True)
    step = models.DecimalField("档距（百分点）", max_digits=6, decimal_places=2, null=True, blank=True)
    floor = models.DecimalField("不得分线（%）", max_digits=6, decimal_places=2, null=True, blank=True)
    rounding = models.CharField("档的取整", max_length=20, choices=Rounding.choices, default=Rounding.FULL_STEPS)
    required = models.PositiveSmallIntegerField("应有次数", null=True, blank=True)
    unit = models.CharField("单位", max_length=20, blank=True)
    fact = models.CharField(
        "取自社区调查",
        max_length=30,
        blank=True,
        choices=[one for facts in FACTS_OF_KIND.values() for one in facts.items()],
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "扣分项"
        ordering = ["criterion", "number"]
        constraints = [
            models.UniqueConstraint(fields=["criterion", "number"], name="rule_number"),
            models.CheckConstraint(
                name="rule_kind",
                condition=Q(kind__in=["fixed", "range", "count", "rate_shortfall", "count_shortfall", "bonus_range"]),
            ),
        ]

    def __str__(self) -> str:
        return self.text
