"""安全要求: what a jurisdiction asks of the people who act in it and below."""

from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import Membership, SecurityPolicy, User
from apps.accounts.permissions import POWERFUL_ROLES, Actor, require
from apps.accounts.two_factor import has_two_factor, requiring
from apps.core.errors import TransitionError
from apps.jurisdictions.models import Jurisdiction


class Reach(NamedTuple):
    """Whom a requirement concerns: approvers and administrators, and those of them without two-factor sign-in yet."""

    affected: int
    lacking: int


@transaction.atomic
def set_security_policy(jurisdiction: Jurisdiction, *, requires_two_factor: bool, actor: Actor) -> SecurityPolicy:
    """Ask for two-factor sign-in of approvers and administrators here and below, or no longer.

    TransitionError where a jurisdiction above asks for it: nobody relaxes what holds above. The same for an actor who has
    none: the requirement would lock out first of all the one who set it.
    """
    require(actor, "manage_people", jurisdiction.path)
    if jurisdiction != actor.jurisdiction:
        raise PermissionDenied("安全要求由各单位自己的管理员设定。")
    above = inherited(jurisdiction)
    if above is not None and not requires_two_factor:
        raise TransitionError(f"{above.jurisdiction}已要求审批人和管理员使用两步验证，{jurisdiction}不能放宽。")
    if requires_two_factor and not has_two_factor(actor.user):
        raise TransitionError("这项要求对您本人同样有效。请先为自己启用两步验证，再要求别人。")
    SecurityPolicy.objects.get_or_create(jurisdiction=jurisdiction)
    policy = SecurityPolicy.objects.select_for_update().get(jurisdiction=jurisdiction)
    if policy.requires_two_factor != requires_two_factor:
        policy.requires_two_factor = requires_two_factor
        policy.save()
    return policy


def inherited(jurisdiction: Jurisdiction) -> SecurityPolicy | None:
    """Return the topmost policy above ``jurisdiction`` that asks for two-factor sign-in."""
    return next((one for one in requiring(jurisdiction.path) if one.jurisdiction_id != jurisdiction.pk), None)


def reach(jurisdiction: Jurisdiction) -> Reach:
    """Count whom a requirement of ``jurisdiction`` concerns."""
    return Reach(_affected(jurisdiction).count(), lacking(jurisdiction).count())


def lacking(jurisdiction: Jurisdiction) -> QuerySet[User]:
    """Return those of them who have not switched it on."""
    protected = Authenticator.objects.filter(type=Authenticator.Type.TOTP).values("user")
    return _affected(jurisdiction).exclude(pk__in=protected)


def _affected(jurisdiction: Jurisdiction) -> QuerySet[User]:
    powerful = Membership.objects.effective().below(jurisdiction.path).filter(role__in=POWERFUL_ROLES)
    return User.objects.filter(pk__in=powerful.values("user"))
