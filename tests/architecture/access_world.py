"""What the access matrix is about: a piece of the product's world, and what is posted to each address."""

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.acting import acting
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import SecondApproval
from apps.assessments.site_visits import VisitFacts, record_visit
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.core import clock
from apps.core.scope import scope
from apps.notifications.models import Notification
from apps.people.inviting import ContactFacts, invite_person
from apps.recognitions.demonstration_bases import name_base
from apps.recognitions.notices import Wording, draft_notice, edit_notice, publish_notice
from apps.recognitions.objections import record_objection
from apps.reports.domain import request_export
from apps.reports.models import ExportJob
from apps.reports.tasks import make_export
from apps.standards.deriving import begin_version
from tests.architecture.access_matrix import PEOPLE
from tests.factories import agree, enrol, fill_in, made_up, recognised_community, submit, submitted_community

World = dict[str, int | str]


def build_world() -> World:
    """What the addresses are about: ids and codes by the word of the column ``on``."""
    chuxiong = Campaign.objects.select_related("standard", "jurisdiction").get(code="chuxiong-2021")
    officer, approver = made_up(*PEOPLE["street"]), made_up(*PEOPLE["prefecture"])
    planned = enrol(_community("532301101001"), chuxiong, 2022)
    draft = fill_in(enrol(_community("532301101006"), chuxiong, 2022), actor=officer)
    submitted = submit(fill_in(enrol(_community("532301101008"), chuxiong, 2022), actor=officer), actor=officer)
    with scope(officer.jurisdiction.path, user_id=officer.user.pk):
        file = SimpleUploadedFile("材料.pdf", b"%PDF-1.4\n%%EOF\n")
        evidence = attach_evidence(draft, draft.standard.criteria.get(number=1), file, actor=officer)
    with scope(approver.jurisdiction.path, user_id=approver.user.pk):
        kind = ExportJob.Kind.COMPLETION_SUMMARY
        job = request_export(kind, chuxiong, approver.jurisdiction, 2022, actor=approver)
    make_export(job.pk, approver.jurisdiction.path)
    administrator = made_up("532301", Role.BUREAU_ADMIN)
    with acting(administrator):
        invited = invite_person(
            administrator.jurisdiction,
            Role.VIEWER,
            actor=administrator,
            name="测试人员",
            contact=ContactFacts(email="test@example.org"),
        )
    proposer = Actor(
        User.objects.create(username="proposer", display_name="测试提出人", jurisdiction=approver.jurisdiction),
        approver.membership,
    )
    proposal = SecondApproval.objects.create(
        assessment=agree(
            submit(fill_in(enrol(_community("532301101009"), chuxiong, 2022), actor=officer), actor=officer)
        ),
        kind=SecondApproval.Kind.RECOGNISE,
        jurisdiction=approver.jurisdiction,
        values={"year": 2022, "document_number": "", "comment": ""},
        proposed_by=proposer.user,
        proposed_at=clock.now(),
    )
    # By a colleague of the county who is not tried.
    visitor = made_up("532301", Role.APPROVER)
    with acting(visitor):
        facts = VisitFacts(visited_on=clock.today(), offices="住建局", findings="属实")
        visited = submit(fill_in(enrol(_community("532301101010"), chuxiong, 2022), actor=officer), actor=officer)
        visit = record_visit(visited, facts, actor=visitor)
    with acting(approver):
        drafted = begin_version(chuxiong.standard, actor=approver)
    person = invited.user
    return _around_recognition(chuxiong) | {
        "notification": _notification().pk,
        "publisher": "532300000000",
        "visited": visited.pk,
        "visit": visit.pk,
        "draft_standard": drafted.code,
        "draft_criterion": drafted.criteria.get(number=1).pk,
        "person": person.pk,
        "held": person.memberships.get().pk,
        "code": person.invitations.get().code,
        "home": administrator.jurisdiction.pk,
        "officer": officer.user.pk,
        "proposal": proposal.pk,
        "planned": planned.pk,
        "draft": draft.pk,
        "submitted": submitted.pk,
        "evidence": evidence.pk,
        "job": job.pk,
        "community": planned.community_id,
        "campaign": chuxiong.code,
        "campaign_id": chuxiong.pk,
        "unplanned": _community("532301101003").pk,
        "county": made_up(*PEOPLE["county"]).jurisdiction.pk,
        "seen": submitted.actions.latest("pk").pk,
        "standard": chuxiong.standard.code,
    }


def _community(code: str) -> Community:
    return Community.objects.get(code=code)


def _around_recognition(chuxiong: Campaign) -> World:
    """A public notice with an open objection, a draft of another, and a community of last year that is a demonstration base."""
    approver = made_up(*PEOPLE["prefecture"])
    Campaign.objects.filter(pk=chuxiong.pk).update(publishes_list=True)
    held, other = (agree(submitted_community(_community(f"5323011010{n}"), chuxiong, 2022)) for n in (11, 12))
    recognition = recognised_community(_community("532301101013"), chuxiong, 2021)
    with acting(approver):
        notice = draft_notice(chuxiong, [held.pk], actor=approver)
        wording = Wording(notice.title, notice.text, "住房和城乡建设局 0878-3012345", 5, 2022)
        notice = publish_notice(edit_notice(notice, wording, [held.pk], actor=approver), actor=approver)
        entry = notice.entries.get()
        objection = record_objection(
            entry, received_on=clock.today(), is_signed=True, text="垃圾分类不实", actor=approver
        )
        base = name_base(
            recognition,
            title="示范教育基地",
            document_number="楚住建〔2022〕2号",
            named_on=clock.today(),
            note="",
            actor=approver,
        )
        draft = draft_notice(chuxiong, [other.pk], actor=approver)
    return {
        "notice": notice.pk,
        "draft_notice": draft.pk,
        "entry": entry.pk,
        "objection": objection.pk,
        "recognition": recognition.pk,
        "base": base.pk,
        "on_notice": other.pk,
        "this_year": clock.today().year,
    }


def _notification() -> Notification:
    user = made_up(*PEOPLE["county"]).user
    return Notification.objects.create(
        user=user, key="test:1", kind="arrived", title="测试", url="/reviews/", created_at=clock.now()
    )


def body_of(name: str, world: World) -> dict[str, object]:
    """What is posted: a good form, so that whoever may do it does it."""
    decision: dict[str, object] = {"comment": "测试", "seen": world["seen"]}
    today = clock.today().isoformat()
    visit: dict[str, object] = {"visited_on": today, "offices": "住建局", "findings": "属实", "version": "1"}
    bodies: dict[str, dict[str, object]] = {
        "switch_campaign": {"campaign": world["campaign_id"]},
        "plan": {"community": world["unplanned"]},
        "plan_pilot": {"is_pilot": "1"},
        "self_assessment_criterion": {"rule_1": "1", "seen": "1"},
        "self_assessment_submit": {"explanation": "已核对"},
        "evidence_add": {"files": SimpleUploadedFile("材料.pdf", b"%PDF-1.5\n%%EOF\n")},
        "review_verdict": {"rule_1": "1", "note": "无平台", "seen": "0"},
        "review_pick": {"reason": "测试"},
        "review_return": decision,
        "review_agree": decision,
        "review_recognise": decision | {"year": 2022},
        "export_summary": {"campaign": world["campaign"], "jurisdiction": world["county"], "year": 2022},
        "review_revoke": {"reason": "测试"},
        "site_visit_add": visit,
        "site_visit": visit,
        "site_visit_photos": {"photos": SimpleUploadedFile("照片.pdf", b"%PDF-1.5\n%%EOF\n")},
        "notice_edit": {
            "title": "公示",
            "text": "公示如下",
            "contact": "住房和城乡建设局 0878-3012345",
            "working_days": 5,
            "year": 2022,
            "seen": 1,
            "assessment": world["on_notice"],
        },
        "notice_publish": {"seen": 1},
        "notice_withdraw": {"reason": "测试"},
        "notice_decide": {"year": 2022, "document_number": "楚住建〔2022〕1号"},
        "objection_add": {"received_on": today, "is_signed": "1", "text": "绿化不足"},
        "objection_decide": {"outcome": "rejected", "handling": "现场核实"},
        "recheck_record": {"checked_on": today, "result": "passed", "seen": 0},
        "document_number_correct": {"document_number": "楚住建〔2022〕4号", "reason": "测试"},
        "base_name": {"title": "示范教育基地", "document_number": "楚住建〔2022〕3号", "named_on": today},
        "base_end": {"reason": "测试"},
        "set_notice_rules": {"working_days": 5},
        "opinion_save": {"stance": "agrees", "seen": "0"},
        "second_approval_decline": {"reason": "测试"},
        "set_second_approval": {"on": "1"},
        "person_invite": {"display_name": "测试", "role": "viewer"},
        "slips": {"person": world["person"]},
        "person_edit": {"display_name": "测试", "jurisdiction": world["home"]},
        "person_depart": {"confirmed": "1"},
        "membership_add": {"role": "staff"},
        "membership_change": {"role": "approver"},
        "security_policy": {"requires_two_factor": "1"},
        "set_target": {"jurisdiction": "532301000000", "year": 2022, "kind": "percent", "value": "70"},
    }
    return bodies.get(name, {})
