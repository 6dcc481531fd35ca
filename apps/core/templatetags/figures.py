"""How figures and dates are written in the interface. Percentages are cut from exact numbers, rounded half up."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from django import template
from django.utils import timezone

from apps.core import clock
from apps.core.rounding import plain

register = template.Library()

NOTHING = "—"


@register.filter
def percent(ratio: Fraction | Decimal | float | None) -> str:
    """A ratio (1 is the whole) as `45.16%`; without a ratio a dash."""
    if ratio is None:
        return NOTHING
    exact = Fraction(ratio)
    hundredths = floor(abs(exact) * 10_000 + Fraction(1, 2))
    sign = "-" if exact < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}%"


@register.filter
def number(count: int | None) -> str:
    return NOTHING if count is None else f"{count:,}"


@register.filter
def gap(count: int | None) -> str:
    """What is still missing; nothing missing is a dash."""
    return f"{count:,}" if count else NOTHING


@register.filter
def points(value: Decimal | Fraction | float | None) -> str:
    """Points without idle zeros: `4`, `4.5`. A decimal is told exactly: 2.997 is not 3."""
    if value is None:
        return NOTHING
    return plain(value) if isinstance(value, Decimal) else f"{float(value):.2f}".rstrip("0").rstrip(".")


@register.filter
def day(value: date | datetime | None) -> str:
    """`12 月 2 日`, with the year where it is not the business year."""
    if value is None:
        return NOTHING
    local = _local_date(value)
    text = f"{local.month} 月 {local.day} 日"
    return text if local.year == clock.today().year else f"{local.year} 年 {text}"


@register.filter
def moment(value: datetime | None) -> str:
    """`今天 10:42`, `昨天 16:20`, `8 月 3 日 16:20`."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value)
    today = clock.today()
    names = {today: "今天", today - timedelta(days=1): "昨天"}
    return f"{names.get(local.date()) or day(local)} {local:%H:%M}"


def _local_date(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date()
    return value
