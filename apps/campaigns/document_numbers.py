"""Document numbers (发文字号) as offices write them: what looks otherwise is asked about once more before it stands for good."""

import re

from django import forms

from apps.core.forms import PlainForm

_USUAL = re.compile(r"\S+〔[0-9]{4}〕.*[0-9]+号")


def is_usual(number: str) -> bool:
    """Whether ``number`` is written like 楚住建〔2022〕52号."""
    return _USUAL.fullmatch(number.strip()) is not None


class DocumentNumberForm(PlainForm):
    """A form with a ``document_number`` that asks once about an unusual one; its answer is not among the cleaned data."""

    number_is_so = forms.BooleanField(label="文号确实如此", required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        entered = super().clean() or self.cleaned_data
        is_so, number = entered.pop("number_is_so", False), entered.get("document_number")
        if number and not is_usual(number):
            # From now on the question stands on the page.
            self.fields["number_is_so"].widget = forms.CheckboxInput()
            if not is_so:
                self.add_error(
                    "document_number",
                    f"文号“{number}”不像“楚住建〔2022〕52号”那样有年份的六角括号〔〕和“号”。"
                    "请核对；文件上确实如此的，勾选“文号确实如此”后再提交。",
                )
        return entered
