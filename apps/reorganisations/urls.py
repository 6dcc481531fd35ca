"""Addresses of this room."""

from django.urls import path

from apps.reorganisations.views import baselines, communities, jurisdictions

urlpatterns = [
    path("baselines/", baselines.baseline_list, name="baseline_list"),
    path("baselines/<int:year>/confirm/", baselines.baseline_confirm, name="baseline_confirm"),
    path("baselines/<int:pk>/reopen/", baselines.baseline_reopen, name="baseline_reopen"),
    path("community-changes/", communities.community_change_list, name="community_change_list"),
    path("community-changes/open/", communities.community_open, name="community_open"),
    path("communities/<int:pk>/change/<str:kind>/", communities.community_change, name="community_change"),
    path("reorganisations/", jurisdictions.jurisdiction_change_list, name="jurisdiction_change_list"),
    path("reorganisations/<str:kind>/", jurisdictions.jurisdiction_change, name="jurisdiction_change"),
]
