"""Texts as they come in from addresses, forms and sheets: what is seen of them, whole numbers and numbers of mobile phones in them.

A number that is none, or too long for any column, is left aside.
"""

import re
import unicodedata
from collections.abc import Iterable

# What a column of ids holds for certain.
_DIGITS = 18
# What no file can hold, and signs that are letters by their kind and blank to the eye.
_UNSEEN = re.compile(
    r"[\u115f\u1160\u2800\u3164\uffa0\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]+"
)
# Categories that nobody types: they come along with text that is copied.
_DROPPED = ("Cf", "Cs")
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


def as_seen(text: str) -> str:
    """Return ``text`` without signs that nobody sees, so that what looks the same is the same in a form, a sheet and the database.

    Formats such as zero-width spaces and marks of direction go; a run of control characters (a tab, a soft line break of a text
    processor), of signs that no file can hold and of letters that are blank becomes a blank. Line feeds stand.
    """
    if text.isprintable() and not _UNSEEN.search(text):
        return text
    return _UNSEEN.sub(" ", "".join(filter(_is_kept, text.replace("\r\n", "\n"))))


def _is_kept(sign: str) -> bool:
    return sign.isprintable() or unicodedata.category(sign) not in _DROPPED
