"""Addresses of the desk."""

from django.urls import path

from apps.dashboard import community_views, views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("communities/", community_views.community_list, name="community_list"),
    path("communities/<int:pk>/", community_views.community_detail, name="community_detail"),
]
