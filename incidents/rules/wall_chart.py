"""How a whole matrix is laid out on one sheet of paper: as large as it still fits.

What a browser will make of it is estimated from the lengths of the words, on the safe side. A
matrix that fits in no legible size runs on to further sheets, with its heading repeated.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MM = 25.4 / 72  # of a typographic point
CHARACTER = 0.56  # of the font's size: a mean letter of a sans serif, and some more
LINE = 1.25
CELL = 2.6  # of the font's size: room for “A/R” and a mark
PADDING = 1.0  # mm above and below a row together
GAP = 6.0  # mm between two columns
HEADING = 26.0  # mm: name, signatures, dates
LEGEND = 10.0
NOTE = 5.0
# Tenths of a point, as the style sheet names them; beyond the last nobody reads it on a wall.
SIZES = (130, 120, 110, 105, 100, 95, 90, 85, 80, 75, 70, 65, 60, 55, 50)
RUNNING_ON = 70


@dataclass(frozen=True, slots=True)
class Paper:
    """One size of paper, landscape: what is printable of it, in millimetres."""

    code: str
    name: str
    width: float
    height: float


PAPERS = {
    each.code: each for each in (Paper("a3", "A3", 402, 278), Paper("a4", "A4", 279, 192))
}


@dataclass(frozen=True, slots=True)
class Block:
    """One phase: its activities as they are printed."""

    phase: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The size in tenths of a point, and how many of the phases stand in the first column."""

    size: int
    first: int
    fits: bool = True


def lay_out(
    blocks: Sequence[Block], roles: Sequence[str], paper: Paper, notes: int = 0
) -> Layout:
    """The largest size at which all of it fits, in one column or in two."""
    room = paper.height - HEADING - LEGEND - NOTE * notes
    for size in SIZES:
        for first in _splits(blocks):
            columns = 1 if first == len(blocks) else 2
            width = (paper.width - GAP * (columns - 1)) / columns
            parts = (blocks[:first], blocks[first:])
            if max(_height(part, roles, size, width) for part in parts) <= room:
                return Layout(size, first)
    return Layout(RUNNING_ON, len(blocks), fits=False)


def width_of(text: str) -> float:
    """How many mean letters wide: an East Asian one takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _splits(blocks: Sequence[Block]) -> Iterator[int]:
    """In one column, then in two, the most even first."""
    total = sum(len(block.lines) for block in blocks)
    yield len(blocks)
    yield from sorted(
        range(1, len(blocks)),
        key=lambda first: abs(total - 2 * sum(len(each.lines) for each in blocks[:first])),
    )


def _height(blocks: Sequence[Block], roles: Sequence[str], size: int, width: float) -> float:
    """Of a table of these phases, in millimetres; without bounds where there is no room for words."""
    point = size / 10 * MM
    for_words = width - len(roles) * CELL * point - 2
    if for_words < 10 * CHARACTER * point:
        return float("inf") if blocks else 0
    a_line = for_words / (CHARACTER * point)
    longest = max((width_of(role) for role in roles), default=0)
    height = min(longest * CHARACTER, 22) * point + 3
    for block in blocks:
        lines = sum(_lines(text, a_line) for text in (block.phase, *block.lines))
        height += lines * LINE * point + (len(block.lines) + 1) * PADDING
    return height


def _lines(text: str, a_line: float) -> int:
    """How often it wraps: words are not broken, so every line may lose most of one."""
    width = width_of(text)
    if width <= a_line:
        return 1
    longest = max((width_of(word) for word in text.split()), default=0)
    return int(-(-width // max(1.0, a_line - min(longest, a_line / 2)))) if width else 1
