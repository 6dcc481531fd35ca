"""Recorded values that are lists or JSON: told in the field's words, never in braces."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.domain import recognise_assessment
from apps.assessments.models import Assessment, CriterionResult, ReviewAction, SecondApproval
from apps.assessments.second_approval import revoke_assessment
from apps.audit.json_words import JSON_WORDS, json_in_words
from apps.audit.lines import Line, lines_of
from apps.audit.names import Names
from apps.audit.sources import recorded_fields, sources
from apps.audit.trail import Asked, find
from apps.audit.values import KEYED, in_words, want_value
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Campaign
from apps.communities.models import Community, CommunitySurvey, SurveyField
from apps.jurisdictions.models import Jurisdiction
from tests.factories import agree, enrol, fill_in, recognised_community, submitted_community

Acting = Callable[[Actor], AbstractContextManager[None]]
FindCommunity = Callable[[str], Community]
MakeActor = Callable[[str, Role], Actor]

LONGJIANG = "532301101006"


def last(thing: str) -> Line:
    lines = lines_of(find(Asked(path="", thing=f"assessments.{thing}"), limit=5))
    return lines[0]


def told(thing: str) -> dict[str, str | None]:
    return {one.label: one.after for one in last(thing).changes}


def of(model: type[models.Model], name: str) -> models.Field:
    return model._meta.get_field(name)  # type: ignore[return-value]


@pytest.fixture
def strict(chuxiong: Campaign, make_actor: MakeActor, acting: Acting) -> Campaign:
    """楚雄州's campaign, which wants a second approver."""
    bureau = make_actor("5323", Role.BUREAU_ADMIN)
    with acting(bureau):
        set_second_approval(chuxiong, True, actor=bureau, reason="测试")
    return chuxiong


def test_proposal_to_recognise_is_told_in_words(
    strict: Campaign, city_approver: Actor, community: FindCommunity, acting: Acting
) -> None:
    assessment = agree(submitted_community(community(LONGJIANG), strict, 2022))
    with acting(city_approver):
        recognise_assessment(
            assessment, actor=city_approver, year=2022, document_number="楚建〔2022〕7号", comment="同意，请复核"
        )
    assert told("secondapproval")["拟办内容"] == "年度 2022，文号 楚建〔2022〕7号，意见“同意，请复核”"


def test_proposal_to_revoke_is_told_in_words(
    chuxiong: Campaign, city_approver: Actor, community: FindCommunity, make_actor: MakeActor, acting: Acting
) -> None:
    recognition = recognised_community(community(LONGJIANG), chuxiong, 2022)
    bureau, another = make_actor("5323", Role.BUREAU_ADMIN), make_actor("5323", Role.APPROVER)
    with acting(bureau):
        set_second_approval(chuxiong, True, actor=bureau, reason="测试")
    with acting(another):
        revoke_assessment(recognition.participation.assessment, "绿化被占用", actor=another)
    assert told("secondapproval")["拟办内容"] == "理由“绿化被占用”"


def test_proposal_without_number_and_comment_tells_the_year_alone(db: None) -> None:
    field = of(SecondApproval, "values")
    assert json_in_words(field, {"year": 2022, "document_number": "", "comment": ""}) == "年度 2022"


def test_deductions_are_told_in_words(db: None) -> None:
    value = [{"rule": 1}, {"rule": 2, "count": 3}, {"rule": 3, "rate": "62.5"}, {"rule": 4, "points": 2}]
    assert json_in_words(of(CriterionResult, "deductions"), value) == (
        "扣分项 1、扣分项 2（数量 3）、扣分项 3（比率 62.5%）、扣分项 4（分值 2）"
    )


def test_results_of_a_step_are_told_in_words(chuxiong: Campaign, community: FindCommunity) -> None:
    submitted_community(community(LONGJIANG), chuxiong, 2022)
    action = ReviewAction.objects.latest("pk")
    words = told("reviewaction")["当时结果"]
    assert words is not None
    assert words.startswith(f"共 {len(action.results)} 条：")
    assert "第 1 条 " in words
    assert not set('{}[]"') & set(words)


def test_results_tell_verdicts_points_deductions_and_notes(db: None) -> None:
    found: dict[str, object] = {"level": "street", "deductions": [], "points": None, "note": ""}
    value = {
        "10": found | {"verdict": "not_met", "note": "没有牌子"},
        "2": found | {"verdict": "met"},
        "1": found | {"verdict": "scored", "points": "3.50", "deductions": [{"rule": 1, "count": 2}]},
        "3": found | {"verdict": "not_applicable"},
    }
    assert json_in_words(of(ReviewAction, "results"), value) == (
        "共 4 条：符合 1 条、不符合 1 条、不适用 1 条、已评分 1 条；"
        "第 1 条 3.5 分，扣分项 1（数量 2）；第 3 条 不适用；第 10 条 不符合，说明“没有牌子”"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"年度": 2022, "通过": True, "附": None}, "年度 2022，通过 是，附 （空）"),
        ([1, "二", [3, 4]], "1、二、（3、4）"),
        ({"甲": {"乙": 1.5}}, "甲 （乙 1.5）"),
        ("字", "字"),
    ],
)
def test_json_of_another_shape_is_told_without_braces(db: None, value: object, words: str) -> None:
    for model, name in ((SecondApproval, "values"), (ReviewAction, "results"), (CriterionResult, "deductions")):
        assert json_in_words(of(model, name), value) == words


def test_every_json_field_has_words() -> None:
    found = {
        (one.model, one.name)
        for source in sources()
        for one in recorded_fields(source)
        if isinstance(one, models.JSONField)
    }
    assert found == {*JSON_WORDS, *KEYED}


def test_chain_and_lists_are_told_in_words(db: None) -> None:
    names = Names()
    for model, name, value, words in (
        (Campaign, "review_chain", ["street", "district", "city"], "乡级、县级、地级"),
        (Campaign, "lead_departments", ["发改委", "民政局"], "发改委、民政局"),
        (Campaign, "lead_departments", [], "（空）"),
    ):
        field = of(model, name)
        assert isinstance(field, ArrayField)
        assert in_words(field, value, names) == words


def test_people_of_a_list_are_told_by_name_at_no_cost_per_person(
    chuxiong: Campaign, street_officer: Actor, district_reviewer: Actor, community: FindCommunity
) -> None:
    assessment = fill_in(enrol(community(LONGJIANG), chuxiong, 2022), actor=street_officer)
    one, both = [street_officer.user.pk], [street_officer.user.pk, district_reviewer.user.pk]

    def cost(people: list[int]) -> int:
        Assessment.objects.filter(pk=assessment.pk).update(filled_in_by=people, round=len(people))
        with CaptureQueriesContext(connection) as queries:
            lines_of(find(Asked(path="", thing="assessments.assessment"), limit=1))
        return len(queries)

    Assessment.objects.filter(pk=assessment.pk).update(filled_in_by=[])
    costs = cost(one), cost(both)
    assert costs[0] == costs[1]
    words = {change.label: change.after for change in last("assessment").changes}
    assert words["填报人员"] == f"{street_officer.user.display_name}、测试经办人532301"


def test_added_facts_of_a_survey_are_told_by_their_names(jurisdiction: Callable[[str], Jurisdiction]) -> None:
    field = SurveyField.objects.create(jurisdiction=jurisdiction("5323"), label="充电桩", kind="whole")
    further, names = of(CommunitySurvey, "further"), Names()
    value = {field.code: 12}
    want_value(further, value, names)
    names.load()
    assert in_words(further, value, names) == "充电桩：12"
    assert in_words(further, {field.code: True}, names) == "充电桩：是"
    assert in_words(further, {}, names) == "（空）"
