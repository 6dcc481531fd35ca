"""Setting markup with WeasyPrint, in this process or in one beside it.

Knows no Django, so that ``python -m apps.papers.typesetter``, which is the process beside, holds nothing that it does not need. On
its pipes stand lines of JSON one way, the length of a PDF and the PDF the other way; it ends when the pipe is closed, and so
with whoever has begun it.
"""

import atexit
import gc
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, BinaryIO, cast

# Pango's font maps are not made for several threads, and one document at a time bounds the memory.
_one_at_a_time = Lock()
_LENGTH = 8


class Typesetter:
    """WeasyPrint with one style sheet, which is read once. Nothing is loaded but the files of ``fonts``, a directory."""

    def __init__(self, style: str, fonts: str) -> None:
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        self._directory = Path(fonts).as_uri() + "/"
        self._fonts: Any = FontConfiguration()
        self._sheet: Any = CSS(string=style, font_config=self._fonts, url_fetcher=self.fetch_font)
        # At the very end the library cannot tidy up any more.
        atexit.register(self.__dict__.clear)

    def set(self, markup: str, own: str) -> bytes:
        """Set ``markup`` with ``own``, what depends on its words, behind the style sheet."""
        from weasyprint import CSS, HTML

        with _one_at_a_time, _collecting_seldom():
            sheet = CSS(string=own, font_config=self._fonts, url_fetcher=_refuse)
            source = HTML(string=markup, url_fetcher=_refuse)
            sheets = [self._sheet, sheet]
            return bytes(source.write_pdf(stylesheets=sheets, font_config=self._fonts, presentational_hints=True))

    def fetch_font(self, url: str) -> Any:
        from weasyprint.urls import URLFetcher

        if not url.startswith(self._directory):
            _refuse(url)
        return URLFetcher(allowed_protocols=["file"], allow_redirects=False).fetch(url)


class TypesetterBeside:
    """A typesetter in a process of its own, which works while this one does something else."""

    def __init__(self, style: str, fonts: str) -> None:
        command, root = [sys.executable, "-m", "apps.papers.typesetter"], Path(__file__).parents[2]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=root)  # noqa: S603 our own module
        self._requests, self._answers = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        self._send([style, fonts])

    def begin(self, markup: str, own: str) -> None:
        """Let it set a document; ``finish`` waits for it, before the next one is begun."""
        self._send([markup, own])

    def finish(self) -> bytes:
        """The document that was begun last; RuntimeError where the process has died over it."""
        length = int.from_bytes(self._answers.read(_LENGTH), "big")
        content = self._answers.read(length)
        if not length or len(content) != length:
            raise RuntimeError(f"the typesetter ended with {self._process.wait()}")
        return content

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        with suppress(BrokenPipeError):
            self._requests.close()
        self._answers.close()
        self._process.wait()

    def _send(self, words: list[str]) -> None:
        self._requests.write(json.dumps(words).encode() + b"\n")
        self._requests.flush()


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """A document makes boxes by the hundred thousand, which are all needed to its end: looking for what is not takes a tenth."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _refuse(url: str) -> Any:
    """No document loads anything."""
    raise ValueError(f"documents load nothing: {url[:80]}")


def _work(requests: BinaryIO, answers: BinaryIO) -> None:
    """Set what is asked for, one after the other, until nobody asks any more."""
    typesetter = Typesetter(*json.loads(requests.readline()))
    asked: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(requests, asked), daemon=True).start()
    try:
        while True:
            content = typesetter.set(*json.loads(asked.get()))
            answers.write(len(content).to_bytes(_LENGTH, "big") + content)
            answers.flush()
    except Exception:
        traceback.print_exc()
        # The usual end would wait for the pipe, which the other thread holds.
        os._exit(1)


def _listen(requests: BinaryIO, asked: "SimpleQueue[bytes]") -> None:
    """Hand on what is asked for; where the pipe ends, nobody waits any more for what is being set, which may take minutes."""
    for line in requests:
        asked.put(line)
    os._exit(0)


if __name__ == "__main__":
    _work(sys.stdin.buffer, sys.stdout.buffer)
