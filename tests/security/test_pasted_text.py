"""Text that came along with signs nobody sees is the same text in forms and in the spreadsheets that go out and come back."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.communities.models import Community, CommunitySurvey, SurveyField
from apps.projects.models import Project
from tests.projects.test_views import form_of

ClientOf = Callable[[Actor], Client]
PASTED = "老旧\x0b供水\u202e管网\x07改造"
SEEN = "老旧 供水管网 改造"


@pytest.fixture
def one(community: Callable[[str], Community]) -> Community:
    return community("532301101001")


def test_a_project_with_a_pasted_name_comes_back_as_itself(
    client_of: ClientOf, district_reviewer: Actor, one: Community, chuxiong: Campaign
) -> None:
    client = client_of(district_reviewer)
    client.post(f"/projects/add/?community={one.pk}", form_of(chuxiong, name=PASTED))
    assert Project.objects.get().name == SEEN
    template = client.get("/projects/import/template/", {"campaign": chuxiong.code})
    file = SimpleUploadedFile("模板.xlsx", template.content)
    answer = client.post("/projects/import/", {"campaign": chuxiong.code, "file": file})
    assert answer.context["counts"] == {"new": 0, "changed": 0, "same": 1, "wrong": 0}


def test_a_survey_field_with_a_pasted_label_is_found_again_in_its_column(
    client_of: ClientOf, make_actor: Callable[[str, Role], Actor], one: Community
) -> None:
    manager, clerk = client_of(make_actor("532301", Role.BUREAU_ADMIN)), client_of(make_actor("532301", Role.STAFF))
    manager.post("/communities/survey-fields/add/", {"label": PASTED, "kind": "whole"})
    field = SurveyField.objects.get()
    assert field.label == SEEN
    book = load_workbook(BytesIO(clerk.get("/communities/survey-import/template/").content))
    heads = [cell.value for cell in book.worksheets[0][1]]
    row = next(number for number in range(2, 9) if book.worksheets[0].cell(number, 1).value == one.code)
    for head, value in ((SEEN, 12), ("资料来源", "街道台账"), ("调查日期", date(2022, 6, 30))):
        book.worksheets[0].cell(row, heads.index(head) + 1, value)
    buffer = BytesIO()
    book.save(buffer)
    answer = clerk.post("/communities/survey-import/", {"file": SimpleUploadedFile("模板.xlsx", buffer.getvalue())})
    assert answer.context["counts"]["new"] == 1
    clerk.post("/communities/survey-import/confirm/", {"rows": answer.context["signed"], "mode": "all"})
    assert CommunitySurvey.objects.get().further == {field.code: 12}
