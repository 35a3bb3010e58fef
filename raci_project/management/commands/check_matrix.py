"""`check_matrix FILE`: the checks of a matrix in a file, storing nothing."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents.rules.matrix_checks import Finding, Level, check
from incidents.rules.matrix_sheet import Sheet, read
from incidents.rules.reasons import Invalid
from incidents.sheets import MAX_BYTES, read_rows

UNREADABLE = 2


class Command(BaseCommand):
    """Exit 0 without errors, 1 with errors, 2 where the file cannot be read as a matrix."""

    help = "Checks a RACI matrix (CSV or XLSX, long or wide form) without storing anything."
    # It touches neither database nor settings of the product, so it runs on a bare checkout.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the matrix, .csv or .xlsx")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        sheet = _sheet(options["file"])
        findings = check(sheet.grid)
        if options["format"] == "json":
            self.stdout.write(json.dumps([_plain(finding) for finding in findings], indent=2))
        else:
            self.stdout.write(_report(sheet, findings))
        if any(finding.level is Level.ERROR for finding in findings):
            raise SystemExit(1)


def _sheet(path: Path) -> Sheet:
    """The matrix in this file; a CommandError names every problem that keeps it from being one."""
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to refuse; a device file never ends.
            content = file.read(MAX_BYTES + 1)
        sheet = read(read_rows(path.name, content))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=UNREADABLE) from error
    except Invalid as refusal:
        problems = [reason.message for reason in refusal.reasons]
        raise _unreadable(path, problems) from refusal
    if sheet.errors:
        raise _unreadable(path, [str(error) for error in sheet.errors])
    return sheet


def _unreadable(path: Path, problems: Sequence[str]) -> CommandError:
    lines = "\n".join(f"  {problem}" for problem in problems)
    return CommandError(f"{path} cannot be read as a matrix:\n{lines}", returncode=UNREADABLE)


def _plain(finding: Finding) -> dict[str, str]:
    """What a program reads; `case` only where the finding is about a variation."""
    said = asdict(finding)
    return said if finding.case else {key: said[key] for key in said if key != "case"}


def _report(sheet: Sheet, findings: Sequence[Finding]) -> str:
    counts = Counter(finding.level for finding in findings)
    totals = ", ".join(f"{level}: {counts[level]}" for level in Level)
    size = f"{len(sheet.grid.activities)} activities, {len(sheet.roles)} roles"
    return "\n".join([*(_line(finding) for finding in findings), f"{size}; {totals}"])


def _line(finding: Finding) -> str:
    place = " / ".join(
        filter(None, [finding.phase, finding.activity, finding.role, finding.case])
    )
    return f"{finding.rule} {finding.level:<11}  {place}\n    {finding.message}"
