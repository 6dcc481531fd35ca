"""Pages as people read them."""

from typing import Any

from django.utils.html import strip_tags


def text(page: Any) -> str:
    """The words of an answer, without markup, a single blank between them."""
    return " ".join(strip_tags(page.content.decode()).split())
