"""The room's registration with Django."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "apps.reports"
    verbose_name = "报表中心"

    def ready(self) -> None:
        from apps.reports.kinds import register_kinds

        register_kinds()
