"""What is put into a letter: the words of the inbox and the way there, and nobody's name."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from apps.notifications.models import Notification

_TEXT = """{items}

登录后在消息中查看和办理：
{link}

本邮件由绿色社区创建管理平台发出，请勿回复。
"""
_SHOWN = 50


def letter_of(told: Sequence[Notification]) -> tuple[str, str]:
    """Return subject and text of one letter that tells of all of ``told``."""
    subject = told[0].title if len(told) == 1 else f"{_count(told)}，请登录查看"
    items = [_item(one) for one in told[:_SHOWN]]
    if len(told) > _SHOWN:
        items.append(f"另有 {len(told) - _SHOWN} 件，见消息。")
    link = settings.SITE_URL.rstrip("/") + reverse("notification_list")
    return f"【绿色社区创建】{subject}", _TEXT.format(items="\n\n".join(items), link=link)


def _count(told: Sequence[Notification]) -> str:
    """3 件待审核、1 件认定."""
    labels: dict[str, int] = {}
    for one in told:
        labels[one.get_kind_display()] = labels.get(one.get_kind_display(), 0) + 1
    return "、".join(f"{number} 件{label}" for label, number in labels.items())


def _item(one: Notification) -> str:
    return f"{timezone.localtime(one.created_at):%Y-%m-%d %H:%M}　{one.title}\n{one.text}"
