"""Standards by spreadsheet, on the page and by command: preview, draft, mistakes, other people's changes."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from decimal import Decimal
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from pytest_django import DjangoDbBlocker

from apps.accounts.models import AccessEvent, Role, User
from apps.accounts.permissions import Actor
from apps.core.errors import InvalidInput, StaleForm
from apps.core.scope import scope
from apps.jurisdictions.models import Jurisdiction
from apps.standards.fixture_format import RESERVED_CODES
from apps.standards.importing import Preview, import_standard, judge, sign, unsign
from apps.standards.models import Standard
from apps.standards.sheet_export import base_content, content_of
from apps.standards.sheet_layout import Content
from apps.standards.sheet_reading import read_content
from apps.standards.sheet_workbook import build_workbook
from apps.standards.urls import urlpatterns
from tests.assessments.test_domain_at_once import wait_for_a_lock
from tests.factories import person_at
from tests.standards.sheets import changed, exported, put, put_head

Scope = Callable[[Actor], AbstractContextManager[None]]


@cache
def own_copy(code: str = "") -> bytes:
    """楚雄州's standard as somebody would make another one of it; what is published stays as it is."""

    def retitle(workbook: Workbook) -> None:
        put_head(workbook, "标准代码", code)
        put_head(workbook, "标准名称", "楚雄州绿色社区创建标准（修订稿）")

    return changed(exported(Standard.objects.get(code="chuxiong-2021")), retitle)


def preview_of(file: bytes, actor: Actor) -> Preview:
    return judge(read_content(BytesIO(file)), actor=actor)


def imported(file: bytes, actor: Actor) -> Standard:
    preview = preview_of(file, actor)
    assert preview.problems == []
    return import_standard(preview, actor=actor, seen=preview.draft.revision if preview.draft else None)


def page_of(client: Client, file: bytes) -> str:
    response = client.post("/standards/import/", {"file": SimpleUploadedFile("标准.xlsx", file)})
    return str(response.content.decode())


def signed_in(page: str) -> str:
    found = re.search(r'name="rows" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_import_makes_a_draft_of_the_own_jurisdiction(city_approver: Actor, acting: Scope) -> None:
    with acting(city_approver):
        standard = imported(own_copy(), city_approver)
        assert standard.code.startswith("5323-")
        assert (standard.status, standard.jurisdiction) == ("draft", city_approver.jurisdiction)
        assert (standard.criteria.count(), standard.total_points) == (17, Decimal(100))
        assert standard.derived_from is not None
        assert standard.derived_from.code == "national-2020"


def test_import_into_a_draft_replaces_its_content_and_counts_the_change(city_approver: Actor, acting: Scope) -> None:
    with acting(city_approver):
        draft = imported(own_copy(), city_approver)
        file = changed(exported(draft), lambda workbook: put(workbook, 2, "标准条目", "改过的条目"))
        again = imported(file, city_approver)
    assert again.pk == draft.pk
    assert again.criteria.get(number=1).text == "改过的条目"
    assert again.revision == draft.revision + 1


def test_import_into_an_unfinished_draft_finishes_it(city_approver: Actor, acting: Scope) -> None:
    with acting(city_approver):
        unit = city_approver.jurisdiction
        draft = Standard.objects.create(code="bare-2022", name="空的", jurisdiction=unit, kind="pass_fail")
        again = imported(own_copy("bare-2022"), city_approver)
    assert again.pk == draft.pk
    assert again.criteria.count() == 17


def test_import_twice_has_one_effect(city_approver: Actor, acting: Scope) -> None:
    with acting(city_approver):
        preview = preview_of(own_copy(), city_approver)
        content, seen = unsign(sign(preview, actor=city_approver), actor=city_approver)
        once = import_standard(judge(content, actor=city_approver), actor=city_approver, seen=seen)
        twice = import_standard(judge(content, actor=city_approver), actor=city_approver, seen=seen)
    assert once.pk == twice.pk
    assert twice.revision == once.revision


def test_import_four_times_at_once_makes_one_draft(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """On connections of their own, all judged before the first one is stored."""
    with django_db_blocker.unblock():
        people = set(User.objects.values_list("pk", flat=True))
        actor = person_at(Jurisdiction.objects.get(code="532300000000"), Role.APPROVER)
        preview = preview_of(own_copy("at-once-2022"), actor)

        def confirm() -> int:
            try:
                with scope(actor.jurisdiction.path, user_id=actor.user.pk):
                    return int(import_standard(preview, actor=actor, seen=None).pk)
            finally:
                connection.close()

        try:
            with ThreadPoolExecutor(3) as pool:
                with transaction.atomic(), scope(actor.jurisdiction.path, user_id=actor.user.pk):
                    first = import_standard(preview, actor=actor, seen=None)
                    others = [pool.submit(confirm) for _ in range(3)]
                    wait_for_a_lock()
                assert [one.result(timeout=20) for one in others] == [first.pk] * 3
            assert first.sections.count() == 5
        finally:
            Standard.objects.filter(code="at-once-2022").delete()
            User.objects.exclude(pk__in=people).delete()


def test_import_after_somebody_changed_the_draft_overwrites_nothing(city_approver: Actor, acting: Scope) -> None:
    with acting(city_approver):
        draft = imported(own_copy(), city_approver)
        file = changed(exported(draft), lambda workbook: put(workbook, 2, "标准条目", "表格里的"))
        preview = preview_of(file, city_approver)
        Standard.objects.filter(pk=draft.pk).update(revision=draft.revision + 1, note="网页上改的")
        with pytest.raises(StaleForm, match="改动了这份草稿，没有导入，以免覆盖"):
            import_standard(preview, actor=city_approver, seen=draft.revision)
    assert Standard.objects.get(pk=draft.pk).note == "网页上改的"


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("标准代码", "chuxiong-2021", "“chuxiong-2021”已发布，内容不能再改"),
        ("标准代码", "tianjin-2020", "“tianjin-2020”是天津市的标准"),
        ("发布辖区代码", "120000000000", "只能导入本辖区的标准"),
        ("依据标准代码", "none-2020", "没有标准“none-2020”"),
        ("依据标准代码", "tianjin-2020", "只能依据本级或上级已发布的最新版标准"),
        ("前一版本代码", "chuxiong-2021", "“chuxiong-2021”不对，请留空。"),
    ],
)
def test_judge_of_a_head_that_cannot_be_complains_at_its_item(
    city_approver: Actor, acting: Scope, label: str, value: str, told: str
) -> None:
    with acting(city_approver):
        preview = preview_of(changed(own_copy(), lambda book: put_head(book, label, value)), city_approver)
    assert preview.file is None
    assert any(one.header == label and told in one.reason for one in preview.problems)


@pytest.mark.parametrize("code", sorted(RESERVED_CODES))
def test_judge_refuses_a_code_that_is_an_address(city_approver: Actor, acting: Scope, code: str) -> None:
    with acting(city_approver):
        (problem,) = preview_of(own_copy(code), city_approver).problems
    assert (problem.header, problem.reason) == (
        "标准代码",
        f"“{code}”是系统网页的地址，不能作标准代码，请换一个。",
    )


def test_reserved_codes_are_all_addresses_beside_those_of_standards() -> None:
    routes = [str(one.pattern).split("/") for one in urlpatterns]
    assert {route[1] for route in routes if route[0] == "standards" and route[1]} - {"<slug:code>"} == RESERVED_CODES


def test_import_on_a_base_with_a_weight_of_three_decimals(city_approver: Actor, acting: Scope) -> None:
    base = Standard.objects.create(
        code="weighted-2022",
        name="省标准",
        jurisdiction=city_approver.jurisdiction,
        document_title="文件",
        kind="scored",
        total_points=9,
        pass_mark=6,
    )
    section = base.sections.create(number=1, title="内容", weight=Decimal("1.125"))
    base.criteria.create(section=section, number=1, text="条目", points=8)
    Standard.objects.filter(pk=base.pk).update(status="published")
    with acting(city_approver):
        content = base_content(Standard.objects.get(code="weighted-2022"))
        for label in ("标准名称", "文件名称"):
            content.head[label].values["填写内容"] = "州标准"
        preview = judge(content, actor=city_approver)
        assert preview.problems == []
        made = import_standard(preview, actor=city_approver, seen=None)
    assert made.sections.get().weight == Decimal("1.125")


def test_import_of_a_wrong_sheet_writes_nothing(city_approver: Actor, acting: Scope) -> None:
    before = Standard.objects.count()
    with acting(city_approver):
        preview = preview_of(changed(own_copy(), lambda book: put(book, 2, "分值", "六")), city_approver)
        with pytest.raises(InvalidInput, match="表格里有 1 处需要改正，没有导入"):
            import_standard(preview, actor=city_approver, seen=None)
    assert Standard.objects.count() == before


def test_import_under_a_code_that_another_bureau_uses_unseen_is_refused(
    city_approver: Actor, stranger: Actor, acting: Scope
) -> None:
    Standard.objects.create(code="same-2022", name="别处", jurisdiction=stranger.jurisdiction, kind="pass_fail")
    with acting(city_approver):
        preview = preview_of(own_copy("same-2022"), city_approver)
        with pytest.raises(InvalidInput, match="标准代码“same-2022”已被其他辖区使用"):
            import_standard(preview, actor=city_approver, seen=None)


@pytest.mark.parametrize(("code", "role"), [("532301101", Role.STREET_OFFICER), ("5323", Role.VIEWER)])
def test_judge_is_for_those_who_edit_standards(make_actor: Callable[[str, Role], Actor], code: str, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        judge(Content({}, []), actor=make_actor(code, role))


def test_base_content_begins_a_standard_tied_to_every_criterion(city_approver: Actor, acting: Scope) -> None:
    for code, header in (("national-2020", "对应国家条目"), ("chuxiong-2021", "细化上级条目")):
        content = base_content(Standard.objects.get(code=code))
        assert (content.value("标准代码"), content.value("依据标准代码")) == ("", code)
        numbers = [row.get(header) for row in content.lines if row.get("标准条目")]
        assert numbers == [row.get("条目号") for row in content.lines if row.get("标准条目")]
        for label in ("标准名称", "文件名称"):
            content.head[label].values["填写内容"] = "新标准"
        with acting(city_approver):
            assert judge(content, actor=city_approver).problems == []


def test_signed_rows_of_somebody_else_are_refused(
    city_approver: Actor, district_reviewer: Actor, acting: Scope
) -> None:
    with acting(city_approver):
        text = sign(preview_of(own_copy(), city_approver), actor=city_approver)
    with pytest.raises(InvalidInput, match="另一个任职单位"):
        unsign(text, actor=district_reviewer)
    with pytest.raises(InvalidInput, match="预览已过期或内容不完整"):
        unsign(text + "x", actor=city_approver)


def test_pages_upload_preview_confirm(city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    client = client_of(city_approver)
    page = page_of(client, own_copy())
    assert "新建草稿" in page
    assert "5 个方面，17 条" in page
    for _ in range(2):
        response = client.post("/standards/import/confirm/", {"rows": signed_in(page)})
        assert response.status_code == 302
    standard = Standard.objects.get(name="楚雄州绿色社区创建标准（修订稿）")
    assert response["Location"] == f"/standards/{standard.code}/edit/"
    assert "表格的内容和现有草稿相同" in page_of(client, exported(standard))


def test_pages_hand_a_wrong_file_back_marked(city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    client = client_of(city_approver)
    page = page_of(client, changed(own_copy(), lambda book: put(book, 2, "分值", "=6")))
    assert "有 1 处需要改正，没有导入" in page
    response = client.post("/standards/import/marked/", {"rows": signed_in(page)})
    sheet = load_workbook(BytesIO(response.content))["条目"]
    assert str(sheet.cell(2, sheet.max_column).value).startswith("分值：是公式。")


def test_page_without_or_with_no_such_file_says_so(city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    client = client_of(city_approver)
    assert "请选择填好的表格（xlsx）。" in client.post("/standards/import/").content.decode()
    assert "不是 Excel 文件" in page_of(client, b"hello")
    assert "预览已过期或内容不完整" in client.post("/standards/import/confirm/", {"rows": "x"}).content.decode()


def test_download_of_a_standard_is_recorded(city_approver: Actor, client_of: Callable[[Actor], Client]) -> None:
    response = client_of(city_approver).get("/standards/chuxiong-2021/xlsx/")
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    assert read_content(BytesIO(response.content)).value("标准代码") == "chuxiong-2021"
    event = AccessEvent.objects.get(kind=AccessEvent.Kind.EXPORTED)
    assert (event.subject, event.user) == ("标准 chuxiong-2021 楚雄州绿色社区创建标准（试行）", city_approver.user)


def test_load_standard_loads_a_sheet_for_the_jurisdiction_given(db: None, tmp_path: Path) -> None:
    path, out = tmp_path / "标准.xlsx", StringIO()
    path.write_bytes(own_copy("own-2022"))
    call_command("load_standard", path, jurisdiction="532301", stdout=out)
    call_command("load_standard", path, jurisdiction="532301", stdout=out)
    assert out.getvalue().split("\n") == ["own-2022 已装载", "own-2022 未变化", ""]
    standard = Standard.objects.get(code="own-2022")
    assert standard.jurisdiction.code == "532301000000"
    # The sheet was exported from a published standard, and says so.
    assert standard.status == "published"


def test_load_standard_tells_row_and_column_of_everything_wrong(db: None, tmp_path: Path) -> None:
    def spoil(workbook: Workbook) -> None:
        put_head(workbook, "标准代码", None)
        put_head(workbook, "依据标准代码", "none-2020")
        put(workbook, 2, "分值", "六")

    path = tmp_path / "标准.xlsx"
    path.write_bytes(changed(own_copy(), spoil))
    with pytest.raises(CommandError) as error:
        call_command("load_standard", path)
    assert error.value.returncode == 2
    assert str(error.value).replace(f"{path}：", "").split("\n") == [
        "“标准”表第 5 行“依据标准代码”：没有标准 none-2020",
        "“条目”表第 2 行“分值”列：“六”不是数字。只填数字，如 2 或 2.5。",
    ]


def test_load_standard_of_a_sheet_without_code_finds_one_and_keeps_it(db: None, tmp_path: Path) -> None:
    def bare(workbook: Workbook) -> None:
        put_head(workbook, "发布辖区代码", None)

    path, out = tmp_path / "标准.xlsx", StringIO()
    path.write_bytes(changed(own_copy(), bare))
    with pytest.raises(CommandError, match=r"“标准”表第 4 行“发布辖区代码”：没有填。.*--jurisdiction"):
        call_command("load_standard", path)
    for _ in range(2):
        call_command("load_standard", path, jurisdiction="532301", stdout=out)
    code = Standard.objects.get(name="楚雄州绿色社区创建标准（修订稿）").code
    assert code.startswith("532301-")
    assert out.getvalue().split("\n") == [f"{code} 已装载", f"{code} 未变化", ""]


def test_load_standard_reads_yaml_too_and_refuses_what_is_neither(db: None, tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_standard", Path("fixtures/standards/chuxiong-2021.yaml"), stdout=out)
    assert out.getvalue() == "chuxiong-2021 未变化\n"
    path = tmp_path / "标准.xlsx"
    path.write_bytes(b"PK")
    for wrong in (path, tmp_path / "none.xlsx"):
        with pytest.raises(CommandError) as error:
            call_command("load_standard", wrong)
        assert error.value.returncode == 2


def test_template_of_an_empty_standard_reads_back_its_head(db: None) -> None:
    standard = Standard.objects.get(code="national-2020")
    content = content_of(standard)
    again = read_content(BytesIO(build_workbook(content, title="国家")))
    assert {label: row.values for label, row in again.head.items()} == {
        label: row.values for label, row in content.head.items()
    }
