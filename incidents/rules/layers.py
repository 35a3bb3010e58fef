"""The matrix that holds in one case: its base, and what the case's tier, severity, scenario change.

A scenario overrides a severity, a severity a tier, and each of them the base. Source of the
idea: base and overlay as configuration management knows it; R23 of the checks holds after it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from incidents.rules.phases import OPEN_STATES
from incidents.rules.raci import Activity, Grid, Letter, Place, Variation, VariationKind

BASE = "base"


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one incident: level code, the lowest (gravest) tier, scenario slug."""

    severity: str = ""
    tier: int | None = None
    scenario: str = ""

    def value(self, kind: VariationKind) -> str:
        """What a variation of this kind must say to hold here; "" holds for none."""
        tier = "" if self.tier is None else str(self.tier)
        return {
            VariationKind.TIER: tier,
            VariationKind.SEVERITY: self.severity,
            VariationKind.SCENARIO: self.scenario,
        }[kind]


ANY_CASE = Case()  # nothing is known: only the base holds


@dataclass(frozen=True, slots=True)
class Resolved:
    """The grid of one case, and for each letter, or letter taken away, where it came from.

    `sources` names only what a variation decided: everything else is the base's.
    """

    grid: Grid
    sources: Mapping[Place, Mapping[str, Variation]]

    def source(self, place: Place, role: str) -> str:
        """“base”, or the variation that decided this cell."""
        decided = self.sources.get(place, {}).get(role)
        return decided.label if decided else BASE


def resolve(grid: Grid, case: Case = ANY_CASE) -> Resolved:
    """The matrix as it holds in this case; the same activities, other letters."""
    sources: dict[Place, dict[str, Variation]] = {}
    for variation in applying(grid, case):
        for place, letters in variation.letters.items():
            sources.setdefault(place, {}).update(dict.fromkeys(letters, variation))
    activities = tuple(_varied(each, sources.get(each.place, {})) for each in grid.activities)
    return Resolved(replace(grid, activities=activities, variations=()), sources)


def applying(grid: Grid, case: Case) -> Iterator[Variation]:
    """The variations that hold in this case, the weakest first."""
    for kind in VariationKind:
        value = case.value(kind)
        yield from (
            each
            for each in grid.variations
            if value and (each.kind, each.value) == (kind, value)
        )


def holding(grid: Grid) -> frozenset[str]:
    """The roles that answer or act while an incident is open: a declaration fills them."""
    return frozenset(
        role
        for each in grid.activities
        if each.phase in OPEN_STATES
        for role in (*each.accountable, *each.responsible)
    )


def cases(grid: Grid, place: Place) -> Iterator[Case]:
    """Every case in which this activity may differ: one of each kind that varies it, or none."""
    values: dict[VariationKind, list[str]] = {kind: [""] for kind in VariationKind}
    for variation in grid.variations:
        if place in variation.letters:
            values[variation.kind].append(variation.value)
    for tier, severity, scenario in product(*(values[kind] for kind in VariationKind)):
        yield Case(severity, int(tier) if tier else None, scenario)


def _varied(activity: Activity, decided: Mapping[str, Variation]) -> Activity:
    if not decided:
        return activity
    letters: dict[str, Letter] = dict(activity.letters)
    for role, variation in decided.items():
        letter = variation.letters[activity.place][role]
        if letter is None:
            letters.pop(role, None)
        else:
            letters[role] = letter
    return replace(activity, letters=letters)
