"""`manage.py write_status_page [--to DIR]`: the whole status page at once."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents.channels import status


class Command(BaseCommand):
    """Writes what differs, removes what is shown no more, and says how much that was."""

    help = "Writes the status page into STATUS_DIR, or a copy of it into another folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, metavar="DIR", help="STATUS_DIR if absent")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["to"] or settings.STATUS_DIR
        try:
            done = status.write(timezone.now(), folder)
        except BlockingIOError as busy:
            raise CommandError(f"Another process writes into {folder}: try again.") from busy
        except OSError as error:
            raise CommandError(f"It could not be written: {error}") from error
        self.stdout.write(
            f"{folder}: {done.changed} files written, {done.same} unchanged, "
            f"{done.removed} removed"
        )
