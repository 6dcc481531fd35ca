"""People, their memberships, and what they sign in with. What a role may do stands in permissions.py."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.core import clock
from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
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


class UserManager(BaseUserManager["User"].from_queryset(PathQuerySet["User"])):  # type: ignore[misc]
    """People, found by user name when they sign in."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person; without a password nobody can sign in as them yet."""
        user: User = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


@tracked(secret=["password"], silent=["last_login"])
class User(Walled, AbstractUser):
    """用户: a person who signs in. Belongs to one bureau, whose administrators look after the account; memberships say where
    the person acts.

    ``is_system``: another system of the bureau (系统账号), which acts by 接口令牌 alone and never signs in.
    Invariant: belongs to one tenant; never deleted, because what the person has done stays on record.
    """

    class State(models.TextChoices):
        INVITED = "invited", "待激活"
        ACTIVE = "active", "在用"
        SUSPENDED = "suspended", "已停用"
        DEPARTED = "departed", "已离岗"
        SYSTEM = "system", "系统账号"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = None  # type: ignore[assignment]
    display_name = models.CharField("姓名", max_length=50)
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="所属单位", on_delete=models.PROTECT, related_name="people"
    )
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    departed_at = models.DateTimeField("离岗时间", null=True, blank=True)
    is_system = models.BooleanField("系统账号", default=False, db_default=False)

    # Of the person of a request (accounts.backends): what they hold, the first being what they act in unless they chose.
    held_memberships: "list[Membership]"

    objects = UserManager()  # type: ignore[misc]

    REQUIRED_FIELDS = ["display_name", "jurisdiction"]

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def state(self) -> State:
        """Where the account stands, as its administrator sees it."""
        if self.departed_at is not None:
            return self.State.DEPARTED
        if not self.is_active:
            return self.State.SUSPENDED
        if self.is_system:
            return self.State.SYSTEM
        return self.State.ACTIVE if self.has_usable_password() else self.State.INVITED

    @classmethod
    def in_state(cls, state: State, prefix: str = "") -> Q:
        """The condition of ``state``; ``prefix`` leads to the person, such as ``user__``."""
        departed, active = Q(**{f"{prefix}departed_at__isnull": False}), Q(**{f"{prefix}is_active": True})
        system = Q(**{f"{prefix}is_system": True})
        without_password = Q(**{f"{prefix}password__startswith": UNUSABLE_PASSWORD_PREFIX})
        return {
            cls.State.INVITED: ~departed & active & ~system & without_password,
            cls.State.ACTIVE: ~departed & active & ~system & ~without_password,
            cls.State.SUSPENDED: ~departed & ~active,
            cls.State.SYSTEM: ~departed & active & system,
            cls.State.DEPARTED: departed,
        }[state]

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


@tracked(secret=["office", "office_phone", "email"])
class Contact(Walled):
    """联系方式: where a person is reached at work; masked in lists, deleted when the person leaves.

    Its values never enter the history.
    """

    user = models.OneToOneField(User, verbose_name="用户", on_delete=models.CASCADE, related_name="contact")
    office = models.CharField("科室", max_length=50, blank=True)
    office_phone = models.CharField("办公电话", max_length=30, blank=True)
    email = models.EmailField("电子邮箱", max_length=100, blank=True)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "联系方式"

    def __str__(self) -> str:
        return f"{self.user}的联系方式"


class MembershipQuerySet(PathQuerySet["Membership"]):
    """Sets of memberships."""

    def effective(self) -> "MembershipQuerySet":
        """Those of people who can sign in: neither closed nor waiting for their activation."""
        return self.filter(User.in_state(User.State.ACTIVE, "user__"))


@tracked()
class Membership(Walled):
    """任职: a person has a role in a jurisdiction, and with it the role's permissions there and below.

    ``department`` is that of a department reviewer, as the campaign names it (生态环境局).

    Invariant: one row per person, jurisdiction and role; in the person's own tenant.
    """

    user = models.ForeignKey(
        User, verbose_name="用户", on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField("角色", max_length=30, choices=Role.choices)
    department = models.CharField("所属部门", max_length=50, blank=True)
    created_at = models.DateTimeField("授予时间", default=clock.now)

    objects = MembershipQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            models.UniqueConstraint(fields=["user", "jurisdiction", "role"], name="membership_once"),
            models.CheckConstraint(name="membership_role", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction.name} · {self.get_role_display()}"


# Without signs that are mistaken for one another on paper.
_CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12


@tracked(secret=["code_hash"])
class Invitation(Walled):
    """激活凭证: a one-time code with which a person sets a password: the first one, or a new one after a reset.

    The code itself is kept nowhere: it follows from the row's id and the installation's secret key, so that whoever may
    invite can print it again until it is used. Invariant: of a person at most one is open.
    """

    user = models.ForeignKey(User, verbose_name="用户", on_delete=models.CASCADE, related_name="invitations")
    code_hash = models.CharField("凭证摘要", max_length=64, unique=True, null=True)  # noqa: DJ001
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发放人", on_delete=models.PROTECT, related_name="+", null=True
    )
    issued_at = models.DateTimeField("发放时间")
    expires_at = models.DateTimeField("有效期至")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "激活凭证"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}的激活凭证"

    @property
    def code(self) -> str:
        """The code as printed: three groups of four signs, of 59 bits."""
        number = int.from_bytes(salted_hmac("accounts.Invitation", str(self.pk), algorithm="sha256").digest())
        signs = []
        for _ in range(_CODE_LENGTH):
            number, place = divmod(number, len(_CODE_SIGNS))
            signs.append(_CODE_SIGNS[place])
        return "-".join("".join(signs[start : start + 4]) for start in range(0, _CODE_LENGTH, 4))

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.withdrawn_at is None and self.expires_at > clock.now()


TOKEN_LASTS_AT_MOST = timedelta(days=366)


class ApiTokenQuerySet(PathQuerySet["ApiToken"]):
    """Sets of tokens."""

    def usable(self) -> "ApiTokenQuerySet":
        """Those neither revoked nor expired."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=clock.now())


@tracked(secret=["digest"], silent=["last_used_at"])
class ApiToken(Walled):
    """接口令牌: what a program shows to act in a membership: a person's own, or that of another system of the bureau.

    The token itself is kept nowhere, only its digest and its beginning, by which it is told from others. It can do what the
    membership can, or only read. ``user`` is the membership's, by whom it is found while nobody is known yet.
    Invariant: it ends within 366 days; with the membership it is gone.
    """

    class Scope(models.TextChoices):
        READ = "read", "只读取"
        READ_WRITE = "read_write", "读取和办理"

    membership = models.ForeignKey(Membership, verbose_name="任职", on_delete=models.CASCADE, related_name="api_tokens")
    user = models.ForeignKey(User, verbose_name="用户", on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField("用途", max_length=60)
    scope = models.CharField("范围", max_length=10, choices=Scope.choices)
    prefix = models.CharField("开头", max_length=12)
    digest = models.CharField("令牌摘要", max_length=64, unique=True)
    created_at = models.DateTimeField("创建时间")
    created_by = models.ForeignKey(User, verbose_name="创建人", on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField("有效期至")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, verbose_name="停用人", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="api_token_scope", condition=Q(scope__in=["read", "read_write"])),
            models.CheckConstraint(
                name="api_token_ends", condition=Q(expires_at__lte=models.F("created_at") + TOKEN_LASTS_AT_MOST)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now()

    @property
    def last_day(self) -> date:
        """The last day on which it works."""
        return timezone.localtime(self.expires_at - timedelta(seconds=1)).date()

    @property
    def may_write(self) -> bool:
        return self.scope == self.Scope.READ_WRITE


class ApiAnswer(Walled):
    """接口应答: what a verb answered to a program, kept for a day, so that the same request twice is done once (幂等键).

    Invariant: one per membership and key; only what was done is kept, no refusal.
    """

    membership = models.ForeignKey(
        Membership, verbose_name="任职", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField("幂等键", max_length=100)
    digest = models.CharField("请求摘要", max_length=64)
    status = models.PositiveSmallIntegerField("状态码")
    headers = models.JSONField("响应头", default=dict)
    body = models.JSONField("内容", null=True)
    at = models.DateTimeField("时间", db_index=True)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "接口应答"
        constraints = [models.UniqueConstraint(fields=["membership", "key"], name="api_answer_once")]

    def __str__(self) -> str:
        return self.key


@tracked()
class SecurityPolicy(Walled):
    """安全要求: what a jurisdiction asks of the people who act in it and below; a lower one may ask for more, never less."""

    jurisdiction = models.OneToOneField(
        Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="security_policy"
    )
    requires_two_factor = models.BooleanField("审批人和管理员须两步验证", default=False)

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "安全要求"

    def __str__(self) -> str:
        return f"{self.jurisdiction}的安全要求"


class AccessEvent(Walled):
    """访问记录: a sign-in, a download, an export, a change of what somebody may do; beside the history of the rows.

    Invariant: never changed or deleted by web or worker. ``at`` is real time, also in the demo.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", "登录"
        SIGNED_OUT = "signed_out", "退出"
        SIGN_IN_FAILED = "sign_in_failed", "登录失败"
        LOCKED_OUT = "locked_out", "登录被暂停"
        IDLED_OUT = "idled_out", "超时退出"
        SESSION_ENDED = "session_ended", "结束其他登录"
        PASSWORD_CHANGED = "password_changed", "修改密码"
        TWO_FACTOR_ADDED = "two_factor_added", "启用两步验证"
        TWO_FACTOR_REMOVED = "two_factor_removed", "停用两步验证"
        RECOVERY_CODES = "recovery_codes", "生成恢复码"
        LINKED = "linked", "绑定统一身份认证"
        MEMBERSHIP_SWITCHED = "membership_switched", "切换任职"
        GRANTED = "granted", "授予任职"
        ENDED = "ended", "免去任职"
        INVITED = "invited", "邀请人员"
        CODE_SHOWN = "code_shown", "查看激活凭证"
        ACTIVATED = "activated", "激活账号"
        RESET = "reset", "重置登录"
        UNLOCKED = "unlocked", "解除锁定"
        SUSPENDED = "suspended", "停用账号"
        RESUMED = "resumed", "恢复账号"
        HANDED_OVER = "handed_over", "移交待办"
        ERASED = "erased", "删除联系方式"
        SYSTEM_ADDED = "system_added", "添加系统账号"
        TOKEN_MADE = "token_made", "创建接口令牌"
        TOKEN_REVOKED = "token_revoked", "停用接口令牌"
        TOKEN_REFUSED = "token_refused", "接口令牌被拒"
        EXPORTED = "exported", "导出"
        DOWNLOADED = "downloaded", "下载"
        REFUSED = "refused", "没有权限被拒"

    kind = models.CharField("事项", max_length=30, choices=Kind.choices)
    jurisdiction = models.ForeignKey(Jurisdiction, verbose_name="辖区", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, verbose_name="用户", on_delete=models.PROTECT, related_name="+", null=True)
    name = models.CharField("姓名", max_length=150)
    unit = models.CharField("任职单位", max_length=100, blank=True)
    role = models.CharField("角色", max_length=30, choices=Role.choices, blank=True)
    subject = models.CharField("对象", max_length=300, blank=True)
    address = models.GenericIPAddressField("地址", null=True)
    request_id = models.UUIDField("请求", null=True)
    at = models.DateTimeField("时间")

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "访问记录"
        indexes = [*Walled.Meta.indexes, models.Index(fields=["at"], name="access_event_at")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
