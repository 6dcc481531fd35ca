"""The pages of standards."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.permissions import Actor
from apps.jurisdictions.models import Jurisdiction
from apps.standards.models import Criterion, DeductionRule, Section, Standard

ClientOf = Callable[[Actor], Client]


@pytest.fixture
def draft(jurisdiction: Callable[[str], Jurisdiction]) -> Standard:
    """Tianjin's draft."""
    standard = Standard.objects.create(
        code="tianjin-2023", name="天津市草案", jurisdiction=jurisdiction("12"), kind=Standard.Kind.PASS_FAIL
    )
    section = Section.objects.create(standard=standard, number=1, title="内容")
    Criterion.objects.create(standard=standard, section=section, number=1, text="草案第一条")
    return standard


def test_list_standards_nearest_first(client_of: ClientOf, street_officer: Actor) -> None:
    response = client_of(street_officer).get("/standards/")
    groups = [(title, [one.code for one in standards]) for title, standards in response.context["groups"]]
    # 天津市's document has no number; its title is none.
    assert "—" in re.findall(r'data-label="文号">\s*(\S+)\s*<', response.text)
    assert groups == [
        ("本辖区和上级的标准", ["national-2020", "chuxiong-2021"]),
        ("其他地区的标准", ["tianjin-2020", "anhui-2020"]),
    ]


def test_list_standards_page_by_page(
    client_of: ClientOf, street_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.standards.views.catalogue.PAGE_SIZE", 3)
    first, second = (client_of(street_officer).get(f"/standards/?page={n}") for n in (1, 2))
    shown = [[one.code for _, rows in page.context["groups"] for one in rows] for page in (first, second)]
    assert shown == [["national-2020", "chuxiong-2021", "tianjin-2020"], ["anhui-2020"]]
    assert "共 4 条" in " ".join(first.text.split())


@pytest.mark.parametrize(
    ("words", "codes"),
    [("安徽", ["anhui-2020"]), ("楚住建城 1号", ["chuxiong-2021"]), ("没有的", []), ("长" * 51, [])],
)
def test_list_standards_by_words(client_of: ClientOf, street_officer: Actor, words: str, codes: list[str]) -> None:
    page = client_of(street_officer).get("/standards/", {"q": words})
    assert [one.code for _, rows in page.context["groups"] for one in rows] == codes
    assert ("没有符合条件的标准" in page.text) is (not codes)


def test_list_standards_hides_drafts_of_others(
    client_of: ClientOf, draft: Standard, stranger: Actor, street_officer: Actor
) -> None:
    assert "天津市草案" in client_of(stranger).get("/standards/").content.decode()
    assert "天津市草案" not in client_of(street_officer).get("/standards/").content.decode()


def test_show_draft_to_its_own_only(
    client_of: ClientOf, draft: Standard, stranger: Actor, street_officer: Actor
) -> None:
    assert client_of(stranger).get("/standards/tianjin-2023/").status_code == 200
    assert client_of(street_officer).get("/standards/tianjin-2023/").status_code == 404


def test_show_standard_unknown(client_of: ClientOf, street_officer: Actor) -> None:
    assert client_of(street_officer).get("/standards/no-such/").status_code == 404


def test_show_standard_as_in_the_document(client_of: ClientOf, street_officer: Actor) -> None:
    text = client_of(street_officer).get("/standards/chuxiong-2021/").content.decode()
    standard = Standard.objects.get(code="chuxiong-2021")
    for criterion in standard.criteria.all():
        assert criterion.text in text
        assert criterion.scoring_text in text
    for part in ["楚住建城〔2021〕1号", "满分 100 分，80 分达标", "每处扣 1 分，最高扣 2 分", "本地自设", "加分项"]:
        assert part in text
    for rule in DeductionRule.objects.filter(criterion__standard=standard):
        assert rule.text in text
    assert "95% 不扣分，90%、89% 扣 1 分，60% 扣 4 分，59.9% 不得分" in text
    assert 'href="/standards/national-2020/#c7"' in text


def test_show_standard_tells_of_a_misprint_where_it_stands(client_of: ClientOf, street_officer: Actor) -> None:
    text = client_of(street_officer).get("/standards/chuxiong-2021/").content.decode()
    row = text.partition('id="c17"')[2].partition("</tr>")[0]
    assert ("赞誉加14分" in row, "文件印作“加14分”；本条分值为 4 分，本平台按“加 1–4 分”办理。" in row) == (True, True)


@pytest.mark.parametrize("code", ["national-2020", "anhui-2020", "tianjin-2020", "chuxiong-2021"])
def test_show_every_standard_with_few_queries(
    client_of: ClientOf, street_officer: Actor, code: str, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = client_of(street_officer)
    with django_assert_max_num_queries(25):  # type: ignore[attr-defined]
        assert client.get(f"/standards/{code}/").status_code == 200


def test_standards_want_a_sign_in(db: None) -> None:
    assert Client().get("/standards/").status_code == 302
