"""What a new password must not be, beside Django's own rules."""

from django.contrib.auth.password_validation import MinimumLengthValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError

from apps.accounts.models import User


class LongEnough(MinimumLengthValidator):
    """Django's rule, in Chinese."""

    def get_error_message(self) -> str:
        return f"密码太短，至少要有 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 个字符。"


class NotLikeThePerson(UserAttributeSimilarityValidator):
    """Django's rule, without the blanks of its translation."""

    def get_error_message(self) -> str:
        return "密码与%(verbose_name)s太相似，请另设一个。"

    def get_help_text(self) -> str:
        return "不能与用户名、姓名相近。"


class VariedEnough:
    """Refuse what repeats a few signs, such as aaaaaaaaaaaa or 1212121212aa."""

    FEWEST = 5

    def validate(self, password: str, user: User | None = None) -> None:
        if len(set(password.casefold())) < self.FEWEST:
            raise ValidationError(f"密码重复的字符太多，至少要有 {self.FEWEST} 种不同的字符。", code="password_repeats")

    def get_help_text(self) -> str:
        return f"至少 {self.FEWEST} 种不同的字符。"


class NotOfThisPlace:
    """Refuse what a neighbour would guess first: the product's name, the person's bureau and its code.

    The list that OWASP ASVS 5.0, 6.1.2, asks for.
    """

    COMMON = ("绿色社区", "lvseshequ", "lvsechuangjian", "greencommunity", "zhujianju", "zhufangju")

    def validate(self, password: str, user: User | None = None) -> None:
        told = password.casefold().replace("-", "").replace("_", "").replace(" ", "")
        if word := next((one for one in (*self.COMMON, *_places_of(user)) if one in told), None):
            raise ValidationError(f"密码里不要有“{word}”这样容易猜到的内容。", code="password_of_this_place")

    def get_help_text(self) -> str:
        return "不要含有系统名称、所在单位名称或区划代码。"


def _places_of(user: User | None) -> list[str]:
    unit = user.jurisdiction if user is not None and user.jurisdiction_id else None
    # A street's code without the zeros that all codes of a level end with.
    return [unit.name, *([unit.code.rstrip("0").ljust(6, "0")] if unit.code else [])] if unit else []


class NotThePresentOne:
    """Refuse the password that the person has already."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk and user.has_usable_password() and user.check_password(password):
            raise ValidationError("新密码不能与现在的密码相同，请另设一个。", code="password_unchanged")

    def get_help_text(self) -> str:
        return "不能与现在的密码相同。"
