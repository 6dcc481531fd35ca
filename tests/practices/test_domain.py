"""The way of a practice: drafted, sent, chosen for all below, handed up, commended, declined, withdrawn."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.todos import todos_from
from apps.practices.choosing import (
    Commendation,
    choose_practice,
    commend_practice,
    decline_practice,
    hand_up_practice,
    withdraw_choice,
)
from apps.practices.domain import (
    Wording,
    discard_practice,
    draft_practice,
    edit_practice,
    practices_for,
    recall_practice,
    send_practice,
)
from apps.practices.models import Practice, PracticePicture
from apps.practices.pictures import MOST_PICTURES, add_picture, caption_pictures, remove_picture
from apps.practices.waiting import sources_for
from apps.standards.national import national_criteria
from tests.factories import made_up
from tests.practices.conftest import chosen, drafted, photo, sent

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def county() -> Actor:
    """楚雄市's approver, who chooses there."""
    return made_up("532301", Role.APPROVER)


def readers() -> list[Actor]:
    return [
        made_up("532301101", Role.STREET_OFFICER),
        made_up("532301102", Role.STREET_OFFICER),
        made_up("532301", Role.STAFF),
        made_up("532302", Role.STAFF),
        made_up("5323", Role.APPROVER),
        made_up("12", Role.APPROVER),
    ]


def read() -> list[int]:
    counts = []
    for one in readers():
        with acting(one):
            counts.append(practices_for(one).count())
    return counts


def test_who_reads_it_grows_with_each_choice(street_officer: Actor, county: Actor, city_approver: Actor) -> None:
    practice = drafted(street_officer)
    assert read() == [1, 0, 0, 0, 0, 0]
    with acting(street_officer):
        send_practice(practice, actor=street_officer, seen=1)
    assert read() == [1, 0, 1, 0, 1, 0]
    chosen(Practice.objects.get(), actor=county)
    assert read() == [1, 1, 1, 0, 1, 0]
    with acting(county):
        handed = hand_up_practice(practice, actor=county, seen=1)
        assert (handed.status, handed.holder, handed.round) == ("waiting", city_approver.jurisdiction, 2)
        assert hand_up_practice(practice, actor=county, seen=1).round == 2
    chosen(handed, actor=city_approver)
    assert read() == [1, 1, 1, 1, 1, 0]


def test_in_other_branches_its_origin_and_pictures_are_read(
    street_officer: Actor, county: Actor, city_approver: Actor, community: Callable[[str], Community]
) -> None:
    practice = drafted(street_officer, community=community("532301101001"))
    with acting(street_officer):
        add_picture(practice, photo(), actor=street_officer)
        send_practice(practice, actor=street_officer, seen=1)
    chosen(Practice.objects.get(), actor=county)
    with acting(county):
        hand_up_practice(practice, actor=county, seen=1)
    chosen(Practice.objects.get(), actor=city_approver)
    beside = made_up("532302", Role.STAFF)
    with acting(beside):
        seen = practices_for(beside).get()
        assert (seen.origin, seen.pictures.count()) == ("楚雄市鹿城镇东兴社区", 1)


def test_what_is_sent_stays_as_it_is_until_it_comes_back(street_officer: Actor, county: Actor) -> None:
    practice = sent(street_officer)
    with acting(street_officer):
        assert send_practice(practice, actor=street_officer, seen=1).round == 1
        with pytest.raises(TransitionError, match="要改的请先撤回"):
            edit_practice(practice, Wording("新标题", "做法"), actor=street_officer, seen=1)
        recalled = recall_practice(practice, actor=street_officer, seen=1)
        assert (recalled.status, recall_practice(practice, actor=street_officer, seen=1).status) == ("draft", "draft")
        edited = edit_practice(practice, Wording("新标题", "做法"), actor=street_officer, seen=1)
        with pytest.raises(StaleForm, match="没有报送"):
            send_practice(practice, actor=street_officer, seen=1)
        again = send_practice(practice, actor=street_officer, seen=edited.version)
        assert again.round == 2
        with pytest.raises(TransitionError, match="已经报送过|没有"):
            discard_practice(practice, actor=street_officer)
    with acting(county):
        with pytest.raises(StaleForm, match="后来又重新报送过"):
            choose_practice(practice, actor=county, seen=1)
        choose_practice(practice, actor=county, seen=2)
    with acting(street_officer), pytest.raises(TransitionError, match="已采用，内容固定"):
        edit_practice(practice, Wording("再改", "做法"), actor=street_officer, seen=2)


def test_declined_ones_are_sent_again(street_officer: Actor, county: Actor) -> None:
    practice = sent(street_officer)
    with acting(county):
        with pytest.raises(InvalidInput, match="理由"):
            decline_practice(practice, " ", actor=county, seen=1)
        declined = decline_practice(practice, "没有写成效", actor=county, seen=1)
        assert decline_practice(practice, "没有写成效", actor=county, seen=1).status == declined.status == "declined"
        with pytest.raises(TransitionError, match="未采用.*现在不用办理"):
            choose_practice(practice, actor=county, seen=1)
    with acting(street_officer):
        (told,) = todos_from(sources_for(street_officer))
        assert told.note == "楚雄市没有采用：没有写成效"
        assert send_practice(practice, actor=street_officer, seen=1).decline_reason == ""


def test_declined_above_it_stays_published_below(street_officer: Actor, county: Actor, city_approver: Actor) -> None:
    practice = sent(street_officer)
    chosen(practice, actor=county)
    with acting(county):
        hand_up_practice(practice, actor=county, seen=1)
    with acting(city_approver):
        assert decline_practice(practice, "全州已推广", actor=city_approver, seen=2).status == "chosen"
    assert read() == [1, 1, 1, 0, 1, 0]


def test_who_chooses(street_officer: Actor, county: Actor, district_reviewer: Actor, city_approver: Actor) -> None:
    practice = sent(street_officer)
    with acting(district_reviewer), pytest.raises(PermissionDenied):
        choose_practice(practice, actor=district_reviewer, seen=1)
    # A level above may where nobody below does.
    assert chosen(practice, actor=city_approver).jurisdiction == city_approver.jurisdiction
    own = sent(county, "州里推荐")
    with acting(county), pytest.raises(PermissionDenied, match="由楚雄彝族自治州办理"):
        choose_practice(own, actor=county, seen=1)


def test_commended_and_withdrawn(street_officer: Actor, county: Actor) -> None:
    practice = sent(street_officer)
    choice = chosen(practice, actor=county)
    with acting(county):
        by = Commendation("楚住建通〔2022〕5号", date(2022, 8, 14))
        assert commend_practice(choice, by, actor=county).commended_in == by.document_number
        with pytest.raises(InvalidInput, match="还没有到"):
            commend_practice(choice, Commendation("5号", date(2022, 8, 16)), actor=county)
        withdraw_choice(choice, "照片涉及居民隐私", actor=county)
        with pytest.raises(TransitionError, match="撤回"):
            withdraw_choice(choice, "照片涉及居民隐私", actor=county)
    practice.refresh_from_db()
    assert (practice.status, practice.decline_reason) == ("declined", "撤回采用：照片涉及居民隐私")
    assert read() == [1, 0, 1, 0, 1, 0]
    with acting(street_officer):
        send_practice(practice, actor=street_officer, seen=1)
    assert chosen(Practice.objects.get(), actor=county).pk == choice.pk
    assert read() == [1, 1, 1, 0, 1, 0]


def test_pictures_are_judged_and_made_again(street_officer: Actor) -> None:
    practice = drafted(street_officer)
    with acting(street_officer):
        picture = add_picture(practice, photo(), actor=street_officer)
        assert add_picture(practice, photo(), actor=street_officer) == picture
        with Image.open(picture.thumbnail.open()) as small:
            assert small.size == (240, 180)
        with pytest.raises(InvalidInput, match="不是照片"):
            add_picture(practice, SimpleUploadedFile("台账.pdf", b"%PDF-1.4\n%%EOF\n"), actor=street_officer)
        caption_pictures(practice, {picture.pk: " 改造后 "}, actor=street_officer)
        assert PracticePicture.objects.get().caption == "改造后"
        remove_picture(picture, actor=street_officer)
        assert PracticePicture.objects.count() == 0
        for number in range(MOST_PICTURES):
            add_picture(practice, photo(f"#{20 * number:02x}0000"), actor=street_officer)
        with pytest.raises(InvalidInput, match=f"已有 {MOST_PICTURES} 张照片"):
            add_picture(practice, photo("blue"), actor=street_officer)


def test_what_is_written_is_checked(
    street_officer: Actor, district_reviewer: Actor, community: Callable[[str], Community]
) -> None:
    here: dict[str, Any] = {"actor": street_officer, "jurisdiction": street_officer.jurisdiction}
    with acting(street_officer):
        assert drafted(street_officer) == drafted(street_officer)
        with pytest.raises(InvalidInput, match="请填写标题"):
            draft_practice(**here, title=" ", text="")
        with pytest.raises(InvalidInput, match="不在国家标准里"):
            draft_practice(**here, title="做法", text="", criteria=[10**9])
        known = national_criteria()[0].pk
        assert draft_practice(**here, title="做法", text="", criteria=[known, known]).criteria == [known]
        with pytest.raises(PermissionDenied, match="不代为报送"):
            draft_practice(actor=street_officer, jurisdiction=district_reviewer.jurisdiction, title="做法", text="")
    elsewhere = community("532301102006")
    with acting(street_officer), pytest.raises(InvalidInput, match="不在鹿城镇"):
        draft_practice(**here, title="做法", text="", community=elsewhere)


def test_the_desk_asks_whether_and_then_once(
    street_officer: Actor, county: Actor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        sent(street_officer, f"做法{number}")
    with acting(county), django_assert_num_queries(2):
        assert [one.note for one in todos_from(sources_for(county))] == ["鹿城镇报送"] * 3
