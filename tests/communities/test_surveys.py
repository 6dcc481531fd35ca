"""Recording a survey, and what counts as urban: the verbs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.communities.facts import completeness_of, facts_around, facts_at
from apps.communities.models import Community, CommunitySurvey
from apps.communities.survey_fields import FieldFacts, add_field
from apps.communities.surveys import Survey, WrongFacts, in_state, save_survey, set_counts_as_urban
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm
from apps.jurisdictions.models import Jurisdiction
from tests.communities.conftest import WHOLE, survey_of

Acting = Callable[[Actor], AbstractContextManager[None]]
Of = Callable[[str], Community]
DONGXING = "532301101001"


def saved(one: Community, survey: Survey, actor: Actor, acting: Acting, **also: int) -> CommunitySurvey:
    with acting(actor):
        return save_survey(one, also.pop("year", 2022), survey, actor=actor, **also)


def test_save_a_survey_with_source_and_who(community: Of, street_officer: Actor, acting: Acting) -> None:
    row = saved(community(DONGXING), survey_of(), street_officer, acting, seen=0)
    row.refresh_from_db()
    assert {code: getattr(row, code) for code in WHOLE} == WHOLE
    assert (row.year, row.version, row.source, row.surveyed_on) == (2022, 1, "街道台账", date(2022, 6, 30))
    assert row.recorded_by == street_officer.user
    assert row.noise_handled_ratio == Fraction(49, 50)
    assert completeness_of(row, facts_at(row.path), row.path).is_complete


def test_save_in_part_and_add_later(community: Of, street_officer: Actor, acting: Acting) -> None:
    one = community(DONGXING)
    first = saved(one, Survey({"households": 10}, "台账", date(2022, 1, 2)), street_officer, acting)
    assert completeness_of(first, facts_at(one.path), one.path).filled == 1
    again = saved(one, Survey({"population": 30}, "台账", date(2022, 1, 2)), street_officer, acting, seen=1)
    assert (again.households, again.population, again.version) == (10, 30, 2)
    cleared = saved(one, Survey({"households": None}, "台账", date(2022, 1, 2)), street_officer, acting, seen=2)
    assert (cleared.households, cleared.population, cleared.version) == (None, 30, 3)


def test_save_twice_has_one_effect(community: Of, street_officer: Actor, acting: Acting) -> None:
    one = community(DONGXING)
    first = saved(one, survey_of(), street_officer, acting, seen=0)
    again = saved(one, survey_of(), street_officer, acting, seen=0)
    assert (again.pk, again.version) == (first.pk, 1)
    assert list(first.history.values_list("pgh_label", flat=True)) == ["insert"]  # type: ignore[attr-defined]


def test_save_over_what_a_colleague_saved_is_refused(
    community: Of, street_officer: Actor, district_reviewer: Actor, acting: Acting
) -> None:
    one = community(DONGXING)
    saved(one, survey_of(), street_officer, acting, seen=0)
    with pytest.raises(StaleForm) as caught:
        saved(one, survey_of(households=1), district_reviewer, acting, seen=0)
    assert caught.value.message == (
        f"东兴社区 2022 年的基本情况刚刚由{street_officer.user}改过，您填写的没有保存。请打开最新内容核对后再改。"
    )
    assert CommunitySurvey.objects.get().households == 1200


def test_every_year_has_its_own(community: Of, street_officer: Actor, acting: Acting) -> None:
    one = community(DONGXING)
    saved(one, survey_of(households=1), street_officer, acting, year=2021)
    saved(one, survey_of(households=2), street_officer, acting, year=2022)
    assert list(one.surveys.values_list("year", "households")) == [(2022, 2), (2021, 1)]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"values": {"noise_complaints_handled": 51}}, "noise_complaints_handled", "“51”多于噪声投诉“50”"),
        ({"values": {"property_coverage": Decimal(101)}}, "property_coverage", "太大"),
        ({"values": {"households": -1}}, "households", "“-1”是负数，应不小于 0"),
        ({"values": {"f999": 1}}, "f999", "已停用"),
        ({"source": " "}, "source", "请填写资料来源"),
        ({"source": "字" * 201}, "source", "有 201 字"),
        ({"surveyed_on": None}, "surveyed_on", "请填写调查日期"),
        ({"surveyed_on": date(1999, 12, 31)}, "surveyed_on", "1999-12-31 不对"),
    ],
)
def test_save_refuses_and_says_where(
    community: Of, street_officer: Actor, acting: Acting, change: dict[str, object], code: str, said: str
) -> None:
    good = survey_of()
    asked = Survey(**{"values": good.values, "source": good.source, "surveyed_on": good.surveyed_on, **change})  # type: ignore[arg-type]
    if "values" in change:
        asked = Survey({**good.values, **asked.values}, good.source, good.surveyed_on)
    with pytest.raises(WrongFacts) as caught:
        saved(community(DONGXING), asked, street_officer, acting)
    assert list(caught.value.errors) == [code]
    assert said in caught.value.errors[code]
    assert not CommunitySurvey.objects.exists()


def test_parts_are_compared_with_what_stands(community: Of, street_officer: Actor, acting: Acting) -> None:
    one = community(DONGXING)
    saved(one, survey_of(), street_officer, acting)
    with pytest.raises(WrongFacts, match="多于噪声投诉“50”"):
        saved(one, Survey({"noise_complaints_handled": 60}, "街道台账", date(2022, 6, 30)), street_officer, acting)


def test_a_year_without_the_community_has_no_survey(community: Of, street_officer: Actor, acting: Acting) -> None:
    one = community(DONGXING)
    Community.objects.filter(pk=one.pk).update(opened_on=date(2021, 5, 1), closed_on=date(2022, 1, 1))
    for year, said in [
        (2020, "2021-05-01 设立，2020 年还没有这个社区"),
        (2022, "已于 2022-01-01 撤销，没有 2022 年的情况"),
        (1999, "1999 年不能填"),
        (clock.today().year + 1, "不能填"),
    ]:
        with pytest.raises(WrongFacts) as caught:
            saved(one, survey_of(), street_officer, acting, year=year)
        assert said in caught.value.errors["year"]
    assert saved(one, survey_of(), street_officer, acting, year=2021).year == 2021


def test_surveyed_tomorrow_is_refused(community: Of, street_officer: Actor, acting: Acting) -> None:
    tomorrow = Survey(WHOLE, "台账", clock.today() + timedelta(days=1))
    with pytest.raises(WrongFacts, match="不对"):
        saved(community(DONGXING), tomorrow, street_officer, acting)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEPARTMENT_REVIEWER, Role.BUREAU_ADMIN])
def test_save_takes_the_right(
    community: Of, make_actor: Callable[[str, Role], Actor], acting: Acting, role: Role
) -> None:
    with pytest.raises(PermissionDenied):
        saved(community(DONGXING), survey_of(), make_actor("5323", role), acting)


def test_save_elsewhere_is_denied(community: Of, make_actor: Callable[[str, Role], Actor], acting: Acting) -> None:
    one = community(DONGXING)
    with pytest.raises(PermissionDenied):
        saved(one, survey_of(), make_actor("532302", Role.STAFF), acting)


@pytest.mark.parametrize(
    "wrong",
    [
        {"property_coverage": Decimal(101)},
        {"area": Decimal(-1)},
        {"noise_complaints": 1, "noise_complaints_handled": 2},
        {"estates": 1, "old_estates": 2},
    ],
)
def test_the_database_refuses_too(
    community: Of, street_officer: Actor, acting: Acting, wrong: dict[str, int | Decimal]
) -> None:
    row = saved(community(DONGXING), survey_of(), street_officer, acting)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommunitySurvey.objects.filter(pk=row.pk).update(**wrong)


def test_lists_by_state(
    community: Of,
    street_officer: Actor,
    bureau_admin: Actor,
    acting: Acting,
    jurisdiction: Callable[[str], Jurisdiction],
) -> None:
    whole, part = community(DONGXING), community("532301101003")
    saved(whole, survey_of(), street_officer, acting)
    saved(part, Survey({"households": 1}, "台账", date(2022, 1, 1)), street_officer, acting)
    path = jurisdiction("532301101").path
    everybody = Community.objects.below(path)

    def found(state: str, year: int = 2022) -> set[int]:
        return set(in_state(everybody, state, year, facts_around(path)).values_list("pk", flat=True))

    assert found("complete") == {whole.pk}
    assert found("partial") == {part.pk}
    assert found("none") == set(everybody.values_list("pk", flat=True)) - {whole.pk, part.pk}
    assert found("none", 2021) == set(everybody.values_list("pk", flat=True))
    # One thing more is asked: what was complete lacks it; elsewhere asked, it changes nothing.
    with acting(bureau_admin):
        field = add_field(FieldFacts("充电桩", "whole", "个", is_required=True), actor=bureau_admin)
    assert found("complete") == set()
    assert found("partial") == {whole.pk, part.pk}
    saved(whole, survey_of(**{field.code: 0}), street_officer, acting)
    assert found("complete") == {whole.pk}


def test_count_as_urban_is_the_districts(
    community: Of, district_reviewer: Actor, street_officer: Actor, city_approver: Actor, acting: Acting
) -> None:
    one = community(DONGXING)
    for actor in (street_officer, city_approver):
        with acting(actor), pytest.raises(PermissionDenied, match="由楚雄市确定"):
            set_counts_as_urban(one, False, reason="以农业人口为主", actor=actor)
    with acting(district_reviewer):
        with pytest.raises(InvalidInput, match="请填写理由"):
            set_counts_as_urban(one, False, reason=" ", actor=district_reviewer)
        for _ in range(2):
            set_counts_as_urban(one, False, reason="以农业人口为主", actor=district_reviewer, seen=True)
        with pytest.raises(StaleForm, match="刚刚被改为不计入"):
            set_counts_as_urban(one, True, reason="已建成", actor=district_reviewer, seen=True)
    told = one.history.order_by("pgh_id").values_list("pgh_label", "counts_as_urban", "urban_reason")  # type: ignore[attr-defined]
    assert list(told) == [("insert", True, ""), ("update", False, "以农业人口为主")]


def test_in_a_branch_without_districts_the_city_decides(
    make_actor: Callable[[str, Role], Actor], jurisdiction: Callable[[str], Jurisdiction], acting: Acting
) -> None:
    dongguan = make_actor("441900", Role.STAFF)
    one = Community.objects.below(jurisdiction("441900").path).in_code_order()[0]
    with acting(dongguan):
        assert not set_counts_as_urban(one, False, reason="尚未建成", actor=dongguan).counts_as_urban


def test_who_writes_a_name_writes_its_spelling(community: Of) -> None:
    one = community(DONGXING)
    assert (one.pinyin, one.initials) == (" dongxingshequ xingshequ", "dxsq")
    one.name = "重庆路社区"
    one.save(update_fields=["name"])
    one.refresh_from_db()
    assert one.initials == "cqlsq"
    # The spelling alone is no change that the history tells of.
    before = one.history.count()  # type: ignore[attr-defined]
    Community.objects.filter(pk=one.pk).update(pinyin="x")
    assert one.history.count() == before  # type: ignore[attr-defined]
