"""Text that the database cannot hold is refused before anything reads it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from apps.accounts.permissions import Actor
from apps.core.middleware import CleanText, RefuseNul

ClientOf = Callable[[Actor], Client]
NUL = quote("\0")


@pytest.mark.parametrize(
    "address",
    [
        f"/?campaign={NUL}",
        f"/progress/{NUL}/",
        f"/progress/?year={NUL}",
        f"/communities/?q={NUL}",
        f"/communities/?jurisdiction={NUL}",
        f"/communities/1/?a={NUL}",
        f"/plan/?q={NUL}",
        f"/assessments/?q={NUL}",
        f"/assessments/?area={NUL}",
        f"/assessments/1/?a={NUL}",
        f"/assessments/evidence/1/?a={NUL}",
        f"/reviews/?q={NUL}",
        f"/reviews/?area={NUL}",
        f"/reviews/?of={NUL}",
        f"/reviews/1/?c={NUL}",
        f"/reports/?jurisdiction={NUL}",
        f"/reports/jobs/1/?a={NUL}",
        f"/standards/{NUL}/",
        f"/standards/?a={NUL}",
        f"/campaigns/?a={NUL}",
        f"/campaigns/chuxiong-2021/?edit={NUL}.532301000000.2022",
        f"/campaigns/chuxiong-2021/?at={NUL}",
        f"/accounts/login/?next={NUL}",
        f"/static/{NUL}",
        f"/nowhere/{NUL}",
        f"/?{NUL}=1",
    ],
)
def test_nul_in_an_address_is_a_bad_request(address: str, client_of: ClientOf, district_reviewer: Actor) -> None:
    answer = client_of(district_reviewer).get(address)
    assert answer.status_code == 400
    assert "系统没有看懂这次请求" in answer.content.decode()


@pytest.mark.parametrize("field", ["note", "comment", "reason", "document_number", "reason_5", "jurisdiction"])
def test_nul_in_a_posted_field_is_a_bad_request(field: str, client_of: ClientOf, district_reviewer: Actor) -> None:
    answer = client_of(district_reviewer).post("/reviews/1/return/", {field: "退\0回"})
    assert answer.status_code == 400


@pytest.mark.parametrize("where", ["/reviews/?q=%2500", "/reviews/?q=100%25", "/reviews/?q=%EF%BF%BD"])
def test_other_odd_text_is_searched_for(where: str, client_of: ClientOf, district_reviewer: Actor) -> None:
    assert client_of(district_reviewer).get(where).status_code == 200


class Broken(BytesIO):
    """A connection that breaks off while the form is being read."""

    def read(self, *_: object) -> bytes:
        raise OSError("connection lost")


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_broken_connection_passes_on(content_type: str) -> None:
    extra: dict[str, Any] = {"wsgi.input": Broken(), "CONTENT_LENGTH": "100"}
    request = RequestFactory().post("/", b"", content_type=content_type, **extra)
    assert RefuseNul(lambda _: HttpResponse(status=204))(request).status_code == 204


def test_signs_that_nobody_sees_are_dropped_but_from_secrets() -> None:
    seen = []

    def keep(request: HttpRequest) -> HttpResponse:
        seen.append(request.POST.dict())
        return HttpResponse()

    posted = {"reason": "\u200b\u2060", "note": "缺\x0b台账\u202e", "password1": "a\u200bb", "plain": "一\u3000二"}
    CleanText(keep)(RequestFactory().post("/", posted))
    assert seen == [{"reason": "", "note": "缺 台账", "password1": "a\u200bb", "plain": "一\u3000二"}]


def test_nul_in_a_cookie_is_refused(client: Client) -> None:
    # A quoted cookie may hold any sign by its number.
    assert client.get("/", headers={"cookie": r'sessionid="a\000b"'}).status_code == 400
