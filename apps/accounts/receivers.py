"""Puts on record what allauth does: signing in and out, passwords, two-factor sign-in, linked identities."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in as session_opened
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts import access, sessions
from apps.accounts.models import AccessEvent, User
from apps.core import history

_Kind = AccessEvent.Kind
_METHODS = {"password": "密码", "mfa": "两步验证", "socialaccount": "统一身份认证"}


@receiver(session_opened)
def opened_session(request: HttpRequest, user: User, **kwargs: Any) -> None:
    sessions.session_of(request, user)


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    methods = [_METHODS.get(one["method"], one["method"]) for one in get_authentication_records(request, user)]
    access.record_sign_in(_Kind.SIGNED_IN, user, subject="、".join(dict.fromkeys(methods)))


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        access.record_sign_in(_Kind.SIGNED_OUT, user)


@receiver(password_changed)
def changed_password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    # allauth has given this session a new key by now.
    sessions.follow_key(request)
    ended = sessions.end_sessions_of(user, but=request.session.session_key)
    access.record_sign_in(_Kind.PASSWORD_CHANGED, user, subject=f"同时结束其他登录 {ended} 处" if ended else "")
    if user.must_change_password:
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])


@receiver(post_save, sender=Authenticator)
def added_authenticator(instance: Authenticator, created: bool, **kwargs: Any) -> None:
    if created:
        is_codes = instance.type == Authenticator.Type.RECOVERY_CODES
        access.record_sign_in(_Kind.RECOVERY_CODES if is_codes else _Kind.TWO_FACTOR_ADDED, instance.user)


def _is_by_oneself(user_id: int) -> bool:
    """What an administrator takes away is on record as the reset that it is part of."""
    facts = history.current()
    return facts is None or facts.metadata.get("user", user_id) == user_id


@receiver(post_delete, sender=Authenticator)
def removed_authenticator(instance: Authenticator, **kwargs: Any) -> None:
    if instance.type == Authenticator.Type.TOTP and _is_by_oneself(instance.user_id):
        access.record_sign_in(_Kind.TWO_FACTOR_REMOVED, instance.user)


@receiver(post_save, sender=SocialAccount)
def linked_identity(instance: SocialAccount, created: bool, **kwargs: Any) -> None:
    if created:
        access.record_sign_in(_Kind.LINKED, instance.user)


@receiver(post_delete, sender=SocialAccount)
def unlinked_identity(instance: SocialAccount, **kwargs: Any) -> None:
    if _is_by_oneself(instance.user_id):
        access.record_sign_in(_Kind.LINKED, instance.user, subject="解除绑定")
