"""The room's registration with Django."""

from django.apps import AppConfig


class RecognitionsConfig(AppConfig):
    name = "apps.recognitions"
    verbose_name = "认定与公示"
