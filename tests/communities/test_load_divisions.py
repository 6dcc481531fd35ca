"""The national divisions of 2023: what the fixture holds, and what load_divisions makes of it."""

from collections import Counter
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.communities.models import Community
from apps.jurisdictions.divisions import SOURCE, full_code, read_rows, select_branch
from apps.jurisdictions.models import Jurisdiction, Level

Find = Callable[[str], Jurisdiction]
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def jurisdictions() -> Rows:
    return list(read_rows(SOURCE / "jurisdictions-2023.csv.gz"))


@pytest.fixture(scope="module")
def committees() -> Rows:
    return list(read_rows(SOURCE / "communities-2023.csv.gz"))


def load(**options: object) -> str:
    out = StringIO()
    call_command("load_divisions", verbosity=0, stdout=out, **options)
    return out.getvalue().strip()


def counts() -> tuple[int, int]:
    return Jurisdiction.objects.count(), Community.objects.count()


def test_divisions_of_the_nation(jurisdictions: Rows, committees: Rows) -> None:
    levels = Counter(row["level"] for row in jurisdictions)
    assert levels == {"province": 31, "city": 333, "district": 2974, "street": 41351}
    assert len(jurisdictions) == 44689
    assert len(committees) == 124649
    assert len({row["code"] for row in committees}) == 124649


@pytest.mark.parametrize(
    ("province", "districts", "communities"),
    [("12", 16, 1934), ("11", 16, 3701), ("32", 95, 8383), ("34", 104, 4748)],
)
def test_divisions_of_a_province(
    jurisdictions: Rows, committees: Rows, province: str, districts: int, communities: int
) -> None:
    assert sum(row["code"].startswith(province) for row in committees) == communities
    of_it = [row for row in jurisdictions if row["code"].startswith(province) and row["level"] == "district"]
    real = [row for row in of_it if not "71" <= row["code"][4:6] <= "79"]
    assert len(real) == districts


def test_divisions_have_their_oddities(jurisdictions: Rows, committees: Rows) -> None:
    districts = [row["code"] for row in jurisdictions if row["level"] == "district"]
    parents = {row["code"]: row["parent_code"] for row in jurisdictions}
    county_of = [(row["name"], parents[row["street_code"]]) for row in committees]
    with_committee = {county for _, county in county_of}
    assert sum(code not in with_committee for code in districts) == 59
    assert sum("71" <= code[4:6] <= "79" for code in districts) == 124
    assert sum(row["name"].startswith("朝阳社区居") for row in committees) > 100
    twice = [
        county
        for (_, county), number in Counter(county_of).items()
        if number > 1 and county[:2] in {"11", "12", "32", "34"}
    ]
    assert len(twice) == 70


def test_load_divisions_of_chuxiong(jurisdiction: Find) -> None:
    city = jurisdiction("5323")
    assert Jurisdiction.objects.below(city.path).count() == 114
    assert Community.objects.below(city.path).count() == 163
    counties = Jurisdiction.objects.filter(parent=city).in_code_order()
    assert {one.name: Community.objects.below(one.path).count() for one in counties} == {
        "楚雄市": 31,
        "禄丰市": 45,
        "双柏县": 8,
        "牟定县": 5,
        "南华县": 12,
        "姚安县": 13,
        "大姚县": 24,
        "永仁县": 3,
        "元谋县": 13,
        "武定县": 9,
    }
    streets = Jurisdiction.objects.below(city.path).filter(level=Level.STREET)
    assert not streets.filter(name__endswith="街道").exists()


def test_load_divisions_puts_streets_under_a_city_without_districts(jurisdiction: Find) -> None:
    city = jurisdiction("4419")
    children = Jurisdiction.objects.filter(parent=city)
    assert set(children.values_list("level", flat=True)) == {Level.STREET}
    assert all(one.path.startswith(city.path) and len(one.path) == len(city.path) + 6 for one in children)


def test_load_divisions_puts_districts_under_a_municipality(jurisdiction: Find) -> None:
    assert jurisdiction("120101").parent == jurisdiction("12")


def test_load_divisions_gives_communities_their_street_s_path(jurisdiction: Find) -> None:
    street = jurisdiction("532301101")
    communities = Community.objects.filter(jurisdiction=street)
    assert communities.count() == 19
    assert {one.path for one in communities} == {street.path}
    assert all(one.counts_as_urban for one in communities)


def test_load_divisions_again_changes_nothing(jurisdiction: Find, community: Callable[[str], Community]) -> None:
    before = counts()
    renamed = community("532301101001")
    Community.objects.filter(pk=renamed.pk).update(name="改名社区居民委员会", counts_as_urban=False)
    Jurisdiction.objects.filter(pk=jurisdiction("532301").pk).update(name="改名市")
    assert load(only="5323") == "行政区划 115 个，城市社区 163 个。"
    assert counts() == before
    again = community("532301101001")
    assert (again.name, again.counts_as_urban) == ("改名社区居民委员会", False)
    assert jurisdiction("532301").name == "改名市"


def test_load_divisions_only_a_branch_with_its_ancestors(jurisdiction: Find) -> None:
    jurisdictions, communities = counts()
    load(only="460400")
    city = jurisdiction("4604")
    assert [one.code for one in Jurisdiction.objects.ancestors_of(city.path)] == [
        "000000000000",
        "460000000000",
        "460400000000",
    ]
    below = Jurisdiction.objects.below(city.path).count()
    assert Jurisdiction.objects.below(jurisdiction("46").path).count() == below + 1
    assert counts() == (
        jurisdictions + below + 1,
        communities + Community.objects.below(city.path).count(),
    )


def test_load_divisions_with_the_communities_of_some_branches_only(jurisdiction: Find) -> None:
    _, communities = counts()
    load(only="4604,6202", communities="6202")
    assert not Community.objects.below(jurisdiction("4604").path).exists()
    assert counts()[1] == communities + Community.objects.below(jurisdiction("6202").path).count()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "message"), [("9999", "区划代码 999900000000 不在"), ("5", "2 到 12 位"), ("53a", "2 到 12 位")]
)
def test_load_divisions_refuses_an_unknown_code(code: str, message: str) -> None:
    before = counts()
    with pytest.raises(CommandError, match=message):
        load(only=code)
    assert counts() == before


def test_select_branch_keeps_the_line_above(jurisdictions: Rows) -> None:
    kept = {row["code"]: row["level"] for row in select_branch(jurisdictions, [full_code("532301101")])}
    assert kept == {
        "530000000000": "province",
        "532300000000": "city",
        "532301000000": "district",
        "532301101000": "street",
    }


def test_short_name_drops_the_committee(community: Callable[[str], Community]) -> None:
    assert (community("532301101001").name, community("532301101001").short_name) == ("东兴社区居民委员会", "东兴社区")
    assert Community(name="中山路居委会").short_name == "中山路居委会"
    assert Community(name="铁二社区居委会").short_name == "铁二社区"
