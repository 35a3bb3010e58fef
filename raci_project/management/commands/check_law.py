"""`check_law FILE`: what is wrong with a law pack in a file, and its worked cases; stores nothing."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents.calendars import is_holiday
from incidents.documents import MAX_PACK_BYTES, read_pack_document
from incidents.operations import law_files
from incidents.rules.law_pack import Pack
from incidents.rules.law_pack_cases import Failure, failures
from incidents.rules.reasons import Invalid, Reason

UNREADABLE = 2


class Command(BaseCommand):
    """Exit 0 without problems, 1 with problems, 2 where the file cannot be read as YAML."""

    help = (
        "Checks a law pack (YAML or JSON) without storing anything: every problem by its path, "
        "and every worked case of the pack that comes out otherwise than it says."
    )
    # It touches neither database nor settings of the product, so it runs on a bare checkout.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the pack, .yaml or .json")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        problems: Sequence[Reason] = ()
        pack: Pack | None = None
        try:
            pack = law_files.understood(_document(options["file"]))
        except Invalid as refused:
            problems = refused.reasons
        failing = failures(pack, is_holiday) if pack else ()
        if options["format"] == "json":
            self.stdout.write(json.dumps(_plain(pack, problems, failing), indent=2))
        else:
            self.stdout.write(_report(pack, problems, failing))
        if problems or failing:
            raise SystemExit(1)


def _document(path: Path) -> Any:
    """The data in this file; a CommandError says why it is none."""
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to refuse; a device file never ends.
            return read_pack_document(file.read(MAX_PACK_BYTES + 1))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=UNREADABLE) from error
    except Invalid as refused:
        said = f"{path} cannot be read as a law pack: {refused}"
        raise CommandError(said, returncode=UNREADABLE) from refused


def _plain(
    pack: Pack | None, problems: Sequence[Reason], failing: Sequence[Failure]
) -> dict[str, Any]:
    return {
        "regimes": len(pack.regimes) if pack else 0,
        "cases": len(pack.test_cases) if pack else 0,
        "problems": [
            {"path": each.field, "code": each.code, "message": each.message}
            for each in problems
        ],
        "failing_cases": [
            {"case": each.case, "differences": list(each.differences)} for each in failing
        ],
    }


def _report(pack: Pack | None, problems: Sequence[Reason], failing: Sequence[Failure]) -> str:
    lines = [f"{each.code}  {each.message}" for each in problems]
    lines += [f"law_case_fails  {each}" for each in failing]
    if pack:
        count = len(pack.test_cases)
        lines.append(
            f"regimes: {len(pack.regimes)}, worked cases: {count}, failing: {len(failing)}"
        )
    else:
        lines.append(f"problems: {len(problems)}")
    return "\n".join(lines)
