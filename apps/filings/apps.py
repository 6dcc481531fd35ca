"""The room's registration with Django."""

from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "apps.filings"
    verbose_name = "报送"
