"""The campaign with everything that its document holds: phases, milestones, responsible departments; and what was changed."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.core.history import tracked
from apps.core.models import Walled
from apps.jurisdictions.models import Jurisdiction, Level, paths_down_to
from apps.standards.models import Standard

# 年度总结评估报告 of a campaign that names no sections of its own (建城〔2020〕68号, 四、（四）: 总结创建进展成效).
EVALUATION_SECTIONS = ("工作开展情况", "存在问题", "经验做法", "下一年度工作计划")
# What sums a year up and is due by March tells of the year before [reading].
_LAST_MONTH_TO_LOOK_BACK = 3


def usual_days_before() -> list[int]:
    """Days before a due date on which units are reminded, where the campaign says nothing else: 0 is the day itself [reading]."""
    return [7, 3, 1, 0]


def usual_days_after() -> list[int]:
    """Days after it: soon, then once a week for eight weeks; after that only 督办 helps [reading]."""
    return [1, 3, 7, 14, 21, 28, 35, 42, 49, 56]


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Sets of campaigns."""

    def concerning(self, path: str) -> "CampaignQuerySet":
        """Those of the jurisdiction with ``path``, of its ancestors and of all below it, nearest first; no drafts."""
        near = Q(path__in=paths_down_to(path)) | Q(path__startswith=path)
        return self.issued().filter(near).order_by("-path", "-first_year")

    def issued(self) -> "CampaignQuerySet":
        """Those that were opened, whether they are closed since or not: a draft is its issuer's alone."""
        return self.exclude(status=Campaign.Status.DRAFT)


@tracked()
class Campaign(Walled):
    """绿色社区创建行动: a jurisdiction's campaign of several years under one standard and one review chain.

    ``parent`` is the campaign that it carries out; what is done here counts there too. ``review_chain`` holds the levels that
    an assessment passes, the submitting level first; the last one recognises, once the list has stood in public for
    ``notice_working_days`` (0: no public notice is asked for). Of what its milestones ask for units are reminded
    ``reminder_days_before`` and ``reminder_days_after`` the date. A draft is seen in its own jurisdiction only; closed, it takes
    nothing new in. ``evaluation_sections`` are those of its annual evaluations, blank: the usual ones; an evaluation is approved
    with one of ``evaluation_grades`` and a score of up to ``evaluation_points``, where the campaign has them.
    Invariant: first_year <= last_year; the chain has at least two levels.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结束"

    code = models.SlugField("行动代码", max_length=50, unique=True)
    name = models.CharField("名称", max_length=200)
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="发起辖区", on_delete=models.PROTECT, related_name="campaigns"
    )
    parent = models.ForeignKey(
        "self", verbose_name="上级行动", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    document_title = models.CharField("文件名称", max_length=200, blank=True)
    document_number = models.CharField("文号", max_length=100, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    first_year = models.PositiveSmallIntegerField("起始年度")
    last_year = models.PositiveSmallIntegerField("结束年度")
    standard = models.ForeignKey(Standard, verbose_name="创建标准", on_delete=models.PROTECT, related_name="campaigns")
    review_chain = ArrayField(models.CharField(max_length=10, choices=Level.choices), verbose_name="审核层级")
    lead_departments = ArrayField(models.CharField(max_length=50), verbose_name="参与部门", default=list, blank=True)
    summary_note = models.TextField("附件2 注", blank=True)
    needs_second_approval = models.BooleanField("认定和摘牌须第二人复核", default=False)
    notice_working_days = models.PositiveSmallIntegerField("公示工作日数", default=0)
    publishes_list = models.BooleanField("向社会公布认定名单", default=False)
    evaluation_sections = ArrayField(
        models.CharField(max_length=50), verbose_name="年度总结评估内容", default=list, blank=True
    )
    evaluation_grades = ArrayField(models.CharField(max_length=20), verbose_name="评估等次", default=list, blank=True)
    evaluation_points = models.PositiveSmallIntegerField("评估满分", null=True, blank=True)
    reminder_days_before = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name="到期前提醒", default=usual_days_before, blank=True
    )
    reminder_days_after = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name="逾期后提醒", default=usual_days_after, blank=True
    )
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)

    objects = CampaignQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "创建行动"
        constraints = [
            models.CheckConstraint(name="campaign_years", condition=Q(first_year__lte=F("last_year"))),
            models.CheckConstraint(name="campaign_chain", condition=Q(review_chain__len__gte=2)),
            models.CheckConstraint(name="campaign_status", condition=Q(status__in=["draft", "open", "closed"])),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def years(self) -> list[int]:
        return list(range(self.first_year, self.last_year + 1))

    @property
    def sections_of_evaluation(self) -> list[str]:
        """What an annual evaluation consists of, in order."""
        return self.evaluation_sections or list(EVALUATION_SECTIONS)

    def year_for(self, year: int) -> int:
        """The campaign's year nearest to ``year``: what a page shows when none is asked for."""
        return min(max(year, self.first_year), self.last_year)


@tracked()
class CampaignChange(Walled):
    """行动调整: what was changed in a campaign after it was opened, in words, by whom and why; opening itself is the first row.

    Invariant: whatever comes after the opening has a reason.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", "开展"
        HEAD = "head", "基本信息"
        CHAIN = "chain", "审核层级"
        DEPARTMENTS = "departments", "责任部门"
        TARGETS = "targets", "创建目标"
        PHASES = "phases", "阶段"
        MILESTONES = "milestones", "里程碑"
        YEARS = "years", "年度"
        STANDARD = "standard", "创建标准"
        RULES = "rules", "认定规则"
        EVALUATION = "evaluation", "年度总结评估"
        REMINDERS = "reminders", "报送提醒"
        CLOSED = "closed", "结束"
        REOPENED = "reopened", "重新开展"

    campaign = models.ForeignKey(Campaign, verbose_name="创建行动", on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField("调整事项", max_length=20, choices=Kind.choices)
    was = models.TextField("调整前", blank=True)
    now = models.TextField("调整后", blank=True)
    reason = models.TextField("理由", blank=True)
    document_number = models.CharField("文号", max_length=100, blank=True)
    changed_at = models.DateTimeField("调整时间")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="调整人", on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "行动调整"
        ordering = ["campaign", "-pk"]
        constraints = [
            models.CheckConstraint(name="campaign_change_reason", condition=Q(kind="opened") | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.get_kind_display()}"


@tracked()
class Phase(Walled):
    """阶段: a stretch of a campaign with a title of its own."""

    campaign = models.ForeignKey(
        Campaign, verbose_name="创建行动", on_delete=models.CASCADE, related_name="phases", db_index=False
    )
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("阶段", max_length=100)
    starts_on = models.DateField("开始", null=True, blank=True)
    ends_on = models.DateField("结束", null=True, blank=True)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "阶段"
        ordering = ["campaign", "number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="phase_number")]

    def __str__(self) -> str:
        return self.title


@tracked()
class Milestone(Walled):
    """里程碑（报送要求）: what is due from which level by when; ``dates`` holds every due date of the campaign, in order."""

    class Kind(models.TextChoices):
        PLAN = "plan", "方案计划"
        PILOTS = "pilots", "试点"
        PROGRESS = "progress", "进展情况"
        SELF_EVALUATION = "self_evaluation", "自评"
        RESULT_LIST = "result_list", "创建成果名单"
        ANNUAL_REPORT = "annual_report", "年度总结"
        EVALUATION = "evaluation", "年度评估"
        ACCEPTANCE = "acceptance", "验收"

    class Recurrence(models.TextChoices):
        ONCE = "once", "一次"
        MONTHLY = "monthly", "每月"
        QUARTERLY = "quarterly", "每季度"
        YEARLY = "yearly", "每年"

    _OF_A_WHOLE_YEAR = (Kind.SELF_EVALUATION, Kind.RESULT_LIST, Kind.ANNUAL_REPORT, Kind.EVALUATION, Kind.ACCEPTANCE)

    campaign = models.ForeignKey(
        Campaign, verbose_name="创建行动", on_delete=models.CASCADE, related_name="milestones", db_index=False
    )
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("事项", max_length=200)
    level = models.CharField("报送层级", max_length=10, choices=Level.choices)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    recurrence = models.CharField("频次", max_length=10, choices=Recurrence.choices)
    dates = ArrayField(models.DateField(), verbose_name="期限")
    required_parts = ArrayField(models.CharField(max_length=100), verbose_name="应含内容", default=list, blank=True)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "里程碑"
        ordering = ["campaign", "number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="milestone_number")]

    def __str__(self) -> str:
        return self.title

    def year_reported(self, due_on: date) -> int:
        """The campaign's year that a due date asks about: what sums a year up and is due in the first quarter asks about the year
        that has ended."""
        looks_back = self.kind in self._OF_A_WHOLE_YEAR and due_on.month <= _LAST_MONTH_TO_LOOK_BACK
        return self.campaign.year_for(due_on.year - looks_back)


@tracked()
class SectionDepartments(Walled):
    """责任部门: the departments that guide one section of the campaign's standard."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name="创建行动",
        on_delete=models.CASCADE,
        related_name="section_departments",
        db_index=False,
    )
    section_number = models.PositiveSmallIntegerField("内容序号")
    departments = ArrayField(models.CharField(max_length=50), verbose_name="责任部门")

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "责任部门"
        ordering = ["campaign", "section_number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "section_number"], name="section_departments_once")]

    def __str__(self) -> str:
        return "、".join(self.departments)
