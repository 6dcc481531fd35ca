"""One transaction and one scope around the whole request: view, template and response body."""

from collections.abc import Callable

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.models import Membership
from apps.accounts.permissions import Actor
from apps.core import scope
from apps.core.errors import ProblemForPeople

MEMBERSHIP_KEY = "membership_id"


class ActorMiddleware:
    """Open the request's transaction as the application role, find who acts, and narrow the scope to their jurisdiction.

    ``request.actor`` is None for anonymous people and people without a membership: they see no walled row. A view that
    raises leaves nothing written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        with scope.scope("", user_id=user.pk):
            request.actor = self._find_actor(request) if user.is_authenticated else None  # type: ignore[attr-defined]
            if request.actor is not None:  # type: ignore[attr-defined]
                scope.narrow(request.actor.jurisdiction.path, user_id=user.pk)  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.streaming and not isinstance(response, FileResponse):
                # What is read lazily would run after the scope has ended.
                response.streaming_content = list(response.streaming_content)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        transaction.set_rollback(True)
        if isinstance(exception, ProblemForPeople):
            context = {"message": exception.message, "status": exception.status}
            if request.htmx:  # type: ignore[attr-defined]
                return render(request, "components/problem.html", context, status=exception.status)
            return render(request, "problem.html", context, status=exception.status)
        return None

    @staticmethod
    def _find_actor(request: HttpRequest) -> Actor | None:
        memberships = list(
            Membership.objects.filter(user=request.user).select_related("jurisdiction").order_by("path", "role", "id")
        )
        if not memberships:
            return None
        chosen = request.session.get(MEMBERSHIP_KEY)
        membership = next((one for one in memberships if one.pk == chosen), memberships[0])
        request.memberships = memberships  # type: ignore[attr-defined]
        return Actor(user=request.user, membership=membership)  # type: ignore[arg-type]
