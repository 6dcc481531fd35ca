"""Pages of projects: the list, one project, its form, and what becomes of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns.current import campaigns_worked_under
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from apps.communities.spelling import letters_of
from apps.core.downloads import table_download
from apps.core.errors import InvalidInput, ProblemForPeople, TransitionError
from apps.core.forms import Problems
from apps.core.inputs import whole_number
from apps.projects.domain import (
    VERB,
    add_project,
    change_project,
    complete_project,
    delete_project,
    deleted_before,
    end_project,
    find_project,
    may_change,
    nameable,
    resume_project,
)
from apps.projects.facts import WrongProject, money_of, wrong_start
from apps.projects.forms import CompletionForm, EndForm, FundingLines, ProjectForm
from apps.projects.listing import ProjectFilter, Row
from apps.projects.models import Project, ProjectQuerySet, State
from apps.projects.sheet import LISTED_COLUMNS, listed_rows
from apps.standards.models import Criterion

PAGE_SIZE = 50
# What one download holds, and how many communities there are to choose from.
DOWNLOAD_LIMIT = 10_000
_CHOICES = 60


@members_only
@require_safe
def project_list(request: ActorRequest) -> HttpResponse:
    """Projects by place, year, source, criterion and state with their sums; with ``?format=xlsx`` the whole list."""
    form = ProjectFilter(request)
    found = form.found()
    listed = found.select_related("community__jurisdiction", "campaign", "recorded_by").prefetch_related("funding")
    if request.GET.get("format") == "xlsx":
        return _download(request, form, listed)
    page = Paginator(listed, PAGE_SIZE).get_page(request.GET.get("page"))
    *above, here = form.place.trail
    context = {
        "form": form,
        "page_obj": page,
        "rows": form.rows(page.object_list),
        "totals": form.totals(found),
        "trail": [*((one.name, f"?jurisdiction={one.key}") for one in above), (here.name, None)] if above else [],
        "may_manage": request.actor.can(VERB),
    }
    return render(request, "projects/project_list.html", context)


def _unless_deleted(
    view: Callable[[ActorRequest, Project], HttpResponse],
) -> Callable[[ActorRequest, int], HttpResponse]:
    """Give a view its project; of one that was deleted it is told in the list, of one that is out of sight nothing (404)."""

    @wraps(view)
    def shown(request: ActorRequest, pk: int) -> HttpResponse:
        if (project := find_project(pk)) is not None:
            return view(request, project)
        messages.warning(request, f"“{_deleted(pk)}”已被删除。")
        return redirect("project_list")

    return shown


@members_only
@require_safe
@_unless_deleted
def project_detail(request: ActorRequest, project: Project) -> HttpResponse:
    """One project: what is built, for which criteria, with which money, and what can be done."""
    return _detail(request, project)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def project_add(request: ActorRequest) -> HttpResponse:
    """Put a project down in ``?community=``; without one, choose it first."""
    require(request.actor, VERB)
    key = request.GET.get("community", "")
    if not key:
        return _choose(request)
    communities = Community.objects.select_related("jurisdiction")
    community = get_object_or_404(communities, pk=whole_number(key) or 0)
    require(request.actor, VERB, community.path)
    campaigns = _campaigns_for(request, community)
    code = request.GET.get("campaign") or campaigns[0].code
    campaign = next((one for one in campaigns if one.code == code), None)
    if campaign is None:
        raise Http404(f"{community}没有代码为“{code}”、可以登记项目的创建行动。")

    def save(form: ProjectForm, lines: FundingLines) -> Project:
        return add_project(community, campaign, form.facts(lines.money), actor=request.actor)

    context = {"community": community, "project_campaign": campaign, "choices": campaigns}
    return _form_page(request, None, nameable(campaign), save, context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def project_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change a project and its funding."""
    project = find_project(pk)
    if project is None:
        return _edit_deleted(request, _deleted(pk))
    require(request.actor, VERB, project.path)

    def save(form: ProjectForm, lines: FundingLines) -> Project:
        return change_project(
            project, form.facts(lines.money), actor=request.actor, seen=form.cleaned_data["seen"] or 0
        )

    context = {"community": project.community, "project_campaign": project.campaign, "project": project}
    return _form_page(request, project, nameable(project.campaign, project), save, context)


@members_only
@require_POST
@_unless_deleted
def project_complete(request: ActorRequest, project: Project) -> HttpResponse:
    """Record that the project was completed."""
    form = CompletionForm(request.POST, label_suffix="")
    require(request.actor, VERB, project.path)
    if not form.is_valid() and request.POST.get("completed_on"):
        return _detail(request, project, problem=form.problems.placed[0].text, status=InvalidInput.status)
    day = form.cleaned_data.get("completed_on")
    return _act(
        request, project, lambda: complete_project(project, day, actor=request.actor), f"“{project}”已登记完工。"
    )


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
@_unless_deleted
def project_end(request: ActorRequest, project: Project) -> HttpResponse:
    """End a project with a reason."""
    require(request.actor, VERB, project.path)
    form, status = EndForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        status = _attempt(form, lambda: end_project(project, form.cleaned_data["reason"], actor=request.actor))
        if not status:
            messages.success(request, f"“{project}”已终止。")
            return redirect("project_detail", project.pk)
    context = {"form": form, "project": project, "trail": _trail(project, "终止")}
    return render(request, "projects/project_end.html", context, status=status)


@members_only
@require_POST
@_unless_deleted
def project_resume(request: ActorRequest, project: Project) -> HttpResponse:
    """Take the ending of a project back."""
    require(request.actor, VERB, project.path)
    return _act(request, project, lambda: resume_project(project, actor=request.actor), f"“{project}”已恢复。")


@members_only
@require_POST
def project_delete(request: ActorRequest, pk: int) -> HttpResponse:
    """Delete a project on which nothing was spent; pressed again, the button says the same."""
    # In this order: what is deleted between the two is found.
    project = find_project(pk) or _deleted(pk)
    require(request.actor, VERB, project.path)
    try:
        delete_project(project, actor=request.actor)
    except ProblemForPeople as error:
        return _detail(request, project, problem=error.message, status=error.status)
    messages.success(request, f"“{project}”已删除。")
    return redirect("project_list")


def _detail(request: ActorRequest, project: Project, *, problem: str = "", status: int = 200) -> HttpResponse:
    row = Row(project, list(project.funding.all()))
    context = {
        "project": project,
        "row": row,
        "problem": problem,
        "criteria": Criterion.objects.filter(pk__in=project.criteria).order_by("standard", "number"),
        "completion": CompletionForm(label_suffix="") if project.state == State.BUILDING else None,
        "may_change": may_change(project, request.actor),
        "may_resume": project.state == State.ENDED and request.actor.can(VERB, project.path),
        "is_unspent": not row.amounts.spent,
        "trail": _trail(project),
    }
    return render(request, "projects/project_detail.html", context, status=status)


def _form_page(
    request: ActorRequest,
    project: Project | None,
    criteria: list[Criterion],
    save: Callable[[ProjectForm, FundingLines], Project],
    context: dict[str, Any],
) -> HttpResponse:
    """The form of a project: judged and saved, given more lines, or shown."""
    posted, status = request.POST if request.method == "POST" else None, 200
    adds_lines = posted is not None and "more" in posted
    lines = FundingLines(posted, money_of(project.funding.all()) if project else (), adds_lines=adds_lines)
    if posted is None or adds_lines:
        typed = {**posted.dict(), "criteria": posted.getlist("criteria")} if posted else None
        form = ProjectForm(criteria, project, typed=typed)
    else:
        form = ProjectForm(criteria, project, posted)
        saved, status = _save(form, lines, save)
        if saved is not None:
            messages.success(request, f"“{saved}”已保存。")
            return redirect("project_detail", saved.pk)
    community = context["community"]
    trail = _trail(project, "修改") if project else [*_trail_of(community), ("登记项目", None)]
    context |= {"form": form, "lines": lines, "trail": trail, "problems": _problems(form, lines)}
    return render(request, "projects/project_form.html", context, status=status)


def _edit_deleted(request: ActorRequest, project: Project) -> HttpResponse:
    """What was typed into the form of a project that was deleted meanwhile: it can be put down anew."""
    require(request.actor, VERB, project.path)
    community = Community.objects.select_related("jurisdiction").filter(pk=project.community_id).first()
    if request.method != "POST" or community is None:
        messages.warning(request, f"“{project}”已被删除。")
        return redirect("project_list")
    campaigns = _campaigns_for(request, community)
    campaign = next((one for one in campaigns if one.pk == project.campaign_id), campaigns[0])
    typed = {**request.POST.dict(), "criteria": request.POST.getlist("criteria")}
    said = f"“{project}”刚刚被删除了，您填写的没有保存。仍要登记的点“保存”，作为新项目登记；不登记的返回名单。"
    context = {
        "community": community,
        "project_campaign": campaign,
        "form": ProjectForm(nameable(campaign), None, typed=typed),
        "lines": FundingLines(request.POST),
        "problems": Problems([said], []),
        "trail": [*_trail_of(community), ("登记项目", None)],
        "action": f"{reverse('project_add')}?community={community.pk}&campaign={campaign.code}",
        "back": reverse("project_list"),
    }
    return render(request, "projects/project_form.html", context, status=TransitionError.status)


def _problems(form: ProjectForm, lines: FundingLines) -> Problems:
    """What is wrong with both, in the order of the page: criteria stand last."""
    general, placed = form.problems
    return Problems(general, sorted([*placed, *lines.problems], key=lambda one: one.label == form["criteria"].label))


def _save(
    form: ProjectForm, lines: FundingLines, save: Callable[[ProjectForm, FundingLines], Project]
) -> tuple[Project | None, int]:
    """Save what was entered; without the project, the status of the page that says why not."""
    # Both are read, so that one page tells of everything.
    are_good = [form.is_valid(), lines.is_valid()]
    if "started_on" not in form.errors:
        form.tell(wrong_start(form.cleaned_data.get("started_on"), lines.money))
    if not all(are_good) or form.errors:
        return None, WrongProject.status
    try:
        return save(form, lines), 200
    except WrongProject as error:
        form.tell(error.errors)
        lines.tell(error.errors)
        return None, error.status
    except ProblemForPeople as error:
        form.add_error(None, error.message)
        return None, error.status


def _attempt(form: EndForm, verb: Callable[[], object]) -> int:
    """Call ``verb`` with what was entered; return 0 when done, else the status of the page that says why not."""
    if not form.is_valid():
        return InvalidInput.status
    try:
        verb()
    except ProblemForPeople as error:
        form.add_error(None, error.message)
        return error.status
    return 0


def _act(request: ActorRequest, project: Project, verb: Callable[[], object], said: str) -> HttpResponse:
    """Call ``verb`` and go back to the project, or say there why not."""
    try:
        verb()
    except ProblemForPeople as error:
        return _detail(request, project, problem=error.message, status=error.status)
    messages.success(request, said)
    return redirect("project_detail", project.pk)


def _choose(request: ActorRequest) -> HttpResponse:
    """The communities that a project may be put down in, by name."""
    asked, own = request.GET.get("q", "").strip()[:60], request.actor.jurisdiction
    communities = Community.objects.below(own.path).filter(closed_on=None).select_related("jurisdiction")
    if letters := letters_of(asked):
        communities = communities.filter(initials__contains=letters) | communities.filter(
            pinyin__contains=f" {letters}"
        )
    elif asked:
        communities = communities.filter(name__contains=asked)
    found = list(communities.in_code_order()[: _CHOICES + 1])
    context = {"asked": asked, "communities": found[:_CHOICES], "is_cut": len(found) > _CHOICES}
    return render(request, "projects/project_choose.html", context)


def _campaigns_for(request: ActorRequest, community: Community) -> list[Campaign]:
    """The campaigns under which a project may be put down in the community, running ones and the nearest first; 404 without any.

    One that a nearer one carries out is left out: what is put down there counts in it.
    """
    found = campaigns_worked_under(request, community.path)
    here = [one for one in found if community.path.startswith(one.path)]
    if not here:
        raise Http404(f"{community}所在的辖区还没有创建行动，不能登记项目。")
    return sorted(here, key=lambda one: (not one.is_open, -len(one.path), -one.first_year))


def _deleted(pk: int) -> Project:
    if (project := deleted_before(pk)) is None:
        raise Http404("没有这个项目。")
    return project


def _trail_of(community: Community) -> list[tuple[str, str | None]]:
    page = reverse("community_detail", args=[community.pk])
    return [("项目与资金", reverse("project_list")), (community.short_name, page)]


def _trail(project: Project, here: str = "") -> list[tuple[str, str | None]]:
    above = _trail_of(project.community)
    if not here:
        return [*above, (project.name, None)]
    return [*above, (project.name, reverse("project_detail", args=[project.pk])), (here, None)]


def _download(request: ActorRequest, form: ProjectFilter, listed: ProjectQuerySet) -> HttpResponse:
    count, place = listed.count(), form.place.jurisdiction
    if count > DOWNLOAD_LIMIT:
        messages.warning(request, f"共 {count:,} 个项目，超过一次下载的 {DOWNLOAD_LIMIT:,} 个。请按辖区分别下载。")
        query = request.GET.copy()
        del query["format"]
        return redirect(f"{request.path}?{query.urlencode()}")
    title = f"{place.name}建设改造项目"
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    return table_download(title, LISTED_COLUMNS, listed_rows(form.rows(listed)))
