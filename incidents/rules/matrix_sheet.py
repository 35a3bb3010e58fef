"""A matrix from a spreadsheet: read as it stands, then translated into our names, or not at all."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from incidents.rules.matrix_names import PHASES, ROLES, fold, propose_phase, propose_role
from incidents.rules.matrix_rows import RowError, Sheet, read
from incidents.rules.raci import Activity, Grid, Letter

__all__ = ["RowError", "Sheet", "Translation", "read", "translate"]


@dataclass(frozen=True, slots=True)
class Translation:
    """A foreign matrix in our names, or everything that stands in the way; all or nothing."""

    grid: Grid | None
    # Foreign name -> ours as applied; a role that maps to "" is left out.
    phases: Mapping[str, str]
    roles: Mapping[str, str]
    unmapped_phases: tuple[str, ...]
    unmapped_roles: tuple[str, ...]
    errors: tuple[RowError, ...]


def translate(
    sheet: Sheet,
    phases: Mapping[str, str],
    roles: Mapping[str, str],
    *,
    known_roles: Collection[str] = ROLES,
) -> Translation:
    """The sheet in our names: what the mappings say, then well-known synonyms, never a guess."""
    our_phases = _mapped(sheet.phases, phases, propose_phase)
    our_roles = _mapped(sheet.roles, roles, propose_role)
    unmapped_phases = tuple(name for name in sheet.phases if name not in our_phases)
    unmapped_roles = tuple(name for name in sheet.roles if name not in our_roles)
    errors = [
        *sheet.errors,
        *_unknown("phase", our_phases, PHASES),
        *_unknown("role", our_roles, {"", *known_roles}),
    ]
    grid = None
    if not (errors or unmapped_phases or unmapped_roles):
        grid, errors = _merged(sheet, our_phases, our_roles)
    return Translation(
        None if errors else grid,
        our_phases,
        our_roles,
        unmapped_phases,
        unmapped_roles,
        tuple(errors),
    )


def _mapped(
    names: Sequence[str], given: Mapping[str, str], propose: Callable[[str], str | None]
) -> dict[str, str]:
    """Ours for each foreign name that has one; an exact entry beats one that differs in case."""
    folded = {fold(name): ours for name, ours in given.items()}
    found = {name: given.get(name, folded.get(fold(name), propose(name))) for name in names}
    return {name: ours for name, ours in found.items() if ours is not None}


def _unknown(noun: str, mapped: Mapping[str, str], ours: Collection[str]) -> list[RowError]:
    choices = ", ".join(sorted(filter(None, ours)))
    return [
        RowError(
            0, noun, f"“{name}” is mapped to “{target}”, which is no {noun}: use {choices}."
        )
        for name, target in mapped.items()
        if target not in ours
    ]


def _merged(
    sheet: Sheet, phases: Mapping[str, str], roles: Mapping[str, str]
) -> tuple[Grid, list[RowError]]:
    errors: list[RowError] = []
    seen: dict[tuple[str, str], str] = {}
    activities = []
    for foreign in sheet.grid.activities:
        row = sheet.rows.get((foreign.phase, foreign.name), 0)
        phase = phases[foreign.phase]
        if (earlier := seen.setdefault((phase, foreign.name), foreign.phase)) != foreign.phase:
            message = (
                f"“{foreign.name}” stands in {earlier} and in {foreign.phase}, which are both "
                f"{phase}: rename one."
            )
            errors.append(RowError(row, "activity", message))
        letters, conflicts = _our_letters(foreign, roles)
        errors += [RowError(row, "role", message) for message in conflicts]
        activities.append(Activity(phase, foreign.name, letters))
    ours = tuple(dict.fromkeys(filter(None, (roles[name] for name in sheet.roles))))
    return Grid(tuple(activities), ours), errors


def _our_letters(
    foreign: Activity, roles: Mapping[str, str]
) -> tuple[dict[str, Letter], list[str]]:
    """The letters by our roles, and where two foreign roles contradict each other in one."""
    letters: dict[str, Letter] = {}
    source: dict[str, str] = {}
    conflicts = []
    for name, letter in foreign.letters.items():
        if not (role := roles[name]):
            continue
        earlier = source.setdefault(role, name)
        if letters.setdefault(role, letter) is not letter:
            conflicts.append(
                f"{earlier} ({letters[role]}) and {name} ({letter}) both become {role} in "
                f"“{foreign.name}”: map one elsewhere, leave one out, or make the letters equal."
            )
    return letters, conflicts
