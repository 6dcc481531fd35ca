"""Notices and recognitions as in tests of 认定与公示, and what a document says as text."""

from collections.abc import Iterable

from apps.papers.paper import Block, Paper, Table
from tests.recognitions.conftest import drafted, entries, held, monday, published, recognised

__all__ = ["drafted", "entries", "held", "monday", "published", "recognised"]


def text_of(paper: Paper) -> str:
    """All that a document says, without its layout."""
    parts = [paper.title, paper.recipients, *_texts(paper.blocks), paper.signed]
    for annex in paper.annexes:
        parts += [annex.title, *_texts(annex.blocks)]
    return "\n".join(parts)


def _texts(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Table):
            yield block.caption
            for row in block.rows:
                yield row if isinstance(row, str) else "|".join(row)
        else:
            yield block.text
