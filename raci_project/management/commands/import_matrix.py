"""`import_matrix FILE`: a RACI matrix from a spreadsheet or YAML, as a draft or published at once."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents.models import MatrixVersion, Person, Role
from incidents.operations import matrix, matrix_files
from incidents.operations.matrix_import import import_and_publish, translate_rows
from incidents.rules.matrix_checks import Level
from incidents.rules.matrix_file import name_from
from incidents.rules.matrix_names import PHASES, ROLES
from incidents.rules.matrix_sheet import Translation
from incidents.rules.reasons import Refused
from incidents.sheets import MAX_BYTES, read_rows
from raci_project.management.signers import add_arguments as add_signers
from raci_project.management.signers import signers

Names = dict[str, str]


class Command(BaseCommand):
    """All or nothing: exit 1 with every reason, and then nothing was written."""

    help = (
        "Imports a RACI matrix (CSV or XLSX, long or wide form) as a draft. Well-known phase and "
        "role names are mapped; the rest is asked for, to be given in MAP.yaml. Or YAML as "
        "export_matrix writes it, which speaks our names already."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the matrix, .csv, .xlsx or .yaml")
        parser.add_argument(
            "--name", help="of the matrix; by default what a YAML file says, or its file name"
        )
        parser.add_argument(
            "--map", type=Path, help="YAML with `phases:` and `roles:`, their name to ours"
        )
        parser.add_argument(
            "--bind-acts",
            action="store_true",
            help="let activities govern the acts their names say, where the file binds none",
        )
        add_signers(parser)
        parser.add_argument(
            "--reason",
            default="Published by a command on the server; it gave no reason.",
            help="why it is published in spite of warnings",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        maker, checker = signers(options["maker"], options["publish_as"])
        if path.suffix.lower() in matrix_files.SUFFIXES:
            self.stdout.write(_from_document(path, maker, checker, options))
            return
        phases, roles = _mapping(options["map"])
        at = timezone.now()
        try:
            rows = _rows(path)
            translation = translate_rows(rows, phases=phases, roles=roles)
            _require_mapped(path, translation)
            version = import_and_publish(
                rows,
                file_name=path.name,
                matrix_name=options["name"] or name_from(path.name),
                phases=phases,
                roles=roles,
                note=_note(path, maker, is_named=options["maker"] is not None),
                bind_acts=options["bind_acts"],
                warnings_reason=options["reason"],
                maker=maker,
                checker=checker,
                at=at,
            )
        except Refused as refused:
            raise _not_imported(path, refused) from refused
        self.stdout.write(_report(version, translation, at))


def _from_document(
    path: Path, maker: Person, checker: Person | None, options: Mapping[str, Any]
) -> str:
    """The draft, or the law, that a YAML file says; what was made of it."""
    if options["map"] or options["bind_acts"]:
        raise CommandError(f"{path} speaks our names: leave out --map and --bind-acts.")
    at = timezone.now()
    try:
        version = matrix_files.import_and_publish(
            _content(path, matrix_files.MAX_BYTES),
            file_name=path.name,
            matrix_name=options["name"] or "",
            note=_note(path, maker, is_named=options["maker"] is not None),
            warnings_reason=options["reason"],
            maker=maker,
            checker=checker,
            at=at,
        )
    except Refused as refused:
        raise _not_imported(path, refused) from refused
    return "\n".join(_standing(version, at))


def _not_imported(path: Path, refused: Refused) -> CommandError:
    reasons = [reason.message for reason in refused.reasons]
    return CommandError(f"{path} was not imported:\n{_indented(reasons)}")


def _note(path: Path, maker: Person, *, is_named: bool) -> str:
    """Kept with the version: whoever reads the audit must not think that this person typed it."""
    how = "was named as its maker" if is_named else "stands as its maker, for want of --as"
    return f"Imported from {path.name} by a command on the server; {maker} {how}."


def _rows(path: Path) -> list[list[str]]:
    return read_rows(path.name, _content(path, MAX_BYTES))


def _content(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than allowed is enough to refuse; a device file never ends.
            return file.read(most + 1)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error


def _mapping(path: Path | None) -> tuple[Names, Names]:
    """The two mappings of MAP.yaml; a name without a value is still to be answered."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8")) if path else None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is no YAML: {error}") from error
    said = {} if said is None else said
    if not isinstance(said, Mapping) or not set(said) <= {"phases", "roles"}:
        raise CommandError(f"{path}: give `phases:` and `roles:`, and nothing beside them.")
    return (
        _names(path, "phases", said.get("phases")),
        _names(path, "roles", said.get("roles")),
    )


def _names(path: Path | None, section: str, said: object) -> Names:
    names = {} if said is None else said
    if not isinstance(names, Mapping):
        raise CommandError(
            f"{path}: under `{section}:` write lines such as `their name: ours`."
        )
    # YAML reads a bare `on` as true and `1` as a number: names like these want quotes.
    odd = [f"{name}: {ours}" for name, ours in names.items() if not _is_text(name, ours)]
    if odd:
        raise CommandError(f"{path}: put the names in quotes in `{odd[0]}` under `{section}:`.")
    return {name: ours for name, ours in names.items() if ours is not None}


def _is_text(name: object, ours: object) -> bool:
    return isinstance(name, str) and (ours is None or isinstance(ours, str))


def _require_mapped(path: Path, translation: Translation) -> None:
    """Return only if every name is mapped; row errors are left to the import, which names them."""
    phases, roles = translation.unmapped_phases, translation.unmapped_roles
    if translation.errors or not (phases or roles):
        return
    names = _indented(
        [*(f"phase {name}" for name in phases), *(f"role {name}" for name in roles)]
    )
    own = Role.objects.active().exclude(pk__in=ROLES)
    ours = [*ROLES, *own.values_list("pk", flat=True)]
    raise CommandError(
        f"{path} was not imported: it uses names that could mean several things:\n{names}\n"
        "Complete these lines, save them as MAP.yaml, and give that with --map:\n\n"
        + _section("phases", phases, f"one of {', '.join(PHASES)}")
        + _section("roles", roles, f'one of {", ".join(ours)}; or "" to leave it out')
    )


def _section(name: str, unmapped: Sequence[str], choices: str) -> str:
    if not unmapped:
        return ""
    entries = yaml.safe_dump(
        dict.fromkeys(unmapped), allow_unicode=True, sort_keys=False, width=10_000
    )
    lines = [line.removesuffix(" null") for line in entries.splitlines()]
    return f"{name}:  # {choices}\n{_indented(lines)}\n"


def _standing(version: MatrixVersion, at: datetime) -> list[str]:
    counts = Counter(finding.level for finding in matrix.findings(version, at=at))
    totals = ", ".join(f"{level}: {counts[level]}" for level in Level)
    since = f" from {version.effective_from.isoformat()}" if version.effective_from else ""
    return [f"{version}: {version.status}{since}", f"findings: {totals}"]


def _report(version: MatrixVersion, translation: Translation, at: datetime) -> str:
    mapped = [
        f"{theirs} -> {ours or 'left out'}"
        for names in (translation.phases, translation.roles)
        for theirs, ours in names.items()
        if theirs != ours
    ]
    governing = version.activities.exclude(act="").values_list("name", "act")
    lines = [*_standing(version, at)]
    lines += ["mapped:", _indented(mapped)] if mapped else []
    lines += ["bound:", _indented([f"{name} -> {act}" for name, act in governing])] * bool(
        governing
    )
    return "\n".join(lines)


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
