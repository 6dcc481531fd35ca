"""Lists: pages by cursor in a stable order, filters that know their parameters, and fields that were asked for."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.db.models import QuerySet
from django_filters import FilterSet, NumberFilter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from apps.core.api.problems import ApiProblem
from apps.core.inputs import whole_number

LIMIT, MOST = 50, 200
OWN_PARAMETERS = ("cursor", "limit", "ordering", "fields")


class ByCursor(CursorPagination):
    """Pages that stay right while rows come and go: ``next`` and ``previous`` are addresses, no page has a number."""

    page_size = LIMIT
    max_page_size = MOST
    page_size_query_param = "limit"
    page_size_query_description = f"每页条数，1 到 {MOST}，默认 {LIMIT}。"
    cursor_query_description = "翻页标记，取自上一次返回的 next 或 previous。"

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any] | None:
        try:
            # Where a tampered cursor asks for what the column cannot hold, the database is left as it was.
            with transaction.atomic():
                page: list[Any] | None = super().paginate_queryset(queryset, request, view)
                return page
        except (NotFound, ValidationError, ValueError, TypeError, DataError) as error:
            raise ApiProblem("invalid-cursor") from error

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        asked = request.query_params.get("ordering", "") or view.orders[0]
        if asked.removeprefix("-") not in {one.removeprefix("-") for one in view.orders}:
            allowed = "、".join(dict.fromkeys(one.removeprefix("-") for one in view.orders))
            raise ApiProblem("invalid-parameter", f"不能按“{asked[:30]}”排序，可以用：{allowed}，前面加 - 为倒序。")
        sign = "-" if asked.startswith("-") else ""
        return (asked,) if asked.removeprefix("-") == "id" else (asked, f"{sign}id")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for one in found:
            if one["name"] == "limit":
                one["schema"] |= {"minimum": 1, "maximum": MOST, "default": LIMIT}
        names = [sign + one.removeprefix("-") for one in view.orders for sign in ("", "-")]
        ordering = {"type": "string", "enum": list(dict.fromkeys(names)), "default": view.orders[0]}
        return [
            *found,
            {"name": "ordering", "in": "query", "required": False, "description": "排序。", "schema": ordering},
        ]


class StrictFilters(DjangoFilterBackend):
    """django-filter, told what else an address may hold: a parameter that nobody knows is refused, not passed over."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        named: type[FilterSet] | None = getattr(view, "filterset_class", None)
        check_parameters(request, known={*OWN_PARAMETERS, *(named.base_filters if named else ())})
        _check_limit(request)
        filters = self.get_filterset(request, queryset, view)
        if filters is None:
            return queryset
        if not filters.is_valid():
            raise ApiProblem(
                "invalid-parameter",
                errors=[{"parameter": name, "detail": text} for name, told in filters.errors.items() for text in told],
            )
        return filters.qs


def page_of(rows: Sequence[Any], key: Callable[[Any], tuple[Any, ...]], request: Request) -> dict[str, Any]:
    """A page of what no queryset holds, in the order of ``key``, which is one row's alone; with the way to the next one."""
    _check_limit(request)
    cursor, limit = request.query_params.get("cursor"), int(request.query_params.get("limit", LIMIT))
    found = list(rows)
    if cursor is not None:
        after = _position(cursor)
        found = [one for one in found if _sign(key(one)) > after]
    page = found[:limit]
    following = None
    if len(found) > limit:
        mark = urlsafe_b64encode(_sign(key(page[-1])).encode()).decode()
        following = replace_query_param(request.build_absolute_uri(), "cursor", mark)
    return {"next": following, "previous": None, "results": page}


def _sign(key: tuple[Any, ...]) -> str:
    """A key as text in the same order: numbers are filled up."""
    return "|".join(f"{one:020d}" if isinstance(one, int) else str(one) for one in key)


def _position(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor.encode()).decode()
    except ValueError as error:
        raise ApiProblem("invalid-cursor") from error


@extend_schema_field({"type": "integer", "minimum": 1})
class Id(NumberFilter):
    """Rows by the id of what they belong to."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


@extend_schema_field({"type": "integer", "minimum": 2000, "maximum": 2100})
class Year(NumberFilter):
    field_class = forms.IntegerField

    def __init__(self, label: str = "年度", **kwargs: Any) -> None:
        super().__init__(label=label, min_value=2000, max_value=2100, **kwargs)


def check_parameters(request: Request, *, known: Collection[str]) -> None:
    """ApiProblem for a parameter that is not among those ``known``, or is given twice."""
    for name, values in request.query_params.lists():
        if name not in known:
            told = "、".join(sorted(known)) or "没有"
            raise ApiProblem("unknown-parameter", f"没有名为“{name[:40]}”的参数，可以用：{told}。")
        if len(values) > 1:
            raise ApiProblem("invalid-parameter", f"参数“{name}”给了 {len(values)} 次，只能给一次。")


def _check_limit(request: Request) -> None:
    limit = request.query_params.get("limit")
    if limit is not None and not 1 <= (whole_number(limit, digits=4) or 0) <= MOST:
        raise ApiProblem("invalid-parameter", f"limit 为“{limit[:20]}”，须在 1 到 {MOST} 之间。")
