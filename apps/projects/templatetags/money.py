"""How amounts are written in the interface."""

from decimal import Decimal

from django import template

from apps.core.templatetags.figures import NOTHING

register = template.Library()


@register.filter
def money(amount: Decimal | None) -> str:
    """An amount in 万元: `1,234.50`; nothing is a dash."""
    return f"{amount:,.2f}" if amount else NOTHING
