"""Fixture files that people edit: YAML, read whole or refused with file, line, place and reason."""

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Loc = tuple[int | str, ...]
Complaint = tuple[Loc, str]
File = TypeVar("File", bound="FixtureFile")


def _no_flag(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError("须为数字")  # noqa: TRY004 (pydantic takes a TypeError for a bug)
    return value


Text = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$")]
Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
JurisdictionCode = Annotated[str, Field(pattern=r"^\d{12}$")]
Whole = Annotated[int, Field(strict=True, ge=0)]
Ordinal = Annotated[int, Field(strict=True, ge=1)]
Figure = Annotated[Decimal, BeforeValidator(_no_flag), Field(ge=0)]
Amount = Annotated[Figure, Field(max_digits=7, decimal_places=2)]
Day = Annotated[date, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]


class FixturePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FixtureFile(FixturePart):
    """A whole file. `complaints` says what the shape of its parts alone cannot forbid."""

    def complaints(self) -> Iterator[Complaint]:
        yield from ()


@dataclass(frozen=True)
class Problem:
    place: str
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        line = f"第 {self.line} 行 " if self.line else ""
        return f"{line}{self.place}：{self.reason}" if self.place else f"{line}{self.reason}"


class FixtureError(Exception):
    """A file that is refused whole, with everything found wrong in it."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        super().__init__("\n".join(f"{path}：{problem}" for problem in problems))


def read_fixture(path: Path, model: type[File]) -> File:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "不是 UTF-8 文本" if isinstance(error, UnicodeDecodeError) else "文件打不开"
        raise FixtureError(path, [Problem("", reason)]) from error
    root, content = _load(path, text)
    try:
        parsed = model.model_validate(content)
    except ValidationError as error:
        found = _without_echoes([(_loc(root, e["loc"]), e) for e in error.errors()])
        raise FixtureError(path, [_problem(root, loc, _reason(e)) for loc, e in found]) from None
    refuse(path, parsed.complaints())
    return parsed


def refuse(path: Path, complaints: Iterable[Complaint]) -> None:
    """Raise FixtureError if there is any complaint about a file that reads well by itself."""
    if found := list(complaints):
        root, _ = _load(path, path.read_text(encoding="utf-8"))
        raise FixtureError(path, [_problem(root, loc, reason) for loc, reason in found])


def duplicates(loc: Loc, key: str, values: list[Any]) -> Iterator[Complaint]:
    """A complaint for each entry of the list at `loc` whose `key` (or itself, if "") stood before."""
    seen: set[Hashable] = set()
    for position, value in enumerate(values):
        if value in seen:
            yield (*loc, position, key) if key else (*loc, position), f"{value} 出现了两次"
        seen.add(value)


def _load(path: Path, text: str) -> tuple[yaml.Node, Any]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FixtureError(path, [Problem("", "不是有效的 YAML：缩进、冒号、引号或括号有误", line)]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FixtureError(path, [Problem("", "不是有效的 YAML")]) from error
    if root is None or content is None:
        raise FixtureError(path, [Problem("", "文件是空的")])
    if repeated := list(_repeated_keys(root, ())):
        raise FixtureError(path, repeated)
    return root, content


def _repeated_keys(node: yaml.Node, loc: Loc) -> Iterator[Problem]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            here = (*loc, str(key.value))
            if key.value in seen:
                yield Problem(_place(here), "同一项写了两次", key.start_mark.line + 1)
            seen.add(key.value)
            yield from _repeated_keys(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _repeated_keys(value, (*loc, position))


def _loc(root: yaml.Node, loc: Loc) -> Loc:
    """The location as it stands in the file: without the names pydantic adds for a chosen kind."""
    kept: list[int | str] = []
    node: yaml.Node | None = root
    for position, part in enumerate(loc):
        child = _child(node, part)
        if child is None and position < len(loc) - 1:
            continue
        kept.append(part)
        node = child
    return tuple(kept)


def _child(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def _problem(root: yaml.Node, loc: Loc, reason: str) -> Problem:
    node = root
    for part in loc:
        child = _child(node, part)
        if child is None:
            break
        node = child
    return Problem(_place(loc), reason, node.start_mark.line + 1)


def _without_echoes(found: list[tuple[Loc, Any]]) -> list[tuple[Loc, Any]]:
    """Leave out that a list is too short where this only follows from an entry of it being wrong."""
    return [
        (loc, error)
        for loc, error in found
        if error["type"] != "too_short" or not any(len(o) > len(loc) and o[: len(loc)] == loc for o, _ in found)
    ]


def _place(loc: Loc) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")


REASONS = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识的项",
    "model_type": "须为一组“项: 值”",
    "model_attributes_type": "须为一组“项: 值”",
    "dict_type": "须为一组“项: 值”",
    "list_type": "须为列表",
    "tuple_type": "须为列表",
    "string_type": "须为文字（数字要加引号）",
    "string_too_short": "不能是空的",
    "too_short": "列表太短",
    "int_type": "须为整数",
    "int_from_float": "须为整数",
    "bool_type": "须为 true 或 false",
    "decimal_type": "须为数字",
    "finite_number": "须为数字",
    "date_type": "须为日期，如 2021-03-31",
    "union_tag_not_found": "缺少 kind",
}
REASONS_WITH_VALUES = {
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "greater_than": "须大于 {gt}",
    "literal_error": "须为 {expected} 之一",
    "enum": "须为 {expected} 之一",
    "union_tag_invalid": "kind 须为 {expected_tags} 之一",
    "string_pattern_mismatch": "写法不对（要求 {pattern}）",
    "decimal_max_places": "最多 {decimal_places} 位小数",
    "decimal_max_digits": "最多 {max_digits} 位数字",
    "decimal_whole_digits": "数字过大",
    "value_error": "{error}",
}


def _reason(error: Any) -> str:
    kind, given = error["type"], error["input"]
    context = {key: _listed(str(value)) for key, value in error.get("ctx", {}).items()}
    reason = REASONS.get(kind) or REASONS_WITH_VALUES.get(kind, error["msg"]).format(**context)
    if kind == "missing" or isinstance(given, dict | list):
        return reason
    return f"{reason}，写的是 {given!r}" if isinstance(given, str) else f"{reason}，写的是 {given}"


def _listed(text: str) -> str:
    """The names in pydantic's "'a', 'b' or 'c'", as a Chinese list; other texts as they are."""
    return "、".join(re.findall(r"'([^']*)'", text)) or text
