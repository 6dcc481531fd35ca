"""Tests: real PostgreSQL, no worker (tasks run where they are called), quick password hashing."""

from config.settings.base import *  # noqa: F403

SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
INSTALLED_APPS = [*INSTALLED_APPS, "apps.demo"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
_database = env.str("TEST_DATABASE", "test_green_community")
# Made once, by tests/conftest.py; every process of the tests works on a copy.
DATABASES["default"]["TEST"] = {"NAME": _database, "TEMPLATE": f"{_database}_template"}
# A row of a test need not outlast a power cut.
DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
# Tests ask as often as they like; those of the rates set them.
API_RATES = dict.fromkeys(API_RATES)
