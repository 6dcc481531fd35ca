"""What the templates of documents need."""

from collections.abc import Sequence
from typing import Any

from django import template

from apps.papers.paper import Block, numbered

register = template.Library()


@register.inclusion_tag("papers/_blocks.html")
def paper_blocks(blocks: Sequence[Block]) -> dict[str, Any]:
    """A body with its headings numbered."""
    return {"blocks": [(type(block).__name__.lower(), block, ordinal) for ordinal, block in numbered(blocks)]}


@register.filter
def is_heading(row: Sequence[str] | str) -> bool:
    """Whether a row of a table heads those below it."""
    return isinstance(row, str)


@register.filter
def share(of: float) -> str:
    """A part of a width as CSS writes it."""
    return f"{of * 100:.3f}%"
