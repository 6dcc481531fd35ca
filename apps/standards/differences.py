"""Two texts side by side: which words of either the other one lacks. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

# A Chinese character is a word; of letters and figures, what stands together is.
_WORDS = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?%?|\s+|.", re.DOTALL)
# Between two changes, so few equal words are no relief to the eye: the changes are shown as one.
_ISLAND = 2
# Texts that have less in common than this are told whole, not word by word.
_ALIKE = 0.3


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; ``is_marked``: the other text does not have it."""

    text: str
    is_marked: bool = False


Pieces = tuple[Piece, ...]


def compare_texts(one: str, other: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces; what only one of them has is marked."""
    if one == other:
        return _whole(one, is_marked=False), _whole(other, is_marked=False)
    left, right = _WORDS.findall(one), _WORDS.findall(other)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return _whole(one, is_marked=True), _whole(other, is_marked=True)
    lefts: list[Piece] = []
    rights: list[Piece] = []
    codes = matcher.get_opcodes()
    for at, (tag, i1, i2, j1, j2) in enumerate(codes):
        is_island = tag == "equal" and 0 < at < len(codes) - 1 and i2 - i1 < _ISLAND
        is_marked = tag != "equal" or is_island
        _append(lefts, "".join(left[i1:i2]), is_marked=is_marked)
        _append(rights, "".join(right[j1:j2]), is_marked=is_marked)
    return tuple(lefts), tuple(rights)


def whole_texts(one: str, other: str) -> tuple[Pieces, Pieces]:
    """Both texts, each marked as a whole where they differ."""
    return _whole(one, is_marked=one != other), _whole(other, is_marked=one != other)


def plain_text(text: str) -> Pieces:
    """A text with nothing marked."""
    return _whole(text, is_marked=False)


def compare_lines(one: Sequence[str], other: Sequence[str]) -> list[tuple[Pieces, Pieces]]:
    """Lists of short texts, aligned: equal ones opposite each other, changed ones compared word by word."""
    pairs: list[tuple[Pieces, Pieces]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        for left, right in zip_longest(one[i1:i2], other[j1:j2], fillvalue=""):
            if tag == "equal":
                pairs.append((_whole(left, is_marked=False), _whole(right, is_marked=False)))
            else:
                pairs.append(compare_texts(left, right))
    return pairs


def _whole(text: str, *, is_marked: bool) -> Pieces:
    return (Piece(text, is_marked),) if text else ()


def _append(pieces: list[Piece], text: str, *, is_marked: bool) -> None:
    if not text:
        return
    if pieces and pieces[-1].is_marked == is_marked:
        text = pieces.pop().text + text
    pieces.append(Piece(text, is_marked))
