"""Correcting the document number of a recognition (更正文号): who may, for one community or the whole document, and its page."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Recognition
from apps.core.errors import InvalidInput, StaleForm
from apps.recognitions.decisions import decide_notice
from apps.recognitions.document_number_correction import correct_document_number, same_document
from apps.recognitions.models import PublicNotice
from tests.recognitions.conftest import Acting, act, at

WRONG, RIGHT = "楚住建城〔2022〕64号", "楚住建城〔2022〕46号"


@pytest.fixture
def decided(
    published: PublicNotice, recognised: Recognition, city_approver: Actor, acting: Acting
) -> list[Recognition]:
    """Three recognised under a wrong number; a fourth one was recognised the year before, without a number."""
    with at(date(2022, 8, 23)):
        act(city_approver, acting, decide_notice, published, year=2022, document_number=WRONG)
    return list(Recognition.objects.filter(document_number=WRONG).order_by("pk"))


def numbers() -> list[str]:
    return list(Recognition.objects.order_by("pk").values_list("document_number", flat=True))


def test_correct_one_keeps_the_old_number_in_the_history(
    decided: list[Recognition], city_approver: Actor, acting: Acting
) -> None:
    done = act(city_approver, acting, correct_document_number, decided[0], RIGHT, "笔误")
    assert [one.pk for one in done] == [decided[0].pk]
    assert numbers() == ["", RIGHT, WRONG, WRONG]
    kept = decided[0].history.order_by("pgh_id").values_list("document_number", "correction_reason")  # type: ignore[attr-defined]
    assert list(kept) == [(WRONG, ""), (RIGHT, "笔误")]


def test_correct_the_whole_document_leaves_others_alone(
    decided: list[Recognition], city_approver: Actor, acting: Acting
) -> None:
    with acting(city_approver):
        assert [one.pk for one in same_document(decided[1])] == [one.pk for one in decided]
    act(city_approver, acting, correct_document_number, decided[1], RIGHT, "笔误", whole_document=True)
    assert numbers() == ["", RIGHT, RIGHT, RIGHT]


def test_correct_fills_in_what_was_left_empty_for_that_one_alone(
    decided: list[Recognition], recognised: Recognition, city_approver: Actor, acting: Acting
) -> None:
    act(city_approver, acting, correct_document_number, recognised, RIGHT, "补填", whole_document=True)
    assert numbers() == [RIGHT, WRONG, WRONG, WRONG]


def test_correct_is_the_approvers_of_the_office_that_recognised(
    decided: list[Recognition],
    city_clerk: Actor,
    district_reviewer: Actor,
    province_reviewer: Actor,
    make_actor: Callable[[str, Role], Actor],
    acting: Acting,
) -> None:
    county = make_actor("532301", Role.APPROVER)
    for actor in (city_clerk, district_reviewer, province_reviewer, county):
        with pytest.raises(PermissionDenied):
            act(actor, acting, correct_document_number, decided[0], RIGHT, "笔误")
    assert RIGHT not in numbers()


def test_correct_checks_number_and_reason(decided: list[Recognition], city_approver: Actor, acting: Acting) -> None:
    for number, reason, said in ((" ", "笔误", "认定文号"), (RIGHT, " ", "更正理由"), (WRONG, "笔误", "和原来的一样")):
        with pytest.raises(InvalidInput, match=said):
            act(city_approver, acting, correct_document_number, decided[0], number, reason)


def test_correct_twice_has_one_effect_and_a_stale_form_none(
    decided: list[Recognition], city_approver: Actor, acting: Acting
) -> None:
    act(city_approver, acting, correct_document_number, decided[0], RIGHT, "笔误", seen=WRONG)
    assert act(city_approver, acting, correct_document_number, decided[0], RIGHT, "笔误", seen=WRONG) == []
    with pytest.raises(StaleForm, match=f"现为“{RIGHT}”"):
        act(city_approver, acting, correct_document_number, decided[0], "楚住建城〔2022〕47号", "笔误", seen=WRONG)
    assert decided[0].history.count() == 2  # type: ignore[attr-defined]


def test_page_corrects_the_whole_document(
    decided: list[Recognition],
    published: PublicNotice,
    city_approver: Actor,
    city_clerk: Actor,
    client_of: Callable[[Actor], Client],
) -> None:
    client, address = client_of(city_approver), reverse("document_number_correct", args=[decided[0].pk])
    for page in (reverse("recognition_list"), reverse("notice_detail", args=[published.pk])):
        assert address in client.get(page).text
        assert address not in client_of(city_clerk).get(page).text
    shown = client.get(address).text
    assert (WRONG in shown, "同一文号认定的 3 个社区一并更正" in shown) == (True, True)
    entered = {"document_number": "2022年46号", "reason": "笔误", "whole_document": "on", "seen": WRONG}
    unusual = client.post(address, entered)
    assert (unusual.status_code, "文号确实如此" in unusual.text) == (422, True)
    done = client.post(address, entered | {"document_number": RIGHT}, follow=True)
    assert f"认定文号已更正为“{RIGHT}”，共 3 个社区" in done.text
    assert numbers() == ["", RIGHT, RIGHT, RIGHT]


def test_page_of_a_number_that_stands_alone_does_not_ask_about_others(
    recognised: Recognition, city_approver: Actor, client_of: Callable[[Actor], Client]
) -> None:
    assert "一并更正" not in client_of(city_approver).get(reverse("document_number_correct", args=[recognised.pk])).text
