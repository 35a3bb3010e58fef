"""The shapes of what is answered about updates and the facts they rest on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from typing_extensions import TypedDict

from incidents.models import Incident, Person, Update, VerifiedFact
from incidents.operations import verifying
from incidents.operations.publishing import published_words


class Named(TypedDict):
    """A service as it was called when the update was published."""

    slug: str
    name: str


class Fact(TypedDict):
    """A fact the words rest on, with its value when they were drafted."""

    name: str
    value: Any


class Verified(TypedDict):
    """A fact that has the value somebody verified, and how it is known."""

    name: str
    value: Any
    source: str
    by: str
    at: datetime


class UpdateShown(TypedDict):
    """One update, with everybody who had a hand in it.

    `words` are the text as everybody reads it: a correction says that it is one. `findings` are
    what the wording checks said when it was approved, `services` those it was published about.
    """

    id: int
    audience: str
    status: str
    text: str
    words: str
    statement: int | None
    language: str
    stage: str
    impact: str
    services: list[Named]
    customer: str | None
    corrects: int | None
    facts: list[Fact]
    findings: list[dict[str, Any]]
    approval_note: str
    return_reason: str
    drafted_by: str
    drafted_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    published_by: str | None
    published_at: datetime | None
    promised_next_at: datetime | None


def updates(incident: Incident) -> list[UpdateShown]:
    """Whatever became of them, the newest first; one query."""
    rows: QuerySet[Update] = incident.updates.select_related(
        "drafted_by", "approved_by", "published_by", "customer", "corrects"
    )
    return [_shown(row) for row in rows]


def verified(incident: Incident) -> list[Verified]:
    """The facts that have the value somebody verified last; one query."""
    found: Iterable[VerifiedFact] = verifying.verified(incident).values()
    return [
        {
            "name": row.name,
            "value": row.value,
            "source": row.source,
            "by": row.verified_by.username,
            "at": row.verified_at,
        }
        for row in found
    ]


def _shown(row: Update) -> UpdateShown:
    return {
        "id": row.pk,
        "audience": row.audience,
        "status": row.status,
        "text": row.text,
        "words": published_words(row),
        "statement": row.statement_id,
        "language": row.language,
        "stage": row.stage,
        "impact": row.impact,
        "services": row.services,
        "customer": row.customer.slug if row.customer else None,
        "corrects": row.corrects_id,
        "facts": row.facts,
        "findings": row.findings,
        "approval_note": row.approval_note,
        "return_reason": row.return_reason,
        "drafted_by": row.drafted_by.username,
        "drafted_at": row.drafted_at,
        "approved_by": _username(row.approved_by),
        "approved_at": row.approved_at,
        "published_by": _username(row.published_by),
        "published_at": row.published_at,
        "promised_next_at": row.promised_next_at,
    }


def _username(person: Person | None) -> str | None:
    return person.username if person else None
