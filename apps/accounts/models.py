"""People and their memberships. What a role may do stands in permissions.py."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from apps.core.models import Walled
from apps.jurisdictions.models import Jurisdiction


class Role(models.TextChoices):
    """角色: what a person is in a jurisdiction."""

    PLATFORM_ADMIN = "platform_admin", "平台管理员"
    BUREAU_ADMIN = "bureau_admin", "单位管理员"
    STAFF = "staff", "经办人"
    APPROVER = "approver", "审批人"
    STREET_OFFICER = "street_officer", "街道经办"
    DEPARTMENT_REVIEWER = "department_reviewer", "部门审核"
    VIEWER = "viewer", "查看"


class User(AbstractUser):
    """用户: a person who signs in. Belongs to no jurisdiction by itself; memberships say where it acts."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField("姓名", max_length=50)

    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class Membership(Walled):
    """任职: a person has a role in a jurisdiction, and with it the role's permissions there and below.

    Invariant: one row per person, jurisdiction and role.
    """

    user = models.ForeignKey(User, verbose_name="用户", on_delete=models.CASCADE, related_name="memberships")
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField("角色", max_length=30, choices=Role.choices)
    created_at = models.DateTimeField("授予时间", auto_now_add=True)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            models.UniqueConstraint(fields=["user", "jurisdiction", "role"], name="membership_once"),
            models.CheckConstraint(name="membership_role", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction.name} · {self.get_role_display()}"
