"""What each step tells to whom: the inbox and the letters, once however often the tasks run."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from time import monotonic

import pytest
from celery.exceptions import Retry
from django.core import mail
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from apps.accounts.domain import grant_membership
from apps.accounts.models import Contact, Role, User
from apps.accounts.permissions import Actor
from apps.assessments.domain import agree_assessment, recognise_assessment, return_assessment, submit_assessment
from apps.assessments.models import Assessment, ReviewAction, SecondApproval
from apps.assessments.second_approval import (
    confirm_second_approval,
    decline_second_approval,
    revoke_assessment,
    withdraw_second_approval,
)
from apps.campaigns.domain import set_second_approval
from apps.campaigns.models import Campaign, Participation
from apps.communities.models import Community
from apps.core import clock
from apps.core.scope import scope
from apps.core.wall import TENANT_WIDTH
from apps.notifications import domain, tasks
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


@pytest.fixture
def second_approver(city_approver: Actor) -> Actor:
    """Another approver of 楚雄州."""
    user = User.objects.create(username="second", display_name="李复核", jurisdiction=city_approver.jurisdiction)
    return Actor(user, grant_membership(user, city_approver.jurisdiction, Role.APPROVER))


@pytest.fixture
def proposal(
    submitted: Assessment, chuxiong: Campaign, city_approver: Actor, second_approver: Actor, make_actor: MakeActor
) -> SecondApproval:
    """楚雄州 wants a second approver; the first one has proposed, and that is delivered."""
    set_second_approval(chuxiong, True, actor=make_actor("5323", Role.BUREAU_ADMIN), reason="测试")
    return propose(agree(submitted), city_approver)


def propose(assessment: Assessment, actor: Actor) -> SecondApproval:
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        facts = {"year": 2022, "document_number": "楚〔2022〕9号", "comment": "属实"}
        found = recognise_assessment(assessment, actor=actor, **facts)  # type: ignore[arg-type]
    assert isinstance(found, SecondApproval)
    deliver(last_of(assessment))
    return found


def take(verb: Callable[..., object], proposal: SecondApproval, *args: str, actor: Actor) -> None:
    """Let somebody decide on a proposal, and deliver that."""
    with scope(actor.jurisdiction.path, user_id=actor.user.pk):
        verb(proposal, *args, actor=actor)
    deliver(last_of(proposal.assessment))


SUBJECT = "鹿城镇龙江社区 2022 年自评"


def test_proposal_is_told_to_those_who_may_confirm_it(
    proposal: SecondApproval,
    city_approver: Actor,
    second_approver: Actor,
    make_actor: MakeActor,
    district_reviewer: Actor,
    street_officer: Actor,
) -> None:
    text = "楚雄彝族自治州提请复核，由另一位审批人同意或不同意。\n拟认定为 2022 年度绿色社区（楚〔2022〕9号）。属实"
    assert inbox(second_approver) == [("approval", f"{SUBJECT}等待认定复核", text)]
    below = (inbox(one) for one in (district_reviewer, street_officer, make_actor("5323", Role.STAFF)))
    assert (inbox(city_approver), *below) == ([], [], [], [])
    assert mail.outbox == []


def test_refused_proposal_is_told_to_who_made_it_and_is_read_once_made_again(
    proposal: SecondApproval, city_approver: Actor, second_approver: Actor, street_officer: Actor
) -> None:
    take(decline_second_approval, proposal, "台账不全", actor=second_approver)
    said = ("approval", f"{SUBJECT}的复核没有通过", "楚雄彝族自治州复核不同意。\n理由：台账不全")
    assert (inbox(city_approver), inbox(street_officer)) == ([said], [])
    assert (unread(city_approver), unread(second_approver)) == (["approval"], [])
    again = propose(proposal.assessment, city_approver)
    assert (unread(city_approver), unread(second_approver)) == ([], ["approval"])
    take(confirm_second_approval, again, actor=second_approver)
    assert (unread(city_approver), unread(second_approver)) == ([], [])


def test_withdrawn_proposal_is_told_and_is_asked_for_no_more(
    proposal: SecondApproval, city_approver: Actor, second_approver: Actor
) -> None:
    asked = last_of(proposal.assessment)
    take(withdraw_second_approval, proposal, actor=city_approver)
    told = Notification.objects.filter(user=second_approver.user).unread().get()
    assert (told.title, told.text) == (f"{SUBJECT}的复核已撤回", "楚雄彝族自治州撤回提请，不用再复核。")
    Notification.objects.all().delete()
    deliver(asked)
    assert inbox(second_approver) == []


def test_proposed_revocation_is_told_too(
    submitted: Assessment, chuxiong: Campaign, city_approver: Actor, second_approver: Actor, make_actor: MakeActor
) -> None:
    recognise(agree(submitted), year=2022, actor=city_approver)
    set_second_approval(chuxiong, True, actor=make_actor("5323", Role.BUREAU_ADMIN), reason="测试")
    with scope(city_approver.jurisdiction.path, user_id=city_approver.user.pk):
        proposal = revoke_assessment(submitted, "弄虚作假", actor=city_approver)
    assert isinstance(proposal, SecondApproval)
    deliver(last_of(submitted))
    [(kind, title, text)] = inbox(second_approver)
    assert (kind, title, text.endswith("\n弄虚作假")) == ("approval", f"{SUBJECT}等待摘牌复核", True)
    take(confirm_second_approval, proposal, actor=second_approver)
    assert unread(second_approver) == []


def refuse_letters(monkeypatch: pytest.MonkeyPatch, code: int) -> list[str]:
    """Let the mail server refuse every address; returns to whom was written."""
    tried: list[str] = []

    def refused(subject: str, text: str, sender: None, to: list[str]) -> None:
        tried.extend(to)
        raise SMTPRecipientsRefused(dict.fromkeys(to, (code, b"no")))

    monkeypatch.setattr(tasks, "send_mail", refused)
    return tried


def test_address_that_is_refused_for_good_is_tried_once(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = refuse_letters(monkeypatch, 550)
    with_address(street_officer, "lucheng@example.cn")
    deliver(send_back(submitted, district_reviewer, "材料不全"))
    make_up_for_lost_ones()
    told = Notification.objects.get(user=street_officer.user)
    assert (tried, told.mailed_at) == (["lucheng@example.cn"], None)
    assert told.mail_refused_at is not None


def test_address_that_is_refused_for_now_is_tried_again(
    submitted: Assessment, street_officer: Actor, district_reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = refuse_letters(monkeypatch, 450)
    with_address(street_officer, "lucheng@example.cn")
    action = send_back(submitted, district_reviewer, "材料不全")
    with pytest.raises(Retry):
        deliver(action)
    told = Notification.objects.get(user=street_officer.user)
    assert (tried, told.mailed_at, told.mail_refused_at) == (["lucheng@example.cn"], None, None)
