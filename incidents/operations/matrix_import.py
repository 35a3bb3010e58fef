"""From a spreadsheet's rows to a draft: kept as uploaded, its names mapped, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from incidents.models import MatrixUpload, MatrixVersion, Person, Role
from incidents.operations import grids, matrix
from incidents.operations import roles as roles_of_the_law
from incidents.operations.drafts import matrix_named, next_version
from incidents.operations.records import audit
from incidents.rules import matrix_names
from incidents.rules import roles as law
from incidents.rules.matrix_sheet import RowError, Sheet, Translation, bound, read, translate
from incidents.rules.raci import Grid
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused

MAX_ACTIVITY = 200
# A list of hundreds of roles is a wrong column, and more questions than a person answers.
MAX_NAMES = 100


@transaction.atomic
def import_rows(
    rows: Sequence[Sequence[str]], *, file_name: str, actor: Person, at: datetime
) -> MatrixUpload:
    """Keep the rows, good or bad, until their names are mapped; nothing of the law changes."""
    matrix.permit("import", actor)
    upload = MatrixUpload.objects.create(
        file_name=file_name[-200:],
        rows=[list(row) for row in rows],
        uploaded_by=actor,
        uploaded_at=at,
    )
    audit("upload_matrix", upload, actor=actor, at=at, rows=len(rows))
    return upload


def translate_rows(
    rows: Sequence[Sequence[str]], *, phases: Mapping[str, str], roles: Mapping[str, str]
) -> Translation:
    """The rows in our names: what the mappings say, then our own roles' names, then synonyms."""
    known = {**law.NAMES, **dict(Role.objects.active().values_list("slug", "name"))}
    said = {matrix_names.fold(name) for name in roles}
    own = {
        word: slug
        for slug, name in known.items()
        for word in (slug, name)
        if matrix_names.fold(word) not in said
    }
    sheet = read(rows)
    translation = translate(sheet, phases, {**own, **roles}, known_roles=known)
    excess = [*_too_many(sheet), *_too_long(sheet)]
    if not excess:
        return translation
    return replace(translation, grid=None, errors=(*excess, *translation.errors))


@transaction.atomic
def draft_from_upload(
    upload: MatrixUpload,
    *,
    matrix_name: str,
    phases: Mapping[str, str],
    roles: Mapping[str, str],
    note: str = "",
    bind_acts: bool = False,
    actor: Person,
    at: datetime,
) -> MatrixVersion:
    """Make the next version of the matrix of that name, which is made where it is missing.

    With `bind_acts`, and where the file binds none, activities govern the acts their names say.
    Refuses `not_your_upload`, `already_imported`, `matrix_name_missing`, `matrix_name_too_long`,
    `matrix_name_taken`, and, each as often as it holds, `bad_row`, `unmapped_phase` and
    `unmapped_role`.
    """
    matrix.permit("import", actor)
    upload.refresh_from_db(from_queryset=MatrixUpload.objects.select_for_update())
    if upload.uploaded_by_id != actor.pk:
        message = f"{upload.uploaded_by} uploaded this file: ask them, or upload it yourself."
        raise NotPermitted.because("not_your_upload", message)
    if upload.version is not None:
        raise Refused.because(
            "already_imported",
            f"This file became {upload.version} already: upload it again for another version.",
        )
    grid = _whole(translate_rows(upload.rows, phases=phases, roles=roles))
    grid = bound(grid) if bind_acts else grid
    version = next_version(matrix_named(matrix_name), note.strip(), actor, at)
    letters = _fill(version, grid, actor, at)
    upload.version = version
    upload.save(update_fields=["version"])
    audit(
        "draft_matrix",
        version,
        actor=actor,
        at=at,
        file=upload.file_name,
        activities=len(grid.activities),
        letters=letters,
    )
    return version


@transaction.atomic
def import_and_publish(
    rows: Sequence[Sequence[str]],
    *,
    file_name: str,
    matrix_name: str,
    phases: Mapping[str, str],
    roles: Mapping[str, str],
    note: str = "",
    bind_acts: bool = False,
    warnings_reason: str = "",
    maker: Person,
    checker: Person | None = None,
    at: datetime,
) -> MatrixVersion:
    """From rows to a draft and, with a checker, to law at once; all or nothing.

    Refuses what uploading, drafting, submitting and approving refuse.
    """
    upload = import_rows(rows, file_name=file_name, actor=maker, at=at)
    version = draft_from_upload(
        upload,
        matrix_name=matrix_name,
        phases=phases,
        roles=roles,
        note=note,
        bind_acts=bind_acts,
        actor=maker,
        at=at,
    )
    if checker is not None:
        matrix.submit(version, warnings_reason=warnings_reason, actor=maker, at=at)
        matrix.approve(version, actor=checker, at=at)
    return version


def _too_many(sheet: Sheet) -> list[RowError]:
    count = len(sheet.phases) + len(sheet.roles)
    message = (
        f"There are {count} different phases and roles; at most {MAX_NAMES} can be mapped. "
        "Is “role” the right column?"
    )
    return [RowError(0, "", message)] if count > MAX_NAMES else []


def _too_long(sheet: Sheet) -> list[RowError]:
    message = f"The activity has more than {MAX_ACTIVITY} characters: shorten it."
    return [
        RowError(row, "activity", message)
        for (_, name), row in sheet.rows.items()
        if len(name) > MAX_ACTIVITY
    ]


def _whole(translation: Translation) -> Grid:
    """The grid; or every reason why there is none."""
    if translation.grid is not None:
        return translation.grid
    raise Invalid(
        *(Reason("bad_row", str(error)) for error in translation.errors),
        *(
            Reason("unmapped_phase", f"Say which of our phases “{name}” is.", "phases")
            for name in translation.unmapped_phases
        ),
        *(
            Reason(
                "unmapped_role",
                f"Say which of our roles “{name}” is, or leave it out.",
                "roles",
            )
            for name in translation.unmapped_roles
        ),
    )


def _fill(version: MatrixVersion, grid: Grid, actor: Person, at: datetime) -> int:
    """Write activities and letters with their history; how many letters there were."""
    roles_of_the_law.make(grid.roles)
    grids.write(version, grid, actor=actor, at=at)
    return sum(len(each.letters) for each in grid.activities)
