"""How a request finds its person."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from apps.accounts.models import Membership, User


class PersonBackend(ModelBackend):
    """Sign-in by user name and password; a session's person comes together with their memberships."""

    def get_user(self, user_id: int) -> User | None:
        """Read the person and ``held_memberships`` in one statement; None for who is unknown or suspended."""
        found = Membership.objects.filter(user=user_id).select_related("user", "jurisdiction")
        held = sorted(found, key=lambda one: (one.path, one.role, one.pk))
        user = held[0].user if held else super().get_user(user_id)
        if not isinstance(user, User) or not self.user_can_authenticate(user):
            return None
        user.held_memberships = held
        return user

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether the account is open, and a person's: another system has tokens, no session."""
        return super().user_can_authenticate(user) and not user.is_system
