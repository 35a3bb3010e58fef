"""`check_wording FILE`: the wording checks of a text in a file, storing nothing."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents.rules.wording_checks import AUDIENCES, Level, Remark, Words, check

MAX_BYTES = 1024 * 1024
UNREADABLE = 2


class Command(BaseCommand):
    """Exit 0 without errors, 1 with errors, 2 where the file cannot be read as text."""

    help = "Checks the words of an update in a text file (UTF-8) without storing anything."
    # It touches neither database nor settings of the product, so it runs on a bare checkout.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the words, as text in UTF-8")
        parser.add_argument("--audience", choices=AUDIENCES, default="public")
        parser.add_argument("--language", default="en", help="such as en or de")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        words = Words(
            text=_text(options["file"]),
            audience=options["audience"],
            at=timezone.now(),
            language=options["language"],
        )
        remarks = check(words)
        if options["format"] == "json":
            self.stdout.write(json.dumps([asdict(remark) for remark in remarks], indent=2))
        else:
            self.stdout.write(_report(words.text, remarks))
        if any(remark.level is Level.ERROR for remark in remarks):
            raise SystemExit(1)


def _text(path: Path) -> str:
    """What is in the file; CommandError where it is no text, or too much of it."""
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to refuse; a device file never ends.
            content = file.read(MAX_BYTES + 1)
        text = content.decode()
    except OSError as error:
        raise _unreadable(f"{path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        message = f"{path}: byte {error.start + 1} is no UTF-8: save it as UTF-8."
        raise _unreadable(message) from error
    if len(content) > MAX_BYTES:
        raise _unreadable(f"{path} is too large: check at most {MAX_BYTES} bytes.")
    if not text.strip():
        raise _unreadable(f"{path} is empty: write the words of the update into it.")
    return text


def _unreadable(message: str) -> CommandError:
    return CommandError(message, returncode=UNREADABLE)


def _report(text: str, remarks: Sequence[Remark]) -> str:
    counts = Counter(remark.level for remark in remarks)
    totals = ", ".join(f"{level}: {counts[level]}" for level in Level)
    return "\n".join([*(_line(text, remark) for remark in remarks), totals])


def _line(text: str, remark: Remark) -> str:
    """Rule, level, and the line and column it begins at, counted from 1."""
    row = text.count("\n", 0, remark.start) + 1
    column = remark.start - text.rfind("\n", 0, remark.start)
    return f"{remark.rule} {remark.level:<11}  {row}:{column}\n    {remark.message}"
