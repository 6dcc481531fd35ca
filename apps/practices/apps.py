"""The room's registration with Django."""

from django.apps import AppConfig


class PracticesConfig(AppConfig):
    name = "apps.practices"
    verbose_name = "经验做法"
