"""The demo: production's behaviour on one machine without TLS, with made-up data and a banner that says so."""

from config.settings.base import *  # noqa: F403

SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    from config.demo_key import demo_secret_key

    SECRET_KEY = demo_secret_key(VAR_DIR)
ALLOWED_HOSTS = ["*"]
DEMO = True
INSTALLED_APPS = [*INSTALLED_APPS, "apps.demo"]
TEMPLATES[0]["OPTIONS"]["context_processors"].append("apps.demo.context.sign_in")
