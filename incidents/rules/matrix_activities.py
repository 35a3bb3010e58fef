"""What can be done to the activities of a draft, one small change each.

A change is refused, with a sentence, only where it cannot be carried out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from incidents.rules import matrix_edit as edit
from incidents.rules.acts import ACTS
from incidents.rules.matrix_document import MAX_ACTIVITIES, MINUTES
from incidents.rules.matrix_edit import GONE, Change, Spot, Vocabulary
from incidents.rules.matrix_names import PHASES
from incidents.rules.raci import Activity, Grid
from incidents.rules.reasons import Invalid, Refused


@dataclass(frozen=True, slots=True)
class AddActivity(Change):
    """One more activity at the end of its phase, or below the one named."""

    do = "add_activity"
    phase: str
    name: str
    act: str = ""
    after: str = ""

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `too_many_activities` and what a name, phase or act refuses."""
        if len(grid.activities) >= MAX_ACTIVITIES:
            raise Refused.because(
                "too_many_activities", f"A matrix has at most {MAX_ACTIVITIES} activities."
            )
        new = Activity(_phase(self.phase), edit.name(self.name), {}, _act(self.act))
        _need_free(grid.activities, new)
        rows = list(grid.activities)
        above = edit.find_activity(grid, self.after) if self.after else None
        rows.insert(rows.index(above) + 1 if above else len(rows), new)
        return edit.prepared(replace(grid, activities=tuple(rows)))

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its name."""
        return f"added “{self.name}”"

    def touches(self, spot: Spot) -> bool:
        """Only the row it is to stand below, gone."""
        return spot.what == GONE and bool(self.after) and spot.activity == self.after


@dataclass(frozen=True, slots=True)
class ChangeActivity(Change):
    """Other words for an activity: name, description, phase, act, proceed_after, within."""

    do = "change_activity"
    activity: str
    words: Mapping[str, Any] = field(default_factory=dict)

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses what each of the words refuses, and a place or act that is taken."""
        old = edit.find_activity(grid, self.activity)
        given = {what: _READERS[what](said) for what, said in self.words.items()}
        new = replace(old, **given)
        _need_free([each for each in grid.activities if each is not old], new)
        return edit.prepared(edit.swap(grid, old, new))

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its name, and what it is called now."""
        old = edit.find_activity(grid, self.activity).name
        if "name" in self.words:
            return f"renamed “{old}” to “{self.words['name']}”"
        return f"described “{old}”"

    def touches(self, spot: Spot) -> bool:
        """The same word of the same activity, or all of it gone."""
        return spot.activity == self.activity and spot.what in (GONE, *self.words)


@dataclass(frozen=True, slots=True)
class MoveActivity(Change):
    """So many rows further down (or up, below 0) within its phase."""

    do = "move_activity"
    activity: str
    by: int

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Stops at either end of the phase."""
        row = edit.find_activity(grid, self.activity)
        keys = tuple(each.key for each in grid.in_phase(row.phase))
        order = iter(edit.moved(keys, row.key, self.by))
        by_key = {each.key: each for each in grid.activities}
        rows = (
            by_key[next(order)] if each.phase == row.phase else each for each in grid.activities
        )
        return replace(grid, activities=tuple(rows))

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its name."""
        return f"moved “{edit.find_activity(grid, self.activity).name}”"

    def touches(self, spot: Spot) -> bool:
        """Only the activity gone: another order is nobody's loss."""
        return spot.what == GONE and spot.activity == self.activity


@dataclass(frozen=True, slots=True)
class RemoveActivity(Change):
    """An activity less, with all its letters."""

    do = "remove_activity"
    activity: str

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `activity_is_gone`."""
        row = edit.find_activity(grid, self.activity)
        variations = (
            replace(
                each, letters={at: held for at, held in each.letters.items() if at != row.place}
            )
            for each in grid.variations
        )
        rows = tuple(each for each in grid.activities if each is not row)
        return replace(grid, activities=rows, variations=tuple(variations))

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its name."""
        return f"removed “{edit.find_activity(grid, self.activity).name}”"

    def touches(self, spot: Spot) -> bool:
        """Anything anybody did to it."""
        return spot.activity == self.activity


def _phase(text: object) -> str:
    if text not in PHASES:
        raise Invalid.because("unknown_phase", f"Use one of {', '.join(PHASES)}.", "phase")
    return str(text)


def _act(text: object) -> str:
    if text and text not in ACTS:
        raise Invalid.because("unknown_act", "Choose an act from the list, or none.", "act")
    return str(text or "")


def _text(read: Callable[[str], str], what: str) -> Callable[[object], str]:
    def reader(said: object) -> str:
        if not isinstance(said, str):
            raise Invalid.because("bad_text", "Write some text.", what)
        return read(said)

    return reader


def _minutes(what: str, most: int) -> Callable[[object], int | None]:
    def reader(said: object) -> int | None:
        if said is None:
            return None
        if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said <= most:
            message = f"Write whole minutes from 0 to {most:,}, or leave it empty."
            raise Invalid.because("bad_minutes", message, what)
        return said

    return reader


_READERS: Mapping[str, Callable[[object], Any]] = {
    "name": _text(edit.name, "name"),
    "description": _text(edit.words, "description"),
    "phase": _phase,
    "act": _act,
    "proceed_after": _minutes("proceed_after", MINUTES["proceed_after"]),
    "within": _minutes("within", MINUTES["within"]),
}


def _need_free(others: Iterable[Activity], new: Activity) -> None:
    """A phase has one activity a name and one an act."""
    for each in others:
        if each.place == new.place:
            message = f"“{new.name}” stands in {new.phase} already: choose another name."
            raise Refused.because("name_is_taken", message, "name")
        if new.act and (each.phase, each.act) == (new.phase, new.act):
            raise Refused.because(
                "act_is_taken",
                f"“{each.name}” governs “{ACTS[new.act].label}” in {new.phase} already: take it "
                "from there first, for a phase has one activity an act.",
                "act",
            )
