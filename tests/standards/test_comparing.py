"""Two standards side by side: pairs by tie and by number, and the words that differ."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.permissions import Actor
from apps.standards.comparing import Concordance, compare
from apps.standards.differences import Piece, Pieces, compare_lines, compare_texts
from apps.standards.loading import file_of, load_standard
from apps.standards.models import Standard


def concordance(left: str, right: str) -> Concordance:
    rows = Standard.objects.select_related("jurisdiction")
    return compare(rows.get(code=left), rows.get(code=right))


def shown(pieces: Pieces) -> str:
    return "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("社区道路综合治理", "社区道路综合治理", ("社区道路综合治理", "社区道路综合治理")),
        ("物业覆盖面不低于 30%", "物业覆盖面不低于 45%", ("物业覆盖面不低于 [30%]", "物业覆盖面不低于 [45%]")),
        ("搭建沟通议事平台", "搭建线上沟通议事平台", ("搭建沟通议事平台", "搭建[线上]沟通议事平台")),
        ("扣 12 分", "扣 2 分", ("扣 [12] 分", "扣 [2] 分")),
        ("完全不同的话", "另外几个汉字", ("[完全不同的话]", "[另外几个汉字]")),
        ("", "新的", ("", "[新的]")),
    ],
)
def test_compare_texts_marks_the_words_that_differ(one: str, other: str, told: tuple[str, str]) -> None:
    left, right = compare_texts(one, other)
    assert (shown(left), shown(right)) == told
    assert "".join(piece.text for piece in left) == one
    assert "".join(piece.text for piece in right) == other


def test_compare_lines_puts_equal_lines_opposite_each_other() -> None:
    pairs = compare_lines(["甲", "乙扣 1 分"], ["新", "甲", "乙扣 2 分"])
    assert [(shown(left), shown(right)) for left, right in pairs] == [
        ("", "[新]"),
        ("甲", "甲"),
        ("乙扣 [1] 分", "乙扣 [2] 分"),
    ]


def test_compare_with_the_base_pairs_by_tie_and_tells_what_is_added(db: None) -> None:
    found = concordance("national-2020", "chuxiong-2021")
    assert [(pair.left and pair.left.number, pair.right and pair.right.number) for pair in found.pairs] == [
        *((n, n) for n in range(1, 17)),
        (None, 17),
    ]
    assert found.counts == {"same": 0, "changed": 16, "added": 1, "dropped": 0}
    first = {aspect.label: aspect for aspect in found.pairs[0].aspects}
    assert not first["条目"].differs
    assert [shown(right) for _, right in first["分值"].lines] == ["[6 分]"]


def test_compare_the_other_way_round_tells_what_is_dropped(db: None) -> None:
    found = concordance("chuxiong-2021", "national-2020")
    assert found.counts["dropped"] == 1
    assert found.pairs[-1].left is not None
    assert (found.pairs[-1].left.number, found.pairs[-1].right, found.pairs[-1].kind) == (17, None, "dropped")


def test_compare_of_two_derivations_pairs_through_the_root(db: None) -> None:
    found = concordance("tianjin-2020", "chuxiong-2021")
    both = [(pair.left, pair.right) for pair in found.pairs if pair.left and pair.right]
    assert both
    assert all(left.national_criterion_id == right.national_criterion_id for left, right in both)


def test_compare_of_a_copy_finds_nothing_but_what_was_changed(db: None) -> None:
    file = file_of(Standard.objects.get(code="chuxiong-2021"))
    document = file.model_dump() | {"code": "copy-2022", "status": "draft"}
    for section in document["sections"]:
        for criterion in section["criteria"]:
            criterion.pop("refines")
            criterion["number"] += 100
    first = document["sections"][0]["criteria"][0]
    first["rules"][0]["points"], first["is_veto"] = 2, True
    load_standard(type(file).model_validate(document))
    found = concordance("chuxiong-2021", "copy-2022")
    # The criterion set locally has no tie and another number now.
    assert found.counts == {"same": 15, "changed": 1, "added": 1, "dropped": 1}
    differing = {aspect.label: aspect.lines for aspect in found.pairs[0].aspects if aspect.differs}
    assert differing.keys() == {"性质", "扣分项"}
    left, right = differing["扣分项"][0]
    assert [piece for piece in (*left, *right) if piece.is_marked] == [Piece("3", True), Piece("2", True)]


def test_page_asks_a_fixed_number_of_queries(city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    client = client_of(city_approver)
    client.get("/standards/compare/")
    counts = []
    for pair in ("a=national-2020&b=tianjin-2020", "a=national-2020&b=chuxiong-2021"):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"/standards/compare/?{pair}")
        assert response.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_page_marks_and_leaves_out_what_is_the_same(city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    client = client_of(city_approver)
    page = client.get("/standards/compare/?a=national-2020&b=chuxiong-2021").content.decode()
    assert re.findall(r"</a>（第 (\d+)\s+版）\s*</th>", page) == ["1", "1"]
    assert re.search(r"<ins\s*>100 分</ins>", page)
    assert re.search(r"<del\s*>达标制</del>", page)
    same = client.get("/standards/compare/?a=national-2020&b=national-2020").content.decode()
    assert "两边是同一个标准" in same
    assert "请选择两个标准" in client.get("/standards/compare/?a=none").content.decode()


def test_page_offers_those_nearest_and_finds_the_others(
    city_approver: Actor, client_of: Callable[[Actor], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.standards.views.comparing.MOST_OFFERED", 2)
    client = client_of(city_approver)

    def offered(query: str) -> list[str]:
        return [one.code for one in client.get(f"/standards/compare/?{query}").context["standards"]]

    assert offered("") == ["national-2020", "chuxiong-2021"]
    assert offered("q=安徽") == ["anhui-2020"]
    assert offered("q=安徽&a=tianjin-2020") == ["anhui-2020", "tianjin-2020"]
    assert "标准较多，左右两边只列出 2 个" in client.get("/standards/compare/").text
