"""Paging: who the level's escalation names is called until somebody answers, then the next in line."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from incidents.models.calling import EscalationCall
from incidents.models.commanding import CommandCall
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import AuditEvent
from incidents.models.timeline import TimelineEntry
from incidents.operations import answering, nudges, outbox, records, standing, timeline
from incidents.operations.escalation import Told
from incidents.operations.ringing import KIND, Ended, Round
from incidents.rules.reasons import Reason, Refused

TRY_AGAIN_AFTER = timedelta(minutes=2)

logger = logging.getLogger(__name__)

_NOTHING_WAITS = Reason(
    "no_call_to_answer",
    "No call waits for you here: nothing is left to answer. Add a note if you want to be heard.",
)


def begin(
    incident: Incident, *, at: datetime, held: Iterable[Told] | None = None
) -> list[Person]:
    """Call whom the escalation of its level names: now what is due, the sweep the rest; who they are.

    Whom this level called before it does not call again; calls taken back go on. Who holds what
    is read unless the caller knows (`held`).
    """
    calls = Round(incident, at, held)
    # Whoever declares knows who holds what, and that nobody was called yet.
    rows = _write(calls) if held is None else calls.write(calls.steps.values(), since=at)
    calls.act(rows)
    calls.settle()
    return [row.person for row in rows if row.person and not row.line]


def hasten(incident: Incident, *, why: str, at: datetime) -> list[Person]:
    """Whoever was to be called later is called now, and told why; who was."""
    calls = Round(incident, at, why=why)
    rows = [row for row in _write(calls) if not row.calls and row.ended == Ended.OPEN]
    for row in rows:
        row.due_at = row.next_call_at = at
    calls.act(calls.refresh(rows))
    calls.settle()
    return [row.person for row in calls.called if row.person]


def withdraw(incident: Incident, *, at: datetime) -> int:
    """The level changed or the incident is over: nobody is called any more; how many were to be."""
    outbox.void(topic=incident.reference, kind=KIND, at=at)
    waiting = incident.calls.filter(next_call_at__isnull=False)
    return waiting.update(ended=Ended.WITHDRAWN, next_call_at=None)


@transaction.atomic
def answer_call(incident: Incident, *, actor: Person, at: datetime) -> Incident:
    """This person is here: nobody is called any more for what they were called for.

    Refuses `no_call_to_answer` where no call waits for them, nor for them as commander.
    """
    standing.lock(incident)
    standing.require("answer_call", incident, actor, at=at)
    lines = _waiting_for(incident, actor)
    commands = answering.answered(incident, actor, at=at)
    if not lines and not commands:
        raise Refused(_NOTHING_WAITS)
    for step, line in lines:
        here = incident.calls.filter(step=step, line=line, next_call_at__isnull=False)
        here.update(ended=Ended.ANSWERED, answered_at=at, next_call_at=None)
    timeline.record(incident, f"{actor} is here", at=at, author=actor)
    records.audit(
        "answer_call", incident, actor=actor, at=at,
        steps=[step for step, _ in lines], as_commander=commands,
    )  # fmt: skip
    return incident


def objections(incident: Incident, person: Person) -> tuple[Reason, ...]:
    """Why this person has nothing to answer here; two queries at most."""
    asked = CommandCall.objects.filter(
        outcome=CommandCall.Outcome.OPEN,
        assignment__incident=incident,
        assignment__person=person,
    )
    if _waiting_for(incident, person) or asked.exists():
        return ()
    return (_NOTHING_WAITS,)


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Make every call that is due: first ones, repeated ones, those to the next in line.

    Each incident is a transaction of its own. One that somebody holds is left to the next sweep;
    one that fails is tried again later and stops no other.
    """
    due = EscalationCall.objects.filter(next_call_at__lte=at).order_by("incident")
    for key in list(due.values_list("incident", flat=True).distinct()):
        for line in _try(key, at):
            if say:
                say(line)


def _try(key: int, at: datetime) -> list[str]:
    """Call for one incident; where that fails, later again."""
    try:
        with transaction.atomic():
            return _call(key, at)
    except Exception as error:  # whatever one incident does, the others must be called for
        # The error's own text may quote what the row says of people: only its kind is logged.
        logger.error("calling for incident %s failed: %s", key, type(error).__name__)
        due = EscalationCall.objects.filter(incident=key, next_call_at__lte=at)
        due.update(next_call_at=at + TRY_AGAIN_AFTER)
        return []


def _write(calls: Round) -> list[EscalationCall]:
    """The rows of the level: those of steps that have none made, those taken back opened again."""
    incident = calls.incident
    if not calls.steps:
        return []
    rows = list(incident.calls.filter(level=incident.level).select_related("person"))
    had = {row.step_id for row in rows}
    for row in rows:
        if row.ended == Ended.WITHDRAWN:
            row.ended, row.next_call_at = Ended.OPEN, max(row.due_at, calls.at)
            row.save(update_fields=["ended", "next_call_at"])
    new = [step for role, step in calls.steps.items() if role not in had]
    return [*rows, *(calls.write(new, since=incident.declared_at) if new else [])]


def _call(key: int, at: datetime) -> list[str]:
    """What is due of one incident; lines for whoever listens."""
    rows = Incident.objects.select_for_update(skip_locked=True, of=("self",))
    incident = rows.select_related("level__scheme").filter(pk=key).first()
    if incident is None:
        return []
    due = EscalationCall.objects.due(at).filter(incident=incident).select_related("person")
    waiting = list(due)
    calls = Round(incident, at)
    stale = [row for row in waiting if _is_stale(row, incident)]
    calls.end(stale, Ended.WITHDRAWN)
    lines = _without_answered(calls, [row for row in waiting if row not in stale])
    calls.act(calls.refresh(lines))
    calls.settle()
    if calls.said:
        records.audit("call", incident, actor=None, at=at, said=calls.said)
    return [f"{incident.reference}: {line}" for line in calls.said]


def _is_stale(row: EscalationCall, incident: Incident) -> bool:
    return not incident.is_open or row.level_id != incident.level_id


def _without_answered(calls: Round, rows: list[EscalationCall]) -> list[EscalationCall]:
    """Whoever did anything here since the first call has answered it, and for the whole line."""
    acted = _last_acts(calls.incident, {row.person_id for row in rows if row.calls})
    answered: dict[tuple[str, int], datetime] = {}
    for row in rows:
        done = acted.get(row.person_id)
        if done and row.first_called_at and done > row.first_called_at:
            answered[row.step_id, row.line] = done
    for line, done in answered.items():
        calls.end(
            [row for row in rows if (row.step_id, row.line) == line], Ended.ANSWERED, done
        )
    return [row for row in rows if (row.step_id, row.line) not in answered]


def _last_acts(incident: Incident, people: set[int | None]) -> dict[int | None, datetime]:
    """When each of these last left an audit line or an entry of the timeline; two queries."""
    if not people:
        return {}
    about = Q(subject_type=incident._meta.label_lower, subject_id=str(incident.pk))
    acts = AuditEvent.objects.filter(about, actor__in=people).order_by()
    entries = TimelineEntry.objects.filter(incident=incident, author__in=people).order_by()
    last: dict[int | None, datetime] = dict(acts.values_list("actor").annotate(last=Max("at")))
    for author, at in entries.values_list("author").annotate(last=Max("recorded_at")):
        last[author] = max(at, last.get(author, at))
    return last


def _waiting_for(incident: Incident, person: Person) -> list[tuple[str, int]]:
    """The lines this person stands in of which somebody is still to be called; one query."""
    rows = incident.calls.filter(person=person, next_call_at__isnull=False).order_by("id")
    return list(rows.values_list("step", "line"))
