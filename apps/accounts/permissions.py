"""May X do Y here? What each role is granted, and the check against the tree."""

from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import PermissionDenied
from guardian.models import UserObjectPermission

from apps.accounts.models import Membership, Role, User
from apps.jurisdictions.models import Jurisdiction, paths_down_to

_BUREAU_WORK = {"set_targets", "enrol_communities", "review_assessments", "export_reports"}

# Looking is granted by the scope alone; these are the verbs.
ROLE_VERBS: dict[Role, set[str]] = {
    Role.PLATFORM_ADMIN: {"manage_people", "manage_campaign"},
    Role.BUREAU_ADMIN: {"manage_people", "manage_campaign", "set_targets", "export_reports"},
    Role.STAFF: _BUREAU_WORK,
    Role.APPROVER: _BUREAU_WORK | {"recognise_communities"},
    Role.STREET_OFFICER: {"self_assess", "export_reports"},
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
    def _verbs_by_path(self) -> dict[str, set[str]]:
        rows = UserObjectPermission.objects.filter(
            user=self.user, permission__content_type__app_label="jurisdictions"
        ).values_list("object_pk", "permission__codename")
        grants: dict[int, set[str]] = {}
        for object_pk, codename in rows:
            grants.setdefault(int(object_pk), set()).add(codename)
        jurisdictions = Jurisdiction.objects.filter(pk__in=grants).below(self.jurisdiction.path)
        return {path: grants[pk] for pk, path in jurisdictions.values_list("pk", "path")}

    def can(self, verb: str, path: str | None = None) -> bool:
        """Whether the person may do ``verb`` to a row with ``path`` (default: in the jurisdiction they act in).

        A grant on the jurisdiction or any ancestor up to the one they act in suffices; other memberships do not count.
        """
        here = self.jurisdiction.path if path is None else path
        return any(verb in self._verbs_by_path.get(ancestor, ()) for ancestor in paths_down_to(here))


def require(actor: Actor, verb: str, path: str | None = None) -> None:
    """Raise PermissionDenied (403) unless ``actor`` may do ``verb`` to a row with ``path``."""
    if not actor.can(verb, path):
        raise PermissionDenied("您在当前任职单位没有这项权限。需要时请联系本单位管理员。")
