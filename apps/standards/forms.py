"""Input shapes of drafts of standards. The rules are the verbs'; what a parameter means is told in its label."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from apps.accounts.permissions import Actor
from apps.core.forms import Day, DraftForm, Lines
from apps.standards.deriving import bases_for
from apps.standards.drafts import HEAD_FIELDS, Part
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem
from apps.standards.specs import FACTS_OF_KIND, LARGEST_REQUIRED, OPTIONAL_PARAMETERS, PARAMETERS_OF_KIND, RuleKind

Kind = DeductionRule.Kind

_POINTS_ERRORS = {
    "required": "请填数字，例如 3 或 0.5。",
    "invalid": "请填数字，例如 3 或 0.5。",
    "min_value": "须大于 0。",
    "max_digits": "数字过大。",
    "max_whole_digits": "数字过大。",
    "max_decimal_places": "小数位数过多，最多 %(max)s 位。",
}


class _Points(forms.DecimalField):
    """A number above 0 with few decimals, written without idle zeros."""

    def __init__(self, *, max_digits: int = 6, decimal_places: int = 2, **kwargs: Any) -> None:
        super().__init__(
            min_value=Decimal(1).scaleb(-decimal_places),
            max_digits=max_digits,
            decimal_places=decimal_places,
            error_messages=_POINTS_ERRORS,
            widget=forms.NumberInput(attrs={"step": "any", "min": 0, "inputmode": "decimal"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class HeadForm(DraftForm):
    """What a standard is called, by which document, and how it is judged."""

    name = forms.CharField(label="标准名称", max_length=200)
    document_title = forms.CharField(
        label="文件名称", max_length=200, required=False, help_text="印发这份标准的文件，发布前要填。"
    )
    document_number = forms.CharField(label="文号", max_length=100, required=False)
    issued_on = Day(label="印发日期", required=False)
    kind = forms.ChoiceField(
        label="评价方式",
        choices=Standard.Kind.choices,
        help_text="达标制：逐条判断是否符合。评分制：逐条计分，达到达标分为符合。",
    )
    total_points = _Points(
        label="总分", max_digits=7, required=False, help_text="评分制填；等于各条分值之和（乘以权重）。"
    )
    pass_mark = _Points(label="达标分", max_digits=7, required=False, help_text="评分制填；得分等于达标分也算达标。")
    note = Lines(label="注", required=False, max_length=5000)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Standard.Kind.PASS_FAIL:
            return cleaned | {"total_points": None, "pass_mark": None}
        for name, label in (("total_points", "总分"), ("pass_mark", "达标分")):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, f"评分制的标准要填{label}。")
        total, mark = cleaned.get("total_points"), cleaned.get("pass_mark")
        if total and mark and mark > total:
            self.add_error("pass_mark", f"达标分 {mark.normalize():f} 大于总分 {total.normalize():f}。")
        return cleaned


class NewStandardForm(HeadForm):
    """A new standard: from scratch, or from one that stands above."""

    base = forms.ModelChoiceField(
        label="依据标准",
        queryset=Standard.objects.none(),
        required=False,
        empty_label="不依据其他标准，从空白开始",
        help_text="选了的，复制它的全部内容和条目，逐条对应；之后可以细化、增加，不能减少。",
        error_messages={"invalid_choice": "这份标准不能作为依据，请重新选择。"},
    )
    code = forms.CharField(max_length=50, required=False, widget=forms.HiddenInput)

    field_order = ["base", *HEAD_FIELDS, "code"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["base"]
        field.queryset = bases_for(actor)
        field.label_from_instance = lambda one: f"{one.jurisdiction.name}　{one.name}"


class SectionForm(DraftForm):
    title = forms.CharField(label="内容", max_length=200)
    weight = _Points(
        label="权重", initial=Decimal(1), decimal_places=3, help_text="本内容各条的分值乘以权重计入总分；一般为 1。"
    )

    def __init__(self, *args: Any, standard: Standard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not standard.is_scored:
            del self.fields["weight"]


class CriterionForm(DraftForm):
    section = forms.ModelChoiceField(label="所属内容", queryset=Section.objects.none(), empty_label=None)
    text = Lines(label="标准条目", rows=4, max_length=5000, help_text="照文件原文填写，可以分行。")
    refines = forms.ModelChoiceField(
        label="细化的上级条目",
        queryset=Criterion.objects.none(),
        required=False,
        empty_label="本地自设，没有对应的上级条目",
    )
    points = _Points(label="分值", required=False, help_text="只判断是否符合、不计分的（如一票否决），留空。")
    is_bonus = forms.BooleanField(label="加分项：从 0 分起加", required=False)
    is_veto = forms.BooleanField(label="一票否决：不符合的，不论总分都不能认定", required=False)
    is_mandatory = forms.BooleanField(label="必备条目：不符合的，未达到创建要求", required=False)
    allows_not_applicable = forms.BooleanField(label="允许“不适用”：社区没有这一条所指的对象", required=False)
    scoring_text = Lines(label="评分标准", required=False, max_length=5000, help_text="照文件原文填写。")
    guidance = Lines(
        label="填报说明", required=False, max_length=5000, help_text="给社区看：怎样算做到，材料怎样准备。"
    )
    required_evidence = Lines(
        label="必需佐证材料",
        rows=2,
        required=False,
        max_length=1000,
        help_text="一行一种。缺了不能提交自评，所以只列缺了不能评定的；没有就留空。",
    )
    check_methods = forms.MultipleChoiceField(
        label="核查方式",
        choices=Criterion.CheckMethod.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, standard: Standard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        section: Any = self.fields["section"]
        section.queryset = standard.sections.order_by("number")
        section.label_from_instance = lambda one: f"{one.number} {one.title}"
        if standard.derived_from_id is None:
            del self.fields["refines"]
        else:
            refines: Any = self.fields["refines"]
            refines.queryset = Criterion.objects.filter(standard=standard.derived_from_id).order_by("number")
            refines.label_from_instance = lambda one: f"第 {one.number} 条　{one.text[:60]}"
        if not standard.is_scored:
            for name in ("points", "is_bonus", "scoring_text"):
                del self.fields[name]

    def clean_required_evidence(self) -> list[str]:
        kinds = [line.strip() for line in str(self.cleaned_data["required_evidence"]).splitlines() if line.strip()]
        if any(len(one) > 100 for one in kinds):
            raise forms.ValidationError("每种材料的名称不超过 100 个字。")
        return list(dict.fromkeys(kinds))


class SubItemForm(DraftForm):
    text = Lines(label="分项内容", rows=2, max_length=2000)
    points = _Points(label="分值", help_text="各分项的分值相加等于这一条的分值。")


_WHERE_THERE_IS_NONE = ("取自社区调查", "选了的，开始自评时按当年社区调查预填，填“否”的扣分，由街道核对。")
_FROM_SURVEY = ("取自社区调查", "选了的，开始自评时按当年社区调查预填，由街道核对，不用再填一遍。")
# How each parameter is asked for, by kind of rule: label and help.
_ASKED: dict[str, dict[str, tuple[str, str]]] = {
    Kind.FIXED: {"points": ("扣几分", ""), "fact": _WHERE_THERE_IS_NONE},
    Kind.RANGE: {"min_points": ("最少扣几分", ""), "max_points": ("最多扣几分", "评定人在两者之间取整分。")},
    Kind.COUNT: {
        "points": ("每处扣几分", ""),
        "unit": ("数什么", "如：处、次、个、个季度。不填为“处”。"),
        "cap": ("最多扣几分", "不填的，扣完这一条的分值为止。"),
    },
    Kind.RATE_SHORTFALL: {
        "full_value": ("达到百分之几不扣分", ""),
        "step": ("每低几个百分点为一档", ""),
        "points": ("每档扣几分", ""),
        "rounding": ("不足一档的", ""),
        "cap": ("最多扣几分", "不填的，扣完这一条的分值为止。"),
        "floor": ("低于百分之几不得分", "没有这样的线，不填。"),
        "fact": _FROM_SURVEY,
    },
    Kind.COUNT_SHORTFALL: {
        "required": ("应有多少", ""),
        "unit": ("单位", "如：次、场、个。不填为“次”。"),
        "points": ("每少一次扣几分", ""),
        "cap": ("最多扣几分", "不填的，扣完这一条的分值为止。"),
        "fact": _FROM_SURVEY,
    },
    Kind.BONUS_RANGE: {"min_points": ("最少加几分", ""), "max_points": ("最多加几分", "评定人在两者之间取整分。")},
}
_WHOLE = ("min_points", "max_points", "required")
_PERCENT = ("full_value", "floor", "step")
_WHOLE_ERRORS = {
    "required": "请填整数，例如 1。",
    "invalid": "请填整数，例如 1。",
    "min_value": "不能小于 1。",
    "max_value": "不能大于 %(limit_value)s。",
}


class RuleForm(DraftForm):
    """One rule: its text in the document, its kind, and the parameters that its kind uses."""

    kind = forms.ChoiceField(label="怎样扣分")
    text = Lines(label="扣分情形（原文）", rows=2, max_length=2000)
    sub_item = forms.ModelChoiceField(
        label="所属分项", queryset=SubItem.objects.none(), required=False, empty_label="不属于分项，从整条扣"
    )

    def __init__(self, *args: Any, criterion: Criterion, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [one for one in Kind if (one == Kind.BONUS_RANGE) == criterion.is_bonus or one == kind]
        self.fields["kind"].choices = [(one.value, _KIND_LABELS[one]) for one in kinds]  # type: ignore[attr-defined]
        self.of_kind = kind
        items: Any = self.fields["sub_item"]
        items.queryset = criterion.sub_items.order_by("number")
        items.label_from_instance = lambda one: f"（{one.number}）{one.text[:40]}"
        if not items.queryset.exists():
            del self.fields["sub_item"]
        for name in PARAMETERS_OF_KIND[RuleKind(kind)]:
            self.fields[name] = _parameter(name, kind, *_ASKED[kind][name])

    def parameters(self) -> Sequence[forms.BoundField]:
        """The fields that depend on the kind."""
        own = ("kind", "text", "sub_item")
        return [self[name] for name in self.fields if name not in own]


_KIND_LABELS = {
    Kind.FIXED: "有这种情形，扣固定的分",
    Kind.RANGE: "有这种情形，在区间内扣分",
    Kind.COUNT: "按发现的处数（次数）扣分",
    Kind.RATE_SHORTFALL: "比率不到，按差几档扣分",
    Kind.COUNT_SHORTFALL: "次数不够，每少一次扣分",
    Kind.BONUS_RANGE: "在区间内加分",
}


def _parameter(name: str, kind: str, label: str, help_text: str) -> forms.Field:
    if name == "fact":
        choices = [("", "不取，由街道填写"), *FACTS_OF_KIND[RuleKind(kind)].items()]
        return forms.ChoiceField(label=label, choices=choices, required=False, help_text=help_text)
    if name == "rounding":
        return forms.ChoiceField(label=label, choices=DeductionRule.Rounding.choices)
    if name == "unit":
        return forms.CharField(label=label, required=False, max_length=20, help_text=help_text)
    if name in _WHOLE:
        return forms.IntegerField(
            label=label, min_value=1, max_value=LARGEST_REQUIRED, help_text=help_text, error_messages=_WHOLE_ERRORS
        )
    field = _Points(label=label, required=name not in OPTIONAL_PARAMETERS, help_text=help_text)
    if name in _PERCENT:
        field.validators.append(_at_most_100)
    return field


def _at_most_100(value: Decimal) -> None:
    if value > 100:
        raise forms.ValidationError("百分比不能大于 100。")


def form_for(
    model: type[Part],
    data: Any = None,
    *,
    standard: Standard,
    part: Part | None = None,
    holder: Any = None,
    kind: str = "",
) -> DraftForm:
    """The form of a part, filled with what is stored; ``holder`` is what a new one is added to."""
    initial = initial_of(part) if part is not None else {}
    if model is Section:
        return SectionForm(data, initial=initial, standard=standard)
    if model is Criterion:
        return CriterionForm(data, initial=initial or {"section": holder.pk}, standard=standard)
    if model is SubItem:
        return SubItemForm(data, initial=initial)
    criterion = part.criterion if isinstance(part, DeductionRule) else holder
    kind = kind if kind in Kind.values else initial.get("kind") or default_kind(criterion)
    return RuleForm(data, initial=initial | {"kind": kind}, criterion=criterion, kind=kind)


def default_kind(criterion: Criterion) -> str:
    """The kind that a new rule begins with."""
    return Kind.BONUS_RANGE if criterion.is_bonus else Kind.FIXED


def initial_of(row: Standard | Part) -> dict[str, Any]:
    """The row's values as forms take them."""
    values = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}
    if isinstance(row, Criterion):
        values["required_evidence"] = "\n".join(row.required_evidence)
    for name in ("min_points", "max_points"):
        if values.get(name) is not None:
            values[name] = int(values[name])
    return values
