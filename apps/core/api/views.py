"""The views of things that are read: a list, one of them with its version, and no more."""

from hashlib import sha256
from typing import Any

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.viewsets import GenericViewSet

from apps.core.api.lists import check_parameters
from apps.core.api.problems import ApiProblem


class Readable(GenericViewSet):
    """Reading: ``list`` and ``retrieve``; what is out of sight is 404. ``orders`` are those that a list may be put in, the usual
    one first."""

    orders: tuple[str, ...] = ("id",)
    # Where an answer is no row whose fields could be chosen.
    without_fields = False
    lookup_value_regex = r"[0-9]{1,18}"

    @property
    def actor(self) -> Any:
        """Who acts (accounts' Actor); whoever has none was refused before."""
        return self.request._request.actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Whoever tries tokens is slowed down too.
        self.check_throttles(request)
        super().initial(request, *args, **kwargs)

    def get_throttles(self) -> list[Any]:
        """None the second time: DRF asks again once it knows who acts."""
        if hasattr(self, "_was_throttled"):
            return []
        self._was_throttled = True
        found: list[Any] = super().get_throttles()
        return found

    def get_serializer_context(self) -> dict[str, Any]:
        context: dict[str, Any] = super().get_serializer_context()
        asked = self.request.query_params.get("fields", "") if self.request else ""
        names = [one.strip() for one in asked.split(",") if one.strip()]
        if asked and not names:
            raise ApiProblem("invalid-parameter", "fields 没有写字段名，请写成 fields=id,name 这样。")
        return context | {"fields": names}

    def stamp_of(self, row: Any) -> str:
        """What becomes another one as soon as the thing does: of what has no version, of what is shown of it."""
        shown = self.get_serializer_class()(row, context={**self.get_serializer_context(), "fields": []}).data
        return sha256(JSONEncoder(sort_keys=True, ensure_ascii=False).encode(shown).encode()).hexdigest()[:32]

    def shown(self, row: Any, status: int = 200) -> Response:
        """One thing with its version (ETag)."""
        serializer = self.get_serializer(row)
        response = Response(serializer.data, status=status)
        response["ETag"] = f'"{self.stamp_of(row)}"'
        return response

    def found(self, rows: QuerySet[Any], **named: Any) -> Any:
        """The one of ``rows`` that the address names, else 404."""
        return get_object_or_404(rows, **named)

    def again(self, row: Model) -> Any:
        """The row as it stands now, with all that is shown of it."""
        return self.get_queryset().get(pk=row.pk)


class Listed:
    """``list``, a page at a time."""

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class Retrieved:
    """``retrieve``, one with its ETag."""

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        check_parameters(request, known=("fields",))
        return self.shown(self.get_object())
