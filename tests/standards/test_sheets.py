"""Standards as spreadsheets: out and in again the same, and every mistake told at its cell."""

from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from apps.core.errors import InvalidInput
from apps.standards.fixture_format import StandardFile
from apps.standards.loading import file_of, load_standard, read_standard
from apps.standards.models import Standard
from apps.standards.sheet_guide import EXAMPLE_LINES
from apps.standards.sheet_layout import COLUMNS, HEADERS, Content
from apps.standards.sheet_parsing import parse_content
from apps.standards.sheet_reading import read_content
from apps.standards.sheet_workbook import build_workbook
from tests.standards.sheets import DEFAULTS, changed, content, exported, parse, put, put_head, reread, told
from tests.standards.test_commands import CODES, SMALL

ALL_KINDS = """\
code: all-2022
name: 各类规则
jurisdiction: "532300000000"
kind: scored
total_points: 61
pass_mark: 40.5
note: |-
  第一行
  第二行
status: draft
document: {title: 文件, number: 楚建〔2022〕1号, issued_on: 2022-05-01}
sections:
  - number: 2
    title: 内容甲
    weight: 1.5
    criteria:
      - number: 3
        text: "=1+1 不是公式"
        points: 10
        scoring_text: "@SUM 也不是\\n第二行"
        guidance: 说明
        required_evidence: [现场照片, "会议记录；签到表"]
        check_methods: [site_visit, documents]
        is_mandatory: true
        rules:
          - {number: 2, kind: fixed, points: 0.5, text: 固定}
          - {number: 4, kind: range, min_points: 1, max_points: 3, text: 区间}
          - {number: 5, kind: range, min_points: 2, max_points: 2, text: 两头相同}
          - {number: 6, kind: count, points: 1, text: 按处}
          - {number: 7, kind: count, points: 1, cap: 2, unit: 场, text: 按场封顶}
          - {number: 8, kind: rate_shortfall, full_value: 100, step: 10, points: 1, floor: 60, text: 率}
          - number: 9
            kind: rate_shortfall
            full_value: 87.5
            step: 2.5
            points: 0.25
            cap: 3
            rounding: started_steps
            text: 率二
          - {number: 10, kind: count_shortfall, required: 4, points: 1, cap: 4, unit: 次, text: 次数}
      - number: 7
        text: 分项
        points: 14
        allows_not_applicable: true
        rules: [{number: 1, kind: fixed, points: 1, text: 自己的}]
        sub_items:
          - {number: 1, text: 甲, points: 4, rules: [{number: 2, kind: fixed, points: 4, text: 甲的}]}
          - {number: 3, text: 乙, points: 10}
  - number: 5
    title: 内容乙
    criteria:
      - {number: 8, text: 否决条目, is_veto: true}
      - {number: 9, text: 没有规则, points: 21}
      - number: 11
        text: 加分
        points: 4
        is_bonus: true
        rules: [{number: 1, kind: bonus_range, min_points: 1, max_points: 4, text: 加分}]
"""
SCORED = {"内容": "甲", "标准条目": "一", "分值": "10"}


@pytest.fixture
def every_kind(db: None, tmp_path_factory: pytest.TempPathFactory) -> Standard:
    path = tmp_path_factory.mktemp("standards") / "all-2022.yaml"
    path.write_text(ALL_KINDS, encoding="utf-8")
    load_standard(read_standard(path))
    return Standard.objects.get(code="all-2022")


@pytest.mark.parametrize("code", CODES)
def test_export_and_import_of_a_shipped_standard_is_exact(db: None, code: str) -> None:
    standard = Standard.objects.get(code=code)
    found = reread(exported(standard), standard.derived_from)
    assert found.problems == []
    assert found.file is not None
    assert found.file.model_dump() == file_of(standard).model_dump()


def test_export_and_import_keeps_every_kind_of_rule(every_kind: Standard) -> None:
    found = reread(exported(every_kind))
    assert found.problems == []
    assert found.file is not None
    assert found.file.model_dump() == file_of(every_kind).model_dump()


def test_export_and_import_keeps_both_ties_of_a_second_derivation(db: None) -> None:
    base = Standard.objects.get(code="chuxiong-2021")
    document = file_of(base).model_dump(exclude={"code", "derived_from"}) | {"code": "own-2022", "status": "draft"}
    for section in document["sections"]:
        for criterion in section["criteria"]:
            criterion["refines"] = criterion["number"]
    load_standard(StandardFile.model_validate(document | {"derived_from": base.code}))
    standard = Standard.objects.get(code="own-2022")
    found = reread(exported(standard), base)
    assert found.problems == []
    assert found.file is not None
    assert found.file.model_dump() == file_of(standard).model_dump()
    assert standard.criteria.get(number=17).refines == base.criteria.get(number=17)


def test_export_of_an_unfinished_draft_leaves_blank_what_is_not_there(db: None) -> None:
    national = Standard.objects.get(code="national-2020")
    draft = Standard.objects.create(code="bare-2022", name="草稿", jurisdiction=national.jurisdiction, kind="pass_fail")
    draft.sections.create(number=1, title="空的方面")
    found = reread(exported(draft))
    assert [(one.row, one.header, one.reason) for one in found.problems] == [
        (10, "文件名称", "没有填。"),
        (2, "内容", "这个方面下面没有标准条目。"),
    ]


def test_template_offers_its_lists_and_its_example_reads() -> None:
    workbook = load_workbook(BytesIO(build_workbook(Content({}, []), title="模板")))
    assert workbook.sheetnames == ["填写说明", "标准", "条目", "示例"]
    assert [cell.value for cell in workbook["条目"][1]] == list(HEADERS)
    offered = {one.formula1 for one in workbook["条目"].data_validations.dataValidation}
    assert '"固定扣分,区间扣分,按处扣分,比率不足扣分,次数不足扣分,区间加分"' in offered
    assert '"满一档才扣,不足一档按一档扣"' in offered
    found = parse(
        [{k: v for k, v in line.items() if k != "对应国家条目"} for line in EXAMPLE_LINES], 总分="32", 达标分="24"
    )
    assert found.problems == []
    assert found.file is not None
    assert sum(len(section.criteria) for section in found.file.sections) == 5


def test_read_content_of_a_template_without_lines_is_refused() -> None:
    with pytest.raises(InvalidInput, match="“条目”表里没有内容"):
        read_content(BytesIO(build_workbook(Content({}, []), title="模板")))


def test_read_content_without_the_sheet_names_it(every_kind: Standard) -> None:
    file = changed(exported(every_kind), lambda workbook: workbook.remove(workbook["条目"]))
    with pytest.raises(InvalidInput, match="没有名为“条目”的工作表"):
        read_content(BytesIO(file))


def test_rows_filled_down_or_merged_read_the_same(every_kind: Standard) -> None:
    filled = content([SCORED | {"条目号": "1"}, SCORED | {"条目号": "1"}, {"标准条目": "二", "分值": "0"}])
    for row in filled.lines[:2]:
        row.values |= {"扣分情形": f"情形 {row.number}", "类型": "固定扣分", "扣（加）分": "1"}
    found = parse_content(filled, DEFAULTS)
    assert found.problems == []
    assert found.file is not None
    criteria = found.file.sections[0].criteria
    assert [(one.number, len(one.rules)) for one in criteria] == [(1, 2), (2, 0)]
    merged = changed(exported(every_kind), lambda workbook: workbook["条目"].merge_cells("E2:E9"))
    assert reread(merged).problems == []


def test_parse_counts_numbers_that_are_left_out() -> None:
    rule = {"扣分情形": "情形", "类型": "固定扣分", "扣（加）分": "1"}
    found = parse([SCORED | rule, rule, {"内容": "乙", "标准条目": "二", "一票否决": "是"}])
    assert found.file is not None
    assert [section.number for section in found.file.sections] == [1, 2]
    assert [rule.number for rule in found.file.sections[0].criteria[0].rules] == [1, 2]
    assert found.file.sections[1].criteria[0].number == 2
    assert (found.file.code, found.file.jurisdiction, found.file.status) == ("x-2022", "532300000000", "draft")


@pytest.mark.parametrize("text", ["1至3", "1-3", "１～３", "1—3 分"])
def test_range_is_read_as_people_write_it(text: str) -> None:
    found = parse([SCORED | {"扣分情形": "情形", "类型": "区间扣分", "扣（加）分": text}])
    assert found.file is not None
    rule = found.file.sections[0].criteria[0].rules[0].to_spec()
    assert (rule.min_points, rule.max_points) == (1, 3)


@pytest.mark.parametrize(
    ("entry", "header", "reason"),
    [
        ({"类型": ""}, "类型", "没有填，请从列表里选。"),
        (
            {"类型": "扣分"},
            "类型",
            "没有“扣分”这一种，请填：固定扣分、区间扣分、按处扣分、比率不足扣分、次数不足扣分、区间加分。",
        ),
        ({"扣（加）分": ""}, "扣（加）分", "没有填：“固定扣分”要填扣（加）分。"),
        ({"扣（加）分": "三"}, "扣（加）分", "“三”不是数字。只填数字，如 2 或 2.5。"),
        ({"扣（加）分": "0"}, "扣（加）分", "须大于 0。"),
        ({"扣（加）分": "1.255"}, "扣（加）分", "1.255 最多 2 位小数。"),
        ({"扣（加）分": "11"}, "扣（加）分", "这个扣分项最多扣（加）11 分，超过所属的 10 分。"),
        ({"上限": "2"}, "上限", "“固定扣分”不用这一列，请清空。"),
        ({"类型": "区间扣分", "扣（加）分": "3至1"}, "扣（加）分", "最少 3 分大于最多 1 分。"),
        (
            {"类型": "区间扣分", "扣（加）分": "2022-01-03"},
            "扣（加）分",
            "“2022-01-03”是日期：表格软件把区间当成了日期。请把单元格设为“文本”，写成“1至3”。",
        ),
        ({"类型": "区间加分", "扣（加）分": "1至3"}, "类型", "“区间加分”只能用在加分项上，加分项也只能用“区间加分”。"),
        ({"扣分情形": ""}, "扣分情形", "没有填。"),
        ({"取自社区调查": "当年培训次数"}, "取自社区调查", "这类扣分情形只能取智能化安防系统。"),
        (
            {"类型": "按处扣分", "取自社区调查": "当年培训次数"},
            "取自社区调查",
            "“按处扣分”不用这一列，请清空。",
        ),
        (
            {"类型": "比率不足扣分", "满额值": "100", "档距": "10", "取自社区调查": "当年培训次数"},
            "取自社区调查",
            "这类扣分情形只能取噪声投诉处置率、物业管理覆盖率。",
        ),
    ],
)
def test_parse_of_a_wrong_rule_complains_at_its_cell(entry: dict[str, str], header: str, reason: str) -> None:
    rule = {"扣分情形": "情形", "类型": "固定扣分", "扣（加）分": "1"} | entry
    assert told([SCORED | rule]) == [("条目", 2, header, reason)]


def test_parse_tells_everything_at_once() -> None:
    lines = [
        SCORED | {"条目号": "一", "一票否决": "对", "核查方式": "电话"},
        {"评分标准": "不该在这里"},
        {"标准条目": "二", "分值": "5", "分项内容": "甲", "分项分值": "3"},
        {"标准条目": "三", "对应国家条目": "3"},
    ]
    assert told(lines, 评价方式="打分", 印发日期="去年", 标准名称="", 标准代码="大写 A", 发布辖区代码="5323") == [
        ("标准", 2, "标准代码", "“大写 A”不对：只用小写字母、数字和连字符，如 chuxiong-2021。"),
        ("标准", 3, "标准名称", "没有填。"),
        ("标准", 4, "发布辖区代码", "“5323”不是 12 位区划代码；不填即为本辖区。"),
        ("标准", 7, "评价方式", "没有“打分”这一种，请填：达标制、评分制。"),
        ("标准", 12, "印发日期", "“去年”不是日期，请写成 2021-01-12。"),
        ("条目", 2, "条目号", "“一”不对，应为 1 至 999 的整数。"),
        ("条目", 2, "一票否决", "“对”不对，只填“是”或留空。"),
        ("条目", 2, "核查方式", "没有“电话”这一种，请填：查阅资料、现场查看、访谈、问卷，几种用顿号隔开。"),
        ("条目", 3, "评分标准", "这一行接着第 1 条，这一列应留空；是新的条目，请填“标准条目”列。"),
        ("条目", 4, "分值", "分项相加是 3 分，条目是 5 分。"),
        ("条目", 5, "对应国家条目", "“标准”表没有填“依据标准代码”，就没有上级条目可对应。请填代码或清空这一列。"),
    ]


def test_parse_adds_up_points_and_weights() -> None:
    assert told([SCORED | {"内容权重": "2"}]) == [
        ("标准", 8, "总分", "各条分值（乘以权重）相加是 20 分，总分写的是 10 分。")
    ]


def test_export_and_import_keeps_a_weight_of_three_decimals(every_kind: Standard) -> None:
    every_kind.sections.filter(number=5).update(weight=Decimal("1.125"))
    found = reread(exported(every_kind))
    assert [one.header for one in found.problems] == ["总分"]
    weighted = changed(exported(every_kind), lambda book: put_head(book, "总分", "64.13"))
    assert [one.header for one in reread(weighted).problems] == ["总分"]
    assert file_of(every_kind).sections[1].weight == Decimal("1.125")


@pytest.mark.parametrize(
    ("entry", "header", "reason"),
    [
        ({"内容权重": "1.0625"}, "内容权重", "1.0625 最多 3 位小数。"),
        ({"内容权重": "1000"}, "内容权重", "1000 过大，最多 999.999。"),
        ({"条目号": "1000"}, "条目号", "“1000”不对，应为 1 至 999 的整数。"),
        ({"内容序号": "20000"}, "内容序号", "“20000”不对，应为 1 至 999 的整数。"),
    ],
)
def test_parse_of_figures_that_no_column_holds(entry: dict[str, str], header: str, reason: str) -> None:
    assert told([SCORED | entry]) == [("条目", 2, header, reason)]


def test_parse_does_not_count_beyond_the_largest_number() -> None:
    reason = "前面已编到 999，不能再往后编。请从 1 起编号，或清空这一列由系统编排。"
    assert told([SCORED | {"条目号": "999"}, {"标准条目": "二"}]) == [("条目", 3, "条目号", reason)]


def test_parse_of_too_long_a_text_names_the_limit() -> None:
    assert told([SCORED | {"内容": "长" * 201}]) == [("条目", 2, "内容", "有 201 字，请压缩到 200 字以内。")]
    assert told([SCORED], 文号="长" * 101) == [("标准", 11, "文号", "有 101 字，请压缩到 100 字以内。")]


def test_parse_against_the_base_names_what_is_dropped(db: None) -> None:
    base = file_of(Standard.objects.get(code="national-2020"))
    lines = [{"内容": "甲", "标准条目": f"条 {n}", "对应国家条目": str(n)} for n in range(1, 16)]
    lines[0]["对应国家条目"] = "99"
    assert told(lines, base, 评价方式="达标制", 总分="", 达标分="", 依据标准代码=base.code) == [
        ("条目", 1, "对应国家条目", f"缺少与 《{base.name}》 第 1、16 条对应的条目：下级标准不能删减条目。"),
        ("条目", 2, "对应国家条目", f"《{base.name}》 没有第 99 条。"),
    ]


def test_cells_that_cannot_be_read_are_told_with_the_rest(every_kind: Standard) -> None:
    def spoil(workbook: object) -> None:
        put(workbook, 2, "分值", "=SUM(1)")  # type: ignore[arg-type]
        put(workbook, 3, "扣（加）分", "#REF!")  # type: ignore[arg-type]
        put_head(workbook, "总分", "=A1")  # type: ignore[arg-type]

    found = reread(changed(exported(every_kind), spoil))
    assert [(one.sheet, one.row, one.header) for one in found.problems] == [
        ("标准", 8, "总分"),
        ("条目", 2, "分值"),
        ("条目", 3, "扣（加）分"),
    ]
    assert found.problems[1].reason.startswith("是公式。")


def test_marked_workbook_shows_each_problem_at_its_cell_and_reads_again(every_kind: Standard) -> None:
    wrong = content([SCORED | {"分值": "=1+1", "标准条目": "+cmd|' /C calc'!A0"}], 总分="x")
    found = parse_content(wrong, DEFAULTS)
    file = build_workbook(wrong, title="小标准", problems=found.problems)
    workbook = load_workbook(BytesIO(file))
    sheet, at = workbook["条目"], HEADERS.index("分值") + 1
    assert (sheet.cell(2, at).value, sheet.cell(2, at).data_type) == ("=1+1", "s")
    assert sheet.cell(2, at).fill.fgColor.rgb == "FFF8CBAD"
    assert isinstance(sheet.cell(2, at).comment, Comment)
    assert sheet.cell(1, len(COLUMNS) + 1).value == "需要改正"
    assert sheet.cell(2, len(COLUMNS) + 1).value == "分值：“=1+1”不是数字。只填数字，如 2 或 2.5"
    head = {row[0].value: row for row in workbook["标准"].iter_rows()}
    assert head["总分"][3].value == "“x”不是数字。只填数字，如 2 或 2.5"
    again = read_content(BytesIO(file))
    assert parse_content(again, DEFAULTS).problems == found.problems


def test_small_standard_of_the_loader_is_the_same_by_sheet(db: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("small") / "small-2022.yaml"
    path.write_text(SMALL, encoding="utf-8")
    file = read_standard(path)
    load_standard(file)
    found = reread(exported(Standard.objects.get(code="small-2022")))
    assert found.file is not None
    assert found.file.model_dump() == file.model_dump()
