"""One module takes what it needs from inside allauth; what it cannot do without there is counted as it should be."""

import re
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.test import RequestFactory

from apps.accounts import allauth_internals

APPS = settings.BASE_DIR / "apps"
INSIDE = re.compile(r"^\s*(from|import) allauth\.(\S+\.)?internal\b", re.MULTILINE)


def modules_inside_allauth() -> set[str]:
    files: list[Path] = list(APPS.rglob("*.py"))
    return {file.relative_to(APPS).as_posix() for file in files if INSIDE.search(file.read_text())}


def test_only_one_module_imports_private_parts_of_allauth() -> None:
    assert modules_inside_allauth() == {"accounts/allauth_internals.py"}


def is_within(address: str, *, dry_run: bool = False) -> bool:
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    return allauth_internals.is_within({"look": "2/m/ip"}, request, app="tests", action="look", dry_run=dry_run)


def test_is_within_counts_reading_by_address_and_a_dry_run_counts_nothing() -> None:
    cache.clear()
    assert [is_within("192.0.2.1", dry_run=True) for _ in range(3)] == [True] * 3
    assert [is_within("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert not is_within("192.0.2.1", dry_run=True)
    assert is_within("192.0.2.7")


def test_steps_of_code_are_those_within_the_tolerance() -> None:
    secret, now = "JBSWY3DPEHPK3PXP", int(time.time()) // 30
    code = allauth_internals.code_of_step(secret, now)
    assert now in list(allauth_internals.steps_of_code(secret, code))
    assert list(allauth_internals.steps_of_code(secret, "不对")) == []
