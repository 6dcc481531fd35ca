"""What comes in: only plain digits, no more than a column holds, and of texts what is seen."""

import pytest

from apps.core.inputs import as_seen, ids_in, whole_number


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("007", 7), ("", None), ("-1", None), ("1.5", None), ("７", None), ("²", None)]
)
def test_whole_number_takes_plain_digits_alone(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_whole_number_is_no_longer_than_asked_for() -> None:
    assert (whole_number("9" * 18), whole_number("9" * 19)) == (10**18 - 1, None)
    assert (whole_number("999", digits=3), whole_number("1000", digits=3)) == (999, None)


def test_ids_in_leaves_out_what_is_none_and_what_was_there() -> None:
    assert ids_in(["3", "x", "1", "3", "1\n"]) == [3, 1]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("加装电梯", "加装电梯"),
        ("加装\x0b电梯\x07", "加装 电梯 "),
        ("雨污\t\x0b分流", "雨污 分流"),
        ("第一行\r\n第二行\n", "第一行\n第二行\n"),
        ("加\u202e装\u200b电\u061c梯\ufeff", "加装电梯"),
        ("加\ufffe装\u2028电梯\x85", "加 装 电梯 "),
        ("全角\u3000空格和生僻字\ue863", "全角\u3000空格和生僻字\ue863"),
        ("\u3164", " "),
        ("加装\u2800电梯", "加装 电梯"),
    ],
)
def test_of_a_text_what_is_seen_is_kept(text: str, seen: str) -> None:
    assert as_seen(text) == seen
    assert as_seen(seen) == seen
