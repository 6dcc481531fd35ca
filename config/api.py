"""Every address of the REST API, by room; what they have in common is in ``apps.core.api`` and ``apps.accounts.api``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from apps.jurisdictions.api import Divisions

router = SimpleRouter(trailing_slash=False)
for name, views in {
    "divisions": Divisions,
}.items():
    router.register(name, views, basename=f"api-{name}")

urlpatterns = [
    path("v1/", include(router.urls)),
]
