"""Input shapes of campaigns and their parts. The rules are the verbs'; opened campaigns are asked for the reason as well."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms

from apps.accounts.permissions import Actor
from apps.campaigns.form_fields import Names, PartForm, Percent, ReasonForm, Year
from apps.campaigns.issuing import parents_for, standards_for, usual_chain
from apps.campaigns.models import Campaign, Target
from apps.core.forms import Day, DraftForm, Lines
from apps.jurisdictions.models import Jurisdiction, Level
from apps.standards.models import Section, Standard


class HeadForm(PartForm):
    """What a campaign is called and by which document it is run; of a draft also its years, standard and parent."""

    name = forms.CharField(label="名称", max_length=200)
    first_year = Year(label="起始年度")
    last_year = Year(label="结束年度")
    standard = forms.ModelChoiceField(
        label="创建标准",
        queryset=Standard.objects.none(),
        empty_label="请选择",
        help_text="本级或上级已发布的标准。",
        error_messages={"required": "请选择创建标准。", "invalid_choice": "这份标准不能选用，请重新选择。"},
    )
    parent = forms.ModelChoiceField(
        label="上级行动",
        queryset=Campaign.objects.none(),
        required=False,
        empty_label="没有，本级自行发起",
        help_text="落实哪个上级行动；本行动认定的社区同时计入上级行动。",
        error_messages={"invalid_choice": "这个行动不能作为上级行动，请重新选择。"},
    )
    document_title = forms.CharField(
        label="文件名称", max_length=200, required=False, help_text="印发行动的文件，开展前要填。"
    )
    document_number = forms.CharField(label="文号", max_length=100, required=False)
    issued_on = Day(label="印发日期", required=False)
    summary_note = Lines(
        label="附件2 注", required=False, max_length=2000, help_text="印在附件2 表下，写明填报单位和期限。"
    )

    def build(self) -> None:
        if not self.campaign.is_draft:
            for name in ("first_year", "last_year", "standard", "parent"):
                del self.fields[name]
            return
        _offer_standards(self, self.campaign.jurisdiction, self.campaign.standard)
        field: Any = self.fields["parent"]
        field.queryset = parents_for(self.campaign.jurisdiction)
        field.label_from_instance = _span_of


class NewCampaignForm(DraftForm):
    """A new campaign from nothing: what it cannot be without."""

    name = forms.CharField(label="名称", max_length=200, help_text="例如：楚雄州绿色社区创建行动（2026–2028 年）。")
    first_year = Year(label="起始年度")
    last_year = Year(label="结束年度")
    standard = HeadForm.base_fields["standard"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_standards(self, actor.jurisdiction)


class CopyForm(DraftForm):
    """A campaign copied to other years."""

    name = forms.CharField(label="名称", max_length=200)
    first_year = Year(label="起始年度")
    last_year = Year(label="结束年度")
    with_targets = forms.BooleanField(label="沿用本级的目标比例和试点数，年度一并后移", required=False, initial=True)


class ChainForm(PartForm):
    """Which levels review after the street has filled in."""

    levels = forms.MultipleChoiceField(
        label="由哪几级审核",
        widget=forms.CheckboxSelectMultiple,
        help_text="乡级（街道、镇、乡）填报自评，选中的各级由下到上依次审核，最上面的一级认定。当地没有的层级跳过。",
        error_messages={"required": "至少选一级审核单位：填报的单位不能认定自己。"},
    )

    def build(self) -> None:
        above = usual_chain(self.campaign.jurisdiction)[1:]
        self.fields["levels"].choices = [(level, Level(level).label) for level in above]  # type: ignore[attr-defined]


class DepartmentsForm(PartForm):
    """Who carries the campaign, and who guides which section of its standard."""

    lead = Names(label="参与部门", rows=4, help_text="一行一个部门，牵头的写在最前；没有按内容分工的，由它们共同负责。")

    def build(self) -> None:
        for one in Section.objects.filter(standard=self.campaign.standard_id).order_by("number"):
            self.fields[f"section_{one.number}"] = Names(label=f"{one.number}. {one.title}", rows=2)

    def by_section(self) -> dict[int, list[str]]:
        """Departments by the section's number."""
        names = [name for name in self.fields if name.startswith("section_")]
        return {int(name.removeprefix("section_")): self.cleaned_data[name] for name in names}


class EvaluationForm(PartForm):
    """What annual evaluations consist of and how they are judged."""

    sections = Names(
        label="年度总结评估内容",
        rows=5,
        help_text="一行一项，按报告里的先后写；都不填的用通常的四项。数据、名单和附件2 自动生成，不用列。",
    )
    grades = Names(
        label="评估等次",
        longest=20,
        rows=3,
        help_text="一行一个，从高到低，例如：优秀、良好、合格、不合格；不评等次的不填。",
    )
    points = forms.IntegerField(
        label="评估满分", required=False, min_value=1, max_value=1000, help_text="例如 100；不评分的不填。"
    )


class TargetsForm(PartForm):
    """What the issuer's jurisdiction must reach: percent by year and pilots per street by year."""

    def build(self) -> None:
        for year in self.years():
            percent, pilots, upper = (
                Percent(f"{year} 年目标比例"),
                _pilots(f"{year} 年每街道试点数"),
                _pilots(f"{year} 年试点数上限"),
            )
            self.fields |= {f"percent_{year}": percent, f"pilots_{year}": pilots, f"upper_{year}": upper}

    def years(self) -> list[int]:
        """The campaign's years and those that a target was left in when the years were changed."""
        held = Target.objects.filter(campaign=self.campaign, jurisdiction=self.campaign.jurisdiction_id)
        return sorted({*self.campaign.years, *held.values_list("year", flat=True)})

    def rows(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The fields of each year, as the table shows them."""
        return [(year, [self[f"{name}_{year}"] for name in ("percent", "pilots", "upper")]) for year in self.years()]

    def asked_last(self) -> list[forms.BoundField]:
        """The reason and its document, below the table."""
        return [self[name] for name in self.fields if name.startswith("change_")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for year in self.years():
            if cleaned.get(f"upper_{year}") is not None and cleaned.get(f"pilots_{year}") is None:
                self.add_error(f"upper_{year}", "只填了上限：请在前一格填下限。")
        return cleaned

    def targets(self) -> dict[tuple[int, str], tuple[Decimal, Decimal | None]]:
        """What was typed, as the verb takes it."""
        found: dict[tuple[int, str], tuple[Decimal, Decimal | None]] = {}
        for year in self.years():
            percent, pilots, upper = (
                self.cleaned_data.get(f"{name}_{year}") for name in ("percent", "pilots", "upper")
            )
            if percent is not None:
                found[year, Target.Kind.PERCENT] = (percent, None)
            if pilots is not None:
                found[year, Target.Kind.PILOTS_PER_STREET] = (
                    Decimal(pilots),
                    None if upper is None else Decimal(upper),
                )
        return found


class YearsForm(DraftForm):
    """Other years of an opened campaign."""

    first_year = Year(label="起始年度")
    last_year = Year(label="结束年度")
    reason = ReasonForm.base_fields["reason"]
    basis = forms.CharField(
        label="依据文号", max_length=100, required=False, help_text="延长行动的必填，例如 楚住建〔2026〕8号。"
    )


def _offer_standards(form: forms.Form, unit: Jurisdiction, held: Standard | None = None) -> None:
    """Those that the jurisdiction may choose, beside the one that stands."""
    field: Any = form.fields["standard"]
    offered = standards_for(unit)
    field.queryset = (
        offered if held is None else offered | Standard.objects.filter(pk=held.pk).select_related("jurisdiction")
    )
    field.label_from_instance = lambda one: f"{one.jurisdiction.name}　{one.name}　第 {one.version} 版"


def _span_of(campaign: Campaign) -> str:
    return f"{campaign.jurisdiction.name}　{campaign.name}（{campaign.first_year}–{campaign.last_year}）"


def _pilots(label: str) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"min": 0, "class": "target-value"})
    errors = {"invalid": "请填整数。", "min_value": "请填不小于 0 的整数。", "max_value": "数字过大。"}
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=1000, widget=widget, error_messages=errors
    )


def initial_targets(campaign: Campaign) -> Iterator[tuple[str, Any]]:
    """The targets of the issuer's jurisdiction by the names of the fields."""
    for one in Target.objects.filter(campaign=campaign, jurisdiction=campaign.jurisdiction_id):
        if one.kind == Target.Kind.PERCENT:
            yield f"percent_{one.year}", one.value
        elif one.kind == Target.Kind.PILOTS_PER_STREET:
            yield f"pilots_{one.year}", int(one.value)
            yield f"upper_{one.year}", None if one.upper is None else int(one.upper)
