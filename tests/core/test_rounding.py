"""How decimals are written."""

from decimal import Decimal

import pytest

from apps.core.rounding import plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("4.00"), "4"),
        (Decimal("4.50"), "4.5"),
        (Decimal(100), "100"),
        (Decimal("0.00"), "0"),
        (20, "20"),
        (None, "0"),
    ],
)
def test_plain_leaves_out_idle_zeros(value: Decimal | int | None, text: str) -> None:
    assert plain(value) == text
