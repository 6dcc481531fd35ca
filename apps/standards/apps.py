"""The room's registration with Django."""

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "apps.standards"
    verbose_name = "创建标准"
