"""allauth's forms in our words, and with what it leaves open: codes that count once, the lock of the account."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as BaseChangePasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms

from apps.accounts import lockout, two_factor
from apps.accounts.adapter import InvitedOnlyAdapter, refuse_while_locked

_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}


class ChangePasswordForm(BaseChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("oldpassword", "当前密码"), ("password1", "新密码"), ("password2", "再次输入新密码")):
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)
            self.fields[name].help_text = ""
        self.fields[
            "password1"
        ].help_text = "至少 10 个字符，不能全是数字，不能是常见的密码，不能与用户名、姓名相近，也不能与现在的密码相同。"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = forms.Form.clean(self) or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "两次输入的新密码不一致，请重新输入。")
        return cleaned


class _OnceOnly:
    """A code of a signed-in or half signed-in person: failures are on record and lock the account."""

    user: two_factor.User
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label, field.help_text = "验证码", "身份验证器上显示的 6 位数字。手机不在身边时，填一个恢复码。"
        field.widget.attrs.update(_CODE)
        field.widget.attrs.pop("placeholder", None)

    def clean_code(self) -> str:
        refuse_while_locked(self.user.username)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            lockout.record_failure(self.user.username, subject="两步验证的验证码不正确")
            raise
        taken: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if taken.type == Authenticator.Type.TOTP and not two_factor.use_step(taken, code):
            lockout.record_failure(self.user.username, subject="两步验证的验证码已经用过")
            raise InvitedOnlyAdapter().validation_error("incorrect_code")
        return code


class CodeForm(_OnceOnly, AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(_OnceOnly, ReauthenticateForm):
    """Saying once more who one is."""


class ActivateForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label, field.help_text = "验证码", "身份验证器上显示的 6 位数字。"
        field.widget.attrs.update(_CODE)
        field.widget.attrs.pop("placeholder", None)
