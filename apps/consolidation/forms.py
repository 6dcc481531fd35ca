"""Input shapes of this room. The rules are the verb's."""

from collections.abc import Mapping

from django import forms

from apps.campaigns.document_numbers import DocumentNumberForm
from apps.core.forms import Day


class AdoptionForm(DocumentNumberForm):
    """The decision by which recognitions of earlier years are taken over."""

    document_number = forms.CharField(
        label="认定文号", max_length=100, help_text="当年公布认定名单的文件，例如“楚住建城〔2021〕46号”。"
    )
    decided_on = Day(label="文件日期")
    reason = forms.CharField(
        label="接收理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：系统启用前已认定，依据各县市报送的附件2接收。",
    )
    field_order = ("document_number", "number_is_so")

    def __init__(self, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data, label_suffix="")
