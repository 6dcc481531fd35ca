"""What the pages of one's own account say: times as the rest of the product counts them, what one may switch off."""

from datetime import datetime

from django import template

from apps.accounts import two_factor
from apps.accounts.models import User
from apps.core import clock

register = template.Library()


@register.filter
def shown(at: datetime | None) -> datetime | None:
    """Return a time of the sign-in tables, which is real time, as pages show it."""
    return None if at is None else clock.shown(at)


@register.filter
def must_keep_two_factor(user: User) -> bool:
    return two_factor.is_required_of(user)
