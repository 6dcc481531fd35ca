"""经验做法 at the levels above: choosing, declining, handing further up, commending, withdrawing a choice."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.core.inputs import whole_number
from apps.practices.choosing import (
    CHOOSE,
    choose_practice,
    commend_practice,
    decline_practice,
    hand_up_practice,
    withdraw_choice,
)
from apps.practices.forms import CommendationForm, DeclineForm
from apps.practices.models import Practice, PracticeChoice
from apps.practices.views import access_practice
from apps.recognitions.forms import ReasonForm
from apps.recognitions.views.shared import attempt, form_page


@members_only
@require_POST
def practice_choose(request: ActorRequest, pk: int) -> HttpResponse:
    """Choose a practice for all below."""
    practice = access_practice(request, pk)
    choose_practice(practice, actor=request.actor, seen=_seen(request))
    messages.success(request, "已采用，辖区内各单位都能看到。")
    return redirect("practice_detail", pk)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def practice_decline(request: ActorRequest, pk: int) -> HttpResponse:
    """Decline a practice with a reason."""
    practice = access_practice(request, pk)
    require(request.actor, CHOOSE, practice.path)
    if practice.holder is None or not request.actor.jurisdiction.contains(practice.holder.path):
        raise PermissionDenied(f"这份经验做法由{practice.holder or '上级'}办理。")
    form, status = DeclineForm(practice, request.POST or None), 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda entered: decline_practice(practice, entered["reason"], actor=request.actor, seen=entered["seen"]),
        )
        if not status:
            messages.success(request, f"已告知{practice.sent_in}没有采用。")
            return redirect("practice_detail", pk)
    return _page(
        request,
        form,
        practice,
        status,
        "不采用",
        intro="理由会告知报送单位，修改后可以再报送。",
        tone="danger",
    )


@members_only
@require_POST
def practice_hand_up(request: ActorRequest, pk: int) -> HttpResponse:
    """Send a chosen practice on to the next level."""
    practice = access_practice(request, pk)
    sent = hand_up_practice(practice, actor=request.actor, seen=_seen(request))
    messages.success(request, f"已推荐给{sent.holder}。")
    return redirect("practice_detail", pk)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def practice_commend(request: ActorRequest, pk: int) -> HttpResponse:
    """Put down by which document whoever a practice comes from was commended."""
    practice, choice = _own_choice(request, pk)
    form, status = CommendationForm(choice, request.POST or None), 200
    if request.method == "POST":
        status = attempt(form, lambda _: commend_practice(choice, form.commendation, actor=request.actor))
        if not status:
            messages.success(request, f"已登记对{practice.origin}的通报表扬。")
            return redirect("practice_detail", pk)
    return _page(request, form, practice, status, "登记通报表扬")


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def practice_withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Withdraw the choice of the person's level with a reason."""
    practice, choice = _own_choice(request, pk)
    form, status = ReasonForm(request.POST or None, label_suffix=""), 200
    if request.method == "POST":
        status = attempt(form, lambda entered: withdraw_choice(choice, entered["reason"], actor=request.actor))
        if not status:
            messages.success(request, "采用已撤回，辖区内各单位不再看到。")
            return redirect("practice_detail", pk)
    intro = "撤回后，辖区内各单位不再看到这份经验做法（其他上级也采用的除外）；理由告知报送单位。"
    return _page(request, form, practice, status, "撤回采用", intro=intro, tone="danger")


def _seen(request: ActorRequest) -> int:
    """The sending that the page showed; 0, which there is none of, where it does not say."""
    return whole_number(request.POST.get("seen", ""), digits=9) or 0


def _own_choice(request: ActorRequest, pk: int) -> tuple[Practice, PracticeChoice]:
    """The practice with the choice of the person's level; 404 where it has not chosen it."""
    practice = access_practice(request, pk)
    require(request.actor, CHOOSE)
    choices = practice.choices.standing().select_related("practice", "jurisdiction")
    return practice, get_object_or_404(choices, jurisdiction=request.actor.jurisdiction)


def _page(
    request: ActorRequest,
    form: ReasonForm | CommendationForm,
    practice: Practice,
    status: int,
    title: str,
    **also: object,
) -> HttpResponse:
    here = reverse("practice_detail", args=[practice.pk])
    return form_page(
        request,
        form,
        status=status,
        title=title,
        trail=[("经验做法", reverse("practice_list")), (practice.title, here), (title, None)],
        facts=[("经验做法", practice.title), ("做法来源", practice.origin)],
        action=title,
        back=here,
        **also,
    )
