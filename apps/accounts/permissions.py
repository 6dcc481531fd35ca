"""May X do Y here? What each role is granted, and the check against the tree."""

from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import PermissionDenied
from guardian.models import UserObjectPermission

from apps.accounts.models import Membership, Role, User
from apps.jurisdictions.models import Jurisdiction

_BUREAU_WORK = {"set_targets", "enrol_communities", "review_assessments", "export_reports"}

# Looking is granted by the scope alone; these are the verbs.
ROLE_VERBS: dict[Role, set[str]] = {
    Role.PLATFORM_ADMIN: {"manage_people", "manage_campaign"},
    Role.BUREAU_ADMIN: {"manage_people", "manage_campaign", "set_targets", "export_reports"},
    Role.STAFF: _BUREAU_WORK,
    Role.APPROVER: _BUREAU_WORK | {"recognise_communities"},
    Role.STREET_OFFICER: {"self_assess"},
    Role.DEPARTMENT_REVIEWER: {"export_reports"},
    Role.VIEWER: set(),
}


@dataclass(frozen=True)
class Actor:
    """A person in the membership they chose to act in."""

    user: User
    membership: Membership

    @property
    def jurisdiction(self) -> Jurisdiction:
        return self.membership.jurisdiction

    @cached_property
    def _verbs(self) -> set[str]:
        grants = UserObjectPermission.objects.filter(
            user=self.user,
            object_pk=str(self.jurisdiction.pk),
            permission__content_type__app_label="jurisdictions",
        )
        return set(grants.values_list("permission__codename", flat=True))

    def can(self, verb: str, path: str | None = None) -> bool:
        """Whether the person may do ``verb`` to a row with ``path`` (default: in the jurisdiction they act in).

        A grant holds in its jurisdiction and all below it; grants of other jurisdictions do not count, above or below.
        """
        return (path is None or self.jurisdiction.contains(path)) and verb in self._verbs


def require(actor: Actor, verb: str, path: str | None = None) -> None:
    """Raise PermissionDenied (403) unless ``actor`` may do ``verb`` to a row with ``path``."""
    if not actor.can(verb, path):
        raise PermissionDenied("您在当前任职单位没有这项权限。需要时请联系本单位管理员。")
