"""What the grid editor knows of a draft, as plain data: what it says and what the checks find."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone

from incidents.admin.matrix_page import MEANINGS
from incidents.models import MatrixRevision, MatrixVersion
from incidents.operations import matrix_edit
from incidents.operations.grids import grid_of
from incidents.operations.matrix import findings_of
from incidents.operations.matrix_edit import Edited, EditedMeanwhile
from incidents.rules import matrix_document
from incidents.rules.acts import ACTS, recognise
from incidents.rules.findings import Finding, Level
from incidents.rules.matrix_edit import prepared
from incidents.rules.matrix_merge import written
from incidents.rules.phases import Phase
from incidents.rules.raci import Grid
from incidents.rules.reasons import Refused

REVISIONS_SHOWN = 50


def page_data(version: MatrixVersion, at: datetime) -> dict[str, Any]:
    """All that the page is opened with; a constant number of queries."""
    known = matrix_edit.vocabulary(at)
    base = f"admin:{version._meta.app_label}_{version._meta.model_name}"
    return {
        **draft_data(Edited(version, prepared(grid_of(version))), at),
        "roles": dict(known.roles),
        "usable": list(known.usable),
        "cases": dict(known.cases),
        "acts": {act.code: act.label for act in ACTS.values()},
        "phases": {phase.value: phase.value.capitalize() for phase in Phase},
        "meanings": {str(letter): meaning for letter, meaning in MEANINGS.items()},
        "urls": {
            "save": reverse(f"{base}_save", args=[version.pk]),
            "undo": reverse(f"{base}_undo", args=[version.pk]),
            "import": reverse(f"{base}_import"),
        },
    }


def draft_data(draft: Edited, at: datetime) -> dict[str, Any]:
    """The draft after an edit: every answer says all of it, so that a browser guesses nothing."""
    found = findings_of(draft.grid, at=at, version=draft.version)
    counts = Counter(each.level for each in found)
    edits = matrix_edit.revisions(draft.version, REVISIONS_SHOWN)
    return {
        "revision": draft.revision,
        "content": matrix_document.write(draft.grid),
        "findings": [_finding(each) for each in found],
        "counts": {str(level): counts[level] for level in Level},
        "proposals": _proposals(draft.grid),
        "revisions": [_revision(each) for each in edits],
        "saved_at": timezone.localtime(at).strftime("%H:%M:%S"),
    }


def refusal_data(refused: Refused, at: datetime) -> dict[str, Any]:
    """Why not; and where somebody else was first, both what they did and what of mine meets it."""
    reasons = [
        {"code": each.code, "message": each.message, "field": each.field}
        for each in refused.reasons
    ]
    if not isinstance(refused, EditedMeanwhile):
        return {"reasons": reasons}
    return {
        "reasons": reasons,
        "now": draft_data(refused.now, at),
        "edits": [_revision(each) for each in refused.edits],
        "free": [written(each) for each in refused.free],
        "clashes": [
            {
                "change": written(each.change),
                "what": each.spot.what,
                "before": each.spot.before,
                "theirs": each.spot.after,
            }
            for each in refused.clashes
        ],
    }


def _finding(each: Finding) -> dict[str, str]:
    return {
        "rule": each.rule,
        "level": str(each.level),
        "phase": each.phase,
        "activity": each.activity,
        "role": each.role,
        "case": each.case,
        "message": each.message,
    }


def _revision(row: MatrixRevision) -> dict[str, Any]:
    when = formats.date_format(timezone.localtime(row.edited_at), "DATETIME_FORMAT")
    return {
        "number": row.number,
        "by": str(row.edited_by),
        "at": when,
        "summary": row.summary,
    }


def _proposals(grid: Grid) -> dict[str, str]:
    """The act each unbound activity most likely is, where its phase has none yet."""
    bound = {(each.phase, each.act) for each in grid.activities}
    found = ((each, recognise(each.name)) for each in grid.activities if not each.act)
    return {each.key: act for each, act in found if act and (each.phase, act) not in bound}
