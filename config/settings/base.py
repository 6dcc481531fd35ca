"""Settings shared by every installation; what differs comes from the environment."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pghistory
from celery.schedules import crontab
from csp.constants import NONE, SELF
from environs import Env, validate

from config.settings.api import *  # noqa: F403

# Spreadsheets from outside are read by the parser that refuses entities, though python-docx brings another one along.
os.environ["OPENPYXL_LXML"] = "False"

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
NODE_MODULES = BASE_DIR / "node_modules"

SECRET_KEY = env.str("SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "apps.core",
    "apps.jurisdictions",
    "apps.accounts",
    "apps.people",
    "apps.papers",
    "apps.communities",
    "apps.standards",
    "apps.campaigns",
    "apps.projects",
    "apps.assessments",
    "apps.recognitions",
    "apps.consolidation",
    "apps.reorganisations",
    "apps.progress",
    "apps.bulletins",
    "apps.filings",
    "apps.evaluations",
    "apps.practices",
    "apps.supervision",
    "apps.notifications",
    "apps.documents",
    "apps.reports",
    "apps.audit",
    "apps.operations",
    "apps.dashboard",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "config.static_files.UsedStaticFiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "pghistory",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "apps.core.logs.RequestLog",
    # What sets headers stands outside of what refuses, so that a refusal has them too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.core.middleware.PermissionsPolicy",
    "apps.core.middleware.ExplainMethod",
    "django.middleware.security.SecurityMiddleware",
    "apps.operations.probes.Probes",
    "apps.core.middleware.LimitBody",
    "apps.core.middleware.RefuseNul",
    "apps.core.middleware.CleanText",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.accounts.middleware.ActorMiddleware",
    "apps.accounts.sign_in_rules.SignInRules",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.dashboard.context.page",
            ],
        },
    },
]

# Every process acts as a role that owns nothing, but for manage.py, which acts as the owner.
# See docs/decisions/0001-the-wall.md.
ACT_AS_OWNER = env.bool("ACT_AS_OWNER", False)
APPLICATION_ROLE = "green_community_app"
DATABASES = {
    "default": {
        **env.dj_db_url("DATABASE_URL", "postgres://unset@localhost/unset", conn_max_age=60, conn_health_checks=True),
        # Works with PgBouncer's transaction pooling too.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://localhost:6379/0")
CACHES = {"default": {"BACKEND": "apps.core.cache.TolerantRedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Nobody who presses a button waits for a broker that does not answer.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0.1,
    "interval_step": 0.1,
    "interval_max": 0.2,
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.backends.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "apps.accounts.passwords.NotLikeThePerson",
        "OPTIONS": {"user_attributes": ["username", "display_name"]},
    },
    {"NAME": "apps.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "apps.accounts.passwords.VariedEnough"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "apps.accounts.passwords.NotOfThisPlace"},
    {"NAME": "apps.accounts.passwords.NotThePresentOne"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
ACCOUNT_ADAPTER = "apps.accounts.adapter.InvitedOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {"change_password": "apps.accounts.forms.ChangePasswordForm"}
# A bureau's people share one address behind its gateway; a single account is slowed down much sooner.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip,5/5m/key"}
# Keys that were SECRET_KEY before: what they encrypted or signed stays readable. See docs/operations.md.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])

# A session ends after so many minutes in which nobody worked in it, and after so many hours in any case.
IDLE_SECONDS = env.int("IDLE_MINUTES", 30) * 60
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 12) * 3600

MFA_ADAPTER = "apps.accounts.two_factor.TwoFactorAdapter"
MFA_FORMS = {
    "activate_totp": "apps.accounts.forms.ActivateForm",
    "authenticate": "apps.accounts.forms.CodeForm",
    "reauthenticate": "apps.accounts.forms.ConfirmCodeForm",
}
MFA_TOTP_ISSUER = "绿色社区创建管理平台"
# A phone's clock may be off by one step of 30 seconds; no step is taken twice.
MFA_TOTP_TOLERANCE = 1

# A government identity provider that speaks OpenID Connect; without OIDC_SERVER_URL there is none.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", "")
OIDC_NAME = env.str("OIDC_NAME", "统一身份认证")
# A claim whose value is the user name here; without it people link their identity themselves.
OIDC_MATCH_CLAIM = env.str("OIDC_MATCH_CLAIM", "")
# Where a browser is sent on the way to the provider's sign-in page.
OIDC_ORIGINS: list[str] = env.list("OIDC_ORIGINS", []) or ["://".join(urlsplit(OIDC_SERVER_URL)[:2])]
SOCIALACCOUNT_ADAPTER = "apps.accounts.oidc.IdentityAdapter"
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {
                    "server_url": OIDC_SERVER_URL,
                    "oauth_pkce_enabled": True,
                    "scope": env.list("OIDC_SCOPE", ["openid", "profile"]),
                },
            }
        ]
    }
# How many proxies in front of the web process are ours: the client's address is the one that the first of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Tabler's style sheet draws check marks and arrows from data: addresses.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        # Browsers hold redirects after a form to it as well: the one to the identity provider.
        "form-action": [SELF, *(OIDC_ORIGINS if OIDC_SERVER_URL else [])],
        "frame-ancestors": [NONE],
    }
}

# The context of a change stands in its event, so that it is behind the same wall.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history")
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    # The style sheets alone: others in dist/ point at files that the package leaves out.
    ("vendor/tabler/css", NODE_MODULES / "@tabler" / "core" / "dist" / "css"),
    ("vendor/htmx", NODE_MODULES / "htmx.org" / "dist"),
    ("vendor/echarts", NODE_MODULES / "echarts" / "dist"),
]
TABLER_ICONS_DIR = NODE_MODULES / "@tabler" / "icons" / "icons"
# The fonts of official documents; deploy/fonts.sh brings them.
FONTS_DIR = env.path("FONTS_DIR", BASE_DIR / ".fonts")
MEDIA_ROOT = env.path("MEDIA_ROOT", VAR_DIR / "media")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# With S3_BUCKET evidence and exports lie in an S3-compatible store instead of MEDIA_ROOT.
if S3_BUCKET := env.str("S3_BUCKET", ""):
    from config.s3 import s3_storage

    STORAGES["default"] = s3_storage(
        bucket=S3_BUCKET,
        endpoint_url=env.str("S3_ENDPOINT_URL"),
        access_key=env.str("S3_ACCESS_KEY"),
        secret_key=env.str("S3_SECRET_KEY"),
        region=env.str("S3_REGION", "us-east-1"),
        addressing_style=env.str("S3_ADDRESSING_STYLE", "path"),
    )
# What one request may hold: files and all; without its files; how many files; how many fields (the plan of the largest
# district has 1,165 communities with two boxes each).
MAX_BODY_BYTES = 100 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o640

# Evidence: what one file may weigh and how many a criterion may carry.
EVIDENCE_MAX_BYTES = 20 * 1024 * 1024
EVIDENCE_MAX_PIXELS = 50_000_000
# Of pictures that are only decoded whole (PNG, WebP): screenshots and scans, not photos.
EVIDENCE_MAX_WHOLE_PIXELS = 25_000_000
EVIDENCE_MAX_PER_CRITERION = 20

# The demo lives on a business date: real time moved by this many seconds.
CLOCK_OFFSET_SECONDS = env.int("CLOCK_OFFSET_SECONDS", 0)
DEMO = False

# Whoever sends it as a bearer token reads /metrics; without one set there is no such address.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# Where letters lead to.
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "") or "绿色社区创建管理平台 <noreply@localhost>"
EMAIL_CONFIG = env.dj_email_url("EMAIL_URL", "console://")
vars().update({key: value for key, value in EMAIL_CONFIG.items() if key.startswith("EMAIL_")})

# Lines for people, or JSON for the systems that collect logs; their time has its zone.
LOG_FORMAT = env.str("LOG_FORMAT", "plain", validate=validate.OneOf(["plain", "json"]))
_TIME, _LINE = "%Y-%m-%dT%H:%M:%S%z", "%(asctime)s %(levelname)s %(name)s %(message)s"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"what_for": {"()": "apps.core.logs.WhatFor"}},
    "formatters": {
        "plain": {"()": "apps.core.logs.PlainFormatter", "format": f"{_LINE}%(about)s", "datefmt": _TIME},
        "json": {
            "()": "apps.core.logs.JsonLines",
            "format": _LINE,
            "datefmt": _TIME,
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            "json_ensure_ascii": False,
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["what_for"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    # They tell of every step of every page.
    "loggers": {"weasyprint": {"level": "ERROR"}, "fontTools": {"level": "WARNING"}},
}

CELERY_BEAT_SCHEDULE = {
    "measure-work": {"task": "apps.operations.tasks.measure_work", "schedule": 30.0},
    "hand-out-lost-exports": {"task": "apps.reports.tasks.hand_out_lost_exports", "schedule": 30.0},
    "expire-exports": {"task": "apps.reports.tasks.expire_exports", "schedule": crontab(hour="3", minute="50")},
    "make-missing-renditions": {"task": "apps.assessments.tasks.make_missing_renditions", "schedule": 600.0},
    "make-up-for-lost-notifications": {
        "task": "apps.notifications.tasks.make_up_for_lost_ones",
        "schedule": 300.0,
    },
    "remind-of-filings": {
        "task": "apps.notifications.tasks.remind_everybody",
        "schedule": crontab(hour="8", minute="0"),
    },
    "clear-sessions": {"task": "apps.accounts.tasks.clear_sessions", "schedule": crontab(hour="3", minute="10")},
    "clear-answers": {"task": "apps.accounts.tasks.clear_answers", "schedule": crontab(minute="20")},
    "delete-orphans-of-filings": {
        "task": "apps.filings.tasks.delete_orphans",
        "schedule": crontab(hour="3", minute="40"),
    },
    "delete-orphans-of-practices": {
        "task": "apps.practices.tasks.delete_orphans",
        "schedule": crontab(hour="3", minute="45"),
    },
    "delete-orphans-of-supervision": {
        "task": "apps.supervision.tasks.delete_orphans",
        "schedule": crontab(hour="3", minute="50"),
    },
    "delete-orphans": {"task": "apps.assessments.tasks.delete_orphans", "schedule": crontab(hour="3", minute="30")},
}
