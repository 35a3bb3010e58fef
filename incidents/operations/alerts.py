"""Alerts: what proposes an incident, and what somebody made of it.

`receive` is the one door, whatever knocks: nothing that came in is lost, however little of it
can be used.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from incidents.models.alert import Alert
from incidents.models.calendar import today
from incidents.models.catalogue import Scenario, Service
from incidents.models.incident import Incident
from incidents.models.legal import FactSaid
from incidents.models.people import Person
from incidents.models.roles import Absence, Qualification
from incidents.models.timeline import TimelineEntry
from incidents.operations import (
    composing,
    declaration,
    escalation,
    legal,
    legal_case,
    moves,
    notices,
    records,
    severity,
    standing,
    timeline,
    words,
)
from incidents.operations.composing import Message
from incidents.rules import alerts as rules
from incidents.rules.alerts import Said
from incidents.rules.facts import personal_data_may_be_exposed
from incidents.rules.merging import EXPOSURE, known_of_both
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import RESPONDER


@transaction.atomic
def receive(
    *,
    source: str,
    external_id: str,
    title: object,
    services: object = (),
    facts: object = None,
    detected_at: object = None,
    url: object = "",
    payload: object = None,
    actor: Person,
    at: datetime,
) -> tuple[Alert, bool]:
    """Keep an alert that proposes an incident, once a source and its own name; whether it is new.

    Apart from these two any value may be of any type: what cannot be used is among the alert's
    problems, and the payload is kept whole. The responders of the services hear of it. Invalid:
    no source or name, or more than 256 KiB.
    """
    standing.permit_to(actor, "incidents.receive_alert")
    origin, name = rules.identity(source, external_id)
    if known := Alert.objects.filter(source=origin, external_id=name).first():
        return known, False
    whole, changed = rules.payload({} if payload is None else payload)
    said = Said(title, services, {} if facts is None else facts, detected_at, url)
    catalogue = _catalogue(rules.names(services)[0])
    active = {slug: each.is_active for slug, each in catalogue.items()}
    usable = rules.usable(said, source=origin, catalogue=active, at=at)
    kept = {
        "title": usable.title, "facts": usable.facts, "url": usable.url,
        "detected_at": usable.detected_at, "received_at": at, "received_by": actor,
        "problems": [_kept(one) for one in (*usable.problems, *changed)], "payload": whole,
    }  # fmt: skip
    alert, is_new = Alert.objects.get_or_create(source=origin, external_id=name, defaults=kept)
    if is_new:
        affected = [catalogue[slug] for slug in usable.services]
        alert.services.add(*affected)
        composing.compose(_told(alert, affected, at), at=at)
        records.audit(
            "receive_alert", alert, actor=actor, at=at,
            source=origin, external_id=name, services=list(usable.services),
            problems=[one["code"] for one in alert.problems],
        )  # fmt: skip
    return alert, is_new


@transaction.atomic
def accept(
    alert: Alert,
    *,
    title: str | None = None,
    services: Sequence[Service] | None = None,
    facts: Mapping[str, Any] | None = None,
    scenario: Scenario | None = None,
    is_private: bool = False,
    seen_by: Sequence[Group] = (),
    into: Incident | None = None,
    actor: Person,
    at: datetime,
) -> Incident:
    """Declare an incident from it, detected when it says, or attach it to the open one `into`.

    What is not given is taken from the alert; a private one is seen by who takes part and by these
    groups. Refuses `already_decided`, and to attach it to what is over (`incident_is_over`) or an
    exercise (`alert_in_an_exercise`).
    """
    _begin(alert, "accept", actor)
    if into is None:
        incident = declaration.declare(
            title=alert.title if title is None else title,
            services=list(alert.services.all()) if services is None else services,
            facts=alert.facts if facts is None else facts,
            detected_at=min(alert.detected_at, at),
            detected_by=f"alert {_called(alert)}",
            scenario=scenario,
            is_private=is_private,
            seen_by=seen_by,
            occasion=f"alert {_called(alert)}",
            actor=actor,
            at=at,
        )
    else:
        incident = _attach(alert, into, actor=actor, at=at)
    timeline.record(
        incident, _entry(alert), source=TimelineEntry.Source.MONITORING,
        happened_at=min(alert.detected_at, at), author=actor, at=at,
    )  # fmt: skip
    alert.incident = incident
    _decide(alert, Alert.Status.ACCEPTED, actor, at)
    records.audit(
        "accept_alert", alert, actor=actor, at=at,
        incident=incident.reference, attached=into is not None,
    )  # fmt: skip
    return incident


@transaction.atomic
def dismiss(alert: Alert, *, reason: str, actor: Person, at: datetime) -> Alert:
    """It is no incident; the reason is kept for whoever asks. Refuses `already_decided`."""
    _begin(alert, "dismiss", actor)
    alert.reason = words.required(reason, "reason", "Write why this is no incident.")
    _decide(alert, Alert.Status.DISMISSED, actor, at)
    records.audit("dismiss_alert", alert, actor=actor, at=at, reason=alert.reason)
    return alert


def objections(alert: Alert) -> tuple[Reason, ...]:
    """Why it cannot be accepted or dismissed any more; empty while it waits."""
    if alert.status == Alert.Status.PROPOSED or alert.decided_at is None:
        return ()
    became = f" as {alert.incident.reference}" if alert.incident else ""
    message = (
        f"{alert.decided_by} {alert.status} it{became}, {moves.clock(alert.decided_at)}: "
        "an alert is decided once."
    )
    return (Reason("already_decided", message),)


def _begin(alert: Alert, verb: str, actor: Person) -> None:
    """Lock the alert; of two who decide at once the second hears who was first."""
    standing.permit_to(actor, f"incidents.{verb}_alert")
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update())
    if found := objections(alert):
        raise Refused(*found)


def _decide(alert: Alert, status: Alert.Status, actor: Person, at: datetime) -> None:
    alert.status, alert.decided_by, alert.decided_at = status, actor, at
    alert.save(update_fields=["status", "decided_by", "decided_at", "reason", "incident"])


def _attach(alert: Alert, incident: Incident, *, actor: Person, at: datetime) -> Incident:
    """It belongs to an incident that is run already; whoever commands it hears."""
    if not Incident.objects.visible_to(actor).filter(pk=incident.pk).exists():
        message = f"There is no incident “{incident.reference}”: look it up first."
        raise Invalid.because("unknown_incident", message, "into")
    standing.lock(incident)
    if incident.kind == Incident.Kind.EXERCISE:
        message = (
            f"{incident.reference} is an exercise: attach it to an incident, or declare one."
        )
        raise Refused.because("alert_in_an_exercise", message, "into")
    if not incident.is_open:
        message = (
            f"{incident.reference} is {incident.state}: reopen it, or declare an incident."
        )
        raise Refused.because("incident_is_over", message, "into")
    told = [one for one in escalation.participants(incident) if one[0].pk != actor.pk]
    composing.compose(
        escalation.about(
            incident, told, key=f"alert:{alert.pk}", kind="alert-attached",
            subject="another alert belongs to it", body=_entry(alert),
        ),
        at=at,
    )  # fmt: skip
    _heed_exposure(alert, incident, actor=actor, at=at)
    return incident


def _heed_exposure(alert: Alert, incident: Incident, *, actor: Person, at: datetime) -> None:
    """Where it says that personal data may be exposed, this is known of the incident from now on."""
    if not personal_data_may_be_exposed(alert.facts):
        return
    said = {EXPOSURE: alert.facts[EXPOSURE]}
    known = known_of_both(incident.facts, said)
    if known == incident.facts:
        return
    was, incident.facts = incident.facts, known
    source = f"alert {_called(alert)}"[: legal_case.SOURCE_LENGTH]
    FactSaid.objects.create(
        incident=incident, name=EXPOSURE, value=said[EXPOSURE], source=source, said_by=actor,
        said_at=at,
    )  # fmt: skip
    severity.judge_anew(incident, at=at, saving=["facts"])
    legal.follow(incident, was=legal.Was(facts=was), actor=actor, at=at)
    notices.start_clocks(incident, actor=actor, at=at)


def _entry(alert: Alert) -> str:
    services = ", ".join(each.name for each in alert.services.all())
    named = f" Services: {services}." if services else ""
    return f"Alert of {_called(alert)}: {alert.title}.{named}"


def _called(alert: Alert) -> str:
    return f"{alert.source} {alert.external_id}"


def _kept(problem: Reason) -> dict[str, str]:
    return {name: value for name, value in asdict(problem).items() if value}


def _catalogue(slugs: Iterable[str]) -> dict[str, Service]:
    rows = Service.objects.filter(slug__in=slugs).select_related("owner")
    return {each.slug: each for each in rows}


def _told(alert: Alert, services: Sequence[Service], at: datetime) -> Iterator[Message]:
    """The responders of the services' teams; of a service without one its owner.

    An alert that names no service we know is put before the first responders there are.
    """
    people = list(_responders(services, at))
    teams = {person.team_id for person in people}
    owners = [each.owner for each in services if each.team_id not in teams]
    what = ", ".join(each.name for each in services) or "no service we know"
    for person in {one.pk: one for one in (*people, *owners)}.values():
        yield Message(
            key=f"alert:{alert.pk}:{person.pk}",
            kind="alert",
            to=person,
            subject=f"Alert: {alert.title}",
            body=f"{alert.title}\n\n{alert.source} reports it of {what}. Is it an incident? "
            "Accept it, attach it to one that is open, or dismiss it with a reason.",
            link=composing.page_of(alert),
        )


def _responders(services: Sequence[Service], at: datetime) -> Iterator[Person]:
    away = Absence.objects.covering(at).values("person")
    able = Qualification.objects.valid(today(at)).filter(role=RESPONDER).values("person")
    people = Person.objects.filter(is_active=True, pk__in=able).exclude(pk__in=away)
    if services:
        people = people.filter(team__in={each.team_id for each in services})
    most = standing.LEADERS_TOLD if services else escalation.STAND_INS
    yield from people.order_by("name", "username")[:most]
