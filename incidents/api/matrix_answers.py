"""The shapes of what the API answers about a matrix. Instants are UTC; people are usernames."""

from datetime import datetime

from typing_extensions import TypedDict


class Column(TypedDict):
    """One role of a matrix, in the order of its columns."""

    role: str
    description: str


class ActivityShown(TypedDict):
    """One line: letters by role; minutes are null where nothing is said."""

    phase: str
    name: str
    description: str
    act: str
    proceed_after_minutes: int | None
    within_minutes: int | None
    letters: dict[str, str]


class Difference(TypedDict):
    """The letters of one line that differ from the base; null takes a letter away."""

    phase: str
    activity: str
    letters: dict[str, str | None]


class VariationShown(TypedDict):
    """What differs for one severity, service tier or scenario."""

    depends_on: str
    value: str
    note: str
    differences: list[Difference]


class MatrixShown(TypedDict):
    """One version; `standing` is draft, submitted, emergency, approved, in force and so on."""

    name: str
    matrix: str
    version: int
    standing: str
    note: str
    maker: str
    checker: str | None
    created_at: datetime
    submitted_at: datetime | None
    approved_at: datetime | None
    effective_from: datetime | None
    roles: list[Column]
    activities: list[ActivityShown]
    variations: list[VariationShown]


class Found(TypedDict):
    """Who would take a role and why; null and why not. `others` could be asked instead."""

    person: str | None
    reasons: list[str]
    service: str | None
    others: int


class RoleFound(TypedDict):
    """One role; `is_declared` says that a declaration fills it."""

    role: str
    name: str
    why: str
    is_declared: bool
    people: list[Found]


class PartFound(TypedDict):
    """One role's people in one activity; `source` is “base” or the variation that decided."""

    role: str
    people: list[str]
    source: str


class LineFound(TypedDict):
    """One activity with its people by letter."""

    phase: str
    activity: str
    responsible: list[PartFound]
    accountable: list[PartFound]
    consulted: list[PartFound]
    informed: list[PartFound]


class GapFound(TypedDict):
    """One gap: a stable code, error, warning or information, and a sentence."""

    code: str
    level: str
    message: str
    role: str | None
    activity: str | None


class CaseFound(TypedDict):
    """The case that was answered; the tier is the gravest of the services."""

    severity: str | None
    tier: int | None
    scenario: str | None


class PeopleFound(TypedDict):
    """A matrix resolved to people at `at`; gaps come the gravest first."""

    matrix: str
    at: datetime
    case: CaseFound
    phase: str | None
    services: list[str]
    roles: list[RoleFound]
    activities: list[LineFound]
    gaps: list[GapFound]
