"""What a new password must not be, beside Django's own rules."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

from apps.accounts.models import User


class LongEnough(MinimumLengthValidator):
    """Django's rule, in Chinese."""

    def get_error_message(self) -> str:
        return f"密码太短，至少要有 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 个字符。"


class NotThePresentOne:
    """Refuse the password that the person has already."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk and user.has_usable_password() and user.check_password(password):
            raise ValidationError("新密码不能与现在的密码相同，请另设一个。", code="password_unchanged")

    def get_help_text(self) -> str:
        return "不能与现在的密码相同。"
