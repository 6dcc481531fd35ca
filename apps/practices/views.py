"""经验做法 in the unit that sends it: its form with the pictures, its page, sending and taking back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import access
from apps.accounts.http import ActorRequest, members_only
from apps.accounts.models import AccessEvent
from apps.accounts.permissions import require
from apps.campaigns.current import current_campaign
from apps.core.downloads import harmless
from apps.core.errors import InvalidInput
from apps.core.inputs import whole_number
from apps.practices.choosing import CHOOSE, may_decide, may_hand_up
from apps.practices.domain import (
    SEND,
    discard_practice,
    draft_practice,
    edit_practice,
    own_draft,
    practices_for,
    recall_practice,
    send_practice,
    was_discarded,
)
from apps.practices.forms import PracticeForm, communities_of
from apps.practices.listing import state_of
from apps.practices.models import Practice, PracticePicture
from apps.practices.pictures import MOST_PICTURES, add_picture, caption_pictures, remove_picture
from apps.recognitions.views.shared import attempt
from apps.standards.national import national_criteria, tied_numbers


@members_only
@require_safe
def practice_detail(request: ActorRequest, pk: int) -> HttpResponse:
    """One practice with its pictures, who has chosen it, and what may be done with it."""
    practice, actor = access_practice(request, pk), request.actor
    choices = list(practice.choices.standing().select_related("jurisdiction"))
    sends, chooses = practice.jurisdiction == actor.jurisdiction and actor.can(SEND), actor.can(CHOOSE)
    is_inside = actor.jurisdiction.contains(practice.path)
    context = {
        "practice": practice,
        # Elsewhere nobody is concerned with what becomes of it at other levels.
        "state": state_of(practice) if is_inside else ("已采用", "success"),
        "is_inside": is_inside,
        "choices": choices,
        "own_choice": next((one for one in choices if one.jurisdiction == actor.jurisdiction and chooses), None),
        "criteria": [one for one in national_criteria() if one.pk in practice.criteria],
        "pictures": list(practice.pictures.all()),
        "may_edit": sends and practice.is_editable,
        "may_discard": sends and practice.is_draft and not practice.round,
        "may_recall": practice.is_waiting and practice.sent_in == actor.jurisdiction and actor.can(SEND),
        "may_decide": may_decide(actor, practice),
        "may_hand_up": may_hand_up(actor, practice),
    }
    return render(request, "practices/practice_detail.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def practice_add(request: ActorRequest) -> HttpResponse:
    """Write a practice down."""
    require(request.actor, SEND)
    form, status = _form(request, None), 200
    if request.method == "POST":

        def save(entered: dict[str, Any]) -> Practice:
            words = vars(form.wording)
            return draft_practice(actor=request.actor, jurisdiction=request.actor.jurisdiction, **words)

        practice, status = _attempted(form, save)
        if practice is not None:
            return _with_pictures(request, practice)
    return _form_page(request, form, None, status)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def practice_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change what was not sent yet, or came back."""
    practice = access_practice(request, pk)
    if practice.jurisdiction == request.actor.jurisdiction and not practice.is_editable:
        return redirect("practice_detail", pk)
    own_draft(practice, request.actor, "修改")
    form, status = _form(request, practice), 200
    if request.method == "POST":

        def save(entered: dict[str, Any]) -> Practice:
            return edit_practice(practice, form.wording, actor=request.actor, seen=entered["seen"])

        saved, status = _attempted(form, save)
        if saved is not None:
            return _with_pictures(request, saved)
    return _form_page(request, form, practice, status)


@members_only
@require_POST
def practice_discard(request: ActorRequest, pk: int) -> HttpResponse:
    """Throw a draft away; pressed twice it is thrown away once."""
    if not was_discarded(pk, request.actor):
        practice = access_practice(request, pk)
        discard_practice(practice, actor=request.actor)
        messages.success(request, f"草稿“{practice}”已删除。")
    return redirect("practice_sent")


@members_only
@require_POST
def practice_send(request: ActorRequest, pk: int) -> HttpResponse:
    """Send a practice to the level above."""
    practice = access_practice(request, pk)
    try:
        sent = send_practice(practice, actor=request.actor, seen=whole_number(request.POST.get("seen", "")) or 0)
    except InvalidInput as error:
        messages.error(request, error.message)
        return redirect("practice_edit", pk)
    messages.success(request, f"已报送，等待{sent.holder}办理。")
    return redirect("practice_detail", pk)


@members_only
@require_POST
def practice_recall(request: ActorRequest, pk: int) -> HttpResponse:
    """Take back what was sent and not decided on."""
    practice = access_practice(request, pk)
    recall_practice(practice, actor=request.actor, seen=whole_number(request.POST.get("seen", "")) or 0)
    messages.success(request, "已撤回。")
    return redirect("practice_detail", pk)


@members_only
@require_safe
def practice_picture(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Show what was made from a picture: large, or small with ``?thumbnail=1``. The original, which tells more than is seen, is
    given to save, on record, with ``?original=1`` to those in whose area it lies."""
    picture = get_object_or_404(PracticePicture.objects.select_related("practice__jurisdiction"), pk=pk)
    practice = access_practice(request, picture.practice_id)
    is_original = "original" in request.GET
    file = picture.file if is_original else picture.thumbnail if "thumbnail" in request.GET else picture.display
    if is_original and not request.actor.jurisdiction.contains(practice.path):
        raise PermissionDenied("照片原件由报送单位和它的上级查看。")
    try:
        opened = file.open("rb")
    except FileNotFoundError as missing:
        raise Http404(f"“{picture.name}”的文件找不到了，请联系管理员。") from missing
    if not is_original:
        return harmless(FileResponse(opened, content_type="image/jpeg"), cache="private, max-age=300")
    if request.method == "GET":
        subject = f"经验做法“{practice}”照片“{picture.name}”"
        access.record(
            AccessEvent.Kind.DOWNLOADED, actor=request.actor, subject=subject, jurisdiction=practice.jurisdiction
        )
    answer = FileResponse(opened, as_attachment=True, filename=picture.name, content_type=picture.content_type)
    return harmless(answer)


def access_practice(request: ActorRequest, pk: int) -> Practice:
    """The practice for whoever sees it; 404 otherwise. A refused deed is then told by its verb."""
    return get_object_or_404(practices_for(request.actor), pk=pk)


def _form(request: ActorRequest, practice: Practice | None) -> PracticeForm:
    campaign = current_campaign(request)
    tied = tied_numbers(campaign.standard if campaign else None)
    communities = communities_of(request.actor.jurisdiction)
    return PracticeForm(national_criteria(), tied, communities, practice, request.POST or None)


def _attempted(form: PracticeForm, save: Any) -> tuple[Practice | None, int]:
    """What was saved, or the status of the page that says why not."""
    saved: list[Practice] = []
    status = attempt(form, lambda entered: saved.append(save(entered)))
    return (saved[0], 200) if not status else (None, status)


def _form_page(request: ActorRequest, form: PracticeForm, practice: Practice | None, status: int) -> HttpResponse:
    context = {
        "form": form,
        "practice": practice,
        "pictures": list(practice.pictures.all()) if practice else [],
        "most": MOST_PICTURES,
    }
    return render(request, "practices/practice_form.html", context, status=status)


def _with_pictures(request: ActorRequest, practice: Practice) -> HttpResponse:
    """Take in the pictures of the form, then send the practice where that was asked for; what is saved stays saved."""
    refused = _taken(request, practice)
    if refused:
        messages.error(request, f"文字已保存。{'；'.join(refused)}")
        return redirect("practice_edit", practice.pk)
    if request.POST.get("do") != "send":
        messages.success(request, "草稿已保存，还没有报送。")
        return redirect("practice_detail", practice.pk)
    try:
        sent = send_practice(practice, actor=request.actor, seen=practice.version)
    except InvalidInput as error:
        messages.error(request, f"草稿已保存。{error.message}")
        return redirect("practice_edit", practice.pk)
    messages.success(request, f"已报送，等待{sent.holder}办理。")
    return redirect("practice_detail", practice.pk)


def _taken(request: ActorRequest, practice: Practice) -> list[str]:
    """Captions, pictures that go and new ones; each refused one is named with its reason."""
    refused: list[str] = []
    standing = {one.pk: one for one in practice.pictures.all()}
    captions = {pk: request.POST[f"caption-{pk}"] for pk in standing if f"caption-{pk}" in request.POST}
    files: list[UploadedFile] = request.FILES.getlist("files")
    try:
        caption_pictures(practice, captions, actor=request.actor)
    except InvalidInput as error:
        refused.append(error.message)
    for pk, picture in standing.items():
        if f"remove-{pk}" in request.POST:
            remove_picture(picture, actor=request.actor)
    for file in files:
        try:
            add_picture(practice, file, actor=request.actor)
        except InvalidInput as error:
            refused.append(error.message)
    return refused
