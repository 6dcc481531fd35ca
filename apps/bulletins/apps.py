"""The room's registration with Django."""

from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    name = "apps.bulletins"
    verbose_name = "通报"
