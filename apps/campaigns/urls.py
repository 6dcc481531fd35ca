"""Addresses of this room."""

from django.urls import path

from apps.campaigns import views

urlpatterns = [
    path("progress/", views.progress, name="progress"),
    path("progress/<str:key>/", views.progress, name="progress"),
    path("campaigns/", views.campaign_list, name="campaign_list"),
    path("campaigns/switch/", views.switch_campaign, name="switch_campaign"),
    path("campaigns/<slug:code>/", views.campaign_detail, name="campaign_detail"),
    path("campaigns/<slug:code>/targets/", views.set_target, name="set_target"),
]
