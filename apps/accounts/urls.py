"""Addresses of people and their memberships."""

from django.urls import include, path

from apps.accounts import views

urlpatterns = [
    path("accounts/membership/", views.switch_membership, name="switch_membership"),
    path("accounts/", include("allauth.account.urls")),
]
