"""Addresses of people's memberships, sign-in and sessions."""

from allauth.account.urls import urlpatterns as account_patterns
from allauth.mfa.base.urls import urlpatterns as mfa_patterns
from allauth.mfa.recovery_codes.urls import urlpatterns as recovery_patterns
from allauth.mfa.totp.urls import urlpatterns as totp_patterns
from allauth.socialaccount.urls import urlpatterns as social_patterns
from django.urls import URLPattern, URLResolver, include, path

from apps.accounts import oidc, security_views, session_views, token_views, views

# Of allauth's pages those that people here use; its pages on mail addresses, phones
# and codes are not served, and no password by mail: accounts are given by administrators, who also renew passwords.
_SERVED = {
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "socialaccount_connections",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
}


def _served(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    return [one for one in patterns if isinstance(one, URLPattern) and one.name in _SERVED]


urlpatterns = [
    path("accounts/membership/", views.switch_membership, name="switch_membership"),
    path("accounts/sessions/", session_views.session_list, name="session_list"),
    path("accounts/sessions/end/", session_views.session_end, name="session_end"),
    path("accounts/session/", session_views.session_state, name="session_state"),
    path("accounts/signed-in/", session_views.signed_in, name="signed_in"),
    path("accounts/tokens/", token_views.token_list, name="token_list"),
    path("accounts/tokens/add/", token_views.token_add, name="token_add"),
    path("accounts/tokens/<int:pk>/revoke/", token_views.token_revoke, name="token_revoke"),
    path("accounts/security/", security_views.security_policy, name="security_policy"),
    path("accounts/oidc/<str:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("accounts/oidc/<str:provider_id>/callback/", oidc.callback, name="openid_connect_callback"),
    path("accounts/", include(_served(account_patterns))),
    path("accounts/2fa/", include(_served(mfa_patterns))),
    path("accounts/2fa/totp/activate/", security_views.Activation.as_view(), name="mfa_activate_totp"),
    path("accounts/2fa/totp/", include(_served(totp_patterns))),
    path(
        "accounts/2fa/recovery-codes/download/",
        security_views.RecoveryCodesFile.as_view(),
        name="mfa_download_recovery_codes",
    ),
    path("accounts/2fa/recovery-codes/", include(_served(recovery_patterns))),
    path("accounts/identity/", include(_served(social_patterns))),
]
