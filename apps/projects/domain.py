"""Verbs of projects: putting one down, changing it, completing it, ending it with a reason, taking one back.

The documents ask to bring the funds of all sources together (国家方案 四（一） 统筹相关政策予以支持; 安徽省 三（三）,
楚雄州 三（二） 整合政策支持); they are put down once, where they are spent, with the project.
"""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from datetime import date

from django.db import transaction
from django.db.models import Q

from apps.accounts.permissions import Actor, require
from apps.campaigns.domain import line_of
from apps.campaigns.models import Campaign
from apps.campaigns.nearest import campaigns_around, executing
from apps.communities.models import Community
from apps.core import clock
from apps.core.errors import InvalidInput, StaleForm, TransitionError
from apps.core.rounding import plain
from apps.core.scope import scope
from apps.core.wall import TENANT_WIDTH
from apps.projects.facts import DAYS, ProjectFacts, WrongProject, facts_of, is_same, refusals
from apps.projects.models import Funding, Project, State
from apps.standards.models import Criterion

VERB = "manage_projects"
LONGEST_REASON = 200


def nameable(campaign: Campaign, project: Project | None = None) -> list[Criterion]:
    """The criteria that a project of the campaign may name: its standard's, and those that ``project`` names already."""
    named = list(project.criteria) if project else []
    rows = Criterion.objects.filter(Q(standard=campaign.standard_id) | Q(pk__in=named))
    return list(rows.order_by("standard", "number"))


@transaction.atomic
def add_project(community: Community, campaign: Campaign, facts: ProjectFacts, *, actor: Actor) -> Project:
    """Put a project down in a community. The same twice has one effect; another one of that name is refused."""
    require(actor, VERB, community.path)
    locked = Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    named = [one for one in projects_in_line([locked], campaign) if one.name == facts.name.strip()]
    same = next((one for one in named if one.campaign_id == campaign.pk), None)
    errors = refusals(campaign, facts, [one.pk for one in nameable(campaign)])
    if same is None:
        errors |= misplaced(locked, campaign, campaigns_around([locked.path]), named)
    if locked.closed_on is not None:
        errors["community"] = f"{locked}已于 {locked.closed_on:%Y-%m-%d} 撤销，请登记在承接它的社区。"
    if errors:
        raise WrongProject(errors)
    if same is not None:
        if is_same(facts_of(same), facts):
            return same
        raise WrongProject(
            {"name": f"{locked}已登记过“{same}”（{same.recorded_by}），请打开那个项目修改，或者换个名称。"}
        )
    project = Project(community=locked, campaign=campaign, version=0)
    _write(project, facts, actor)
    return project


def projects_in_line(communities: Collection[Community], campaign: Campaign) -> list[Project]:
    """What stands in the communities of a province in ``campaign``, those that carry it out and those that it carries out.

    Also in one that a community has been moved out of: its money counts above as well.
    """
    if not communities:
        return []
    with _whole_tenant(next(iter(communities)).path):
        rows = Project.objects.filter(community__in=[one.pk for one in communities], campaign__in=line_of(campaign))
        return list(rows.select_related("recorded_by", "community", "campaign").prefetch_related("funding"))


def misplaced(
    community: Community, campaign: Campaign, around: Iterable[Campaign], named: Iterable[Project]
) -> dict[str, str]:
    """Say why a new project does not go into ``campaign``, where its money would count twice, or in the wrong sums.

    ``around``: the campaigns that the community lies in, none of which may carry ``campaign`` out there this year; ``named``: those
    of its name that stand in the line of the campaign.
    """
    found, year = {}, campaign.year_for(clock.today().year)
    if campaign.is_draft or not campaign.jurisdiction.contains(community.path):
        found["campaign"] = f"{community}不在“{campaign}”的范围内，请换一个创建行动。"
    elif nearer := executing(campaign, around, community.path, year):
        found["campaign"] = (
            f"{nearer.jurisdiction}执行“{nearer}”，项目登记在其中，不登记在“{campaign}”。请换成“{nearer}”。"
        )
    if other := next((one for one in named if one.campaign_id != campaign.pk), None):
        found["name"] = f"{community}已在“{other.campaign}”登记过“{other}”（{other.recorded_by}），不再重复登记。"
    return found


@transaction.atomic
def change_project(project: Project, facts: ProjectFacts, *, actor: Actor, seen: int | None = None) -> Project:
    """Change what is put down of a project, its funding included. It stays in its campaign, also where its community has left it.

    ``seen``: the version that the form showed; StaleForm where somebody has changed it since. The same twice has one effect.
    """
    locked = _hold(project, actor)
    if is_same(facts_of(locked), facts):
        return locked
    _check_seen(locked, seen)
    _refuse_ended(locked, "不能修改")
    criteria = [one.pk for one in nameable(locked.campaign, locked)]
    errors = refusals(locked.campaign, facts, criteria)
    if facts.name.strip() != locked.name:
        errors |= _taken(locked, facts.name.strip())
    if errors:
        raise WrongProject(errors)
    _write(locked, facts, actor)
    return locked


@transaction.atomic
def complete_project(project: Project, completed_on: date | None, *, actor: Actor) -> Project:
    """Record that a project under construction was completed; the same twice has one effect."""
    locked = _hold(project, actor)
    if locked.completed_on is not None:
        if locked.completed_on == completed_on:
            return locked
        raise TransitionError(f"“{locked}”已登记 {locked.completed_on:%Y-%m-%d} 完工，需要更正的请在“修改”里改。")
    _refuse_ended(locked, "不能登记完工")
    if locked.started_on is None:
        raise InvalidInput(f"“{locked}”还没有填开工日期，请在“修改”里填写开工和完工日期。")
    if completed_on is None or not locked.started_on <= completed_on <= clock.today():
        said = f"{completed_on:%Y-%m-%d} 不对" if completed_on else "请填写完工日期"
        raise InvalidInput(f"{said}：应在开工日期 {locked.started_on:%Y-%m-%d} 至今天之间。")
    locked.completed_on = completed_on
    _sign(locked, actor)
    return locked


@transaction.atomic
def end_project(project: Project, reason: str, *, actor: Actor) -> Project:
    """End a project that is not completed, with a reason: from this year on its plan does not count any more, what was spent
    does. Twice for one reason has one effect."""
    locked, reason = _hold(project, actor), reason.strip()
    if locked.ended_on is not None:
        if locked.end_reason == reason:
            return locked
        raise TransitionError(f"“{locked}”已于 {locked.ended_on:%Y-%m-%d} 终止：{locked.end_reason}")
    if locked.completed_on is not None:
        raise TransitionError(f"“{locked}”已于 {locked.completed_on:%Y-%m-%d} 完工，不能终止。")
    if not reason:
        raise InvalidInput("请填写终止理由，例如：资金未落实，并入明年片区改造。")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"理由有 {len(reason)} 字，超过 {LONGEST_REASON} 字，请缩短。")
    locked.ended_on, locked.end_reason = clock.today(), reason
    _sign(locked, actor)
    return locked


@transaction.atomic
def resume_project(project: Project, *, actor: Actor) -> Project:
    """Take the ending of a project back; one that is not ended stays as it is."""
    locked = _hold(project, actor)
    if locked.ended_on is not None:
        locked.ended_on, locked.end_reason = None, ""
        _sign(locked, actor)
    return locked


@transaction.atomic
def delete_project(project: Project, *, actor: Actor) -> None:
    """Take back a project on which nothing was spent, put down by mistake; its history stays. Twice has one effect."""
    require(actor, VERB, project.path)
    locked = _locked(project)
    if locked is None:
        return
    require(actor, VERB, locked.path)
    if spent := sum(one.spent for one in locked.funding.all()):
        raise TransitionError(f"“{locked}”已有完成投资 {plain(spent)} 万元，不能删除。不再建设的请“终止”。")
    locked.delete()


def deleted_before(pk: int) -> Project | None:
    """Return a deleted project as it stood last, for whoever had it in sight; None where it stands or never was."""
    gone = Project.pgh_event_model.objects.filter(pgh_obj_id=pk, pgh_label="delete").first()  # type: ignore[attr-defined]
    if gone is None:
        return None
    return Project(**{field.attname: getattr(gone, field.attname) for field in Project._meta.concrete_fields})


def find_project(pk: int) -> Project | None:
    """The project as it stands, with its community and campaign."""
    found = Project.objects.select_related("community__jurisdiction", "recorded_by").filter(pk=pk).first()
    return found and _with_campaign(found)


def _hold(project: Project, actor: Actor) -> Project:
    """The project as it stands, held for this transaction."""
    require(actor, VERB, project.path)
    if (locked := _locked(project)) is None:
        raise TransitionError(f"“{project}”刚刚被删除了，没有保存。")
    require(actor, VERB, locked.path)
    return _with_campaign(locked)


def _locked(project: Project) -> Project | None:
    """The project as it stands, held together with its community: whoever puts down or changes others there waits."""
    list(Community.objects.select_for_update(no_key=True).filter(pk=project.community_id).values_list("pk"))
    rows = Project.objects.select_for_update(of=("self",)).select_related("community")
    return rows.filter(pk=project.pk).first()


def _with_campaign(project: Project) -> Project:
    """Read the project's campaign, also where its community has been moved out of it: the wall hides that one from those below."""
    rows = Campaign.objects.select_related("jurisdiction", "standard").filter(pk=project.campaign_id)
    if (campaign := rows.first()) is None:
        with _whole_tenant(project.path):
            campaign = rows.get()
    project.campaign = campaign
    return project


def _taken(project: Project, name: str) -> dict[str, str]:
    """Say that another project of that name stands in the line of the project's campaign."""
    standing = projects_in_line([project.community], project.campaign)
    other = next((one for one in standing if one.name == name and one.pk != project.pk), None)
    return {"name": f"{project.community}在“{other.campaign}”另有一个“{name}”，请换个名称。"} if other else {}


def _whole_tenant(path: str) -> AbstractContextManager[None]:
    return scope(path[:TENANT_WIDTH])


def _check_seen(project: Project, seen: int | None) -> None:
    if seen is not None and seen != project.version:
        raise StaleForm(f"“{project}”刚刚由{project.recorded_by}改过，您填写的没有保存。请打开最新内容核对后再改。")


def _refuse_ended(project: Project, what: str) -> None:
    if project.ended_on is not None:
        raise TransitionError(f"“{project}”已于 {project.ended_on:%Y-%m-%d} 终止，{what}。需要时请先“恢复”。")


def _write(project: Project, facts: ProjectFacts, actor: Actor) -> None:
    """Store what was checked, with the lines of funding as they are now; a line that stays keeps its row and its history."""
    project.name, project.content = facts.name.strip(), facts.content.strip()
    project.criteria = sorted(set(facts.criteria))
    for field in DAYS:
        setattr(project, field, getattr(facts, field))
    _sign(project, actor)
    wanted = {(one.source, one.year): one for one in facts.funding}
    standing = {(one.source, one.year): one for one in project.funding.all()}
    if gone := [one.pk for key, one in standing.items() if key not in wanted]:
        Funding.objects.filter(pk__in=gone).delete()
    Funding.objects.bulk_create(
        Funding(project=project, **money._asdict()) for key, money in wanted.items() if key not in standing
    )
    for key in wanted.keys() & standing.keys():
        row, money = standing[key], wanted[key]
        if (row.planned, row.spent) != (money.planned, money.spent):
            row.planned, row.spent = money.planned, money.spent
            row.save()


def _sign(project: Project, actor: Actor) -> None:
    project.version += 1
    project.recorded_at, project.recorded_by = clock.now(), actor.user
    project.save()


def may_change(project: Project, actor: Actor) -> bool:
    """Whether the project's form is open to ``actor``."""
    return project.state != State.ENDED and actor.can(VERB, project.path)
