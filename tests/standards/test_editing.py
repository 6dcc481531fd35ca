"""Drafts of standards: editing their parts under one or several hands."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.standards.deriving import bases_for, begin_version, create_standard, delete_draft
from apps.standards.domain import parts_in_use, rule_spec
from apps.standards.editing import add_part, delete_part, edit_head, edit_part, move_part, renumber
from apps.standards.loading import file_of, load_standard
from apps.standards.models import Criterion, DeductionRule, Section, Standard, SubItem
from apps.standards.publishing import publish_standard, remarks_on

Acting = Callable[[Actor], AbstractContextManager[None]]
MakeActor = Callable[[str, Role], Actor]

HEAD = {"name": "楚雄市标准", "document_title": "楚雄市方案", "kind": "scored", "total_points": 100, "pass_mark": 85}


@pytest.fixture
def county(make_actor: MakeActor) -> Actor:
    """楚雄市's approver, who edits and publishes."""
    return make_actor("532301", Role.APPROVER)


@pytest.fixture
def colleague(make_actor: MakeActor) -> Actor:
    """Another person of 楚雄市, who edits."""
    return make_actor("532301", Role.STAFF)


@pytest.fixture
def draft(acting: Acting, county: Actor) -> Standard:
    """楚雄市's draft, derived from 楚雄州's standard."""
    with acting(county):
        return create_standard(HEAD, actor=county, base=Standard.objects.get(code="chuxiong-2021"))


def criterion(standard: Standard, number: int) -> Criterion:
    return Criterion.objects.select_related("section").get(standard=standard, number=number)


def revision(standard: Standard) -> int:
    return Standard.objects.values_list("revision", flat=True).get(pk=standard.pk)


def numbers(standard: Standard) -> list[tuple[int, list[int]]]:
    sections = standard.sections.order_by("number")
    return [(one.number, list(one.criteria.order_by("number").values_list("number", flat=True))) for one in sections]


def reasons(standard: Standard) -> list[str]:
    return [str(one) for one in remarks_on(Standard.objects.get(pk=standard.pk)) if one.blocks]


def test_create_from_scratch_is_an_empty_draft(acting: Acting, county: Actor) -> None:
    with acting(county):
        made = create_standard(HEAD | {"kind": "pass_fail", "total_points": None, "pass_mark": None}, actor=county)
        assert (made.status, made.version, made.revision, made.jurisdiction) == ("draft", 1, 0, county.jurisdiction)
        assert made.code.startswith("532301-")
        assert reasons(made) == ["内容：还没有内容"]


def test_create_derived_copies_and_ties_every_criterion(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        base = Standard.objects.get(code="chuxiong-2021")
        copied, original = file_of(draft), file_of(base)
        for one, other in zip(copied.located_criteria(), original.located_criteria(), strict=True):
            expected = {"refines": other[1].number, "national": other[1].national}
            assert one[1].model_dump() == other[1].model_dump() | expected
        assert reasons(draft) == []
        assert list(copied.complaints()) == []
        assert list(copied.complaints_against(original)) == []


def test_create_sent_twice_makes_one_draft(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        again = create_standard(HEAD, actor=county, base=draft.derived_from, code=draft.code)
        assert again == draft
        other = create_standard(HEAD | {"name": "另一份"}, actor=county, base=draft.derived_from, code=draft.code)
        assert other.code == f"{draft.code}-2"


def test_create_never_runs_out_of_codes(acting: Acting, county: Actor) -> None:
    with acting(county):
        stem = create_standard(HEAD, actor=county).code
        names = [stem, *(f"{stem}-{n}" for n in range(2, 61))]
        for code in names[1:]:
            Standard.objects.create(code=code, name="标准", jurisdiction=county.jurisdiction, kind="pass_fail")
        assert create_standard(HEAD | {"name": "又一份"}, actor=county).code == f"{stem}-61"


def test_create_of_what_the_database_refuses_tries_no_other_code(acting: Acting, county: Actor) -> None:
    with acting(county), pytest.raises(IntegrityError, match="standard_kind"), transaction.atomic():
        create_standard(HEAD | {"name": "名称里有 code", "kind": "none"}, actor=county)


def test_create_leaves_points_out_where_nothing_is_scored(acting: Acting, county: Actor) -> None:
    with acting(county):
        values = HEAD | {"kind": "pass_fail", "total_points": None, "pass_mark": None}
        made = create_standard(values, actor=county, base=Standard.objects.get(code="chuxiong-2021"))
        assert DeductionRule.objects.filter(criterion__standard=made).count() == 0
        assert reasons(made) == []


@pytest.mark.parametrize(("code", "role"), [("532301101", Role.BUREAU_ADMIN), ("5323", Role.VIEWER)])
def test_create_is_refused_to_streets_and_readers(acting: Acting, make_actor: MakeActor, code: str, role: Role) -> None:
    actor = make_actor(code, role)
    with acting(actor), pytest.raises(PermissionDenied):
        create_standard(HEAD, actor=actor)


def test_create_from_a_standard_of_elsewhere_is_refused(acting: Acting, county: Actor) -> None:
    with acting(county), pytest.raises(InvalidInput, match="只能依据本级或上级已发布的标准"):
        create_standard(HEAD, actor=county, base=Standard.objects.get(code="tianjin-2020"))


@pytest.mark.parametrize(
    ("code", "error"), [("5323", PermissionDenied), ("532301101", PermissionDenied), ("12", PermissionDenied)]
)
def test_edit_is_refused_to_others(
    acting: Acting, make_actor: MakeActor, draft: Standard, code: str, error: type[Exception]
) -> None:
    actor = make_actor(code, Role.BUREAU_ADMIN)
    with acting(actor):
        with pytest.raises(error):
            edit_head(draft, HEAD, actor=actor, seen=0)
        visible = Standard.objects.filter(pk=draft.pk).exists()
    assert visible is (code == "5323")


def test_edit_head_counts_the_change(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        changed = edit_head(draft, HEAD | {"pass_mark": 90}, actor=county, seen=0)
        assert (changed.pass_mark, changed.revision) == (Decimal(90), 1)


def test_edit_the_same_criterion_after_somebody_else_is_stale(
    acting: Acting, county: Actor, colleague: Actor, draft: Standard
) -> None:
    with acting(county):
        edit_part(criterion(draft, 3), {"text": "甲的文字"}, actor=county, seen=0)
    with acting(colleague), pytest.raises(StaleForm, match="测试审批人532301.*改动了这部分内容"):
        edit_part(criterion(draft, 3), {"text": "乙的文字"}, actor=colleague, seen=0)
    with acting(county):
        assert criterion(draft, 3).text == "甲的文字"
        assert revision(draft) == 1


def test_edit_rules_of_a_criterion_makes_its_form_stale(
    acting: Acting, county: Actor, colleague: Actor, draft: Standard
) -> None:
    with acting(county):
        rule = criterion(draft, 3).rules.get()
        edit_part(rule, {"max_points": 2}, actor=county, seen=0)
    with acting(colleague), pytest.raises(StaleForm):
        edit_part(criterion(draft, 3), {"text": "乙的文字"}, actor=colleague, seen=0)


def test_edit_another_criterion_meanwhile_is_no_conflict(
    acting: Acting, county: Actor, colleague: Actor, draft: Standard
) -> None:
    with acting(county):
        edit_part(criterion(draft, 3), {"text": "甲的文字"}, actor=county, seen=0)
    with acting(colleague):
        edit_part(criterion(draft, 5), {"text": "乙的文字"}, actor=colleague, seen=0)
        edit_head(draft, HEAD | {"name": "新名"}, actor=colleague, seen=0)
    with acting(county):
        assert (criterion(draft, 3).text, criterion(draft, 5).text) == ("甲的文字", "乙的文字")
        assert revision(draft) == 3


def test_edit_head_after_somebody_else_is_stale(
    acting: Acting, county: Actor, colleague: Actor, draft: Standard
) -> None:
    with acting(county):
        edit_head(draft, HEAD | {"name": "甲名"}, actor=county, seen=0)
    with acting(colleague), pytest.raises(StaleForm):
        edit_head(draft, HEAD | {"name": "乙名"}, actor=colleague, seen=0)


def test_edit_a_criterion_that_was_deleted_meanwhile(
    acting: Acting, county: Actor, colleague: Actor, draft: Standard
) -> None:
    with acting(colleague):
        seen = criterion(draft, 3)
    with acting(county):
        delete_part(criterion(draft, 3), actor=county, seen=0)
    with acting(colleague), pytest.raises(TransitionError, match="您填写的内容还在"):
        edit_part(seen, {"text": "乙的文字"}, actor=colleague, seen=0)


def test_edit_ties_only_to_the_base(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        of_nation = Criterion.objects.get(standard__code="national-2020", number=1)
        with pytest.raises(InvalidInput, match="不属于所依据的标准"):
            edit_part(criterion(draft, 1), {"refines": of_nation}, actor=county, seen=0)
        of_base = Criterion.objects.get(standard__code="chuxiong-2021", number=2)
        changed = edit_part(criterion(draft, 17), {"refines": of_base}, actor=county, seen=0)
        assert changed.national_criterion == Criterion.objects.get(standard__code="national-2020", number=2)


def test_edit_rule_drops_what_its_kind_does_not_use(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        rule = criterion(draft, 10).rules.get()
        values = {"kind": "fixed", "points": Decimal(6), "text": rule.text}
        changed = edit_part(rule, values, actor=county, seen=0)
        changed.refresh_from_db()
        assert (changed.kind, changed.points) == ("fixed", Decimal(6))
        assert [changed.full_value, changed.step, changed.floor] == [None, None, None]
        assert rule_spec(changed).largest == 6


def test_edit_published_standard_is_refused(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        publish_standard(draft, actor=county, seen=0)
        with pytest.raises(TransitionError, match="已由测试审批人532301于 .* 发布，内容不能再改。要修改，请制作新版本"):
            edit_head(draft, HEAD, actor=county, seen=0)
        with pytest.raises(IntegrityError), transaction.atomic():
            criterion(draft, 1).delete()


def test_add_criterion_makes_room(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        first = draft.sections.get(number=1)
        added = add_part(
            Criterion, {"text": "第一行\n第二行", "section": first, "points": 2}, first, actor=county, seen=0
        )
        assert added.number == 4
        assert numbers(draft) == [
            (1, [1, 2, 3, 4]),
            (2, [5, 6, 7]),
            (3, [8, 9, 10, 11]),
            (4, [12, 13]),
            (5, [14, 15, 16, 17, 18]),
        ]
        assert reasons(draft) == ["总分：各条分值（乘以权重）相加是 102 分，总分写的是 100 分"]


def test_add_beyond_the_largest_number_asks_to_renumber(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        Criterion.objects.filter(standard=draft, number=17).update(number=999)
        first, last = draft.sections.get(number=1), draft.sections.get(number=5)
        for section in (first, last):
            with pytest.raises(InvalidInput, match="请先在草稿页“重新编号”"), transaction.atomic():
                add_part(Criterion, {"text": "新条", "section": section}, section, actor=county, seen=0)
        renumber(draft, actor=county, seen=0)
        assert add_part(Criterion, {"text": "新条", "section": first}, first, actor=county, seen=1).number == 4
        assert numbers(draft)[4] == (5, [14, 15, 16, 17, 18])


def test_add_with_a_stale_revision_is_told(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        add_part(Section, {"title": "甲"}, draft, actor=county, seen=0)
    with acting(county), pytest.raises(StaleForm, match="改动了这份草稿"):
        add_part(Section, {"title": "甲"}, draft, actor=county, seen=0)


def test_add_sub_items_and_their_rules(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        first = criterion(draft, 1)
        item = add_part(SubItem, {"text": "甲", "points": 4}, first, actor=county, seen=0)
        assert reasons(draft) == ["第 1 条分值：分项相加是 4 分，条目是 6 分"]
        add_part(SubItem, {"text": "乙", "points": 2}, first, actor=county, seen=1)
        assert reasons(draft) == []
        values = {"text": "没有", "kind": "fixed", "points": 5, "sub_item": item}
        rule = add_part(DeductionRule, values, first, actor=county, seen=2)
        assert rule.number == 3
        assert reasons(draft) == ["第 1 条分项（1）扣分项 3：这个扣分项最多扣（加）5 分，超过所属的 4 分"]


def test_move_within_and_across_sections(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        moved = criterion(draft, 2)
        move_part(moved, up=True, actor=county, seen=0)
        assert criterion(draft, 1) == moved
        last = criterion(draft, 3)
        move_part(last, up=False, actor=county, seen=1)
        assert numbers(draft)[:2] == [(1, [1, 2]), (2, [3, 4, 5, 6])]
        move_part(draft.sections.get(number=1), up=False, actor=county, seen=2)
        assert numbers(draft)[:2] == [(1, [3, 4, 5, 6]), (2, [1, 2])]
        renumber(draft, actor=county, seen=3)
        assert numbers(draft)[:2] == [(1, [1, 2, 3, 4]), (2, [5, 6])]
        assert criterion(draft, 1) == last


def test_move_at_the_edge_changes_nothing(acting: Acting, county: Actor, draft: Standard) -> None:
    before = numbers(draft)
    with acting(county):
        move_part(criterion(draft, 1), up=True, actor=county, seen=0)
        move_part(criterion(draft, 17), up=False, actor=county, seen=1)
        move_part(draft.sections.get(number=5), up=False, actor=county, seen=2)
        assert numbers(draft) == before


def test_move_rules(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        first, second = criterion(draft, 1).rules.order_by("number")
        move_part(second, up=True, actor=county, seen=0)
        assert list(criterion(draft, 1).rules.order_by("number")) == [second, first]


def test_delete_leaves_a_gap_until_renumbered(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        delete_part(criterion(draft, 17), actor=county, seen=0)
        delete_part(criterion(draft, 4), actor=county, seen=1)
        assert numbers(draft)[1] == (2, [5, 6])
        assert reasons(draft) == [
            "总分：各条分值（乘以权重）相加是 90 分，总分写的是 100 分",
            "对应条目：缺少与“楚雄州绿色社区创建标准（试行）”第 4、17 条对应的条目：下级标准不能删减条目",
        ]
        renumber(draft, actor=county, seen=2)
        assert numbers(draft)[1] == (2, [4, 5])


def test_publish_freezes_and_names_who(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        published = publish_standard(draft, actor=county, seen=0)
        assert (published.status, published.published_by) == ("published", county.user)
        assert publish_standard(draft, actor=county, seen=0) == published


def test_publish_refuses_what_is_wrong(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        edit_part(criterion(draft, 1).rules.get(number=1), {"points": 7}, actor=county, seen=0)
        with pytest.raises(InvalidInput, match="第 1 条扣分项 1：这个扣分项最多扣（加）7 分，超过所属的 6 分"):
            publish_standard(draft, actor=county, seen=1)


def test_publish_after_somebody_changed_it_is_stale(
    acting: Acting, county: Actor, colleague: Actor, draft: Standard
) -> None:
    with acting(colleague):
        edit_head(draft, HEAD | {"name": "新名"}, actor=colleague, seen=0)
    with acting(county), pytest.raises(StaleForm, match="测试经办人532301"):
        publish_standard(draft, actor=county, seen=0)


def test_publish_is_for_those_who_may(acting: Acting, colleague: Actor, draft: Standard) -> None:
    with acting(colleague), pytest.raises(PermissionDenied):
        publish_standard(draft, actor=colleague, seen=0)


def test_version_is_a_copy_that_replaces(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        publish_standard(draft, actor=county, seen=0)
        second = begin_version(draft, actor=county)
        assert (second.code, second.version, second.replaces) == (f"{draft.code}-v2", 2, draft)
        assert begin_version(draft, actor=county) == second
        one, other = file_of(draft).model_dump(), file_of(second).model_dump()
        assert one["sections"] == other["sections"]
        edit_head(second, HEAD | {"name": "第二版"}, actor=county, seen=0)
        publish_standard(second, actor=county, seen=1)
        with pytest.raises(TransitionError, match="已由第 2 版代替"):
            begin_version(draft, actor=county)
        assert begin_version(second, actor=county).code == f"{draft.code}-v3"
        assert draft not in bases_for(county)


def test_version_takes_another_code_where_its_own_is_taken(
    acting: Acting, county: Actor, city_approver: Actor, draft: Standard
) -> None:
    """By a draft of elsewhere, which cannot be seen from here."""
    with acting(city_approver):
        Standard.objects.create(
            code=f"{draft.code}-v2", name="别处的草稿", jurisdiction=city_approver.jurisdiction, kind="pass_fail"
        )
    with acting(county):
        publish_standard(draft, actor=county, seen=0)
        second = begin_version(draft, actor=county)
        assert (second.code, second.version) == (f"{draft.code}-v2-2", 2)
        publish_standard(second, actor=county, seen=0)
        assert begin_version(second, actor=county).code == f"{draft.code}-v3"


def test_version_of_a_draft_is_refused(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county), pytest.raises(TransitionError, match="还是草稿"):
        begin_version(draft, actor=county)


def test_delete_draft_with_all_its_parts(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        delete_draft(draft, actor=county)
        delete_draft(draft, actor=county)
        assert not Criterion.objects.filter(standard=draft).exists()


def test_delete_published_is_refused(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        publish_standard(draft, actor=county, seen=0)
        with pytest.raises(TransitionError, match="已发布，不能删除"):
            delete_draft(draft, actor=county)


def test_file_of_a_chain_loads_again(acting: Acting, county: Actor, draft: Standard) -> None:
    """Text of several lines, sub-items, ties to base and nation: what goes out comes in again."""
    with acting(county):
        edit_part(criterion(draft, 2), {"text": "第一行\n第二行"}, actor=county, seen=0)
        add_part(SubItem, {"text": "甲", "points": 6}, criterion(draft, 2), actor=county, seen=1)
        file = file_of(draft)
        delete_draft(draft, actor=county)
    load_standard(file)
    stored = Standard.objects.get(code=draft.code)
    assert file_of(stored) == file
    tied = criterion(stored, 2)
    assert tied.refines == Criterion.objects.get(standard__code="chuxiong-2021", number=2)
    assert tied.national_criterion == Criterion.objects.get(standard__code="national-2020", number=2)


def test_parts_in_use_are_read_once(
    db: None, django_assert_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    standard = Standard.objects.get(code="chuxiong-2021")
    parts = parts_in_use(standard)
    with django_assert_num_queries(0):
        again = parts_in_use(standard)
        assert again is parts
        assert [
            rule.criterion.standard.jurisdiction.name for s in again for c in s.criteria.all() for rule in c.rules.all()
        ]


def test_parts_in_use_of_a_draft_are_read_anew(acting: Acting, county: Actor, draft: Standard) -> None:
    with acting(county):
        assert len(parts_in_use(draft)) == 5
        add_part(Section, {"title": "甲"}, draft, actor=county, seen=0)
        assert len(parts_in_use(draft)) == 6
