"""Refusals that Django answers itself, in words: pages for people, a line over the page for htmx."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import page_not_found

from apps.core.api.problems import code_for, is_api, problem_response

_NOT_UNDERSTOOD = "系统没有看懂这次请求，操作没有完成。请刷新页面后再试。"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be taken (handler400): 413 where it holds too much, 400 otherwise."""
    if isinstance(exception, TooManyFilesSent):
        files = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return too_large(request, f"一次最多上传 {files} 个文件，这次超过了，没有接收。请分几次上传。")
    if isinstance(exception, TooManyFieldsSent):
        fields = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        return too_large(request, f"一次最多提交 {fields} 项内容，这次超过了，没有接收。请分几次提交。")
    if isinstance(exception, RequestDataTooBig):
        size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
        return too_large(request, f"填写的文字超过 {size} MB，没有接收。请缩短后再提交。")
    return _answer(request, 400, _NOT_UNDERSTOOD)


def too_large(request: HttpRequest, message: str) -> HttpResponse:
    """Answer a request that holds too much: what, how much is taken, and the way out."""
    return _answer(request, 413, message)


def not_allowed(request: HttpRequest) -> HttpResponse:
    """Answer a request by another method than the address takes."""
    return _answer(request, 405, "这个网址只接收表单提交，不能直接打开。请回到原来的页面操作。")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that nothing stands at (handler404)."""
    return problem_response("not-found") if is_api(request) else page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for an error of ours (handler500) without asking anything; its number leads to the lines of the log."""
    if is_api(request):
        return problem_response("internal")
    return HttpResponse(render_to_string("500.html", {"number": getattr(request, "number", "")}), status=500)


def _answer(request: HttpRequest, status: int, message: str) -> HttpResponse:
    if is_api(request):
        return problem_response(code_for(status), message)
    # The request may have failed before htmx's middleware saw it.
    template = "components/problem.html" if request.headers.get("HX-Request") else f"{status}.html"
    return render(request, template, {"message": message}, status=status)
