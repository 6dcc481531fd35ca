"""One transaction and one scope around the whole request: view, template and response body."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.db import DataError, transaction
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from apps.accounts import access, sessions
from apps.accounts.acting import acting, facts_of
from apps.accounts.bearer import find_bearer, note_use
from apps.accounts.http import ActorRequest, client_address
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import Actor
from apps.core import history, scope
from apps.core.api.problems import REFUSED, is_api
from apps.core.errors import InvalidInput, ProblemForPeople
from apps.core.logs import told_of

MEMBERSHIP_KEY = "membership_id"


class ActorMiddleware:
    """Open the request's transaction as the application role, find who acts, and narrow the scope to their jurisdiction.

    ``request.actor`` is None for anonymous people and people without a membership: they see no walled row. A view that
    raises leaves nothing written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, plain_request: HttpRequest) -> HttpResponseBase:
        request = cast(ActorRequest, plain_request)
        address, url = client_address(request), f"{request.method} {request.path}"
        # Around the transaction: what is recorded after it, such as a refusal, belongs to the same operation.
        with history.recording(whole_transactions=True, address=address, url=url) as facts:
            told_of(operation=str(facts.id))
            with scope.signing_in(user_id="" if is_api(request) else _named_by_session(request)):
                (find_bearer if is_api(request) else _find_actor)(request)
                if request.actor is not None:
                    facts.metadata.update(facts_of(request.actor) | _by_token(request))
                    told_of(user=request.user.pk, unit=request.actor.jurisdiction.code)
                response = self._answer(request)
            if request.actor is not None and getattr(request, REFUSED, False):
                _record_refusal(request.actor, url)
            if is_api(request):
                note_use(request)
        if request.actor is not None and not response.has_header("Cache-Control"):
            # What one person saw stays in no cache, neither a shared one nor the browser's after signing out.
            response["Cache-Control"] = "private, no-store"
        return response

    def _answer(self, request: ActorRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            # What is read lazily would run after the scope has ended.
            response.streaming_content = list(response)
        if response.status_code >= 500:
            transaction.set_rollback(True)
        return response

    def process_exception(self, plain_request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Undo what the view wrote; a problem for people, or a value that the database cannot hold, is answered in words."""
        transaction.set_rollback(True)
        if isinstance(exception, PermissionDenied):
            # Other answers of 403, such as a form without its token or a password to be changed first, refuse nobody's right.
            setattr(plain_request, REFUSED, True)
        if isinstance(exception, DataError):
            exception = InvalidInput("提交的内容里有不能保存的字符或过大的数，请检查后重新填写。")
        if not isinstance(exception, ProblemForPeople) or is_api(plain_request):
            return None
        request = cast(ActorRequest, plain_request)
        template = "components/problem.html" if request.htmx else "problem.html"
        context = {"message": exception.message, "status": exception.status}
        return render(request, template, context, status=exception.status)


def _record_refusal(actor: Actor, url: str) -> None:
    """In a transaction of its own: what was refused has been rolled back."""
    with acting(actor):
        access.record(AccessEvent.Kind.REFUSED, actor=actor, subject=url)


def _by_token(request: ActorRequest) -> dict[str, Any]:
    token = getattr(request, "api_token", None)
    return {} if token is None else {"token": token.name}


def _named_by_session(request: ActorRequest) -> str:
    """The id of whom the session names, '' for nobody; whether it may still be used is found out afterwards."""
    named = str(request.session.get(SESSION_KEY, ""))
    return named if named.isascii() and named.isdigit() else ""


def _find_actor(request: ActorRequest) -> None:
    """Set ``request.memberships``, and ``request.actor`` to the chosen one's or the first one's; narrow the scope to it.

    A session that has rested too long ends here, before anything is done in it.
    """
    request.memberships, request.actor, request.seconds_left = [], None, 0  # type: ignore[assignment]
    if request.user.is_authenticated:
        request.seconds_left = sessions.watch(request)
    user = request.user
    if not user.is_authenticated:
        scope.forget_person()
        return
    request.memberships = user.held_memberships
    if request.memberships:
        chosen = request.session.get(MEMBERSHIP_KEY)
        membership = next((one for one in request.memberships if one.pk == chosen), request.memberships[0])
        if chosen not in (None, membership.pk):
            del request.session[MEMBERSHIP_KEY]
            messages.warning(request, f"您刚才使用的任职已被免去，现在的身份是{membership}。")
        request.actor = Actor(user, membership)
    scope.narrow(request.actor.jurisdiction.path if request.actor else "", user_id=user.pk)
