"""A matrix from a spreadsheet: read as it stands, then translated into our names, or not at all."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from incidents.rules.acts import recognise
from incidents.rules.matrix_document import TAKEN_AWAY
from incidents.rules.matrix_names import PHASES, ROLES, fold, propose_phase, propose_role
from incidents.rules.matrix_rows import RowError, Sheet, read
from incidents.rules.raci import Activity, Grid, Letter, Place, Variation

__all__ = ["RowError", "Sheet", "Translation", "bound", "proposed_acts", "read", "translate"]


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
        merging = _Merging(sheet, our_phases, our_roles)
        grid, errors = merging.grid(), merging.errors
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


class _Merging:
    """A sheet's matrix said in our names, as far as that is possible; problems are collected."""

    def __init__(
        self, sheet: Sheet, phases: Mapping[str, str], roles: Mapping[str, str]
    ) -> None:
        self.sheet = sheet
        self.phases = phases
        self.roles = roles
        self.errors: list[RowError] = []

    def grid(self) -> Grid:
        foreign = self.sheet.grid
        self._ask_for_one_place_and_act()
        roles = tuple(dict.fromkeys(filter(None, (self.roles[r] for r in self.sheet.roles))))
        return Grid(
            activities=tuple(
                replace(each, phase=self.phases[each.phase], letters=self._base(each))
                for each in foreign.activities
            ),
            roles=roles,
            variations=tuple(self._variation(each) for each in foreign.variations),
            descriptions=self._descriptions(foreign.descriptions),
        )

    def _ask_for_one_place_and_act(self) -> None:
        """Two foreign phases that are one of ours may hold the same name, or the same act, twice."""
        names: dict[Place, Activity] = {}
        acts: dict[tuple[str, str], Activity] = {}
        for each in self.sheet.grid.activities:
            phase = self.phases[each.phase]
            earlier = names.setdefault((phase, each.name), each)
            if earlier is not each:
                self._complain(
                    each.place, "activity",
                    f"“{each.name}” stands in {earlier.phase} and in {each.phase}, which are "
                    f"both {phase}: rename one.",
                )  # fmt: skip
            governed = acts.setdefault((phase, each.act), each) if each.act else each
            if governed is not each:
                self._complain(
                    each.place, "act",
                    f"“{governed.name}” has {each.act} already in {phase}: empty one of the two.",
                )  # fmt: skip

    def _base(self, foreign: Activity) -> dict[str, Letter]:
        said = self._ours(foreign.place, foreign.letters)
        return {role: letter for role, letter in said.items() if letter}

    def _variation(self, foreign: Variation) -> Variation:
        letters: dict[Place, dict[str, Letter | None]] = {}
        for (phase, name), held in foreign.letters.items():
            if ours := self._ours((phase, name), held):
                letters[self.phases[phase], name] = ours
        return replace(foreign, letters=letters)

    def _ours(
        self, place: Place, foreign: Mapping[str, Letter | None]
    ) -> dict[str, Letter | None]:
        """The letters by our roles; two foreign roles must not contradict each other in one."""
        letters: dict[str, Letter | None] = {}
        source: dict[str, str] = {}
        for name, letter in foreign.items():
            if not (role := self.roles[name]):
                continue
            earlier = source.setdefault(role, name)
            if letters.setdefault(role, letter) is not letter:
                self._complain(
                    place, "role",
                    f"{earlier} ({letters[role] or TAKEN_AWAY}) and {name} ({letter or TAKEN_AWAY}) "
                    f"both become {role} in “{place[1]}”: map one elsewhere, leave one out, or "
                    "make the letters equal.",
                )  # fmt: skip
        return letters

    def _descriptions(self, foreign: Mapping[str, str]) -> dict[str, str]:
        """What is said of several roles that become one is said of that one."""
        said: dict[str, list[str]] = {}
        for name, text in foreign.items():
            if role := self.roles[name]:
                said.setdefault(role, []).append(text)
        return {role: "\n".join(texts) for role, texts in said.items()}

    def _complain(self, place: Place, column: str, message: str) -> None:
        self.errors.append(RowError(self.sheet.rows.get(place, 0), column, message))


def proposed_acts(grid: Grid) -> dict[Place, str]:
    """The act each activity's name most likely says, at most one a phase: for a person to accept.

    Nothing where the matrix binds any act itself: then its maker has thought of it.
    """
    if any(each.act for each in grid.activities):
        return {}
    found: dict[tuple[str, str], Place] = {}
    for each in grid.activities:
        if act := recognise(each.name):
            found.setdefault((each.phase, act), each.place)
    return {place: act for (_, act), place in found.items()}


def bound(grid: Grid) -> Grid:
    """The grid with the proposed acts accepted."""
    acts = proposed_acts(grid)
    activities = (replace(each, act=acts.get(each.place, each.act)) for each in grid.activities)
    return replace(grid, activities=tuple(activities))
