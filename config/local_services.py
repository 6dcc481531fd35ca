"""Points DATABASE_URL and REDIS_URL at the embedded services where the environment names none."""

import os
from pathlib import Path

VAR_DIR = Path(__file__).resolve().parent.parent / "var"


def use_embedded_services() -> None:
    """Start what the environment does not name; services that it names are left alone."""
    wanted = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    missing = tuple(name for name, variable in wanted.items() if not os.environ.get(variable))
    if not missing:
        return
    from config.embedded import ensure_services

    services = ensure_services(VAR_DIR, need=missing)
    if "postgres" in missing:
        os.environ["DATABASE_URL"] = services.database_url
    if "valkey" in missing:
        os.environ["REDIS_URL"] = services.redis_url
