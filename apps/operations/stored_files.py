"""The files that rows name, wherever they lie: copied beside the backup of the database, and compared with their hashes."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import FileField

LIST = "SHA256SUMS"
_PIECE = 2**20


class Stored(NamedTuple):
    """A file as its row names it; ``sha256`` is blank where the row keeps none (pictures made for pages, exports)."""

    key: str
    sha256: str


class Result(NamedTuple):
    """What was looked at: how many files, how many of them were copied just now, and what is wrong, in words."""

    number: int
    copied: int
    faults: list[str]


def stored_files() -> Iterator[Stored]:
    """Every file that a row names, table by table."""
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if "pgh_label" in names:
            # Histories name files that are long gone.
            continue
        for field in model._meta.concrete_fields:
            if not isinstance(field, FileField):
                continue
            # The hash is that of the file as it was sent in.
            kept = "sha256" if field.name == "file" and "sha256" in names else None
            rows = cast(Any, model).objects.exclude(**{field.name: ""}).order_by("pk")
            for key, digest in rows.values_list(field.name, kept or field.name).iterator():
                if key:
                    yield Stored(key, digest if kept else "")


def copy_files(target: Path) -> Result:
    """Copy into ``target`` what is not there yet, under the same keys, and list all with their hashes in SHA256SUMS.

    A file never changes under its key: one that the list names already is not copied again.
    """
    known, listed = _listed(target), dict[str, str]()
    copied, faults = 0, []
    for one in stored_files():
        place = target / one.key
        if one.key in known and place.exists():
            listed[one.key] = known[one.key]
        elif not default_storage.exists(one.key):
            faults.append(f"{one.key}: missing in the storage")
            continue
        else:
            listed[one.key] = _copy(one.key, place)
            copied += 1
        if one.sha256 and listed[one.key] != one.sha256:
            faults.append(f"{one.key}: its content is not what its row tells")
    target.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{digest}  {key}\n" for key, digest in sorted(listed.items()))
    new = target / f"{LIST}.part"
    new.write_text(lines, encoding="utf-8")
    new.replace(target / LIST)
    return Result(len(listed), copied, faults)


def check_files(copy: Path | None = None) -> Result:
    """Read every file that a row names, in the storage or in a ``copy``, and compare it with its hash."""
    known = _listed(copy) if copy else {}
    number, faults = 0, []
    for one in stored_files():
        number += 1
        digest = _digest_in(copy, one.key)
        wanted = one.sha256 or known.get(one.key, digest)
        if digest is None:
            faults.append(f"{one.key}: missing")
        elif digest != wanted:
            faults.append(f"{one.key}: its content is not what its row tells")
    return Result(number, 0, faults)


def _copy(key: str, place: Path) -> str:
    """Copy a file, whole or not at all; return its hash."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f"{place.name}.part")
    with default_storage.open(key) as source, part.open("wb") as made:
        digest = _read(source, made.write)
    part.replace(place)
    return digest


def _digest_in(copy: Path | None, key: str) -> str | None:
    if copy is not None:
        if not (copy / key).is_file():
            return None
        with (copy / key).open("rb") as file:
            return _read(file)
    if not default_storage.exists(key):
        return None
    with default_storage.open(key) as file:
        return _read(file)


def _read(file: IO[bytes], pass_on: Callable[[bytes], object] = len) -> str:
    digest = sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
        pass_on(piece)
    return digest.hexdigest()


def _listed(target: Path) -> dict[str, str]:
    path = target / LIST
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {key: digest for digest, _, key in (line.partition("  ") for line in lines)}
