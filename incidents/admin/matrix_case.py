"""A matrix as it holds in one case: what may be chosen, and where each letter comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.admin.matrix_page import MEANINGS
from incidents.models import Role, Scenario
from incidents.operations.law import levels, scheme_in_force
from incidents.rules import roles
from incidents.rules.layers import Case, Resolved, applying, resolve
from incidents.rules.matrix_wording import Names
from incidents.rules.phases import Phase
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind

TAKEN_AWAY = "–"  # noqa: RUF001  what stands where a variation takes the letter away
LABELS = {
    VariationKind.SEVERITY: "Severity",
    VariationKind.TIER: "Service tier",
    VariationKind.SCENARIO: "Scenario",
}


@dataclass(frozen=True)
class Option:
    """One value a case may have."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Choice:
    """One question about a case; its first option is “any”."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Source:
    """One variation that decides letters here; `mark` is what stands beside them."""

    mark: int
    name: str
    note: str


@dataclass(frozen=True)
class Mark:
    """One cell: its letter, what it means, and which source decided it (None: the base)."""

    text: str = ""
    style: str = ""
    meaning: str = ""
    source: Source | None = None


@dataclass(frozen=True)
class Row:
    """One activity of the resolved matrix."""

    name: str
    marks: tuple[Mark, ...]


def spoken_names(at: datetime) -> Names:
    """How people call roles, levels and scenarios; two queries beside the scheme's own."""
    scheme = scheme_in_force(at)
    severities = levels(scheme) if scheme else {}
    cases = {
        (str(VariationKind.SEVERITY), code): law.rule.name for code, law in severities.items()
    }
    for slug, name in Scenario.objects.values_list("slug", "name"):
        cases[str(VariationKind.SCENARIO), slug] = f"scenario “{name}”"
    return Names({**roles.NAMES, **dict(Role.objects.values_list("slug", "name"))}, cases)


def case_said(said: Mapping[str, str]) -> Case:
    """The case an address asks for; what is no tier asks for none."""
    tier = said.get("tier", "")
    number = int(tier) if tier in ("1", "2", "3", "4") else None
    return Case(said.get("severity", ""), number, said.get("scenario", ""))


def case_context(grid: Grid, case: Case, names: Names) -> dict[str, Any]:
    """What the case pages show: the choices, the table of the case, and its sources."""
    sources = _sources(grid, case, names)
    resolved = resolve(grid, case)
    return {
        "case_choices": choices((grid,), case, names),
        "case_sources": tuple(sources.values()),
        "case_variations": [
            (names.case(str(each.kind), each.value), each.note) for each in grid.variations
        ],
        "is_case_chosen": case != Case(),
        "case_roles": [names.role(role) for role in grid.roles],
        "case_phases": list(_phases(resolved, sources)),
    }


def choices(grids: tuple[Grid, ...], case: Case, names: Names) -> tuple[Choice, ...]:
    """Only what some variation depends on is asked; the rest makes no difference."""
    found = []
    for kind, label in LABELS.items():
        known = (each.value for grid in grids for each in grid.variations if each.kind is kind)
        values = sorted(dict.fromkeys(known))
        if values:
            chosen = case.value(kind)
            options = (
                Option(value, _short(names, kind, value), value == chosen) for value in values
            )
            found.append(Choice(str(kind), label, (Option("", "any", not chosen), *options)))
    return tuple(found)


def _short(names: Names, kind: VariationKind, value: str) -> str:
    """The case beside a label that says its kind already."""
    return names.case(str(kind), value).removeprefix(f"{kind} ").strip("“”")


def _sources(grid: Grid, case: Case, names: Names) -> dict[str, Source]:
    return {
        each.label: Source(mark, names.case(str(each.kind), each.value), each.note)
        for mark, each in enumerate(applying(grid, case), start=1)
    }


def _phases(
    resolved: Resolved, sources: Mapping[str, Source]
) -> Iterator[tuple[str, list[Row]]]:
    order = list(Phase)
    for phase in sorted(resolved.grid.phases, key=lambda phase: order.index(Phase(phase))):
        rows = [
            Row(each.name, tuple(_marks(each, resolved, sources)))
            for each in resolved.grid.in_phase(phase)
        ]
        yield phase, rows


def _marks(
    activity: Activity, resolved: Resolved, sources: Mapping[str, Source]
) -> Iterator[Mark]:
    decided: Mapping[str, Variation] = resolved.sources.get(activity.place, {})
    for role in resolved.grid.roles:
        by = decided.get(role)
        yield _mark(activity.letters.get(role), sources[by.label] if by else None)


def _mark(letter: Letter | None, source: Source | None) -> Mark:
    origin = f"; decided by {source.name}" if source else "; from the base"
    if letter is not None:
        return Mark(letter.value, letter.name, MEANINGS[letter] + origin, source)
    if source is not None:
        return Mark(TAKEN_AWAY, "none", f"no part in it{origin}", source)
    return Mark()
