"""The room's registration with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    verbose_name = "人员与权限"

    def ready(self) -> None:
        from apps.accounts import receivers  # noqa: F401
