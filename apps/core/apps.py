"""The room's registration with Django: every connection starts behind the wall, and new tables are granted."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "apps.core"
    verbose_name = "核心"

    def ready(self) -> None:
        from apps.core import history, wall

        connection_created.connect(_take_place, dispatch_uid="core.take_place")
        post_migrate.connect(wall.grant_tables, sender=self, dispatch_uid="core.grant_tables")
        post_migrate.connect(wall.close_search_path, sender=self, dispatch_uid="core.close_search_path")
        post_migrate.connect(history.never_pause, sender=self, dispatch_uid="core.never_pause")


def _take_place(sender: Any, connection: Any, **kwargs: Any) -> None:
    from apps.core import scope

    scope.take_place(connection)
