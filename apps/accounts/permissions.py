"""May X do Y here? What each role gives, what it may hand out, and the check against the tree."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from apps.accounts.models import Membership, Role, User
from apps.jurisdictions.models import Jurisdiction, Level

_BUREAU_WORK = frozenset(
    {
        "survey_communities",
        "change_communities",
        "set_targets",
        "enrol_communities",
        "manage_projects",
        "edit_standards",
        "review_assessments",
        "file_reports",
        "decide_filings",
        "export_reports",
        "draft_bulletins",
        "supervise",
        "answer_visits",
        "send_practices",
    }
)
_FINAL_WORK = frozenset(
    {
        "confirm_baselines",
        "publish_standards",
        "recognise_communities",
        "manage_recognition",
        "publish_bulletins",
        "decide_evaluations",
        "choose_practices",
    }
)

# Looking is granted by the scope alone; these are the verbs.
ROLE_VERBS: dict[Role, frozenset[str]] = {
    Role.PLATFORM_ADMIN: frozenset({"manage_people", "manage_campaign", "reorganise"}),
    Role.BUREAU_ADMIN: frozenset(
        {
            "manage_people",
            "manage_office",
            "reorganise",
            "manage_campaign",
            "manage_survey_fields",
            "set_targets",
            "edit_standards",
            "publish_standards",
            "export_reports",
        }
    ),
    Role.STAFF: _BUREAU_WORK,
    Role.APPROVER: _BUREAU_WORK | _FINAL_WORK,
    Role.STREET_OFFICER: frozenset(
        {"survey_communities", "manage_projects", "self_assess", "file_reports", "answer_visits", "send_practices"}
    ),
    Role.DEPARTMENT_REVIEWER: frozenset({"give_opinions", "export_reports"}),
    Role.VIEWER: frozenset(),
}


def roles_with(verb: str) -> list[Role]:
    """Return the roles that give ``verb``."""
    return [role for role, verbs in ROLE_VERBS.items() if verb in verbs]


# What an administrator may hand out: of a bureau everything that bureaus have, nothing of the platform's.
GRANTS: dict[Role, frozenset[Role]] = {
    Role.PLATFORM_ADMIN: frozenset(Role),
    Role.BUREAU_ADMIN: frozenset(Role) - {Role.PLATFORM_ADMIN},
}

# Two-factor sign-in may be asked of these.
POWERFUL_ROLES = frozenset({Role.PLATFORM_ADMIN, Role.BUREAU_ADMIN, Role.APPROVER})


@dataclass(frozen=True)
class Actor:
    """A person in the membership they chose to act in."""

    user: User
    membership: Membership

    @property
    def jurisdiction(self) -> Jurisdiction:
        return self.membership.jurisdiction

    @property
    def role(self) -> Role:
        return Role(self.membership.role)

    def can(self, verb: str, path: str | None = None) -> bool:
        """Whether the person may do ``verb`` to a row with ``path`` (default: in the jurisdiction they act in).

        A role holds in its jurisdiction and all below it; the person's other memberships do not count.
        """
        return (path is None or self.jurisdiction.contains(path)) and verb in ROLE_VERBS[self.role]


def require(actor: Actor, verb: str, path: str | None = None) -> None:
    """Raise PermissionDenied (403) unless ``actor`` may do ``verb`` to a row with ``path``."""
    if not actor.can(verb, path):
        raise PermissionDenied("您在当前任职单位没有这项权限。需要时请联系本单位管理员。")


def roles_at(level: Level, *, is_zone: bool = False) -> list[Role]:
    """Return the roles that there are at a level: the platform's in the nation only, street officers in streets, and in development
    zones: a community that a zone has taken over singly has no street that assesses it."""
    if level == Level.STREET:
        return [Role.BUREAU_ADMIN, Role.STREET_OFFICER, Role.VIEWER]
    shared = [Role.BUREAU_ADMIN, Role.STAFF, Role.APPROVER, Role.DEPARTMENT_REVIEWER, Role.VIEWER]
    if is_zone:
        return [*shared[:3], Role.STREET_OFFICER, *shared[3:]]
    return [Role.PLATFORM_ADMIN, *shared] if level == Level.NATION else shared
