"""Cadence: the clocks that ask for the next update of each audience, and what became of each."""

from collections.abc import Mapping
from datetime import datetime

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.models.incident import Incident
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.update import Update, UpdateClock
from incidents.operations import nudges, policies
from incidents.operations.law import level_law
from incidents.rules.cadence import Cadence, next_due_at

_CLOCK_FIELDS = ["due_at", "next_nudge_at", "nudged_through"]


def start_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """One clock an audience, by the cadences of the level; repeating it changes nothing.

    A level set later owes nothing earlier than now, unless it was owed already. Once an incident
    is resolved no clock starts.
    """
    if incident.resolved_at is not None or not incident.is_open:
        return
    last = _last_published(incident)
    clocks = {clock.audience: clock for clock in incident.update_clocks.all()}
    _start(incident, clocks, last, actor=actor, at=at)


def start_first_clocks(incident: Incident, *, actor: Person, at: datetime) -> None:
    """Of an incident that is being declared: nothing was said yet and no clock runs."""
    _start(incident, {}, {}, actor=actor, at=at)


def _start(
    incident: Incident,
    clocks: dict[str, UpdateClock],
    last: Mapping[str, Update],
    *,
    actor: Person | None,
    at: datetime,
) -> None:
    cadences = _cadences(incident)
    for audience in (cadences.keys() | last.keys()) - clocks.keys():
        clocks[audience] = UpdateClock(incident=incident, audience=audience)
    changed = []
    for audience, clock in sorted(clocks.items()):
        due_at = _due_at(incident, cadences.get(audience, Cadence()), last.get(audience))
        due_at = due_at and max(due_at, min(clock.due_at or at, at))
        if due_at != clock.due_at:
            clock.due_at = due_at
            changed.append(clock)
    if changed:
        policy = policies.of(NudgePolicy.What.UPDATE)
        for clock in changed:
            nudges.schedule(clock, policy, at=at)
    _write(changed, actor, at=at)


def stop_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """No update is owed any more; each may still be published."""
    clocks = list(incident.update_clocks.exclude(due_at=None))
    for clock in clocks:
        nudges.end(clock)
    _write(clocks, actor, at=at)


def _write(clocks: list[UpdateClock], actor: Person | None, *, at: datetime) -> None:
    new = [clock for clock in clocks if clock.pk is None]
    known = [clock for clock in clocks if clock.pk is not None]
    if new:
        bulk_create_with_history(new, UpdateClock, default_user=actor, default_date=at)
    if known:
        bulk_update_with_history(
            known, UpdateClock, _CLOCK_FIELDS, default_user=actor, default_date=at
        )


def _due_at(incident: Incident, cadence: Cadence, last: Update | None) -> datetime | None:
    """When the audience must hear again; None if neither cadence nor promise says so."""
    said_at, promised_at = (last.published_at, last.promised_next_at) if last else (None, None)
    return next_due_at(cadence, incident.declared_at, said_at, promised_at)


def _cadences(incident: Incident) -> Mapping[str, Cadence]:
    law = level_law(incident.level)
    return law.cadences if law else {}


def _last_published(incident: Incident) -> dict[str, Update]:
    """The latest published update of each audience."""
    published = incident.updates.filter(status=Update.Status.PUBLISHED)
    return {update.audience: update for update in published.order_by("published_at", "pk")}
