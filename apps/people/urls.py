"""Addresses of people and their invitations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
