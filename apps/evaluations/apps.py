"""The room's registration with Django."""

from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "apps.evaluations"
    verbose_name = "年度总结评估"

    def ready(self) -> None:
        from apps.evaluations import receivers  # noqa: F401
