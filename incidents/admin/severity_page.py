"""What the page of a severity scheme shows: each level in words, its standing, its acts."""

from datetime import datetime
from typing import Any

from incidents.admin.matrix_page import STANDING_TAGS, Act
from incidents.models import AuditEvent, SeverityLevel, SeverityScheme
from incidents.operations.law import scheme_in_force, step_of
from incidents.rules import calling
from incidents.rules.predicates import in_words

WORDS = {
    "draft_scheme": "made the draft",
    "write_scheme": "edited the draft",
    "submit_scheme": "submitted it",
    "approve_scheme": "approved it",
    "withdraw_scheme": "withdrew it",
}


def scheme_context(scheme: SeverityScheme, at: datetime) -> dict[str, Any]:
    """The page of one version; a constant number of queries."""
    steps = "escalation__role", "escalation__next_role"
    levels = scheme.levels.prefetch_related("criteria", *steps, "cadences")
    return {
        **standing_context(scheme, at),
        "levels": [(level, _criteria(level), _told(level)) for level in levels],
        "acts": _acts(scheme),
    }


def standing_context(scheme: SeverityScheme, at: datetime) -> dict[str, Any]:
    """How the version stands, and which one is in force; one query."""
    law = scheme_in_force(at)
    standing = scheme.standing(at, law)
    return {"standing": standing, "standing_tag": STANDING_TAGS.get(standing, ""), "law": law}


def _criteria(level: SeverityLevel) -> list[tuple[str, str]]:
    return [(one.name, in_words(one.predicate)) for one in level.criteria.all()]


def _told(level: SeverityLevel) -> list[tuple[str, str]]:
    """Each step of its escalation: the role, and in words when and how it is called."""
    steps = level.escalation.all()
    names = {one.next_role.pk: one.next_role.name for one in steps if one.next_role}
    return [(one.role.name, calling.in_words(step_of(one), names)) for one in steps]


def _acts(scheme: SeverityScheme) -> list[Act]:
    lines = AuditEvent.objects.filter(
        subject_type="incidents.severityscheme", subject_id=str(scheme.pk)
    )
    return [
        Act(
            line.actor_name,
            WORDS.get(line.verb, line.verb),
            line.at,
            line.detail.get("reason", ""),
        )
        for line in lines
    ]
