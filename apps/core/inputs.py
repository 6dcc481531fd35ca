"""Texts as they come in from addresses and forms: the whole numbers that they write, and numbers of mobile phones in them.

A number that is none, or too long for any column, is left aside.
"""

import re
import unicodedata
from collections.abc import Iterable

# What a column of ids holds for certain.
_DIGITS = 18
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]*)?1[3-9](?:[\s()-]*\d){9}(?!\d)")


def whole_number(text: str, *, digits: int = _DIGITS) -> int | None:
    """Return the number that ``text`` writes with at most so many of the digits 0 to 9; None for anything else."""
    return int(text) if len(text) <= digits and re.fullmatch(r"[0-9]+", text) else None


def ids_in(texts: Iterable[str], *, digits: int = _DIGITS) -> list[int]:
    """Return the ids or numbers among ``texts``, each once, in their order."""
    numbers = (whole_number(text, digits=digits) for text in dict.fromkeys(texts))
    return [one for one in numbers if one is not None]


def names_mobile(text: str) -> bool:
    """Whether a text gives the number of a mobile phone, in whatever digits and however it is spaced."""
    return _MOBILE.search(unicodedata.normalize("NFKC", text)) is not None
