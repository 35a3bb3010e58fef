"""A matrix as a file for version control: its name, then what `matrix_document` says of it."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

from incidents.rules.matrix_document import Document, read, write
from incidents.rules.raci import Grid
from incidents.rules.reasons import Invalid, Reason

NAME = "matrix"


class MatrixFile(NamedTuple):
    """What a file says; `name` is "" where it leaves that to whoever reads it."""

    name: str
    grid: Grid


def written(file: MatrixFile) -> Document:
    """The document of this file: the name first, and always in the same order."""
    return {NAME: file.name, **write(file.grid)}


def understood(document: object, *, roles: Collection[str]) -> MatrixFile:
    """The file this document is. Invalid with every problem and the path to it."""
    name: object = ""
    if isinstance(document, Mapping):
        name = document.get(NAME, "")
        document = {key: value for key, value in document.items() if key != NAME}
    if isinstance(name, str):
        return MatrixFile(name, read(document, roles=roles))
    problem = Reason("bad_text", f"{NAME}: write the name of the matrix as text.", NAME)
    try:
        read(document, roles=roles)
    except Invalid as refusal:
        raise Invalid(problem, *refusal.reasons) from refusal
    raise Invalid(problem)


def name_from(file_name: str) -> str:
    """A name for the matrix in this file, such as “Major incident”."""
    words = " ".join(re.split(r"[\s_-]+", PurePath(file_name).stem)).strip()
    return f"{words[:1].upper()}{words[1:120]}"


def comments(facts: Sequence[tuple[str, str]]) -> list[str]:
    """Lines for the top of a file; a line break in a fact would end the comment."""
    return [f"{name}: {' '.join(said.split())}" for name, said in facts]
