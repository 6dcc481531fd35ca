"""load_standards and score, on the database."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.core import clock
from apps.standards.domain import spec_of
from apps.standards.fixture_format import read_standard
from apps.standards.loading import SOURCE, file_of
from apps.standards.management.commands import score as score_command
from apps.standards.models import Criterion, Standard

CODES = ["anhui-2020", "chuxiong-2021", "national-2020", "tianjin-2020"]

SMALL = """\
code: small-2022
name: 小标准
jurisdiction: "000000000000"
kind: scored
total_points: 20
pass_mark: 15
status: draft
document: {title: 小文件}
sections:
  - number: 1
    title: 内容一
    weight: 2
    criteria:
      - number: 1
        text: 条目一
        points: 10
        required_evidence: [现场照片]
        check_methods: [documents, site_visit]
        sub_items:
          - number: 1
            text: 甲
            points: 4
            rules: [{number: 1, kind: count, points: 3, unit: 处, text: 每处扣 3 分}]
          - number: 2
            text: 乙
            points: 6
            rules:
              - number: 2
                kind: rate_shortfall
                full_value: 90
                step: 7.5
                points: 1
                rounding: started_steps
                text: 率
      - {number: 2, text: 否决条目, is_veto: true}
"""


def run(command: str, *args: Any) -> list[str]:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def to_file(text: str) -> Path:
        path = tmp_path / "file"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_load_standards_stores_what_the_file_holds(code: str) -> None:
    standard = Standard.objects.get(code=code)
    file = read_standard(SOURCE / f"{code}.yaml")
    assert file_of(standard) == file
    assert spec_of(standard) == file.to_spec()
    assert standard.status == Standard.Status.PUBLISHED


@pytest.mark.django_db
def test_load_standards_ties_criteria_to_the_national_ones() -> None:
    tie = Criterion.objects.get(standard__code="anhui-2020", number=16).national_criterion
    assert tie is not None
    assert (tie.standard.code, tie.number) == ("national-2020", 14)


@pytest.mark.django_db
def test_load_standards_again_changes_nothing() -> None:
    before = list(Criterion.objects.order_by("pk").values_list("pk", flat=True))
    assert sorted(run("load_standards")) == [f"{code} 未变化" for code in CODES]
    assert list(Criterion.objects.order_by("pk").values_list("pk", flat=True)) == before


@pytest.mark.django_db
def test_load_standards_refuses_to_change_a_published_one(write: Callable[[str], Path]) -> None:
    text = (SOURCE / "tianjin-2020.yaml").read_text(encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        run("load_standards", write(text.replace("不低于30%", "不低于40%")))
    assert str(refused.value) == (
        "标准 tianjin-2020 已发布，内容不能再改；文件在 sections[3].criteria[1].text 处与它不同。"
        "请换一个 code 作为新版本装载。"
    )


@pytest.mark.django_db
def test_load_standards_updates_a_draft_and_publishes_it(write: Callable[[str], Path]) -> None:
    assert run("load_standards", write(SMALL)) == ["small-2022 已装载"]
    assert run("load_standards", write(SMALL)) == ["small-2022 未变化"]
    assert run("load_standards", write(SMALL.replace("条目一", "条目甲"))) == ["small-2022 已更新"]
    published = write(SMALL.replace("status: draft", "status: published"))
    assert run("load_standards", published) == ["small-2022 已更新"]
    standard = Standard.objects.get(code="small-2022")
    assert standard.status == Standard.Status.PUBLISHED
    assert standard.published_at is not None
    assert clock.now() - standard.published_at < timedelta(minutes=1)
    assert spec_of(standard) == read_standard(published).to_spec()


@pytest.mark.django_db
def test_load_standards_skips_a_jurisdiction_that_is_not_loaded(write: Callable[[str], Path]) -> None:
    path = write(SMALL.replace('"000000000000"', '"990000000000"'))
    assert run("load_standards", path) == ["small-2022 已跳过：辖区没有装载"]
    assert not Standard.objects.filter(code="small-2022").exists()


@pytest.mark.django_db
def test_load_standards_refuses_a_dropped_criterion_and_an_unknown_base(write: Callable[[str], Path]) -> None:
    text = (SOURCE / "tianjin-2020.yaml").read_text(encoding="utf-8").replace("tianjin-2020", "tianjin-2023")
    path = write(text[: text.index("      - number: 16")])
    with pytest.raises(CommandError) as refused:
        run("load_standards", path)
    assert str(refused.value) == (
        f"{path}：第 17 行 sections：缺少与 national-2020 第 16 条对应的条目：下级标准不能删减条目"
    )
    path = write(text.replace("derived_from: national-2020", "derived_from: national-1999"))
    with pytest.raises(CommandError) as refused:
        run("load_standards", path)
    assert str(refused.value) == f"{path}：第 9 行 derived_from：没有标准 national-1999"


@pytest.mark.django_db
def test_load_standards_leaves_nothing_of_a_run_with_a_wrong_file(write: Callable[[str], Path], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("code: 1\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"wrong\.yaml：第 1 行 code：须为文字"):
        run("load_standards", write(SMALL), wrong)
    assert not Standard.objects.filter(code="small-2022").exists()


@pytest.mark.django_db
def test_spec_of_takes_the_same_queries_for_every_standard(django_assert_num_queries: Any) -> None:
    for code in CODES:
        standard = Standard.objects.get(code=code)
        with django_assert_num_queries(4):
            spec_of(standard)


@pytest.mark.django_db
def test_score_prints_points_total_and_verdict(write: Callable[[str], Path]) -> None:
    path = write('{"results": [{"criterion": 10, "deductions": [{"rule": 1, "rate": 59.9}]}]}')
    result = json.loads("\n".join(run("score", "chuxiong-2021", path)))
    assert list(result) == ["criteria", "total", "meets_standard"]
    assert result["criteria"][9] == {"criterion": 10, "points": 0}
    assert result["total"] == 90
    assert result["meets_standard"] is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (
            "chuxiong-2021",
            '{"results": [{"criterion": 6, "deductions": [{"rule": 2, "count": -1}]}]}',
            "：第 6 条规则 2：count 为 -1，须在 0 到 1000000 之间",
        ),
        ("chuxiong-2021", "{", "：第 1 行第 2 列：不是有效的 JSON"),
        ("national-2020", '{"results": []}', "：第 1 条：没有填是否达到（met）"),
        ("nowhere-2020", "{}", "没有标准 nowhere-2020"),
        ("../standards/chuxiong-2021", "{}", "没有标准 ../standards/chuxiong-2021"),
    ],
)
def test_score_exits_with_2_on_wrong_input(write: Callable[[str], Path], code: str, text: str, message: str) -> None:
    with pytest.raises(CommandError) as refused:
        run("score", code, write(text))
    assert str(refused.value).endswith(message)
    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_score_exits_with_2_on_an_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="文件打不开") as refused:
        run("score", "chuxiong-2021", tmp_path / "nowhere.json")
    assert refused.value.returncode == 2
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="文件不是 UTF-8 文本") as refused:
        run("score", "chuxiong-2021", binary)
    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_score_before_the_standard_is_loaded_reads_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small-2022.yaml").write_text(SMALL, encoding="utf-8")
    answers = tmp_path / "answers.json"
    answers.write_text('{"results": [{"criterion": 2, "met": true}]}', encoding="utf-8")
    monkeypatch.setattr(score_command, "SOURCE", tmp_path)
    assert json.loads("\n".join(run("score", "small-2022", answers))) == {
        "criteria": [{"criterion": 1, "points": 10}, {"criterion": 2, "verdict": "met"}],
        "total": 20,
        "meets_standard": True,
    }
