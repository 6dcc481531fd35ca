"""How a request of the API finds who acts: by its token alone; no session counts, so that no browser can be made to ask."""

from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts import access, tokens, two_factor
from apps.accounts.acting import acting
from apps.accounts.http import ActorRequest
from apps.accounts.models import AccessEvent, ApiToken, Membership
from apps.accounts.permissions import Actor
from apps.core import scope

# A program that goes on asking with a dead token is on record once an hour.
_ON_RECORD_EVERY = timedelta(hours=1)
_LONGEST = 200


class ApiRequest(ActorRequest):
    """A request of the API: ``refused`` is the code of the problem where nobody acts (``core.api.problems``)."""

    api_token: ApiToken | None
    refused: str


def find_bearer(plain_request: HttpRequest) -> None:
    """Set ``actor`` by the token of the request and narrow the scope to it; without a good one, say why in ``refused``."""
    request = cast(ApiRequest, plain_request)
    request.user, request.actor, request.memberships = AnonymousUser(), None, []  # type: ignore[assignment]
    request.seconds_left, request.api_token, request.refused = 0, None, "not-authenticated"
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        request.refused = "tls-required"
        return
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text or len(text) > _LONGEST:
        return
    token = tokens.token_of(text.strip())
    request.refused = "token-unknown" if token is None else _why_not(token)
    if token is None or request.refused:
        _put_on_record(token, request.refused)
        return
    scope.narrow("", user_id=token.user_id)
    membership = Membership.objects.select_related("user", "jurisdiction").get(pk=token.membership_id)
    request.user, request.memberships, request.api_token = membership.user, [membership], token
    request.actor = Actor(membership.user, membership)
    scope.narrow(membership.jurisdiction.path, user_id=membership.user_id)
    request.refused = _what_first(request.actor)


def note_use(plain_request: HttpRequest) -> None:
    """After the answer, in a transaction of its own: nobody waits for a row that every request would change."""
    request = cast(ApiRequest, plain_request)
    token = request.api_token
    if token is None or (token.last_used_at and timezone.now() - token.last_used_at < tokens.USED_STEP):
        return
    with acting(request.actor):
        tokens.note_use(token)


def _why_not(token: ApiToken) -> str:
    if not token.user.is_active:
        return "account-suspended"
    if token.revoked_at is not None:
        return "token-revoked"
    return "" if token.is_usable else "token-expired"


def _what_first(actor: Actor) -> str:
    """What a person has to do on the pages first; a system has neither password nor second step."""
    if actor.user.is_system:
        return ""
    if actor.user.must_change_password:
        return "password-change-required"
    lacks = two_factor.is_required(actor.membership) and not two_factor.has_two_factor(actor.user)
    return "two-factor-required" if lacks else ""


def _put_on_record(token: ApiToken | None, why: str) -> None:
    if token is not None and cache.add(f"token-refused:{token.pk}", 1, _ON_RECORD_EVERY.total_seconds()):
        words = {"token-expired": "已过期", "token-revoked": "已停用", "account-suspended": "账号已停用"}
        subject = f"{token.name}，{token.prefix}…：{words[why]}"
        access.record_sign_in(AccessEvent.Kind.TOKEN_REFUSED, token.user, subject=subject)
