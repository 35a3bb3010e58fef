"""R23 and R25: where the matrix differs from its base."""

from collections.abc import Iterator
from dataclasses import replace

from incidents.rules.findings import Matter, Spot
from incidents.rules.layers import ANY_CASE, Case, cases, resolve
from incidents.rules.raci import Activity, Grid, VariationKind

_TIERS = frozenset("1234")


def broken_by_a_variation(matter: Matter) -> Iterator[Spot]:
    """R23, error: one A and an R hold after resolving too (R01 to R03, in each case)."""
    for activity in matter.grid.activities:
        seen: list[tuple[Case, str]] = []
        for case, resolved in in_each_case(matter.grid, activity):
            trouble = _trouble(matter, resolved)
            # What the base, or half of the case, gets wrong alone is said there.
            if not trouble or any(_covers(one, case) and said == trouble for one, said in seen):
                continue
            seen.append((case, trouble))
            if case != ANY_CASE:
                label = spoken(case)
                yield Spot(f"For {label} {trouble}", activity, case=label)


def varies_for_nothing(matter: Matter) -> Iterator[Spot]:
    """R25, error: a variation is for a severity, tier or scenario there is (DORA 17(3)(c))."""
    for variation in matter.grid.variations:
        there = {
            VariationKind.TIER: _TIERS,
            VariationKind.SEVERITY: matter.known.severities,
            VariationKind.SCENARIO: matter.known.scenarios,
        }[variation.kind]
        if there is not None and variation.value not in there:
            yield Spot(
                f"There is no {variation.label}, so that its letters never hold: choose one of "
                f"{', '.join(sorted(there)) or 'those to be added first'}, or remove it.",
                case=variation.label,
            )


def in_each_case(grid: Grid, activity: Activity) -> Iterator[tuple[Case, Activity]]:
    """The activity as its base says it, then in every case in which it may differ."""
    yield ANY_CASE, activity
    touching = tuple(
        replace(each, letters={activity.place: each.letters[activity.place]})
        for each in grid.variations
        if activity.place in each.letters
    )
    alone = Grid((activity,), grid.roles, touching)
    for case in cases(alone, activity.place):
        if case != ANY_CASE:
            yield case, resolve(alone, case).grid.activities[0]


def spoken(case: Case) -> str:
    """The case as people name it: “tier 1, severity sev1”."""
    said = ((kind, case.value(kind)) for kind in VariationKind)
    return ", ".join(f"{kind} {value}" for kind, value in said if value)


def _covers(wider: Case, case: Case) -> bool:
    return all(wider.value(kind) in ("", case.value(kind)) for kind in VariationKind)


def _trouble(matter: Matter, activity: Activity) -> str:
    if len(activity.accountable) > 1:
        holders = matter.names(activity.accountable)
        return f"several roles are accountable ({holders}): leave the A to one."
    if not activity.accountable:
        return "nobody is accountable: give exactly one role the A, or keep the base's."
    if not activity.responsible:
        return "nobody is responsible: give one role the R, or keep the base's."
    return ""
