"""Inside a room, models and verbs know nothing of HTTP. (Between rooms, import-linter's contracts in pyproject.toml rule.)"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

APPS = settings.BASE_DIR / "apps"
INNER = ("models", "domain", "scoring", "specs", "rollup", "ratios", "chain", "answers", "files", "completion_summary")
OUTER = ("django.http", "django.shortcuts", "django.forms", "django.views", "rest_framework")


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_outer(name: str) -> bool:
    parts = name.split(".")
    of_a_room = parts[0] == "apps" and any(part.endswith(("views", "forms", "http")) for part in parts[2:3])
    return of_a_room or any(name == outer or name.startswith(f"{outer}.") for outer in OUTER)


@pytest.mark.parametrize(
    "file",
    sorted(file for name in INNER for file in APPS.glob(f"*/{name}.py")),
    ids=lambda file: f"{file.parent.name}/{file.stem}",
)
def test_inner_module_knows_nothing_of_http(file: Path) -> None:
    assert [name for name in imports_of(file) if is_outer(name)] == []


def test_outer_imports_are_recognised() -> None:
    assert is_outer("django.http.Http404")
    assert is_outer("django.forms")
    assert is_outer("apps.campaigns.plan_forms.PlanForm")
    assert not is_outer("django.db.models.Q")
    assert not is_outer("apps.campaigns.models.Campaign")
