"""What poppler finds in a PDF: words with their places in millimetres, fonts."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

_MM_PER_PT = 25.4 / 72
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


class Word(NamedTuple):
    """A run of signs without blanks and where it stands, from the upper left of its page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


def words_of(file: Path) -> list[list[Word]]:
    """Page by page the words of a PDF."""
    told = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True, text=True).stdout
    pages = told.split("<page ")[1:]
    return [[_word(*found) for found in _WORD.findall(page)] for page in pages]


def _word(left: str, top: str, right: str, bottom: str, text: str) -> Word:
    places = [float(one) * _MM_PER_PT for one in (left, top, right, bottom)]
    return Word(places[0], places[1], places[2], places[3], text)


def lines_of(words: list[Word]) -> list[list[Word]]:
    """The words of a page line by line: those whose middles are less than 2 mm apart."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda one: one.top + one.bottom):
        if lines and abs((word.top + word.bottom - lines[-1][0].top - lines[-1][0].bottom) / 2) < 2:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line) for line in lines]


def text_of(line: list[Word]) -> str:
    return "".join(word.text for word in line)


def fonts_of(file: Path) -> dict[str, bool]:
    """The fonts by their names without the mark of the subset, and whether they are embedded as a subset."""
    told = subprocess.run(["pdffonts", file], capture_output=True, check=True, text=True).stdout
    found = {}
    for line in told.splitlines()[2:]:
        name, *facts = line.split()
        emb, sub = facts[-5:-3]
        found[name.partition("+")[2] or name] = (emb, sub) == ("yes", "yes")
    return found
