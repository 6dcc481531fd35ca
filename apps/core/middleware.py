"""What no request may hold."""

from collections.abc import Callable
from itertools import chain
from urllib.parse import unquote

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase


class RefuseNul:
    """Answer 400 to a NUL in address or form: nobody types one, and the database holds none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if any("\0" in text for text in (request.path, unquote(request.META["QUERY_STRING"]), *_fields(request))):
            raise SuspiciousOperation("NUL in a request.")
        return self.get_response(request)


def _fields(request: HttpRequest) -> list[str]:
    """Names and texts of the posted fields; none where the connection broke off."""
    try:
        return list(chain.from_iterable([name, *texts] for name, texts in request.POST.lists()))
    except UnreadablePostError:
        return []
