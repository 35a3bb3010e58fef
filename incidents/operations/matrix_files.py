"""Matrices under version control: a version as a YAML file, and a draft from one."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction

from incidents.documents import read_document, write_document
from incidents.models import MatrixVersion, Person, Role
from incidents.operations import grids, matrix, roles
from incidents.operations.drafts import matrix_named, next_version
from incidents.operations.records import audit
from incidents.rules.matrix_file import MatrixFile, comments, name_from, understood, written
from incidents.rules.roles import NAMES

# Sixty activities and twenty roles, each letter on a line, are a fifth of it.
MAX_BYTES = 256 * 1024
SUFFIXES = (".yaml", ".yml", ".json")


def as_yaml(version: MatrixVersion) -> str:
    """The version as a file that reads line by line in a review; an import reads it back the same."""
    document = written(MatrixFile(version.matrix.name, grids.grid_of(version)))
    return write_document(document, comments(list(_facts(version))), one_a_line=True)


@transaction.atomic
def draft_from_file(
    content: bytes,
    *,
    file_name: str,
    matrix_name: str = "",
    note: str = "",
    actor: Person,
    at: datetime,
) -> MatrixVersion:
    """Make the next version of the matrix of this name, else of the one that the file says.

    A file that names none is named after itself.

    Refuses `document_too_large`, `bad_yaml` with its line, every problem of `matrix_document` with
    its path, and `matrix_name_missing`, `matrix_name_too_long`, `matrix_name_taken`.
    """
    matrix.permit("import", actor)
    known = {*NAMES, *Role.objects.active().values_list("slug", flat=True)}
    file = understood(read_document(content, MAX_BYTES), roles=known)
    name = matrix_name or file.name or name_from(file_name)
    version = next_version(matrix_named(name), note.strip(), actor, at)
    roles.make(file.grid.roles)
    grids.write(version, file.grid, actor=actor, at=at)
    audit(
        "draft_matrix",
        version,
        actor=actor,
        at=at,
        file=file_name,
        activities=len(file.grid.activities),
        letters=sum(len(each.letters) for each in file.grid.activities),
    )
    return version


@transaction.atomic
def import_and_publish(
    content: bytes,
    *,
    file_name: str,
    matrix_name: str = "",
    note: str = "",
    warnings_reason: str = "",
    maker: Person,
    checker: Person | None = None,
    at: datetime,
) -> MatrixVersion:
    """From a file to a draft and, with a checker, to law at once; all or nothing.

    Refuses what drafting, submitting and approving refuse.
    """
    version = draft_from_file(
        content, file_name=file_name, matrix_name=matrix_name, note=note, actor=maker, at=at
    )
    if checker is not None:
        matrix.submit(version, warnings_reason=warnings_reason, actor=maker, at=at)
        matrix.approve(version, actor=checker, at=at)
    return version


def _facts(version: MatrixVersion) -> Iterator[tuple[str, str]]:
    """What stands above the matrix: by whom, approved by whom, from when; instants in UTC."""
    yield "Matrix", str(version)
    yield "Status", version.status
    yield "Made by", f"{version.maker}, {_instant(version.created_at)}"
    if version.checker and version.approved_at:
        yield "Approved by", f"{version.checker}, {_instant(version.approved_at)}"
    else:
        yield "Approved by", "nobody"
    if version.effective_from:
        yield "In force from", _instant(version.effective_from)
    if version.note:
        yield "Note", version.note


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
