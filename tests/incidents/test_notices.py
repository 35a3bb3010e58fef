"""Notices by contract: clocks started by what is affected, stopped by what was told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Incident, NoticeClause, NoticeClock, OutboxMessage, Service, Update
from incidents.operations import (
    affected,
    broadcasts,
    declaration,
    lifecycle,
    merging,
    notices,
    severity,
    sweeps,
    update,
)
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from tests import factories
from tests.customers import clause, customer, owed
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    hold,
    incident_under,
    last_act,
    refused,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def here() -> Scene:
    return scene()


@pytest.fixture
def payments(here: Scene) -> Service:
    return affect(here.incident, "payments")


def affect(incident: Incident, slug: str) -> Service:
    made = factories.service(slug)
    incident.services.add(made)
    return made


def started(incident: Incident) -> list[str]:
    notices.start_clocks(incident, at=LATER)
    rows = NoticeClock.objects.filter(incident=incident).order_by("clause__customer")
    return [str(row.clause) for row in rows]


# --- which clauses are touched


def test_a_customer_who_uses_what_is_affected_is_owed_a_notice(here, payments) -> None:
    clause(customer("acme", payments))
    clause(customer("zenith", factories.service("search")))
    assert started(here.incident) == ["Acme: Incidents"]
    clock = NoticeClock.objects.get()
    assert (clock.started_at, clock.due_at) == (NOW, NOW + 4 * HOUR)
    assert clock.next_nudge_at == NOW + 3 * HOUR
    assert timeline(here.incident) == [
        "Contracts promise a notice to Acme; by 2026-11-23 13:00 UTC at first."
    ]
    assert told("notices-owed") == ["ben"]


def test_a_clause_that_names_services_is_about_these_alone(here, payments) -> None:
    search = factories.service("search")
    clause(customer("acme", payments), search)
    clause(customer("zenith"), payments)
    assert started(here.incident) == ["Zenith: Incidents"]


def test_a_clause_that_names_levels_is_about_these_alone(here, payments) -> None:
    acme = customer("acme", payments)
    clause(acme, levels=["sev1"], title="The gravest")
    clause(acme, levels=["sev2", "sev1"], title="The grave")
    assert started(here.incident) == ["Acme: The grave"]


def test_what_is_no_longer_in_force_starts_nothing(here, payments) -> None:
    clause(customer("acme", payments), is_active=False)
    clause(customer("zenith", payments, is_active=False))
    assert started(here.incident) == []
    assert told("notices-owed") == []


def test_a_clause_that_counts_from_declaration_does(here, payments) -> None:
    Incident.objects.update(detected_at=NOW - 2 * HOUR)
    acme = customer("acme", payments)
    clause(acme, title="From detection")
    clause(acme, title="From declaration", starts="declared")
    here.incident.refresh_from_db()
    started(here.incident)
    due = dict(NoticeClock.objects.values_list("clause__title", "due_at"))
    assert due == {"From detection": NOW + 2 * HOUR, "From declaration": NOW + 4 * HOUR}


def test_repeating_it_changes_nothing(here, payments) -> None:
    clause(customer("acme", payments))
    started(here.incident)
    before = NoticeClock.objects.values().get()
    assert started(here.incident) == ["Acme: Incidents"]
    assert NoticeClock.objects.values().get() == before
    assert len(timeline(here.incident)) == NoticeClock.history.count() == 1


def test_the_commander_hears_where_nobody_speaks(here, payments) -> None:
    here.incident.assignments.filter(role=COMMUNICATIONS).update(ended_at=NOW)
    clause(customer("acme", payments))
    started(here.incident)
    assert told("notices-owed") == ["ada"]


def test_an_exercise_runs_the_clocks_and_tells_its_players_alone(here, payments) -> None:
    Incident.objects.update(kind="exercise")
    here.incident.refresh_from_db()
    clause(customer("acme", payments))
    assert started(here.incident) == ["Acme: Incidents"]
    sweeps.sweep(NOW + 6 * HOUR)
    assert {*told("notices-owed"), *told("noticeclock-nudge")} == {"ada", "ben"}


# --- when they start


def declared(actor, service: Service, **fields: Any) -> Incident:
    return declaration.declare(
        title="Checkout is down", services=[service], facts={}, actor=actor, at=LATER, **fields
    )


def test_declaring_starts_them_and_costs_one_statement_where_nothing_is_touched(here) -> None:
    factories.matrix_version()
    Incident.objects.update(reference="INC-900")  # the first number is for the next
    search = factories.service("search")
    with CaptureQueriesContext(connection) as sent:
        declared(here.lea, search)
    about = [one for one in sent.captured_queries if "noticeclause" in one["sql"]]
    assert len(about) == 1
    clause(customer("acme", search), hours=1, starts="declared")
    incident = declared(here.lea, search)
    assert incident.notice_clocks.get().due_at == LATER + HOUR


def test_many_customers_cost_no_more_statements_than_one(here, payments) -> None:
    def statements(incident: Incident) -> int:
        with CaptureQueriesContext(connection) as sent:
            notices.start_clocks(incident, at=LATER)
        return len(sent)

    clause(customer("acme", payments))
    few = statements(here.incident)
    for number in range(20):
        clause(customer(f"acme{number}", payments))
    other = incident_under(here.incident.severity_scheme, "sev2")
    hold(other, here.ben, COMMUNICATIONS)
    other.services.add(payments)
    assert statements(other) == few
    assert other.notice_clocks.count() == 21
    assert timeline(other)[0].startswith(
        "Contracts promise a notice to Acme, Acme0, Acme1 and 18"
    )


def test_a_graver_level_starts_what_it_touches_and_a_lower_one_stops_nothing(
    here, payments
) -> None:
    clause(customer("acme", payments), levels=["sev1"])
    assert started(here.incident) == []
    severity.classify(
        here.incident, level_code="sev1", reason="It grows", actor=here.ada, at=LATER
    )
    clock = NoticeClock.objects.get()
    severity.classify(here.incident, level_code="sev2", reason="", actor=here.ada, at=LATER)
    assert again(clock).due_at == clock.due_at == NOW + 4 * HOUR


def test_a_service_affected_as_well_starts_what_it_touches(here, payments) -> None:
    search = factories.service("search")
    clause(customer("acme", search))
    affected.set_services(here.incident, services=[payments, search], actor=here.ada, at=LATER)
    assert NoticeClock.objects.get().clause.customer.slug == "acme"
    affected.set_services(here.incident, services=[payments], actor=here.ada, at=LATER)
    assert NoticeClock.objects.get().due_at is not None


# --- when they end


def test_what_was_no_incident_owes_no_notice(here, payments) -> None:
    clock = owed(here.incident)
    lifecycle.cancel(here.incident, reason="A false alarm", actor=here.ada, at=LATER)
    assert (again(clock).due_at, again(clock).next_nudge_at) == (None, None)
    assert NoticeClock.history.latest("history_id").history_user == here.ada


def test_a_notice_given_stays_when_the_incident_is_called_off(here, payments) -> None:
    clock = given(here, owed(here.incident))
    lifecycle.cancel(here.incident, reason="A false alarm", actor=here.ada, at=LATER)
    assert again(clock).due_at == NOW + 4 * HOUR


@pytest.mark.parametrize(("kind", "owed_still"), [("incident", True), ("exercise", False)])
def test_closing_ends_the_practice_of_an_exercise_alone(here, kind, owed_still) -> None:
    Incident.objects.update(kind=kind, state="resolution")
    here.incident.refresh_from_db()
    clock = owed(here.incident)
    lifecycle.close(here.incident, actor=here.ada, at=LATER)
    assert (again(clock).due_at is not None) is owed_still


@pytest.fixture
def other(here: Scene) -> Incident:
    made = incident_under(here.incident.severity_scheme, "sev2", detected_at=NOW - HOUR)
    hold(made, here.ada, DEPUTY)
    return made


def merged(here: Scene, other: Incident) -> None:
    merging.merge(other, into=here.incident, reason="The same", actor=here.lea, at=LATER)


def test_what_takes_in_a_duplicate_owes_by_the_earlier_hour(here, payments, other) -> None:
    other.services.add(payments)
    clock = owed(here.incident)
    notices.start_clocks(other, at=NOW)
    assert again(clock).due_at == NOW + 4 * HOUR
    merged(here, other)
    assert again(clock).due_at == NOW + 3 * HOUR
    assert again(clock).next_nudge_at == NOW + 2 * HOUR
    assert again(other.notice_clocks.get()).due_at is None


def test_what_the_duplicate_told_was_told(here, payments, other) -> None:
    other.services.add(payments)
    hold(other, here.ben, COMMUNICATIONS)
    clock = owed(here.incident)
    notices.start_clocks(other, at=NOW)
    notices.give_notice(
        other, clock=other.notice_clocks.get(), how="Called", actor=here.ben, at=LATER
    )
    merged(here, other)
    taken = again(clock)
    assert (taken.given_at, taken.given_by, taken.how) == (LATER, here.ben, "Called")
    assert taken.next_nudge_at is None


def test_a_duplicate_that_owes_something_else_hands_it_on(here, other) -> None:
    search = affect(other, "search")
    clause(customer("acme", search), levels=["sev2"])
    notices.start_clocks(other, at=NOW)
    NoticeClause.objects.update(is_active=False)  # what runs, runs on
    merged(here, other)
    assert here.incident.notice_clocks.get().due_at == NOW + 3 * HOUR


def test_a_duplicate_without_notices_hands_none_on(here, payments, other) -> None:
    merged(here, other)
    assert not NoticeClock.objects.exists()


# --- giving one


def given(here: Scene, clock: NoticeClock, **fields: Any) -> NoticeClock:
    said = {"how": "Called Jane Roe at the desk.", "actor": here.ben, "at": LATER} | fields
    return notices.give_notice(here.incident, clock=clock, **said)


def test_the_communications_lead_records_how_it_was_given(here) -> None:
    clock = again(given(here, owed(here.incident)))
    assert (clock.given_at, clock.given_by) == (LATER, here.ben)
    assert clock.how == "Called Jane Roe at the desk."
    assert clock.next_nudge_at is None
    assert "Notice recorded: Acme, Incidents" in timeline(here.incident)
    assert last_act().detail == {
        "clock": clock.pk, "customer": "acme", "clause": "Incidents", "in_time": True,
    }  # fmt: skip


def test_whom_they_spoke_to_stands_in_no_audit_line_and_no_message(here) -> None:
    given(here, owed(here.incident))
    sweeps.sweep(NOW + 6 * HOUR)
    assert "Jane" not in str(last_act().detail)
    assert not OutboxMessage.objects.filter(body__contains="acme.example").exists()


def test_one_given_at_its_due_instant_is_late(here) -> None:
    clock = owed(here.incident)
    given(here, clock, at=clock.due_at)
    assert last_act().detail["in_time"] is False


def test_a_notice_is_given_once(here) -> None:
    clock = given(here, owed(here.incident))
    with refused("notice_given") as caught:
        given(here, clock, how="Again", at=LATER + MINUTE)
    assert "Ben recorded it at 2026-11-23 09:10 UTC" in str(caught.value)
    assert again(clock).how == "Called Jane Roe at the desk."


def test_how_it_was_given_is_said(here) -> None:
    with refused("how_missing", Invalid):
        given(here, owed(here.incident), how=" ")


def test_a_notice_of_another_incident_is_not_recorded_here(here, payments, other) -> None:
    other.services.add(payments)
    with refused("unknown_notice", Invalid):
        given(here, owed(other))


def test_only_who_speaks_or_stands_in_or_leads_records_it(here) -> None:
    clock = owed(here.incident)
    with refused("not_your_role", NotPermitted):
        given(here, clock, actor=here.cleo)
    with refused("no_permission", NotPermitted):
        given(here, clock, actor=here.dan)
    assert given(here, clock, actor=here.lea).given_by == here.lea


def test_it_is_still_recorded_after_closing_and_not_after_cancelling(here) -> None:
    first, second = owed(here.incident), owed(here.incident, "zenith")
    Incident.objects.update(state="closed", closed_at=LATER)
    given(here, first, actor=here.lea)
    Incident.objects.update(state="cancelled")
    with refused("wrong_state"):
        given(here, second, actor=here.lea)


# --- given by an update


def update_of(here: Scene, **fields: Any) -> Update:
    said = {
        "audience": "customers", "text": "We are on it.", "status": "published",
        "drafted_by": here.ben, "drafted_at": NOW, "approved_by": here.ada, "approved_at": NOW,
        "published_by": here.ben, "published_at": LATER,
        "services": [{"slug": one.slug, "name": one.name} for one in here.incident.services.all()],
    }  # fmt: skip
    return Update.objects.create(incident=here.incident, **(said | fields))


def test_an_update_to_customers_gives_the_notices_of_all(here) -> None:
    clocks = [owed(here.incident), owed(here.incident, "zenith")]
    said = update_of(here)
    notices.given_by(said, actor=here.ben, at=LATER)
    for clock in map(again, clocks):
        assert (clock.given_at, clock.given_by, clock.update) == (LATER, here.ben, said)
        assert clock.next_nudge_at is None
    assert notices.open_of(here.incident) == []
    assert "Notice given by this update: Acme, Zenith" in timeline(here.incident)


def test_an_update_to_one_customer_gives_theirs_alone(here) -> None:
    ours, theirs = owed(here.incident), owed(here.incident, "zenith")
    said = update_of(here, customer=ours.clause.customer)
    notices.given_by(said, actor=here.ben, at=LATER)
    assert again(ours).update == said
    assert notices.open_of(here.incident) == [theirs]


def test_an_update_to_anybody_else_gives_none(here) -> None:
    clock = owed(here.incident)
    for audience in ("public", "internal", "executive", "support"):
        notices.given_by(update_of(here, audience=audience), actor=here.ben, at=LATER)
    assert notices.open_of(here.incident) == [clock]


def test_who_has_no_address_stays_to_be_called(here) -> None:
    clock = owed(here.incident)
    clock.clause.customer.contact_email = ""
    clock.clause.customer.save()
    notices.given_by(update_of(here), actor=here.ben, at=LATER)
    assert notices.open_of(here.incident) == [clock]


def test_what_was_given_before_is_given_once(here) -> None:
    clock = given(here, owed(here.incident))
    notices.given_by(update_of(here), actor=here.ben, at=LATER + MINUTE)
    assert again(clock).given_at == LATER
    assert again(clock).update is None


def test_the_contact_of_the_clause_is_written_to_else_that_of_the_customer(here) -> None:
    named = owed(here.incident, contact_name="On call", contact_email="noc@acme.example")
    other = owed(here.incident, "zenith")
    assert notices.contact(named.clause) == ("On call", "noc@acme.example")
    assert notices.contact(other.clause) == ("The desk", "desk@zenith.example")


def test_whom_an_update_is_not_sent_to_is_still_owed_a_notice(here, payments) -> None:
    elsewhere = clause(customer("acme"), payments)  # uses something else, by our records
    left = owed(here.incident, "zenith")
    left.clause.customer.is_active = False
    left.clause.customer.save()
    notices.start_clocks(here.incident, at=NOW)
    said = update_of(here)
    notices.given_by(said, actor=here.ben, at=LATER)
    assert len(notices.open_of(here.incident)) == 2
    notices.given_by(
        update_of(here, customer=elsewhere.customer), actor=here.ben, at=LATER + MINUTE
    )
    assert notices.open_of(here.incident) == [left]


def test_in_an_exercise_an_update_counts_as_if_it_were_sent(here) -> None:
    Incident.objects.update(kind="exercise")
    here.incident.refresh_from_db()
    clock = owed(here.incident)
    said = update_of(here)
    notices.given_by(said, actor=here.ben, at=LATER)
    assert again(clock).update == said


def test_drafting_for_one_customer_and_publishing_it_gives_their_notice(here) -> None:
    clock, other = owed(here.incident), owed(here.incident, "zenith")
    drafted = update.draft(
        here.incident, audience="customers", customer=clock.clause.customer,
        text="Since 09:00 some of your payments fail. We write again by 10:30 UTC.",
        actor=here.ben, at=LATER,
    )  # fmt: skip
    update.approve(drafted, note="Checked by telephone.", actor=here.ada, at=LATER)
    update.publish(drafted, actor=here.ben, at=LATER)
    assert again(clock).update == drafted
    assert notices.open_of(here.incident) == [other]
    broadcasts.sweep(LATER)
    assert [
        *OutboxMessage.objects.filter(recipient=None).values_list("address", flat=True)
    ] == ["desk@acme.example"]


# --- reminders


def swept(at: Any) -> list[str]:
    said: list[str] = []
    sweeps.sweep(at, said.append)
    return [line for line in said if line.startswith("notice to")]


def test_who_speaks_is_reminded_then_command_then_leadership(here) -> None:
    owed(here.incident, hours=8)
    name = "notice to Acme: Incidents of INC-1"
    due = NOW + 8 * HOUR
    assert swept(due - 4 * HOUR) == [f"{name}: due-4h to ben"]
    assert swept(due - HOUR) == [f"{name}: due-1h to ben"]
    assert swept(due) == [f"{name}: due to ben, ada"]
    assert swept(due + HOUR) == [f"{name}: overdue+1h to ben, ada, lea"]
    assert swept(due + 2 * HOUR) == [f"{name}: overdue+1h#1 to ben, ada, lea"]
    first = OutboxMessage.objects.filter(kind="noticeclock-nudge").order_by("id")[0]
    assert "It must say: What is affected." in first.body


@pytest.mark.parametrize(
    "done",
    [
        lambda here, clock: given(here, clock),
        lambda here, clock: notices.given_by(update_of(here), actor=here.ben, at=LATER),
        lambda here, clock: notices.stop_clocks(here.incident, at=LATER),
    ],
)
def test_nobody_is_reminded_of_what_is_done(
    here: Scene, done: Callable[[Scene, NoticeClock], object]
) -> None:
    done(here, owed(here.incident))
    assert swept(NOW + 6 * HOUR) == []


def test_many_notices_cost_no_more_statements_than_one(here) -> None:
    def statements(at: Any) -> int:
        with CaptureQueriesContext(connection) as sent:
            assert swept(at)
        return len(sent)

    owed(here.incident)
    statements(NOW + 4 * HOUR)
    few = statements(NOW + 5 * HOUR)
    for number in range(8):
        owed(here.incident, f"acme{number}")
    assert statements(NOW + 6 * HOUR) == few


def test_the_commander_alone_is_reminded_where_nobody_speaks(here) -> None:
    here.incident.assignments.filter(role=COMMUNICATIONS).update(ended_at=NOW)
    clock = owed(here.incident)
    assert swept(clock.due_at - HOUR)[0].endswith("due-1h to ada")
    assert OutboxMessage.objects.get(kind="noticeclock-nudge").role == COMMANDER
