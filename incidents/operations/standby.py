"""The deputy stands by: a commander who does not answer in time loses command to the deputy.

Whoever was deactivated, or went away while commanding, counts as not answering at once. Where no
deputy can take over, leadership is told. Source: FEMA ICS (a deputy is able to take command at
any time).
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.models.commanding import CommandCall
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.records import AuditEvent
from incidents.models.roles import Absence
from incidents.operations import (
    answering,
    composing,
    escalation,
    moves,
    records,
    standing,
    taking,
    timeline,
)
from incidents.operations.composing import Message
from incidents.operations.nudges import Say
from incidents.rules.handover import to_the_second
from incidents.rules.phases import OPEN_STATES
from incidents.rules.reasons import Reason, Refused
from incidents.rules.roles import COMMANDER, DEPUTY

BATCH = 200
# A call that cannot be settled is looked at again then, so that it cannot hold up the others.
TRY_AGAIN_AFTER = timedelta(minutes=10)
_Outcome = CommandCall.Outcome

logger = logging.getLogger(__name__)


@transaction.atomic
def call_commander(incident: Incident, *, actor: Person, at: datetime) -> CommandCall | None:
    """Page the commander; not answered within the minutes of the level, the deputy takes over.

    Called a second time while the first call waits, nothing is done. None where the level names
    no minutes. Refuses `nobody_commands`, and `calls_himself`.
    """
    standing.lock(incident)
    standing.require("call_commander", incident, actor)
    command = _called_upon(incident, actor)
    waiting = answering.waiting(command)
    call = waiting or answering.ask(command, asked_by=actor, at=at)
    new = composing.compose_counted(_called(incident, command, call, actor, at), at=at)
    if waiting and not new:
        return waiting
    until = f": answer by {moves.clock(call.due_at)}" if call else ""
    text = f"{actor} calls the commander {command.person}{until}"
    timeline.record(incident, text, at=at, author=actor)
    records.audit(
        "call_commander", incident, actor=actor, at=at,
        commander=command.person.username, due_at=call.due_at if call else None,
    )  # fmt: skip
    return call


def sweep(at: datetime, say: Say | None = None) -> None:
    """Settle the calls nobody answered in time, and command whose holder is gone."""
    due = CommandCall.objects.filter(outcome=_Outcome.OPEN, due_at__lte=at)
    first = due.order_by("due_at", "pk").values_list("pk", "assignment__incident")
    for call, incident in first[:BATCH]:
        _settle(incident, partial(_unanswered, call, at), at, say)
    for command, incident in _gone(at).values_list("pk", "incident")[:BATCH]:
        _settle(incident, partial(_left, command, at), at, say)


@dataclass(frozen=True, slots=True)
class Silence:
    """A commander who does not answer: why command should pass on."""

    call: CommandCall
    why: str

    @property
    def command(self) -> Assignment:
        """What is held in silence."""
        return self.call.assignment


def _settle(
    incident: int,
    find: Callable[[], Silence | None],
    at: datetime,
    say: Say | None,
) -> None:
    """One incident in one transaction; left to the next sweep where somebody acts on it now."""
    try:
        with transaction.atomic():
            free = Incident.objects.select_for_update(skip_locked=True).filter(pk=incident)
            silence = find() if free.first() else None
            line = _pass_on(silence, at) if silence else ""
    except Exception as error:  # whatever one incident does, the others must be settled
        # The error's own text may quote what people wrote: only its kind is logged.
        logger.error("command call of incident %s failed: %s", incident, type(error).__name__)
        rows = CommandCall.objects.filter(assignment__incident=incident)
        late = rows.filter(outcome=_Outcome.OPEN, due_at__lte=at)
        late.update(due_at=at + TRY_AGAIN_AFTER)
    else:
        if line and say:
            say(line)


def _unanswered(key: int, at: datetime) -> Silence | None:
    """None where the call was answered: said so, by any act, or because command moved."""
    rows = CommandCall.objects.select_related("assignment__person", "assignment__incident")
    call = rows.filter(pk=key, outcome=_Outcome.OPEN).first()
    if call is None:
        return None
    command = call.assignment
    if command.ended_at is not None or not command.incident.is_open:
        _end(call, _Outcome.ENDED, at)
        return None
    if _has_acted(command, call.asked_at):
        _end(call, _Outcome.ANSWERED, at)
        return None
    since = moves.clock(call.asked_at)
    return Silence(call, f"{command.person} was asked to answer at {since} and did not")


def _gone(at: datetime) -> QuerySet[Assignment]:
    """Commands whose holder is deactivated, or went away since taking it."""
    here = Assignment.objects.commanding().filter(incident__state__in=OPEN_STATES)
    # Who was away when command was given to them was given it knowingly.
    begun = Absence.objects.covering(at).filter(starts_at__gte=OuterRef("assigned_at"))
    is_away = Exists(begun.filter(person=OuterRef("person")))
    return here.filter(Q(person__is_active=False) | is_away).order_by("pk")


def _left(key: int, at: datetime) -> Silence | None:
    """None where the commander acts all the same, or where leadership was told already."""
    command = _gone(at).select_related("person", "incident").filter(pk=key).first()
    if command is None:
        return None
    person, why = command.person, f"{command.person} is deactivated"
    if person.is_active:
        absences = Absence.objects.covering(at).filter(person=person)
        began = absences.filter(starts_at__gte=command.assigned_at).latest("starts_at")
        if _has_acted(command, began.starts_at):
            return None
        why = f"{person} is away until {moves.clock(began.ends_at)}"
    told = command.calls.filter(outcome=_Outcome.NOBODY).first()
    if told and told.ended_at and not _has_acted(command, told.ended_at):
        return None
    call = answering.waiting(command) or CommandCall.objects.create(
        assignment=command, asked_at=at, due_at=at
    )
    return Silence(call, why)


def _has_acted(command: Assignment, since: datetime) -> bool:
    """Whoever acts on the incident is there, whatever the act."""
    acts = AuditEvent.objects.filter(
        subject_type=Incident._meta.label_lower, subject_id=str(command.incident_id)
    )
    return acts.filter(actor=command.person_id, at__gte=since).exists()


def _pass_on(silence: Silence, at: datetime) -> str:
    """To the deputy if there is one who can command, else to leadership's attention."""
    held = taking.held(silence.command.incident)
    deputy = taking.holder(DEPUTY, held)
    try:
        # A savepoint: what the database refuses leaves the rest of the transaction whole.
        with taking.judged(), transaction.atomic():
            return _take_over(silence, _able(silence.command, deputy, held, at), held, at)
    except Refused as refused:
        return _tell_leadership(silence, refused.reasons, held, at)


def _able(
    command: Assignment, deputy: Assignment | None, held: Sequence[Assignment], at: datetime
) -> Person:
    """The deputy, who may take command now; Refused with every reason."""
    if deputy is None:
        raise Refused.because("no_deputy", "Nobody is deputy commander here.")
    person = deputy.person
    found = taking.objections(command.incident, command.role, person, held, at=at)
    if person.absences.covering(at).exists():
        found.append(Reason("away", f"{person} is away."))
    if found:
        raise Refused(*found)
    return person


def _take_over(
    silence: Silence, deputy: Person, held: Sequence[Assignment], at: datetime
) -> str:
    old, incident = silence.command, silence.command.incident
    _end(silence.call, _Outcome.TAKEN_OVER, at)
    leaving = taking.leaving(held, COMMANDER, deputy)
    reason = f"Deputy; {silence.why}"
    taken = taking.take(incident, old.role, deputy, leaving, reason=reason, actor=None, at=at)
    answering.given(taken, by=None, at=at)
    text = f"{deputy}, deputy, commands from {to_the_second(taken.assigned_at)}: {silence.why}"
    timeline.record(incident, text, at=taken.assigned_at)
    composing.compose(_told_taken_over(taken, old, held, text), at=at)
    records.audit(
        "take_over", incident, actor=None, at=at, previous=old.person.username,
        to=deputy.username, why=silence.why, moved_at=taken.assigned_at,
        ended=taking.ended(leaving),
    )  # fmt: skip
    return f"{incident.reference}: {deputy} took over command from {old.person}"


def _tell_leadership(
    silence: Silence, reasons: Sequence[Reason], held: Sequence[Assignment], at: datetime
) -> str:
    incident = silence.command.incident
    _end(silence.call, _Outcome.NOBODY, at)
    why = " ".join(reason.message for reason in reasons)
    text = f"Nobody answers for command. {silence.why}. No deputy takes over: {why}"
    timeline.record(incident, text, at=at)
    body = f"{text}\n\nAssign somebody who commands, now."
    told = [*escalation.leadership(incident), *((one.person, one.role_id) for one in held)]
    composing.compose(
        escalation.about(
            incident, told, key=f"nobody-answers:{silence.call.pk}", kind="nobody-answers",
            subject="NOBODY answers for command", body=body, priority=escalation.PAGE,
        ),
        at=at,
    )  # fmt: skip
    records.audit(
        "command_unanswered", incident, actor=None, at=at,
        commander=silence.command.person.username, why=silence.why,
        reasons=[reason.code for reason in reasons],
    )  # fmt: skip
    return f"{incident.reference}: nobody answers for command, and nobody takes over"


def _called_upon(incident: Incident, actor: Person) -> Assignment:
    command = taking.holder(COMMANDER, taking.held(incident))
    if command is None:
        message = "Nobody commands this incident: have leadership assign somebody."
        raise Refused.because("nobody_commands", message)
    if command.person_id == actor.pk:
        message = "You command here: whatever you do next shows that you are there."
        raise Refused.because("calls_himself", message)
    return command


def _end(call: CommandCall, outcome: str, at: datetime) -> None:
    call.outcome, call.ended_at = outcome, at
    call.save(update_fields=["outcome", "ended_at"])


def _called(
    incident: Incident,
    command: Assignment,
    call: CommandCall | None,
    actor: Person,
    at: datetime,
) -> Iterator[Message]:
    until = ""
    if call:
        until = f" Answer by {moves.clock(call.due_at)}, else the deputy takes over."
    return escalation.about(
        incident, [(command.person, COMMANDER)], kind="command-call",
        key=f"command-call:{call.pk if call else f'{command.pk}:{at.isoformat()}'}",
        subject=f"{actor} asks whether you are there",
        body=f"{actor} calls you as commander.{until} Say “I am here”, or act on the incident.",
        priority=escalation.PAGE,
    )  # fmt: skip


def _told_taken_over(
    taken: Assignment, old: Assignment, held: Sequence[Assignment], text: str
) -> Iterator[Message]:
    """Pages to the deputy and the former commander; everybody else here and leadership hear."""
    incident, key = taken.incident, f"taken-over:{taken.pk}"
    yield from taking.messages(taken, ())
    both = (taken.person_id, old.person_id)
    others = [(one.person, one.role_id) for one in held if one.person_id not in both]
    for told, priority in (
        ([(old.person, COMMANDER)], escalation.PAGE),
        ([*others, *escalation.leadership(incident)], escalation.NOTICE),
    ):
        yield from escalation.about(
            incident, told, key=key, kind="taken-over",
            subject=f"{taken.person} commands, in place of {old.person}", body=text,
            priority=priority,
        )  # fmt: skip
