"""What the passing of time asks: updates and notices owed, questions and changes undecided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from incidents.models import (
    Incident,
    LegalClock,
    NoticeClock,
    NudgePolicy,
    UpdateClock,
)
from incidents.operations import (
    decision,
    digest,
    fallback,
    legal_telling,
    matrix_review,
    moves,
    notices,
    nudges,
    obligations,
    once,
    paging,
    policies,
    severity,
    standby,
    subscribers,
    suggestions,
    watchdog,
)
from incidents.operations.composing import Message, page_of
from incidents.operations.escalation import called
from incidents.operations.recipients import Recipients, Told, holders, holding, reachable
from incidents.rules import roles
from incidents.rules.legal_clocks import COUNSEL
from incidents.rules.nudges import NOTICE, DueStep
from incidents.rules.phases import OPEN_STATES
from incidents.rules.policy import Policy

_TITLE = 90  # characters
Clock = UpdateClock | LegalClock | NoticeClock


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Remind of what is due at this instant; `say` hears one line an act."""
    paging.sweep(at, say)
    _clocks(at, say)
    standby.sweep(at, say)
    suggestions.sweep(at, say)
    matrix_review.sweep(at, say)
    decision.sweep(at, say)
    severity.sweep(at, say)
    once.forget(at)
    subscribers.forget_unconfirmed(at)
    fallback.sweep(at, say)
    obligations.sweep(at, say)
    digest.sweep(at, say)
    watchdog.sweep(at, say)


def _clocks(at: datetime, say: nudges.Say | None) -> None:
    clerk = Clerk(at)
    updates = UpdateClock.objects.filter(incident__state__in=OPEN_STATES)
    asked = LegalClock.objects.filter(settled_at=None)
    nudges.sweep(
        updates.select_related("incident__level").prefetch_related(holding("incident")),
        clerk.updates, clerk.update_messages, at=at,
        say=say, called=lambda clock: f"{clock.audience} update of {clock.incident.reference}",
    )  # fmt: skip
    for rows, policy in (
        (asked.filter(kind=COUNSEL), clerk.questions),
        (asked.exclude(kind=COUNSEL), clerk.duties),
    ):
        nudges.sweep(
            rows.select_related("incident__level").prefetch_related(holding("incident")),
            policy, clerk.legal_messages, at=at, say=say,
            called=lambda clock: f"legal clock {clock.kind} of {clock.incident.reference}",
        )  # fmt: skip
    owed = notices.still_open(NoticeClock.objects.all())
    nudges.sweep(
        owed.select_related("incident__level").prefetch_related(holding("incident")),
        clerk.notices, clerk.notice_messages, at=at,
        say=say, called=lambda clock: f"notice to {clock.clause} of {clock.incident.reference}",
    )  # fmt: skip


@dataclass
class Clerk:
    """Writes the reminders of one sweep."""

    at: datetime
    updates: Policy = field(default_factory=lambda: policies.of(NudgePolicy.What.UPDATE))
    questions: Policy = field(default_factory=lambda: policies.of(NudgePolicy.What.LEGAL_CLOCK))
    duties: Policy = field(default_factory=lambda: policies.of(NudgePolicy.What.LEGAL_DUTY))
    notices: Policy = field(
        default_factory=lambda: policies.of(NudgePolicy.What.CUSTOMER_NOTICE)
    )
    desk: Recipients = field(default_factory=Recipients)

    def messages(self, clock: Clock, step: DueStep) -> Iterator[Message]:
        """Whatever the clock is about."""
        if isinstance(clock, UpdateClock):
            return self.update_messages(clock, step)
        if isinstance(clock, LegalClock):
            return self.legal_messages(clock, step)
        return self.notice_messages(clock, step)

    def update_messages(self, clock: UpdateClock, step: DueStep) -> Iterator[Message]:
        """Its owner is who speaks: the communications lead, or who stands in."""
        incident = clock.incident
        speakers = self._first(incident, roles.COMMUNICATIONS, roles.COMMANDER)
        told = self.desk.told(step.step, owner=speakers, incident=incident)
        wanted = f"publish the {clock.audience} update"
        why = (
            f"The next {clock.audience} update is due at {_instant(clock)}. Draft it, let another "
            "person approve it, and publish it: the clock starts anew by itself."
        )
        return (self._message(self.updates, clock, step, each, wanted, why) for each in told)

    def legal_messages(self, clock: LegalClock, step: DueStep) -> Iterator[Message]:
        """Its owner is counsel, or who stands in; of a duty privacy before command.

        Where the law has no number, our own target wakes nobody and is not repeated.
        """
        incident = clock.incident
        stand_ins: tuple[str, ...]
        if clock.kind == COUNSEL:
            law, stand_ins = self.questions, (roles.COUNSEL, roles.COMMANDER)
            wanted = "engage counsel"
            why = (
                f"{clock.basis}\n\nCounsel is to be engaged by {_instant(clock)}. Reach somebody "
                "and record whom, or have the role assigned."
            )
        elif not clock.is_fixed and step.is_repeat:
            return iter(())
        else:
            law, stand_ins = self.duties, (roles.COUNSEL, roles.PRIVACY, roles.COMMANDER)
            wanted = f"file “{_short(clock.title)}”"
            why = legal_telling.reminder(clock)
            step = step if clock.is_fixed else _gently(step)
        owner = self._first(incident, *stand_ins)
        told = self.desk.told(step.step, owner=owner, incident=incident)
        return (self._message(law, clock, step, each, wanted, why) for each in told)

    def notice_messages(self, clock: NoticeClock, step: DueStep) -> Iterator[Message]:
        """Its owner is who speaks, as of an update; whom to call there stands on the page alone."""
        incident, clause = clock.incident, clock.clause
        speakers = self._first(incident, roles.COMMUNICATIONS, roles.COMMANDER)
        told = self.desk.told(step.step, owner=speakers, incident=incident)
        wanted = f"give {clause.customer} the notice that “{clause.title}” promises"
        why = (
            f"By {moves.clock(clock.due_at or self.at)}. It must say: {clause.content}\n\n"
            "Publish an update to them, or tell them otherwise and record it."
        )
        return (self._message(self.notices, clock, step, each, wanted, why) for each in told)

    def _first(self, incident: Incident, *wanted: str) -> Sequence[Told]:
        """Those of the first role that somebody holds who can be written to; else leadership."""
        found = (holders(incident, role) for role in wanted)
        return next(filter(None, found), None) or list(
            reachable(self.desk.leadership(incident))
        )

    def _message(
        self, law: Policy, clock: Clock, step: DueStep, told: Told, wanted: str, why: str
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
            **policies.manner(law, step.step),
        )


def _short(title: str) -> str:
    """No longer than a subject can bear."""
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"


def _gently(step: DueStep) -> DueStep:
    return replace(step, step=replace(step.step, priority=NOTICE))


def _level(incident: Incident) -> str:
    return incident.level.name if incident.level else "not classified"


def _standing(clock: Clock, at: datetime) -> str:
    late = clock.due_at is not None and at >= clock.due_at
    return "LATE" if late else "due soon"


def _instant(clock: Clock) -> str:
    return f"{clock.due_at.astimezone(UTC):%H:%M} UTC" if clock.due_at else "once"
