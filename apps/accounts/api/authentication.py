"""What the API asks before anything else: who acts was found by the middleware (``accounts.bearer``), here it is told to DRF."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from apps.accounts.http import client_address
from apps.core.api.problems import PROBLEMS, ApiProblem

_CHALLENGE = 'Bearer realm="api"'


class ByToken(BaseAuthentication):
    """A token of one's own or of a system; whoever has none, or a dead one, is told so."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        plain = request._request
        if plain.refused:
            problem = ApiProblem(plain.refused)
            if PROBLEMS[plain.refused][0] == 401:
                problem.auth_header = _CHALLENGE
            raise problem
        return plain.user, plain.api_token

    def authenticate_header(self, request: Request) -> str:
        return _CHALLENGE


class WithinToken(BasePermission):
    """A token that only reads changes nothing, whatever its membership may."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in SAFE_METHODS and not request.auth.may_write:
            raise ApiProblem("read-only-token")
        return True


class _Rate(SimpleRateThrottle):
    """Counted in the cache; while that is away nobody is held up."""

    def get_rate(self) -> str | None:
        # Read each time, so that an installation's settings hold.
        from django.conf import settings

        rate: str | None = settings.API_RATES[self.scope]
        return rate

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        who = self.who(request)
        return None if who is None else f"api-rate:{self.scope}:{who}"

    def who(self, request: Request) -> str | None:
        raise NotImplementedError


class PerToken(_Rate):
    scope = "token"

    def who(self, request: Request) -> str | None:
        token = request._request.api_token
        return str(token.pk) if token else None


class PerAddress(_Rate):
    """Of an address, whatever it shows: a bureau's systems may share one behind its gateway."""

    scope = "address"

    def who(self, request: Request) -> str | None:
        return client_address(request._request) or "unknown"


class RefusedPerAddress(_Rate):
    """Of an address without a good token: far fewer."""

    scope = "refused"

    def who(self, request: Request) -> str | None:
        return (client_address(request._request) or "unknown") if request._request.refused else None
