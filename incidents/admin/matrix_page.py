"""What the pages of a matrix show: the grid as a table people read, its findings, its acts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.models import AuditEvent, MatrixVersion, Role
from incidents.operations.law import matrix_in_force
from incidents.operations.matrix import Judged
from incidents.rules.matrix_checks import Finding, Level
from incidents.rules.phases import Phase
from incidents.rules.raci import Grid, Letter
from incidents.rules.roles import NAMES

MEANINGS = {
    Letter.R: "responsible: does it",
    Letter.A: "accountable: answers for it",
    Letter.AR: "accountable and responsible",
    Letter.C: "consulted before it",
    Letter.I: "informed after it",
}
STANDING_TAGS = {
    "in force": "tag-green",
    "approved": "tag-blue",
    "submitted": "tag-amber",
}
LEVEL_TAGS = {Level.ERROR: "tag-red", Level.WARNING: "tag-amber", Level.INFORMATION: "tag-blue"}
HEADINGS = {
    Level.ERROR: "Errors: to be corrected",
    Level.WARNING: "Warnings: to be given a reason",
    Level.INFORMATION: "Worth knowing",
}
WORDS = {
    "draft_matrix": "made the draft",
    "edit_matrix": "edited it",
    "submit_matrix": "submitted it",
    "approve_matrix": "approved it",
    "withdraw_matrix": "withdrew it",
    "enact_matrix": "put it in force as an emergency",
    "decline_matrix": "declined it",
    "confirm_matrix": "confirmed that it is still right",
}


@dataclass(frozen=True)
class Act:
    """One line of the audit chain about this version, as people say it."""

    person: str
    words: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Mark:
    """One cell: the letters and how they look."""

    text: str = ""
    style: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Row:
    """One activity, with one mark a column; `tag` is the look of the worst finding, or ""."""

    name: str
    marks: tuple[Mark, ...]
    tag: str = ""


@dataclass(frozen=True)
class PhaseRows:
    """The activities of one phase."""

    phase: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Remarks:
    """The findings of one level."""

    heading: str
    tag: str
    findings: tuple[Finding, ...]


def version_context(version: MatrixVersion, judged: Judged, at: datetime) -> dict[str, Any]:
    """The page of one version; a constant number of queries."""
    law = matrix_in_force(at)
    standing = version.standing(at, law)
    return {
        "version": version,
        "standing": standing,
        "standing_tag": STANDING_TAGS.get(standing, ""),
        "law": law,
        "acts": _acts(version),
        **grid_context(judged),
    }


def grid_context(judged: Judged) -> dict[str, Any]:
    """The table and its findings, roles by their names."""
    grid, found = judged.grid, judged.found
    names = {**NAMES, **dict(Role.objects.values_list("slug", "name"))}
    return {
        "roles": [names.get(role, role) for role in grid.roles],
        "phases": tuple(_phase(grid, phase, found) for phase in _in_order(grid.phases)),
        "remarks": remarks(found),
        "legend": [_mark(letter) for letter in Letter],
    }


def remarks(found: list[Finding]) -> tuple[Remarks, ...]:
    """The findings by level, the gravest first; levels without any are left out."""
    by_level = {level: tuple(each for each in found if each.level is level) for level in Level}
    return tuple(
        Remarks(HEADINGS[level], LEVEL_TAGS[level], findings)
        for level, findings in by_level.items()
        if findings
    )


def _in_order(phases: tuple[str, ...]) -> list[str]:
    order = list(Phase)
    return sorted(phases, key=lambda phase: order.index(Phase(phase)))


def _acts(version: MatrixVersion) -> list[Act]:
    lines = AuditEvent.objects.filter(
        subject_type="incidents.matrixversion", subject_id=str(version.pk)
    )
    acts: list[Act] = []
    for line in lines:
        act = _act(line)
        # A draft is edited many times in a row: what each edit did stands among its revisions.
        again = line.verb == "edit_matrix" and acts and acts[-1].words == act.words
        if again and acts[-1].person == act.person:
            acts.pop()
        acts.append(act)
    return acts


def _act(line: AuditEvent) -> Act:
    given = map(line.detail.get, ("reason", "warnings_reason", "note"))
    said = next(filter(None, given), "")
    return Act(line.actor_name, WORDS.get(line.verb, line.verb), line.at, said)


def _phase(grid: Grid, phase: str, found: list[Finding]) -> PhaseRows:
    worst = _worst(found)
    rows = (
        Row(
            each.name,
            tuple(_mark(each.letters.get(role)) for role in grid.roles),
            LEVEL_TAGS[worst[phase, each.name]] if (phase, each.name) in worst else "",
        )
        for each in grid.in_phase(phase)
    )
    return PhaseRows(phase, tuple(rows))


def _worst(found: list[Finding]) -> dict[tuple[str, str], Level]:
    """The gravest level beyond information, by activity."""
    order = [Level.WARNING, Level.ERROR]
    return {
        (each.phase, each.activity): level
        for level in order
        for each in found
        if each.level is level
    }


def _mark(letter: Letter | None) -> Mark:
    if letter is None:
        return Mark()
    return Mark(letter.value, letter.name, MEANINGS[letter])
