"""docs/security.md holds every requirement of ASVS 5.0.0 levels 1 and 2 once, and what it names exists."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "security.md"
# The standard's own numbers of requirements of each level.
LEVELS = {1: 70, 2: 183}
STATES = ("met", "partly", "not met", "n.a.")
UNVERIFIED = "(?)"


class Line(NamedTuple):
    number: str
    level: int
    asks: str
    where: str
    test: str

    @property
    def chapter(self) -> str:
        return f"V{self.number.split('.')[0]}"

    @property
    def state(self) -> str:
        """What the line says of itself with its first words."""
        said = re.match(r"\*\*(partly|not met)\*\*: |(n\.a\.): ", self.where)
        return next((one for one in said.groups() if one), "met") if said else "met"


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


@cache
def lines() -> list[Line]:
    rows = [cells(row) for row in DOCUMENT.read_text().splitlines() if re.match(r"\| \d+\.\d+\.\d+ ", row)]
    return [Line(number, int(level), asks, where, test) for number, level, asks, where, test in rows]


@cache
def named() -> dict[str, str]:
    """What stands between backticks outside of lines that are still to be verified, with the row it stands in."""
    found: dict[str, str] = {}
    for row in DOCUMENT.read_text().splitlines():
        if UNVERIFIED not in row:
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", row), row)
    return found


def test_every_requirement_has_one_line_in_order() -> None:
    numbers = [tuple(map(int, line.number.split("."))) for line in lines()]
    assert numbers == sorted(set(numbers))
    assert Counter(line.level for line in lines()) == LEVELS


def test_lines_stand_in_their_chapter() -> None:
    chapter = ""
    for row in DOCUMENT.read_text().splitlines():
        if heading := re.match(r"## (V\d+) ", row):
            chapter = heading[1]
        elif number := re.match(r"\| (\d+)\.\d+\.\d+ ", row):
            assert f"V{number[1]}" == chapter, row


def test_summary_counts_the_lines() -> None:
    text = DOCUMENT.read_text().split("## Summary", 1)[1].split("\n## ", 1)[0]
    stated = {
        row[0].split()[0]: [int(cell) for cell in row[1:]] for row in map(cells, text.splitlines()) if row[-1].isdigit()
    }
    counted = {}
    for chapter in dict.fromkeys(line.chapter for line in lines()):
        of_chapter = [line for line in lines() if line.chapter == chapter]
        states = Counter(line.state for line in of_chapter)
        counted[chapter] = [len(of_chapter), *(states[state] for state in STATES)]
    counted["All"] = [sum(column) for column in zip(*counted.values(), strict=True)]
    assert stated == counted


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.number)
def test_line_says_where_and_how_it_is_held(line: Line) -> None:
    assert line.asks
    assert line.where
    if line.state == "n.a.":
        assert line.test == "—"
    elif line.state == "met":
        assert "by reading" in line.test or "`" in line.test or UNVERIFIED in line.test
    else:
        # A line that is not met tells why, or what would be needed.
        assert len(line.where) > len("**not met**: see 6.1.2")


def test_named_files_and_tests_exist() -> None:
    missing = []
    for name in named():
        path, _, test = name.partition("::")
        if not re.fullmatch(r"(\w[\w-]*/)+[\w.-]+|[\w-]+\.(md|toml|txt|yml|json|py)|Dockerfile|\.ci/run", path):
            continue
        if not (ROOT / path).exists() or (test and f"\ndef {test}(" not in (ROOT / path).read_text()):
            missing.append(name)
    assert missing == []


def test_named_settings_and_commands_exist() -> None:
    settings = [*(ROOT / "config" / "settings").glob("*.py"), ROOT / ".env.example"]
    known = set(re.findall(r"\b[A-Z][A-Z_]+\b", "\n".join(file.read_text() for file in settings)))
    commands = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wanted = {name for name in named() if re.fullmatch(r"[A-Z][A-Z_]+", name)}
    assert wanted - known == set()
    assert {name.removeprefix("make ") for name in named() if name.startswith("make ")} - commands == set()


def test_document_names_what_is_looked_for() -> None:
    """The checks above find nothing wrong in an empty document: it names a good deal."""
    assert sum("::" in name for name in named()) > 40
    assert {"apps/core/middleware.py", "SECURE_SSL_REDIRECT", "make check"} <= set(named())


def test_no_line_is_unverified() -> None:
    assert [row for row in DOCUMENT.read_text().splitlines() if UNVERIFIED in row and "A trailing (?)" not in row] == []
