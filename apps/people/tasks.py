"""Sending invitations by mail: what puts them into the post, and the Celery task that delivers."""

from collections.abc import Sequence
from smtplib import SMTPException

from celery import shared_task
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Contact, Invitation, User
from apps.accounts.permissions import Actor
from apps.core import scope
from apps.people.inviting import show_codes

_TEXT = """{name}：

{unit}已为您开通绿色社区创建管理平台的账号。

单位和角色：{unit}，{roles}
用户名：{username}
激活链接：{link}

请在 {until} 前打开链接，设定密码后即可登录。链接只能用一次，请勿转发。
如果不是您本人的工作，请不要打开链接，并告知单位管理员。

本邮件由系统发出，请勿回复。
"""


def mail_links(people: Sequence[User], *, actor: Actor, address: str) -> list[Invitation]:
    """Put the activation links of people into the post, once the transaction has ended; return whose are sent."""
    shown = show_codes(people, actor=actor, purpose="发送邮件")
    path = actor.jurisdiction.path

    def post() -> None:
        for one in shown:
            send_invitation.delay(one.pk, path, address)

    transaction.on_commit(post, robust=True)
    return shown


@shared_task(autoretry_for=(SMTPException, OSError), retry_backoff=30, max_retries=5)
def send_invitation(invitation_id: int, path: str, address: str) -> None:
    """Send the activation link ``address`` + code within the scope ``path`` of whoever asked; nothing for a used one."""
    with scope.scope(path):
        invitation = Invitation.objects.select_related("user__jurisdiction").filter(pk=invitation_id).first()
        if invitation is None or not invitation.is_open:
            return
        person = invitation.user
        to = Contact.objects.filter(user=person).values_list("email", flat=True).first()
        roles = "、".join(one.get_role_display() for one in person.memberships.order_by("path", "role"))
    if not to:
        return
    text = _TEXT.format(
        name=person.display_name,
        unit=person.jurisdiction.name,
        roles=roles,
        username=person.username,
        link=address.replace("CODE", invitation.code),
        until=f"{timezone.localtime(invitation.expires_at):%Y 年 %m 月 %d 日}",
    )
    send_mail("绿色社区创建管理平台账号激活", text, None, [to])
