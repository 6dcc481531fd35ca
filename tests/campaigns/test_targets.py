"""Setting targets: what may be set where, and what is refused with its reason."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign, Target
from apps.campaigns.targets import set_target, sign_of
from apps.communities.models import Community
from apps.core.errors import InvalidInput, StaleForm
from apps.jurisdictions.models import Jurisdiction

Place = Callable[[str], Jurisdiction]
Acting = Callable[[Actor], AbstractContextManager[None]]
Kind = Target.Kind


@pytest.fixture
def setting(
    chuxiong: Campaign, jurisdiction: Place, city_approver: Actor, acting: Acting
) -> Callable[..., Target | None]:
    """Set a target of 楚雄州's campaign for 2022 as its approver: ``setting("532301", 70)``."""

    def run(
        code: str, value: str | int | None, year: int = 2022, kind: Kind = Kind.PERCENT, **more: Any
    ) -> Target | None:
        by, upper = more.pop("actor", city_approver), more.pop("upper", None)
        exact, end = (None if one is None else Decimal(one) for one in (value, upper))
        more = {"reason": "省里调整"} | more
        with acting(by):
            return set_target(chuxiong, jurisdiction(code), year, exact, actor=by, kind=kind, upper=end, **more)

    return run


Setting = Callable[..., Target | None]


def test_set_target_keeps_one_row_a_cell(setting: Setting) -> None:
    setting("532301", 70)
    target = setting("532301", "72.5")
    assert target is not None
    assert (target.value, target.year, target.path) == (Decimal("72.5"), 2022, target.jurisdiction.path)
    assert Target.objects.filter(campaign__code="chuxiong-2021", jurisdiction__code="532301000000").count() == 1


def test_set_target_without_a_value_lets_it_inherit(setting: Setting) -> None:
    setting("532301", 70)
    assert setting("532301", None) is None
    assert not Target.objects.filter(jurisdiction__code="532301000000").exists()


@pytest.mark.parametrize(
    ("meanwhile", "asked", "said"),
    [
        (8, 6, "改为 8 个（楚建发〔2022〕3号），没有保存。您填写的还在，请核对后再保存。"),
        (8, None, "改为 8 个（楚建发〔2022〕3号），没有保存。"),
        (5, 6, "改为 5 个（楚建发〔2022〕3号），没有保存。"),
        (None, 6, "改为 按比例，没有保存。"),
    ],
)
def test_set_target_by_a_form_that_showed_another_one_is_stale(
    setting: Setting, meanwhile: int | None, asked: int | None, said: str
) -> None:
    seen = sign_of(setting("532301", 5, kind=Kind.NUMBER))
    stands = setting("532301", meanwhile, kind=Kind.NUMBER, document_number="楚建发〔2022〕3号")
    with pytest.raises(StaleForm) as refused:
        setting("532301", asked, kind=Kind.NUMBER, seen=seen)
    assert refused.value.message.startswith("楚雄市 2022 年目标刚刚由")
    assert said in refused.value.message
    assert Target.objects.filter(jurisdiction__code="532301000000", kind=Kind.NUMBER).first() == stands
    fresh = setting("532301", asked, kind=Kind.NUMBER, seen=sign_of(stands))
    assert (None if fresh is None else fresh.value) == asked


def test_set_target_of_an_empty_cell_that_is_no_longer_empty_is_stale(setting: Setting) -> None:
    setting("532301", 8, kind=Kind.NUMBER)
    with pytest.raises(StaleForm, match="改为 8 个，没有保存。"):
        setting("532301", 6, kind=Kind.NUMBER, seen=sign_of(None))


@pytest.mark.parametrize("asked", [6, None])
def test_set_target_sent_twice_has_one_effect(setting: Setting, asked: int | None) -> None:
    seen = sign_of(setting("532301", 5, kind=Kind.NUMBER))
    events = Target.pgh_event_model.objects.filter(kind=Kind.NUMBER)  # type: ignore[attr-defined]
    for _ in range(2):
        found = setting("532301", asked, kind=Kind.NUMBER, seen=seen)
        assert (None if found is None else found.value) == asked
        assert events.count() == 2


def test_set_target_equal_to_the_inherited_one_is_taken(setting: Setting) -> None:
    assert setting("532301", 60) is not None


def test_set_target_below_the_inherited_one_is_refused(setting: Setting) -> None:
    with pytest.raises(
        InvalidInput, match="楚雄市 2022 年目标 59.99% 低于楚雄彝族自治州的 60%，下级目标不能低于上级。"
    ):
        setting("532301", "59.99")


def test_set_target_measures_by_the_nearest_above(setting: Setting) -> None:
    setting("532301", 70)
    with pytest.raises(InvalidInput, match="鹿城镇 2022 年目标 65% 低于楚雄市的 70%"):
        setting("532301101", 65)
    assert setting("532302101", 65) is not None


def test_set_target_above_those_below_is_refused(setting: Setting) -> None:
    setting("532301", 70)
    with pytest.raises(InvalidInput, match="楚雄市的目标低于 80%，请先调整下级目标。"):
        setting("5323", 80)


@pytest.mark.parametrize("value", [0, -1, "100.01", 250])
def test_set_target_outside_a_percent_is_refused(setting: Setting, value: int | str) -> None:
    with pytest.raises(InvalidInput, match="应大于 0，不超过 100。"):
        setting("532301", value)


@pytest.mark.parametrize(("value", "kind"), [("1.5", Kind.PILOTS_PER_STREET), (-1, Kind.NUMBER)])
def test_set_target_of_no_whole_number_is_refused(setting: Setting, value: int | str, kind: Kind) -> None:
    with pytest.raises(InvalidInput, match="应为不小于 0 的整数。"):
        setting("532301", value, kind=kind)


def test_set_target_of_more_communities_than_there_are_is_refused(setting: Setting) -> None:
    Community.objects.filter(code="532301101001").update(counts_as_urban=False)
    assert setting("532301", 30, kind=Kind.NUMBER) is not None
    with pytest.raises(InvalidInput, match="目标 31 个超过楚雄市 2022 年城市社区底数 30 个。"):
        setting("532301", 31, kind=Kind.NUMBER)


def test_set_target_of_pilots_may_be_higher_not_lower(setting: Setting) -> None:
    setting("5323", 2, kind=Kind.PILOTS_PER_STREET)
    assert setting("532301", 3, kind=Kind.PILOTS_PER_STREET) is not None
    with pytest.raises(InvalidInput, match="禄丰市 2022 年目标 1 个 低于楚雄彝族自治州的 2 个"):
        setting("532302", 1, kind=Kind.PILOTS_PER_STREET)


def test_set_target_drops_the_upper_end_of_the_old_value(
    setting: Setting, chuxiong: Campaign, jurisdiction: Place
) -> None:
    Target.objects.create(
        campaign=chuxiong,
        jurisdiction=jurisdiction("5323"),
        year=2022,
        kind=Kind.PILOTS_PER_STREET,
        value=1,
        upper=2,
        source="二、创建目标",
    )
    same = setting("5323", 1, kind=Kind.PILOTS_PER_STREET, upper=2)
    assert same is not None
    assert (same.upper, same.source) == (Decimal(2), "二、创建目标")
    changed = setting("5323", 3, kind=Kind.PILOTS_PER_STREET)
    assert changed is not None
    changed.refresh_from_db()
    assert (changed.value, changed.upper, changed.source) == (Decimal(3), None, "")


def test_set_target_outside_the_campaign_is_refused(setting: Setting, chuxiong: Campaign, jurisdiction: Place) -> None:
    with pytest.raises(InvalidInput, match="2020 年不在“楚雄州绿色社区创建行动”的年度（2021–2022）内。"):
        setting("5323", 60, year=2020)
    with pytest.raises(PermissionDenied):
        setting("53", 60)


@pytest.mark.parametrize("code", ["53", "5323", "532301"])
def test_set_target_is_not_for_those_above_the_issuer(
    chuxiong: Campaign, jurisdiction: Place, province_reviewer: Actor, acting: Acting, code: str
) -> None:
    said = (
        "“楚雄州绿色社区创建行动”由楚雄彝族自治州发起，目标由楚雄彝族自治州及其下级制定，"
        "云南省只能查看。需要调整的，请告知楚雄彝族自治州。"
    )
    with acting(province_reviewer), pytest.raises(PermissionDenied) as refused:
        set_target(chuxiong, jurisdiction(code), 2022, Decimal(70), actor=province_reviewer)
    assert str(refused.value) == said


def test_what_those_above_the_issuer_once_set_binds_nobody(setting: Setting, jurisdiction: Place) -> None:
    setting("532301", 24, kind=Kind.NUMBER)
    Target.objects.filter(jurisdiction=jurisdiction("532301")).update(issued_by=jurisdiction("53"))
    changed = setting("532301", 20, kind=Kind.NUMBER)
    assert changed is not None
    assert changed.issued_by == jurisdiction("5323")


@pytest.mark.parametrize(
    ("code", "role", "may"),
    [
        ("5323", Role.BUREAU_ADMIN, True),
        ("532301", Role.STAFF, True),
        ("532302", Role.STAFF, False),
        ("5323", Role.VIEWER, False),
        ("5323", Role.DEPARTMENT_REVIEWER, False),
        ("532301101", Role.STREET_OFFICER, False),
    ],
)
def test_set_target_asks_for_the_verb_on_the_jurisdiction(
    chuxiong: Campaign,
    jurisdiction: Place,
    make_actor: Callable[[str, Role], Actor],
    acting: Acting,
    code: str,
    role: Role,
    may: bool,
) -> None:
    actor, county = make_actor(code, role), jurisdiction("532301")
    with acting(actor):
        if may:
            assert set_target(chuxiong, county, 2022, Decimal(70), actor=actor) is not None
        else:
            with pytest.raises(PermissionDenied):
                set_target(chuxiong, county, 2022, Decimal(70), actor=actor)


@pytest.fixture
def county_clerk(make_actor: Callable[[str, Role], Actor]) -> Actor:
    return make_actor("532301", Role.STAFF)


@pytest.mark.parametrize("value", [1, 25, None])
def test_what_a_unit_above_gave_out_is_not_for_those_below_to_change(
    setting: Setting, county_clerk: Actor, value: int | None
) -> None:
    setting("532301", 24, kind=Kind.NUMBER, document_number="楚建发〔2022〕3号")
    refusal = (
        "楚雄市 2022 年目标 24 个 由楚雄彝族自治州下达（楚建发〔2022〕3号），没有改。"
        "需要调整的，请报楚雄彝族自治州办理。"
    )
    with pytest.raises(InvalidInput) as refused:
        setting("532301", value, kind=Kind.NUMBER, actor=county_clerk)
    assert refused.value.message == refusal
    assert Target.objects.get(jurisdiction__code="532301000000").value == 24


def test_setting_what_was_given_once_more_changes_nothing(setting: Setting, county_clerk: Actor) -> None:
    given = setting("532301", 24, kind=Kind.NUMBER, document_number="楚建发〔2022〕3号")
    assert setting("532301", 24, kind=Kind.NUMBER, actor=county_clerk) == given
    with pytest.raises(InvalidInput, match="由楚雄彝族自治州下达"):
        setting("532301", 24, kind=Kind.NUMBER, actor=county_clerk, document_number="楚市建〔2022〕1号")
    events = Target.pgh_event_model.objects.filter(jurisdiction__code="532301000000")  # type: ignore[attr-defined]
    assert [(one.pgh_label, one.document_number) for one in events] == [("insert", "楚建发〔2022〕3号")]


def test_a_units_own_target_is_its_own_until_one_above_takes_it_over(
    setting: Setting, county_clerk: Actor, jurisdiction: Place
) -> None:
    setting("532301", 20, kind=Kind.NUMBER, actor=county_clerk)
    own = setting("532301", 24, kind=Kind.NUMBER, actor=county_clerk)
    assert own is not None
    assert own.issued_by == jurisdiction("532301")
    taken_over = setting("532301", 24, kind=Kind.NUMBER)
    assert taken_over is not None
    assert (taken_over.pk, taken_over.issued_by) == (own.pk, jurisdiction("5323"))
    with pytest.raises(InvalidInput, match="由楚雄彝族自治州下达，没有改。"):
        setting("532301", 20, kind=Kind.NUMBER, actor=county_clerk)
    assert setting("532301", None, kind=Kind.NUMBER) is None
    assert setting("532301", 20, kind=Kind.NUMBER, actor=county_clerk) is not None


def test_a_target_from_before_issuers_were_kept_binds_nobody(
    setting: Setting, county_clerk: Actor, jurisdiction: Place
) -> None:
    setting("532301", 24, kind=Kind.NUMBER)
    Target.objects.filter(jurisdiction=jurisdiction("532301")).update(issued_by=None)
    assert setting("532301", 20, kind=Kind.NUMBER, actor=county_clerk) is not None


@pytest.mark.parametrize(("value", "upper"), [(32, None), (1, 32)])
def test_set_target_of_more_pilots_a_street_than_there_are_communities_is_refused(
    setting: Setting, value: int, upper: int | None
) -> None:
    with pytest.raises(InvalidInput, match="目标 32 个超过楚雄市 2022 年城市社区底数 31 个。"):
        setting("532301", value, kind=Kind.PILOTS_PER_STREET, upper=upper)


def test_set_target_of_pilots_with_an_upper_end_below_the_lower_is_refused(setting: Setting) -> None:
    with pytest.raises(InvalidInput, match="2022 年试点上限 1 小于下限 2，请改正。"):
        setting("532301", 2, kind=Kind.PILOTS_PER_STREET, upper=1)


@pytest.mark.parametrize(
    ("value", "year", "said"),
    [
        (10, 2022, "2022 年 10% 低于 2021 年 20%；目标是累计比例，应逐年提高"),
        (None, 2022, "没有定 2022 年的目标比例，最后一年要有目标"),
        (65, 2021, "2022 年 60% 低于 2021 年 65%；目标是累计比例，应逐年提高"),
        (55, 2022, "2022 年 55% 低于上级行动“绿色社区创建行动”2022 年的目标 60%"),
    ],
)
def test_the_issuers_target_brings_in_nothing_that_keeps_a_campaign_from_being_opened(
    setting: Setting, value: int | None, year: int, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        setting("5323", value, year=year)
    assert refused.value.message.startswith("不能这样调整：创建目标：")
    assert said in refused.value.message
    assert setting("5323", 70) is not None


def test_what_was_wrong_before_keeps_no_other_target_of_the_issuer(
    setting: Setting, chuxiong: Campaign, jurisdiction: Place
) -> None:
    Target.objects.filter(campaign=chuxiong, jurisdiction=jurisdiction("5323"), year=2021).update(value=80)
    assert setting("5323", 2, kind=Kind.PILOTS_PER_STREET) is not None
    assert setting("5323", 85) is not None


def test_what_was_wrong_before_may_become_less_wrong_not_worse(
    setting: Setting, chuxiong: Campaign, jurisdiction: Place
) -> None:
    Target.objects.filter(campaign__code="national-2020", year=2022, kind=Kind.PERCENT).update(value=70)
    assert setting("5323", 65) is not None
    with pytest.raises(InvalidInput, match="2022 年 64% 低于上级行动“绿色社区创建行动”2022 年的目标 70%"):
        setting("5323", 64)


@pytest.mark.parametrize(
    ("code", "value", "year", "kind", "said"),
    [
        # Of 60% that holds by the prefecture, and of the county's own 70%.
        ("532301", 75, 2021, Kind.PERCENT, "高于 2022 年的 70%；目标是累计的，应逐年提高，请先调整 2022 年的目标。"),
        ("532324", 61, 2021, Kind.PERCENT, "高于 2022 年的 60%；目标是累计的，应逐年提高，请先调整 2022 年的目标。"),
        ("532301", 4, 2022, Kind.NUMBER, "低于 2021 年的 5 个；目标是累计的，应逐年提高，请先调整 2021 年的目标。"),
        ("532301", 0, 2022, Kind.NUMBER, "低于 2021 年的 5 个；目标是累计的，应逐年提高，请先调整 2021 年的目标。"),
    ],
)
def test_a_cumulative_target_does_not_fall(
    setting: Setting, county_clerk: Actor, code: str, value: int, year: int, kind: Target.Kind, said: str
) -> None:
    setting("532301", 70)
    setting("532301", 5, year=2021, kind=Kind.NUMBER)
    with pytest.raises(InvalidInput) as refused:
        setting(code, value, year=year, kind=kind)
    assert refused.value.message.endswith(said)
    assert refused.value.message.startswith(f"{Jurisdiction.objects.get(code=f'{code}000000')} {year} 年目标 ")


def test_a_target_is_not_taken_back_where_what_is_inherited_would_fall(setting: Setting) -> None:
    setting("532301", 70)
    setting("532301", 65, year=2021)
    with pytest.raises(InvalidInput, match="2022 年目标 60% 低于 2021 年的 65%"):
        setting("532301", None)
    assert setting("532301", None, year=2021) is None
    assert setting("532301", None) is None


def test_a_target_that_falls_already_may_fall_less(setting: Setting, chuxiong: Campaign, jurisdiction: Place) -> None:
    Target.objects.create(
        campaign=chuxiong, jurisdiction=jurisdiction("532301"), year=2021, kind=Kind.PERCENT, value=90
    )
    setting("532301", 75)
    with pytest.raises(InvalidInput, match="2022 年目标 74% 低于 2021 年的 90%"):
        setting("532301", 74)
    assert setting("532301", 90) is not None


def test_pilots_per_street_are_of_their_year(setting: Setting) -> None:
    setting("532301", 3, year=2021, kind=Kind.PILOTS_PER_STREET)
    assert setting("532301", 2, kind=Kind.PILOTS_PER_STREET) is not None
    assert setting("532301", None, kind=Kind.PILOTS_PER_STREET) is None


def test_a_target_does_not_let_those_below_fall(setting: Setting) -> None:
    """The county inherits in the one year what the prefecture has, and has its own in the other."""
    setting("532301", 60, year=2021)
    with pytest.raises(InvalidInput) as refused:
        setting("5323", 59)
    assert refused.value.message == (
        "楚雄彝族自治州 2022 年目标 59% 低于楚雄市 2021 年的 60%；目标是累计的，应逐年提高，"
        "请先为楚雄市单独定 2022 年的目标。"
    )
    setting("532301", 62)
    setting("532301", None, year=2021)
    with pytest.raises(InvalidInput, match="2021 年目标 63% 高于楚雄市 2022 年的 62%"):
        setting("5323", 63, year=2021)
    setting("532301", 63)
    setting("5323", 63)
    assert setting("5323", 63, year=2021) is not None
