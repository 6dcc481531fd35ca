"""Pages of the communities (社区库). They stand in the top room, as they show how a community takes part in campaigns."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import BooleanField, ExpressionWrapper
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.access import record
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.campaigns.drilldown import Row, is_in_base, rows_of
from apps.communities.models import Community
from apps.communities.survey_sheet import listed_columns, listed_rows, title_of
from apps.communities.surveys import panel_of
from apps.core import clock
from apps.core.downloads import table_download
from apps.core.inputs import whole_number
from apps.core.xlsx import ListValue
from apps.dashboard.community_filters import CommunityFilter
from apps.dashboard.community_history import history_of, participations_of, standing_bases_of
from apps.dashboard.community_projects import projects_of
from apps.jurisdictions.models import Jurisdiction, Level
from apps.reorganisations.models import has_changed

PAGE_SIZE = 50
# What one download holds: every province, and a page that answers within some seconds.
DOWNLOAD_LIMIT = 10_000
_COLUMNS = [
    "区划代码",
    "社区",
    "街道（镇、乡）",
    "上级辖区",
    "计入城市社区",
    "设立日期",
    "撤销日期",
    "计划年度",
    "试点",
    "进度",
    "认定年度",
    "认定文号",
]


@members_only
@require_safe
def community_list(request: ActorRequest) -> HttpResponse:
    """Communities by place, name, code and by the figures of a campaign; with ``?format=`` the whole list as a spreadsheet."""
    form = CommunityFilter(request)
    communities = form.found().select_related("jurisdiction__parent")
    if request.GET.get("format") in ("xlsx", "survey"):
        return _download(request, form, communities)
    page = Paginator(communities, PAGE_SIZE).get_page(request.GET.get("page"))
    level = request.actor.jurisdiction.level_type.depth
    *above, here = form.place.trail
    rows = rows_of(page.object_list, form.campaign)
    context = {
        "form": form,
        "page_obj": page,
        "rows": rows,
        "listed": form.with_survey_states(rows),
        "transfer_note": form.transfer_note,
        "trail": [*_trail(above, request.actor.jurisdiction), (here.name, None)] if above else [],
        "shows_street": level < Level.STREET.depth,
        "shows_parent": level < Level.DISTRICT.depth,
        "may_survey": request.actor.can("survey_communities"),
        "may_manage_fields": request.actor.can("manage_survey_fields") and level < Level.STREET.depth,
    }
    return render(request, "communities/community_list.html", context)


@members_only
@require_safe
def community_detail(request: ActorRequest, pk: int) -> HttpResponse:
    """One community: facts, place, how it takes part in campaigns, and what happened to it."""
    counted = ExpressionWrapper(is_in_base(clock.today().year), output_field=BooleanField())
    rows = Community.objects.select_related("jurisdiction").annotate(counted=counted, has_changed=has_changed())
    community = get_object_or_404(rows, pk=pk)
    line = list(Jurisdiction.objects.ancestors_of(community.path).exclude(level=Level.NATION))
    participations = participations_of(community)
    standing = [one for taking in participations for one in taking.recognitions if one.revoked_at is None]
    context = {
        "community": community,
        "panel": panel_of(community, whole_number(request.GET.get("survey_year", ""), digits=4), request.actor, line),
        "trail": [
            ("社区库", reverse("community_list")),
            *_trail(line, request.actor.jurisdiction),
            (community.short_name, None),
        ],
        "recognition": next((f"{one.year} 年绿色社区" for one in standing), ""),
        "revoked_on": max(
            (one.revoked_at for taking in participations for one in taking.recognitions if one.revoked_at),
            default=None,
        )
        if not standing
        else None,
        "bases": standing_bases_of(participations),
        "this_year": clock.today().year,
        "participations": participations,
        "projects": projects_of(community, request.actor),
        "history": history_of(community, participations, request.actor),
        "reviews": request.actor.can("review_assessments"),
        "recognises": request.actor.can("recognise_communities"),
        "may_open_assessment": request.actor.can("review_assessments") or request.actor.can("self_assess"),
    }
    return render(request, "communities/community_detail.html", context)


def _trail(line: Iterable[Jurisdiction], own: Jurisdiction) -> list[tuple[str, str | None]]:
    """Breadcrumbs down ``line``; what lies above the actor's own place is named without a link."""
    url = reverse("community_list")
    return [(one.name, f"{url}?jurisdiction={one.key}" if own.contains(one.path) else None) for one in line]


def _download(request: ActorRequest, form: CommunityFilter, communities: Any) -> HttpResponse:
    count = communities.count()
    if count > DOWNLOAD_LIMIT:
        messages.warning(request, f"共 {count:,} 个社区，超过一次下载的 {DOWNLOAD_LIMIT:,} 个。请按辖区分别下载。")
        query = request.GET.copy()
        del query["format"]
        return redirect(f"{request.path}?{query.urlencode()}")
    place, with_facts = form.place.jurisdiction, request.GET.get("format") == "survey"
    title = title_of(place, form.at_year) if with_facts else f"{form.headline} 社区名单"
    record(AccessEvent.Kind.EXPORTED, actor=request.actor, subject=title, jurisdiction=place)
    if with_facts:
        facts = form.facts_ever()
        return table_download(title, listed_columns(facts), listed_rows(communities, facts, form.at_year))
    return table_download(title, _COLUMNS, _cells(rows_of(communities, form.campaign)))


def _cells(rows: list[Row]) -> Iterator[list[ListValue]]:
    for row in rows:
        community, part, recognition = row.community, row.participation, row.recognition
        parent = community.jurisdiction.parent
        yield [
            community.code,
            community.short_name,
            community.jurisdiction.name,
            parent.name if parent else "",
            community.counts_as_urban,
            community.opened_on,
            community.closed_on,
            part.year if part else None,
            part.is_pilot if part else None,
            row.stage_words or None,
            recognition.year if recognition else None,
            recognition.document_number if recognition else None,
        ]
