"""Taking back a recognition that was taken over from paper (接收认定): it has no self-assessment in which to do so."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from apps.accounts.permissions import Actor, require
from apps.campaigns.domain import needs_second_approval, revoke_recognition
from apps.campaigns.models import Recognition
from apps.core.errors import TransitionError
from apps.recognitions.authority import authority_of
from apps.recognitions.conditions import SURROUNDINGS


def refuse_others(recognition: Recognition, actor: Actor) -> None:
    """PermissionDenied for everybody but the approvers of the office that took it over."""
    require(actor, "recognise_communities", recognition.path)
    if (authority := authority_of(recognition)) != actor.jurisdiction:
        raise PermissionDenied(f"{recognition.community}由{authority}认定，摘牌也由{authority}办理，其他单位只能查看。")


@transaction.atomic
def revoke_adopted(recognition: Recognition, reason: str, *, actor: Actor) -> Recognition:
    """Take it back (摘牌) with a reason, and end what rests on it; where two people decide, not by one alone."""
    refuse_others(recognition, actor)
    if recognition.adoption_id is None:
        raise TransitionError(f"{recognition.community}的认定有自评，请在它的审核页办理摘牌。")
    if needs_second_approval(recognition.campaign):
        raise TransitionError(
            f"“{recognition.campaign}”的摘牌须两人复核，接收的认定没有自评，不能复核。"
            "请先由创建行动的管理人员说明理由停用复核，办理后再启用。"
        )
    revoked = revoke_recognition(recognition, reason, actor=actor)
    SURROUNDINGS.follow_revocation(revoked, actor=actor)
    return revoked
