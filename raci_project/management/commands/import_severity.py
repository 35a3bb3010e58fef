"""`import_severity [FILE]`: a severity scheme from YAML, as a draft or published at once."""

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from incidents.documents import MAX_BYTES, read_document
from incidents.models import Person, SeverityScheme
from incidents.operations import scheme
from incidents.rules.default_scheme import DEFAULT_SCHEME
from incidents.rules.reasons import Refused
from raci_project.management.signers import add_arguments as add_signers
from raci_project.management.signers import signers


class Command(BaseCommand):
    """All or nothing: exit 1 with every reason, and then nothing was written."""

    help = (
        "Imports a severity scheme (YAML, as a scheme's page offers it) as a draft. Without a "
        "file: four levels to begin with."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the scheme, .yaml or .json")
        parser.add_argument("--note", default="", help="what changes, and for whom")
        add_signers(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        maker, checker = signers(options["maker"], options["publish_as"])
        at = timezone.now()
        try:
            with transaction.atomic():
                made = scheme.draft(
                    document=_document(path), note=options["note"], actor=maker, at=at
                )
                if checker is not None:
                    _publish(made, maker, checker, at)
        except Refused as refused:
            reasons = "".join(f"\n  {reason.message}" for reason in refused.reasons)
            said = path or "The default scheme"
            raise CommandError(f"{said} was not imported:{reasons}") from refused
        self.stdout.write(_report(made))


def _document(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return DEFAULT_SCHEME
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to refuse; a device file never ends.
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    document: Mapping[str, Any] = read_document(content)
    return document


def _publish(made: SeverityScheme, maker: Person, checker: Person, at: datetime) -> None:
    scheme.submit(made, actor=maker, at=at)
    scheme.approve(made, actor=checker, at=at)


def _report(made: SeverityScheme) -> str:
    since = f" from {made.effective_from.isoformat()}" if made.effective_from else ""
    levels = ", ".join(made.levels.values_list("code", flat=True))
    return f"{made}: {made.status}{since}\nlevels: {levels}"
