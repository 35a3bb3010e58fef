"""Engaging counsel: who was reached, when, and whether within the hour."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from incidents.models.calendar import today
from incidents.models.incident import Assignment, Incident
from incidents.models.legal import LegalClock
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import (
    composing,
    legal,
    moves,
    records,
    standing,
    taking,
    timeline,
    words,
)
from incidents.rules.reasons import Reason, Refused
from incidents.rules.roles import COUNSEL


def engage_counsel(
    incident: Incident,
    *,
    person: Person,
    how: str,
    engaged_at: datetime | None = None,
    actor: Person,
    at: datetime,
) -> LegalClock:
    """Keep who of counsel was reached and when (`at` unless given); the counsel clock stops.

    The person takes the role here while the incident is open, relieving who held it. Who was
    there before the clock started was there in time: it counts from its start. Late without more:
    `how` is the reason kept. Refuses `no_counsel_clock`, `counsel_engaged` the second time,
    `not_counsel`, and whom a role held here excludes. Invalid without `how`, or in the future.
    """
    with taking.judged(), transaction.atomic():
        standing.lock(incident)
        giver = standing.require("engage_counsel", incident, actor, at=at)
        clock = _running(incident)
        how = words.required(how, "how", "Write how they were reached, and what they said.")
        reached_at = timeline.happened(engaged_at, at, "engaged_at")
        _require_counsel(incident, person, at)
        ended = _give_role(incident, person, how, actor=actor, at=at)
        settled_at = max(reached_at, clock.started_at or reached_at)
        in_time = clock.due_at is None or settled_at < clock.due_at
        legal.settle(
            [clock],
            LegalClock.Outcome.MET if in_time else LegalClock.Outcome.LATE,
            settled_at=settled_at,
            answer=f"{person} was engaged. {how}",
            late_reason="" if in_time else how,
            actor=actor,
            at=at,
        )
        text = standing.signed(f"Counsel engaged: {person}, {moves.clock(reached_at)}", giver)
        timeline.record(incident, text, at=at, author=actor, happened_at=reached_at)
        records.audit(
            "engage_counsel", incident, actor=actor, at=at,
            person=person.username, engaged_at=reached_at, in_time=in_time, how=how,
            ended=ended, **standing.on_behalf(giver),
        )  # fmt: skip
    return clock


def engaged(clock: LegalClock) -> Reason | None:
    """Why there is nothing to engage any more; None while the clock runs."""
    if clock.settled_at is None:
        return None
    message = (
        f"Counsel was engaged at {moves.clock(clock.settled_at)}, {clock.settled_by} recorded it: "
        "assign the role if somebody else takes it now."
    )
    return Reason("counsel_engaged", message)


def _running(incident: Incident) -> LegalClock:
    """The counsel clock, locked and read anew."""
    rows = incident.legal_clocks.select_for_update(of=("self",)).select_related("settled_by")
    clock = rows.filter(kind=legal.COUNSEL_CLOCK).first()
    if clock is None:
        message = (
            "Nothing recorded so far asks for counsel within the hour: record what is known, or "
            "assign the role."
        )
        raise Refused.because("no_counsel_clock", message)
    if reason := engaged(clock):
        raise Refused(reason)
    return clock


def _holds(incident: Incident, person: Person) -> bool:
    held = standing.held(incident)
    return any(one.person_id == person.pk and one.role_id == COUNSEL for one in held)


def _require_counsel(incident: Incident, person: Person, at: datetime) -> None:
    able = person.qualifications.valid(today(at)).filter(role=COUNSEL)
    if _holds(incident, person) or (person.is_active and able.exists()):
        return
    message = (
        f"{person} is not counsel: name somebody qualified, or have the role assigned to them "
        "first, with the reason."
    )
    raise Refused.because("not_counsel", message, "person")


def _give_role(
    incident: Incident, person: Person, how: str, *, actor: Person, at: datetime
) -> list[str]:
    """Whoever was reached is counsel from now on; the roles that ended by it."""
    if not incident.is_open or _holds(incident, person):
        return []
    role = Role.objects.get(pk=COUNSEL)
    held: Sequence[Assignment] = taking.held(incident)
    taking.check(incident, role, person, held, at=at)
    leaving = taking.leaving(held, role.slug, person)
    taken = taking.take(
        incident, role, person, leaving, reason=f"Engaged as counsel: {how}",
        actor=actor, at=at,
    )  # fmt: skip
    composing.compose(taking.messages(taken, leaving), at=at)
    return taking.ended(leaving)
