"""What each step tells to whom: the inbox and the letters, once however often the tasks run."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from time import monotonic

import pytest
from django.core import mail
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from apps.accounts.domain import grant_membership
from apps.accounts.models import Contact, Role, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment, return_assessment, submit_assessment
from apps.assessments.models import Assessment, ReviewAction
from apps.assessments.second_approval import revoke_assessment
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core import clock
from apps.core.scope import scope
from apps.core.wall import TENANT_WIDTH
from apps.notifications import domain
from apps.notifications.domain import mark_read, steps_nobody_was_told_of, tell_of_step
from apps.notifications.models import Notification
from apps.notifications.tasks import deliver_step, mail_person, make_up_for_lost_ones
from config.celery import app
from tests.factories import agree, enrol, fill_in, recognise, submit

MakeActor = Callable[[str, Role], Actor]
Find = Callable[[str], Community]


@pytest.fixture
def drafted(community: Find, chuxiong: Campaign, street_officer: Actor) -> Assessment:
    """龙江社区's self-assessment, filled in by 鹿城镇's officer."""
    return fill_in(enrol(community("532301101006"), chuxiong, 2022), actor=street_officer)


@pytest.fixture
def submitted(drafted: Assessment, street_officer: Actor) -> Assessment:
    return submit(drafted, actor=street_officer)


@pytest.fixture
def colleague(make_actor: MakeActor, street_officer: Actor) -> Actor:
    """Another officer of 鹿城镇."""
    user = User.objects.create_user(
        username="colleague", password="测试用的密码 42", display_name="同事", jurisdiction=street_officer.jurisdiction
    )
    return Actor(user, grant_membership(user, street_officer.jurisdiction, Role.STREET_OFFICER))


def with_address(actor: Actor, address: str) -> Actor:
    Contact.objects.update_or_create(user=actor.user, defaults={"email": address})
    return actor


def deliver(action: ReviewAction) -> None:
    deliver_step(action.pk, action.path[:TENANT_WIDTH])


def last_of(assessment: Assessment) -> ReviewAction:
    return assessment.actions.latest("at", "id")


def inbox(actor: Actor) -> list[tuple[str, str, str]]:
    told = Notification.objects.filter(user=actor.user).order_by("pk")
    return [(one.kind, one.title, one.text) for one in told]


def send_back(assessment: Assessment, actor: Actor, comment: str = "", **reasons: str) -> ReviewAction:
    singly = {int(number.removeprefix("c")): text for number, text in reasons.items()}
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        return return_assessment(assessment, comment, singly, actor=actor)


def test_tell_reviewers_of_what_arrived(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, make_actor: MakeActor
) -> None:
    approver, viewer = make_actor("532301", Role.APPROVER), make_actor("532301", Role.VIEWER)
    beside, above = make_actor("532302", Role.STAFF), make_actor("5323", Role.APPROVER)
    deliver(last_of(submitted))
    said = ("arrived", "鹿城镇龙江社区 2022 年自评待审核", "鹿城镇提交，得分 96 分。")
    assert [inbox(one) for one in (district_reviewer, approver)] == [[said], [said]]
    assert [inbox(one) for one in (street_officer, viewer, beside, above)] == [[], [], [], []]


def test_tell_of_a_return_with_all_its_reasons_and_mail_it_at_once(
    submitted: Assessment, street_officer: Actor, colleague: Actor, district_reviewer: Actor
) -> None:
    with_address(street_officer, "lucheng@example.cn")
    action = send_back(submitted, district_reviewer, "材料不全", c11="没有照片", c5="缺台账")
    deliver(action)
    reasons = "材料不全\n第 5 条：缺台账\n第 11 条：没有照片\n请修改后重新提交。"
    said = ("returned", "楚雄市退回鹿城镇龙江社区 2022 年自评", reasons)
    assert (inbox(street_officer), inbox(colleague)) == ([said], [said])
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (
        ["lucheng@example.cn"],
        "【绿色社区创建】楚雄市退回鹿城镇龙江社区 2022 年自评",
    )
    assert reasons in letter.body
    assert "http://127.0.0.1:8000/notifications/" in letter.body
    for person in (street_officer, colleague, district_reviewer):
        assert person.user.display_name not in letter.body
    assert Notification.objects.get(user=street_officer.user).mailed_at is not None
    assert Notification.objects.get(user=colleague.user).mailed_at is None


def test_tell_of_a_step_twice_has_one_effect(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    with_address(street_officer, "lucheng@example.cn")
    action = send_back(submitted, district_reviewer, "材料不全")
    for _ in range(3):
        deliver(action)
    mail_person(street_officer.user.pk, action.path[:TENANT_WIDTH], at_once=True)
    assert (len(inbox(street_officer)), len(mail.outbox)) == (1, 1)


def test_tell_both_the_level_below_and_the_submitter_of_a_return_from_above(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, city_approver: Actor
) -> None:
    agree(submitted, actor=district_reviewer)
    deliver(send_back(submitted, city_approver, "请核实", c5="台账不全"))
    title = "楚雄彝族自治州退回鹿城镇龙江社区 2022 年自评"
    assert inbox(district_reviewer) == [
        (
            "returned",
            title,
            "请核实\n第 5 条：台账不全\n请楚雄市处理：可以修改本级意见后再次上报，也可以退回鹿城镇。",
        )
    ]
    assert inbox(street_officer) == [
        ("returned", title, "请核实\n第 5 条：台账不全\n退到楚雄市，由楚雄市处理，鹿城镇暂不用修改。")
    ]


def test_tell_the_submitter_of_recognition_and_revocation(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, city_approver: Actor
) -> None:
    agree(submitted, actor=district_reviewer)
    recognise(submitted, year=2022, actor=city_approver)
    deliver(last_of(submitted))
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        revoke_assessment(submitted, "弄虚作假", actor=city_approver)
    deliver(last_of(submitted))
    assert inbox(street_officer) == [
        ("recognised", "鹿城镇龙江社区已认定", "楚雄彝族自治州认定为 2022 年度绿色社区。"),
        ("revoked", "鹿城镇龙江社区已摘牌", "楚雄彝族自治州摘牌，不再计入绿色社区。\n理由：弄虚作假"),
    ]


def test_tell_nobody_who_cannot_sign_in(submitted: Assessment, street_officer: Actor, district_reviewer: Actor) -> None:
    street_officer.user.is_active = False
    street_officer.user.save()
    deliver(send_back(submitted, district_reviewer, "材料不全"))
    assert inbox(street_officer) == []


def test_tell_nobody_of_a_step_that_was_undone(db: None) -> None:
    with scope("000001000002"):
        assert tell_of_step(0) == []


def test_put_arrivals_together_in_one_letter(
    submitted: Assessment, chuxiong: Campaign, community: Find, street_officer: Actor, district_reviewer: Actor
) -> None:
    with_address(district_reviewer, "chuxiong@example.cn")
    other = submit(
        fill_in(enrol(community("532301101001"), chuxiong, 2022), actor=street_officer), actor=street_officer
    )
    for one in (submitted, other):
        deliver(last_of(one))
    assert mail.outbox == []
    make_up_for_lost_ones()
    make_up_for_lost_ones()
    (letter,) = mail.outbox
    assert letter.subject == "【绿色社区创建】2 件待审核，请登录查看"
    assert "鹿城镇龙江社区 2022 年自评待审核\n鹿城镇提交，得分 96 分。" in letter.body
    assert letter.body.count("待审核\n") == 2


def test_put_nothing_in_a_letter_that_was_read(submitted: Assessment, district_reviewer: Actor) -> None:
    with_address(district_reviewer, "chuxiong@example.cn")
    deliver(last_of(submitted))
    mark_read(district_reviewer.user)
    make_up_for_lost_ones()
    assert mail.outbox == []


def test_make_up_for_a_step_that_was_never_delivered(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    with_address(street_officer, "lucheng@example.cn")
    send_back(submitted, district_reviewer, "材料不全")
    make_up_for_lost_ones()
    assert [kind for kind, _, _ in inbox(district_reviewer)] == ["arrived"]
    assert [kind for kind, _, _ in inbox(street_officer)] == ["returned"]
    assert [letter.to for letter in mail.outbox] == [["lucheng@example.cn"]]
    assert steps_nobody_was_told_of() == []


def test_make_up_for_lost_steps_looks_on_from_the_last_one_that_is_settled(
    drafted: Assessment, street_officer: Actor, district_reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In portions of one step each, and from the settled ones on: what is older is not looked at a second time."""
    monkeypatch.setattr(domain, "PORTION", 1)
    for _ in range(2):
        submit(drafted, actor=street_officer)
        send_back(drafted, district_reviewer, "材料不全")
    lost = list(drafted.actions.filter(kind__in=("submit", "return")).order_by("pk").values_list("pk", flat=True))
    assert [pk for pk, _ in steps_nobody_was_told_of()] == lost
    assert [pk for pk, _ in steps_nobody_was_told_of(lost[1])] == lost[2:]
    ReviewAction.objects.filter(assessment=drafted).update(at=clock.now() - timedelta(hours=2))
    make_up_for_lost_ones()
    assert [kind for kind, _, _ in inbox(district_reviewer)] == ["arrived", "arrived"]
    make_up_for_lost_ones()
    Notification.objects.all().delete()
    make_up_for_lost_ones()
    assert inbox(district_reviewer) == []


def test_make_up_for_the_last_days_only(submitted: Assessment, district_reviewer: Actor) -> None:
    ReviewAction.objects.filter(assessment=submitted).update(at=clock.now() - timedelta(days=4))
    make_up_for_lost_ones()
    assert inbox(district_reviewer) == []


def test_step_is_delivered_once_it_is_committed(
    drafted: Assessment,
    street_officer: Actor,
    district_reviewer: Actor,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        submit(drafted, actor=street_officer)
    assert inbox(district_reviewer) == []
    for callback in callbacks:
        callback()
    assert [kind for kind, _, _ in inbox(district_reviewer)] == ["arrived"]


@pytest.fixture
def lost_broker(settings: Settings) -> Iterator[None]:
    """Tasks go to a broker that is not there, as in production, instead of running where they are called."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    settings.CELERY_TASK_ALWAYS_EAGER = False
    # Tasks that ran where they were called have left connections to the broker of the tests.
    app._after_fork()  # type: ignore[attr-defined]
    yield
    app._after_fork()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("lost_broker")
def test_step_stands_without_the_broker(
    drafted: Assessment,
    street_officer: Actor,
    district_reviewer: Actor,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        submit(drafted, actor=street_officer)
    began = monotonic()
    for callback in callbacks:
        with suppress(OperationalError):
            callback()
    # The person has not waited for it.
    assert monotonic() - began < 2
    with pytest.raises(OperationalError):
        deliver_step.apply_async((last_of(drafted).pk, ""), retry=False)
    drafted.refresh_from_db()
    assert (drafted.status, inbox(district_reviewer)) == ("in_review", [])
    assert [pk for pk, _ in steps_nobody_was_told_of()] == [last_of(drafted).pk]


def test_agreement_tells_the_next_level(
    submitted: Assessment, district_reviewer: Actor, city_approver: Actor, street_officer: Actor
) -> None:
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        action = agree_assessment(submitted, actor=district_reviewer)
    deliver(action)
    assert inbox(city_approver) == [("arrived", "鹿城镇龙江社区 2022 年自评待审核", "楚雄市同意上报，得分 96 分。")]
    assert inbox(street_officer) == []


def test_second_submission_says_that_it_is_the_second(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor
) -> None:
    send_back(submitted, district_reviewer, "材料不全")
    with scope(street_officer.jurisdiction.path, user_id=street_officer.user.pk):
        deliver(submit_assessment(submitted, actor=street_officer))
    assert inbox(district_reviewer)[-1][2] == "鹿城镇提交，第 2 次提交，得分 96 分。"
    assert Participation.objects.get(pk=submitted.participation_id).stage == "in_review"


def unread(actor: Actor) -> list[str]:
    return list(Notification.objects.filter(user=actor.user).unread().order_by("pk").values_list("kind", flat=True))


def test_return_is_read_once_it_is_answered(
    submitted: Assessment, street_officer: Actor, colleague: Actor, district_reviewer: Actor, city_approver: Actor
) -> None:
    """By a submission or an agreement upward, for everybody who was told of it; a later return stays unread."""
    agree(submitted, actor=district_reviewer)
    deliver(send_back(submitted, city_approver, "请核实"))
    deliver(send_back(submitted, district_reviewer, "材料不全"))
    submit(submitted, actor=street_officer)
    assert (unread(street_officer), unread(district_reviewer)) == (["returned", "returned"], ["returned"])
    answer = last_of(submitted)
    deliver(answer)
    assert (unread(street_officer), unread(colleague), unread(district_reviewer)) == ([], [], ["arrived"])
    deliver(send_back(submitted, district_reviewer, "仍不全"))
    deliver(answer)
    assert (unread(street_officer), unread(colleague)) == (["returned"], ["returned"])


def test_what_arrives_asks_the_departments_that_answer_for_a_section(
    submitted: Assessment, district_reviewer: Actor, make_actor: MakeActor
) -> None:
    asked, beside = make_actor("5323", Role.DEPARTMENT_REVIEWER), make_actor("53", Role.DEPARTMENT_REVIEWER)
    for one, name in ((asked, "楚雄州生态环境局"), (beside, "云南省生态环境厅")):
        one.membership.department = name
        one.membership.save()
    without = make_actor("532301", Role.DEPARTMENT_REVIEWER)
    with scope(district_reviewer.jurisdiction.path, user_id=district_reviewer.user.pk):
        deliver(agree_assessment(submitted, actor=district_reviewer))
    [(kind, title, text)] = inbox(asked)
    assert (kind, title) == ("opinion", "鹿城镇龙江社区 2022 年自评请填写部门意见")
    assert re.fullmatch(r"\d+ 项内容由本部门负责，请在楚雄彝族自治州办理前填写。", text)
    assert (inbox(beside), inbox(without)) == ([], [])
