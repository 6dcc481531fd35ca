"""What the commands of this room share."""

from django.core.management.base import BaseCommand, CommandError

from apps.operations.stored_files import Result

_TOLD = 20


def report(command: BaseCommand, result: Result) -> None:
    """Say what was found; CommandError, and so a status that is not 0, where something is wrong."""
    command.stdout.write(f"{result.number} files, {result.copied} copied, {len(result.faults)} faults")
    if result.faults:
        more = len(result.faults) - _TOLD
        raise CommandError("\n".join([*result.faults[:_TOLD], *([f"… and {more} more"] if more > 0 else [])]))
