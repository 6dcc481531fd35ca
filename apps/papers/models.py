"""What a bureau's documents say of the bureau itself."""

from django.db import models

from apps.core.history import tracked
from apps.core.models import Walled
from apps.jurisdictions.models import Jurisdiction


@tracked()
class OfficeProfile(Walled):
    """单位信息: how a jurisdiction's bureau signs, heads and numbers its documents, and where it is reached.

    Of people it holds nothing: the office and its telephone are enough. What is blank follows from the jurisdiction
    (``offices.office_of``). Read by whoever is below, who receives those documents.
    """

    jurisdiction = models.OneToOneField(
        Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="office_profile"
    )
    name = models.CharField("单位全称", max_length=60, blank=True)
    heading = models.CharField("发文机关标志", max_length=60, blank=True)
    number_pattern = models.CharField("发文字号格式", max_length=60, blank=True)
    address = models.CharField("单位地址", max_length=100, blank=True)
    contact_office = models.CharField("联系科室", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    copies = models.CharField("抄送", max_length=300, blank=True)
    version = models.PositiveIntegerField("版本", default=0)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "单位信息"

    def __str__(self) -> str:
        return f"{self.jurisdiction}的单位信息"
