"""Small matrices, and facts about their roles and people, for the tests of the checks."""

from dataclasses import replace
from typing import Any

from incidents.rules.matrix_checks import Finding, Thresholds, check
from incidents.rules.matrix_facts import Facts, Holder, RoleFact
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind
from incidents.rules.roles import KINDS, NAMES, REPORTS_TO

# Every matrix of a few lines fails it: asked for only by its own tests.
WHOLE_MATRIX = "R24"


def line(
    written: str, name: str = "Restart the service", phase: str = "mitigation", **said: Any
) -> Activity:
    """An activity from letters by role: `line("incident_commander:A scribe:R")`."""
    pairs = (pair.split(":") for pair in written.split())
    letters = {role: Letter.parse(letter) for role, letter in pairs}
    return Activity(phase, name, letters, **said)


def grid(*activities: Activity, variations: tuple[Variation, ...] = ()) -> Grid:
    roles = {role for activity in activities for role in activity.letters}
    roles |= {role for each in variations for given in each.letters.values() for role in given}
    return Grid(activities, tuple(sorted(roles)), variations)


def variation(kind: str, value: str, activity: Activity, written: str) -> Variation:
    """What differs for one case of one activity; `-` takes a letter away."""
    pairs = (pair.split(":") for pair in written.split())
    letters = {role: None if letter == "-" else Letter.parse(letter) for role, letter in pairs}
    return Variation(VariationKind(kind), value, {activity.place: letters})


def holder(name: str, **said: Any) -> Holder:
    return Holder(name, name.title(), **said)


def facts(pools: dict[str, str | tuple[Holder, ...]] | None = None, **said: Any) -> Facts:
    """The law's roles, with who can hold which: `facts({SCRIBE: "ada ben"})`."""
    given = {
        slug: tuple(holder(name) for name in who.split()) if isinstance(who, str) else who
        for slug, who in (pools or {}).items()
    }
    roles = {
        slug: RoleFact(
            slug, name, KINDS[slug], REPORTS_TO.get(slug, ""), holders=given.get(slug, ())
        )
        for slug, name in NAMES.items()
    }
    return Facts(roles, **{"is_register_used": pools is not None, **said})


def reporting(known: Facts, **lines: str) -> Facts:
    """The same facts with other reporting lines."""
    roles = {
        slug: replace(known.roles[slug], reports_to=above) for slug, above in lines.items()
    }
    return replace(known, roles={**known.roles, **roles})


def found(rule: str, matrix: Grid, known: Facts | None = None, **limits: Any) -> list[Finding]:
    """What this rule finds."""
    return [each for each in check(matrix, Thresholds(**limits), known) if each.rule == rule]


def only(rule: str, matrix: Grid, known: Facts | None = None, **limits: Any) -> Finding:
    """The one thing this rule finds."""
    (finding,) = found(rule, matrix, known, **limits)
    return finding
