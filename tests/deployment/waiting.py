"""Waiting for what other processes do."""

import time
from collections.abc import Callable

import pytest


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Return as soon as ``is_so``; fail the test where it does not come about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return
        time.sleep(0.1)
    pytest.fail("It did not come about in time.")
