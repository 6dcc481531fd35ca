"""Good practice out of an evaluation: sent in by the unit whose report it is, or taken up by a level above it."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import User
from apps.accounts.permissions import require
from apps.evaluations.drafting import experience_of
from apps.evaluations.showing import One, may_take_up
from apps.evaluations.views import of_one
from apps.practices.choosing import CHOOSE, take_up_practice
from apps.practices.domain import SEND, draft_practice
from apps.practices.forms import TakeUpForm, communities_of
from apps.practices.models import LONGEST_TITLE, Practice
from apps.recognitions.views.shared import attempt, form_page
from apps.standards.national import national_criteria, tied_numbers


@members_only
@require_POST
@of_one
def evaluation_practice(request: ActorRequest, one: One) -> HttpResponse:
    """Take a section that tells of experience up as a draft of good practice."""
    require(request.actor, SEND, one.unit.path)
    title = request.POST.get("title", "")
    made = draft_practice(actor=request.actor, jurisdiction=one.unit, title=_named(one, title), text=_told(one, title))
    messages.success(request, "已作为经验做法拟好草稿，请补充来源社区、对应国家条目和照片后报送。")
    return redirect("practice_edit", made.pk)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
@of_one
def evaluation_take_up(request: ActorRequest, one: One) -> HttpResponse:
    """Choose, at a level above, what a submitted report tells of; without a title the first section that tells of experience."""
    require(request.actor, CHOOSE, one.unit.path)
    form, status, made = _form(request, one), 200, list[Practice]()
    if request.method == "POST":
        by, at = _submission(request, one)
        status = attempt(
            form,
            lambda _: made.append(
                take_up_practice(one.unit, form.wording, sent_by=by, sent_at=at, actor=request.actor)
            ),
        )
        if not status:
            messages.success(request, "已采用，辖区内各单位都能看到。")
            return redirect("practice_detail", made[0].pk)
    back = reverse("evaluation", args=[one.campaign.code, one.unit.key, one.year])
    trail = [("年度总结评估", reverse("evaluation_list")), (one.unit.name, back), ("采用为经验做法", None)]
    intro = f"采用后公布给{request.actor.jurisdiction}辖区内各单位，内容固定；{one.unit}会收到消息。"
    return form_page(
        request, form, status=status, title="采用为经验做法", action="采用", back=back, trail=trail, intro=intro
    )


def _form(request: ActorRequest, one: One) -> TakeUpForm:
    _submission(request, one)
    title = request.GET.get("title", "")
    told = {"title": _named(one, title), "text": _told(one, title)}
    standard = one.campaign.standard
    return TakeUpForm(national_criteria(), tied_numbers(standard), communities_of(one.unit), told, request.POST or None)


def _submission(request: ActorRequest, one: One) -> tuple[User, datetime]:
    """By whom and when the report was submitted out of which the person may take something up."""
    row = one.evaluation
    if row is None or row.submitted_by is None or row.submitted_at is None or not may_take_up(request.actor, row):
        raise Http404(f"{one.unit}的报告里没有可以采用的经验做法。")
    return row.submitted_by, row.submitted_at


def _named(one: One, title: str) -> str:
    return f"{one.unit}{one.year}年绿色社区创建{title or '经验做法'}"[:LONGEST_TITLE]


def _told(one: One, title: str) -> str:
    """What the evaluation says under a title of experience; 404 where it says nothing."""
    told = dict(experience_of(one.evaluation)) if one.evaluation else {}
    text = told.get(title) if title else next(iter(told.values()), None)
    if text is None:
        raise Http404(f"报告里没有“{title[:20]}”这一项经验做法。")
    return text
