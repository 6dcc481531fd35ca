"""What the access matrix is about: a piece of the product's world, and what is posted to each address."""

from datetime import date
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.acting import acting
from apps.accounts.models import Role, User
from apps.accounts.permissions import Actor
from apps.assessments.evidence import attach_evidence
from apps.assessments.models import SecondApproval
from apps.assessments.site_visits import VisitFacts, record_visit
from apps.bulletins.domain import draft_bulletin, publish_bulletin
from apps.campaigns.adopting import adopt_recognitions
from apps.campaigns.annual_plans import listed_in, submit_plan, version_of
from apps.campaigns.distributing import Way, division_of
from apps.campaigns.entries import add_entry
from apps.campaigns.models import Campaign, Phase
from apps.communities.models import Community, SurveyField
from apps.communities.survey_fields import FieldFacts, add_field
from apps.core import clock
from apps.core.scope import scope
from apps.evaluations.domain import begin_evaluation
from apps.filings.attachments import attach_file
from apps.filings.domain import submit_filing
from apps.notifications.models import Notification
from apps.people.inviting import ContactFacts, invite_person
from apps.recognitions.demonstration_bases import name_base
from apps.recognitions.notices import Wording, draft_notice, edit_notice, publish_notice
from apps.recognitions.objections import record_objection
from apps.reorganisations.baselines import confirm_baseline
from apps.reports.domain import request_export
from apps.reports.tasks import make_export
from apps.standards.deriving import begin_version
from tests.architecture.access_api import around_the_api, tokens
from tests.architecture.access_matrix import PEOPLE
from tests.architecture.access_visits import bodies_of_visits, visits_and_practices
from tests.campaigns.drafts import ready_draft, seen
from tests.evaluations.conftest import submit as submit_evaluation
from tests.factories import agree, enrol, fill_in, made_up, recognised_community, submit, submitted_community
from tests.filings.conftest import draft, milestone_of
from tests.projects.conftest import criteria_of, put_down

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
        kind = "completion_summary"
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
    # By a colleague of the county who is not tried.
    with acting(visitor):
        baseline = confirm_baseline(visitor.jurisdiction, 2021, actor=visitor)
    person = invited.user
    return (
        _around_recognition(chuxiong)
        | _filings(chuxiong)
        | _evaluations(chuxiong)
        | visits_and_practices(chuxiong)
        | tokens()
        | _next_campaign()
        | {
            "notification": _notification().pk,
            "publisher": "532300000000",
            "visited": visited.pk,
            "visit": visit.pk,
            "draft_standard": drafted.code,
            "draft_criterion": drafted.criteria.get(number=1).pk,
            "person": person.pk,
            "baseline": baseline.pk,
            "street": officer.jurisdiction.pk,
            "county beside": made_up("532302", Role.STAFF).jurisdiction.pk,
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
            "survey_field": _survey_field().pk,
            "project": put_down(_community("532301101001"), chuxiong, started_on=date(2022, 4, 1)).pk,
            "waiting_plan": _waiting_plan(chuxiong),
            "plan_version": version_of(listed_in(chuxiong, made_up(*PEOPLE["county"]).jurisdiction, 2022)),
            "campaign": chuxiong.code,
            "campaign_id": chuxiong.pk,
            "unplanned": _community("532301101003").pk,
            "county": made_up(*PEOPLE["county"]).jurisdiction.pk,
            "problem": "stale",
            "seen": submitted.actions.latest("pk").pk,
            "standard": chuxiong.standard.code,
            "first_criterion": criteria_of(chuxiong)[0],
        }
        | around_the_api(chuxiong)
    )


def _community(code: str) -> Community:
    return Community.objects.get(code=code)


def _waiting_plan(chuxiong: Campaign) -> int:
    """The plan of the county beside, submitted by a colleague who is not tried."""
    planner = made_up("532302", Role.APPROVER)
    with acting(planner):
        nothing = version_of([])
        plan = submit_plan(chuxiong, planner.jurisdiction, 2022, actor=planner, seen=nothing, explanation="明年再列")
    return plan.pk


def _filings(chuxiong: Campaign) -> World:
    """What 楚雄市 owes, and what the county beside has handed in, by a colleague who is not tried."""
    due_on, filer = date(2022, 8, 31), made_up("532302", Role.APPROVER)
    milestone = milestone_of(chuxiong)
    drafted = draft(milestone, filer.jurisdiction, due_on, actor=filer)
    with acting(filer):
        file = SimpleUploadedFile("自评.pdf", b"%PDF-1.4\n%%EOF\n")
        attached = attach_file(drafted, file, actor=filer)
        submit_filing(drafted, actor=filer, seen=drafted.version)
    return {
        "due": milestone.pk,
        "due_day": due_on.isoformat(),
        "due_county": "532301000000",
        "due_beside": filer.jurisdiction.key,
        "waiting_filing": drafted.pk,
        "filed": attached.pk,
    }


def _evaluations(chuxiong: Campaign) -> World:
    """A draft of 楚雄市, and what the county beside has submitted, by colleagues who are not tried."""
    writer, beside = made_up("532301", Role.APPROVER), made_up("532302", Role.APPROVER)
    with acting(writer):
        begin_evaluation(chuxiong, writer.jurisdiction, 2022, actor=writer)
    submitted = submit_evaluation(chuxiong, actor=beside, texts={"经验做法": "物业、居民、社区三方共管充电车棚。"})
    return {
        "evaluated": chuxiong.code,
        "evaluated_year": 2022,
        "drafting": writer.jurisdiction.key,
        "reporting": beside.jurisdiction.key,
        "evaluation": submitted.pk,
    }


def _division(prefecture: str) -> dict[str, object]:
    """楚雄州's target of 2022 divided over its counties, as the page posts it."""
    place = made_up(prefecture, Role.APPROVER).jurisdiction
    division = division_of(Campaign.objects.get(code="chuxiong-2021"), place, 2022, place)
    numbers = division.propose(98, Way.BASE)
    return {f"number_{pk}": number for pk, number in numbers.items()} | {
        "whole": 98,
        "version": division.version,
        "set": "1",
    }


def _around_recognition(chuxiong: Campaign) -> World:
    """A public notice with an open objection, a draft of another, two bulletins, and a community of last year that is a base."""
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
        bulletin = publish_bulletin(draft_bulletin(chuxiong, 2022, actor=approver), actor=approver, seen=1)
        drafted = draft_bulletin(chuxiong, 2021, actor=approver)
        adopted = adopt_recognitions(
            chuxiong,
            {_community("532301101014").pk: 2021},
            document_number="楚住建城〔2021〕46号",
            decided_on=date(2021, 12, 20),
            reason="测试",
            sources="附件2.xlsx",
            actor=approver,
        )
    return {
        "bulletin": bulletin.pk,
        "draft_bulletin": drafted.pk,
        "adopted": adopted.added[0].pk,
        "notice": notice.pk,
        "draft_notice": draft.pk,
        "entry": entry.pk,
        "objection": objection.pk,
        "recognition": recognition.pk,
        "base": base.pk,
        "on_notice": other.pk,
        "this_year": clock.today().year,
    }


def _next_campaign() -> World:
    """楚雄州's draft of its next campaign, with a phase."""
    manager = made_up(*PEOPLE["administrator"])
    draft = ready_draft(manager)
    with acting(manager):
        phase = add_entry(Phase, draft, {"title": "起步"}, actor=manager, seen=seen(draft, "phases"))
    return {
        "draft_campaign": draft.code,
        "draft_phase": phase.pk,
        "draft_version": seen(draft),
        "phases_version": seen(draft, "phases"),
        "phase_version": seen(draft, phase),
        "chain_version": seen(draft, "chain"),
        "years_version": seen(Campaign.objects.get(code="chuxiong-2021"), "years"),
    }


def _survey_field() -> SurveyField:
    administrator = made_up(*PEOPLE["administrator"])
    with acting(administrator):
        return add_field(FieldFacts("充电桩", "whole"), actor=administrator)


def _notification() -> Notification:
    user = made_up(*PEOPLE["county"]).user
    return Notification.objects.create(
        user=user, key="test:1", kind="arrived", title="测试", url="/reviews/", created_at=clock.now()
    )


def body_of(name: str, world: World) -> dict[str, object]:
    """What is posted: a good form, so that whoever may do it does it."""
    if name == "target_distribute":
        return _division("5323")
    decision: dict[str, object] = {"comment": "测试", "seen": world["seen"]}
    today = clock.today().isoformat()
    visit: dict[str, object] = {"visited_on": today, "offices": "住建局", "findings": "属实", "version": "1"}
    change: dict[str, object] = {
        "effective_on": today,
        "document_number": "楚政发〔2026〕1号",
        "reason": "测试",
        "submission": uuid4(),
    }
    bodies: dict[str, dict[str, object]] = {
        "survey_edit": {"households": "1200", "source": "街道台账", "surveyed_on": today, "seen": "0"},
        "community_urban": {"counts": "0", "reason": "尚未建成", "seen": "1"},
        "survey_field_add": {"label": "光伏", "kind": "whole"},
        "survey_field_edit": {"label": "充电桩", "kind": "whole", "unit": "个", "seen": "1"},
        "switch_campaign": {"campaign": world["campaign_id"]},
        "project_edit": {
            "name": "老旧供水管网改造",
            "criteria": world["first_criterion"],
            "planned_start": "2022-03-01",
            "planned_end": "2022-10-31",
            "started_on": "2022-04-01",
            "source-0": "fiscal",
            "year-0": "2022",
            "planned-0": "130",
            "seen": "1",
        },
        "project_complete": {"completed_on": "2022-10-01"},
        "project_end": {"reason": "资金未落实"},
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
        "export_request": {
            "kind": "completion_summary",
            "campaign": world["campaign"],
            "jurisdiction": world["county"],
            "year": 2022,
        },
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
        "bulletin_edit": {"title": "通报", "ranked_by": "ratio", "text": "如下。", "seen": 1},
        "bulletin_publish": {"seen": 1},
        "bulletin_withdraw": {"reason": "测试"},
        "notice_publish": {"seen": 1},
        "notice_withdraw": {"reason": "测试"},
        "notice_decide": {"year": 2022, "document_number": "楚住建〔2022〕1号"},
        "objection_add": {"received_on": today, "is_signed": "1", "text": "绿化不足"},
        "objection_decide": {"outcome": "rejected", "handling": "现场核实"},
        "recheck_record": {"checked_on": today, "result": "passed", "seen": 0},
        "document_number_correct": {"document_number": "楚住建〔2022〕4号", "reason": "测试"},
        "base_name": {"title": "示范教育基地", "document_number": "楚住建〔2022〕3号", "named_on": today},
        "base_end": {"reason": "测试"},
        "adopted_revoke": {"reason": "测试"},
        "baseline_reopen": {"reason": "测试"},
        "community_open": change | {"name": "新设测试社区", "street": world["street"]},
        "community_change": change,
        "jurisdiction_change": change | {"unit": world["street"], "to": world["county beside"]},
        "set_reminder_days": {"before": "7、0", "after": "1", "reason": "测试"},
        "set_notice_rules": {"working_days": 5, "reason": "测试"},
        "campaign_copy": {"name": "新行动", "first_year": 2029, "last_year": 2030},
        "campaign_part": {"levels": ["district"], "version": world["chain_version"]},
        "campaign_entry_add": {"title": "推进", "version": world["phases_version"]},
        "campaign_entry": {"title": "推进", "version": world["phase_version"]},
        "campaign_entry_move": {"direction": "up", "phases_version": world["phases_version"]},
        "campaign_entry_delete": {"version": world["phase_version"]},
        "campaign_open": {"version": world["draft_version"]},
        "campaign_delete": {"campaign": Campaign.objects.get(code=world["draft_campaign"]).pk},
        "plan_withdraw": {"round": "1"},
        "campaign_years": {
            "first_year": 2021,
            "last_year": 2023,
            "reason": "测试",
            "basis": "楚住建〔2023〕1号",
            "version": world["years_version"],
        },
        "campaign_close": {"reason": "测试"},
        "campaign_reopen": {"reason": "测试"},
        "opinion_save": {"stance": "agrees", "seen": "0"},
        "second_approval_decline": {"reason": "测试"},
        "set_second_approval": {"on": "1", "reason": "测试"},
        "person_invite": {"display_name": "测试", "role": "viewer"},
        "slips": {"person": world["person"]},
        "person_edit": {"display_name": "测试", "jurisdiction": world["home"]},
        "person_depart": {"confirmed": "1"},
        "membership_add": {"role": "staff"},
        "membership_change": {"role": "approver"},
        "security_policy": {"requires_two_factor": "1"},
        "token_add": {"name": "程序", "scope": "read", "expires_on": today},
        "system_add": {"system": "平台", "role": "viewer", "name": "同步", "scope": "read", "expires_on": today},
        "system_token": {"name": "另建", "scope": "read", "expires_on": today},
        "office_profile": {"name": "楚雄州住房和城乡建设局", "seen": "0"},
        "plan_submit": {"version": world["plan_version"], "explanation": "明年补齐"},
        "plans_accept": {"plan": f"{world['waiting_plan']}:1"},
        "plan_return": {"round": "1", "reason": "试点不足"},
        "plan_accept": {"round": "1"},
        "filing": {"narrative": "已自评", "seen": "0", "do": "submit"},
        "filing_move": {"moved_to": "2022-09-30", "reason": "受疫情影响"},
        "filing_escalate": {"text": "请于 3 个工作日内报送"},
        "filing_withdraw": {"round": "1"},
        "filing_return": {"round": "1", "reason": "数据不全"},
        "filing_accept": {"round": "1"},
        "evaluation": {"seen": "1", "title-0": "存在问题", "text-0": "充电设施不足。"},
        "evaluation_countersign": {"seen": "1", "department": "公安部门", "stance": "agrees", "office": "楚雄市公安局"},
        "evaluation_withdraw": {"round": "1"},
        "evaluation_practice": {"title": "经验做法"},
        "evaluation_take_up": {"title": "共管车棚", "text": "三方共管。"},
        "evaluation_agree": {"round": "1"},
        "evaluation_return": {"round": "1", "reason": "数据不全"},
        "evaluation_approve": {"round": "1"},
        "set_target": {
            "jurisdiction": "532301000000",
            "year": 2022,
            "kind": "percent",
            "value": "70",
            "seen": "0",
        },
    }
    return (bodies | bodies_of_visits()).get(name, {})
