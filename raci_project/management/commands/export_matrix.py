"""`export_matrix [WHICH]`: a version of a matrix as YAML for version control, or as a spreadsheet."""

import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents.admin.matrix_export import sheet
from incidents.models import Matrix, MatrixVersion
from incidents.operations.law import matrix_in_force
from incidents.operations.matrix_files import as_yaml
from incidents.rules.matrix_writing import Form

IN_FORCE = "in-force"
# What `--format` names: the form, and the kind of file.
SHEETS: dict[str, tuple[Form, str]] = {
    "csv": ("long", "csv"),
    "xlsx": ("long", "xlsx"),
    "wide-csv": ("wide", "csv"),
    "wide-xlsx": ("wide", "xlsx"),
}


class Command(BaseCommand):
    """The file and nothing else; exit 1 where there is no such version."""

    help = (
        "Writes a version of a matrix: as YAML, which import_matrix reads back, or as a "
        "spreadsheet, a row per letter or, wide, a row per activity."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "which",
            nargs="?",
            default=IN_FORCE,
            metavar="MATRIX[-vN]|in-force",
            help="a matrix by its slug, its newest version or version N; the law by default",
        )
        parser.add_argument("--format", choices=["yaml", *SHEETS], default="yaml")
        parser.add_argument("--out", type=Path, help="a file; standard output by default")

    def handle(self, *args: Any, **options: Any) -> None:
        content = _content(_version(options["which"]), options["format"])
        path: Path | None = options["out"]
        if path is not None:
            try:
                path.write_bytes(content)
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}.") from error
        elif options["format"].endswith("xlsx"):
            if sys.stdout.isatty():
                raise CommandError("A workbook is no text: give --out FILE.")
            sys.stdout.buffer.write(content)
        else:
            self.stdout.write(content.decode(), ending="")


def _version(which: str) -> MatrixVersion:
    rows = MatrixVersion.objects.select_related("matrix", "maker", "checker")
    if which == IN_FORCE:
        law = matrix_in_force(timezone.now())
        if law is None:
            raise CommandError("No matrix is in force: name one, such as incident-response-v1.")
        return rows.get(pk=law.pk)
    # A slug may end like a version does; then it is the matrix that is meant.
    if Matrix.objects.filter(slug=which).exists():
        found = rows.filter(matrix__slug=which).order_by("-number").first()
    elif parts := re.fullmatch(r"(.+)-v(\d{1,9})", which):
        found = rows.filter(matrix__slug=parts[1], number=int(parts[2])).first()
    else:
        found = None
    if found is None:
        known = ", ".join(Matrix.objects.values_list("slug", flat=True)[:20]) or "none yet"
        raise CommandError(f"There is no version “{which}”. Matrices: {known}.")
    return found


def _content(version: MatrixVersion, kind: str) -> bytes:
    return as_yaml(version).encode() if kind == "yaml" else sheet(version, *SHEETS[kind])
