"""A matrix version as the rules know it, read from its rows and written into them.

Writing replaces what the version says by the smallest change of rows, each with its history, so
that row history tells what an edit touched and nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.models.matrix import Activity, Cell, Column, MatrixVersion, Variation
from incidents.models.people import Person
from incidents.rules import raci
from incidents.rules.raci import Grid, Letter, Place, VariationKind

M = TypeVar("M", bound=Model)
_ROW = ("phase", "name", "position", "description", "act", "proceed_after_minutes", "within_minutes", "key")  # fmt: skip
# A grid is read at every turn: as plain values, its letters looked up and not parsed.
_SAID = ("pk", "phase", "name", "act", "proceed_after_minutes", "within_minutes", "description", "key")  # fmt: skip
_READ: dict[str, Letter | None] = {Cell.NONE: None, **{str(each): each for each in Letter}}
_Cells = dict[tuple[int, str, int | None], Cell]


def grid_of(version: MatrixVersion) -> Grid:
    """What the version says, roles by their slugs in column order; four queries."""
    rows = list(version.activities.order_by("position", "id").values_list(*_SAID, named=True))
    columns = list(
        version.columns.order_by("position", "id").values_list("role", "description")
    )
    letters: dict[int | None, dict[int, dict[str, Letter | None]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    roles = dict.fromkeys(role for role, _ in columns)
    for activity, role, variation, letter in _cells(version):
        letters[variation][activity][role] = _READ[letter]
        roles.setdefault(role)
    base = letters[None]
    return Grid(
        activities=tuple(_activity(row, base[row.pk], tuple(roles)) for row in rows),
        roles=tuple(roles),
        variations=tuple(
            _variation(each, rows, letters[each.pk]) for each in version.variations.all()
        ),
        descriptions={role: description for role, description in columns if description},
    )


def _cells(version: MatrixVersion) -> QuerySet[Cell, tuple[int, str, int | None, str]]:
    rows = Cell.objects.filter(activity__version=version)
    rows = rows.order_by("role__position", "role__name")
    return rows.values_list("activity_id", "role_id", "variation_id", "letters")


def _activity(
    row: Any, given: Mapping[str, Letter | None], roles: tuple[str, ...]
) -> raci.Activity:
    return raci.Activity(
        phase=row.phase,
        name=row.name,
        letters={role: letter for role in roles if (letter := given.get(role))},
        act=row.act,
        proceed_after=row.proceed_after_minutes,
        within=row.within_minutes,
        description=row.description,
        key=row.key,
    )


def _variation(
    row: Variation, rows: Iterable[Any], given: Mapping[int, Mapping[str, Letter | None]]
) -> raci.Variation:
    letters = {(each.phase, each.name): given[each.pk] for each in rows if each.pk in given}
    return raci.Variation(VariationKind(row.depends_on), row.value, letters, row.note)


def write(version: MatrixVersion, grid: Grid, *, actor: Person, at: datetime) -> None:
    """Make the version say exactly this grid; the caller holds its lock and has asked who may.

    A row is the same row while its key, else its phase and name, is the same.
    """
    writing = _Writing(version, actor, at)
    places = writing.activities(grid)
    writing.columns(grid)
    variations = writing.variations(grid)
    writing.cells(grid, places, variations)


class _Writing:
    """One version being brought to say something else."""

    def __init__(self, version: MatrixVersion, actor: Person, at: datetime) -> None:
        self.version = version
        self.by: dict[str, Any] = {"default_user": actor, "default_date": at}

    def activities(self, grid: Grid) -> dict[Place, Activity]:
        """The rows by place, in their new order; what is no longer said is gone with its letters."""
        known = _Known(list(self.version.activities.all()))
        found = [known.take(each) or Activity(version=self.version) for each in grid.activities]
        Cell.objects.filter(activity__in=known.left()).delete()
        self._delete(known.left())
        wanted = [_row(each, place) for place, each in enumerate(grid.activities)]
        # Two rows that swap places or names would meet the constraint half way: aside first.
        moved = [row for row, want in zip(found, wanted, strict=True) if _differs(row, want)]
        self._aside([row for row in moved if row.pk])
        for row, want in zip(found, wanted, strict=True):
            for name, value in want.items():
                setattr(row, name, value)
        self._save(moved, Activity, _ROW)
        return {(row.phase, row.name): row for row in found}

    def columns(self, grid: Grid) -> None:
        """One a role, in this order, with what is said of it."""
        known = {each.role_id: each for each in self.version.columns.all()}
        self._delete([row for role, row in known.items() if role not in grid.roles])
        changed = []
        for position, role in enumerate(grid.roles):
            row = known.get(role) or Column(version=self.version, role_id=role)
            want = {"position": position, "description": grid.descriptions.get(role, "")}
            if row.pk is None or _differs(row, want):
                row.position, row.description = position, grid.descriptions.get(role, "")
                changed.append(row)
        self._save(changed, Column, ("position", "description"))

    def variations(self, grid: Grid) -> dict[tuple[str, str], Variation]:
        """One a case."""
        known = {(each.depends_on, each.value): each for each in self.version.variations.all()}
        wanted = {(str(each.kind), each.value): each for each in grid.variations}
        gone = [row for case, row in known.items() if case not in wanted]
        Cell.objects.filter(variation__in=gone).delete()
        self._delete(gone)
        changed = []
        for (kind, value), each in wanted.items():
            row = known.get((kind, value))
            if row is None or row.note != each.note:
                row = row or Variation(version=self.version, depends_on=kind, value=value)
                row.note = each.note
                changed.append(row)
                known[kind, value] = row
        self._save(changed, Variation, ("note",))
        return known

    def cells(
        self,
        grid: Grid,
        places: Mapping[Place, Activity],
        variations: Mapping[tuple[str, str], Variation],
    ) -> None:
        """The letters of the base and of each variation."""
        wanted: dict[tuple[int, str, int | None], str] = {
            (places[each.place].pk, role, None): str(letter)
            for each in grid.activities
            for role, letter in each.letters.items()
        }
        for variation in grid.variations:
            key = variations[str(variation.kind), variation.value].pk
            for place, letters in variation.letters.items():
                for role, differs in letters.items():
                    wanted[places[place].pk, role, key] = str(differs or Cell.NONE)
        rows = Cell.objects.filter(activity__version=self.version)
        known: _Cells = {
            (each.activity_id, each.role_id, each.variation_id): each for each in rows
        }
        self._delete([row for cell, row in known.items() if cell not in wanted])
        changed = []
        for cell, letter in wanted.items():
            activity, held_by, variation_key = cell
            row = known.get(cell) or Cell(
                activity_id=activity, role_id=held_by, variation_id=variation_key
            )
            if row.letters != letter:
                row.letters = letter
                changed.append(row)
        self._save(changed, Cell, ("letters",))

    def _aside(self, rows: list[Activity]) -> None:
        """Out of each other's way for a moment; no history: nobody ever sees it."""
        for row in rows:
            Activity.objects.filter(pk=row.pk).update(name=f"\x01{row.pk}", act="")

    def _delete(self, rows: list[M]) -> None:
        # Row by row: only so does row history keep that they went.
        for row in rows:
            row.delete()

    def _save(self, rows: list[M], kind: type[M], fields: Iterable[str]) -> None:
        new = [row for row in rows if row.pk is None]
        old = [row for row in rows if row.pk is not None]
        if new:
            bulk_create_with_history(new, kind, **self.by)
        if old:
            bulk_update_with_history(old, kind, list(fields), **self.by)


class _Known:
    """The rows a version has, each to be taken once: by key, else by place."""

    def __init__(self, rows: list[Activity]) -> None:
        self.rows = {row.pk: row for row in rows}

    def take(self, wanted: raci.Activity) -> Activity | None:
        found = self._find(wanted)
        return self.rows.pop(found.pk) if found else None

    def left(self) -> list[Activity]:
        return list(self.rows.values())

    def _find(self, wanted: raci.Activity) -> Activity | None:
        rows = self.rows.values()
        if wanted.key:
            same = next((row for row in rows if row.key == wanted.key), None)
            if same:
                return same
        return next(
            (row for row in rows if (row.phase, row.name) == wanted.place and not row.key), None
        )


def _row(activity: raci.Activity, position: int) -> dict[str, Any]:
    return {
        "phase": activity.phase,
        "name": activity.name,
        "position": position,
        "description": activity.description,
        "act": activity.act,
        "proceed_after_minutes": activity.proceed_after,
        "within_minutes": activity.within,
        "key": activity.key,
    }


def _differs(row: Model, wanted: Mapping[str, Any]) -> bool:
    return row.pk is None or any(getattr(row, name) != said for name, said in wanted.items())
