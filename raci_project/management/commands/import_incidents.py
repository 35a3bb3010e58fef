"""`import_incidents FILE`: closed incidents of the past, all or nothing, safe to repeat."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents.rules.reasons import Invalid
from incidents.sheets import MAX_BYTES, read_rows
from reviews.history_import import History, understand
from reviews.operations.history import Imported, import_history


class Command(BaseCommand):
    """Imports what is not known yet, and says what it left out and why."""

    help = "Imports closed incidents of the past from CSV or XLSX."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="source, id, title, start, resolved …")
        parser.add_argument("--dry-run", action="store_true", help="store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        history = _history(options["file"])
        dry_run = options["dry_run"]
        imported = import_history(history.incidents, at=timezone.now(), dry_run=dry_run)
        self.stdout.write(_report(history, imported, dry_run=dry_run))


def _history(path: Path) -> History:
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to refuse; a device file never ends.
            content = file.read(MAX_BYTES + 1)
        return understand(read_rows(path.name, content))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except Invalid as refusal:
        lines = "\n".join(f"  {reason.message}" for reason in refusal.reasons)
        raise CommandError(f"{path}: nothing was imported.\n{lines}") from refusal


def _report(history: History, imported: Imported, *, dry_run: bool) -> str:
    lines = [
        f"{imported.new} new incidents {'would be imported' if dry_run else 'imported'}, "
        f"{imported.known} known already.",
        f"{history.maintenance} rows of planned maintenance left out.",
    ]
    if imported.contradictory:
        lines.append(
            f"{imported.contradictory} of the new ones have instants out of order: kept as told, "
            "marked in their provenance, and left out of durations that would be negative."
        )
    return "\n".join(lines)
