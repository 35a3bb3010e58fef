"""What stands between a spreadsheet and the catalogue: the upload, its format, safe cells."""

from typing import Any

from django import forms
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ConfirmImportForm
from tablib import Dataset
from unfold.contrib.import_export.forms import ImportForm

from incidents.rules.reasons import Refused
from incidents.sheets import formula_safe, read_table


class _Sheet:
    """A format whose files are read within our limits and written without formulas."""

    name: str

    def is_binary(self) -> bool:
        """Bytes come in as they were sent; decoding them is part of reading."""
        return True

    def get_read_mode(self) -> str:
        """As `is_binary` says."""
        return "rb"

    def create_dataset(self, content: bytes, **_options: Any) -> Dataset:
        """The rows below a header of column names, in whatever case they were typed."""
        header, *rows = read_table(self.name, content)
        return Dataset(*rows, headers=[column.strip().lower() for column in header])

    def export_data(self, dataset: Dataset, **options: Any) -> Any:
        """Every cell as text that no spreadsheet runs."""
        rows = ([formula_safe(_text(cell)) for cell in row] for row in dataset)
        return super().export_data(Dataset(*rows, headers=dataset.headers), **options)  # type: ignore[misc]


class SheetCsv(_Sheet, CSV):
    """Comma, semicolon or tab; UTF-8."""

    name = "sheet.csv"


class SheetXlsx(_Sheet, XLSX):
    """The first sheet of a workbook."""

    name = "sheet.xlsx"


FORMATS = [SheetCsv, SheetXlsx]


class SheetImportForm(ImportForm):
    """A file that can be read at all; its name says its format. Others are refused unkept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Read it once: what is wrong with the file is said before a copy of it is kept."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        file = said.get("import_file")
        if file is None:
            return said
        try:
            read_table(file.name, file.read())
        except Refused as refused:
            raise forms.ValidationError(
                {"import_file": [reason.message for reason in refused.reasons]}
            ) from refused
        file.seek(0)
        return {**said, "format": str(int(file.name.lower().endswith(".xlsx")))}


class SheetConfirmForm(ConfirmImportForm):
    """The preview's own words, sent back; nothing in them is believed."""

    format = forms.ChoiceField(choices=[("0", "CSV"), ("1", "XLSX")], widget=forms.HiddenInput)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)
