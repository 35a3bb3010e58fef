"""The verbs of a matrix version: submitted, approved by a second person, in force, superseded."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.db import transaction

from incidents.models import Cell, MatrixVersion, Person, VersionStatus
from incidents.operations.records import audit
from incidents.rules.matrix_checks import Finding, Level, check
from incidents.rules.matrix_rows import LONG
from incidents.rules.raci import Activity, Grid, Letter
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused

Form = Literal["long", "wide"]


def grid_of(version: MatrixVersion) -> Grid:
    """What the version says, roles by their slugs in column order; two queries."""
    cells = Cell.objects.filter(activity__version=version).order_by(
        "role__position", "role__name"
    )
    letters: dict[int, dict[str, Letter]] = defaultdict(dict)
    roles: dict[str, None] = {}
    for activity, role, letter in cells.values_list("activity_id", "role_id", "letters"):
        letters[activity][role] = Letter(letter)
        roles.setdefault(role)
    rows = version.activities.order_by("position", "id")
    return Grid(
        tuple(Activity(row.phase, row.name, letters[row.pk]) for row in rows), tuple(roles)
    )


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
    _lock(version)
    _require("submit", version, actor, at)
    warnings = sum(each.level is Level.WARNING for each in findings(version))
    if warnings and not warnings_reason.strip():
        raise Invalid.because(
            "warnings_need_a_reason",
            f"The checks warn {_times(warnings)}: say why it is submitted all the same.",
            "warnings_reason",
        )
    version.status = VersionStatus.SUBMITTED
    version.submitted_at, version.warnings_reason = at, warnings_reason.strip()
    version.save()
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
    _lock(version)
    _require("approve", version, actor, at)
    if effective_from is not None and effective_from < at:
        raise Invalid.because(
            "effective_in_the_past",
            "A law cannot take effect in the past: give a later instant, or none for at once.",
            "effective_from",
        )
    version.status = VersionStatus.APPROVED
    version.checker, version.approved_at = actor, at
    version.effective_from = effective_from or at
    version.save()
    audit("approve_matrix", version, actor=actor, at=at, effective_from=version.effective_from)
    return version


@transaction.atomic
def withdraw(
    version: MatrixVersion, *, reason: str, actor: Person, at: datetime
) -> MatrixVersion:
    """Take back what has not taken effect. Refuses `already_withdrawn` and `has_taken_effect`."""
    _lock(version)
    _require("withdraw", version, actor, at)
    if not reason.strip():
        raise Invalid.because("reason_missing", "Say why it is withdrawn.", "reason")
    before, version.status = version.status, VersionStatus.WITHDRAWN
    version.save()
    audit("withdraw_matrix", version, actor=actor, at=at, before=before, reason=reason.strip())
    return version


def objections(
    act: str, version: MatrixVersion, person: Person, *, at: datetime
) -> tuple[Reason, ...]:
    """Every reason why this person may not submit, approve or withdraw this version now."""
    missing = _missing_permission(act, person)
    now = _OBJECTIONS[act](version, person, at)
    return (missing, *now) if missing else tuple(now)


def permit(act: str, person: Person) -> None:
    """Return only if this person may ever do this; NotPermitted `no_permission` otherwise."""
    if reason := _missing_permission(act, person):
        raise NotPermitted(reason)


def _require(act: str, version: MatrixVersion, actor: Person, at: datetime) -> None:
    permit(act, actor)
    if reasons := tuple(_OBJECTIONS[act](version, actor, at)):
        raise Refused(*reasons)


def _missing_permission(act: str, person: Person) -> Reason | None:
    if person.has_perm(f"incidents.{act}_matrixversion"):
        return None
    message = (
        f"You have no permission to {act} a matrix: ask an administrator to add you to a group "
        "that has it."
    )
    return Reason("no_permission", message)


def _against_submitting(
    version: MatrixVersion, _person: Person, _at: datetime
) -> Iterator[Reason]:
    if version.is_draft:
        yield from _against_its_content(version)
    else:
        yield Reason("not_a_draft", f"It is {version.status}: only a draft can be submitted.")


def _against_approving(
    version: MatrixVersion, person: Person, _at: datetime
) -> Iterator[Reason]:
    if version.status != VersionStatus.SUBMITTED:
        yield Reason(
            "not_submitted", f"It is {version.status}: only a submitted one can be approved."
        )
        return
    if person.pk == version.maker_id:
        yield Reason(
            "maker_is_checker",
            "You made this version, and nobody approves their own work: ask another leader.",
        )
    yield from _against_its_content(version)


def _against_withdrawing(
    version: MatrixVersion, _person: Person, at: datetime
) -> Iterator[Reason]:
    if version.status == VersionStatus.WITHDRAWN:
        yield Reason("already_withdrawn", "It is withdrawn already.")
    elif version.effective_from is not None and version.effective_from <= at:
        yield Reason(
            "has_taken_effect",
            "It has taken effect, and what was law is never withdrawn: import a better version "
            "and have it approved; that supersedes this one.",
        )


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


_OBJECTIONS = {
    "submit": _against_submitting,
    "approve": _against_approving,
    "withdraw": _against_withdrawing,
}


def _lock(version: MatrixVersion) -> None:
    """Lock the row until the transaction ends and read it anew: what was decided on may be stale."""
    version.refresh_from_db(from_queryset=MatrixVersion.objects.select_for_update())


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
