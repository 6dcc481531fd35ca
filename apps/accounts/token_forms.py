"""Input shapes of tokens."""

from datetime import timedelta
from typing import Any

from django import forms

from apps.accounts.models import ApiToken
from apps.accounts.tokens import latest_end
from apps.core import clock
from apps.core.forms import Day, PlainForm

_USUALLY = timedelta(days=180)


class TokenForm(PlainForm):
    """What a token is for, what it may do, and until when."""

    name = forms.CharField(label="用途", max_length=60, help_text="写明给哪个程序用，例如：市数据平台同步。")
    scope = forms.ChoiceField(label="范围", choices=ApiToken.Scope.choices, widget=forms.RadioSelect)
    expires_on = Day(label="有效期至")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        today, last = clock.today(), latest_end()
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["scope"].initial = ApiToken.Scope.READ
        self.fields["scope"].help_text = "“读取和办理”可以办理该任职能办的一切事项；只同步数据的，选“只读取”。"
        self.fields["expires_on"].initial = today + _USUALLY
        self.fields["expires_on"].widget.attrs |= {"min": today.isoformat(), "max": last.isoformat()}
        self.fields["expires_on"].help_text = f"到这一天结束为止，最晚 {last:%Y-%m-%d}。到期后另建一个。"

    def facts(self) -> tuple[str, ApiToken.Scope, Any]:
        """As the verb takes them."""
        data = self.cleaned_data
        return data["name"], ApiToken.Scope(data["scope"]), data["expires_on"]
