"""No export can forget to neutralise formulas: workbooks are written in one place, and the forms fill cells through it."""

import ast
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from apps.accounts.permissions import Actor
from apps.communities.models import Community
from apps.jurisdictions.models import Jurisdiction
from apps.reports.models import ExportJob

APPS = Path(__file__).resolve().parent.parent.parent / "apps"
# Lay out sheets and leave every text, and the writing, to core/xlsx.py; core/xlsx_import.py only reads.
LAYOUTS = {
    "communities/survey_sheet.py",
    "papers/xlsx.py",
    "people/bulk_template.py",
    "projects/sheet.py",
    "evaluations/completion_summary.py",
    "standards/sheet_guide.py",
    "standards/sheet_workbook.py",
}
MAY_USE_OPENPYXL = {"core/xlsx.py", "core/xlsx_import.py"} | LAYOUTS
OTHER_WRITERS = {"csv", "xlsxwriter", "pandas", "xlwt", "tablib", "odf"}
FORMULA = "=cmd|' /C calc'!A0"


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(APPS.rglob("*.py")):
        yield str(path.relative_to(APPS)), ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_spreadsheets_are_written_in_one_place() -> None:
    users = {name for name, tree in modules() if "openpyxl" in imported(tree)}
    assert users == MAY_USE_OPENPYXL
    assert {name for name, tree in modules() if imported(tree) & OTHER_WRITERS} == {
        "core/xlsx.py",
        "jurisdictions/divisions.py",
    }


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_layout_fills_and_writes_nothing_by_itself(layout: str) -> None:
    nodes = list(ast.walk(ast.parse((APPS / layout).read_text())))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "") for node in calls
    }
    assert not called & {"save", "Workbook", "load_workbook", "WriteOnlyCell"}
    cells = [node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr == "cell"]
    assert all(len(node.args) == 2 and not node.keywords for node in cells), (
        "a cell's text is written by put or put_text"
    )
    stored = [
        node for node in nodes if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store)
    ]
    assert "value" not in {node.attr for node in stored if isinstance(node, ast.Attribute)}
    into_sheets = [node.value for node in stored if isinstance(node, ast.Subscript)]
    assert not [one for one in into_sheets if isinstance(one, ast.Name)]


@pytest.fixture
def named_as_formula(community: Callable[[str], Community], jurisdiction: Callable[[str], Jurisdiction]) -> None:
    Community.objects.filter(pk=community("532301101006").pk).update(name=FORMULA)
    Jurisdiction.objects.filter(pk=jurisdiction("532301").pk).update(name="+2楚雄市")


def cells(content: bytes) -> list[tuple[object, str, bool]]:
    sheets = load_workbook(BytesIO(content)).worksheets
    return [(cell.value, cell.data_type, bool(cell.quotePrefix)) for sheet in sheets for row in sheet for cell in row]


@pytest.mark.usefixtures("named_as_formula")
@pytest.mark.parametrize(
    ("address", "text"),
    [("/communities/?format=xlsx", FORMULA), ("/progress/532300000000/?format=xlsx", "+2楚雄市")],
)
def test_list_downloads_hold_no_formula(
    address: str, text: str, client_of: Callable[[Actor], Client], city_approver: Actor
) -> None:
    response = client_of(city_approver).get(address)
    assert response.status_code == 200
    found = cells(response.content)
    assert (text, "s", True) in found
    assert "f" not in {kind for _, kind, _ in found}


@pytest.mark.usefixtures("named_as_formula")
def test_summary_holds_no_formula(
    client_of: Callable[[Actor], Client],
    city_approver: Actor,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    client = client_of(city_approver)
    form = {"campaign": "chuxiong-2021", "jurisdiction": city_approver.jurisdiction.pk, "year": 2022}
    form["kind"] = "completion_summary"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        assert client.post("/reports/export/", form).status_code == 302
    response = client.get(reverse("download_export", args=[ExportJob.objects.get().pk]))
    found = cells(response.getvalue())
    assert ("+2楚雄市", "s", True) in found
    assert "f" not in {kind for _, kind, _ in found}
