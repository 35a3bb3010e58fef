"""Injects as people write and read them: a minute and a text a line."""

import re
from collections.abc import Sequence
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join

_LINE = re.compile(r"\s*(\d{1,4})\s*:\s*(\S.*)")


class Inject(TypedDict):
    """What is fed to the players so many minutes after the start."""

    minute: int
    text: str


def parse(written: str) -> list[Inject]:
    """The injects of lines such as "15: The bank calls back"; names the first line that is none."""
    found: list[Inject] = []
    for number, line in enumerate(written.splitlines(), start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValidationError(
                f"Line {number}: write the minute, a colon and the text, such as "
                "“15: The bank calls back”.",
                code="inject_unreadable",
            )
        found.append({"minute": int(match[1]), "text": match[2].strip()})
    return _in_order(found)


def _in_order(injects: list[Inject]) -> list[Inject]:
    minutes = [inject["minute"] for inject in injects]
    if minutes != sorted(minutes):
        raise ValidationError(
            "Put the lines in the order of their minutes.", code="inject_order"
        )
    return injects


def written(injects: Sequence[Inject]) -> str:
    """The lines `parse` would read."""
    return "\n".join(f"{inject['minute']}: {inject['text']}" for inject in injects)


def shown(injects: Sequence[Inject]) -> str:
    """A table for people: after so many minutes, this happens."""
    if not injects:
        return "None written yet."
    rows = format_html_join(
        "",
        '<tr><td class="pr-6 py-1 whitespace-nowrap align-top">+{} min</td>'
        '<td class="py-1">{}</td></tr>',
        ((inject["minute"], inject["text"]) for inject in injects),
    )
    return format_html("<table>{}</table>", rows)
