"""How allauth behaves here: accounts are given, nobody signs up, and every message says what to do."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import resolve_url

from apps.accounts import lockout

_WAY_OUT = "忘记密码，请联系本单位或上级部门的管理员重置。"


# The name under which making tokens asks for the password again: of what is not its own, allauth always does.
TOKENS = "accounts.tokens"


class InvitedOnlyAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        # The same for a name that nobody has, a wrong password and an account that is suspended.
        "username_password_mismatch": f"用户名或密码不正确，或账号已停用。{_WAY_OUT}",
        "too_many_login_attempts": f"尝试次数过多，登录已暂停，请过几分钟再试。{_WAY_OUT}",
        "rate_limited": "尝试次数过多，请过几分钟再试。",
        "incorrect_password": "密码不正确，请重新输入。",
        "incorrect_code": "验证码不正确或已经用过，请输入身份验证器上现在显示的验证码。",
        "enter_current_password": "当前密码不正确，请重新输入。",
        "account_inactive": "此账号已停用。需要恢复使用，请联系本单位或上级部门的管理员。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.mfa.stages.AuthenticateStage": "apps.accounts.two_factor.SecondStep"}
        return [ours.get(path, path) for path in super().get_login_stages()]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        refuse_while_locked(credentials["username"])
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        subject = "确认身份时密码不正确" if request.user.is_authenticated else "用户名或密码不正确"
        lockout.record_failure(credentials["username"], subject=subject)
        # The last failure that is taken says so at once, not only the next try.
        refuse_while_locked(credentials["username"])

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again before an account is changed, but not of somebody who has just signed in."""
        return super().is_reauthentication_required(app=app, **kwargs) and not _has_just_signed_in(self.request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("desk")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Say it once: that two-factor sign-in is on says already that there are recovery codes."""
        page = request.resolver_match.url_name if request.resolver_match else None
        if (page, message_template) != ("mfa_activate_totp", "mfa/messages/recovery_codes_generated.txt"):
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send none: accounts have no mail address of their own; what is done to them is on record."""

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Without the host, so that another name of the same installation gives no further tries.
        return f"sign-in:{credentials['username']}"


def refuse_while_locked(username: str) -> None:
    """Raise a ValidationError that says how long, while the account is locked."""
    minutes = lockout.minutes_locked(username)
    if minutes:
        raise ValidationError(
            f"失败次数过多（{lockout.FAILURES} 次），为了账号安全，登录已暂停，请 {minutes} 分钟后再试。"
            f"在此之前，密码正确也不能登录。{_WAY_OUT}",
            code="locked",
        )


def _has_just_signed_in(request: HttpRequest) -> bool:
    user = request.user
    if not isinstance(user, AbstractBaseUser):
        return False
    records = get_authentication_records(request, user)
    return any(time.time() - one["at"] < app_settings.REAUTHENTICATION_TIMEOUT for one in records)
