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
    entries = [entry for _, year in history_of(one, participations_of(one), city_approver) for entry in year]
    assert [(entry.who, entry.note) for entry in entries if entry.what == "摘牌（2022 年认定）"] == [
        ("楚雄彝族自治州 李复核", said)
    ]
    for words in ("测试审批人5323", "属实。", "弄虚作假"):
        assert words in said


def test_history_withholds_what_a_level_above_has_proposed(
    community: Callable[[str], Community],
    chuxiong: Campaign,
    city_approver: Actor,
    district_reviewer: Actor,
    acting: Callable[[Actor], AbstractContextManager[None]],
) -> None:
    one = community("532301101006")
    recognition = recognised_community(one, chuxiong, 2022)
    Campaign.objects.filter(pk=chuxiong.pk).update(needs_second_approval=True)
    with acting(city_approver):
        revoke_assessment(recognition.participation.assessment, "弄虚作假", actor=city_approver)

    def said_to(actor: Actor) -> str:
        told = history_of(one, participations_of(one), actor)
        return "".join(f"{entry.what}{entry.note}" for _, year in told for entry in year)

    assert "弄虚作假" in said_to(city_approver)
    assert "弄虚作假" not in said_to(district_reviewer)
    assert "复核" not in said_to(district_reviewer)
