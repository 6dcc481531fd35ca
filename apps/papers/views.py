"""单位信息: the page on which a bureau says how its documents are headed, and a sample of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.core import clock
from apps.core.errors import InvalidInput, TransitionError
from apps.papers.forms import OfficeForm
from apps.papers.http import paper_answer
from apps.papers.models import OfficeProfile
from apps.papers.offices import Office, office_of, set_office_profile, unnamed_office
from apps.papers.paper import Block, Heading, Paper, Paragraph


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def office_profile(request: ActorRequest) -> HttpResponse:
    """Show and set what documents say of the office."""
    require(request.actor, "manage_office")
    unit = request.actor.jurisdiction
    profile = OfficeProfile.objects.filter(jurisdiction=unit).first()
    form, status = OfficeForm(profile, unnamed_office(unit), request.POST or None), 200
    if request.method == "POST":
        status = _saved(request, form)
        if not status:
            messages.success(request, "单位信息已保存，以后生成的文件按它印。")
            return redirect("office_profile")
    return render(request, "papers/office_profile.html", {"form": form, "unit": unit}, status=status)


def _saved(request: ActorRequest, form: OfficeForm) -> int:
    """Return 0 when it was saved, else the status of the page that says why not."""
    if not form.is_valid():
        return InvalidInput.status
    try:
        seen = form.cleaned_data["seen"]
        set_office_profile(request.actor.jurisdiction, form.facts, actor=request.actor, seen=seen)
    except (InvalidInput, TransitionError) as error:
        form.add_error(None, error.message)
        return error.status
    return 0


@members_only
@require_safe
def office_sample(request: ActorRequest) -> HttpResponse:
    """A document without contents, so that the bureau sees how its own will look."""
    require(request.actor, "manage_office")
    trail = [("管理", None), ("单位信息", reverse("office_profile")), ("样张", None)]
    return paper_answer(request, _sample(office_of(request.actor.jurisdiction)), trail=trail, name="公文样张")


def _sample(office: Office) -> Paper:
    today = clock.today()
    blocks: list[Block] = [
        Paragraph("这是一份样张，用来核对单位信息。正文用三号仿宋，每面22行，每行28个字。"),
        Heading(1, "一级标题用黑体"),
        Heading(2, "二级标题用楷体"),
        Paragraph("正文正文正文。" * 12),
        Heading(3, "三级标题用仿宋"),
    ]
    return Paper(
        title=f"{office.name}关于公文样张的通知",
        head=office.head(office.number(today.year)),
        recipients="各有关单位",
        blocks=blocks,
        signed=office.name,
        dated=today,
        note=office.note,
        imprint=office.imprint(today),
        mark="样张",
    )
