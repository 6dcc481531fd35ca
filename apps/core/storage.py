"""Looking at the stored files themselves, whichever storage is set; what is gone meanwhile is no error."""

from datetime import datetime

from django.core.files.storage import default_storage
from django.utils import timezone


def listed(folder: str) -> tuple[list[str], list[str]]:
    """Return the folders and files in a folder; nothing where there is none."""
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def stored_at(name: str) -> datetime:
    """Return when a file was stored; now where it is gone."""
    try:
        return default_storage.get_modified_time(name)
    except FileNotFoundError:
        return timezone.now()
