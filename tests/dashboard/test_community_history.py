"""The history of a community says of each step what the review says."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.second_approval import confirm_second_approval, revoke_assessment
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.dashboard.community_history import history_of, participations_of
from tests.factories import recognised_community


def test_confirmed_revocation_names_the_unit_and_both_people(
    chuxiong: Campaign,
    community: Callable[[str], Community],
    city_approver: Actor,
    acting: Callable[[Actor], AbstractContextManager[None]],
) -> None:
    one = community("532301101006")
    recognition = recognised_community(one, chuxiong, 2022)
    Campaign.objects.filter(pk=chuxiong.pk).update(needs_second_approval=True)
    user = User.objects.create_user(username="fuhe", display_name="李复核", jurisdiction=city_approver.jurisdiction)
    second = Actor(user, grant_membership(user, city_approver.jurisdiction, Role.APPROVER))
    assessment = recognition.participation.assessment
    with acting(city_approver):
        proposal: Any = revoke_assessment(assessment, "弄虚作假", actor=city_approver)
    with acting(second):
        confirm_second_approval(proposal, actor=second, comment="属实。")
    said = assessment.actions.get(kind="revoke").comment
    entries = [entry for _, year in history_of(one, participations_of(one)) for entry in year]
    assert [(entry.who, entry.note) for entry in entries if entry.what == "摘牌（2022 年认定）"] == [
        ("楚雄彝族自治州 李复核", said)
    ]
    for words in ("测试审批人5323", "属实。", "弄虚作假"):
        assert words in said
