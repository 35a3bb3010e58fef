"""A matrix version as a file: CSV or XLSX, long or wide, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable, Sequence

from django.http import HttpResponse
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from incidents.models import MatrixVersion
from incidents.operations.matrix import as_rows
from incidents.rules.matrix_writing import Form
from incidents.sheets import quoted

Rows = Sequence[Sequence[str]]


def to_csv(rows: Rows) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Rows) -> bytes:
    """A workbook of one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Matrix")
    for row in rows:
        # XML has no bell: openpyxl would refuse the whole workbook.
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


WRITERS: dict[str, tuple[Callable[[Rows], bytes], str]] = {
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def download(version: MatrixVersion, form: Form, suffix: str) -> HttpResponse:
    """The version as an attachment named after it, such as `standing-v3-wide.xlsx`."""
    write, content_type = WRITERS[suffix]
    rows = [[quoted(cell) for cell in row] for row in as_rows(version, form)]
    name = slugify(version.matrix.slug) or "matrix"
    return HttpResponse(
        write(rows),
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}-v{version.number}-{form}.{suffix}"'
        },
    )
