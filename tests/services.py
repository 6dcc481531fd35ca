"""A pytest plugin loaded before the settings: tests run as the owner, on embedded services where none are named."""

import os

from config.local_services import use_embedded_services

os.environ["ACT_AS_OWNER"] = "true"
# Playwright keeps an event loop in the thread that later tests of the same process ask the database in.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
use_embedded_services()
