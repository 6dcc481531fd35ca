"""The same file behind two communities' results: the reviewer is told, within what the reviewer may see."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.chain import chain_of
from apps.assessments.comparison import used_elsewhere
from apps.assessments.domain import open_assessment
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import Assessment, Evidence
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from tests.factories import enrol, fill_in, person_at, submit

PDF = b"%PDF-1.4\n%%EOF\n"


def attach_to(assessment: Assessment, number: int, content: bytes, name: str = "合影.pdf") -> Evidence:
    actor = person_at(chain_of(assessment.participation)[0], Role.STREET_OFFICER)
    criterion = assessment.standard.criteria.get(number=number)
    with acting(actor):
        return attach_evidence(assessment, criterion, SimpleUploadedFile(name, content), actor=actor)


def begun(community: Community, campaign: Campaign, year: int) -> Assessment:
    participation = enrol(community, campaign, year)
    participation = Participation.objects.select_related("campaign", "community").get(pk=participation.pk)
    actor = person_at(chain_of(participation)[0], Role.STREET_OFFICER)
    with acting(actor):
        return open_assessment(participation, actor=actor)


@pytest.fixture
def reviewed(planned: Participation) -> Assessment:
    """龙江社区's self-assessment at 楚雄市, with one file behind criterion 3."""
    assessment = fill_in(planned)
    attach_to(assessment, 3, PDF + b"same")
    return submit(assessment)


@pytest.fixture
def others(chuxiong: Campaign, reviewed: Assessment) -> list[Community]:
    """Three more communities of 楚雄市."""
    siblings = Community.objects.filter(path__startswith=reviewed.path[:-6], counts_as_urban=True)
    return list(siblings.exclude(pk=reviewed.participation.community_id).order_by("pk")[:3])


def hints(client: Client, assessment: Assessment, number: int = 3) -> list[tuple[str, str]]:
    """Address and words of each hint on the page of a criterion."""
    page = client.get(reverse("review", args=[assessment.pk]), {"c": number}).content.decode()
    found = re.search(r'<ul class="reused".*?</ul>', page, re.DOTALL)
    links = re.findall(r'<a\s+href="([^"]+)"\s*>([^<]+)</a>', found[0]) if found else []
    return [(unescape(address), words) for address, words in links]


def test_review_names_the_other_communities_of_a_file(
    reviewed: Assessment, others: list[Community], chuxiong: Campaign, at_district: Client
) -> None:
    assert hints(at_district, reviewed) == []
    one, two = begun(others[0], chuxiong, 2022), begun(others[1], chuxiong, 2021)
    attach_to(one, 8, PDF + b"same", "别的名字.pdf")
    attach_to(two, 3, PDF + b"same")
    attach_to(two, 4, PDF + b"not the same")
    found = hints(at_district, reviewed)
    assert found == [
        (f"/reviews/{one.pk}/?c=8", f"{others[0]}（2022 年，第 8 条）"),
        (f"/reviews/{two.pk}/?c=3", f"{others[1]}（2021 年，第 3 条）"),
    ]
    for address, _ in found:
        assert at_district.get(address).status_code == 200
    assert hints(at_district, one, 8)[0][1] == "龙江社区（2022 年，第 3 条）"
    assert hints(at_district, reviewed, 4) == []


def test_review_marks_the_criteria_and_warns_before_the_decision(
    reviewed: Assessment, others: list[Community], chuxiong: Campaign, at_district: Client
) -> None:
    attach_to(begun(others[0], chuxiong, 2022), 8, PDF + b"same")
    page = at_district.get(reverse("review", args=[reviewed.pk]), {"c": 1})
    assert page.context["reused_in"] == [3]
    rows = re.findall(r'<tr\s+id="row-(\d+)".*?</tr>', page.text, re.DOTALL)
    marked = [number for number in rows if "重复" in re.search(rf'id="row-{number}".*?</tr>', page.text, re.DOTALL)[0]]  # type: ignore[index]
    assert marked == ["3"]
    assert "第 3 条材料与其他社区重复，请先核对。" in page.text


def test_review_says_nothing_of_the_same_community(
    reviewed: Assessment, chuxiong: Campaign, at_district: Client
) -> None:
    Evidence.objects.create(
        **{
            field.attname: getattr(evidence, field.attname)
            for evidence in Evidence.objects.filter(assessment=reviewed, criterion__number=3, name="合影.pdf")
            for field in Evidence._meta.concrete_fields
            if field.attname not in ("id", "path", "criterion_id")
        },
        criterion=reviewed.standard.criteria.get(number=8),
    )
    assert hints(at_district, reviewed) == []
    assert hints(at_district, reviewed, 8) == []


def test_review_shows_nothing_of_another_tenant(
    reviewed: Assessment, at_district: Client, district_reviewer: Actor
) -> None:
    tianjin = Campaign.objects.select_related("standard", "jurisdiction").get(code="tianjin-2020")
    foreign = Community.objects.filter(code__startswith="120101", counts_as_urban=True).order_by("pk")[0]
    theirs = attach_to(begun(foreign, tianjin, 2022), 3, PDF + b"same")
    own = Evidence.objects.get(assessment=reviewed, sha256=theirs.sha256)
    assert [one.community for one in used_elsewhere([own])[own.sha256]] == [str(foreign)]
    with acting(district_reviewer):
        assert used_elsewhere([own]) == {}
    assert hints(at_district, reviewed) == []


def test_review_takes_the_same_queries_whatever_its_files(
    planned: Participation, chuxiong: Campaign, at_district: Client
) -> None:
    assessment = fill_in(planned)
    siblings = Community.objects.filter(path=assessment.path, counts_as_urban=True).exclude(pk=planned.community_id)
    other = begun(siblings.order_by("pk")[0], chuxiong, 2022)
    for number, count in ((3, 1), (4, 3)):
        for file in range(count):
            content = PDF + f"{number} {file}".encode()
            attach_to(assessment, number, content)
            attach_to(other, number, content)
    submit(assessment)
    url, taken = reverse("review", args=[assessment.pk]), []
    at_district.get(url)
    for number in (3, 4):
        with CaptureQueriesContext(connection) as queries:
            at_district.get(url, {"c": number})
        taken.append(len(queries))
    assert [len(hints(at_district, assessment, number)) for number in (3, 4)] == [1, 3]
    assert taken[0] == taken[1]
