"""Addresses of people and their memberships."""

from allauth.account.urls import urlpatterns as allauth_patterns
from django.urls import include, path

from apps.accounts import views

# Of allauth's pages those that people here use; its pages on mail addresses, phones
# and codes are not served, and no password by mail: accounts are given by administrators, who also renew passwords.
_SERVED = {
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
}

urlpatterns = [
    path("accounts/membership/", views.switch_membership, name="switch_membership"),
    path("accounts/", include([one for one in allauth_patterns if one.name in _SERVED])),
]
