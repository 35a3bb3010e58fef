"""`import_law FILE | --shipped`: a law pack from YAML, as a draft or published at once."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from incidents.documents import MAX_PACK_BYTES, read_pack_document
from incidents.models import LawPack, Person
from incidents.operations import law_files, law_pack
from incidents.operations.law_pack import SOURCE_LONGEST
from incidents.rules.reasons import Refused
from raci_project.management.signers import add_arguments as add_signers
from raci_project.management.signers import signers


class Command(BaseCommand):
    """All or nothing: exit 1 with every reason, and then nothing was written."""

    help = (
        "Imports a law pack (YAML or JSON, as a pack's page offers it) as a draft; with --shipped "
        "the pack that ships with this product."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", type=Path, nargs="?", help="the pack, .yaml or .json")
        what.add_argument("--shipped", action="store_true", help="the pack that ships")
        parser.add_argument("--note", default="", help="what changes, and for whom")
        add_signers(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        maker, checker = signers(options["maker"], options["publish_as"])
        at = timezone.now()
        try:
            with transaction.atomic():
                made = _drafted(path, options["note"], maker, at)
                if checker is not None:
                    law_pack.submit(made, actor=maker, at=at)
                    law_pack.approve(made, actor=checker, at=at)
        except Refused as refused:
            reasons = "".join(f"\n  {reason.message}" for reason in refused.reasons)
            said = path or "The pack that ships"
            raise CommandError(f"{said} was not imported:{reasons}") from refused
        self.stdout.write(_report(made))


def _drafted(path: Path | None, note: str, maker: Person, at: datetime) -> LawPack:
    if path is None:
        return law_pack.draft_shipped(note=note, actor=maker, at=at)
    document = read_pack_document(content(path))
    source = path.name[:SOURCE_LONGEST]
    return law_pack.draft(document=document, note=note, source=source, actor=maker, at=at)


def content(path: Path) -> bytes:
    """What is in this file; one byte more than allowed is enough to refuse it."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_PACK_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error


def _report(made: LawPack) -> str:
    pack = law_files.pack_of(made)
    since = f" from {made.effective_from.isoformat()}" if made.effective_from else ""
    doubtful = sum(each.is_doubtful for each in pack.regimes.values())
    return (
        f"{made}: {made.status}{since}\n{made.title}, as of {made.as_of}\n"
        f"regimes: {len(pack.regimes)}, of low confidence: {doubtful}"
    )
