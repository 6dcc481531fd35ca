"""Pages whose keys are sorted before their lines are read."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext

from apps.core.paging import KeysFirst
from apps.jurisdictions.models import Jurisdiction

pytestmark = pytest.mark.django_db


def counties(chuxiong: Any) -> Any:
    rows = Jurisdiction.objects.filter(path__startswith=chuxiong.path, level="district")
    return rows.select_related("parent").annotate(shown=Value("县"), by=F("code")).order_by("-by", "pk")


def test_pages_hold_what_a_plain_slice_holds(jurisdiction: Any) -> None:
    rows = counties(jurisdiction("5323"))
    whole = [(one.pk, one.shown) for one in rows]
    paginator = KeysFirst(rows, 4)
    pages = [paginator.get_page(number) for number in (1, 2, 3)]
    assert [(one.pk, one.shown) for page in pages for one in page] == whole
    assert (len(whole), [len(page) for page in pages]) == (10, [4, 4, 2])
    assert (pages[0].has_next(), pages[2].has_next(), pages[1].start_index()) == (True, False, 5)


def test_only_a_page_is_joined_with_what_it_shows(jurisdiction: Any) -> None:
    rows = counties(jurisdiction("5323"))
    with CaptureQueriesContext(connection) as captured:
        page = KeysFirst(rows, 4).get_page("2")
        assert [one.parent.name for one in page] == ["楚雄彝族自治州"] * 4
    _count, keys, lines = (one["sql"] for one in captured)
    assert ("JOIN" in keys, "JOIN" in lines) == (False, True)


def test_pages_of_nothing_and_of_lists(jurisdiction: Any) -> None:
    assert list(KeysFirst(counties(jurisdiction("5323")).filter(code="x"), 4).get_page("7")) == []
    assert list(KeysFirst(list("abcde"), 2).get_page("3")) == ["e"]
