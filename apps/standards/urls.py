"""Addresses of this room."""

from django.urls import path

from apps.standards import views

urlpatterns = [
    path("standards/", views.standard_list, name="standard_list"),
    path("standards/<slug:code>/", views.standard_detail, name="standard_detail"),
]
