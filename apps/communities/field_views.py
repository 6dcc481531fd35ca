"""Pages of added survey fields (调查项目)."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.communities.facts import BUILT_IN, fact_of, grouped
from apps.communities.forms import SurveyFieldForm
from apps.communities.models import SurveyField
from apps.communities.survey_fields import (
    add_field,
    change_field,
    fields_seen_at,
    number_of_values,
    require_manager,
    resume_field,
    retire_field,
)
from apps.core.errors import InvalidInput, ProblemForPeople


@members_only
@require_safe
def survey_field_list(request: ActorRequest) -> HttpResponse:
    """What is asked of the communities here: built-in facts, fields added above, and one's own."""
    require_manager(request.actor)
    here = request.actor.jurisdiction
    fields = [(one, fact_of(one), one.jurisdiction_id == here.pk) for one in fields_seen_at(here.path)]
    context = {
        "fields": fields,
        "built_in": grouped((one, None) for one in BUILT_IN.values()),
        "number_in_use": sum(one.retired_at is None for one, _, _ in fields),
    }
    return render(request, "communities/survey_field_list.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def survey_field_add(request: ActorRequest) -> HttpResponse:
    """Add a field where the person acts."""
    require_manager(request.actor)
    form, status = SurveyFieldForm(None, request.POST or None), 200
    if request.method == "POST":
        status = _attempt(form, lambda: add_field(form.asked, actor=request.actor))
        if not status:
            messages.success(request, f"已增加调查项目“{form.asked.label.strip()}”，下级填写基本情况时即可看到。")
            return redirect("survey_field_list")
    return _form_page(request, form, "增加调查项目", status)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def survey_field_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change a field of one's own jurisdiction."""
    field = _own_field(request, pk)
    form, status = SurveyFieldForm(field, request.POST or None), 200
    if request.method == "POST":
        status = _attempt(
            form,
            lambda: change_field(field, form.asked, actor=request.actor, seen=form.cleaned_data["seen"] or 0),
        )
        if not status:
            messages.success(request, f"调查项目“{form.asked.label.strip()}”已修改。")
            return redirect("survey_field_list")
    return _form_page(request, form, f"修改调查项目：{field}", status, used=number_of_values(field))


@members_only
@require_POST
def survey_field_retire(request: ActorRequest, pk: int) -> HttpResponse:
    """Retire a field, or ask it again with ``resume=1``."""
    field = _own_field(request, pk)
    if request.POST.get("resume"):
        resume_field(field, actor=request.actor)
        messages.success(request, f"调查项目“{field}”已恢复使用。")
    else:
        retire_field(field, actor=request.actor)
        messages.success(request, f"调查项目“{field}”已停用，已填的内容保留。")
    return redirect("survey_field_list")


def _own_field(request: ActorRequest, pk: int) -> SurveyField:
    field = get_object_or_404(SurveyField.objects.select_related("jurisdiction"), pk=pk)
    require_manager(request.actor)
    if field.jurisdiction_id != request.actor.jurisdiction.pk:
        raise PermissionDenied(f"“{field}”由{field.jurisdiction}设置，由{field.jurisdiction}修改。")
    return field


def _attempt(form: SurveyFieldForm, verb: Callable[[], SurveyField]) -> int:
    """Call the verb; return 0 when done, else the status of the page that says why not."""
    if not form.is_valid():
        return InvalidInput.status
    try:
        verb()
    except ProblemForPeople as error:
        form.add_error(None, error.message)
        return error.status
    return 0


def _form_page(request: ActorRequest, form: SurveyFieldForm, title: str, status: int, used: int = 0) -> HttpResponse:
    back = reverse("survey_field_list")
    trail = [("社区库", reverse("community_list")), ("调查项目", back), (title, None)]
    context = {"form": form, "title": title, "trail": trail, "back": back, "used": used}
    return render(request, "communities/survey_field_form.html", context, status=status)
