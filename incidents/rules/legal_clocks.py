"""The clocks of an incident by name: the one of counsel, and one for each stage of each duty."""

import re

COUNSEL = "counsel"
LONGEST_KIND = 130  # characters
_UNFIT = re.compile(r"[^a-z0-9_-]+")
_BETWEEN = "--"


def kind_of(regime: str, stage: str) -> str:
    """The kind of the clock of this stage: at most 130 of a-z, 0-9, hyphen and underscore.

    The same pair always gives the same kind, and no two pairs of a pack give one: what is
    unfit or too long is cut and a check of the whole put in its place.
    """
    kind = f"{_fit(regime)}{_BETWEEN}{_fit(stage)}"
    # An id with two hyphens of its own could be read as another pair.
    is_plain = kind == f"{regime}{_BETWEEN}{stage}" and kind.count(_BETWEEN) == 1
    if is_plain and len(kind) <= LONGEST_KIND:
        return kind
    mark = f"-{_check(f'{regime}/{stage}'):08x}"
    return f"{kind[: LONGEST_KIND - len(mark)]}{mark}"


def _fit(name: str) -> str:
    return _UNFIT.sub("-", name.lower()).strip("-")


def _check(text: str) -> int:
    """FNV-1a of 32 bits: short, and the same in every process, as Python's own hash is not."""
    check = 0x811C9DC5
    for byte in text.encode():
        check = (check ^ byte) * 0x01000193 & 0xFFFFFFFF
    return check
