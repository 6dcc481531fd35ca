"""The room's registration with Django."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    verbose_name = "消息"

    def ready(self) -> None:
        from apps.notifications import receivers  # noqa: F401
