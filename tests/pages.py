"""Pages as people read them."""

import time
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils.html import strip_tags


def text(page: Any) -> str:
    """The words of an answer, without markup, a single blank between them."""
    return " ".join(strip_tags(page.content.decode()).split())


def just_signed_in(client: Client) -> Client:
    """The browser as it is right after the password was typed: it is not asked for again."""
    session = client.session
    session["account_authentication_methods_user"] = session[SESSION_KEY]
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client
