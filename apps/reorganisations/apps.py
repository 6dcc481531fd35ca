"""The room's registration with Django."""

from django.apps import AppConfig


class ReorganisationsConfig(AppConfig):
    name = "apps.reorganisations"
    verbose_name = "底数与变更"
