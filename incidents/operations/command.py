"""Command and the other roles of a running incident: acknowledged, assigned, handed over."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import (
    escalation,
    records,
    routing,
    staffing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.operations.moves import provenance
from incidents.operations.records import Message
from incidents.rules.phases import State
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    SCRIBE,
)

# Of these an incident has one; whoever takes such a role relieves whoever held it.
SINGLE = frozenset({COMMANDER, DEPUTY, COMMUNICATIONS, SCRIBE, COUNSEL})


def acknowledge(incident: Incident, *, actor: Person, at: datetime) -> Incident:
    """Begin command: detection becomes triage. Of two at once, the second is told `wrong_state`."""
    with transaction.atomic():
        standing.lock(incident)
        standing.require("acknowledge", incident, actor)
        waiting.require_consulted(incident, "assign_commander", actor=actor, at=at)
        incident.state = State.TRIAGE
        incident.acknowledged_at = at
        _set_by(incident, "acknowledged_at", actor)
        incident.save(update_fields=["state", "acknowledged_at", "provenance"])
        timeline.record(incident, "Acknowledged: triage begins", at=at, author=actor)
        routing.performed(
            incident, "assign_commander", actor=actor, at=at, phase=State.DETECTION
        )
        records.audit("acknowledge", incident, actor=actor, at=at)
    return incident


def assign(
    incident: Incident,
    *,
    role: Role,
    person: Person,
    reason: str,
    service: Service | None = None,
    actor: Person,
    at: datetime,
) -> Assignment:
    """Give a role to somebody active, relieving who held it where there is one holder only.

    A commander must be qualified; anybody else unqualified needs a reason. Refuses who commands
    another incident, a commander with another role here, and what the person holds already.
    A domain owner answers for one service: Invalid `service_missing` where several have none.
    """
    with _judged(), transaction.atomic():
        standing.lock(incident)
        standing.require("assign", incident, actor)
        held = _held(incident)
        _check_service(incident, service)
        service = service or _only_gap(incident, role)
        _check(incident, role.slug, person, held, service=service, at=at)
        reason = words.optional(reason, "reason") or _own_reason(
            role, person, service, actor, at
        )
        leaving = _leaving(held, role.slug, person, service)
        taken = _take(
            incident, role, person, leaving, reason=reason, service=service, actor=actor, at=at
        )
        text = f"{person} is {role.name}{f' for {service}' if service else ''}: {reason}"
        timeline.record(incident, text, at=taken.assigned_at, author=actor)
        records.compose(_messages(taken, leaving), at=at)
        records.audit(
            "assign", incident, actor=actor, at=at, role=role.slug, person=person.username,
            service=service.slug if service else None, reason=reason, ended=_ended(leaving),
        )  # fmt: skip
    return taken


def hand_over(
    incident: Incident, *, to: Person, note: str, actor: Person, at: datetime
) -> Assignment:
    """Move command in one instant: no gap, no overlap. The note says what the next must know.

    A deputy who takes command leaves the deputy's role.
    """
    with _judged(), transaction.atomic():
        standing.lock(incident)
        standing.require("hand_over", incident, actor)
        waiting.require_consulted(incident, "hand_over", actor=actor, at=at)
        ask = "Say what the next commander must know: where we stand, what comes next."
        note = words.required(note, "note", ask)
        held = _held(incident)
        old = next(one for one in held if one.role_id == COMMANDER)
        _check(incident, COMMANDER, to, held, at=at)
        leaving = _leaving(held, COMMANDER, to, None)
        reason = f"Handed over by {old.person}: {note}"
        taken = _take(incident, old.role, to, leaving, reason=reason, actor=actor, at=at)
        text = f"Command handed over from {old.person} to {to}: {note}"
        timeline.record(incident, text, at=taken.assigned_at, author=actor)
        records.compose(_messages(taken, leaving), at=at)
        knowing = [to, *(one.person for one in leaving)]
        before = [(one.person, one.role_id) for one in held]
        routing.performed(
            incident, "hand_over", actor=actor, at=at, note=note, told=knowing, held=before
        )
        records.audit(
            "hand_over", incident, actor=actor, at=at, previous=old.person.username,
            to=to.username, note=note, ended=_ended(leaving),
        )  # fmt: skip
    return taken


@contextmanager
def _judged() -> Iterator[None]:
    """The database is the last judge; its refusal reads as a rule's."""
    try:
        yield
    except IntegrityError as error:
        raise staffing.last_judge(error) from error


def _set_by(incident: Incident, instant: str, actor: Person) -> None:
    incident.provenance[instant] = provenance("auto", actor)


def _held(incident: Incident) -> list[Assignment]:
    return list(incident.assignments.open().select_related("person", "role"))


def _check_service(incident: Incident, service: Service | None) -> None:
    if service and not incident.services.filter(pk=service.pk).exists():
        message = f"{service} is not affected by this incident: choose one of its services."
        raise Invalid.because("service_not_affected", message, "service")


def _only_gap(incident: Incident, role: Role) -> Service | None:
    """The one service without a domain owner, where nobody said which."""
    if role.slug != DOMAIN_OWNER:
        return None
    slugs = [one["service"] for one in incident.unfilled if one["role"] == DOMAIN_OWNER]
    gaps = list(incident.services.filter(slug__in=slugs))
    if len(gaps) > 1:
        message = f"Say of which service: {', '.join(map(str, gaps))} have no domain owner."
        raise Invalid.because("service_missing", message, "service")
    return gaps[0] if gaps else None


def _check(
    incident: Incident,
    role: str,
    person: Person,
    held: Sequence[Assignment],
    *,
    service: Service | None = None,
    at: datetime,
) -> None:
    """Refuse, with every reason at once, a person who may not take this role now."""
    own = [one for one in held if one.person_id == person.pk]
    reasons = [] if person.is_active else [staffing.not_active(person)]
    if any(one.role_id == role and one.service_id == (service and service.pk) for one in own):
        message = f"{person} holds this role already: nothing is left to do."
        reasons.append(Reason("holds_it_already", message, "person"))
    if role == COMMANDER:
        reasons += _objections_to_command(incident, person, own, at)
    elif any(one.role_id == COMMANDER for one in own):
        message = f"{person} commands this incident and takes no other role: choose another."
        reasons.append(Reason("holds_another_role", message, "person"))
    if reasons:
        raise Refused(*reasons)


def _objections_to_command(
    incident: Incident, person: Person, own: Sequence[Assignment], at: datetime
) -> Iterator[Reason]:
    if not person.qualifications.valid(today(at)).filter(role=COMMANDER).exists():
        message = f"{person} is not qualified to command: choose somebody who is."
        yield Reason("not_qualified", message, "person")
    elsewhere = Assignment.objects.commanding().filter(person=person).exclude(incident=incident)
    if other := elsewhere.select_related("incident").first():
        message = (
            f"{person} commands {other.incident.reference}: choose somebody else, or have that "
            "command handed over first."
        )
        yield Reason("commands_another", message, "person")
    if others := [one.role.name for one in own if one.role_id not in (COMMANDER, DEPUTY)]:
        message = (
            f"{person} is {' and '.join(others)} here, and a commander holds no other role: "
            "give that role to somebody else first."
        )
        yield Reason("holds_another_role", message, "person")


def _own_reason(
    role: Role, person: Person, service: Service | None, actor: Person, at: datetime
) -> str:
    """The reason nobody needs to write; Invalid where somebody must."""
    if service and service.owner_id == person.pk:
        return f"Owner of {service}"
    if person.qualifications.valid(today(at)).filter(role=role).exists():
        return f"Qualified as {role.name}; assigned by {actor}"
    message = f"{person} is not qualified as {role.name}: write why it is this person."
    raise Invalid.because("reason_missing", message, "reason")


def _leaving(
    held: Iterable[Assignment], role: str, person: Person, service: Service | None
) -> list[Assignment]:
    """The assignments that end because this person takes this role."""
    return [
        one
        for one in held
        if (one.role_id == role and (role in SINGLE or _is_same_service(one, service)))
        or (role == COMMANDER and one.role_id == DEPUTY and one.person_id == person.pk)
    ]


def _is_same_service(one: Assignment, service: Service | None) -> bool:
    return service is not None and one.service_id == service.pk


def _take(
    incident: Incident,
    role: Role,
    person: Person,
    leaving: Iterable[Assignment],
    *,
    reason: str,
    service: Service | None = None,
    actor: Person,
    at: datetime,
) -> Assignment:
    """End and begin in one instant; strike the role from those nobody held."""
    # Of two acts the second to get the lock may have read its clock first.
    at = max([at, *(one.assigned_at for one in leaving)])
    for one in leaving:
        one.ended_at, one.end_reason = at, f"{person} is {role.name}"[:200]
        one.save(update_fields=["ended_at", "end_reason"])
    taken = Assignment.objects.create(
        incident=incident,
        role=role,
        person=person,
        service=service,
        reason=reason[: staffing.REASON_LENGTH],
        assigned_at=at,
        assigned_by=actor,
    )
    incident.unfilled = [one for one in incident.unfilled if not _answers(taken, one)]
    if role.slug == COMMANDER and incident.commander_assigned_at is None:
        incident.commander_assigned_at = at
        _set_by(incident, "commander_assigned_at", actor)
    incident.save(update_fields=["unfilled", "commander_assigned_at", "provenance"])
    return taken


def _answers(taken: Assignment, unfilled: dict[str, str | None]) -> bool:
    """Whether this assignment fills that gap; without a service it answers for all of them."""
    if unfilled["role"] != taken.role_id:
        return False
    return taken.service is None or unfilled["service"] in (None, taken.service.slug)


def _messages(taken: Assignment, leaving: Iterable[Assignment]) -> Iterator[Message]:
    """To who takes the role, and to everybody it relieves."""
    yield from staffing.told_assigned([taken])
    for one in leaving:
        if one.person_id != taken.person_id:
            yield from escalation.about(
                taken.incident,
                [(one.person, one.role_id)],
                key=f"relieved:{one.pk}",
                kind="relieved",
                subject=f"{taken.person} is {one.role.name} now",
                body=f"You are relieved as {one.role.name}. {taken.reason}",
            )


def _ended(leaving: Iterable[Assignment]) -> list[str]:
    return [f"{one.role_id}: {one.person.username}" for one in leaving]
