"""What the passing of time asks: updates owed, legal questions and emergency changes undecided."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Prefetch

from incidents.models import (
    Assignment,
    Incident,
    LegalClock,
    OutboxMessage,
    UpdateClock,
)
from incidents.operations import (
    decision,
    matrix_review,
    nudges,
    once,
    paging,
    severity,
    standby,
    suggestions,
    watchdog,
)
from incidents.operations.composing import Message, page_of
from incidents.operations.escalation import Told, called, leadership
from incidents.rules import roles
from incidents.rules.nudges import LEGAL, OWNER, UPDATE, DueStep
from incidents.rules.phases import OPEN_STATES

# What `compose` reads, in two statements a batch.
NEEDED = (
    Prefetch(
        "incident__assignments",
        Assignment.objects.open().select_related("person").order_by("assigned_at", "pk"),
        to_attr="held",
    ),
)

Clock = UpdateClock | LegalClock


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Remind of what is due at this instant; `say` hears one line an act."""
    paging.sweep(at, say)
    clerk = Clerk(at)
    updates = UpdateClock.objects.filter(incident__state__in=OPEN_STATES)
    answers = LegalClock.objects.filter(answered_at=None)
    nudges.sweep(
        updates.select_related("incident__level").prefetch_related(*NEEDED),
        UPDATE, clerk.update_messages, at=at,
        say=say, called=lambda clock: f"{clock.audience} update of {clock.incident.reference}",
    )  # fmt: skip
    nudges.sweep(
        answers.select_related("incident__level").prefetch_related(*NEEDED),
        LEGAL, clerk.legal_messages, at=at,
        say=say, called=lambda clock: f"legal clock {clock.kind} of {clock.incident.reference}",
    )  # fmt: skip
    standby.sweep(at, say)
    suggestions.sweep(at, say)
    matrix_review.sweep(at, say)
    decision.sweep(at, say)
    severity.sweep(at, say)
    once.forget(at)
    watchdog.sweep(at, say)


@dataclass
class Clerk:
    """Writes the reminders of one sweep."""

    at: datetime
    _leaders: dict[str, list[Told]] = field(default_factory=dict)

    def update_messages(self, clock: UpdateClock, step: DueStep) -> Iterator[Message]:
        """The communications lead, or who stands in; a late step tells the command too."""
        also = (name for name in step.step.to if name != OWNER)
        told = self._speakers(clock.incident) + _holders(clock.incident, *also)
        wanted = f"publish the {clock.audience} update"
        why = (
            f"The next {clock.audience} update is due at {_instant(clock)}. Draft it, let another "
            "person approve it, and publish it: the clock starts anew by itself."
        )
        return (self._message(clock, step, each, wanted, why) for each in _once(told))

    def legal_messages(self, clock: LegalClock, step: DueStep) -> Iterator[Message]:
        """Counsel, the commander and leadership: nobody may say he was not told."""
        incident = clock.incident
        told = _holders(incident, roles.COUNSEL, roles.COMMANDER) + self._leadership(incident)
        wanted = f"answer the legal question “{clock.kind}”"
        why = f"{clock.basis}\n\nAn answer is due at {_instant(clock)}. Record it on the clock."
        return (self._message(clock, step, each, wanted, why) for each in _once(told))

    def _speakers(self, incident: Incident) -> list[Told]:
        """Who must speak: the first there is of communications lead, commander, leadership."""
        return (
            _holders(incident, roles.COMMUNICATIONS)
            or _holders(incident, roles.COMMANDER)
            or self._leadership(incident)
        )

    def _leadership(self, incident: Incident) -> list[Told]:
        """Asked for once a kind of incident: a sweep reads who leads once, not once a clock."""
        if incident.kind not in self._leaders:
            self._leaders[incident.kind] = leadership(incident)
        return self._leaders[incident.kind]

    def _message(
        self, clock: Clock, step: DueStep, told: Told, wanted: str, why: str
    ) -> Message:
        incident, (person, role) = clock.incident, told
        return Message(
            key=nudges.key(clock, step, person),
            kind=f"{clock._meta.model_name}-nudge",
            to=person,
            role=role,
            subject=f"{called(incident)} {_standing(clock, self.at)}: {wanted}",
            body=f"{incident.title}, {incident.state}, {_level(incident)}\n\n{why}",
            link=page_of(incident),
            topic=incident.reference,
            priority=OutboxMessage.Priority.PAGE,
        )


def _level(incident: Incident) -> str:
    return incident.level.name if incident.level else "not classified"


def _standing(clock: Clock, at: datetime) -> str:
    late = clock.due_at is not None and at >= clock.due_at
    return "LATE" if late else "due soon"


def _instant(clock: Clock) -> str:
    return f"{clock.due_at.astimezone(UTC):%H:%M} UTC" if clock.due_at else "once"


def _holders(incident: Incident, *wanted: str) -> list[Told]:
    """Who holds these roles now and can be reached, in this order of roles."""
    held: list[Assignment] = incident.held  # type: ignore[attr-defined]  # prefetched by NEEDED
    return [
        (one.person, role)
        for role in wanted
        for one in held
        if one.role_id == role and one.person.is_active and one.person.email
    ]


def _once(told: Iterable[Told]) -> Iterator[Told]:
    """Each person once, in the role named first."""
    first: dict[int, Told] = {}
    for person, role in told:
        first.setdefault(person.pk, (person, role))
    yield from first.values()
