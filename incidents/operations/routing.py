"""Routing: what an act owes to those its line of the matrix consults and informs, and its record.

Every operation of a bound act calls `waiting.require_consulted` before it writes and `performed`
right before its audit line. Without a pinned matrix, or a line bound to the act, nothing happens.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from incidents.models.adherence import Consultation, Performance
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import (
    composing,
    escalation,
    moves,
    pinned,
    reaching,
    standing,
    waiting,
)
from incidents.operations.composing import Message
from incidents.operations.escalation import Told
from incidents.rules import routing as rules
from incidents.rules.acts import ACTS
from incidents.rules.raci import Activity
from incidents.rules.roles import COMMANDER, DEPUTY
from incidents.rules.routing import Asked
from incidents.rules.verbs import ANYBODY, VERBS


def performed(
    incident: Incident,
    act: str,
    *,
    actor: Person,
    at: datetime,
    done_at: datetime | None = None,
    phase: str = "",
    note: str = "",
    told: Iterable[Person] = (),
    held: Sequence[Told] | None = None,
) -> Performance | None:
    """An act was done in `phase` (else the present one): tell whom it concerns, keep who did it.

    `told` have heard of it already, `held` are those with a role here where the caller knows.
    """
    activity = pinned.governing(incident, act, phase=phase)
    if activity is None:
        return None
    done = Done(incident, activity, ACTS[act].verb, actor, at, done_at or at, note)
    return done.keep(told, held)


@dataclass(frozen=True, slots=True)
class Done:
    """One line of the matrix that was done."""

    incident: Incident
    activity: Activity
    verb: str  # "" where somebody ticks it off
    actor: Person
    at: datetime
    done_at: datetime
    note: str = ""

    def keep(
        self, told: Iterable[Person] = (), held: Sequence[Told] | None = None
    ) -> Performance:
        """Write who did it and where it departs; tell those consulted too late, and the informed."""
        held = reaching.holders(self.incident) if held is None else held
        known = [*told, self.actor]
        asked = self._asked_before()
        objectors = [] if asked else self._reached(self.activity.consulted, held, known)
        row = self._write(held, asked, is_told_at_once=bool(objectors))
        known += [person for person, _ in objectors]
        informed = self._reached(self.activity.informed, held, known)
        messages = [*self._object_now(row, objectors), *self._inform(row, informed)]
        if messages:
            composing.compose(messages, at=self.at)
        return row

    def _asked_before(self) -> Consultation | None:
        if not self.activity.consulted:
            return None
        return waiting.last_consultation(self.incident, self.activity)

    def _reached(
        self, roles: Iterable[str], held: Sequence[Told], known: Sequence[Person]
    ) -> list[Told]:
        return reaching.others(reaching.reach(self.incident, roles, held, at=self.at), *known)

    def _write(
        self, held: Sequence[Told], asked: Consultation | None, *, is_told_at_once: bool
    ) -> Performance:
        own = {role for person, role in held if person.pk == self.actor.pk}
        is_anybodys = bool(self.verb) and VERBS[self.verb].roles == (ANYBODY,)
        stands_in = set() if is_anybodys else self._stands_in(own, held)
        role = rules.role_taken(self.activity, own, stands_in)
        waived = asked.at_once_because if asked else ""
        departures = rules.departures(
            self.activity,
            role=role,
            is_anybodys=is_anybodys,
            asked=self._how_asked(own, asked, is_told_at_once=is_told_at_once),
            due_at=self._due_at(),
            done_at=self.done_at,
        )
        is_explained = any(one.code == rules.NOT_WAITED_FOR for one in departures)
        return Performance.objects.create(
            incident=self.incident,
            activity_id=pinned.key_of(self.incident, self.activity),
            verb=self.verb,
            done_by=self.actor,
            role_id=role or None,
            done_at=self.done_at,
            note=self.note,
            departures=[asdict(one) for one in departures],
            reason=waived if is_explained else "",
            reason_by=asked.asked_by if asked and is_explained else None,
        )

    def _how_asked(
        self, own: set[str], asked: Consultation | None, *, is_told_at_once: bool
    ) -> Asked:
        """Those the line does not wait for are asked by being told at once."""
        if not self.activity.consulted or own.intersection(self.activity.consulted):
            return Asked.NOBODY
        if asked:
            open_ones = any(one.answered_at is None for one in asked.advice.all())
            cut_short = bool(asked.at_once_because) and open_ones
            return Asked.NOT_WAITED_FOR if cut_short else Asked.IN_TIME
        waits = self.activity.proceed_after is not None
        return Asked.IN_TIME if is_told_at_once and not waits else Asked.NOT_ASKED

    def _due_at(self) -> datetime | None:
        """Its target; what is done again has none."""
        due_at = rules.due_at(self.activity, self.incident.declared_at)
        if due_at is None or self.done_at <= due_at:
            return due_at
        key = pinned.key_of(self.incident, self.activity)
        before = Performance.objects.filter(incident=self.incident, activity=key)
        return None if before.exists() else due_at

    def _stands_in(self, own: set[str], held: Sequence[Told]) -> set[str]:
        """The roles this person acts in without holding them: delegated, or held by nobody."""
        acting = {*self.activity.accountable, *self.activity.responsible}
        if acting & own:
            return set()
        delegated = standing.delegated(self.incident, self.actor, self.activity.act, at=self.at)
        stands_in = not own.isdisjoint((COMMANDER, DEPUTY)) or self.actor.has_perm(
            standing.LEAD
        )
        return delegated | (acting - {role for _, role in held} if stands_in else set())

    def _object_now(self, row: Performance, told: Sequence[Told]) -> Iterator[Message]:
        activity = self.activity
        return reaching.by_role(
            self.incident, told, key=f"consulted:{row.pk}", kind="consulted",
            subject=f"{self.actor}: {activity.name} (object now)", priority=escalation.PAGE,
            what=self._what(),
            why=f"You are consulted as {{role}}: {self._line()}. It did not wait for you. If you "
            "object, say so to the commander now.",
        )  # fmt: skip

    def _inform(self, row: Performance, told: Sequence[Told]) -> Iterator[Message]:
        return reaching.by_role(
            self.incident, told, key=f"informed:{row.pk}", kind="informed",
            subject=f"{self.actor}: {self.activity.name}",
            what=self._what(), why=f"You are told as {{role}}: {self._line()}.",
        )  # fmt: skip

    def _what(self) -> str:
        label = VERBS[self.verb].label if self.verb else "Marked done"
        said = f"{self.actor}: {label}, {moves.clock(self.done_at)}."
        return f"{said}\n{self.note}" if self.note else said

    def _line(self) -> str:
        return f"the matrix says so in “{self.activity.name}” ({self.activity.phase})"
