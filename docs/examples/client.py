"""绿色社区创建管理平台接口的示例客户端：只用 Python 标准库（3.11 以上），可以直接拷走改用。

    LVSE_URL=https://lvse.example.gov.cn LVSE_TOKEN=lssq_… python client.py

不带参数运行时，列出本级未报的报送事项，并统计各街道的社区数。
"""

import json
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

TRIES = 4


class Problem(Exception):
    """接口的拒绝（RFC 9457）：程序按 code 判断，detail 给人看。"""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(f"{body['title']}：{body['detail']}")
        self.code: str = body["code"]
        self.status: int = body["status"]
        self.errors: list[dict[str, str]] = body["errors"]


@dataclass
class Answer:
    """一次应答：内容和版本（ETag）。"""

    data: Any
    etag: str | None


class Client:
    """带着令牌访问接口：自动翻页；没有收到应答、或被限速时，用同一个幂等键重试。"""

    def __init__(self, url: str, token: str) -> None:
        self.base = urljoin(url, "/api/v1/")
        self.token = token

    def get(self, path: str, **query: Any) -> Answer:
        """读取一件，或一页。"""
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path)

    def all(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """读取一个列表的全部，一页一页地取。"""
        page = self.get(path, **query).data
        yield from page["results"]
        while page["next"]:
            page = self._send("GET", page["next"]).data
            yield from page["results"]

    def do(self, path: str, body: dict[str, Any] | None = None, *, etag: str | None = None) -> Answer:
        """办理一件事；etag 是读取时得到的版本，他人已经改动的会被拒绝（code 为 stale）。"""
        return self._send("POST", path, body, etag, key=str(uuid.uuid4()))

    def put(self, path: str, body: dict[str, Any], *, etag: str) -> Answer:
        """保存一件；第一次填写的，etag 写 '"0"'。"""
        return self._send("PUT", path, body, etag)

    def _send(
        self, method: str, path: str, body: Any = None, etag: str | None = None, key: str | None = None
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        optional = {"If-Match": etag, "Idempotency-Key": key}
        headers |= {name: value for name, value in optional.items() if value is not None}
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        for tried in range(1, TRIES + 1):
            request = Request(urljoin(self.base, path), data=content, headers=headers, method=method)  # noqa: S310
            try:
                with urlopen(request, timeout=30) as response:  # noqa: S310
                    text = response.read()
                    return Answer(json.loads(text) if text else None, response.headers["ETag"])
            except HTTPError as error:
                if error.code not in (429, 503) or tried == TRIES:
                    raise Problem(json.loads(error.read())) from error
                time.sleep(int(error.headers.get("Retry-After", "1")))
            except OSError:
                # 没有应答：可能办了，也可能没办。有幂等键的原样重试，只办一次。
                if tried == TRIES or (method != "GET" and key is None):
                    raise
                time.sleep(tried)
        raise AssertionError("unreachable")


def main() -> int:
    client = Client(os.environ["LVSE_URL"], os.environ["LVSE_TOKEN"])
    try:
        for one in client.all("obligations", state="overdue"):
            print(f"逾期未报：{one['division']['name']} {one['deadline']} {one['milestone']['title']}")
        streets = Counter(one["division"]["name"] for one in client.all("communities", fields="id,division", limit=200))
    except Problem as problem:
        print(f"没有完成（{problem.code}）：{problem}", file=sys.stderr)
        return 1
    for name, count in streets.most_common():
        print(f"{name} {count} 个社区")
    return 0


if __name__ == "__main__":
    sys.exit(main())
