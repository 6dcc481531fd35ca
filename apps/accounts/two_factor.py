"""Two-factor sign-in: who must have it, codes that count once, secrets that are encrypted in the database."""

from base64 import urlsafe_b64encode
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from apps.accounts import lockout
from apps.accounts.allauth_internals import steps_of_code
from apps.accounts.models import Membership, SecurityPolicy, User
from apps.accounts.permissions import POWERFUL_ROLES
from apps.core.scope import scope
from apps.jurisdictions.models import paths_down_to


class TwoFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "验证码不正确或已经用过，请输入身份验证器上现在显示的验证码。",
        "incorrect_recovery_code": "恢复码不正确或已经用过，请换一个。",
        "cannot_delete_authenticator": "您的单位或上级要求审批人和管理员使用两步验证，不能停用。更换手机，请联系管理员重置。",
        "cannot_generate_recovery_codes": "还没有启用两步验证，不能生成恢复码。请先启用。",
    }

    def encrypt(self, text: str) -> str:
        return _ciphers().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _ciphers().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not is_required_of(authenticator.user)


class SecondStep(AuthenticateStage):
    """The second step of signing in counts only while the password of the first one does.

    Changing a password ends the sessions that are open; a sign-in half done is none yet, and would outlive it.
    """

    def handle(self) -> tuple[HttpResponse | None, bool]:
        response, goes_on = super().handle()
        if response is not None:
            self.state["password"] = self.login.user.get_session_auth_hash()
        return response, goes_on

    def exit(self) -> Any:
        user = self.login.user
        if not constant_time_compare(self.state.get("password", ""), user.get_session_auth_hash()):
            lockout.record_failure(user.username, subject="登录途中密码已修改")
            messages.error(self.request, "密码已修改，请重新登录。")
            self.abort()
            # Which leads to the sign-in page and back; the page itself as an answer to a form would say "登录已过期".
            return redirect(self.login.redirect_url or "desk")
        return super().exit()


def renew_encryption(text: str) -> str:
    """Encrypt with the present SECRET_KEY what was encrypted with it or with one of SECRET_KEY_FALLBACKS."""
    return _ciphers().rotate(text.encode()).decode()


def has_two_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def is_required(membership: Membership) -> bool:
    """Whether the jurisdiction of the membership, or one above it, asks for two-factor sign-in of its role."""
    return membership.role in POWERFUL_ROLES and bool(requiring(membership.jurisdiction.path))


def is_required_of(user: User) -> bool:
    """The same for any of the person's memberships, not only the one that they act in now."""
    for membership in Membership.objects.filter(user=user, role__in=POWERFUL_ROLES).select_related("jurisdiction"):
        with scope(membership.jurisdiction.path, user_id=user.pk):
            if is_required(membership):
                return True
    return False


def requiring(path: str) -> list[SecurityPolicy]:
    """Return the policies that ask for two-factor sign-in at ``path``: its own and those above, from the top."""
    policies = SecurityPolicy.objects.filter(path__in=paths_down_to(path), requires_two_factor=True)
    return list(policies.select_related("jurisdiction").order_by("path"))


def use_step(authenticator: Authenticator, code: str) -> bool:
    """Take the time step that ``code`` belongs to; False where it, or a later one, has been taken already.

    Kept in the row itself: allauth remembers used codes in the cache, for one step only.
    """
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    secret = TwoFactorAdapter().decrypt(row.data["secret"])
    last = row.data.get("last_step", 0)
    step = next((step for step in steps_of_code(secret, code) if step > last), None)
    if step is None:
        return False
    row.data["last_step"] = step
    row.save(update_fields=["data"])
    return True


def use_first_step(user: User, code: str) -> None:
    """Take the time step of the code that has just switched it on."""
    use_step(Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP), code)


def _ciphers() -> MultiFernet:
    return MultiFernet([_cipher(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _cipher(key: str) -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"accounts.two_factor")
    return Fernet(urlsafe_b64encode(derive.derive(key.encode())))
