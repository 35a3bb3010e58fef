"""Drafting a matrix: begun from another or from nothing, edited, any edit undone."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from django.db import transaction

from incidents.models import (
    Matrix,
    MatrixRevision,
    MatrixVersion,
    Person,
    Role,
    Scenario,
)
from incidents.operations import grids, versions
from incidents.operations import roles as roles_of_the_law
from incidents.operations.drafts import locked, matrix_named, next_version
from incidents.operations.law import levels, matrix_in_force, scheme_in_force
from incidents.operations.records import audit
from incidents.rules import matrix_document, matrix_merge
from incidents.rules.matrix_edit import Change, Vocabulary, prepared
from incidents.rules.matrix_merge import Applied, Clash
from incidents.rules.raci import Grid
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.starting_matrix import GRID

Origin = Literal["law", "starting", "blank"]

TIERS = ("1", "2", "3", "4")  # the gravest first
AS_DRAFTED = "as it was drafted"
EMPTY = Grid((), ())


class Edited:
    """A draft after an edit: its revision and what it says now."""

    def __init__(self, version: MatrixVersion, grid: Grid) -> None:
        self.version, self.grid, self.revision = version, grid, version.revision


class EditedMeanwhile(Refused):
    """Somebody else edited the draft first: what they did, and what of mine meets it.

    `free` may be sent again as it is; of each of `clashes` a person must decide.
    """

    def __init__(
        self,
        now: Edited,
        edits: Sequence[MatrixRevision],
        free: Sequence[Change],
        clashes: Sequence[Clash],
    ) -> None:
        names = ", ".join(dict.fromkeys(str(each.edited_by) for each in edits))
        what = "choose where you both changed the same." if clashes else "you see it now."
        message = f"{names} edited this draft meanwhile: {what}"
        super().__init__(Reason("edited_meanwhile", message))
        self.now, self.edits, self.free, self.clashes = now, edits, free, clashes


@transaction.atomic
def start(
    matrix: Matrix | str,
    *,
    source: Grid = EMPTY,
    based_on: MatrixVersion | None = None,
    note: str = "",
    actor: Person,
    at: datetime,
) -> MatrixVersion:
    """The next version of this matrix as a draft that says what `source` says.

    Refuses `matrix_name_missing`, `matrix_name_too_long` and `matrix_name_taken`.
    """
    versions.permit("draft", MatrixVersion, actor)
    row = matrix_named(matrix) if isinstance(matrix, str) else locked(matrix)
    version = next_version(row, note.strip(), actor, at, based_on=based_on)
    roles_of_the_law.make(source.roles)
    grids.write(version, prepared(source), actor=actor, at=at)
    audit(
        "draft_matrix",
        version,
        actor=actor,
        at=at,
        based_on=str(based_on) if based_on else "",
        activities=len(source.activities),
    )
    return version


def start_from(
    *, origin: Origin, matrix_name: str, note: str = "", actor: Person, at: datetime
) -> MatrixVersion:
    """The next version of the matrix of that name, from the law, from the starting matrix or blank.

    Refuses `no_law`, and what `start` does.
    """
    law = matrix_in_force(at) if origin == "law" else None
    if origin == "law" and law is None:
        message = "No matrix is in force: begin with the starting matrix, or blank."
        raise Refused.because("no_law", message, "origin")
    source = grids.grid_of(law) if law else GRID if origin == "starting" else EMPTY
    return start(matrix_name, source=source, based_on=law, note=note, actor=actor, at=at)


def copy(
    version: MatrixVersion, *, note: str = "", actor: Person, at: datetime
) -> MatrixVersion:
    """The next version of its matrix as a draft that says the same. Refuses what `start` does."""
    return start(
        version.matrix,
        source=grids.grid_of(version),
        based_on=version,
        note=note,
        actor=actor,
        at=at,
    )


@transaction.atomic
def edit(
    version: MatrixVersion,
    changes: Sequence[Change],
    *,
    revision: int,
    actor: Person,
    at: datetime,
) -> Edited:
    """Carry out all changes or none, as one revision that can be undone.

    `revision` is the one the person saw. Refuses `not_a_draft`, what a change refuses, and
    `edited_meanwhile` (an EditedMeanwhile) where another revision stands there by now.
    """
    versions.begin("write", version, _nothing, actor=actor, at=at)
    grid, known = prepared(grids.grid_of(version)), vocabulary(at)
    if revision != version.revision:
        raise _meanwhile(version, grid, changes, revision, known)
    applied = matrix_merge.apply(grid, changes, known)
    return _keep(version, grid, applied, actor, at)


@transaction.atomic
def undo(
    version: MatrixVersion,
    *,
    to: int | None = None,
    revision: int,
    actor: Person,
    at: datetime,
) -> Edited:
    """Bring back an earlier (or later) revision, without `to` the last one, as a new revision.

    Refuses `not_a_draft`, `edited_meanwhile`, `nothing_to_undo`, `unknown_revision`, and
    `role_is_retired` where a role has left the catalogue since.
    """
    versions.begin("write", version, _nothing, actor=actor, at=at)
    grid, known = prepared(grids.grid_of(version)), vocabulary(at)
    if revision != version.revision:
        raise _meanwhile(version, grid, (), revision, known)
    number = version.revision - 1 if to is None else to
    if number < 0:
        raise Refused.because("nothing_to_undo", "Nothing was edited yet.")
    back = _as_it_stood(version, number, known)
    _need_usable(back, grid, known)
    applied = Applied(back, f"back to revision {number}" if number else f"back {AS_DRAFTED}")
    return _keep(version, grid, applied, actor, at)


def revisions(version: MatrixVersion, most: int) -> list[MatrixRevision]:
    """The last edits, the latest first, each with who made it; without what the draft said."""
    rows = version.revisions.select_related("edited_by").defer("content")
    return list(rows.order_by("-number")[:most])


def vocabulary(at: datetime) -> Vocabulary:
    """What a draft may name at this instant; a constant number of queries."""
    rows = list(Role.objects.values_list("slug", "name", "retired_at"))
    return Vocabulary(
        roles={slug: name for slug, name, _ in rows},
        usable=tuple(slug for slug, _, retired_at in rows if retired_at is None),
        cases=dict(_cases(at)),
    )


def _cases(at: datetime) -> Iterator[tuple[str, str]]:
    scheme = scheme_in_force(at)
    for code, law in levels(scheme).items() if scheme else ():
        yield f"severity {code}", f"Severity: {law.row.name}"
    for tier in TIERS:
        yield f"tier {tier}", f"Tier {tier} services"
    for slug, name in Scenario.objects.values_list("slug", "name"):
        yield f"scenario {slug}", f"Scenario: {name}"


def _nothing(_: MatrixVersion) -> tuple[Reason, ...]:
    """A draft may say anything: what it says is asked when it is submitted."""
    return ()


def _keep(
    version: MatrixVersion, before: Grid, applied: Applied, actor: Person, at: datetime
) -> Edited:
    if applied.grid == before:
        return Edited(version, before)
    if not version.revision:
        _revision(version, before, AS_DRAFTED, version.maker, version.created_at)
    grids.write(version, applied.grid, actor=actor, at=at)
    version.revision += 1
    version.save(update_fields=["revision"])
    _revision(version, applied.grid, applied.summary, actor, at)
    audit(
        "edit_matrix",
        version,
        actor=actor,
        at=at,
        revision=version.revision,
        what=applied.summary,
    )
    return Edited(version, applied.grid)


def _revision(
    version: MatrixVersion, grid: Grid, summary: str, editor: Person, at: datetime
) -> None:
    MatrixRevision.objects.create(
        version=version,
        number=version.revision,
        edited_by=editor,
        edited_at=at,
        summary=summary,
        content=matrix_document.write(grid),
    )


def _as_it_stood(version: MatrixVersion, number: int, known: Vocabulary) -> Grid:
    row = version.revisions.filter(number=number).first()
    if row is None:
        raise Invalid.because(
            "unknown_revision", f"There is no revision {number}: open the page anew."
        )
    return prepared(matrix_document.read(row.content, roles=known.roles))


def _meanwhile(
    version: MatrixVersion,
    now: Grid,
    mine: Sequence[Change],
    revision: int,
    known: Vocabulary,
) -> EditedMeanwhile:
    seen = _as_it_stood(version, revision, known)
    later = version.revisions.filter(number__gt=revision).select_related("edited_by")
    free, clashes = matrix_merge.merge(seen, now, mine, known)
    edits = list(later.defer("content").order_by("number"))
    return EditedMeanwhile(Edited(version, now), edits, free, clashes)


def _need_usable(back: Grid, now: Grid, known: Vocabulary) -> None:
    for role in back.roles:
        if role not in known.usable and role not in now.roles:
            raise Refused.because(
                "role_is_retired",
                f"{known.called(role)} was retired since: bring it back first.",
            )
