"""Input shapes of this room."""

from collections.abc import Mapping
from dataclasses import asdict

from django import forms

from apps.core.errors import InvalidInput
from apps.core.forms import PlainForm
from apps.papers.models import OfficeProfile
from apps.papers.offices import Office, OfficeFacts, check_pattern, facts_of
from apps.people.forms import OFFICE_PHONE, refuse_mobile


class OfficeForm(PlainForm):
    """What documents say of the office; what stays blank is printed as the help beside it says."""

    name = forms.CharField(label="单位全称", max_length=60, required=False)
    heading = forms.CharField(label="发文机关标志", max_length=60, required=False)
    number_pattern = forms.CharField(
        label="发文字号格式",
        max_length=60,
        required=False,
        help_text="年份写作 {year}，序号写作 {number}，例如“楚住建〔{year}〕{number}号”。填写认定文号时按它提示。",
    )
    contact_office = forms.CharField(label="联系科室", max_length=50, required=False, help_text="不填个人姓名。")
    contact_phone = forms.CharField(
        label="联系电话",
        max_length=30,
        required=False,
        validators=[OFFICE_PHONE, refuse_mobile],
        help_text="办公电话。",
    )
    address = forms.CharField(label="单位地址", max_length=100, required=False)
    copies = forms.CharField(
        label="抄送",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="印在文件末页，末尾不加句号。例如：州人民政府办公室，州发展和改革委员会、民政局",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, profile: OfficeProfile | None, unnamed: Office, data: Mapping[str, str] | None = None) -> None:
        initial = asdict(facts_of(profile)) | {"seen": profile.version if profile else 0}
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["name"].help_text = f"文件的署名，也是附件2 的填报单位。不填的，按“{unnamed.name}”。"
        self.fields["heading"].help_text = f"文件首页的红色大字。不填的，按“{unnamed.heading}”。"

    def clean_number_pattern(self) -> str:
        pattern: str = self.cleaned_data["number_pattern"]
        try:
            check_pattern(pattern)
        except InvalidInput as error:
            raise forms.ValidationError(error.message) from error
        return pattern

    def clean_copies(self) -> str:
        return " ".join(self.cleaned_data["copies"].split()).rstrip("。")

    @property
    def facts(self) -> OfficeFacts:
        return OfficeFacts(**{name: self.cleaned_data[name] for name in asdict(OfficeFacts())})
