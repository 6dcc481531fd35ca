"""To-dos from many sources: one statement finds out which have anything, and only those are asked for their lines."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.core.todos import Source, Todo, todos_from
from apps.jurisdictions.models import Jurisdiction

pytestmark = pytest.mark.django_db


def line(title: str) -> Todo:
    return Todo("报送", "info", title, "", "/", "查看")


def named(rows: Any) -> list[Todo]:
    return [line(one.name) for one in rows]


def test_one_statement_asks_all_sources_and_one_more_each_that_has_something(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    nobody = Jurisdiction.objects.filter(name="没有这个地方")
    here = Jurisdiction.objects.filter(code__in=["532301000000", "530000000000"])
    sources = [
        Source(nobody, named),
        Source(here.order_by("-code"), named),
        Source(Jurisdiction.objects.none(), named),
        Source(nobody, lambda _: pytest.fail("There is nothing to make a line of.")),
    ]
    with django_assert_num_queries(2):
        assert [one.title for one in todos_from(sources)] == ["楚雄市", "云南省"]


def test_what_has_no_rows_is_asked_in_any_case_and_keeps_its_place() -> None:
    here = Jurisdiction.objects.filter(code="530000000000")
    sources = [Source(None, lambda _: [line("先")]), Source(here, named), Source(None, lambda _: [line("后")])]
    assert [one.title for one in todos_from(sources)] == ["先", "云南省", "后"]


def test_without_sources_or_rows_there_is_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert todos_from([]) == []
        assert todos_from([Source(None, lambda _: [])]) == []
        assert todos_from([Source(Jurisdiction.objects.none(), named)]) == []
