"""For development and management commands on one machine."""

from config.settings.base import *  # noqa: F403

DEBUG = env.bool("DEBUG", True)
SECRET_KEY = "development only: never use this key where anybody else can reach the server"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *ALLOWED_HOSTS]
INSTALLED_APPS = [*INSTALLED_APPS, "apps.demo"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
