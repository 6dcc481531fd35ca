"""What an administrator does to a person: each posts, each is refused in words on the person's page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.http import ActorRequest
from apps.accounts.models import User
from apps.accounts.permissions import Actor
from apps.core.errors import InvalidInput, ProblemForPeople
from apps.people.authority import require_care
from apps.people.departing import depart_person, erase_contact, resume_person, suspend_person
from apps.people.inviting import issue_code, open_invitation, reset_sign_in, unlock_sign_in
from apps.people.listing import contact_of
from apps.people.tasks import mail_links
from apps.people.views.shared import (
    administrators_only,
    handed_over,
    named_successors,
    offices_of,
    person_or_404,
    refused,
)


@administrators_only
@require_POST
def person_code(request: ActorRequest, pk: int) -> HttpResponse:
    """Give a new activation code."""
    return _do(request, pk, "code", issue_code, lambda _: "已重新发放激活凭证，原来的凭证作废。请打印后交给本人。")


@administrators_only
@require_POST
def person_mail(request: ActorRequest, pk: int) -> HttpResponse:
    """Send the activation link by mail."""
    person = person_or_404(request, pk)
    try:
        mail_code(request, person)
    except ProblemForPeople as error:
        return refused(request, person, "", error)
    return redirect("person_detail", pk)


@administrators_only
@require_POST
def person_reset(request: ActorRequest, pk: int) -> HttpResponse:
    """Take away what the person signs in with, and give a code."""
    said = "已重置{}的登录，原密码失效。请打印新的激活凭证交给本人。"
    return _do(request, pk, "reset", reset_sign_in, said.format)


@administrators_only
@require_POST
def person_unlock(request: ActorRequest, pk: int) -> HttpResponse:
    """Let a person who is locked out try again."""
    return _do(request, pk, "", unlock_sign_in, "已解除{}的登录锁定，可以立即重新登录。".format)


@administrators_only
@require_POST
def person_suspend(request: ActorRequest, pk: int) -> HttpResponse:
    """Suspend the account; to-dos move to the successors chosen."""

    moved = ""

    def suspend(person: User, *, actor: Actor) -> User:
        nonlocal moved
        chosen = named_successors(request, person)
        moved = handed_over(chosen)
        return suspend_person(person, actor=actor, successors=chosen)

    return _do(request, pk, "suspend", suspend, lambda person: f"已停用{person}的账号，其登录已全部结束。{moved}")


@administrators_only
@require_POST
def person_resume(request: ActorRequest, pk: int) -> HttpResponse:
    """Let a suspended person in again."""

    def said(person: User) -> str:
        has_password = person.has_usable_password()
        todo = "可以用原来的密码登录。" if has_password else "尚未设定密码，请重新发放激活凭证。"
        return f"已恢复{person}的账号，{todo}"

    return _do(request, pk, "", resume_person, said)


@administrators_only
@require_POST
def person_erase(request: ActorRequest, pk: int) -> HttpResponse:
    """Delete the contact data."""
    return _do(request, pk, "erase", erase_contact, "已删除{}的联系方式。".format)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def person_depart(request: ActorRequest, pk: int) -> HttpResponse:
    """Tell all that leaving means, then do it."""
    person = person_or_404(request, pk)
    require_care(person, request.actor)
    if request.method != "POST":
        return _depart_page(request, person)
    if not request.POST.get("confirmed"):
        return _depart_page(request, person, problem="请先勾选“已核对”。", status=422)
    try:
        chosen = named_successors(request, person)
        moved = handed_over(chosen)
        depart_person(person, actor=request.actor, successors=chosen)
    except ProblemForPeople as error:
        return _depart_page(request, person, problem=error.message, status=error.status)
    messages.success(request, f"已办理{person}离岗：任职已免去，账号已停用，联系方式已删除。{moved}")
    return redirect("person_detail", pk)


def _do(
    request: ActorRequest, pk: int, dialog: str, verb: Callable[..., object], said: Callable[[User], str]
) -> HttpResponse:
    """Do a verb to a person and say so; a refusal is told in the dialog."""
    person = person_or_404(request, pk)
    try:
        verb(person, actor=request.actor)
    except ProblemForPeople as error:
        return refused(request, person, dialog, error)
    messages.success(request, said(person))
    return redirect("person_detail", pk)


def mail_code(request: ActorRequest, person: User) -> None:
    """Put the activation link of a person into the post, once the transaction has ended."""
    require_care(person, request.actor)
    contact, invitation = contact_of(person), open_invitation(person)
    if contact is None or not contact.email:
        raise InvalidInput(f"{person}没有登记电子邮箱。请先填写，或者打印激活凭证。")
    if invitation is None:
        raise InvalidInput(f"{person}没有可用的激活凭证，请先重新发放。")
    mail_links([person], actor=request.actor, address=link_address(request))
    messages.success(request, "激活链接已交付发送，几分钟内到达；收不到的，可以打印激活凭证。")


def link_address(request: ActorRequest) -> str:
    """The address of activation links, with CODE for the code."""
    return request.build_absolute_uri(reverse("activate_with", args=["CODE"]))


def _depart_page(request: ActorRequest, person: User, *, problem: str = "", status: int = 200) -> HttpResponse:
    offices = offices_of(request, person)
    context = {
        "person": person,
        "offices": offices,
        "offices_with_todos": [one for one in offices if one["todos"]],
        "is_stuck": any(one["is_stuck"] for one in offices),
        "contact": contact_of(person),
        "problem": problem,
    }
    return render(request, "people/person_depart.html", context, status=status)
