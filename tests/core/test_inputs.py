"""Numbers from addresses and forms: only plain digits, and no more than a column holds."""

import pytest

from apps.core.inputs import ids_in, whole_number


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
