"""The base of the management commands that write: what they change is recorded under the command's name."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.core import history


class WritingCommand(BaseCommand):
    """A command whose changes carry its name in the history, as those of a request carry the person's."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with history.recording(command=self.command_name):
            return super().execute(*args, **options)

    @property
    def command_name(self) -> str:
        return type(self).__module__.rpartition(".")[2]
