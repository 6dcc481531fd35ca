"""Addresses of this room."""

from django.urls import path

from apps.papers import views

urlpatterns = [
    path("papers/office/", views.office_profile, name="office_profile"),
    path("papers/office/sample/", views.office_sample, name="office_sample"),
]
