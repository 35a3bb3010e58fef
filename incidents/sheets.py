"""Spreadsheets at the border: CSV and XLSX in as plain rows of text, safe text out.

What comes in may be broken, huge or malicious; each refusal says where and what to do next.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from itertools import islice
from pathlib import PurePath

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from incidents.rules.reasons import Invalid, Reason

MAX_BYTES = 5 * 1024 * 1024
# A ZIP of a few kilobytes can unpack to gigabytes; a matrix of a thousand rows to a megabyte.
MAX_UNPACKED_BYTES = 20 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 200
MAX_CELL_CHARACTERS = 2_000
MAX_REASONS = 20

# OWASP, CSV injection: what makes a spreadsheet read a text as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Numbers, and the lone dash people write for an empty cell: no spreadsheet computes these.
_PLAIN = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?|-")


def formula_safe(text: str) -> str:
    """The text as an export may write it: never a formula, plain numbers left as they are."""
    return f"'{text}" if _is_formula(text) else text


def quoted(text: str) -> str:
    """The text as `formula_safe` has it, told apart from one that had the quote: see `unquoted`."""
    return f"'{text}" if _is_formula(text.lstrip("'")) else text


def unquoted(text: str) -> str:
    """The text before an export put its quote on it; any other text as it is."""
    return text[1:] if text[:1] == "'" and _is_formula(text.lstrip("'")) else text


def read_rows(name: str, content: bytes) -> list[list[str]]:
    """The rows of `read_table` without the quotes of an export.

    Refuses formulas with `formula_in_cell` and their places.
    """
    rows = read_table(name, content)
    _refuse_formulas(rows)
    return [[unquoted(cell) for cell in row] for row in rows]


def read_table(name: str, content: bytes) -> list[list[str]]:
    """All rows of a CSV file or of the first sheet of a workbook, equally long, header first.

    Refuses with `file_too_large`, `empty_file`, `unreadable_file`, `wrong_encoding`, `nul_byte`,
    `too_many_rows`, `too_many_columns` or `cell_too_long`; what a cell says is for the caller.
    """
    if len(content) > MAX_BYTES:
        raise Invalid.because("file_too_large", _too_large(MAX_BYTES))
    if not content.strip():
        raise _empty()
    rows = _bounded(_written_rows(name, content))
    while rows and not rows[-1]:
        rows.pop()
    if not rows:
        raise _empty()
    width = max(len(row) for row in rows)
    return [row + [""] * (width - len(row)) for row in rows]


def _written_rows(name: str, content: bytes) -> Iterable[Sequence[str]]:
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xlsx":
        return _xlsx_rows(content)
    if suffix in (".csv", ".tsv", ".txt"):
        return _csv_rows(content)
    raise _unreadable("is neither .csv nor .xlsx: save it as one of these.")


def _csv_rows(content: bytes) -> Iterator[Sequence[str]]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise _unreadable(
            f"breaks off near line {reader.line_num} ({error}): check the quotes there."
        ) from error


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid.because(
            "wrong_encoding",
            f"Byte {error.start} (line {line}) is not UTF-8: save the file as “CSV UTF-8”.",
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Invalid.because(
            "nul_byte", f"Line {line} holds a NUL byte: this is no text, save it as CSV UTF-8."
        )
    return text


def _delimiter(text: str) -> str:
    """The separator the first line uses most outside quotes; comma where it uses none."""
    header = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    return max(",;\t", key=header.count)


def _xlsx_rows(content: bytes) -> Iterator[Sequence[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _unreadable("is no workbook, or broken: save it as XLSX again.") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise Invalid.because("file_too_large", _too_large(MAX_UNPACKED_BYTES, "unpacked"))
    try:
        yield from _sheet_rows(content)
    # A hostile workbook makes the parser fail in any of a dozen ways; all mean the same here.
    except Exception as error:
        raise _unreadable("cannot be read as a workbook: save it as XLSX again.") from error


def _sheet_rows(content: bytes) -> Iterator[Sequence[str]]:
    # Formulas are read as they are written, not as last computed: a matrix holds none.
    workbook = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        sheet = workbook.worksheets[0]
        # The size a workbook claims is only a claim.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            yield [_text(value) for value in row]
    finally:
        workbook.close()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, ArrayFormula | DataTableFormula):
        return "={array formula}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()  # a workbook has no dates, only their midnights
    return str(value)


def _bounded(written: Iterable[Sequence[str]]) -> list[list[str]]:
    """The rows without their empty tails, refused where they pass a limit."""
    rows = []
    for number, row in enumerate(islice(written, MAX_ROWS + 1), start=1):
        if number > MAX_ROWS:
            raise Invalid.because(
                "too_many_rows",
                f"There are more than {MAX_ROWS} rows: split the file, or delete the empty rows.",
            )
        rows.append(_bounded_row(number, row))
    return rows


def _bounded_row(number: int, row: Sequence[str]) -> list[str]:
    width = max((index for index, cell in enumerate(row, 1) if cell.strip()), default=0)
    if width > MAX_COLUMNS:
        raise Invalid.because(
            "too_many_columns",
            f"Row {number} has more than {MAX_COLUMNS} columns: split the file.",
        )
    for index, cell in enumerate(row[:width], start=1):
        if len(unquoted(cell)) > MAX_CELL_CHARACTERS:
            raise Invalid.because(
                "cell_too_long",
                f"Cell {_place(number, index)} has more than {MAX_CELL_CHARACTERS} characters: "
                "shorten it.",
            )
    return list(row[:width])


def _refuse_formulas(rows: Sequence[Sequence[str]]) -> None:
    reasons = (
        Reason(
            "formula_in_cell",
            f"Cell {_place(number, index)} begins like a formula: write plain text.",
            _place(number, index),
        )
        for number, row in enumerate(rows, start=1)
        for index, cell in enumerate(row, start=1)
        if _is_formula(cell.strip())
    )
    if found := list(islice(reasons, MAX_REASONS)):
        raise Invalid(*found)


def _is_formula(text: str) -> bool:
    return text.startswith(_FORMULA_STARTS) and not _PLAIN.fullmatch(text)


def _place(row: int, column: int) -> str:
    """The cell as a spreadsheet names it, such as B3."""
    return f"{get_column_letter(column)}{row}"


def _too_large(limit: int, how: str = "") -> str:
    size = f"{limit // (1024 * 1024)} MiB {how}".strip()
    return f"The file is larger than {size}: split it, or delete what is not needed."


def _empty() -> Invalid:
    return Invalid.because(
        "empty_file", "The file is empty: give a header row and rows below it."
    )


def _unreadable(problem: str) -> Invalid:
    return Invalid(Reason("unreadable_file", f"The file {problem}"))
