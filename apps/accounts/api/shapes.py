"""How people are named by what they did."""

from apps.accounts.models import User
from apps.core.api.shapes import Shown


class PersonRef(Shown):
    """Who did something: name, and the id that stays when the name changes."""

    class Meta:
        model = User
        fields = ("id", "display_name")
