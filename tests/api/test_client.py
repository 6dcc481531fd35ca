"""The example client of docs/examples, run against the product as it answers over a socket."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings
from django.db import connections

from apps.accounts.models import Role
from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment, ReviewAction
from apps.campaigns.models import Campaign
from apps.communities.models import Community
from tests.api.conftest import token_for
from tests.factories import enrol, fill_in, submit

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "client.py"


class _Silent(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def address(wsgi: Any) -> Iterator[str]:
    """The product behind a socket, on the test's own connection: one request at a time, while the test waits."""
    server = make_server("127.0.0.1", 0, wsgi, handler_class=_Silent)
    own = connections["default"]
    own.inc_thread_sharing()

    def serve() -> None:
        connections["default"] = own
        server.serve_forever()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    own.dec_thread_sharing()


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_client", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "example_client", module)
    spec.loader.exec_module(module)
    return module


def test_the_example_reads_and_works(
    example: ModuleType,
    address: str,
    chuxiong: Campaign,
    community: Callable[[str], Community],
    make_actor: Callable[[str, Role], Actor],
) -> None:
    assessment = submit(fill_in(enrol(community("532301101001"), chuxiong, 2022)))
    client = example.Client(address, token_for(make_actor("532301", Role.APPROVER)).text)
    names = [one["name"] for one in client.all("communities", limit=100, fields="name")]
    assert len(names) == 31
    (found,) = client.all("assessments", status="in_review")
    seen = client.get(f"assessments/{found['id']}")
    done = client.do(f"assessments/{found['id']}/agree", {"comment": "同意"}, etag=seen.etag)
    assert done.data["holder"]["name"] == "楚雄彝族自治州"
    with pytest.raises(example.Problem) as refused:
        client.do(f"assessments/{found['id']}/agree", {}, etag=seen.etag)
    assert (refused.value.code, refused.value.status) == ("wrong-state", 409)
    assert ReviewAction.objects.filter(assessment=assessment, kind="agree").count() == 1
    assert Assessment.objects.get().holder.name == "楚雄彝族自治州"


def test_the_example_runs_as_it_stands(
    example: ModuleType,
    address: str,
    make_actor: Callable[[str, Role], Actor],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LVSE_URL", address)
    monkeypatch.setenv("LVSE_TOKEN", token_for(make_actor("532301", Role.STAFF)).text)
    assert example.main() == 0
    assert "鹿城镇" in capsys.readouterr().out
    monkeypatch.setenv("LVSE_TOKEN", "lssq_wrong")
    assert example.main() == 1
    assert "token-unknown" in capsys.readouterr().err
