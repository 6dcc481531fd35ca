"""What no linter sees in the templates."""

from pathlib import Path

import pytest

TEMPLATES = sorted((Path(__file__).parents[2] / "templates").rglob("*.*"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_comment_ends_in_its_line(template: Path) -> None:
    """Over two lines it is no comment, and readers of the page see it."""
    open_ones = [
        line for line in template.read_text(encoding="utf-8").splitlines() if line.count("{#") != line.count("#}")
    ]
    assert open_ones == []
