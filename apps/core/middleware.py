"""What no request may hold, and what every answer says to the browser."""

from collections.abc import Callable
from http import HTTPStatus
from itertools import chain
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase

from apps.core.api.problems import is_api
from apps.core.error_pages import not_allowed, too_large
from apps.core.inputs import as_seen

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Nothing here asks a browser for any of these; photos come through an ordinary file input.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone"),
        *("midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb"),
    )
)


class PermissionsPolicy:
    """Switch off the powers of a browser that no page uses."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class ExplainMethod:
    """Give an address that only takes what a form sends a page of its own, for whoever opens it again from the address bar."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or is_api(request):
            return response
        page = not_allowed(request)
        page["Allow"] = response["Allow"]
        return page


class LimitBody:
    """Answer 413 to a body above MAX_BODY_BYTES before anything reads it. Without a length Django reads no body at all."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        size = _content_length(request)
        if size > settings.MAX_BODY_BYTES:
            limit = settings.MAX_BODY_BYTES // 2**20
            return too_large(
                request,
                f"一次提交的内容有 {size / 2**20:.1f} MB，超过 {limit} MB，没有接收。请分几次上传，或者压缩后再传。",
            )
        return self.get_response(request)


class RefuseNul:
    """Answer 400 to a NUL in address, cookie or form: nobody types one, and the database holds none."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = (request.path, unquote(request.META["QUERY_STRING"]))
        if any("\0" in text for text in (*address, *request.COOKIES.values(), *_fields(request))):
            raise SuspiciousOperation("NUL in a request.")
        return self.get_response(request)


class CleanText:
    """Take signs that nobody sees out of posted text: they come along when text is copied, and would pass for a reason given.

    What people sign in with stays as it is typed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST" and any(one != as_seen(one) for one in _fields(request)):
            cleaned = request.POST.copy()
            for name, texts in request.POST.lists():
                if "password" not in name and name != "login":
                    cleaned.setlist(name, list(map(as_seen, texts)))
            request.POST = cleaned  # type: ignore[assignment]
        return self.get_response(request)


def _content_length(request: HttpRequest) -> int:
    """The announced length, as Django reads it."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _fields(request: HttpRequest) -> list[str]:
    """Names and texts of the posted fields; none where the connection broke off."""
    try:
        return list(chain.from_iterable([name, *texts] for name, texts in request.POST.lists()))
    except UnreadablePostError:
        return []
