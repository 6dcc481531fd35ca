"""The room's registration with Django."""

from django.apps import AppConfig


class ConsolidationConfig(AppConfig):
    name = "apps.consolidation"
    verbose_name = "汇总核对"
