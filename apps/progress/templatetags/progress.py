"""How changes and days are written on the pages of this room."""

from fractions import Fraction

from django import template

from apps.campaigns.progress import names_url
from apps.core.rounding import round_half_up
from apps.core.templatetags.figures import NOTHING, percent
from apps.jurisdictions.models import Jurisdiction
from apps.progress.state import State

register = template.Library()


@register.filter
def change(by: int | None) -> str:
    """A difference to last year, with its sign: `+12`, `−3`, `持平`."""
    if by is None:
        return NOTHING
    if not by:
        return "持平"
    return f"+{by:,}" if by > 0 else f"−{-by:,}"


@register.filter
def points_change(by: Fraction | None) -> str:
    """A difference of two ratios in percentage points: `+2.35 个百分点`."""
    if by is None:
        return NOTHING
    points = round_half_up(abs(by) * 100, 2)
    if not points:
        return "持平"
    return f"{'+' if by > 0 else '−'}{points:f} 个百分点"


@register.filter
def days(count: Fraction | None) -> str:
    """A number of days, halves told: `12 天`, `3.5 天`."""
    if count is None:
        return NOTHING
    return f"{count.numerator} 天" if count.denominator == 1 else f"{float(count):.1f} 天"


@register.filter
def share_of(shares: dict[int, Fraction | None], pk: int) -> Fraction | None:
    return shares.get(pk)


@register.inclusion_tag("components/ratio_bar.html")
def share_bar(part: int, whole: int) -> dict[str, object]:
    """A share of what was assessed; more is worse, so it has no target and the colour of what falls short."""
    if not whole:
        return {"tone": "none", "text": "没有评过"}
    share = Fraction(part, whole)
    return {"tone": "short", "width": percent(share), "goal": None, "text": f"{part}/{whole}，{percent(share)}"}


@register.simple_tag
def progress_place(state: State, place: Jurisdiction) -> str:
    """The address of the same view of ``place``."""
    return state.url(place)


@register.simple_tag
def progress_names(state: State, place: Jurisdiction, is_direct: bool) -> str:
    """The address of the communities of ``place``; of what lies right under the shown one there is none of its own."""
    return "" if is_direct else names_url(state.rollup, place)
