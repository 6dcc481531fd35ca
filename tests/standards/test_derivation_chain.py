"""Files of standards that derive from a derived one, and of later versions."""

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.core.errors import InvalidInput
from apps.core.fixture_file import FixtureError
from apps.standards.loading import Outcome, file_of, load_standard, read_standards
from apps.standards.models import Standard

CHAIN = """\
code: CODE
name: 县级标准
jurisdiction: "532301000000"
derived_from: chuxiong-2021
kind: pass_fail
document: {title: 县级文件}
sections:
  - number: 1
    title: 内容
    criteria:
"""

Write = Callable[..., Path]

FIFTH = "sections[0].criteria[4]"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file of 楚雄市 that refines each of 楚雄州's 17 criteria; ``ties`` replaces the tie of some."""

    def make(code: str = "county-2022", ties: dict[int, str] | None = None, head: str = "") -> Path:
        ties = ties or {}
        lines = [
            f"      - {{number: {n}, text: 条目, {ties.get(n, f'refines: {n}')}}}\n"
            for n in range(1, 18)
            if ties.get(n) != ""
        ]
        path = tmp_path / f"{code}.yaml"
        path.write_text(
            CHAIN.replace("CODE", code).replace("kind:", f"{head}kind:", 1) + "".join(lines), encoding="utf-8"
        )
        return path

    return make


def problems(path: Path) -> list[str]:
    with pytest.raises(FixtureError) as caught:
        read_standards([path])
    return [f"{one.place}：{one.reason}" for one in caught.value.problems]


def test_load_chain_ties_to_base_and_nation(db: None, write: Write) -> None:
    path = write()
    [file] = read_standards([path])
    assert load_standard(file) == Outcome.LOADED
    assert load_standard(file) == Outcome.UNCHANGED
    stored = Standard.objects.get(code="county-2022")
    fields = ("number", "refines__standard__code", "refines__number", "national_criterion__number")
    ties = {number: tuple(tie) for number, *tie in stored.criteria.values_list(*fields)}
    assert ties == {n: ("chuxiong-2021", n, n if n < 17 else None) for n in range(1, 18)}
    assert load_standard(file_of(stored)) == Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("ties", "problem"),
    [
        ({5: ""}, "sections：缺少与 chuxiong-2021 第 5 条对应的条目：下级标准不能删减条目"),
        ({5: "refines: 18"}, f"{FIFTH}.refines：chuxiong-2021 没有第 18 条"),
        (
            {5: "national: 5"},
            f"{FIFTH}.refines：缺少这一项：chuxiong-2021 也依据上级标准，要写细化它的第几条；自设的条目写 null",
        ),
        ({5: "refines: 5, national: 6"}, f"{FIFTH}.national：与所细化的条目不一致：按它应写 5"),
        ({17: "refines: 17, national: 16"}, "sections[0].criteria[16].national：与所细化的条目不一致：按它应写 null"),
    ],
)
def test_read_chain_refuses_wrong_ties(db: None, write: Write, ties: dict[int, str], problem: str) -> None:
    assert problem in problems(write(ties=ties))


def test_load_later_version(db: None, write: Write) -> None:
    second, first = write("county-2023", head="replaces: county-2022\n"), write()
    files = read_standards([second, first])
    assert [one.code for one in files] == ["county-2022", "county-2023"]
    assert [load_standard(one) for one in files] == [Outcome.LOADED, Outcome.LOADED]
    later = Standard.objects.get(code="county-2023")
    assert (later.version, later.replaces) == (2, Standard.objects.get(code="county-2022"))
    assert file_of(later).replaces == "county-2022"


def test_load_later_version_of_nothing(db: None, write: Write) -> None:
    path = write("county-2023", head="replaces: county-2022\n")
    assert problems(path) == ["replaces：没有标准 county-2022"]
    [file] = read_standards([write("county-2024")])
    with pytest.raises(InvalidInput, match="所代替的标准 county-2022 没有装载"):
        load_standard(file.model_copy(update={"replaces": "county-2022"}))
