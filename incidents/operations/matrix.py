"""The verbs of a matrix version: submitted, approved by a second person, in force, superseded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from incidents.models import EmergencyChange, MatrixVersion, Person
from incidents.models.governed import VersionStatus
from incidents.operations import versions
from incidents.operations.grids import grid_of
from incidents.operations.matrix_facts import gather, thresholds
from incidents.operations.records import audit
from incidents.rules import matrix_writing
from incidents.rules.matrix_checks import Finding, Level, check
from incidents.rules.matrix_writing import Form
from incidents.rules.raci import Grid
from incidents.rules.reasons import Invalid, Reason


@dataclass(frozen=True, slots=True)
class Judged:
    """What a version says and what the checks find in it, read once for a page that asks often."""

    grid: Grid
    found: list[Finding]


def judge(version: MatrixVersion, *, at: datetime) -> Judged:
    """Its grid, and everything the checks find in it at this instant; a constant number of queries."""
    grid = grid_of(version)
    return Judged(grid, findings_of(grid, at=at, version=version))


def findings(version: MatrixVersion, *, at: datetime) -> list[Finding]:
    """Everything the checks find in it at this instant, by rule."""
    return judge(version, at=at).found


def findings_of(
    grid: Grid, *, at: datetime, version: MatrixVersion | None = None
) -> list[Finding]:
    """What the checks find in this grid, with all that is known of its roles and their people.

    A constant number of queries. What time does to a law is asked only where `version`, whose
    grid it is, is in force.
    """
    return check(grid, thresholds(), gather(grid.roles, at=at, version=version))


def as_rows(version: MatrixVersion, form: Form = "long") -> list[list[str]]:
    """The version as a spreadsheet holds it, header first; an import reads it back the same."""
    return matrix_writing.as_rows(grid_of(version), form)


@transaction.atomic
def submit(
    version: MatrixVersion, *, warnings_reason: str = "", actor: Person, at: datetime
) -> MatrixVersion:
    """Hand a draft to the checker. Errors block; warnings want a reason.

    Refuses `not_a_draft`, `matrix_is_empty`, `matrix_has_errors` and `warnings_need_a_reason`.
    """
    versions.begin("submit", version, _content(at), actor=actor, at=at)
    warnings = require_reason(version, warnings_reason, at=at)
    versions.submit(version, warnings_reason=warnings_reason.strip(), at=at)
    audit(
        "submit_matrix",
        version,
        actor=actor,
        at=at,
        warnings=warnings,
        warnings_reason=version.warnings_reason,
    )
    return version


@transaction.atomic
def approve(
    version: MatrixVersion,
    *,
    effective_from: datetime | None = None,
    actor: Person,
    at: datetime,
) -> MatrixVersion:
    """Make it law from an instant, `at` unless given; the one before is law until then.

    An emergency's stays law from when it took effect; its approval is owed no more.
    Refuses `not_submitted`, `maker_is_checker`, `matrix_has_errors`, `effective_in_the_past`,
    `emergency_is_in_force`.
    """
    versions.begin("approve", version, _content(at), actor=actor, at=at)
    is_owed = version.status == VersionStatus.EMERGENCY
    versions.approve(version, effective_from=effective_from, actor=actor, at=at)
    if is_owed:
        settle(version, EmergencyChange.Outcome.APPROVED, actor=actor, at=at)
    audit("approve_matrix", version, actor=actor, at=at, effective_from=version.effective_from)
    return version


@transaction.atomic
def withdraw(
    version: MatrixVersion, *, reason: str, actor: Person, at: datetime
) -> MatrixVersion:
    """Take back what has not taken effect. Refuses `already_withdrawn` and `has_taken_effect`."""
    versions.begin("withdraw", version, _content(at), actor=actor, at=at)
    audit(
        "withdraw_matrix",
        version,
        actor=actor,
        at=at,
        **versions.withdraw(version, reason=reason),
    )
    return version


def require_reason(version: MatrixVersion, warnings_reason: str, *, at: datetime) -> int:
    """How often the checks warn; Invalid `warnings_need_a_reason` where they do and none is given."""
    warnings = sum(each.level is Level.WARNING for each in findings(version, at=at))
    if warnings and not warnings_reason.strip():
        raise Invalid.because(
            "warnings_need_a_reason",
            f"The checks warn {_times(warnings)}: say why it is submitted all the same.",
            "warnings_reason",
        )
    return warnings


def settle(
    version: MatrixVersion, outcome: str, *, note: str = "", actor: Person, at: datetime
) -> None:
    """The emergency that put the version in force is decided, once; nobody is nudged any more."""
    change = EmergencyChange.objects.select_for_update().get(version=version)
    change.outcome, change.decision_note = outcome, note
    change.decided_by, change.decided_at = actor, at
    change.next_nudge_at = None
    change.save()


def objections(
    act: str,
    version: MatrixVersion,
    person: Person,
    *,
    at: datetime,
    judged: Judged | None = None,
) -> tuple[Reason, ...]:
    """Every reason why this person may not submit, approve or withdraw this version now.

    `judged` is of a draft, whose findings are the same whether or not it was in force.
    """
    return versions.objections(act, version, person, _content(at, judged), at=at)


def permit(act: str, person: Person) -> None:
    """Return only if this person may ever do this; NotPermitted `no_permission` otherwise."""
    versions.permit(act, MatrixVersion, person)


def against_its_content(
    version: MatrixVersion, *, at: datetime, judged: Judged | None = None
) -> Iterator[Reason]:
    """What the version says that keeps it from being law: `matrix_is_empty`, `matrix_has_errors`."""
    grid = judged.grid if judged else grid_of(version)
    # Without the version: that an emergency lacks its approval must not stand in its way.
    found = judged.found if judged else findings_of(grid, at=at)
    errors = [each for each in found if each.level is Level.ERROR]
    if not grid.activities:
        yield Reason("matrix_is_empty", "It has no activities: import one that has.")
    elif errors:
        first = errors[0]
        place = first.activity or first.phase
        where = f"{first.rule} at “{place}”" if place else first.rule
        yield Reason(
            "matrix_has_errors",
            f"The checks find {len(errors)} error{'s' * (len(errors) > 1)}, first {where}: "
            f"{first.message} Correct it first.",
        )


def _content(at: datetime, judged: Judged | None = None) -> versions.Content[MatrixVersion]:
    return partial(against_its_content, at=at, judged=judged)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
