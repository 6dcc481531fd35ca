"""The recognised list (已认定名单), re-checks (复查) and demonstration bases (示范教育基地)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import Actor
from apps.campaigns.current import current_campaign
from apps.campaigns.models import Recognition
from apps.core import clock
from apps.recognitions import demonstration_bases, document_number_correction, listing, rechecks
from apps.recognitions.adopted import refuse_others, revoke_adopted
from apps.recognitions.authority import address_of_revocation, authority_of
from apps.recognitions.demonstration_bases import end_base, name_base, standing_bases
from apps.recognitions.document_number_correction import correct_document_number, same_document
from apps.recognitions.forms import BaseForm, ListFilter, NumberForm, ReasonForm, RecheckForm
from apps.recognitions.models import DemonstrationBase, Recheck
from apps.recognitions.rechecks import due_for_recheck, overdue_at, record_recheck
from apps.recognitions.views.shared import DOWNLOAD_LIMIT, attempt, form_page, page_of, sheet, tabs_of, wants_sheet


@members_only
@require_safe
def recognition_list(request: ActorRequest) -> HttpResponse:
    """All recognitions of the area, standing and revoked, with the way to revoking, re-checking and naming."""
    own, campaign = request.actor.jurisdiction, current_campaign(request)
    form = ListFilter(request, listing.years_recognised(own.path), listing.STATES)
    rows = listing.recognitions_at(form.place.path, form.asked, campaign)
    if wants_sheet(request):
        title = f"{form.place.name}绿色社区认定名单"
        cells = listing.recognised_cells(list(rows[:DOWNLOAD_LIMIT]))
        return sheet(request, title, listing.RECOGNISED_COLUMNS, cells, form.place)
    page = page_of(request, rows)
    for one in page.object_list:
        # Below the office that decided only a part of its decision is in scope.
        # What was taken over from paper was decided on paper.
        one.sees_decision = one.adoption_id is None and own.contains(authority_of(one).path)
    context = {
        "form": form,
        "page_obj": page,
        "tabs": tabs_of(request, "recognition_list"),
        "revoked": rows.revoked().count(),
        "may_decide": request.actor.can("recognise_communities"),
        "may_name": request.actor.can("manage_recognition"),
        "this_campaign": campaign,
    }
    return render(request, "recognitions/recognition_list.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def document_number_correct(request: ActorRequest, pk: int) -> HttpResponse:
    """Correct the document number of a recognition, or of all that its document recognised."""
    recognition = _recognition(pk)
    document_number_correction.refuse_other_offices(recognition, request.actor)
    form, status = NumberForm(recognition, same_document(recognition).count(), request.POST or None), 200
    if request.method == "POST":
        done: list[Recognition] = []
        status = attempt(form, lambda entered: done.extend(_correct(recognition, request.actor, **entered)))
        if not status:
            together = f"，共 {len(done)} 个社区" if len(done) > 1 else ""
            number = form.cleaned_data["document_number"]
            messages.success(request, f"认定文号已更正为“{number}”{together}；原来的文号留在变更记录里。")
            return redirect("recognition_list")
    back = reverse("recognition_list")
    trail = [("认定与公示", back), (str(recognition.community), None)]
    title, facts = f"更正认定文号：{recognition.community}", _facts(recognition)
    return form_page(request, form, status=status, title=title, trail=trail, facts=facts, action="更正", back=back)


def _correct(
    recognition: Recognition, actor: Actor, *, document_number: str, whole_document: bool = False, **entered: str
) -> list[Recognition]:
    return correct_document_number(recognition, document_number, whole_document=whole_document, actor=actor, **entered)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def adopted_revoke(request: ActorRequest, pk: int) -> HttpResponse:
    """Take back a recognition that was taken over from paper."""
    recognition = get_object_or_404(Recognition.objects.select_related(*listing.NAMED), pk=pk, adoption__isnull=False)
    refuse_others(recognition, request.actor)
    form, status = ReasonForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: revoke_adopted(recognition, entered["reason"], actor=request.actor))
        if not status:
            messages.success(request, f"{recognition.community}已摘牌。")
            return redirect("recognition_list")
    back = reverse("recognition_list")
    trail = [("认定与公示", back), (str(recognition.community), None)]
    title, facts = f"办理摘牌：{recognition.community}", _facts(recognition)
    return form_page(
        request, form, status=status, title=title, trail=trail, facts=facts, action="摘牌", back=back, tone="danger"
    )


@members_only
@require_safe
def recheck_list(request: ActorRequest) -> HttpResponse:
    """Which recognised communities are to be re-checked this year, and how the last re-check ended."""
    own, today = request.actor.jurisdiction, clock.today()
    form = ListFilter(request, listing.years_recognised(own.path), listing.RECHECK_STATES)
    rows = listing.rechecks_at(form.place.path, form.asked)
    if wants_sheet(request):
        title = f"{form.place.name}{today.year}年绿色社区复查情况"
        cells = listing.recheck_cells(listing.recheck_rows(list(rows[:DOWNLOAD_LIMIT]), request.actor))
        return sheet(request, title, listing.RECHECK_COLUMNS, cells, form.place)
    page = page_of(request, rows)
    context = {
        "form": form,
        "page_obj": page,
        "rows": listing.recheck_rows(list(page.object_list), request.actor),
        "tabs": tabs_of(request, "recheck_list"),
        "this_year": today.year,
        "due": due_for_recheck(form.place.path, today.year).count(),
        "overdue": Recheck.objects.below(form.place.path).filter(overdue_at(today)).count(),
        "may_revoke": request.actor.can("recognise_communities"),
    }
    return render(request, "recognitions/recheck_list.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def recheck_record(request: ActorRequest, pk: int, year: int) -> HttpResponse:
    """Record the re-check of a year, or what came of a rectification."""
    recognition = _recognition(pk)
    rechecks.refuse_other_offices(recognition, request.actor)
    existing = Recheck.objects.filter(recognition=recognition, year=year).first()
    if existing is None and year != clock.today().year:
        raise Http404(f"{year} 年没有复查记录。")
    form, status = RecheckForm(existing, request.POST or None), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: record_recheck(recognition, year=year, actor=request.actor, **entered))
        if not status:
            return _recorded(request, recognition, year, form.cleaned_data["result"])
    back = reverse("recheck_list")
    trail = [("认定与公示", reverse("recognition_list")), ("复查", back), (str(recognition.community), None)]
    title = f"{recognition.community} {year} 年复查"
    facts = _facts(recognition)
    return form_page(
        request, form, status=status, title=title, trail=trail, facts=facts, action="保存复查结果", back=back
    )


def _recorded(request: ActorRequest, recognition: Recognition, year: int, result: str) -> HttpResponse:
    label = Recheck.Result(result).label
    messages.success(request, f"{recognition.community} {year} 年复查已登记：{label}。")
    authority = authority_of(recognition)
    if result != Recheck.Result.FAILED:
        return redirect("recheck_list")
    if request.actor.can("recognise_communities") and authority == request.actor.jurisdiction:
        messages.warning(request, "复查不通过。确需摘牌的，请在下面填写理由办理。")
        return redirect(address_of_revocation(recognition))
    messages.warning(request, f"复查不通过。摘牌由{authority}办理。")
    return redirect("recheck_list")


@members_only
@require_safe
def base_list(request: ActorRequest) -> HttpResponse:
    """Demonstration bases of the area."""
    years = sorted({one.year for one in DemonstrationBase.objects.dates("named_on", "year")}, reverse=True)
    form = ListFilter(request, years, listing.BASE_STATES)
    if "year" in form.fields:
        form.fields["year"].label = "命名年度"
    rows = listing.bases_at(form.place.path, form.asked)
    if wants_sheet(request):
        title = f"{form.place.name}绿色社区示范教育基地"
        cells = listing.base_cells(rows[:DOWNLOAD_LIMIT])
        return sheet(request, title, listing.BASE_COLUMNS, cells, form.place)
    context = {
        "form": form,
        "page_obj": page_of(request, rows),
        "ended": rows.exclude(standing_bases()).count(),
        "tabs": tabs_of(request, "base_list"),
        "may_name": request.actor.can("manage_recognition"),
    }
    return render(request, "recognitions/base_list.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def base_name(request: ActorRequest, pk: int) -> HttpResponse:
    """Name a recognised community as a demonstration base."""
    recognition = _recognition(pk)
    demonstration_bases.refuse_other_offices(recognition, request.actor)
    form, status = BaseForm(request.POST or None), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: name_base(recognition, actor=request.actor, **entered))
        if not status:
            messages.success(request, f"{recognition.community}已命名为{form.cleaned_data['title']}。")
            return redirect("base_list")
    back = reverse("recognition_list")
    trail = [("认定与公示", back), ("示范教育基地", reverse("base_list")), (str(recognition.community), None)]
    title, facts = f"命名示范教育基地：{recognition.community}", _facts(recognition)
    return form_page(request, form, status=status, title=title, trail=trail, facts=facts, action="命名", back=back)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def base_end(request: ActorRequest, pk: int) -> HttpResponse:
    """End a demonstration base with a reason."""
    bases = DemonstrationBase.objects.select_related("jurisdiction", "recognition__community__jurisdiction__parent")
    base = get_object_or_404(bases, pk=pk)
    demonstration_bases.refuse_other_namers(base, request.actor)
    form, status = ReasonForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: end_base(base, entered["reason"], actor=request.actor))
        if not status:
            messages.success(request, f"{base.recognition.community}的{base.title}已撤销；绿色社区认定不变。")
            return redirect("base_list")
    back, community = reverse("base_list"), base.recognition.community
    trail = [("认定与公示", reverse("recognition_list")), ("示范教育基地", back), (str(community), None)]
    facts = [("称号", base.title), ("命名文号", base.document_number or "—"), ("命名日期", f"{base.named_on:%Y-%m-%d}")]
    title = f"撤销示范教育基地：{community}"
    return form_page(
        request, form, status=status, title=title, trail=trail, facts=facts, action="撤销", back=back, tone="danger"
    )


def _recognition(pk: int) -> Recognition:
    return get_object_or_404(Recognition.objects.select_related(*listing.NAMED), pk=pk)


def _facts(recognition: Recognition) -> list[tuple[str, str]]:
    street = recognition.community.jurisdiction
    facts = [
        ("社区", f"{street.parent or ''} {street} {recognition.community}"),
        ("认定", f"{recognition.year} 年绿色社区 {recognition.document_number}"),
        ("认定单位", str(authority_of(recognition))),
    ]
    for one in recognition.rechecks.order_by("-year"):
        text = f"{one.checked_on:%Y-%m-%d} {one.get_result_display()}"
        if one.rectify_by:
            text += f"，限 {one.rectify_by:%Y-%m-%d} 前整改"
        facts.append((f"{one.year} 年复查", f"{text}。{one.findings}"))
    return facts
