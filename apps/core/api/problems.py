"""Refusals of the API as RFC 9457 has them: application/problem+json, in Chinese for people, with a stable code for programs."""

import re
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, connection, transaction
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from apps.core import history
from apps.core.errors import ProblemForPeople, StaleForm, TransitionError

PREFIX = "/api/"
CONTENT_TYPE = "application/problem+json"
# On a request that was refused for want of a right: whoever answers it puts that on record.
REFUSED = "was_refused"

# Status, title, and what to do, by code. Codes never change their meaning.
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "malformed": (400, "请求格式不对", "请求内容不是有效的 JSON，或者不符合接口文档。"),
    "unknown-parameter": (400, "参数不认识", "查询参数的名称拼写有误，或者该接口没有这个参数。"),
    "invalid-parameter": (400, "参数的值不对", "查询参数的值不在允许的范围内。"),
    "invalid-cursor": (400, "翻页标记无效", "请从第一页重新取，按返回的 next 继续。"),
    "not-authenticated": (401, "没有带接口令牌", "请在请求头里带上 Authorization: Bearer 令牌。"),
    "token-unknown": (401, "接口令牌不对", "系统里没有这个令牌，请核对；找不到原来的，请另建一个。"),
    "token-expired": (401, "接口令牌已过期", "请在“我的账号 → 接口令牌”里另建一个。"),
    "token-revoked": (401, "接口令牌已停用", "请联系停用的人，或者另建一个。"),
    "account-suspended": (401, "账号已停用", "令牌所属的账号已停用，请联系单位管理员。"),
    "forbidden": (403, "没有权限", "令牌所属的任职没有这项权限。"),
    "read-only-token": (403, "令牌只能读取", "办理事项要用“读取和办理”的令牌。"),
    "tls-required": (403, "须用 HTTPS", "请改用 https 地址；令牌已经以明文发出，请停用后另建。"),
    "two-factor-required": (403, "须先启用两步验证", "单位或上级要求两步验证，请本人登录系统启用。"),
    "password-change-required": (403, "须先修改密码", "账号还在使用初始密码，请本人登录系统修改。"),
    "not-found": (404, "没有找到", "地址不对，或者所指的内容不在令牌所属任职的辖区内。"),
    "method-not-allowed": (405, "不支持这种方法", "请按接口文档使用 HTTP 方法。"),
    "not-acceptable": (406, "不能按要求的格式返回", "接口返回 application/json。"),
    "wrong-state": (409, "当前状态不能这样办", "所指的事项已经变动，请重新读取后再办。"),
    "stale": (412, "已被他人改动", "请重新读取，核对后用新的 ETag 再提交。"),
    "too-large": (413, "内容太大", "请分几次提交。"),
    "unsupported-media-type": (415, "不支持这种内容类型", "请用 application/json；上传文件用 multipart/form-data。"),
    "invalid": (422, "内容不正确", "请按 errors 里指出的位置修改后再提交。"),
    "idempotency-key-reused": (422, "幂等键已用于另一个请求", "每次办理用新的 Idempotency-Key；重试时内容不能变。"),
    "precondition-required": (428, "缺少 If-Match", "请先读取，把返回的 ETag 放进 If-Match 请求头。"),
    "too-many-requests": (429, "请求过于频繁", "请按 Retry-After 的秒数等候后再试。"),
    "internal": (500, "系统出错", "请稍后再试；仍然如此，请把 instance 告诉系统管理员。"),
}  # fmt: skip
_BY_STATUS = {400: "malformed", 401: "not-authenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
              406: "not-acceptable", 409: "wrong-state", 412: "stale", 413: "too-large", 415: "unsupported-media-type",
              422: "invalid", 429: "too-many-requests"}  # fmt: skip
Told = tuple[str, str, list[dict[str, str]]]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


class ApiProblem(exceptions.APIException):
    """A refusal with one of the codes of ``PROBLEMS``; ``detail`` says it of this very request."""

    def __init__(self, code: str, detail: str = "", errors: list[dict[str, str]] | None = None) -> None:
        self.status_code, _, advice = PROBLEMS[code]
        super().__init__(detail or advice, code)
        self.problem, self.errors = code, errors or []


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, by a token, and not somebody who looks at a page."""
    return request.path.startswith(f"{PREFIX}v")


def body_of(code: str, detail: str = "", errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The members of a problem (RFC 9457, 3.1), with ``code`` and ``errors`` beside them."""
    status, title, advice = PROBLEMS[code]
    facts = history.current()
    body = {
        "type": f"{PREFIX}problems/{code}",
        "title": title,
        "status": status,
        "detail": detail or advice,
        "code": code,
        "errors": errors or [],
    }
    return body | ({"instance": f"urn:uuid:{facts.id}"} if facts else {})


def problem_response(code: str, detail: str = "") -> JsonResponse:
    """The same outside of a view of the API: before it was reached, or where there is none."""
    return JsonResponse(body_of(code, detail), status=PROBLEMS[code][0], content_type=CONTENT_TYPE)


def code_for(status: int) -> str:
    """The general code of a status."""
    return _BY_STATUS.get(status, "internal" if status >= 500 else "malformed")


def answer_problem(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: what was written is undone, what is known is told; None for an error of ours."""
    told = _told(exception)
    if told is None:
        return None
    if connection.in_atomic_block and PROBLEMS[told[0]][0] != 401:
        # Before anybody is known nothing was written but the record of the refusal, which stays.
        transaction.set_rollback(True)
    if isinstance(exception, PermissionDenied):
        setattr(context["request"]._request, REFUSED, True)
    code, detail, errors = told
    if code == "invalid" and context["request"].method in SAFE_METHODS:
        code = "invalid-parameter"
    headers = {}
    if challenge := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(exception, "wait", None)) is not None:
        headers["Retry-After"] = str(ceil(wait))
    status = PROBLEMS[code][0]
    return Response(body_of(code, detail, errors), status=status, headers=headers, content_type=CONTENT_TYPE)


def _told(exception: Exception) -> Told | None:
    return next((tell(exception) for kind, tell in _WAYS if isinstance(exception, kind)), None)


def _told_too_large(exception: Any) -> Told:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
    return "too-large", f"一次最多提交 {limit} MB 文字、{settings.DATA_UPLOAD_MAX_NUMBER_FILES} 个文件。", []


def _code_of(problem: ProblemForPeople) -> str:
    if isinstance(problem, StaleForm):
        return "stale"
    return "wrong-state" if isinstance(problem, TransitionError) else code_for(problem.status)


def _errors_of(problem: ProblemForPeople) -> Iterator[dict[str, str]]:
    """What a verb says of single values, by their names."""
    for name, text in getattr(problem, "errors", {}).items():
        yield {"pointer": f"#/{name}", "detail": text}


def _placed(detail: Any, at: str = "#") -> Iterator[dict[str, str]]:
    """What is wrong, by the place in the body (RFC 6901)."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            where = at if name == "non_field_errors" else f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}"
            yield from _placed(inner, where)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            yield from _placed(inner, f"{at}/{number}" if isinstance(inner, Mapping | list) else at)
    else:
        yield {"pointer": at, "detail": str(detail)}


def _chinese(text: object) -> str:
    """What was said, where it was said for people; libraries speak English."""
    said = str(text)
    return said if _CHINESE.search(said) else ""


# The first that fits tells; special kinds stand before general ones.
_WAYS: tuple[tuple[type[Exception], Callable[[Any], Told]], ...] = (
    (ApiProblem, lambda one: (one.problem, str(one.detail), one.errors)),
    (exceptions.ValidationError, lambda one: ("invalid", "", list(_placed(one.detail)))),
    (exceptions.APIException, lambda one: (code_for(one.status_code), _chinese(one.detail), [])),
    (ProblemForPeople, lambda one: (_code_of(one), one.message, list(_errors_of(one)))),
    (ModelValidationError, lambda one: ("invalid", "；".join(one.messages), [])),
    (PermissionDenied, lambda one: ("forbidden", _chinese(one), [])),
    (Http404, lambda one: ("not-found", _chinese(one), [])),
    (DataError, lambda one: ("invalid", "提交的内容里有不能保存的字符或过大的数，请检查后重新提交。", [])),
    (RequestDataTooBig, _told_too_large),
    (TooManyFilesSent, _told_too_large),
    (SuspiciousOperation, lambda one: ("malformed", "", [])),
)
