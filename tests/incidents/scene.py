"""One incident in triage and the people before it; what its tests ask of the records."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection

from incidents.models import (
    Assignment,
    AuditEvent,
    Incident,
    OutboxMessage,
    Person,
    SeverityLevel,
    SeverityScheme,
    TimelineEntry,
)
from incidents.operations import handover
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests import factories
from tests.factories import NOW

MINUTE = timedelta(minutes=1)
LATER = NOW + 10 * MINUTE


@dataclass
class Scene:
    """Ada commands and Ben speaks; Cleo is learning and holds no role; Lea leads; Dan may nothing."""

    incident: Incident
    ada: Person
    ben: Person
    cleo: Person
    dan: Person
    lea: Person


def scene(**fields: Any) -> Scene:
    """Declared as sev2 at NOW and acknowledged; every responder has every verb's permission."""
    scheme = factories.severity_scheme()
    ada, ben, cleo, lea = (
        responder(person)
        for person in (
            factories.person("ada", qualified=(COMMANDER,)),
            factories.person("ben", qualified=(COMMUNICATIONS,)),
            factories.person("cleo"),
            factories.allow(factories.person("lea"), "incidents.lead_incident"),
        )
    )
    incident = incident_under(scheme, "sev2", **fields)
    hold(incident, ada, COMMANDER)
    hold(incident, ben, COMMUNICATIONS)
    return Scene(incident, ada, ben, cleo, factories.person("dan"), lea)


def incident_under(scheme: SeverityScheme, code: str, **fields: Any) -> Incident:
    level = SeverityLevel.objects.get(scheme=scheme, code=code)
    given = {
        "reference": f"INC-{Incident.objects.count() + 1}",
        "title": "Checkout is down",
        "state": "triage",
        "severity_scheme": scheme,
        "level": level,
        "computed_level": level,
        "detected_at": NOW,
        "declared_at": NOW,
        "acknowledged_at": NOW,
    }
    return Incident.objects.create(**(given | fields))


def responder(person: Person) -> Person:
    """Somebody with the standing permission for every verb of an incident."""
    group, is_new = Group.objects.get_or_create(name="test responders")
    if is_new:
        verbs = Permission.objects.filter(content_type__app_label="incidents")
        group.permissions.set(
            verbs.filter(codename__endswith="_incident").exclude(codename="lead_incident")
        )
    person.groups.add(group)
    return Person.objects.get(pk=person.pk)


def hold(incident: Incident, person: Person, role: str) -> Assignment:
    return Assignment.objects.create(
        incident=incident,
        person=person,
        role=factories.role(role),
        reason="test",
        assigned_at=NOW,
    )


def command_passes(
    incident: Incident, giver: Person, to: Person, at: datetime, note: str = "All is calm"
) -> Assignment:
    """Offered and accepted in one instant."""
    handover.hand_over(incident, to=to, note=note, actor=giver, at=at)
    return handover.accept_command(incident, actor=to, at=at)


def again(row: Any) -> Any:
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)


@contextmanager
def refused(
    code: str, kind: type[Refused] = Refused
) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """The act is refused with this reason, as exactly this kind, and leaves no audit line."""
    lines = AuditEvent.objects.count()
    with pytest.raises(kind) as caught:
        yield caught
    assert type(caught.value) is kind
    assert caught.value.has(code), caught.value.reasons
    assert AuditEvent.objects.count() == lines


def acts() -> list[str]:
    """The verbs of the audit lines, the oldest first."""
    return list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))


def last_act() -> AuditEvent:
    return AuditEvent.objects.order_by("-sequence")[0]


def told(kind: str) -> list[str]:
    """Who is told in messages of this kind."""
    rows = OutboxMessage.objects.filter(kind=kind).order_by("recipient__username")
    return list(rows.values_list("recipient__username", flat=True))


def timeline(incident: Incident) -> list[str]:
    return list(TimelineEntry.objects.filter(incident=incident).values_list("text", flat=True))


def at_once(act: Callable[[], object], times: int = 2) -> list[str]:
    """What came of each of several threads that do the same at the same moment."""
    start, outcomes = Barrier(times), []

    def run() -> None:
        start.wait()
        try:
            act()
            outcomes.append("done")
        except Refused as error:
            outcomes.append(error.reasons[0].code)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
