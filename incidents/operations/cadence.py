"""Cadence: the clocks that ask for the next update of each audience, and what became of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count, F, Q
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.models.incident import Incident
from incidents.models.links import IncidentLink
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.update import Update, UpdateClock, UpdateDue
from incidents.operations import nudges, policies, timeline
from incidents.operations.law import level_law
from incidents.rules.cadence import Cadence, next_due_at
from incidents.rules.reasons import Invalid
from incidents.rules.update_adherence import Kept
from incidents.rules.wording import blanks

_CLOCK_FIELDS = ["due_at", "next_nudge_at", "nudged_through"]


def start_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """One clock an audience, by the cadences of the level; repeating it changes nothing.

    A level set later owes nothing earlier than now, unless it was owed already. Who was told of a
    duplicate that was merged into this one waits for word as before. Once an incident is resolved
    no clock starts.
    """
    if incident.resolved_at is not None or not incident.is_open:
        return
    last = _last_published(_duplicates(incident)) | _last_published([incident.pk])
    clocks = {clock.audience: clock for clock in incident.update_clocks.all()}
    _start(incident, clocks, last, actor=actor, at=at)


def answered(update: Update, *, at: datetime) -> None:
    """Keep that what was due to this audience is said now, in time or late; nothing was, nothing is.

    Before `start_clocks`, which moves the clock on. A word to one customer answers no clock.
    """
    if update.customer_id is not None:
        return
    clock = UpdateClock.objects.filter(
        incident=update.incident_id, audience=update.audience, due_at__isnull=False
    ).first()
    if clock and clock.due_at:
        _was_due(clock, clock.due_at, answered_at=at, update=update).save()


def next_after(incident: Incident, audience: str, *, at: datetime) -> datetime | None:
    """When the cadence asks for the update after one said now; None where it asks for none."""
    cadence = _cadences(incident).get(audience, Cadence())
    if incident.resolved_at is not None or not incident.is_open:
        return None
    return next_due_at(cadence, incident.declared_at, at)


def promise_of(
    incident: Incident, text: str, audience: str, *, at: datetime
) -> datetime | None:
    """What words with the blank {next_update} promise where nobody says; None for words without."""
    if "next_update" not in blanks(text):
        return None
    return next_after(incident, audience, at=at)


def promised(
    promised_at: datetime | None, values: Mapping[str, str | datetime], *, at: datetime
) -> datetime | None:
    """What somebody promises: an instant that fills the blank {next_update} is a promise as well.

    Invalid where it has passed, or where the two differ (`two_promises`).
    """
    said_at = values.get("next_update")
    if not isinstance(said_at, datetime):
        return timeline.ahead(promised_at, at, "promised_next_at")
    if promised_at not in (None, said_at):
        message = "The words name another time than you promise: leave one of the two out."
        raise Invalid.because("two_promises", message, "promised_next_at")
    return timeline.ahead(said_at, at, "next_update")


def first_target(incident: Incident, audience: str) -> int | None:
    """Within how many minutes the level asks for the first word; None where it asks for none."""
    return _cadences(incident).get(audience, Cadence()).first_minutes


def adherence(incident: Incident, *, at: datetime) -> Kept:
    """How the due instants of this incident were kept until now; two queries."""
    overdue = incident.update_clocks.filter(due_at__lt=at).count()
    return kept(incident, running_late=overdue)


def kept(incident: Incident, *, running_late: int) -> Kept:
    """The same where the running clocks were read before; one query."""
    in_time = Q(answered_at__lte=F("due_at"))
    found = incident.updates_due.aggregate(
        on_time=Count("pk", filter=in_time),
        late=Count("pk", filter=Q(answered_at__gt=F("due_at"))),
        missed=Count("pk", filter=Q(answered_at=None)),
    )
    return Kept(**found, running_late=running_late)


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
    changed, missed = [], []
    for audience, clock in sorted(clocks.items()):
        said = last.get(audience)
        due_at = _due_at(incident, cadences.get(audience, Cadence()), said)
        due_at = due_at and max(due_at, min(clock.due_at or at, at))
        if due_at == clock.due_at:
            continue
        # A level that falls does not wash away what was late under the one before.
        if clock.due_at and clock.due_at < at and not (said and said.published_at == at):
            missed.append(_was_due(clock, clock.due_at))
        clock.due_at = due_at
        changed.append(clock)
    if changed:
        policy = policies.of(NudgePolicy.What.UPDATE)
        for clock in changed:
            nudges.schedule(clock, policy, at=at)
    _write(changed, actor, at=at)
    _miss(missed)


def stop_clocks(
    incident: Incident,
    *,
    actor: Person | None = None,
    is_void: bool = False,
    at: datetime,
) -> None:
    """No update is owed any more; each may still be published.

    What was due before the incident was resolved, and never said, is kept as missed; not where
    it was none (`is_void`).
    """
    clocks = list(incident.update_clocks.exclude(due_at=None))
    until = min(incident.resolved_at or at, at)
    missed = [_was_due(one, one.due_at) for one in clocks if one.due_at and one.due_at < until]
    for clock in clocks:
        nudges.end(clock)
    _write(clocks, actor, at=at)
    _miss([] if is_void else missed)


def _was_due(
    clock: UpdateClock,
    due_at: datetime,
    *,
    answered_at: datetime | None = None,
    update: Update | None = None,
) -> UpdateDue:
    return UpdateDue(
        incident_id=clock.incident_id, audience=clock.audience, due_at=due_at,
        answered_at=answered_at, update=update,
    )  # fmt: skip


def _miss(rows: list[UpdateDue]) -> None:
    if rows:
        UpdateDue.objects.bulk_create(rows)


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


def _duplicates(incident: Incident) -> list[int]:
    merged = incident.linked_from.filter(kind=IncidentLink.Kind.DUPLICATE)
    return list(merged.values_list("incident", flat=True))


def _last_published(incidents: Sequence[int]) -> dict[str, Update]:
    """The latest published update of each audience; what one customer was told is not everybody's."""
    published = Update.objects.filter(
        incident__in=incidents, status=Update.Status.PUBLISHED, customer=None
    )
    return {update.audience: update for update in published.order_by("published_at", "pk")}
