"""Countersigning: who speaks for which department, what comes on paper, what a changed text does to it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.acting import acting
from apps.accounts.models import Membership, Role
from apps.accounts.permissions import Actor
from apps.campaigns.models import Campaign
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.evaluations.countersigning import ask_to_countersign, countersign, unsigned_by
from apps.evaluations.models import AnnualEvaluation, Countersignature
from apps.evaluations.shortfalls import departments, lacking_signatures
from tests.evaluations.conftest import begin, clerk, submit, write
from tests.factories import made_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
POLICE = "楚雄彝族自治州公安局"


@pytest.fixture
def writer() -> Actor:
    return made_up("5323", Role.STAFF)


@pytest.fixture
def draft(chuxiong: Campaign, writer: Actor) -> AnnualEvaluation:
    return begin(chuxiong, actor=writer)


def department(name: str, code: str = "5323") -> Actor:
    made = made_up(code, Role.DEPARTMENT_REVIEWER)
    Membership.objects.filter(pk=made.membership.pk).update(department=name)
    return Actor(made.user, Membership.objects.select_related("jurisdiction").get(pk=made.membership.pk))


def test_the_reporting_bureau_does_not_countersign(chuxiong: Campaign, draft: AnnualEvaluation) -> None:
    named = departments(chuxiong, draft.jurisdiction)
    assert named == [
        f"楚雄彝族自治州{one}" for one in ("发展和改革委员会", "公安局", "民政局", "生态环境局", "市场监督管理局")
    ]
    assert departments(chuxiong, clerk().jurisdiction) == [
        *("发展改革部门", "公安部门", "民政部门", "生态环境部门", "市场监管部门")
    ]


def test_a_department_signs_for_itself(draft: AnnualEvaluation, writer: Actor) -> None:
    environment = department("生态环境局")
    with acting(writer):
        ask_to_countersign(draft, actor=writer)
    with acting(environment):
        assert [one.pk for one in unsigned_by(environment)] == [draft.pk]
        signed = countersign(draft, "", "agrees", actor=environment, seen=1)
        assert (signed.department, signed.office, signed.signed_on) == (
            "楚雄彝族自治州生态环境局",
            "楚雄彝族自治州生态环境局",
            date(2022, 10, 18),
        )
        assert countersign(draft, "", "agrees", actor=environment, seen=1).pk == signed.pk
        assert unsigned_by(environment) == []
        with pytest.raises(PermissionDenied, match="只能为本部门会签"):
            countersign(draft, POLICE, "agrees", actor=environment, seen=1)


def test_a_department_that_is_not_named_does_not_sign(draft: AnnualEvaluation) -> None:
    water = department("水务局")
    with acting(water), pytest.raises(PermissionDenied, match="您所在的水务局不参加会签"):
        countersign(draft, "", "agrees", actor=water, seen=1)


def test_the_clerk_records_what_came_on_paper(draft: AnnualEvaluation, writer: Actor) -> None:
    with acting(writer):
        signed = countersign(
            draft,
            POLICE,
            "objects",
            "消防数据不符",
            office="州公安局",
            signed_on=date(2022, 10, 12),
            actor=writer,
            seen=1,
        )
        assert (signed.office, signed.signed_on, signed.text) == ("州公安局", date(2022, 10, 12), "消防数据不符")
        refused = [
            ({"department": "水务局", "stance": "agrees"}, "“水务局”不在参与部门里"),
            ({"department": POLICE, "stance": "也许"}, "请选择同意或者有意见"),
            ({"department": POLICE, "stance": "objects"}, "请写明是什么意见"),
            ({"department": POLICE, "stance": "agrees", "signed_on": date(2022, 10, 19)}, "会签日期 2022-10-19"),
        ]
        for entered, words in refused:
            with pytest.raises(InvalidInput, match=words):
                countersign(draft, **entered, actor=writer, seen=1)  # type: ignore[arg-type]


def test_another_units_clerk_may_not(draft: AnnualEvaluation, province_reviewer: Actor) -> None:
    with acting(province_reviewer), pytest.raises(PermissionDenied, match="由楚雄彝族自治州的部门会签"):
        countersign(draft, POLICE, "agrees", actor=province_reviewer, seen=1)


def test_a_changed_text_and_an_objection_are_told_before_submission(draft: AnnualEvaluation, writer: Actor) -> None:
    with acting(writer):
        for one in departments(draft.campaign, draft.jurisdiction):
            stance, text = ("objects", "不同意") if one == POLICE else ("agrees", "")
            countersign(draft, one, stance, text, actor=writer, seen=draft.version)
    assert lacking_signatures(draft) == [f"{POLICE}会签有意见"]
    changed = write(draft, {"存在问题": "改过"}, explanation="", actor=writer)
    assert lacking_signatures(changed)[0].endswith("会签后报告又有修改")


def test_nobody_signs_a_text_that_they_have_not_read(draft: AnnualEvaluation, writer: Actor) -> None:
    environment = department("生态环境局")
    write(draft, {"存在问题": "改过"}, actor=writer)
    with acting(environment), pytest.raises(StaleForm, match=r"刚刚由.*改过，会签没有登记"):
        countersign(draft, "", "agrees", actor=environment, seen=1)
    assert not Countersignature.objects.exists()


def test_nothing_is_signed_after_submission(chuxiong: Campaign, writer: Actor) -> None:
    submitted = submit(chuxiong, actor=writer)
    with acting(writer), pytest.raises(TransitionError, match="会签已结束"):
        countersign(submitted, POLICE, "agrees", actor=writer, seen=submitted.version)
    assert not Countersignature.objects.exists()


def test_under_a_closed_campaign_nothing_is_sent_and_nothing_signed(draft: AnnualEvaluation, writer: Actor) -> None:
    environment = department("生态环境局")
    with acting(writer):
        ask_to_countersign(draft, actor=writer)
    Campaign.objects.filter(pk=draft.campaign_id).update(status=Campaign.Status.CLOSED)
    with acting(writer), pytest.raises(TransitionError, match="已结束，不能送会签"):
        ask_to_countersign(draft, actor=writer)
    with acting(environment):
        assert unsigned_by(environment) == []
        with pytest.raises(TransitionError, match="已结束，不能会签"):
            countersign(draft, "", "agrees", actor=environment, seen=draft.version)
