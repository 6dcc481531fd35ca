"""A Chinese page for each way in which a request ends badly: what happened, and the way out."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, Evidence
from apps.core.middleware import LimitBody

ClientOf = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.4\n%%EOF\n"


def assert_page(response: object, status: int, title: str, *sentences: str) -> None:
    assert isinstance(response, HttpResponse)
    assert response.status_code == status
    text = response.text
    assert f'<h1 class="plain-title">{title}</h1>' in " ".join(text.split()).replace("> ", ">").replace(" <", "<")
    assert f"错误编号 {status}" in text
    assert '<a class="btn btn-primary" href="/">返回工作台</a>' in text
    for sentence in sentences:
        assert sentence in text


def test_400_says_that_the_request_was_not_understood(client_of: ClientOf, street_officer: Actor) -> None:
    response = client_of(street_officer).get("/communities/?q=%00")
    assert_page(response, 400, "请求有误", "系统没有看懂这次请求", "请返回上一页检查后再试")


def test_400_over_the_page_for_htmx(client_of: ClientOf, street_officer: Actor) -> None:
    response = client_of(street_officer).get("/communities/?q=%00", headers=HTMX)
    assert response.status_code == 400
    assert response.text.strip() == "<p data-problem>系统没有看懂这次请求，操作没有完成。请刷新页面后再试。</p>"


def test_400_for_a_form_that_breaks_off_in_the_middle(client_of: ClientOf, street_officer: Actor) -> None:
    broken = b'--x\r\nContent-Disposition: form-data; name="a'
    response = client_of(street_officer).post(
        "/reviews/1/return/", broken, content_type="multipart/form-data; boundary="
    )
    assert_page(response, 400, "请求有误", "系统没有看懂这次请求")


def test_403_says_who_can_help(client_of: ClientOf, street_officer: Actor) -> None:
    response = client_of(street_officer).get("/reviews/")
    assert_page(response, 403, "没有权限", "请返回工作台，在页面顶部切换后再试", "请联系本单位管理员", "换一个账号")


def test_403_for_a_page_left_open_too_long(strict_client_of: ClientOf, street_officer: Actor) -> None:
    response = strict_client_of(street_officer).post("/campaigns/switch/", {"campaign": "1"})
    assert_page(response, 403, "页面已过期", "这次提交没有被接受", "请返回上一页并刷新，再提交一次")


def test_404_names_the_ways_out(client_of: ClientOf, street_officer: Actor) -> None:
    for address in ("/nowhere/", "/assessments/999999/"):
        response = client_of(street_officer).get(address)
        assert_page(response, 404, "没有找到这个页面", "它不在您当前身份的辖区内", "切换后再试")


def test_404_for_people_who_are_not_signed_in(db: None) -> None:
    assert_page(Client().get("/nowhere/"), 404, "没有找到这个页面")


def test_413_for_more_than_one_request_may_hold(
    settings: Settings, client_of: ClientOf, street_officer: Actor, drafted: Assessment
) -> None:
    settings.MAX_BODY_BYTES = 2 * 2**20
    big = SimpleUploadedFile("大.pdf", PDF + bytes(3 * 2**20))
    before = Evidence.objects.count()
    url = reverse("evidence_add", args=[drafted.pk, 1])
    response = client_of(street_officer).post(url, {"files": big})
    sentence = "一次提交的内容有 3.0 MB，超过 2 MB，没有接收。请分几次上传，或者压缩后再传。"
    assert_page(response, 413, "提交的内容过大", sentence, "此前已保存的内容不受影响")
    big.seek(0)
    response = client_of(street_officer).post(url, {"files": big}, headers=HTMX)
    assert response.status_code == 413
    assert response.text.strip() == f"<p data-problem>{sentence}</p>"
    assert Evidence.objects.count() == before


def test_413_before_anything_reads_the_body(settings: Settings) -> None:
    class Unread(BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

    def passed_on(_: HttpRequest) -> HttpResponse:
        return HttpResponse(status=204)

    for size, status in [(settings.MAX_BODY_BYTES, 204), (settings.MAX_BODY_BYTES + 1, 413)]:
        extra = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(size)}
        request = RequestFactory().post("/", b"", content_type="multipart/form-data; boundary=x", **extra)  # type: ignore[arg-type]
        assert LimitBody(passed_on)(request).status_code == status


@pytest.mark.parametrize("length", ["", "x", "-1", "1e9"])
def test_length_that_is_none_is_no_failure(length: str, db: None) -> None:
    assert Client().post("/accounts/login/", {}, CONTENT_LENGTH=length).status_code in (200, 400)


def test_limit_leaves_room_for_several_files(settings: Settings) -> None:
    assert settings.MAX_BODY_BYTES == 100 * 2**20 == 5 * settings.EVIDENCE_MAX_BYTES


def test_413_for_too_many_files(client_of: ClientOf, street_officer: Actor, drafted: Assessment) -> None:
    files = [SimpleUploadedFile(f"{number}.pdf", PDF) for number in range(21)]
    before = Evidence.objects.count()
    response = client_of(street_officer).post(reverse("evidence_add", args=[drafted.pk, 1]), {"files": files})
    assert_page(response, 413, "提交的内容过大", "一次最多上传 20 个文件，这次超过了，没有接收。请分几次上传。")
    assert Evidence.objects.count() == before


def test_413_for_too_many_fields(client_of: ClientOf, district_reviewer: Actor) -> None:
    response = client_of(district_reviewer).post("/plan/", {"community": list(range(5001))})
    assert_page(response, 413, "提交的内容过大", "一次最多提交 5000 项内容，这次超过了，没有接收。请分几次提交。")


def test_plan_of_the_largest_district_fits(client_of: ClientOf, district_reviewer: Actor) -> None:
    numbers = list(range(1, 1166))
    response = client_of(district_reviewer).post("/plan/", {"community": numbers, "pilot": numbers})
    assert response.status_code in (302, 422)


def test_413_for_too_long_a_text(client_of: ClientOf, street_officer: Actor) -> None:
    response = client_of(street_officer).post("/campaigns/switch/", {"next": "字" * 2_000_000})
    assert_page(response, 413, "提交的内容过大", "填写的文字超过 5 MB，没有接收。请缩短后再提交。")


def test_429_asks_for_patience(settings: Settings, street_officer: Actor) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    cache.clear()
    form = {"login": street_officer.user.username, "password": "不对"}
    assert Client().post("/accounts/login/", form).status_code == 200
    response = Client().post("/accounts/login/", form)
    cache.clear()
    assert_page(response, 429, "操作过于频繁", "短时间内尝试的次数过多", "请过几分钟再试", "请联系本单位管理员")


def test_500_blames_nobody(settings: Settings, client_of: ClientOf, street_officer: Actor) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.security.test_headers.failing"]
    client = client_of(street_officer)
    client.raise_request_exception = False
    response = client.get("/")
    assert_page(
        response, 500, "系统出错了", "这次操作没有完成，不是您的问题", "请把下面的请求编号和所做的操作告诉管理员"
    )
    assert "RuntimeError" not in response.text
    assert "made to fail" not in response.text


def test_405_says_that_the_address_takes_forms_only(
    client_of: Callable[[Actor], Client], street_officer: Actor
) -> None:
    response = client_of(street_officer).get("/accounts/membership/")
    assert_page(response, 405, "不能直接打开", "这个网址只接收表单提交", "请回到原来的页面操作")
    assert response["Allow"] == "POST"
