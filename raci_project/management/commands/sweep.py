"""`sweep [--at INSTANT]`: what the scheduler asks for over and over, once and by hand."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from incidents import channels
from incidents.operations import broadcasts, nudges
from incidents.operations import sweeps as of_incidents
from reviews.operations import sweeps as of_reviews
from training.operations import sweeps as of_training

SWEEPS: tuple[Callable[[datetime, nudges.Say], None], ...] = (
    of_incidents.sweep,
    broadcasts.sweep,
    of_reviews.sweep,
    of_training.sweep,
)


class Command(BaseCommand):
    """Prints one line for each act, then what became of the messages due by then."""

    help = "Runs every due sweep once, as if it were INSTANT, and sends what is due by then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--at",
            type=instant,
            metavar="INSTANT",
            help="ISO 8601 with an offset; now if absent",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        at = options["at"] or now
        for sweep in SWEEPS:
            sweep(at, self.stdout.write)
        # Never earlier than now: the lease of a claim would be over for the running worker,
        # which would send the same messages again.
        report = channels.deliver_all(max(at, now))
        self.stdout.write(
            f"messages: {report.sent} sent, {report.failed} to be tried again, {report.dead} dead"
        )


def instant(text: str) -> datetime:
    """An aware instant in UTC; without an offset it would mean another instant elsewhere."""
    try:
        given = datetime.fromisoformat(text)
        if given.tzinfo is None:
            raise ArgumentTypeError(f"“{text}” has no offset: write {text}Z or {text}+01:00.")
        return given.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ArgumentTypeError(f"“{text}” is not an ISO 8601 instant.") from error
