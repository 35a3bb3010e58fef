"""What can be done to the columns and variations of a draft, one small change each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from incidents.rules import matrix_edit as edit
from incidents.rules.matrix_document import MAX_ROLES
from incidents.rules.matrix_edit import GONE, Change, Spot, Vocabulary
from incidents.rules.raci import Grid, Letter, Variation, VariationKind
from incidents.rules.reasons import Invalid, Refused

DESCRIPTION, NOTE = "description", "note"


@dataclass(frozen=True, slots=True)
class AddRole(Change):
    """One more column, at the end."""

    do = "add_role"
    role: str

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `role_is_there`, `unknown_role` and `too_many_roles`."""
        if self.role in grid.roles:
            raise Refused.because("role_is_there", "This role has a column already.")
        if self.role not in known.usable:
            raise Invalid.because("unknown_role", "Choose a role that is in use.", "role")
        if len(grid.roles) >= MAX_ROLES:
            raise Refused.because("too_many_roles", f"A matrix has at most {MAX_ROLES} roles.")
        return replace(grid, roles=(*grid.roles, self.role))

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its name."""
        return f"added {known.called(self.role)}"

    def touches(self, spot: Spot) -> bool:
        """Nothing: whoever added it as well meant the same."""
        return False


@dataclass(frozen=True, slots=True)
class DescribeRole(Change):
    """What a role is there for in this matrix; "" says nothing."""

    do = "describe_role"
    role: str
    description: str

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `role_is_gone` and `bad_text`."""
        said = {
            **grid.descriptions,
            edit.need_role(grid, self.role): edit.words(self.description),
        }
        return replace(grid, descriptions={role: text for role, text in said.items() if text})

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its name."""
        return f"described {known.called(self.role)}"

    def touches(self, spot: Spot) -> bool:
        """The same description, or the column gone."""
        return spot.role == self.role and spot.what in (DESCRIPTION, GONE)


@dataclass(frozen=True, slots=True)
class MoveRole(Change):
    """A column so many places to the right, or to the left below 0."""

    do = "move_role"
    role: str
    by: int

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Stops at either end."""
        order = edit.moved(grid.roles, edit.need_role(grid, self.role), self.by)
        rows = tuple(
            replace(
                row, letters={role: row.letters[role] for role in order if role in row.letters}
            )
            for row in grid.activities
        )
        return replace(grid, roles=order, activities=rows)

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its name."""
        return f"moved {known.called(self.role)}"

    def touches(self, spot: Spot) -> bool:
        """Only the column gone: another order is nobody's loss."""
        return spot.role == self.role and spot.what == GONE


@dataclass(frozen=True, slots=True)
class RemoveRole(Change):
    """A column less, with all its letters."""

    do = "remove_role"
    role: str

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `role_is_gone`."""
        role = edit.need_role(grid, self.role)
        rows = (
            replace(
                row, letters={each: held for each, held in row.letters.items() if each != role}
            )
            for row in grid.activities
        )
        return replace(
            grid,
            activities=tuple(rows),
            roles=tuple(each for each in grid.roles if each != role),
            variations=tuple(_without(each, role) for each in grid.variations),
            descriptions={
                each: text for each, text in grid.descriptions.items() if each != role
            },
        )

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its name."""
        return f"removed {known.called(self.role)}"

    def touches(self, spot: Spot) -> bool:
        """Anything anybody did to it."""
        return spot.role == self.role


@dataclass(frozen=True, slots=True)
class AddVariation(Change):
    """One more case in which letters differ."""

    do = "add_variation"
    variation: str
    note: str = ""

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `unknown_case` and `variation_is_there`."""
        if self.variation not in known.cases:
            raise Invalid.because("unknown_case", "Choose a case from the list.", "variation")
        if any(each.label == self.variation for each in grid.variations):
            raise Refused.because("variation_is_there", f"{self.variation} varies already.")
        kind, _, value = self.variation.partition(" ")
        new = Variation(VariationKind(kind), value, {}, edit.words(self.note, NOTE))
        return replace(grid, variations=(*grid.variations, new))

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its case."""
        return f"added {self.variation}"

    def touches(self, spot: Spot) -> bool:
        """Nothing: whoever added it as well meant the same."""
        return False


@dataclass(frozen=True, slots=True)
class DescribeVariation(Change):
    """Why a case differs."""

    do = "describe_variation"
    variation: str
    note: str

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `variation_is_gone` and `bad_text`."""
        old = edit.find_variation(grid, self.variation)
        return edit.swap_variation(grid, old, replace(old, note=edit.words(self.note, NOTE)))

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its case."""
        return f"described {self.variation}"

    def touches(self, spot: Spot) -> bool:
        """The same note, or the variation gone."""
        return spot.variation == self.variation and spot.what in (NOTE, GONE)


@dataclass(frozen=True, slots=True)
class RemoveVariation(Change):
    """A case less: the base holds there again."""

    do = "remove_variation"
    variation: str

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """Refuses `variation_is_gone`."""
        old = edit.find_variation(grid, self.variation)
        return replace(
            grid, variations=tuple(each for each in grid.variations if each is not old)
        )

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """Its case."""
        return f"removed {self.variation}"

    def touches(self, spot: Spot) -> bool:
        """Anything anybody did to it."""
        return spot.variation == self.variation


def _without(variation: Variation, role: str) -> Variation:
    rows = {place: _rest(held, role) for place, held in variation.letters.items()}
    return replace(variation, letters={place: held for place, held in rows.items() if held})


def _rest(held: Mapping[str, Letter | None], role: str) -> dict[str, Letter | None]:
    return {each: letter for each, letter in held.items() if each != role}
