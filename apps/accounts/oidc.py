"""Signing in through a government identity provider (OpenID Connect), switched on by settings alone.

Stricter than allauth's own: the ID token's signature, nonce and subject are always checked, and of what the provider tells of a
person nothing but its subject is kept.
"""

import hmac
import logging
from typing import Any

import jwt
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from apps.accounts import access
from apps.accounts.models import AccessEvent, User

logger = logging.getLogger(__name__)

_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
# How far the provider's clock may be off, in seconds.
_LEEWAY = 60


class IdentityAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "connected_other": "这个统一身份认证账号已经绑定了另一个用户。",
        "invalid_token": "统一身份认证返回的凭据无效，请重新登录。",
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take nothing over: people and their names are entered by administrators."""
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person whom an identity belongs to that is not linked yet; refuse whoever has no account here."""
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        name = str(sociallogin.claims.get(settings.OIDC_MATCH_CLAIM) or "") if settings.OIDC_MATCH_CLAIM else ""
        user = User.objects.filter(username=name).first() if name else None
        if user is None or SocialAccount.objects.filter(user=user).exists():
            access.record_unknown(
                AccessEvent.Kind.SIGN_IN_FAILED,
                name or sociallogin.account.uid,
                subject="统一身份认证账号没有对应的用户",
            )
            raise ImmediateHttpResponse(render(request, "socialaccount/unknown.html", status=403))
        if user.is_active:
            sociallogin.connect(request, user)
        sociallogin.user = user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        logger.warning(
            "sign-in through the identity provider failed: %s", kwargs.get("exception") or kwargs.get("error")
        )


class _Provider(OpenIDConnectProvider):
    def get_pkce_params(self) -> dict[str, str]:
        params: dict[str, str] = super().get_pkce_params()
        return params | {"nonce": _nonce(params["code_verifier"])}

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return self.get_auth_params()

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return self.get_scope()

    def get_oauth2_adapter(self, request: HttpRequest) -> "_Endpoints":
        return _Endpoints(request, self.app.provider_id)

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}


class _Endpoints(OpenIDConnectOAuth2Adapter):
    _verifier: str = ""

    def get_provider(self) -> _Provider:
        return _Provider(self.request, app=super().get_provider().app)

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        self._verifier = pkce_code_verifier or ""
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Take the person from the signed ID token; the provider's page of user data may add claims about the same one."""
        claims = self._claims_of(app, kwargs["response"].get("id_token") or "")
        if self.openid_config.get("userinfo_endpoint"):
            more = self._fetch_user_info(token.token)
            if more.get("sub") != claims["sub"]:
                raise OAuth2Error("the user data are another person's than the ID token")
            claims = more | claims
        login = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        login.claims = claims
        return login

    def _claims_of(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            published = answer.json()
        try:
            keys = jwt.PyJWKSet.from_dict(published).keys
            kid = jwt.get_unverified_header(id_token).get("kid")
            key = next(one for one in keys if kid in (None, one.key_id))
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=key,
                algorithms=_SIGNATURES,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, StopIteration) as error:
            raise OAuth2Error(f"invalid ID token: {error!r}") from error
        if not self._verifier or not hmac.compare_digest(str(claims.get("nonce")), _nonce(self._verifier)):
            raise OAuth2Error("the ID token was made for another sign-in")
        return claims


def _nonce(verifier: str) -> str:
    """The nonce of a sign-in: follows from its PKCE verifier, which stays in the session until the code is exchanged."""
    return salted_hmac("accounts.oidc.nonce", verifier, algorithm="sha256").hexdigest()


@require_http_methods(["GET", "POST"])
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the provider: to sign in, or (``process=connect``) to link one's identity."""
    endpoints = _endpoints(request, provider_id)
    process = request.POST.get("process") or request.GET.get("process", AuthProcess.LOGIN)
    if process not in (AuthProcess.LOGIN, AuthProcess.CONNECT):
        raise Http404
    return (_link if process == AuthProcess.CONNECT else _go)(request, endpoints)


def _go(request: HttpRequest, endpoints: _Endpoints) -> HttpResponse:
    return _answered(request, endpoints, OAuth2LoginView)


# Linking an identity changes the account: say once more who you are.
_link = reauthentication_required(_go, app="allauth.socialaccount")


@require_safe
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the provider."""
    return _answered(request, _endpoints(request, provider_id), OAuth2CallbackView)


def _endpoints(request: HttpRequest, provider_id: str) -> _Endpoints:
    endpoints = _Endpoints(request, provider_id)
    try:
        endpoints.get_provider()
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return endpoints


def _answered(request: HttpRequest, endpoints: _Endpoints, view: type[Any]) -> HttpResponse:
    """Let allauth answer; a provider that is away or talks nonsense is a page, not an error."""
    try:
        return view.adapter_view(endpoints)(request)
    except (RequestException, OAuth2Error, KeyError, ValueError) as error:
        return render_authentication_error(request, endpoints.get_provider(), exception=error)
