"""The product as it runs in life: gunicorn and a worker on a database of their own, and a real browser in front."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.template_database import copy_database

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PASSWORD = "e2e-mima-2022"
# A process of the tests that runs a site has its own cache: one's tasks are not for another's worker.
CACHE_NUMBER = 9 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 6

# Role, code of the jurisdiction, user name.
PEOPLE = [
    ("street_officer", "532301101", "lucheng"),
    ("staff", "532301", "chuxiongshi"),
    ("approver", "5323", "chuxiongzhou"),
    ("bureau_admin", "5323", "guanli"),
    ("viewer", "5323", "chakan"),
    ("approver", "53", "yunnan"),
    ("staff", "120101", "heping"),
    ("street_officer", "120101001", "heping-jiedao"),
    ("approver", "12", "tianjin"),
]

_MAKE_PEOPLE = f"""
from apps.accounts.domain import grant_membership
from apps.accounts.models import Role, User
from apps.jurisdictions.models import Jurisdiction
for role, code, name in {PEOPLE!r}:
    unit = Jurisdiction.objects.get(code=code.ljust(12, "0"))
    user = User.objects.create_user(
        name, password={PASSWORD!r}, display_name=f"测试{{Role(role).label}}", jurisdiction=unit
    )
    grant_membership(user, unit, Role(role))
"""


@pytest.fixture(scope="session")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the product on a copy of the tests' database; give its address."""
    owner = os.environ["DATABASE_URL"]
    name = f"e2e_{os.getpid()}"
    var = tmp_path_factory.mktemp("var")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(urlsplit(owner)._replace(path=f"/{name}")),
        "REDIS_URL": urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{CACHE_NUMBER}")),
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "VAR_DIR": str(var),
        "CLOCK_OFFSET_SECONDS": str(_offset_to_2022()),
    }
    environment.pop("ACT_AS_OWNER", None)
    copy_database(owner, name)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for command in (
            ["collectstatic", "--no-input"],
            ["shell", "--command", _MAKE_PEOPLE],
        ):
            done = subprocess.run(
                [sys.executable, "manage.py", *command, "--verbosity", "0"],
                cwd=settings.BASE_DIR,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        log = (var / "site.log").open("wb")
        for module in (
            ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"],
            ["celery", "-A", "config", "worker", "--concurrency", "1", "--loglevel", "WARNING"],
        ):
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", *module], cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log
                )
            )
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/readyz", var / "site.log")
        yield address
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=20)
        with psycopg.connect(owner, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "Browser tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(site: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that gives a person's own browser window: ``sign_in("lucheng", PHONE)``.

    At the end no page may have had an error on its console, or have asked anything of another host.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # Chromium logs every answer of 4xx itself, htmx that of a session that has ended; asserted where they are expected.
        if message.type in ("error", "warning") and not re.search(r"status of 4|Error Code 401", message.text):
            faults.append(f"{message.type}: {message.text}")

    def watch(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:")):
            faults.append(f"outside request: {request.url}")

    def open_window(username: str, viewport: dict[str, int] = DESK) -> Page:
        context = browser.new_context(base_url=site, viewport=viewport, locale="zh-CN", accept_downloads=True)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", listen)
        page.on("request", watch)
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.goto("/accounts/login/")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{site}/")
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Return a function that gives what axe finds on a page, a line per rule and place."""
    source = (settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js").read_text()

    def run(page: Page) -> list[str]:
        page.evaluate(source)
        result = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    return run


def _offset_to_2022() -> int:
    """Whole days from today to 2022-08-15, as in the demo."""
    return (date(2022, 8, 15) - datetime.now(ZoneInfo(settings.TIME_ZONE)).date()).days * 86400


def _wait_for(address: str, log: Path) -> None:
    for _ in range(120):
        with suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.25)
    pytest.fail(log.read_text()[-4000:])
