"""The watchdog: was everybody called whom the law says, when it says? It trusts no bookkeeping.

It compares what the law owes, by the clock, with the messages that stand in the outbox: not with
what the sweep believes to have done.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max

from incidents.models.calling import EscalationCall
from incidents.models.incident import Incident
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Person
from incidents.models.records import AuditEvent, Heartbeat
from incidents.operations import composing, escalation, moves, nudges
from incidents.operations.composing import Message
from incidents.operations.law import level_law
from incidents.operations.ringing import KIND, key
from incidents.rules.calling import LEADERSHIP, Step
from incidents.rules.roles import NAMES
from incidents.rules.ways import MOST_WAYS

NAME = "watchdog"  # of its heartbeat, and of what it tells
CALLED_WITHIN = timedelta(minutes=2)  # after it was due: a sweep runs every half minute
SENT_WITHIN = timedelta(
    minutes=5
)  # after it was composed: a mail server may be away for a while
_BEGIN_ANEW = ("classify", "reopen")  # with these the steps of the level are owed anew
_SETTLED = (EscalationCall.Ended.ANSWERED, EscalationCall.Ended.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Finding:
    """What should have happened under one step of one open incident and did not."""

    incident: Incident
    step: str
    code: str
    missing: str
    since: datetime
    about: str = ""  # the call, where it is about one

    @property
    def key(self) -> str:
        """The same for the same finding, however often it is found."""
        which = self.about or f"{self.incident.level_id}:{self.step}"
        return f"{NAME}:{self.incident.pk}:{self.code}:{which}"

    @property
    def role(self) -> str:
        """The role of the step, as people call it."""
        return NAMES.get(self.step, self.step)


@dataclass
class _Seen:
    """What there is of the open incidents: since when their level holds, rows, messages."""

    since: Mapping[str, datetime]
    calls: dict[tuple[int, int, str], list[EscalationCall]] = field(
        default_factory=lambda: defaultdict(list)
    )
    messages: dict[str, OutboxMessage] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)  # what stands before the person in older keys


def findings(at: datetime) -> list[Finding]:
    """Everything that is late at this instant, the longest first; four queries at most."""
    rows = Incident.objects.open().exclude(level=None).select_related("level__scheme")
    incidents = list(rows)
    if not incidents:
        return []
    seen = _look(incidents)
    found = [late for incident in incidents for late in _of(incident, seen, at)]
    return sorted(found, key=lambda finding: finding.since)


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Look, tell leadership of each finding once, and note that it looked."""
    late = findings(at)
    leaders = escalation.leaders() if late else []
    told = {finding: list(_messages(finding, leaders)) for finding in late}
    keys = [message.key for some in told.values() for message in some]
    before = OutboxMessage.objects.filter(dedupe_key__in=keys)
    known = set(before.values_list("dedupe_key", flat=True)) if keys else set()
    composing.compose([message for some in told.values() for message in some], at=at)
    for finding, some in told.items():
        if say and any(message.key not in known for message in some):
            say(f"{NAME}: {finding.incident.reference} {finding.role} {finding.missing}")
    Heartbeat.objects.update_or_create(name=NAME, defaults={"at": at})


def _messages(finding: Finding, leaders: Iterable[Person]) -> Iterator[Message]:
    """To leadership; nobody is called to an exercise who does not play in it."""
    if finding.incident.kind == Incident.Kind.EXERCISE:
        return iter(())
    return escalation.about(
        finding.incident,
        [(leader, LEADERSHIP) for leader in leaders],
        key=finding.key,
        kind=NAME,
        subject=f"{finding.role} {finding.missing}",
        body=f"The escalation is late: {finding.role} {finding.missing}, due since "
        f"{moves.clock(finding.since)}. Call by voice, and look at the health page.",
        priority=escalation.PAGE,
    )


def _look(incidents: Sequence[Incident]) -> _Seen:
    about = AuditEvent.objects.filter(
        subject_type=Incident._meta.label_lower,
        subject_id__in=[str(incident.pk) for incident in incidents],
        verb__in=_BEGIN_ANEW,
    )
    last = about.order_by().values_list("subject_id").annotate(last=Max("at"))
    seen = _Seen(dict(last))
    calls = EscalationCall.objects.filter(incident__in=incidents).select_related("person")
    for row in calls.order_by("line", "id"):
        seen.calls[row.incident_id, row.level_id, row.step_id].append(row)
    references = [incident.reference for incident in incidents]
    sent = OutboxMessage.objects.filter(kind=KIND, topic__in=references)
    for message in sent.defer("body"):
        seen.messages[message.dedupe_key] = message
        seen.told.add(message.dedupe_key.rpartition(":")[0])
    return seen


def _of(incident: Incident, seen: _Seen, at: datetime) -> Iterator[Finding]:
    law = level_law(incident.level)
    since = seen.since.get(str(incident.pk), incident.declared_at)
    for step in law.escalation if law else ():
        rows = seen.calls[incident.pk, incident.level_id or 0, step.role]
        due_at = max(incident.declared_at + timedelta(minutes=step.within_minutes), since)
        if due_at + CALLED_WITHIN <= at and not _was_called(incident, step, rows, seen):
            yield Finding(incident, step.role, "not_called", "was not called", due_at)
        for row in rows:
            yield from _of_call(incident, step, row, seen.messages, at)


def _was_called(
    incident: Incident, step: Step, rows: Iterable[EscalationCall], seen: _Seen
) -> bool:
    """A message says so; or that nobody could be found, or somebody answered before, was kept."""
    if any(_is_settled(row) or _of_row(row, seen.messages) for row in rows):
        return True
    # Before calls were rows, a message was all there was.
    code = incident.level.code if incident.level else ""
    return not rows and f"escalation:{incident.reference}:{code}:{step.role}" in seen.told


def _is_settled(row: EscalationCall) -> bool:
    nobody = row.person_id is None and row.ended != EscalationCall.Ended.OPEN
    return nobody or row.ended == EscalationCall.Ended.ANSWERED


def _of_row(row: EscalationCall, messages: Mapping[str, OutboxMessage]) -> OutboxMessage | None:
    return messages.get(key(row)) if row.calls else None


def _status(called: str, messages: Mapping[str, OutboxMessage]) -> str:
    """How far the call got by any way of its person: dead only where each of them is."""
    every = (called, *(f"{called}:way{number}" for number in range(1, MOST_WAYS + 1)))
    found = {messages[each].status for each in every if each in messages}
    order = (OutboxMessage.Status.SENT, OutboxMessage.Status.VOID, OutboxMessage.Status.PENDING)
    return next((one for one in order if one in found), OutboxMessage.Status.DEAD)


def _of_call(
    incident: Incident,
    step: Step,
    row: EscalationCall,
    messages: Mapping[str, OutboxMessage],
    at: datetime,
) -> Iterator[Finding]:
    """What is wrong with the last call of one person."""
    if not row.calls or row.ended in _SETTLED:
        return
    message, about = messages.get(key(row)), key(row)
    called_at = message.created_at if message else row.last_called_at or row.due_at
    if message is None:
        yield Finding(
            incident, step.role, "no_message", f"was called without a message ({row.person})",
            called_at, about,
        )  # fmt: skip
    elif (status := _status(about, messages)) == OutboxMessage.Status.DEAD:
        yield Finding(
            incident, step.role, "dead", f"could not be reached: the message to {row.person} is dead",
            called_at, about,
        )  # fmt: skip
    elif status == OutboxMessage.Status.PENDING and called_at + SENT_WITHIN <= at:
        yield Finding(
            incident, step.role, "not_sent", f"was called, and the message to {row.person} is not sent",
            called_at, about,
        )  # fmt: skip
    if row.ended == EscalationCall.Ended.OPEN and step.repeat_minutes:
        due_at = called_at + timedelta(minutes=step.repeat_minutes)
        if due_at + CALLED_WITHIN <= at:
            missing = f"did not answer and nobody called again or passed it on ({row.person})"
            yield Finding(incident, step.role, "not_repeated", missing, due_at, about)
