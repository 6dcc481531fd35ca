"""Idempotency-Key: a verb that a program asks for again, because it heard no answer, is done once and answered the same."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from apps.accounts.models import ApiAnswer
from apps.core import clock
from apps.core.api.problems import ApiProblem
from apps.core.turns import take_turn

HEADER = "Idempotency-Key"
LONGEST = 100
KEPT = timedelta(hours=24)
_REPLAYED = "Idempotency-Replayed"
_KEPT_HEADERS = ("ETag", "Location")


def once(request: Request, do: Callable[[], Response]) -> Response:
    """Do it, or give the answer that the same request had within a day; ApiProblem where the key was another request's.

    In the transaction of the verb: what was undone is not kept, and may be tried again under the same key. Of two at once one
    waits for the other.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return do()
    if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise ApiProblem("malformed", f"{HEADER} 须为 1 到 {LONGEST} 个可见的英文字符，例如一个 UUID。")
    membership = request._request.actor.membership
    take_turn("api-answer", f"{membership.pk}:{key}")
    digest = _digest(request)
    kept = ApiAnswer.objects.filter(membership=membership, key=key).first()
    if kept is not None and kept.at > clock.now() - KEPT:
        if kept.digest != digest:
            raise ApiProblem("idempotency-key-reused")
        return Response(kept.body, status=kept.status, headers={**kept.headers, _REPLAYED: "true"})
    response = do()
    answer = {
        "digest": digest,
        "status": response.status_code,
        "headers": {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)},
        "body": None if response.data is None else json.loads(JSONEncoder().encode(response.data)),
        "at": clock.now(),
    }
    ApiAnswer.objects.update_or_create(membership=membership, key=key, defaults=answer)
    return response


def _digest(request: Request) -> str:
    """What makes two requests the same: method, address, the version they go by, and what they hold."""
    parts = [request.method, request.get_full_path(), request.headers.get("If-Match", ""), _content(request.data)]
    return sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _content(data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    if not hasattr(data, "lists"):
        return dict(data)
    return {
        name: [_of_file(one) if isinstance(one, UploadedFile) else one for one in values]
        for name, values in data.lists()
    }


def _of_file(file: UploadedFile) -> list[Any]:
    found = sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return [file.name, found.hexdigest()]
