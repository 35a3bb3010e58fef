"""The first row of every draft of a matrix, whoever makes it: an import, the editor, a document."""

from datetime import datetime

from django.db.models import Max
from django.utils.text import slugify

from incidents.models.matrix import Matrix, MatrixVersion
from incidents.models.people import Person
from incidents.rules.reasons import Invalid, Refused

MAX_NAME = 120


def matrix_named(written: str) -> Matrix:
    """The matrix of this name, made where it is missing; locked, so that no two take one number.

    Refuses `matrix_name_missing`, `matrix_name_too_long` and `matrix_name_taken`.
    """
    name = " ".join(written.split())
    slug = slugify(name, allow_unicode=True)[:50]
    if not slug:
        raise Invalid.because(
            "matrix_name_missing", "Name the matrix, with letters or digits.", "matrix_name"
        )
    if len(name) > MAX_NAME:
        raise Invalid.because(
            "matrix_name_too_long", f"Use at most {MAX_NAME} characters.", "matrix_name"
        )
    row, _ = Matrix.objects.get_or_create(slug=slug, defaults={"name": name})
    row = locked(row)
    if row.name.casefold() != name.casefold():
        message = (
            f"This is too like “{row.name}”: give that name for its next version, or one whose "
            "first 50 letters and digits differ."
        )
        raise Refused.because("matrix_name_taken", message, "matrix_name")
    return row


def locked(matrix: Matrix) -> Matrix:
    """The row as it is now, locked until the transaction ends."""
    return Matrix.objects.select_for_update().get(pk=matrix.pk)


def next_version(
    of: Matrix,
    note: str,
    maker: Person,
    at: datetime,
    *,
    based_on: MatrixVersion | None = None,
) -> MatrixVersion:
    """An empty draft with the next number; the caller holds the lock of its matrix."""
    highest = of.versions.aggregate(highest=Max("number"))["highest"] or 0
    return MatrixVersion.objects.create(
        matrix=of, number=highest + 1, note=note, maker=maker, created_at=at, based_on=based_on
    )
