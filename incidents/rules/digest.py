"""What a digest says: the day's reminders of one person, grouped by what they are about."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

LISTED = 200  # more nobody reads in a mail; the page of what they owe has them all


@dataclass(frozen=True, slots=True)
class Part:
    """One reminder as a digest says it."""

    kind: str
    subject: str
    url: str
    created_at: datetime


def subject(parts: Sequence[Part]) -> str:
    """How many things wait and of which kinds, the most frequent first."""
    if len(parts) == 1:
        return f"Digest: {parts[0].subject}"
    kinds = sorted(_grouped(parts).items(), key=lambda one: (-len(one[1]), one[0]))
    what = ", ".join(f"{name(kind)} {len(some)}" for kind, some in kinds)
    return f"Digest: {len(parts)} reminders, {what}"


def body(parts: Sequence[Part]) -> str:
    """Each kind under its name, the latest first, each with its address; at most LISTED of all."""
    written = "\n\n".join(islice(_paragraphs(parts), LISTED + len(_grouped(parts))))
    left_out = len(parts) - LISTED
    return f"{written}\n\nAnd {left_out} more." if left_out > 0 else written


def name(kind: str) -> str:
    """A kind of message as a reader calls it: "action-item-nudge" is an "action item"."""
    return (
        kind.replace("_", "-")
        .removesuffix("-nudge")
        .removesuffix("-reminder")
        .replace("-", " ")
    )


def _paragraphs(parts: Sequence[Part]) -> Iterator[str]:
    left = LISTED
    for kind, some in _grouped(parts).items():
        if left > 0:
            yield f"{name(kind).upper()} ({len(some)})"
        for part in some[:left]:
            yield f"{part.subject}\n{part.url}".strip()
        left -= min(left, len(some))


def _grouped(parts: Sequence[Part]) -> dict[str, list[Part]]:
    """By kind, the kind with the latest first, and the latest first within each."""
    grouped: dict[str, list[Part]] = defaultdict(list)
    for part in sorted(parts, key=lambda one: one.created_at, reverse=True):
        grouped[part.kind].append(part)
    return grouped
