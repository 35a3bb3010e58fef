"""How a whole matrix is laid out on one sheet of paper: as large as it still fits.

What a browser will make of it is estimated from the lengths of the words, on the safe side. A
matrix that fits in no legible size runs on to further sheets, with its heading repeated.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

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
    heading = max((width_of(role) for role in roles), default=0)
    measured = [[_Text.of(text) for text in (each.phase, *each.lines)] for each in blocks]
    for size in SIZES:
        for first in _splits(blocks):
            columns = 1 if first == len(blocks) else 2
            width = (paper.width - GAP * (columns - 1)) / columns
            words = width - len(roles) * CELL * size / 10 * MM - 2
            parts = (measured[:first], measured[first:])
            if max(_height(part, heading, size, words) for part in parts) <= room:
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


class _Text(NamedTuple):
    """What is printed in one cell: its width, and that of its longest word, in mean letters."""

    width: float
    longest: float

    @classmethod
    def of(cls, text: str) -> "_Text":
        return cls(width_of(text), max((width_of(word) for word in text.split()), default=0))

    def lines(self, a_line: float) -> int:
        """How often it wraps: words are kept whole, so every line may lose most of one."""
        if self.width <= a_line:
            return 1
        return ceil(self.width / max(1.0, a_line - min(self.longest, a_line / 2)))


def _height(
    blocks: Sequence[Sequence[_Text]], heading: float, size: int, words: float
) -> float:
    """Of a table of these phases, in millimetres; endless where there is no room for words."""
    point = size / 10 * MM
    if words < 10 * CHARACTER * point:
        return float("inf") if blocks else 0
    a_line = words / (CHARACTER * point)
    height = min(heading * CHARACTER, 22) * point + 3
    for block in blocks:
        height += sum(text.lines(a_line) for text in block) * LINE * point
        height += len(block) * PADDING
    return height
