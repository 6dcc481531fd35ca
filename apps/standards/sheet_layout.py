"""The spreadsheet form of a standard: its sheets, items and columns, and the words that stand in their cells."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apps.standards.models import Criterion, DeductionRule, Standard
from apps.standards.specs import FACTS_OF_KIND, OPTIONAL_PARAMETERS, PARAMETERS_OF_KIND, RuleKind

HEAD_SHEET, LINES_SHEET, GUIDE_SHEET, EXAMPLE_SHEET = "标准", "条目", "填写说明", "示例"
ITEM, VALUE, HOW, PROBLEMS = "项目", "填写内容", "怎样填", "需要改正"
YES = "是"

MAX_LINES = 1500
MAX_TEXT = 5000
# What the columns of the database hold.
LONGEST = {
    "标准代码": 50,
    "标准名称": 200,
    "文件名称": 200,
    "文号": 100,
    "内容": 200,
    "单位": 20,
}
LONGEST_EVIDENCE = 100

KINDS = {label: value for value, label in Standard.Kind.choices}
STATUSES = {label: value for value, label in Standard.Status.choices}
RULE_KINDS = {label: value for value, label in DeductionRule.Kind.choices}
ROUNDINGS = {label: value for value, label in DeductionRule.Rounding.choices}
FACTS = {label: value for facts in FACTS_OF_KIND.values() for value, label in facts.items()}
CHECK_METHODS = {label: value for value, label in Criterion.CheckMethod.choices}


@dataclass(frozen=True)
class HeadItem:
    """A line of the sheet 标准; ``key`` is its name in the file format."""

    label: str
    key: str
    how: str
    required: bool = False
    choices: Sequence[str] = ()


HEAD = (
    HeadItem("标准代码", "code", "小写字母、数字和连字符，如 chuxiong-2021；新标准可以不填，由系统编排"),
    HeadItem("标准名称", "name", "文件上的全称", required=True),
    HeadItem("发布辖区代码", "jurisdiction", "12 位区划代码；不填即为导入人所在辖区"),
    HeadItem("依据标准代码", "derived_from", "所细化的上级标准的代码，见该标准的页面；不依据其他标准的不填"),
    HeadItem("前一版本代码", "replaces", "本标准所代替的旧版本的代码；没有的不填"),
    HeadItem("评价方式", "kind", "评分制：按分值和扣分；达标制：逐条判断是否符合", required=True, choices=tuple(KINDS)),
    HeadItem("总分", "total_points", "评分制必填：各条分值乘以内容权重后相加；达标制不填"),
    HeadItem("达标分", "pass_mark", "评分制必填：达到这个分（含）即达到创建要求；达标制不填"),
    HeadItem("文件名称", "title", "印发标准的文件", required=True),
    HeadItem("文号", "number", "没有的不填"),
    HeadItem("印发日期", "issued_on", "如 2021-01-12；没有的不填"),
    HeadItem("注", "note", "文件上的注；没有的不填"),
    HeadItem("状态", "status", "导出时的状态；在网页上导入的一律是草稿，核对后再发布", choices=tuple(STATUSES)),
)
HEAD_LABELS = tuple(item.label for item in HEAD)


@dataclass(frozen=True)
class Column:
    """A column of the sheet 条目. ``part`` is what it belongs to: 内容, 条目, 分项 or 扣分项."""

    header: str
    key: str
    part: str
    width: float
    how: str
    required: bool = False
    choices: Sequence[str] = ()
    is_number: bool = False


_FLAG = (YES,)
COLUMNS = (
    Column("内容序号", "number", "内容", 6, "可以不填，按先后编号", is_number=True),
    Column("内容", "title", "内容", 16, "一个方面的标题；与上一行相同的留空", required=True),
    Column("内容权重", "weight", "内容", 6, "不填为 1；这一方面的得分乘以权重计入总分", is_number=True),
    Column("条目号", "number", "条目", 6, "全表编号，不重复；可以不填，按先后编号", is_number=True),
    Column("标准条目", "text", "条目", 36, "条目的文字；一条有几行扣分情形的，只在第一行填", required=True),
    Column("分值", "points", "条目", 6, "这一条的满分；达标制和只判断是否符合的条目不填", is_number=True),
    Column("评分标准", "scoring_text", "条目", 36, "文件上评分标准的原文；没有的不填"),
    Column("对应国家条目", "national", "条目", 7, "所细化的国家标准条目号；本地自设的不填", is_number=True),
    Column("细化上级条目", "refines", "条目", 7, "依据的不是国家标准时，所细化的那个标准的条目号", is_number=True),
    Column("加分项", "is_bonus", "条目", 5, "从 0 分起加的条目填“是”", choices=_FLAG),
    Column("一票否决", "is_veto", "条目", 5, "不符合或得 0 分就不能认定的条目填“是”", choices=_FLAG),
    Column("必备条目", "is_mandatory", "条目", 5, "不符合或得 0 分就未达到创建要求的条目填“是”", choices=_FLAG),
    Column("允许不适用", "allows_not_applicable", "条目", 6, "社区可能没有所指对象的条目填“是”", choices=_FLAG),
    Column("必需佐证材料", "required_evidence", "条目", 18, "几项用分号“；”隔开；不要求的不填"),
    Column("核查方式", "check_methods", "条目", 14, f"几种用顿号隔开：{'、'.join(CHECK_METHODS)}"),
    Column("说明", "guidance", "条目", 22, "给填报人看的解释；没有的不填"),
    Column("分项号", "number", "分项", 6, "可以不填，按先后编号", is_number=True),
    Column("分项内容", "text", "分项", 20, "条目分成几项各有分值的才填；其后的扣分情形属于这一项"),
    Column("分项分值", "points", "分项", 6, "各分项相加等于条目分值", is_number=True),
    Column("规则号", "number", "扣分项", 6, "同一条目里不重复；可以不填，按先后编号", is_number=True),
    Column("扣分情形", "text", "扣分项", 36, "一行一种情形；没有扣分情形的条目不填"),
    Column("类型", "kind", "扣分项", 14, "从列表选，见“填写说明”里的类型表", choices=tuple(RULE_KINDS)),
    Column("扣（加）分", "points", "扣分项", 8, "固定、每处、每档、每少一次扣的分；区间写成“1至3”"),
    Column("上限", "cap", "扣分项", 6, "最高扣几分；不封顶的不填", is_number=True),
    Column("单位", "unit", "扣分项", 6, "按处、按次计的单位，如 处、场、人；不填为“处”“次”"),
    Column("满额值", "full_value", "扣分项", 7, "比率（%）达到它就不扣分，如 100", is_number=True),
    Column("档距", "step", "扣分项", 6, "每降低多少个百分点为一档，如 10", is_number=True),
    Column("不得分线", "floor", "扣分项", 7, "比率（%）低于它，这一项不得分；没有的不填", is_number=True),
    Column("取整", "rounding", "扣分项", 13, "不填为“满一档才扣”", choices=tuple(ROUNDINGS)),
    Column("应有次数", "required", "扣分项", 6, "应当办到几次，如每年培训 4 次", is_number=True),
    Column("取自社区调查", "fact", "扣分项", 12, "开始自评时按社区调查预填的数据；不预填的不填", choices=tuple(FACTS)),
)
HEADERS = tuple(column.header for column in COLUMNS)

# The columns that hold what a rule has; a range stands in one.
RULE_HEADERS: Mapping[str, str] = {
    **{column.key: column.header for column in COLUMNS if column.part == "扣分项"},
    **dict.fromkeys(("min_points", "max_points"), "扣（加）分"),
}


def _headers(parameters: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(RULE_HEADERS[name] for name in parameters))


# Which columns of a rule each kind uses: those that it needs, and those that it may have.
RULE_COLUMNS: Mapping[RuleKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    kind: (
        _headers(name for name in names if name not in OPTIONAL_PARAMETERS),
        _headers(name for name in names if name in OPTIONAL_PARAMETERS),
    )
    for kind, names in PARAMETERS_OF_KIND.items()
}
RULE_EXAMPLES: Mapping[RuleKind, tuple[str, str]] = {
    RuleKind.FIXED: ("有这种情形就扣固定的分", "无议事平台的扣 3 分"),
    RuleKind.RANGE: ("在区间里由评定人取整分", "绿地布局不合理扣 1-3 分"),
    RuleKind.COUNT: ("每发现一处扣几分，可以封顶", "乱停车每发现 1 处扣 1 分，最高扣 2 分"),
    RuleKind.RATE_SHORTFALL: ("比率每低一档扣几分", "参与率每降低 10% 扣 1 分，低于 60% 不得分"),
    RuleKind.COUNT_SHORTFALL: ("应有几次，每少一次扣几分", "每年培训不少于 4 次，每少 1 次扣 1 分"),
    RuleKind.BONUS_RANGE: ("只用在加分项：在区间里加分", "有示范作用的加 1-4 分"),
}


@dataclass
class Row:
    """A row as it stands in the file: its number, the text by header, and the cells that could not be read."""

    number: int
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def get(self, header: str) -> str:
        return self.values.get(header, "")


@dataclass
class Content:
    """What a standard's spreadsheet holds: ``head`` by item, and the lines of its criteria and rules."""

    head: dict[str, Row]
    lines: list[Row]

    def value(self, label: str) -> str:
        row = self.head.get(label)
        return row.get(VALUE) if row is not None else ""

    def problem(self, label: str, reason: str) -> "SheetProblem":
        """Something wrong with an item of the head."""
        row = self.head.get(label)
        return SheetProblem(HEAD_SHEET, row.number if row else 0, label, reason)


@dataclass(frozen=True)
class SheetProblem:
    """What is wrong, at a cell of a sheet; ``header`` is that of its column."""

    sheet: str
    row: int
    header: str
    reason: str

    @property
    def place(self) -> str:
        if self.sheet == HEAD_SHEET:
            return f"“{HEAD_SHEET}”表{f'第 {self.row} 行' if self.row else ''}“{self.header}”"
        column = f"“{self.header}”列" if self.header else ""
        return f"“{self.sheet}”表第 {self.row} 行{column}"

    def __str__(self) -> str:
        return f"{self.place}：{self.reason}"


def in_order(problems: Sequence[SheetProblem]) -> list[SheetProblem]:
    """The problems as a reader meets them: first the head, then row by row from the left; each said once."""

    def position(one: SheetProblem) -> tuple[bool, int, int]:
        column = HEADERS.index(one.header) if one.header in HEADERS else -1
        return one.sheet != HEAD_SHEET, one.row, column

    return sorted(dict.fromkeys(problems), key=position)


def columns_of(part: str) -> Iterator[Column]:
    return (column for column in COLUMNS if column.part == part)
