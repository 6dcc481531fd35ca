"""One list asked for by eight at a time, over HTTP, from the demo's two gunicorn workers."""

import os
import time
from http.client import HTTPConnection
from threading import Thread
from typing import Any

from benchmarks.dataset import MEASURED, YEAR
from benchmarks.measuring import browser_of, percentile, table, verdict
from benchmarks.storm import served

CLIENTS = 8
SECONDS = 15
WARM_UP = 3
LEAST_PER_SECOND = 60
ADDRESS = f"/communities/?campaign={MEASURED}&year={YEAR}"
HEAD = ["", "pages", "a second", "p50, ms", "p95, ms", "failed", f"at least {LEAST_PER_SECOND} a second"]


def report() -> list[str]:
    """Ask for the first page of Jiangsu's communities as its approver."""
    browser = browser_of("320000000000")
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.client.cookies.items())
    clients = [_Client(cookies) for _ in range(CLIENTS)]
    with served("config.wsgi", os.environ["DATABASE_URL"]) as port:
        begin = time.monotonic() + WARM_UP
        threads = [Thread(target=one.run, args=(port, begin, begin + SECONDS)) for one in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    times = sorted(seconds * 1000 for one in clients for seconds in one.times)
    rate, failed = len(times) / SECONDS, sum(one.failed for one in clients)
    figures = [f"{len(times):,}", f"{rate:.0f}", f"{percentile(times, 0.5):.0f}", f"{percentile(times, 0.95):.0f}"]
    row = ["社区库 of 江苏省, 50 a page", *figures, str(failed), verdict(rate >= LEAST_PER_SECOND and not failed)]
    return table(f"A list at concurrency {CLIENTS}", HEAD, [row])


class _Client:
    """One who asks again as soon as the page is there."""

    def __init__(self, cookies: str) -> None:
        self.cookies = cookies
        self.times: list[float] = []
        self.failed = 0

    def run(self, port: int, begin: float, end: float) -> None:
        while (began := time.monotonic()) < end:
            answer = self._ask(port)
            if began >= begin:
                self.times.append(time.monotonic() - began)
                self.failed += answer != 200

    def _ask(self, port: int) -> Any:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", ADDRESS, headers={"Cookie": self.cookies})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status
