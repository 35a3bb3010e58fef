"""The verbs of a matrix version: submitted, approved by a second person, in force, superseded."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.db import transaction

from incidents.models import MatrixVersion, Person
from incidents.operations import versions
from incidents.operations.grids import grid_of
from incidents.operations.records import audit
from incidents.rules.matrix_checks import Finding, Level, check
from incidents.rules.matrix_rows import LONG
from incidents.rules.raci import Grid
from incidents.rules.reasons import Invalid, Reason

Form = Literal["long", "wide"]


def findings(version: MatrixVersion) -> list[Finding]:
    """Everything the checks find in it, by rule."""
    return check(grid_of(version))


def as_rows(version: MatrixVersion, form: Form = "long") -> list[list[str]]:
    """The version as a spreadsheet holds it, header first; an import reads it back the same."""
    grid = grid_of(version)
    return _wide(grid) if form == "wide" else [list(LONG), *_long(grid)]


def _wide(grid: Grid) -> list[list[str]]:
    return [["phase", "activity", *grid.roles]] + [
        [each.phase, each.name, *(each.letters.get(role, "") for role in grid.roles)]
        for each in grid.activities
    ]


def _long(grid: Grid) -> Iterator[list[str]]:
    # An activity without letters is kept by one row that names a role and no letter.
    blank = [(role, "") for role in grid.roles[:1]]
    for each in grid.activities:
        for role, letter in each.letters.items() or blank:
            yield [each.phase, each.name, role, letter]


@transaction.atomic
def submit(
    version: MatrixVersion, *, warnings_reason: str = "", actor: Person, at: datetime
) -> MatrixVersion:
    """Hand a draft to the checker. Errors block; warnings want a reason.

    Refuses `not_a_draft`, `matrix_is_empty`, `matrix_has_errors` and `warnings_need_a_reason`.
    """
    versions.begin("submit", version, _against_its_content, actor=actor, at=at)
    warnings = sum(each.level is Level.WARNING for each in findings(version))
    if warnings and not warnings_reason.strip():
        raise Invalid.because(
            "warnings_need_a_reason",
            f"The checks warn {_times(warnings)}: say why it is submitted all the same.",
            "warnings_reason",
        )
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

    Refuses `not_submitted`, `maker_is_checker`, `matrix_has_errors`, `effective_in_the_past`.
    """
    versions.begin("approve", version, _against_its_content, actor=actor, at=at)
    versions.approve(version, effective_from=effective_from, actor=actor, at=at)
    audit("approve_matrix", version, actor=actor, at=at, effective_from=version.effective_from)
    return version


@transaction.atomic
def withdraw(
    version: MatrixVersion, *, reason: str, actor: Person, at: datetime
) -> MatrixVersion:
    """Take back what has not taken effect. Refuses `already_withdrawn` and `has_taken_effect`."""
    versions.begin("withdraw", version, _against_its_content, actor=actor, at=at)
    audit(
        "withdraw_matrix",
        version,
        actor=actor,
        at=at,
        **versions.withdraw(version, reason=reason),
    )
    return version


def objections(
    act: str, version: MatrixVersion, person: Person, *, at: datetime
) -> tuple[Reason, ...]:
    """Every reason why this person may not submit, approve or withdraw this version now."""
    return versions.objections(act, version, person, _against_its_content, at=at)


def permit(act: str, person: Person) -> None:
    """Return only if this person may ever do this; NotPermitted `no_permission` otherwise."""
    versions.permit(act, MatrixVersion, person)


def _against_its_content(version: MatrixVersion) -> Iterator[Reason]:
    grid = grid_of(version)
    errors = [each for each in check(grid) if each.level is Level.ERROR]
    if not grid.activities:
        yield Reason("matrix_is_empty", "It has no activities: import one that has.")
    elif errors:
        first = errors[0]
        where = f"{first.rule} at “{first.activity}”" if first.activity else first.rule
        yield Reason(
            "matrix_has_errors",
            f"The checks find {len(errors)} error{'s' * (len(errors) > 1)}, first {where}: "
            f"{first.message} Correct the file and import it again.",
        )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
