"""Addresses of this room."""

from django.urls import path

from apps.consolidation import views

urlpatterns = [
    path("consolidation/", views.consolidation, name="consolidation"),
    path("consolidation/adopt/", views.consolidation_adopt, name="consolidation_adopt"),
]
