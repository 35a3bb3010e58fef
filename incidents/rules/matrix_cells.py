"""What can be done to the letters of a draft: one typed, or a block pasted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from incidents.rules import matrix_edit as edit
from incidents.rules.matrix_document import TAKEN_AWAY
from incidents.rules.matrix_edit import GONE, LETTER, Change, Spot, Vocabulary
from incidents.rules.raci import Activity, Grid
from incidents.rules.reasons import Invalid, Reason

BAD_CELLS_SHOWN = 20
Rows: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SetCell(Change):
    """A letter in the base, or (with the label of a variation) where a case differs."""

    do = "set"
    activity: str
    role: str
    text: str
    variation: str = ""

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `unknown_letter`, and what is gone."""
        activity = edit.find_activity(grid, self.activity)
        role = edit.need_role(grid, self.role)
        if not self.variation:
            return edit.put(grid, activity, role, edit.letter(self.text))
        variation = edit.find_variation(grid, self.variation)
        return edit.vary(grid, variation, activity.place, role, self.text)

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Where and what; of several only how many is told."""
        where = [edit.find_activity(grid, self.activity).name, known.called(self.role)]
        return f"{', '.join([*where, *filter(None, [self.variation])])}: {self.text or 'blank'}"

    def touches(self, spot: Spot) -> bool:
        """The same cell, or its row, column or variation gone."""
        if spot.what == GONE:
            return spot.is_of(self.activity, self.role, self.variation)
        here = (self.activity, self.role, self.variation)
        return spot.what == LETTER and here == (spot.activity, spot.role, spot.variation)


@dataclass(frozen=True, slots=True)
class Paste(Change):
    """A block of cells, from this cell to the right and down; all of it or nothing."""

    do = "paste"
    activity: str
    role: str
    rows: Rows
    variation: str = ""

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `paste_too_large`, and `unknown_letter` for every cell that is none."""
        for each in self.cells(grid, known):
            grid = each.on(grid, known)
        return grid

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """How large."""
        return f"pasted {len(self.rows)} by {self._width()}"

    def touches(self, spot: Spot) -> bool:
        """Asked of its cells."""
        return False

    def cells(self, grid: Grid, known: Vocabulary) -> tuple[Change, ...]:
        """The same as single letters; what is pasted blank is to be seen blank."""
        first = edit.find_activity(grid, self.activity)
        activities = grid.activities[grid.activities.index(first) :]
        roles = grid.roles[grid.roles.index(edit.need_role(grid, self.role)) :]
        self._need_room(len(activities), len(roles))
        if problems := tuple(
            self._problems(activities, [known.called(each) for each in roles])
        ):
            raise Invalid(*problems[:BAD_CELLS_SHOWN])
        blank = TAKEN_AWAY if self.variation else ""
        return tuple(
            SetCell(activity.key, role, text if edit.letter(text) else blank, self.variation)
            for activity, row in zip(activities, self.rows, strict=False)
            for role, text in zip(roles, row, strict=False)
        )

    def _width(self) -> int:
        return max((len(row) for row in self.rows), default=0)

    def _need_room(self, rows: int, columns: int) -> None:
        if not self._width():
            raise Invalid.because("nothing_to_paste", "There is nothing to paste.")
        if len(self.rows) > rows or self._width() > columns:
            raise Invalid.because(
                "paste_too_large",
                f"The block has {len(self.rows)} rows and {self._width()} columns, but from here "
                f"the grid has {rows} and {columns}: begin further up or left, add what is "
                "missing first, or import the sheet as a whole.",
            )

    def _problems(
        self, activities: Iterable[Activity], roles: Iterable[str]
    ) -> Iterable[Reason]:
        for number, (activity, row) in enumerate(zip(activities, self.rows, strict=False), 1):
            for column, (role, text) in enumerate(zip(roles, row, strict=False), 1):
                try:
                    edit.letter(text)
                except Invalid as refusal:
                    where = f"Row {number}, column {column} (“{activity.name}”, {role}): "
                    message = f"{where}{refusal} Nothing was pasted."
                    yield Reason("unknown_letter", message, f"{number},{column}")
