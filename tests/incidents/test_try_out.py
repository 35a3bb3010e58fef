"""Who would have been nudged in incidents and around them: the same as really were."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from simple_history.utils import bulk_create_with_history

from incidents.models import (
    EmergencyChange,
    Incident,
    LegalClock,
    NoticeClock,
    Obligation,
    OutboxMessage,
    Person,
    UpdateClock,
)
from incidents.operations import notices, nudges, policies, try_out
from incidents.operations.nudged import (
    Duties,
    EmergencyChanges,
    Notices,
    Obligations,
    Questions,
    Updates,
)
from incidents.operations.sweeps import sweep
from incidents.operations.try_out import Source, Tried
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL
from tests.customers import clause, customer
from tests.deliveries import hold, incident
from tests.factories import NOW, allow, matrix_version, person, service

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
DAY = 24 * HOUR
PERIOD = (NOW - HOUR, NOW + 2 * HOUR)


def ran(source: Source, reader: Person | None = None, period=PERIOD) -> Tried:
    law = policies.of(source.what)
    since, until = period
    return try_out.run(source, law, law, reader=reader or person(), since=since, until=until)


def told(found: Tried) -> Counter[tuple[str, datetime]]:
    return Counter((one.person.username, one.at) for one in found.nudges)


def swept(kind: str, every: timedelta = 5 * MINUTE) -> Counter[tuple[str, datetime]]:
    """What punctual sweeps really composed in the period."""
    at, until = PERIOD
    while at < until:
        sweep(at)
        at += every
    rows = OutboxMessage.objects.filter(kind=kind)
    return Counter((row.recipient.username, row.created_at) for row in rows)


def staffed() -> Incident:
    made = incident()
    for who, slug in (("ada", COMMANDER), ("cleo", COMMUNICATIONS), ("lex", COUNSEL)):
        hold(made, slug, person(who))
    made.assignments.update(assigned_at=NOW - DAY)
    Incident.objects.filter(pk=made.pk).update(declared_at=NOW - DAY)
    return made


def question(where: Incident, **fields) -> LegalClock:
    clock = LegalClock(
        incident=where,
        kind="counsel",
        basis="Data",
        started_at=NOW - HOUR,
        due_at=NOW,
        **fields,
    )
    nudges.schedule(clock, policies.of("legal_clock"), at=clock.started_at)
    clock.save()
    return clock


def duty(where: Incident) -> LegalClock:
    """Known since an hour before it is due, its event two days before."""
    clock = LegalClock(
        incident=where, kind="gdpr--notification", regime="gdpr", stage="notification",
        title="Notification", basis="Law", started_at=NOW - 2 * DAY, due_at=NOW,
    )  # fmt: skip
    nudges.schedule(clock, policies.of("legal_duty"), at=NOW - HOUR)
    bulk_create_with_history([clock], LegalClock, default_date=NOW - HOUR)
    return clock


def update(where: Incident, due_at: datetime, *, since: datetime) -> UpdateClock:
    """The clock says so from this instant on, as its history knows."""
    clock = UpdateClock.objects.filter(incident=where).first()
    clock = clock or UpdateClock(incident=where, audience="public")
    clock.due_at = due_at
    nudges.schedule(clock, policies.of("update"), at=since)
    clock.save()
    latest = clock.history.latest("history_id")
    clock.history.filter(history_id=latest.history_id).update(history_date=since)
    return clock


def test_of_legal_clocks_the_same_people_would_be_told_as_were():
    question(staffed())
    would = told(ran(Questions()))
    assert {who for who, _ in would} == {"ada", "lex"}
    assert would == swept("legalclock-nudge")


def test_of_duties_to_notify_the_same_people_would_be_told_as_were():
    duty(staffed())
    would = told(ran(Duties()))
    assert {who for who, _ in would} == {"ada", "lex"}
    assert would == swept("legalclock-nudge")


def test_a_policy_of_duties_leaves_the_clock_of_counsel_alone_and_the_other_way_round():
    where = staffed()
    question(where)
    duty(where)
    assert (ran(Questions()).owed, ran(Duties()).owed) == (1, 1)


def notice(where: Incident) -> NoticeClock:
    """Known an hour before it is due: who hears it at once needs no earlier reminder."""
    used = service(f"used-{where.pk}")
    where.services.add(used)
    made = clause(customer(f"acme-{where.pk}", used), starts="declared", hours=24)
    notices.start_clocks(where, at=NOW - HOUR)
    return NoticeClock.objects.get(clause=made)


def test_of_notices_the_same_people_would_be_told_as_were():
    where = staffed()
    where.refresh_from_db()
    assert notice(where).due_at == NOW
    would = told(ran(Notices()))
    assert {who for who, _ in would} == {"ada", "cleo"}
    assert would == swept("noticeclock-nudge")


def test_of_updates_the_same_people_would_be_told_as_were():
    update(staffed(), NOW, since=NOW - HOUR)
    would = told(ran(Updates()))
    assert {who for who, _ in would} == {"ada", "cleo"}
    assert would == swept("updateclock-nudge")


def test_an_update_that_was_published_was_owed_until_then():
    where = staffed()
    update(where, NOW, since=NOW - HOUR)
    update(where, NOW + 30 * MINUTE, since=NOW + 5 * MINUTE)
    update(where, NOW + 10 * DAY, since=NOW + 32 * MINUTE)
    found = ran(Updates())
    assert found.owed == 3
    assert sorted({at for _, at in told(found)}) == [
        NOW - 5 * MINUTE,
        NOW,
        NOW + 25 * MINUTE,
        NOW + 30 * MINUTE,
    ]


def test_who_held_the_role_then_would_have_been_told_not_who_holds_it_now():
    where = staffed()
    update(where, NOW, since=NOW - HOUR)
    where.assignments.filter(role=COMMUNICATIONS).update(
        ended_at=NOW - 3 * MINUTE, end_reason="Handed over"
    )
    hold(where, COMMUNICATIONS, person("eve"))
    found = told(ran(Updates()))
    assert found["cleo", NOW - 5 * MINUTE] == 1
    assert found["eve", NOW] == 1
    assert found["cleo", NOW] == 0


def test_of_emergency_changes_the_same_leaders_would_be_told_as_were():
    for name in ("ada", "ben"):
        allow(person(name), "incidents.lead_incident")
    version = matrix_version()
    change = EmergencyChange(
        version=version, reason="It could not wait.", enacted_by=Person.objects.get(username="ada"),
        enacted_at=NOW - 2 * HOUR, due_at=NOW,
    )  # fmt: skip
    nudges.schedule(change, policies.of("emergency_change"), at=change.enacted_at)
    change.save()
    would = told(ran(EmergencyChanges()))
    assert {who for who, _ in would} == {"ben"}
    assert would == swept("emergency-nudge")


def owes(owner: Person, **fields) -> Obligation:
    fields = {"what": "runbook", "due_at": NOW, "opened_at": NOW - DAY} | fields
    number = Obligation.objects.count()
    return Obligation.objects.create(
        owner=owner, title=f"Runbook {number}", link="/admin/", subject_id=str(number),
        subject_type="incidents.service", **fields,
    )  # fmt: skip


def test_what_was_settled_is_owed_no_more():
    ada = person("ada")
    owes(ada)
    owes(ada, settled_at=NOW - MINUTE)
    owes(ada, what="statement")
    found = ran(Obligations("runbook"))
    assert found.owed == 2
    assert told(found) == {("ada", NOW): 1}
    assert ran(Obligations("runbook"), period=(NOW, NOW + HOUR)).owed == 1


def test_of_private_incidents_nobody_who_may_not_see_them_counts_or_is_told():
    where = staffed()
    question(where)
    sweep(NOW)
    where.is_private = True
    where.save()
    assert ran(Questions()).owed == 0
    assert ran(Questions()).sent == 0
    ada = Person.objects.get(username="ada")
    assert ran(Questions(), ada).owed == 1
    assert ran(Questions(), ada).sent == 2


@pytest.mark.parametrize("source", [Updates(), Questions(), Duties(), Notices()])
def test_many_incidents_cost_no_more_queries_than_few(source: Source):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ran(source).nudges
        return len(captured)

    def happens() -> None:
        where = incident(declared_at=NOW - DAY)
        hold(where, COMMANDER, person())
        where.assignments.update(assigned_at=NOW - DAY)
        question(where)
        duty(where)
        notice(where)
        update(where, NOW, since=NOW - HOUR)

    happens()
    few = statements()
    for _ in range(7):
        happens()
    assert statements() == few


@pytest.mark.parametrize(
    "source",
    [
        Updates(),
        Questions(),
        Duties(),
        Notices(),
        EmergencyChanges(),
        Obligations("matrix"),
    ],
)
def test_an_example_can_be_previewed_of_every_step(source: Source):
    allow(person("ada"), "incidents.lead_incident")
    ben = allow(person("ben"), "incidents.lead_incident")
    law = policies.of(source.what)
    for step in law.ladder.steps:
        letters = try_out.preview(source, law, step, source.sample(ben, NOW))
        assert letters
        assert all(one.subject and one.body for one in letters)
    assert OutboxMessage.objects.count() == 0
