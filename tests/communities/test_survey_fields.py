"""Added survey fields: adding, changing without making a value wrong, retiring."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.communities.facts import facts_at
from apps.communities.models import Community, CommunitySurvey, SurveyField
from apps.communities.survey_fields import (
    FieldFacts,
    add_field,
    change_field,
    number_of_values,
    resume_field,
    retire_field,
)
from apps.communities.surveys import Survey, WrongFacts, save_survey
from apps.core.errors import InvalidInput, StaleForm

Acting = Callable[[Actor], AbstractContextManager[None]]
Of = Callable[[str], Community]
CHARGING = FieldFacts("充电桩", "whole", "个")
CLASS = FieldFacts("建成年代", "choice", choices=("2000 年前", "2000 年后"))


def test_add_a_field_for_all_below(bureau_admin: Actor, community: Of, acting: Acting) -> None:
    with acting(bureau_admin):
        first = add_field(CHARGING, actor=bureau_admin)
        again = add_field(CHARGING, actor=bureau_admin)
    assert (again.pk, first.number, first.version) == (first.pk, 1, 1)
    here = [one.heading for one in facts_at(community("532301101001").path)]
    assert here[-1] == "充电桩（个）"
    elsewhere = Community.objects.filter(code__startswith="12")[0]
    assert "充电桩（个）" not in [one.heading for one in facts_at(elsewhere.path)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (replace(CHARGING, label=" "), "请填写项目名称"),
        (replace(CHARGING, label="户数"), "系统已有的项目"),
        (replace(CHARGING, label="资料来源"), "系统已有的项目"),
        (replace(CHARGING, label="填写时间"), "系统已有的项目"),
        (replace(CHARGING, kind="magic"), "请选择项目类型"),
        (replace(CLASS, choices=("一", "一 ")), "2 到 30 个选项"),
        (replace(CHARGING, least=Decimal(5), most=Decimal(1)), "最小值 5 大于最大值 1"),
        (
            replace(CHARGING, kind="percent", least=Decimal(500)),
            "500 到 100 .*没有可以填的百分比.*百分比在 0 到 100 之间",
        ),
        (replace(CHARGING, kind="percent", most=Decimal(-1)), "0 到 -1 .*没有可以填的百分比"),
        (
            replace(CHARGING, least=Decimal(10**8 + 1)),
            "100000001 到 100000000 .*没有可以填的整数.*没有填的按 -100000000 到 100000000 算",
        ),
        (replace(CHARGING, least=Decimal("0.2"), most=Decimal("0.8")), "0.2 到 0.8 .*没有可以填的整数.*最大值。$"),
        (replace(CHARGING, kind="year", most=Decimal(1800)), "1900 到 1800 .*没有可以填的年份.*1900 年到今年"),
        (replace(CHARGING, kind="year", least=Decimal(2999)), "没有可以填的年份"),
    ],
)
def test_add_refuses(bureau_admin: Actor, acting: Acting, asked: FieldFacts, said: str) -> None:
    with acting(bureau_admin), pytest.raises(InvalidInput, match=said):
        add_field(asked, actor=bureau_admin)


@pytest.mark.parametrize(
    "asked",
    [
        replace(CHARGING, kind="percent", least=Decimal(50)),
        replace(CHARGING, least=Decimal(10**8), most=Decimal(10**9)),
        replace(CHARGING, least=Decimal("0.2"), most=Decimal("1.8")),
        replace(CHARGING, least=Decimal(-5), most=Decimal(-5)),
        replace(CHARGING, kind="year", least=Decimal(2000)),
    ],
)
def test_bounds_that_something_meets_are_taken(bureau_admin: Actor, acting: Acting, asked: FieldFacts) -> None:
    with acting(bureau_admin):
        assert add_field(asked, actor=bureau_admin).least == asked.least


def test_labels_are_unique_on_the_line(
    bureau_admin: Actor, make_actor: Callable[[str, Role], Actor], acting: Acting
) -> None:
    county, province, beside = (make_actor(code, Role.BUREAU_ADMIN) for code in ("532301", "53", "532302"))
    with acting(county):
        add_field(CHARGING, actor=county)
    for actor in (bureau_admin, province):
        with acting(actor), pytest.raises(InvalidInput, match="楚雄市已有名为“充电桩”的项目"):
            add_field(CHARGING, actor=actor)
    # A county beside it may call its own so.
    with acting(beside):
        add_field(CHARGING, actor=beside)


def test_who_adds_fields(
    make_actor: Callable[[str, Role], Actor], district_reviewer: Actor, acting: Acting, bureau_admin: Actor
) -> None:
    street = make_actor("532301101", Role.BUREAU_ADMIN)
    with acting(street), pytest.raises(PermissionDenied, match="乡镇、街道不设置调查项目"):
        add_field(CHARGING, actor=street)
    with acting(district_reviewer), pytest.raises(PermissionDenied):
        add_field(CHARGING, actor=district_reviewer)
    with acting(bureau_admin):
        field = add_field(CHARGING, actor=bureau_admin)
    county = make_actor("532301", Role.BUREAU_ADMIN)
    with acting(county), pytest.raises(PermissionDenied, match="由设置它的单位修改"):
        retire_field(field, actor=county)


def test_before_there_are_values_everything_may_change(bureau_admin: Actor, acting: Acting) -> None:
    with acting(bureau_admin):
        field = add_field(CHARGING, actor=bureau_admin)
        changed = change_field(field, CLASS, actor=bureau_admin, seen=1)
        assert (changed.label, changed.kind, changed.unit, changed.version) == ("建成年代", "choice", "", 2)
        assert change_field(field, CLASS, actor=bureau_admin, seen=1).version == 2
        with pytest.raises(StaleForm):
            change_field(field, CHARGING, actor=bureau_admin, seen=1)


@pytest.mark.parametrize(
    ("first", "value", "then", "said"),
    [
        (CHARGING, 3, replace(CHARGING, kind="text"), "类型不能再改"),
        (CHARGING, 3, replace(CHARGING, unit="台"), "计量单位不能再改"),
        (CHARGING, 3, replace(CHARGING, most=Decimal(2)), "只能放宽"),
        (replace(CHARGING, least=Decimal(1)), 3, replace(CHARGING, least=Decimal(2)), "只能放宽"),
        (CLASS, "2000 年前", replace(CLASS, choices=("2000 年后", "2010 年后")), "不能去掉“2000 年前”"),
        (CHARGING, 3, replace(CHARGING, label="充电桩数量", is_required=True), ""),
        (replace(CHARGING, most=Decimal(5)), 3, CHARGING, ""),
        (CLASS, "2000 年前", replace(CLASS, choices=(*CLASS.choices, "2010 年后")), ""),
    ],
)
def test_once_there_are_values_none_is_made_wrong(
    bureau_admin: Actor,
    street_officer: Actor,
    community: Of,
    acting: Acting,
    first: FieldFacts,
    value: int | str,
    then: FieldFacts,
    said: str,
) -> None:
    with acting(bureau_admin):
        field = add_field(first, actor=bureau_admin)
    with acting(street_officer):
        survey = Survey({field.code: value}, "台账", date(2022, 1, 1))
        save_survey(community("532301101001"), 2022, survey, actor=street_officer)
    with acting(bureau_admin):
        assert number_of_values(field) == 1
        if not said:
            assert change_field(field, then, actor=bureau_admin, seen=1).version == 2
            return
        with pytest.raises(InvalidInput, match=said):
            change_field(field, then, actor=bureau_admin, seen=1)
    assert SurveyField.objects.get().version == 1


def test_no_more_fields_than_twenty_by_resuming_either(bureau_admin: Actor, acting: Acting) -> None:
    with acting(bureau_admin):
        retired = retire_field(add_field(CHARGING, actor=bureau_admin), actor=bureau_admin)
        for number in range(20):
            last = add_field(replace(CHARGING, label=f"项目{number}"), actor=bureau_admin)
        with pytest.raises(InvalidInput, match="已有 20 个调查项目，不能再加"):
            add_field(replace(CHARGING, label="又一项"), actor=bureau_admin)
        with pytest.raises(InvalidInput, match="已有 20 个调查项目，不能再加"):
            resume_field(retired, actor=bureau_admin)
        retire_field(last, actor=bureau_admin)
        assert resume_field(retired, actor=bureau_admin).retired_at is None


def test_a_retired_field_keeps_its_values(
    bureau_admin: Actor, street_officer: Actor, community: Of, acting: Acting
) -> None:
    one = community("532301101001")
    with acting(bureau_admin):
        field = add_field(replace(CHARGING, is_required=True), actor=bureau_admin)
    with acting(street_officer):
        save_survey(one, 2022, Survey({field.code: 7}, "台账", date(2022, 1, 1)), actor=street_officer)
    with acting(bureau_admin):
        for _ in range(2):
            retire_field(field, actor=bureau_admin)
    assert field.code not in [fact.code for fact in facts_at(one.path)]
    assert field.code in [fact.code for fact in facts_at(one.path, retired=True)]
    with acting(street_officer):
        with pytest.raises(WrongFacts, match="已停用"):
            save_survey(one, 2022, Survey({field.code: 8}, "台账", date(2022, 1, 1)), actor=street_officer)
        save_survey(one, 2022, Survey({"households": 5}, "台账", date(2022, 1, 1)), actor=street_officer)
    assert CommunitySurvey.objects.get().further == {field.code: 7}
    with acting(bureau_admin):
        assert resume_field(field, actor=bureau_admin).retired_at is None
        assert resume_field(field, actor=bureau_admin).retired_at is None
    labels = field.history.order_by("pgh_id").values_list("pgh_label", flat=True)  # type: ignore[attr-defined]
    assert list(labels) == ["insert", "update", "update"]


def test_decimals_come_back_exactly(bureau_admin: Actor, street_officer: Actor, community: Of, acting: Acting) -> None:
    one = community("532301101001")
    with acting(bureau_admin):
        field = add_field(FieldFacts("屋顶光伏", "decimal", "千瓦"), actor=bureau_admin)
    fact = facts_at(one.path)[-1]
    with acting(street_officer):
        survey = Survey({field.code: fact.read("12.3")}, "台账", date(2022, 1, 1))
        for _ in range(2):
            row = save_survey(one, 2022, survey, actor=street_officer)
    assert row.further == {field.code: "12.3"}
    assert fact.value_of(row) == Decimal("12.3")
    assert row.version == 1
