"""Addresses of the desk."""

from django.urls import path

from apps.dashboard import views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("healthz", views.healthz, name="healthz"),
]
