"""A matrix version as a file: YAML, or CSV or XLSX, long or wide, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable, Sequence

from django.http import HttpResponse
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from incidents.models import MatrixVersion
from incidents.operations.matrix import as_rows
from incidents.operations.matrix_files import as_yaml
from incidents.rules.matrix_writing import Form
from incidents.sheets import quoted

Rows = Sequence[Sequence[str]]


def to_csv(rows: Rows) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Rows, title: str = "Matrix") -> bytes:
    """A workbook of one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        # XML has no bell: openpyxl would refuse the whole workbook.
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITERS: dict[str, tuple[Callable[[Rows], bytes], str]] = {
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (to_xlsx, XLSX),
}
YAML = "application/yaml; charset=utf-8"
FORMS: tuple[Form, ...] = ("long", "wide")


def sheet(version: MatrixVersion, form: Form, suffix: str) -> bytes:
    """The version as a spreadsheet, safe to open."""
    write, _ = WRITERS[suffix]
    return write([[quoted(cell) for cell in row] for row in as_rows(version, form)])


def download(version: MatrixVersion, form: str, suffix: str) -> HttpResponse | None:
    """The version as an attachment, such as `standing-v3-wide.xlsx`; None where there is no such."""
    name = file_name(version)
    if (form, suffix) == ("whole", "yaml"):
        return attachment(as_yaml(version).encode(), YAML, f"{name}.yaml")
    for known in FORMS:
        if form == known and suffix in WRITERS:
            content_type = WRITERS[suffix][1]
            content = sheet(version, known, suffix)
            return attachment(content, content_type, f"{name}-{form}.{suffix}")
    return None


def file_name(version: MatrixVersion) -> str:
    """What a file of this version is called, such as `standing-v3`."""
    return f"{slugify(version.matrix.slug) or 'matrix'}-v{version.number}"


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to be kept, not shown."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
