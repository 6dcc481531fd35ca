"""The room's registration with Django."""

from django.apps import AppConfig


class RecognitionsConfig(AppConfig):
    name = "apps.recognitions"
    verbose_name = "认定与公示"

    def ready(self) -> None:
        from apps.assessments.recognition import register
        from apps.recognitions.conditions import SURROUNDINGS

        register(SURROUNDINGS)
