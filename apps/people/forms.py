"""Input shapes of people and their memberships."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.forms.renderers import BaseRenderer
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.accounts.models import Contact, Role, User
from apps.accounts.permissions import Actor
from apps.accounts.token_forms import TokenForm
from apps.core.errors import InvalidInput
from apps.core.forms import PlainForm
from apps.core.inputs import names_mobile
from apps.jurisdictions.models import Jurisdiction
from apps.people.authority import roles_to_grant
from apps.people.departments import LONGEST, check_department, offered
from apps.people.inviting import ContactFacts

OFFICE_PHONE = RegexValidator(r"^[0-9+()（）\- 转]{5,30}$", "只能有数字、横线、括号和“转”，例如 0878-0000000 转 8001。")


def refuse_mobile(number: str) -> None:
    """Of people no private number is kept: ValidationError for a mobile one, however it is spaced."""
    if names_mobile(number):
        raise ValidationError("只登记办公电话，不登记个人手机号。")


class DepartmentInput(forms.TextInput):
    """A text with names to choose from; any other may be typed."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        super().__init__()
        self.names = names

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        listed = f"{(attrs or {}).get('id', name)}-names"
        control = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((one,) for one in self.names))
        return format_html('{}<datalist id="{}">{}</datalist>', control, listed, options)


class OfficeForm(PlainForm):
    """A role in the unit of the page, with the department that a department reviewer has."""

    role = forms.ChoiceField(label="角色")
    department = forms.CharField(
        label="所属部门",
        required=False,
        max_length=LONGEST,
        help_text="角色是“部门审核”的必填，其他角色不填。可以从创建行动的责任部门里选，也可以自己填。",
    )

    def offer(self, jurisdiction: Jurisdiction, actor: Actor) -> None:
        """Offer the roles and departments of ``jurisdiction``."""
        self.label_suffix = ""
        self.fields["role"].choices = _role_choices(jurisdiction, actor)  # type: ignore[attr-defined]
        self.fields["department"].widget = DepartmentInput(offered(jurisdiction))
        self.fields["department"].widget.attrs |= {"maxlength": LONGEST, "autocomplete": "off"}
        if Role.DEPARTMENT_REVIEWER not in roles_to_grant(jurisdiction, actor):
            del self.fields["department"]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "role" in cleaned and "department" in cleaned:
            try:
                check_department(cleaned["role"], cleaned["department"])
            except InvalidInput as error:
                self.add_error("department", error.message)
        return cleaned


class ContactForm(PlainForm):
    """The contact data that is kept of a person: no more than this."""

    office = forms.CharField(label="科室", required=False, max_length=50)
    office_phone = forms.CharField(
        label="办公电话",
        required=False,
        max_length=30,
        validators=[OFFICE_PHONE, refuse_mobile],
        help_text="填办公电话，不填个人手机号。",
    )
    email = forms.EmailField(
        label="电子邮箱",
        required=False,
        max_length=100,
        error_messages={"invalid": "不是电子邮箱，应如 name@example.cn。"},
    )

    def contact(self) -> ContactFacts:
        data = self.cleaned_data
        return ContactFacts(data["office"], data["office_phone"], data["email"])


class InviteForm(OfficeForm, ContactForm):
    """A person to be invited to the unit of the page."""

    display_name = forms.CharField(label="姓名", max_length=50)
    username = forms.CharField(label="用户名", required=False, max_length=30)
    by_mail = forms.BooleanField(label="把激活链接发到电子邮箱", required=False)

    field_order = ["display_name", "role", "department", "username", "office", "office_phone", "email", "by_mail"]

    def __init__(self, *args: Any, jurisdiction: Jurisdiction, actor: Actor, suggestion: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(jurisdiction, actor)
        self.fields["username"].help_text = f"登录时用，全平台不能重复；留空则自动编为 {suggestion}。"
        self.fields["username"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        self.fields["by_mail"].help_text = "不发邮件的，邀请后打印激活凭证交给本人。"

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("by_mail") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", "要发激活链接，请填电子邮箱。")
        return cleaned


class MembershipForm(OfficeForm):
    """A role in the unit of the page."""

    def __init__(self, *args: Any, jurisdiction: Jurisdiction, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(jurisdiction, actor)


class PersonForm(ContactForm):
    """What can be mended of a person."""

    display_name = forms.CharField(label="姓名", max_length=50)
    jurisdiction = forms.ModelChoiceField(
        label="所属单位",
        queryset=Jurisdiction.objects.none(),
        empty_label=None,
        help_text="由所属单位及其上级的管理员管理这个账号。",
    )

    field_order = ["display_name", "jurisdiction", "office", "office_phone", "email"]

    def __init__(self, *args: Any, person: User, contact: Contact | None, actor: Actor, **kwargs: Any) -> None:
        initial = {"display_name": person.display_name, "jurisdiction": person.jurisdiction_id}
        if contact is not None:
            initial |= {"office": contact.office, "office_phone": contact.office_phone, "email": contact.email}
        super().__init__(*args, **({"initial": initial, "auto_id": "edit_%s"} | kwargs))
        self.label_suffix = ""
        near = {person.jurisdiction_id, *person.memberships.values_list("jurisdiction", flat=True)}
        if person.pk == actor.user.pk:
            near = {person.jurisdiction_id}
        units = Jurisdiction.objects.below(actor.jurisdiction.path).filter(pk__in=near)
        self.fields["jurisdiction"].queryset = units.order_by("path")  # type: ignore[attr-defined]


class CodeForm(PlainForm):
    """The code of a slip or a mail."""

    code = forms.CharField(label="激活凭证", max_length=40, help_text="12 位字符，不分大小写，横线可以不填。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["code"].widget.attrs |= {
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "placeholder": "XXXX-XXXX-XXXX",
        }


class SystemForm(TokenForm):
    """Another system of the unit, with its first token."""

    system = forms.CharField(
        label="系统名称", max_length=50, help_text="例如：市数据共享平台。它办理的事项以这个名称留痕。"
    )
    role = forms.ChoiceField(label="角色", help_text="接口能做的，就是这个角色在本单位能做的。")

    field_order = ["system", "role", "name", "scope", "expires_on"]

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].widget.attrs["autocomplete"] = "off"
        self.fields["role"].choices = [("", "请选择"), *((one.value, one.label) for one in roles)]  # type: ignore[attr-defined]


class NewPasswordForm(PlainForm):
    """The password that a person sets when activating the account; its strength is checked by the verb."""

    password1 = forms.CharField(label="设定密码", strip=False, max_length=128, widget=forms.PasswordInput)
    password2 = forms.CharField(label="再输一次", strip=False, max_length=128, widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name in ("password1", "password2"):
            self.fields[name].widget.attrs["autocomplete"] = "new-password"
        self.fields["password1"].help_text = "至少 10 位，不要只用数字，不要和姓名、用户名相近。"

    def clean_password2(self) -> str:
        if self.cleaned_data.get("password1") != self.cleaned_data["password2"]:
            raise forms.ValidationError("两次输入的密码不同，请重新输入。")
        return str(self.cleaned_data["password2"])


def _role_choices(jurisdiction: Jurisdiction, actor: Actor) -> list[tuple[str, str]]:
    return [("", "请选择"), *((role.value, role.label) for role in roles_to_grant(jurisdiction, actor))]
