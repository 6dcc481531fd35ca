"""Objections outlast the withdrawal of their notice: what they hold back, until when, and where they are told."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.permissions import Actor
from apps.assessments.domain import return_assessment
from apps.assessments.models import Assessment
from apps.campaigns.models import Campaign, Recognition
from apps.core.errors import TransitionError
from apps.core.todos import todos_from
from apps.dashboard.todos import todos_of
from apps.recognitions.candidates import candidates_of
from apps.recognitions.models import NoticeEntry, Objection, PublicNotice
from apps.recognitions.notices import draft_notice, withdraw_notice
from apps.recognitions.objections import decide_objection, record_objection
from apps.recognitions.waiting import sources_for
from tests.factories import agree, recognise
from tests.recognitions.conftest import Acting, act, at

Outcome = Objection.Outcome


@pytest.fixture
def objection(
    published: PublicNotice, entries: list[NoticeEntry], city_clerk: Actor, city_approver: Actor, acting: Acting
) -> Objection:
    """A pending one against the first community of a notice that was withdrawn since."""
    facts = {"received_on": date(2022, 8, 15), "is_signed": True, "text": "材料不实"}
    found: Objection = act(city_clerk, acting, record_objection, entries[0], **facts)
    act(city_approver, acting, withdraw_notice, published, "标题有误")
    return found


def reasons_at(actor: Actor, campaign: Campaign, acting: Acting) -> dict[int, str]:
    with acting(actor):
        return {one.assessment.pk: one.reason for one in candidates_of(actor.jurisdiction, campaign)}


def test_pending_objection_bars_another_notice_and_recognition(
    objection: Objection,
    held: list[Assessment],
    chuxiong: Campaign,
    city_approver: Actor,
    acting: Acting,
    client_of: Callable[[Actor], Client],
) -> None:
    reasons = reasons_at(city_approver, chuxiong, acting)
    assert (reasons[held[1].pk], "（已撤回）中对它有 1 件异议正在办理" in reasons[held[0].pk]) == ("", True)
    with pytest.raises(TransitionError, match="有 1 件异议正在办理"):
        act(city_approver, acting, draft_notice, chuxiong, [held[0].pk])
    with pytest.raises(TransitionError, match="有 1 件异议正在办理"):
        recognise(held[0], actor=city_approver)
    assert Recognition.objects.count() == 0
    client = client_of(city_approver)
    assert "有 1 件异议正在办理" in client.get(reverse("review", args=[held[0].pk])).content.decode()
    decide = reverse("objection_decide", args=[objection.pk])
    assert decide in client.get(reverse("notice_detail", args=[objection.entry.notice_id])).content.decode()
    with acting(city_approver):
        assert [one.kind for one in todos_from(sources_for(city_approver))] == ["异议"]
    assert client.post(decide, {"outcome": "rejected", "handling": "不属实"}).status_code == 302
    assert reasons_at(city_approver, chuxiong, acting)[held[0].pk] == ""
    assert act(city_approver, acting, draft_notice, chuxiong, [held[0].pk]).entries.count() == 1


def test_upheld_objection_bars_until_returned_and_come_up_again(
    objection: Objection, held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    act(city_approver, acting, decide_objection, objection, Outcome.SUSTAINED, "属实")
    assert "异议成立。请退回该社区的自评" in reasons_at(city_approver, chuxiong, acting)[held[0].pk]
    with pytest.raises(TransitionError, match="异议成立"):
        recognise(held[0], actor=city_approver)
    with acting(city_approver):
        assert [one.kind for one in todos_of(city_approver)] == ["异议成立", "审核", "审核"]
    with at(date(2022, 8, 17)):
        act(city_approver, acting, return_assessment, held[0], "异议属实，请整改")
        with acting(city_approver):
            assert todos_from(sources_for(city_approver)) == []
    with at(date(2022, 8, 18)):
        agree(Assessment.objects.with_context().get(pk=held[0].pk))
        assert reasons_at(city_approver, chuxiong, acting)[held[0].pk] == ""
        assert act(city_approver, acting, draft_notice, chuxiong, [held[0].pk]).entries.count() == 1


def test_upheld_after_a_return_bars_again(
    objection: Objection, held: list[Assessment], chuxiong: Campaign, city_approver: Actor, acting: Acting
) -> None:
    with at(date(2022, 8, 16)):
        act(city_approver, acting, return_assessment, held[0], "补材料")
        agree(Assessment.objects.with_context().get(pk=held[0].pk))
    with at(date(2022, 8, 17)):
        act(city_approver, acting, decide_objection, objection, Outcome.SUSTAINED, "属实")
        assert "异议成立" in reasons_at(city_approver, chuxiong, acting)[held[0].pk]


def test_desk_tells_of_what_is_on_a_notice_once(published: PublicNotice, city_approver: Actor, acting: Acting) -> None:
    with acting(city_approver):
        assert todos_of(city_approver) == []
        with at(date(2022, 8, 23)):
            assert [one.kind for one in todos_of(city_approver)] == ["公示期满"]
