"""The standards' files: what they hold, and how a wrong one is refused."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from apps.core.fixture_file import FixtureError
from apps.standards.fixture_format import CriterionEntry, StandardFile, read_standard
from apps.standards.specs import RuleKind

FIXTURES = Path(__file__).parents[2] / "fixtures" / "standards"
CODES = ("national-2020", "anhui-2020", "tianjin-2020", "chuxiong-2021")


@pytest.fixture(scope="module")
def files() -> dict[str, StandardFile]:
    return {code: read_standard(FIXTURES / f"{code}.yaml") for code in CODES}


def criteria(file: StandardFile) -> dict[int, CriterionEntry]:
    return {criterion.number: criterion for _, criterion in file.located_criteria()}


@pytest.mark.parametrize(
    ("code", "per_section", "issuer"),
    [
        ("national-2020", [3, 3, 4, 2, 4], "000000000000"),
        ("anhui-2020", [3, 3, 5, 2, 5], "340000000000"),
        ("tianjin-2020", [3, 3, 4, 2, 4], "120000000000"),
        ("chuxiong-2021", [3, 3, 4, 2, 5], "532300000000"),
    ],
)
def test_read_standard_sections(files: dict[str, StandardFile], code: str, per_section: list[int], issuer: str) -> None:
    file = files[code]
    assert file.code == code
    assert file.jurisdiction == issuer
    assert [len(section.criteria) for section in file.sections] == per_section
    assert list(criteria(file)) == list(range(1, sum(per_section) + 1))


def test_read_standard_texts_are_verbatim(files: dict[str, StandardFile]) -> None:
    national, anhui, chuxiong = (criteria(files[code]) for code in ("national-2020", "anhui-2020", "chuxiong-2021"))
    assert national[12].text == "物业管理覆盖面不低于 30%"
    assert national[16].text == "社区相关文物古迹、历史建筑、古树名木等历史文化资源得到有效保护"
    assert anhui[11].text == (
        "社区内各小区无燃煤设施，餐饮服务业油烟治理达到国家相关标准，无露天烧烤和敞开式工业涂装作业及垃圾焚烧现象。"
    )
    assert chuxiong[2].text == "搭建沟通议事平台,利用“互联+共建共治共享”等线上线手段，开展多种形式基层协商"
    assert chuxiong[10].scoring_text == "噪声扰民投诉处理率100%，每降低10%扣1分，低于60%此项不得分。"
    assert files["chuxiong-2021"].note == "各项相加之和达到80分以上，即达到“绿色社区”标准，此标准供各县市参考。"
    assert [s.title for s in files["anhui-2020"].sections] == [
        "创建机制多元化",
        "基础设施绿色化",
        "生活环境宜居化",
        "管理服务智慧化",
        "绿色文化多样化",
    ]


def test_chuxiong_rule_texts_make_up_the_scoring_texts(files: dict[str, StandardFile]) -> None:
    for criterion in criteria(files["chuxiong-2021"]).values():
        rest = criterion.scoring_text or ""
        for rule in criterion.rules:
            assert rest.count(rule.text) == 1
            rest = rest.replace(rule.text, "")
        assert set(rest) <= set("，；,。")


def test_chuxiong_points_sum_to_100(files: dict[str, StandardFile]) -> None:
    file = files["chuxiong-2021"]
    assert [c.points for c in criteria(file).values()] == [6] * 16 + [4]
    assert file.total_points == 100
    assert file.pass_mark == 80


def test_chuxiong_rule_kinds(files: dict[str, StandardFile]) -> None:
    fixed, span, count = RuleKind.FIXED, RuleKind.RANGE, RuleKind.COUNT
    assert {number: [rule.kind for rule in c.rules] for number, c in criteria(files["chuxiong-2021"]).items()} == {
        1: [fixed, span],
        2: [fixed, fixed],
        3: [span],
        4: [span, fixed],
        5: [fixed, fixed, fixed],
        6: [fixed, count],
        7: [span, span],
        8: [count, count, count],
        9: [fixed, fixed],
        10: [RuleKind.RATE_SHORTFALL],
        11: [fixed],
        12: [RuleKind.RATE_SHORTFALL],
        13: [fixed, count],
        14: [RuleKind.COUNT_SHORTFALL],
        15: [fixed, fixed, fixed],
        16: [fixed, fixed],
        17: [RuleKind.BONUS_RANGE],
    }


@pytest.mark.parametrize(
    ("code", "ties"),
    [
        ("tianjin-2020", {n: n for n in range(1, 17)}),
        ("chuxiong-2021", {**{n: n for n in range(1, 17)}, 17: None}),
        (
            "anhui-2020",
            {
                **{n: n for n in range(1, 11)},
                11: None,
                12: 11,
                13: 12,
                14: 13,
                15: 15,
                16: 14,
                17: None,
                18: 16,
            },
        ),
    ],
)
def test_local_standards_tie_to_national_criteria(
    files: dict[str, StandardFile], code: str, ties: dict[int, int | None]
) -> None:
    assert {number: c.national for number, c in criteria(files[code]).items()} == ties
    assert list(files[code].complaints_against(files["national-2020"])) == []


@pytest.mark.parametrize(("code", "heritage"), [(CODES[0], 16), (CODES[1], 18), (CODES[2], 16), (CODES[3], 16)])
def test_only_the_heritage_criterion_allows_not_applicable(
    files: dict[str, StandardFile], code: str, heritage: int
) -> None:
    assert [n for n, c in criteria(files[code]).items() if c.allows_not_applicable] == [heritage]


SMALL = """\
code: small-2021
name: 小标准
jurisdiction: "000000000000"
kind: scored
total_points: 10
pass_mark: 8
document: {title: 小文件}
sections:
  - number: 1
    title: 内容一
    criteria:
      - number: 1
        text: 条目一
        points: 6
        rules:
          - {number: 1, kind: range, min_points: 1, max_points: 3, text: 扣 1-3 分}
      - number: 2
        text: 条目二
        points: 4
        rules:
          - {number: 1, kind: fixed, points: 4, text: 扣 4 分}
"""

Refused = Callable[[str], list[str]]


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """The problems for which a text is refused, without the file name they begin with."""

    def read(text: str) -> list[str]:
        path = tmp_path / "wrong.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(FixtureError) as caught:
            read_standard(path)
        assert all(line.startswith(f"{path}：") for line in str(caught.value).splitlines())
        return [str(problem) for problem in caught.value.problems]

    return read


def test_read_standard_small_file(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert read_standard(path).to_spec().criteria()[2].points == Decimal(4)


RULE_1 = "{number: 1, kind: range, min_points: 1, max_points: 3, text: 扣 1-3 分}"
RULE_PLACE = "第 16 行 sections[0].criteria[0].rules[0]"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (SMALL, "", "文件是空的"),
        (SMALL, "# 只有注释\n", "文件是空的"),
        (SMALL[SMALL.index("sections:") :], "sections: []\n", "第 8 行 sections：列表太短"),
        (SMALL, "- 1\n", "第 1 行 须为一组“项: 值”"),
        (
            "total_points: 10",
            "total_points: 9",
            "第 5 行 total_points：各条分值（乘以权重）相加是 10 分，总分写的是 9 分",
        ),
        ("pass_mark: 8", "pass_mark: 11", "第 6 行 pass_mark：达标分 11 大于总分 10"),
        ("pass_mark: 8\n", "", "第 1 行 pass_mark：缺少这一项：计分制（scored）的标准要写总分和达标分"),
        ("pass_mark: 8", "pass_mark: 8\npass_mark: 8", "第 7 行 pass_mark：同一项写了两次"),
        ("pass_mark: 8", "pass_marks: 8", "第 6 行 pass_marks：不认识的项，写的是 8"),
        ("points: 6", "points: 六", "第 14 行 sections[0].criteria[0].points：须为数字，写的是 '六'"),
        ("points: 6", "points: .nan", "第 14 行 sections[0].criteria[0].points：须为数字，写的是 nan"),
        ("points: 6", "points: -6", "第 14 行 sections[0].criteria[0].points：不能小于 0，写的是 -6"),
        ("points: 6", "points: 6.001", "第 14 行 sections[0].criteria[0].points：最多 2 位小数，写的是 6.001"),
        ("        text: 条目一\n", "", "第 12 行 sections[0].criteria[0].text：缺少这一项"),
        ("text: 条目一", 'text: ""', "第 13 行 sections[0].criteria[0].text：不能是空的，写的是 ''"),
        ("text: 条目一", "text: 1", "第 13 行 sections[0].criteria[0].text：须为文字（数字要加引号），写的是 1"),
        ("number: 2", "number: 1", "第 17 行 sections[0].criteria[1].number：1 出现了两次"),
        ("number: 2", "number: 1000", "第 17 行 sections[0].criteria[1].number：不能大于 999，写的是 1000"),
        (
            "title: 内容一",
            "title: 内容一\n    weight: 1000",
            "第 11 行 sections[0].weight：数字过大，写的是 1000",
        ),
        (
            "title: 内容一",
            "title: 内容一\n    weight: 1.0625",
            "第 11 行 sections[0].weight：最多 3 位小数，写的是 1.0625",
        ),
        ("number: 2", "number: 2.5", "第 17 行 sections[0].criteria[1].number：须为整数，写的是 2.5"),
        ("number: 2", "number: 0", "第 17 行 sections[0].criteria[1].number：不能小于 1，写的是 0"),
        ('"000000000000"', "000000000000", "第 3 行 jurisdiction：须为文字（数字要加引号），写的是 0"),
        ("min_points: 1", "min_points: 4", f"{RULE_PLACE}.min_points：最少 4 分大于最多 3 分"),
        ("max_points: 3", "max_points: 7", f"{RULE_PLACE}：这个扣分项最多扣（加）7 分，超过所属的 6 分"),
        (", max_points: 3", "", f"{RULE_PLACE}.max_points：缺少这一项"),
        (
            "kind: range",
            "kind: bonus_range",
            f"{RULE_PLACE}.kind：“区间加分”只能用在加分项上，加分项也只能用“区间加分”",
        ),
        ("kind: range, ", "", f"{RULE_PLACE}：缺少 kind"),
        (
            "kind: range",
            "kind: rang",
            f"{RULE_PLACE}：kind 须为 fixed、range、bonus_range、count、rate_shortfall、count_shortfall 之一",
        ),
        (
            RULE_1,
            "{number: 1, kind: rate_shortfall, full_value: 30, step: 5, points: 1, floor: 40, text: 甲}",
            f"{RULE_PLACE}.floor：底线 40 大于满值 30",
        ),
        (
            RULE_1,
            "{number: 1, kind: rate_shortfall, full_value: 30, step: 40, points: 1, text: 甲}",
            f"{RULE_PLACE}.step：每一档 40 大于满值 30",
        ),
        (
            RULE_1,
            f"{RULE_1}\n          - {{number: 1, kind: fixed, points: 1, text: 乙}}",
            "第 17 行 sections[0].criteria[0].rules[1].number：1 出现了两次",
        ),
        (
            "points: 6",
            "points: 6\n        national: 1",
            "第 15 行 sections[0].criteria[0].national：没有写 derived_from，就没有上位标准可对应",
        ),
        (
            "points: 6",
            "points: 6\n        sub_items: [{number: 1, text: 甲, points: 5}]",
            "第 14 行 sections[0].criteria[0].points：分项相加是 5 分，条目是 6 分",
        ),
        (
            "points: 6",
            "points: 6\n        is_bonus: 1",
            "第 15 行 sections[0].criteria[0].is_bonus：须为 true 或 false，写的是 1",
        ),
    ],
)
def test_read_standard_refuses_a_wrong_file(refused: Refused, old: str, new: str, problem: str) -> None:
    assert old in SMALL
    assert refused(SMALL.replace(old, new, 1)) == [problem]


def test_read_standard_refuses_points_on_a_pass_fail_standard(refused: Refused) -> None:
    assert refused(SMALL.replace("kind: scored", "kind: pass_fail", 1)) == [
        "第 14 行 sections[0].criteria[0].points：达标制（pass_fail）的标准不计分",
        "第 19 行 sections[0].criteria[1].points：达标制（pass_fail）的标准不计分",
        "第 5 行 total_points：达标制（pass_fail）的标准不计分",
        "第 6 行 pass_mark：达标制（pass_fail）的标准不计分",
    ]


def test_read_standard_refuses_a_refinement_without_ties(refused: Refused) -> None:
    assert refused(SMALL.replace("kind: scored", "derived_from: national-2020\nkind: scored", 1)) == [
        "第 13 行 sections[0].criteria[0].national：缺少对应的上位标准条目；自设的条目写 null",
        "第 18 行 sections[0].criteria[1].national：缺少对应的上位标准条目；自设的条目写 null",
    ]


def test_read_standard_refuses_broken_yaml(refused: Refused) -> None:
    assert refused("code: [\nname: 甲\n") == ["第 3 行 不是有效的 YAML：缩进、冒号、引号或括号有误"]


def test_read_standard_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match=r"nowhere\.yaml：文件打不开"):
        read_standard(tmp_path / "nowhere.yaml")


def test_complaints_against_names_dropped_and_unknown_criteria(files: dict[str, StandardFile]) -> None:
    tianjin = files["tianjin-2020"]
    last = tianjin.sections[4]
    changed = last.criteria[3].model_copy(update={"national": 19})
    section = last.model_copy(update={"criteria": (*last.criteria[:3], changed)})
    wrong = tianjin.model_copy(update={"sections": (*tianjin.sections[:4], section)})
    assert list(wrong.complaints_against(files["national-2020"])) == [
        (("sections", 4, "criteria", 3, "national"), "national-2020 没有第 19 条"),
        (("sections",), "缺少与 national-2020 第 16 条对应的条目：下级标准不能删减条目"),
    ]
