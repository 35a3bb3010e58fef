"""Command and the other roles of a running incident: acknowledged and assigned."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import (
    answering,
    composing,
    escalation,
    records,
    routing,
    standing,
    taking,
    timeline,
    waiting,
    words,
)
from incidents.operations.moves import begin, provenance
from incidents.rules.handover import to_the_second
from incidents.rules.phases import State
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.roles import COMMANDER, DOMAIN_OWNER


def acknowledge(incident: Incident, *, actor: Person, at: datetime) -> Incident:
    """Begin command: detection becomes triage. Of two at once, the second is told `wrong_state`."""
    with transaction.atomic():
        begin("acknowledge", incident, actor)
        waiting.require_consulted(incident, "assign_commander", actor=actor, at=at)
        incident.state = State.TRIAGE
        incident.acknowledged_at = at
        incident.provenance["acknowledged_at"] = provenance("auto", actor)
        incident.save(update_fields=["state", "acknowledged_at", "provenance"])
        answering.answered(incident, actor, at=at)
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
    commander_seen: str | None = None,
    actor: Person,
    at: datetime,
) -> Assignment:
    """Give a role to somebody active, relieving who held it where there is one holder only.

    A commander must be qualified, and is asked to answer; anybody else unqualified needs a reason.
    `commander_seen`: who commanded when the actor looked, "" for nobody; where command has moved
    since, it is not given to another (`command_moved`). Refuses who commands another incident,
    whose roles here exclude this one, and what the person holds already. Invalid
    `service_missing`: a domain owner answers for one service, and several have none. Where the
    person may not see incidents, actor and leadership are told.
    """
    if commander_seen is None and role.slug == COMMANDER:
        commander_seen = commander(incident)
    with taking.judged(), transaction.atomic():
        standing.lock(incident)
        standing.require("assign", incident, actor)
        held = taking.held(incident)
        if role.slug == COMMANDER:
            _check_command(commander_seen, held)
        _check_service(incident, service)
        service = service or _only_gap(incident, role)
        taking.check(incident, role, person, held, service=service, at=at)
        reason = words.optional(reason, "reason") or _own_reason(
            role, person, service, actor, at
        )
        leaving = taking.leaving(held, role.slug, person, service)
        taken = taking.take(
            incident, role, person, leaving, reason=reason, service=service, actor=actor, at=at
        )
        answering.given(taken, by=actor, at=at)
        text = f"{person} is {role.name}{f' for {service}' if service else ''}: {reason}"
        timeline.record(incident, text, at=taken.assigned_at, author=actor)
        composing.compose(taking.messages(taken, leaving), at=at)
        _warn(taken, actor, at)
        records.audit(
            "assign", incident, actor=actor, at=at, role=role.slug, person=person.username,
            service=service.slug if service else None, reason=reason,
            ended=taking.ended(leaving),
        )  # fmt: skip
    return taken


def commander(incident: Incident) -> str:
    """The username of who commands now, for whoever looks before giving command; "" for nobody."""
    return _name(taking.holder(COMMANDER, taking.held(incident)))


def _name(command: Assignment | None) -> str:
    return command.person.username if command else ""


def _check_command(seen: str | None, held: Sequence[Assignment]) -> None:
    """Who gives command knows from whom it is taken; Refused `command_moved` otherwise."""
    command = taking.holder(COMMANDER, held)
    if seen == _name(command):
        return
    message = "Nobody commands any more: look again before you give command."
    if command:
        since = to_the_second(command.assigned_at)
        message = (
            f"{command.person} commands since {since}: look again before you give command."
        )
    raise Refused.because("command_moved", message, "role")


def _warn(taken: Assignment, actor: Person, at: datetime) -> None:
    """Who may not see incidents finds nothing behind the mail's link: said at once, for all to read.

    It does not refuse: at night somebody is needed, and leadership puts people into groups.
    """
    person, incident = taken.person, taken.incident
    if person.has_perm("incidents.view_incident"):
        return
    said = (
        f"{person} may not see incidents and finds nothing behind the link of the mail: have "
        "leadership add them to a group such as responder, or assign somebody else."
    )
    timeline.record(incident, said, at=taken.assigned_at, author=actor)
    told = dict.fromkeys([(actor, ""), *escalation.leadership(incident)])
    composing.compose(
        escalation.about(
            incident, told, key=f"may-not-see:{taken.pk}", kind="may-not-see-incidents",
            subject=f"{person} cannot read it yet", body=said, priority=escalation.PAGE,
        ),
        at=at,
    )  # fmt: skip


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
