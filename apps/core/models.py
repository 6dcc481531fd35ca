"""Base classes of models; no tables of its own."""

from typing import Self, TypeVar

from django.db import models

_Row_co = TypeVar("_Row_co", bound=models.Model, covariant=True)


class PathQuerySet(models.QuerySet[_Row_co]):
    """Sets of rows that have a path."""

    def below(self, path: str) -> Self:
        """Those of the jurisdiction with ``path`` and all below it."""
        return self.filter(path__gte=path, path__lt=path + "~")


class Walled(models.Model):
    """A row that belongs to a jurisdiction: behind the wall, with a path that the database sets and keeps.

    Invariant: ``path`` equals its parent's path; every concrete table is put behind the wall by ``core.wall.Wall`` in the
    migration that creates it.
    """

    # The default makes Django read back what the trigger has set.
    path = models.CharField("辖区路径", max_length=60, db_collation="C", db_default="", editable=False)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["path"], name="%(class)s_path")]
