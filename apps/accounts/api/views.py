"""The views of things that are worked on: a verb of the room behind one address, done once, on the version that was seen."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request, is_form_media_type
from rest_framework.response import Response

from apps.accounts.api.once import HEADER, LONGEST, once
from apps.accounts.permissions import Actor
from apps.core.api.lists import check_parameters
from apps.core.api.problems import ApiProblem
from apps.core.api.views import Readable
from apps.core.errors import StaleForm
from apps.core.inputs import whole_number

_ETAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]{1,100})"')

KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "maxLength": LONGEST, "minLength": 1, "pattern": r"^[\x20-\x7e]+$"},
    OpenApiParameter.HEADER,
    description="幂等键：24 小时内同一个键、同样的内容只办一次，重试得到同样的应答。",
)
MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="读取时返回的 ETag；已被他人改动时返回 412。"
)


class Workable(Readable):
    """Reading and verbs. ``actor`` is who acts."""

    actor: Actor

    def seen(self, *, required: bool = False) -> str | None:
        """The version that the program read (If-Match, without its quotes); None where it says nothing, or takes any (*)."""
        text = self.request.headers.get("If-Match", "").strip()
        if not text:
            if required:
                raise ApiProblem("precondition-required")
            return None
        if text == "*":
            if required:
                raise ApiProblem("precondition-required", "If-Match 要写读取时返回的 ETag，不能写 *。")
            return None
        found = _ETAG.fullmatch(text)
        if found is None:
            raise ApiProblem("malformed", "If-Match 须是读取时返回的 ETag，连同引号。")
        return found[1]

    def version(self, *, required: bool = False) -> int | None:
        """The same where versions are counted."""
        text = self.seen(required=required)
        number = None if text is None else whole_number(text, digits=9)
        if text is not None and number is None:
            # Nothing of ours: what was read must have been something else.
            raise StaleForm("If-Match 里的版本不是这里给出的，请重新读取后再提交。")
        return number

    def entered(self, shape: type[serializers.Serializer] | None) -> dict[str, Any]:
        """What was sent, judged by its shape."""
        media = self.request.content_type or ""
        if is_form_media_type(media) and MultiPartParser not in self.parser_classes:
            # DRF takes a form that the middleware has read already for an empty body.
            raise UnsupportedMediaType(media)
        if shape is None:
            if self.request.data not in ({}, None, ""):
                raise ApiProblem("malformed", "这个接口不接收内容，请求体留空即可。")
            return {}
        serializer = shape(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


def verb(
    name: str,
    *,
    takes: type[serializers.Serializer] | None = None,
    summary: str,
    gives: Any = None,
    matched: bool = False,
    detail: bool = True,
    status: int = 200,
    multipart: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """Make a method a POST under ``name``: given the row (where ``detail``) and what was entered, it calls the room's verb.

    The answer is the row that it returns, else the row itself as it stands then. ``matched``: the version seen is required.
    """

    def decorate(method: Callable[..., Any]) -> Any:
        @wraps(method)
        def handle(view: Workable, request: Request, *args: Any, **kwargs: Any) -> Response:
            if matched:
                view.seen(required=True)
            return answered(view, request, method, takes, detail=detail, status=status)

        given: dict[str, Any] = {"responses": {status: gives}} if gives or status == 204 else {}
        describe = extend_schema(
            summary=summary,
            request={"multipart/form-data": takes} if multipart else takes,
            parameters=[KEY, *([required(MATCH)] if matched else [MATCH] if detail else [])],
            **given,
        )
        parsers = {"parser_classes": [MultiPartParser]} if multipart else {}
        return describe(action(detail=detail, methods=["post"], url_path=name, url_name=name, **parsers)(handle))

    return decorate


def answered(
    view: Workable,
    request: Request,
    method: Callable[..., Any],
    takes: type[serializers.Serializer] | None,
    *,
    detail: bool = True,
    status: int = 200,
) -> Response:
    """Load, judge what was entered, call the verb, show what stands then; once for a key."""
    check_parameters(request, known=())

    def do() -> Response:
        row: Any = view.get_object() if detail else None
        entered = view.entered(takes)
        done = method(view, row, entered) if detail else method(view, entered)
        if isinstance(done, Response):
            return done
        return view.shown(view.again(done if done is not None else row), status)

    return once(request, do)


def required(parameter: OpenApiParameter) -> OpenApiParameter:
    return OpenApiParameter(
        parameter.name, parameter.type, parameter.location, required=True, description=parameter.description
    )
