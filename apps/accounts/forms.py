"""allauth's forms in our words, and with what it leaves open: codes that count once, the lock of the account."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as BaseChangePasswordForm
from allauth.mfa import app_settings
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

    def clean_oldpassword(self) -> str:
        name = self.user.get_username()
        refuse_while_locked(name)
        try:
            present: str = super().clean_oldpassword()
        except forms.ValidationError:
            lockout.record_failure(name, subject="修改密码时原密码不正确")
            refuse_while_locked(name)
            raise
        return present

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = forms.Form.clean(self) or {}
        if "oldpassword" in self.errors:
            # "The same as the present one" would tell the present one to whoever only tries.
            self.errors.pop("password1", None)
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "两次输入的新密码不一致，请重新输入。")
        return cleaned


class _OnceOnly:
    """A code of a signed-in or half signed-in person: failures are on record and lock the account."""

    user: two_factor.User
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self.fields["code"], "身份验证器上显示的 6 位数字。手机不在身边时，填一个恢复码。")

    def clean_code(self) -> str:
        refuse_while_locked(self.user.username)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError as error:
            self._record_failure("两步验证的验证码不正确")
            if error.code == "incorrect_code" and _looks_like_recovery_code(self.cleaned_data["code"]):
                raise two_factor.TwoFactorAdapter().validation_error("incorrect_recovery_code") from error
            raise
        taken: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if taken.type == Authenticator.Type.TOTP and not two_factor.use_step(taken, code):
            self._record_failure("两步验证的验证码已经用过")
            raise InvitedOnlyAdapter().validation_error("incorrect_code")
        return code

    def _record_failure(self, subject: str) -> None:
        """The last failure that is taken says that the account is locked now."""
        lockout.record_failure(self.user.username, subject=subject)
        refuse_while_locked(self.user.username)


def _looks_like_recovery_code(code: str) -> bool:
    return len("".join(code.split())) > app_settings.TOTP_DIGITS


class CodeForm(_OnceOnly, AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(_OnceOnly, ReauthenticateForm):
    """Saying once more who one is."""


class ActivateForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self.fields["code"], "身份验证器上显示的 6 位数字。")


def _ask_for_code(field: forms.Field, help_text: str) -> None:
    field.label, field.help_text = "验证码", help_text
    field.widget.attrs.update(_CODE)
    field.widget.attrs.pop("placeholder", None)
