"""What time asks of incidents: whom a late update and an unanswered question reach, and when."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Incident, LegalClock, OutboxMessage, UpdateClock
from incidents.operations import nudges
from incidents.operations.sweeps import sweep
from incidents.rules.ladders import LEGAL, LEGAL_DUTY, UPDATE
from incidents.rules.nudges import NOTICE, PAGE
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY
from tests.deliveries import acts, hold, incident
from tests.factories import NOW, allow, person, severity_scheme

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def staffed(**holders: str) -> Incident:
    """An incident with these roles held: {"ada": COMMANDER}; the gaps are known since it began."""
    made = incident()
    gaps = {COMMANDER, COMMUNICATIONS} - set(holders.values())
    made.unfilled = [{"role": role, "service": None, "reasons": []} for role in gaps]
    made.save()
    for username, role in holders.items():
        hold(made, role, person(username))
    return made


def owes_update(where: Incident) -> UpdateClock:
    clock = UpdateClock(incident=where, audience="public", due_at=NOW)
    nudges.schedule(clock, UPDATE, at=NOW - 20 * MINUTE)
    clock.save()
    return clock


def owes_answer(where: Incident, **fields) -> LegalClock:
    clock = LegalClock(
        incident=where,
        kind="counsel",
        basis="Personal data may be exposed",
        started_at=NOW - 60 * MINUTE,
        due_at=NOW,
        **fields,
    )
    nudges.schedule(clock, LEGAL, at=NOW - 60 * MINUTE)
    clock.save()
    return clock


def told() -> list[str]:
    return sorted(OutboxMessage.objects.values_list("recipient__username", flat=True))


# --- updates


def test_the_communications_lead_is_reminded_before_an_update_is_due() -> None:
    where = staffed(ada=COMMANDER, ben=COMMUNICATIONS)
    owes_update(where)
    assert acts(sweep, NOW - 5 * MINUTE) == [
        f"public update of {where.reference}: due-5m to ben"
    ]
    assert told() == ["ben"]


def test_the_command_hears_of_an_update_in_the_instant_it_is_late() -> None:
    owes_update(staffed(ada=COMMANDER, ben=COMMUNICATIONS, cleo=DEPUTY))
    sweep(NOW - 5 * MINUTE)
    assert told() == ["ben"]
    sweep(NOW)
    assert told() == ["ada", "ben", "ben", "cleo"]


def test_the_commander_stands_in_where_nobody_speaks() -> None:
    owes_update(staffed(ada=COMMANDER))
    sweep(NOW)
    assert told() == ["ada"]


def test_leadership_stands_in_where_nobody_holds_a_role() -> None:
    allow(person("lea"), "incidents.lead_incident")
    person("dan")
    owes_update(staffed())
    sweep(NOW)
    assert told() == ["lea"]


def test_a_speaker_who_cannot_be_reached_does_not_silence_the_reminder() -> None:
    where = staffed(ada=COMMANDER)
    hold(where, COMMUNICATIONS, person("ben", email=""))
    owes_update(where)
    sweep(NOW)
    assert told() == ["ada"]


def test_whoever_gave_up_the_role_is_not_reminded() -> None:
    where = staffed(ada=COMMANDER)
    hold(where, COMMUNICATIONS, person("ben"))
    where.assignments.filter(role=COMMUNICATIONS).update(ended_at=NOW)
    owes_update(where)
    sweep(NOW)
    assert told() == ["ada"]


def test_a_person_with_two_roles_is_told_once() -> None:
    where = staffed(ben=COMMUNICATIONS)
    hold(where, DEPUTY, where.assignments.get().person)
    owes_update(where)
    sweep(NOW + 10 * MINUTE)
    assert told() == ["ben"]


def test_a_cancelled_incident_owes_no_update_and_an_open_one_does() -> None:
    cancelled = staffed(ada=COMMANDER)
    owes_update(cancelled)
    Incident.objects.filter(pk=cancelled.pk).update(state="cancelled")
    owes_update(staffed(ben=COMMANDER))
    sweep(NOW)
    assert told() == ["ben"]


def test_a_published_update_stops_the_reminders() -> None:
    clock = owes_update(staffed(ada=COMMANDER))
    clock.due_at = None
    nudges.schedule(clock, UPDATE, at=NOW)
    clock.save()
    assert acts(sweep, NOW + 30 * MINUTE) == []


def test_a_reminder_says_what_is_wanted_where_and_how_urgent() -> None:
    where = staffed(ben=COMMUNICATIONS)
    where.level = severity_scheme().levels.get(code="sev1")
    where.save()
    owes_update(where)
    sweep(NOW - 5 * MINUTE)
    sweep(NOW)
    soon, late = OutboxMessage.objects.order_by("id")
    assert soon.subject == f"{where.reference} due soon: publish the public update"
    assert late.subject == f"{where.reference} LATE: publish the public update"
    assert "Severity 1" in late.body
    assert "due at 09:00 UTC" in late.body
    assert late.link == f"/admin/incidents/incident/{where.pk}/change/"
    assert (late.topic, late.role) == (where.reference, COMMUNICATIONS)
    assert late.priority == OutboxMessage.Priority.PAGE


def test_leadership_is_not_reminded_of_an_exercise_and_is_of_an_incident() -> None:
    allow(person("lea"), "incidents.lead_incident")
    played = staffed()
    Incident.objects.filter(pk=played.pk).update(kind="exercise")
    owes_update(played)
    owes_answer(played)
    sweep(NOW)
    assert told() == []
    owes_answer(staffed())
    sweep(NOW)
    assert told() == ["lea"]


def test_who_leads_is_asked_once_a_sweep() -> None:
    allow(person("lea"), "incidents.lead_incident")
    owes_answer(staffed())
    statements(NOW)  # the first makes the head of the audit chain
    costs = []
    for rows in (1, 20):
        for _ in range(rows):
            owes_answer(staffed())
        costs.append(statements(NOW))
    assert costs[0] == costs[1]
    assert told() == ["lea"] * 22


def test_an_exercise_cannot_be_taken_for_the_real_thing() -> None:
    where = staffed(ben=COMMUNICATIONS)
    where.kind = Incident.Kind.EXERCISE
    where.save()
    owes_update(where)
    sweep(NOW)
    assert OutboxMessage.objects.get().subject.startswith("EXERCISE ")


# --- legal clocks


def test_counsel_commander_and_leadership_hear_of_an_unanswered_question() -> None:
    allow(person("lea"), "incidents.lead_incident")
    where = staffed(ada=COMMANDER, cora=COUNSEL, ben=COMMUNICATIONS)
    owes_answer(where)
    assert acts(sweep, NOW - 15 * MINUTE) == [
        f"legal clock counsel of {where.reference}: due-15m to cora, ada, lea"
    ]
    assert told() == ["ada", "cora", "lea"]


def test_an_unanswered_question_is_asked_again_every_quarter_of_an_hour() -> None:
    owes_answer(staffed(cora=COUNSEL))
    for minutes in range(-60, 46, 5):
        sweep(NOW + minutes * MINUTE)
    assert told() == ["cora"] * 5


def test_an_answered_question_is_not_asked_again() -> None:
    owes_answer(staffed(cora=COUNSEL), settled_at=NOW, outcome="met")
    assert acts(sweep, NOW + 30 * MINUTE) == []


def owes_duty(where: Incident, **fields) -> LegalClock:
    clock = LegalClock(
        incident=where, kind="eu-gdpr-art34--individuals", regime="eu-gdpr-art34",
        stage="individuals", title="Communication to affected persons",
        basis="GDPR art. 34", started_at=NOW - 60 * HOUR, due_at=NOW, **fields,
    )  # fmt: skip
    nudges.schedule(clock, LEGAL_DUTY, at=NOW - 60 * HOUR)
    clock.save()
    return clock


def reminders_of_a_duty(**fields) -> list[tuple[str, int]]:
    """What a watched clock sends counsel from a day before it is due until three hours after."""
    owes_duty(staffed(cora=COUNSEL), **fields)
    for quarters in range(-24 * 4, 3 * 4 + 1):
        sweep(NOW + quarters * 15 * MINUTE)
    sent = OutboxMessage.objects.filter(recipient__username="cora").order_by("id")
    return [(message.dedupe_key.split(":")[-2], message.priority) for message in sent]


def test_counsel_is_paged_of_a_duty_until_it_is_filed() -> None:
    assert reminders_of_a_duty() == [
        ("due-24h", NOTICE), ("due-4h", PAGE), ("due-1h", PAGE), ("due-15m", PAGE),
        ("due", PAGE), ("overdue+1h", PAGE), ("overdue+1h#1", PAGE), ("overdue+1h#2", PAGE),
    ]  # fmt: skip


def test_a_target_of_our_own_wakes_nobody_and_is_not_repeated() -> None:
    assert reminders_of_a_duty(is_fixed=False) == [
        ("due-24h", NOTICE), ("due-4h", NOTICE), ("due-1h", NOTICE), ("due-15m", NOTICE),
        ("due", NOTICE), ("overdue+1h", NOTICE),
    ]  # fmt: skip


# --- cost


def test_a_sweep_costs_the_same_for_one_incident_and_for_ten() -> None:
    numbers, costs = count(), []
    for rows in (1, 1, 10):  # the first makes the head of the audit chain
        for number, _ in zip(numbers, range(rows), strict=False):
            holders = {f"commander{number}": COMMANDER, f"lead{number}": COMMUNICATIONS}
            owes_update(staffed(**holders))
        costs.append(statements(NOW + 10 * MINUTE))
    assert costs[1] == costs[2]
    assert len(told()) == 24


def statements(at: datetime) -> int:
    """How many statements a sweep sends at this instant."""
    with CaptureQueriesContext(connection) as sent:
        sweep(at)
    return len(sent)
