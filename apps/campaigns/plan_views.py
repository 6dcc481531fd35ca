"""HTTP of 年度计划: a district chooses the communities of a year; the levels above and the streets read it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import Actor, require
from apps.campaigns.annual_plans import level_above, may_decide
from apps.campaigns.current import access_jurisdiction, campaigns_of, current_campaign, current_year
from apps.campaigns.domain import Enrolment, enrol_communities, mark_pilot, remove_from_plan
from apps.campaigns.models import AnnualPlan, Campaign, Participation, Target
from apps.campaigns.nearest import executing
from apps.campaigns.plan import Sheet, hidden_choices, missing_of, plans_itself, sheet_of
from apps.campaigns.plan_due import DuePlans, due_plans, plans_below
from apps.campaigns.plan_forms import EnrolForm, PlanFilter, WhyForm, shown_number
from apps.campaigns.plan_states import SHORT, STATES, PlanStates, states_of
from apps.campaigns.progress import names_url
from apps.campaigns.ratios import format_percent
from apps.campaigns.rollup import Line, Rollup, roll_up
from apps.campaigns.sheets import overview_download
from apps.communities.models import Community
from apps.core.errors import InvalidInput, ProblemForPeople
from apps.core.rounding import plain
from apps.jurisdictions.models import Jurisdiction, Level

# The units below that a sentence names.
_NAMED = 5
# Those without a plan that the overview names: more than a province has.
_NAMED_MISSING = 200


@members_only
@require_http_methods(["GET", "POST"])
def plan(request: ActorRequest) -> HttpResponse:
    """The plan of a year: by street where communities are chosen, by child jurisdiction above; POST enrols what is ticked."""
    campaign = current_campaign(request)
    if campaign is None:
        return render(request, "campaigns/plan_empty.html")
    year, place = current_year(request, campaign), _place(request)
    if not campaign.jurisdiction.contains(place.path):
        return redirect(plan_url(campaign, year, campaign.jurisdiction))
    if request.method == "POST":
        return _enrol(request, campaign, year, place)
    if place.level != Level.STREET and not plans_itself(place):
        return _overview(request, campaign, year, place)
    return render(request, "campaigns/plan.html", _page(request, campaign, year, place))


@members_only
@require_POST
def plan_remove(request: ActorRequest, pk: int) -> HttpResponse:
    """Take a community off the plan."""
    community, campaign, part = _planned(request, pk)

    def remove(**why: str) -> None:
        if part is not None:
            remove_from_plan(part, actor=request.actor, **why)

    return _change(request, campaign, community, remove, f"{community} 已调出计划。")


@members_only
@require_POST
def plan_pilot(request: ActorRequest, pk: int) -> HttpResponse:
    """Make a community of the plan a pilot (``is_pilot=1``), or no longer one."""
    community, campaign, part = _planned(request, pk)
    if part is None:
        raise InvalidInput(f"{community} 已不在计划内，请刷新后核对。")
    is_pilot = shown_number(request.POST.get("is_pilot", "")) == 1
    mark = partial(mark_pilot, part, is_pilot, actor=request.actor)
    return _change(request, campaign, community, mark, f"{community} {'已设为试点' if is_pilot else '不再是试点'}。")


def campaign_to_plan(request: ActorRequest) -> tuple[Campaign, int]:
    """The campaign and year of an address; 404 where there is no campaign."""
    campaign = current_campaign(request)
    if campaign is None:
        raise Http404("没有创建行动。")
    return campaign, current_year(request, campaign)


def plan_url(campaign: Campaign, year: int, place: Jurisdiction) -> str:
    """Return the address that holds the page's state."""
    query = {"campaign": campaign.code, "year": year, "jurisdiction": place.key}
    return f"{reverse('plan')}?{urlencode(query)}"


def may_plan(actor: Actor, place: Jurisdiction) -> bool:
    """Whether the person chooses communities here: at the planning level itself; those above it read."""
    return place == actor.jurisdiction and actor.can("enrol_communities") and plans_itself(place)


def _check_planner(actor: Actor, place: Jurisdiction) -> None:
    require(actor, "enrol_communities", place.path)
    if not may_plan(actor, place):
        raise InvalidInput(f"{place}的年度计划由县（市、区）编制，本级只能查看。")


def _place(request: ActorRequest) -> Jurisdiction:
    return access_jurisdiction(request, request.GET.get("jurisdiction", ""))


def _enrol(request: ActorRequest, campaign: Campaign, year: int, place: Jurisdiction) -> HttpResponse:
    _check_planner(request.actor, place)
    form, why = EnrolForm(request.POST, place), WhyForm(request.POST)
    problem = form.problem or why.problem
    if not problem:
        chosen, pilots = form.cleaned_data["chosen"], form.cleaned_data["pilots"]
        try:
            done = enrol_communities(campaign, year, chosen, actor=request.actor, pilots=pilots, **why.cleaned_data)
        except ProblemForPeople as error:
            problem = error.message
        else:
            messages.success(request, _done(done, year))
            return redirect(plan_url(campaign, year, place))
    context = _page(request, campaign, year, place)
    context |= {
        "problem": problem,
        "ticked": set(request.POST.getlist("community")),
        "ticked_pilots": set(request.POST.getlist("pilot")),
        "why": _why(context["plan"], request.POST),
    }
    return render(request, "campaigns/plan.html", context, status=422)


def _why(plan: AnnualPlan | None, data: object = None) -> WhyForm:
    """The reason of a change, which has to be there once the plan is accepted."""
    return WhyForm(data, is_needed=plan is not None and plan.is_accepted)


def _done(done: Enrolment, year: int) -> str:
    pilots = sum(one.is_pilot for one in done.added)
    said = [f"已列入 {year} 年计划 {len(done.added)} 个社区" + (f"，其中试点 {pilots} 个" if pilots else "")]
    if done.unchanged:
        said.append(f"{len(done.unchanged)} 个此前已列入，没有改动")
    return "；".join(said) + "。"


def _page(request: ActorRequest, campaign: Campaign, year: int, place: Jurisdiction) -> dict[str, Any]:
    sheet = sheet_of(campaign, place, year)
    form = PlanFilter(request.GET, [one.jurisdiction for one in sheet.streets])
    hidden = hidden_choices(sheet, form.asked("q"), form.asked("street"), form.asked("show"))
    other = executing(campaign, campaigns_of(request), place.path, year)
    made = _plan_of(campaign, place, year)
    makes_it = other is None and campaign.is_open and may_plan(request.actor, place)
    return {
        **_frame(request, campaign, year, place),
        "plan": made,
        "makes_it": makes_it,
        "above": level_above(campaign, place) if makes_it or made else None,
        "may_decide": made is not None and may_decide(request.actor, made),
        "changes": list(made.changes.select_related("changed_by")) if made else [],
        "why": _why(made),
        "sheet": sheet,
        "total": sheet.rollup.total,
        "figures": _figures(sheet.rollup, sheet),
        "filter": form,
        "hidden": hidden,
        "hidden_streets": [
            one.jurisdiction.pk
            for one in sheet.streets
            if hidden.issuperset(choice.community.pk for choice in one.choices)
        ],
        "may_plan": makes_it and not (made and made.is_waiting),
        "fills_in": request.actor.can("self_assess"),
        "executing": other,
        "executing_url": plan_url(other, year, place) if other else "",
    }


def _plan_of(campaign: Campaign, place: Jurisdiction, year: int) -> AnnualPlan | None:
    row = AnnualPlan.objects.filter(campaign=campaign, jurisdiction=place, year=year)
    return row.select_related("campaign", "jurisdiction", "submitted_by", "decided_by", "decided_in").first()


def _overview(request: ActorRequest, campaign: Campaign, year: int, place: Jurisdiction) -> HttpResponse:
    """The plans below, of those children that ``?state=`` asks for; with ``?format=xlsx`` as a sheet."""
    rollup, state = roll_up(campaign, place, year), request.GET.get("state", "")
    made = plans_below(rollup)
    states = states_of(rollup, made, request.actor)
    lines = [one for one in rollup.children if one.figures.base or one.figures.enrolled]
    short = [one for one in lines if missing_of(one)]
    shown = short if state == SHORT else [one for one in lines if _is_shown(states[one.jurisdiction.pk], state)]
    if request.GET.get("format") == "xlsx":
        return overview_download(rollup, [(one, states[one.jurisdiction.pk]) for one in shown], actor=request.actor)
    here = plan_url(campaign, year, place)
    context = {
        **_frame(request, campaign, year, place),
        "figures": _overview_figures(rollup, short, f"{here}&state={SHORT}"),
        "due": _due_lines(rollup, due_plans(rollup, made)),
        "rows": [(one, missing_of(one), states[one.jurisdiction.pk], *_links(rollup, one)) for one in shown],
        "total": rollup.total,
        "missing": missing_of(rollup.total),
        "state": state if state in (*STATES, SHORT) else "",
        "state_tabs": [("", "全部", len(lines), here), *_tabs(lines, states, len(short), here)],
        "may_accept": any(one.chosen_as for one in states.values()),
    }
    return render(request, "campaigns/plan_overview.html", context)


def _is_shown(states: PlanStates, state: str) -> bool:
    return state not in STATES or states.holds(state)


def _due_lines(rollup: Rollup, due: DuePlans) -> dict[str, Any]:
    """Who has submitted and who has not, each with the address of its plan."""
    named = due.missing[:_NAMED_MISSING]
    missing = [(one, plan_url(rollup.campaign, rollup.year, one.jurisdiction)) for one in named]
    return {"units": due.units, "submitted": due.submitted, "left": len(due.missing), "missing": missing}


def _overview_figures(rollup: Rollup, short: list[Line], url: str) -> list[dict[str, Any]]:
    """The figures of the whole, which may have enough while some of those below have not: they are named."""
    if not short:
        return _figures(rollup)
    named = "、".join(one.jurisdiction.name for one in short[:_NAMED]) + ("等" if len(short) > _NAMED else "")
    whole = {None: "本级未设目标；", 0: "合计已够目标数；另有 "}.get(
        missing_of(rollup.total), "达到目标至少还要列入的社区；"
    )
    said = format_html('{}<a href="{}">{} 个下级未列够</a>：{}', whole, url, len(short), named)
    return _figures(rollup, missing={"note": said, "tone": "warning"})


def _tabs(lines: list[Line], states: dict[int, PlanStates], short: int, here: str) -> list[tuple[str, str, int, str]]:
    counted = {key: sum(states[one.jurisdiction.pk].holds(key) for one in lines) for key in STATES} | {SHORT: short}
    labels = STATES | {SHORT: "未列够"}
    return [(key, label, counted[key], f"{here}&state={key}") for key, label in labels.items()]


def _links(rollup: Rollup, line: Line) -> tuple[str, str, str]:
    """Addresses of a child's plan, and of the names of its enrolled communities and pilots."""
    one = line.jurisdiction
    enrolled, pilots = names_url(rollup, one, stage="enrolled"), names_url(rollup, one, stage="pilots")
    return plan_url(rollup.campaign, rollup.year, one), enrolled, pilots


def _frame(request: ActorRequest, campaign: Campaign, year: int, place: Jurisdiction) -> dict[str, Any]:
    own = request.actor.jurisdiction
    line = Jurisdiction.objects.ancestors_of(place.path).exclude(level=Level.NATION)
    above = [
        (one.name, plan_url(campaign, year, one) if own.contains(one.path) and one != place else None) for one in line
    ]
    return {
        "campaign": campaign,
        "year": year,
        "place": place,
        "here": "?" + plan_url(campaign, year, place).partition("?")[2],
        "trail": above or [(place.name, None)],
        "years": [(one, plan_url(campaign, one, place)) for one in campaign.years],
    }


def _figures(rollup: Rollup, sheet: Sheet | None = None, missing: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The figures above the plan; ``missing``: what is said otherwise of the communities still to be put on it."""
    place, figures = rollup.total.jurisdiction, rollup.total.figures
    share = f"占底数 {format_percent(figures.participation_ratio)}"
    asks_for_pilots = sheet is not None and sheet.rule is not None and sheet.missing is None
    return [
        {"label": "城市社区底数", "value": figures.base, "url": names_url(rollup, place, stage="base")},
        {
            "label": "累计认定",
            "value": figures.cumulative,
            "note": f"其中 {rollup.year} 年 {figures.recognised}",
            "url": names_url(rollup, place, recognised="cumulative"),
        },
        {
            "label": f"已列入计划（截至 {rollup.year} 年）",
            "value": figures.enrolled,
            "note": f"其中 {rollup.year} 年 {sheet.this_year} · {share}"
            if sheet
            else f"{share} · 试点 {figures.pilots}",
            "url": names_url(rollup, place, stage="enrolled"),
        },
        *(_pilots_figures(sheet) if sheet and asks_for_pilots else _target_figures(rollup, missing or {})),
    ]


def _target_figures(rollup: Rollup, otherwise: dict[str, Any]) -> list[dict[str, Any]]:
    total, missing = rollup.total, missing_of(rollup.total)
    label, still = f"{rollup.year} 年目标", "还需列入"
    if missing is None:
        return [{"label": label, "value": "未设"}, {"label": still, "value": "—"} | otherwise]
    said = {
        "note": "达到目标至少还要列入的社区" if missing else "列入的社区已够目标数",
        "tone": "warning" if missing else "success",
    }
    return [
        {"label": label, "value": total.wanted, "suffix": "个", "note": _target_in_words(total)},
        {"label": still, "value": missing, "suffix": "个"} | said | otherwise,
    ]


def _target_in_words(line: Line) -> str:
    if line.target is None or line.target.kind != Target.Kind.PERCENT:
        return f"多于底数 {line.figures.base} 个，请报下达单位调整" if line.is_out_of_reach else "按社区数下达"
    return f"{plain(line.target.value)}% × {line.figures.base}，不足一个按一个"


def _pilots_figures(sheet: Sheet) -> list[dict[str, Any]]:
    short = sheet.short_of_pilots
    return [
        {
            "label": f"{sheet.rollup.year} 年试点",
            "value": sheet.rollup.total.figures.pilots,
            "suffix": "个",
            "note": f"每个街道 {sheet.rule}",
        },
        {"label": "试点不足的街道", "value": short, "suffix": "个", "tone": "warning" if short else "success"},
    ]


def _planned(request: ActorRequest, pk: int) -> tuple[Community, Campaign, Participation | None]:
    """Load a community of the actor's own plan and how it takes part in the campaign."""
    campaign, _ = campaign_to_plan(request)
    community = get_object_or_404(Community.objects.select_related("jurisdiction"), pk=pk)
    _check_planner(request.actor, request.actor.jurisdiction)
    return community, campaign, Participation.objects.filter(campaign=campaign, community=community).first()


def _change(
    request: ActorRequest, campaign: Campaign, community: Community, verb: Callable[..., object], said: str
) -> HttpResponse:
    """Change a community's place in the plan with the reason that was given."""
    why = _why(_plan_of(campaign, _place(request), current_year(request, campaign)), request.POST)
    if not why.is_valid():
        return _unchanged(request, campaign, community, why)
    verb(**why.cleaned_data)
    return _changed(request, campaign, community, said)


def _unchanged(request: ActorRequest, campaign: Campaign, community: Community, why: WhyForm) -> HttpResponse:
    """Answer a change without its reason: the field says so where it stands, and everything else is as it was."""
    context = _page(request, campaign, current_year(request, campaign), _place(request)) | {"why": why}
    if request.htmx and (line := _line_of(context["sheet"], community)):
        return render(request, "campaigns/plan_changed.html", context | line, status=422)
    context |= {"problem": why.problem, "problem_title": "没有改动"}
    return render(request, "campaigns/plan.html", context, status=422)


def _line_of(sheet: Sheet, community: Community) -> dict[str, Any]:
    """The community with its street, as the page shows them; nothing where it is on the page no more."""
    lines = ((street, choice) for street in sheet.streets for choice in street.choices)
    return next(({"street": one, "choice": choice} for one, choice in lines if choice.community == community), {})


def _changed(request: ActorRequest, campaign: Campaign, community: Community, said: str) -> HttpResponse:
    """Answer with the community's line and the figures that changed; with the page without htmx or where the line is gone."""
    year, place = current_year(request, campaign), _place(request)
    if not request.htmx:
        messages.success(request, said)
        return redirect(plan_url(campaign, year, place))
    context = _page(request, campaign, year, place)
    if line := _line_of(context["sheet"], community):
        return render(request, "campaigns/plan_changed.html", context | line | {"said": said})
    messages.success(request, said)
    return HttpResponseClientRefresh()
