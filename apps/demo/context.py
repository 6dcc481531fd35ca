"""The demo's accounts on the sign-in page."""

from typing import Any

from django.http import HttpRequest

from apps.demo.accounts import sign_in_accounts
from apps.demo.fixture_format import accounts


def sign_in(request: HttpRequest) -> dict[str, Any]:
    """Context of account/login.html: who can sign in, and the password of them all."""
    if request.resolver_match is None or request.resolver_match.url_name != "account_login":
        return {}
    listed = [{"username": one.username, "label": one.label} for one in sign_in_accounts()]
    return {"demo_accounts": listed, "demo_password": accounts().password}
