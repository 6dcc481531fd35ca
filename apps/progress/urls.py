"""Addresses of this room."""

from django.urls import path

from apps.progress import views

urlpatterns = [
    path("progress/", views.progress, name="progress"),
    path("progress/<str:key>/", views.progress, name="progress"),
]
