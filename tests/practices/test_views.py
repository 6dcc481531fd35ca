"""经验做法 in the browser: sending with pictures, choosing, the published list, what readers elsewhere get, the messages."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.core.scope import scope_all
from apps.notifications.domain import tell_of_occasion
from apps.notifications.models import Notification
from apps.practices.choosing import decline_practice
from apps.practices.models import Practice
from apps.practices.pictures import add_picture
from apps.standards.national import national_criteria
from tests.factories import made_up
from tests.pages import text
from tests.practices.conftest import chosen, drafted, photo, sent

ClientOf = Callable[[Actor], Client]
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def county() -> Actor:
    return made_up("532301", Role.APPROVER)


def told(name: str, pk: int) -> list[tuple[Any, str]]:
    with scope_all():
        return [(one.user, one.title) for one in tell_of_occasion(name, pk)]


def test_from_the_form_to_what_streets_beside_read(street_officer: Actor, county: Actor, client_of: ClientOf) -> None:
    street, office = client_of(street_officer), client_of(county)
    page = street.get("/practices/add/")
    assert "4．社区各类基础设施比较完善" in text(page)
    criterion = national_criteria()[3].pk
    form = {"title": "共管充电车棚", "text": "三方共管。\n成效明显。", "criteria": [criterion], "seen": 0}
    page = street.post("/practices/add/", form | {"title": ""})
    assert (page.status_code, "请填写标题。" in text(page)) == (422, True)
    done = street.post("/practices/add/", form | {"do": "send", "files": photo()}, follow=True)
    assert "已报送，等待楚雄市办理。" in text(done)
    practice = Practice.objects.get()
    assert "共管充电车棚 楚雄市鹿城镇 鹿城镇 2022-08-15 待采用" in text(office.get("/practices/waiting/"))
    shown = text(office.get(f"/practices/{practice.pk}/"))
    assert ("三方共管。" in shown, "不采用" in shown) == (True, True)
    beside = client_of(made_up("532301102", Role.STREET_OFFICER))
    assert beside.get(f"/practices/{practice.pk}/").status_code == 404
    assert "已采用，辖区内各单位都能看到。" in text(
        office.post(f"/practices/{practice.pk}/choose/", {"seen": 1}, follow=True)
    )
    number = {"document_number": "楚住建通〔2022〕5号", "commended_on": "2022-08-14"}
    assert office.post(f"/practices/{practice.pk}/commend/", number).status_code == 302
    read = text(beside.get(f"/practices/{practice.pk}/"))
    assert "楚雄市以楚住建通〔2022〕5号（2022-08-14）通报表扬楚雄市鹿城镇。" in read
    listed = text(beside.get("/practices/"))
    assert "共管充电车棚 楚雄市鹿城镇 第 4 条 楚雄市 2022-08-15 楚住建通〔2022〕5号" in listed


def test_readers_elsewhere_get_the_picture_not_its_original(
    street_officer: Actor, county: Actor, client_of: ClientOf
) -> None:
    practice = drafted(street_officer)
    with acting(street_officer):
        picture = add_picture(practice, photo(), actor=street_officer)
    address = f"/practices/pictures/{picture.pk}/"
    beside = client_of(made_up("532301102", Role.STREET_OFFICER))
    assert beside.get(address).status_code == 404
    client_of(street_officer).post(f"/practices/{practice.pk}/send/", {"seen": 1})
    chosen(Practice.objects.get(), actor=county)
    for size in ("", "?thumbnail=1"):
        shown = beside.get(address + size)
        assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert beside.get(f"{address}?original=1").status_code == 403
    original = client_of(county).get(f"{address}?original=1")
    assert original["Content-Disposition"].startswith("attachment")


def test_a_refused_picture_leaves_the_words(street_officer: Actor, client_of: ClientOf) -> None:
    street = client_of(street_officer)
    bad = SimpleUploadedFile("坏.jpg", photo().read()[:200], content_type="image/jpeg")
    form = {"title": "做法", "text": "如下。", "seen": 0, "do": "send", "files": bad}
    done = street.post("/practices/add/", form, follow=True)
    assert "文字已保存。“坏.jpg”" in text(done)
    assert (Practice.objects.get().status, "如下。" in done.content.decode()) == ("draft", True)


def test_the_list_is_searched_and_its_queries_do_not_grow(
    street_officer: Actor, county: Actor, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second, *_ = (one.pk for one in national_criteria())
    client = client_of(made_up("532301102", Role.STREET_OFFICER))
    chosen(sent(street_officer, "垃圾分类积分", criteria=[first]), actor=county)
    with CaptureQueriesContext(connection) as one:
        client.get("/practices/")
    number = len(one)
    for title in ("共管充电车棚", "屋顶花园"):
        practice = drafted(street_officer, title, criteria=[first, second])
        with acting(street_officer):
            add_picture(practice, photo(), actor=street_officer)
        client_of(street_officer).post(f"/practices/{practice.pk}/send/", {"seen": 1})
        chosen(Practice.objects.get(pk=practice.pk), actor=county)
    with django_assert_num_queries(number):
        page = client.get("/practices/")

    def found(query: str) -> list[str]:
        return [practice.title for practice, _ in client.get(f"/practices/?{query}").context["rows"]]

    assert len(page.context["rows"]) == 3
    assert found("q=三方 屋顶") == ["屋顶花园"]
    assert found(f"criterion={second}") == ["屋顶花园", "共管充电车棚"]
    assert found("commended=1") == []
    assert len(found("unit=532301101000")) == 3
    sheet = load_workbook(BytesIO(client.get("/practices/?format=xlsx").content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[sheet.max_row]][:4] == ["垃圾分类积分", "楚雄市鹿城镇", "鹿城镇", "第 1 条"]


def test_the_chooser_is_told_and_then_the_sender(street_officer: Actor, county: Actor) -> None:
    practice = sent(street_officer)
    assert told("practice", practice.pk) == [(county.user, "鹿城镇报送经验做法")]
    with acting(county):
        decline_practice(practice, "没有写成效", actor=county, seen=1)
    assert told("practice-decided", practice.pk) == [(street_officer.user, "楚雄市没有采用《共管充电车棚》")]
    with scope_all():
        assert not Notification.objects.filter(user=county.user).unread().exists()


def test_where_nobody_chooses_the_next_level_is_told(street_officer: Actor, city_approver: Actor) -> None:
    practice = sent(street_officer)
    assert told("practice", practice.pk) == [(city_approver.user, "鹿城镇报送经验做法")]
