"""The tree of jurisdictions. Communities are in their own room."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from apps.core.history import tracked
from apps.core.models import PathQuerySet, Walled
from apps.core.wall import LABEL_WIDTH


class Level(models.TextChoices):
    """层级, from the top of the tree down."""

    NATION = "nation", "国家"
    PROVINCE = "province", "省级"
    CITY = "city", "地级"
    DISTRICT = "district", "县级"
    STREET = "street", "乡级"

    @property
    def depth(self) -> int:
        """Rank in the order of levels, 0 for the nation; a branch may lack levels, so this is not the depth in the tree."""
        return list(Level).index(self)


class JurisdictionQuerySet(PathQuerySet["Jurisdiction"]):
    """Sets of jurisdictions, by their place in the tree."""

    def ancestors_of(self, path: str) -> "JurisdictionQuerySet":
        """From the root down to the jurisdiction of ``path`` itself."""
        return self.filter(path__in=paths_down_to(path)).order_by("path")

    def with_key(self, key: str) -> "JurisdictionQuerySet":
        """The one that an address names by ``key``, none for anything that is not a key."""
        if not (key.isascii() and key.isdigit() and len(key) <= 12):
            return self.none()
        return self.filter(code=key) if len(key) == 12 else self.filter(pk=key)

    def in_code_order(self) -> "JurisdictionQuerySet":
        """Official codes ascending; units without a code of their own come last."""
        return self.order_by(models.F("code").asc(nulls_last=True), "id")


@tracked()
class Jurisdiction(Walled):
    """行政区划（辖区）: a node of the tree, from the nation to the street; a development zone is a node without a code.

    Exists from ``opened_on`` (None: always) until the day before ``closed_on``; closed, it keeps its history and its page.
    Invariant: ``path`` is the parent's path plus a label of six hexadecimal digits made of the id, kept by the database.
    """

    class Kind(models.TextChoices):
        ADMINISTRATIVE = "administrative", "行政区划"
        DEVELOPMENT_ZONE = "development_zone", "开发区"

    code = models.CharField("区划代码", max_length=12, unique=True, null=True, blank=True)
    name = models.CharField("名称", max_length=100)
    level = models.CharField("层级", max_length=10, choices=Level.choices)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices, default=Kind.ADMINISTRATIVE)
    parent = models.ForeignKey(
        "self", verbose_name="上级辖区", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    opened_on = models.DateField("设立日期", null=True, blank=True)
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    objects = JurisdictionQuerySet.as_manager()

    class Meta(Walled.Meta):
        verbose_name = verbose_name_plural = "行政区划"
        constraints = [
            models.CheckConstraint(name="jurisdiction_level", condition=Q(level__in=Level.values)),
            models.CheckConstraint(
                name="jurisdiction_root_is_nation", condition=Q(parent__isnull=False) | Q(level=Level.NATION)
            ),
            models.CheckConstraint(
                name="jurisdiction_closed_after_opened",
                condition=Q(opened_on__isnull=True)
                | Q(closed_on__isnull=True)
                | Q(closed_on__gt=models.F("opened_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How addresses name it: the official code, or the id of a unit that has no code of its own."""
        return self.code or str(self.pk)

    @property
    def level_type(self) -> Level:
        """The level as the enumeration, with its rank."""
        return Level(self.level)

    @property
    def is_zone(self) -> bool:
        return self.kind == self.Kind.DEVELOPMENT_ZONE

    def contains(self, path: str) -> bool:
        """Whether a row with ``path`` belongs to this jurisdiction or one below it."""
        return path.startswith(self.path)


def paths_down_to(path: str) -> list[str]:
    """Return the paths of all ancestors of ``path`` from the root, itself last."""
    return [path[:end] for end in range(LABEL_WIDTH, len(path) + 1, LABEL_WIDTH)]


def nearest(candidates: Iterable[Jurisdiction], level: Level) -> Jurisdiction | None:
    """Return the one of ``candidates`` (a line of ancestors) that stands at ``level``, if the branch has it."""
    return next((one for one in candidates if one.level == level), None)
