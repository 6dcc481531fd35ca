"""The cache as a convenience: pages go on without it while its server is away."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class _KeptClient(RedisCacheClient):
    """Makes the client of a pool of connections once: for every key anew, it costs more than the answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._client = cache(Redis)


class TolerantRedisCache(RedisCache):
    """Redis or Valkey; while it does not answer, nothing is found and nothing is kept."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return _unless_away(lambda: super(TolerantRedisCache, self).get(key, default, version), default)

    def set(self, key: str, value: Any, timeout: Any = 300, version: int | None = None) -> None:
        _unless_away(lambda: super(TolerantRedisCache, self).set(key, value, timeout, version), None)

    def add(self, key: str, value: Any, timeout: Any = 300, version: int | None = None) -> bool:
        return bool(_unless_away(lambda: super(TolerantRedisCache, self).add(key, value, timeout, version), True))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(_unless_away(lambda: super(TolerantRedisCache, self).delete(key, version), False))


def _unless_away(ask: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return ask()
    except RedisError as error:
        logger.warning("cache away: %s", error)
        return otherwise
