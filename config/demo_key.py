"""The demo's own secret key, made once and kept beside its data."""

import os
import secrets
from pathlib import Path


def demo_secret_key(var_dir: Path) -> str:
    """Return the key in ``var_dir/demo-secret-key``, made on first use and readable by its owner alone."""
    key_file = var_dir / "demo-secret-key"
    try:
        return key_file.read_text()
    except FileNotFoundError:
        var_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return key_file.read_text()
    with os.fdopen(descriptor, "w") as handle:
        handle.write(key := secrets.token_urlsafe(50))
    return key
