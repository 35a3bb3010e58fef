"""Updates: drafted, approved by another person, published; and the clocks that ask for them."""

from datetime import datetime

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.models.incident import Incident
from incidents.models.severity import UpdateCadence
from incidents.models.update import Update, UpdateClock
from incidents.operations import nudges
from incidents.rules.cadence import Cadence, next_due_at
from incidents.rules.nudges import UPDATE

_CLOCK_FIELDS = ["due_at", "next_nudge_at", "nudged_through"]


def start_clocks(incident: Incident, *, at: datetime) -> None:
    """One clock an audience, by the cadences of the level; repeating it changes nothing.

    A level set later owes nothing earlier than now, unless it was owed already. Once an incident
    is resolved no clock starts.
    """
    if incident.resolved_at is not None:
        return
    cadences, last = _cadences(incident), _last_published(incident)
    clocks = {clock.audience: clock for clock in incident.update_clocks.all()}
    for audience in cadences.keys() - clocks.keys():
        clocks[audience] = UpdateClock(incident=incident, audience=audience)
    changed = []
    for audience, clock in sorted(clocks.items()):
        due_at = _due_at(incident, cadences.get(audience), last.get(audience))
        due_at = due_at and max(due_at, min(clock.due_at or at, at))
        if due_at != clock.due_at:
            _set(clock, due_at, at=at)
            changed.append(clock)
    _write(changed, at=at)


def stop_clocks(incident: Incident, *, at: datetime) -> None:
    """No update is owed any more; each may still be published."""
    clocks = list(incident.update_clocks.exclude(due_at=None))
    for clock in clocks:
        _set(clock, None, at=at)
    _write(clocks, at=at)


def _set(clock: UpdateClock, due_at: datetime | None, *, at: datetime) -> None:
    clock.due_at = due_at
    nudges.schedule(clock, UPDATE, at=at)


def _write(clocks: list[UpdateClock], *, at: datetime) -> None:
    new = [clock for clock in clocks if clock.pk is None]
    known = [clock for clock in clocks if clock.pk is not None]
    if new:
        bulk_create_with_history(new, UpdateClock, default_date=at)
    if known:
        bulk_update_with_history(known, UpdateClock, _CLOCK_FIELDS, default_date=at)


def _due_at(
    incident: Incident, cadence: UpdateCadence | None, last: Update | None
) -> datetime | None:
    """When the audience must hear again; None if neither cadence nor promise says so."""
    said_at, promised_at = (last.published_at, last.promised_next_at) if last else (None, None)
    return next_due_at(_as_rule(cadence), incident.declared_at, said_at, promised_at)


def _as_rule(cadence: UpdateCadence | None) -> Cadence:
    if cadence is None:
        return Cadence()
    return Cadence(
        cadence.first_minutes,
        cadence.every_minutes,
        cadence.until_minutes,
        cadence.then_every_minutes,
    )


def _cadences(incident: Incident) -> dict[str, UpdateCadence]:
    if incident.level is None:
        return {}
    return {cadence.audience: cadence for cadence in incident.level.cadences.all()}


def _last_published(incident: Incident) -> dict[str, Update]:
    """The latest published update of each audience."""
    published = incident.updates.filter(status=Update.Status.PUBLISHED)
    return {update.audience: update for update in published.order_by("published_at", "pk")}
