"""What of the law a game day exercised, from what its players did; written once it is completed."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from incidents.models import (
    Advice,
    Audience,
    AuditEvent,
    HoldingStatement,
    Incident,
    LegalDecision,
    Performance,
    StatementCopy,
    Update,
)
from incidents.operations import pinned
from incidents.rules import acts
from incidents.rules.raci import Place
from training.models import Exercised, GameDay
from training.rules import practice_coverage as rules
from training.rules.practice_coverage import Deed

Kind = Exercised.Kind
Found = dict[tuple[str, str], datetime]

# Work on the words of an update is part of publishing it, and leaves no line of its own.
_WORDS = ("draft_update", "redraft_update", "approve_update")
_NOT_INTERNAL, _INTERNAL = "publish_externally", "first_internal_update"


def write(game_day: GameDay) -> int:
    """Keep what was exercised; how many rows are new. Safe to repeat: what is kept stays."""
    before = game_day.exercised.count()
    rows = (
        Exercised(game_day=game_day, kind=kind, key=key, exercised_at=instant)
        for (kind, key), instant in of(game_day).items()
    )
    Exercised.objects.bulk_create(rows, ignore_conflicts=True)
    return game_day.exercised.count() - before


def of(game_day: GameDay) -> Found:
    """What its exercise exercised, each with its last instant; a constant number of queries."""
    incident = game_day.incident
    if incident is None:
        return {}
    found: Found = {}
    for kind, key, instant in _all(game_day, incident):
        found[kind, key] = max(instant, found.get((kind, key), instant))
    return found


def statement_key(statement: HoldingStatement) -> str:
    """What the words are for: the same from version to version."""
    scenario = statement.scenario.slug if statement.scenario else "any"
    return ":".join(
        (
            scenario,
            statement.severity or "any",
            statement.audience,
            statement.language,
            statement.purpose,
        )
    )


def _all(game_day: GameDay, incident: Incident) -> Iterator[tuple[str, str, datetime]]:
    for key, instant in _cells(incident).items():
        yield Kind.CELL, key, instant
    yield from _statements(incident)
    for clock in incident.legal_clocks.exclude(regime=""):
        yield Kind.DUTY, clock.regime, clock.started_at or incident.declared_at
    for decision in LegalDecision.objects.filter(incident=incident):
        yield Kind.DUTY, decision.regime, decision.decided_at
    for service in {*incident.services.all(), *game_day.services.all()}:
        yield Kind.SERVICE, service.slug, incident.declared_at


def _cells(incident: Incident) -> dict[str, datetime]:
    held = list(
        incident.assignments.values_list("role_id", "person_id", "assigned_at", "ended_at")
    )
    present: dict[str, datetime] = {}
    for role, _, since, _ in held:
        present[role] = min(since, present.get(role, since))
    advice = Advice.objects.filter(consultation__incident=incident)
    asked = {
        ((phase, name), role)
        for phase, name, role in advice.values_list(
            "consultation__activity__phase", "consultation__activity__name", "role_id"
        )
    }
    deeds = [*_performed(incident), *_worded(incident, held)]
    return rules.exercised(pinned.activities(incident), deeds, asked, present)


def _performed(incident: Incident) -> Iterator[Deed]:
    rows = Performance.objects.filter(incident=incident)
    for phase, name, role, done_at in rows.values_list(
        "activity__phase", "activity__name", "role_id", "done_at"
    ):
        yield Deed((phase, name), role or "", done_at)


def _worded(
    incident: Incident, held: Iterable[tuple[str, int, datetime, datetime | None]]
) -> Iterator[Deed]:
    """Who drafted and who approved words did their part, in every role they held then."""
    lines = AuditEvent.objects.filter(
        subject_type=Incident._meta.label_lower, subject_id=str(incident.pk), verb__in=_WORDS
    )
    held = list(held)
    for event in lines:
        internal = event.detail.get("audience") == Audience.INTERNAL
        for place in _places(incident, _INTERNAL if internal else _NOT_INTERNAL):
            for role, person, since, until in held:
                is_theirs = person == event.actor_id and since <= event.at
                if is_theirs and (until is None or event.at <= until):
                    yield Deed(place, role, event.at)


def _places(incident: Incident, act: str) -> Iterator[Place]:
    line = acts.governing(
        pinned.activities(incident), act, pinned.phase_of(incident), pinned.PHASES
    )
    if line is not None:
        yield line.place


def _statements(incident: Incident) -> Iterator[tuple[str, str, datetime]]:
    said = incident.updates.filter(
        status=Update.Status.PUBLISHED, statement__isnull=False, published_at__isnull=False
    )
    for update in said.select_related("statement__scenario"):
        if update.statement is not None and update.published_at is not None:
            yield Kind.STATEMENT, statement_key(update.statement), update.published_at
    copies = StatementCopy.objects.filter(incident=incident)
    for copy in copies.select_related("statement__scenario"):
        yield Kind.STATEMENT, statement_key(copy.statement), copy.at
