"""The cache while its server is away."""

from django.conf import settings

from apps.core.cache import TolerantRedisCache


def test_cache_without_its_server_finds_and_keeps_nothing() -> None:
    cache = TolerantRedisCache("redis://127.0.0.1:1/0", {})
    cache.set("key", 1)
    assert cache.get("key") is None
    assert cache.get("key", 7) == 7
    assert cache.add("key", 1) is True
    assert cache.delete("key") is False


def test_cache_of_the_installation_is_the_tolerant_one() -> None:
    base = (settings.BASE_DIR / "config/settings/base.py").read_text()
    assert "apps.core.cache.TolerantRedisCache" in base
