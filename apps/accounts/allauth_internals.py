"""What is taken from inside allauth, and why; no other module imports its private parts.

allauth promises nothing about them. An upgrade that moves one is mended here, and ``tests/accounts/test_allauth_internals.py``
holds the rest of the application to this module.
"""

from collections.abc import Iterator

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.internal import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import User


def is_within(limits: dict[str, str], request: HttpRequest, *, app: str, action: str, dry_run: bool = False) -> bool:
    """Count one more ``action`` and return whether ``limits`` allow it; with ``dry_run`` only look.

    The public counter (``allauth.core.ratelimit``) counts no GET, and nothing but allauth's own actions.
    """
    usage = ratelimit.consume(request, app=app, action=action, config=limits, dry_run=dry_run, limit_get=True)
    return usage is not None


def forget_failures(user: User) -> None:
    """Empty the counts of failed sign-ins of this account; those of an address go on.

    The public ``clear`` would empty both, and wants the address.
    """
    request, app, action = HttpRequest(), "allauth.account", "login_failed"
    password = get_adapter()._get_login_attempts_cache_key(request, username=user.username)  # noqa: SLF001
    for rate in ratelimit.get_rates(app=app, action=action):
        for key in (password, f"mfa-auth-user-{user.pk}"):
            if rate.per == "key":
                cache.delete(ratelimit.get_cache_key(request, app=app, action=action, rate=rate, key=key))


def sign_in_by_new_password(request: HttpRequest, user: User) -> HttpResponse:
    """Sign in the person who has just set a password, by every stage there is, and with the password on record as the means.

    The public way asks for the password once more (``LoginForm``), or records no means and so asks for it at the next change
    of the account (``perform_login`` alone).
    """
    record_authentication(request, user, method="password", username=user.username)
    response: HttpResponse = perform_login(request, user)
    return response


def steps_of_code(secret: str, code: str) -> Iterator[int]:
    """Yield the time steps, within the tolerance, whose one-time code of ``secret`` is ``code``, from the earliest.

    The public check tells whether a code is right, not to which step it belongs.
    """
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=code_of_step(secret, step)):
            yield step


def code_of_step(secret: str, step: int) -> str:
    """Return the one-time code of ``secret`` at a time step."""
    code: str = format_hotp_value(hotp_value(secret, step))
    return code
