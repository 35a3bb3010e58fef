"""What is owed outside of incidents: found, reminded of, and over once it is done."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    AuditEvent,
    Heartbeat,
    HoldingStatement,
    NudgePolicy,
    Obligation,
    OutboxMessage,
    Person,
    Qualification,
)
from incidents.operations import library, matrix_review, obligations, people
from incidents.operations.sweeps import sweep
from incidents.rules import owed
from incidents.rules.owed import FIRST_TIME
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW, allow, matrix_version, person, qualify, service
from tests.incidents.scene import again, last_act

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TODAY = NOW.date()


def words(
    title: str = "Payments fail", lasts: int | None = 20, **fields: Any
) -> HoldingStatement:
    given = {
        "title": title,
        "audience": "public",
        "text": "We know.",
        "status": "approved",
        "maker": known("maria"),
        "approver": known("paul"),
        "approved_at": NOW - 90 * DAY,
        "expires_on": None if lasts is None else TODAY + lasts * DAY,
    }
    return HoldingStatement.objects.create(**(given | fields))


def known(name: str) -> Person:
    return Person.objects.filter(username=name).first() or person(name)


def open_rows(what: str) -> list[Obligation]:
    return list(Obligation.objects.open().filter(what=what))


def the(what: str) -> Obligation:
    (row,) = open_rows(what)
    return row


def told() -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.order_by("id").values_list("recipient__username", "subject")
    return list(rows)


# --- what is owed, kind by kind


def test_words_that_expire_are_owed_by_who_made_them() -> None:
    row = words()
    obligations.look(NOW)
    found = the(owed.STATEMENT)
    assert (found.subject_type, found.subject_id) == ("incidents.holdingstatement", str(row.pk))
    assert found.owner == known("maria")
    assert found.due_at == datetime(2026, 12, 13, tzinfo=NOW.tzinfo)
    assert found.link == f"/admin/incidents/holdingstatement/{row.pk}/change/"
    assert found.title == "Holding statement “Payments fail”"


def test_who_approved_answers_for_words_whose_maker_left() -> None:
    words()
    Person.objects.filter(username="maria").update(is_active=False)
    obligations.look(NOW)
    assert the(owed.STATEMENT).owner == known("paul")


@pytest.mark.parametrize(
    "fields", [{"lasts": None}, {"lasts": 200}, {"status": "draft"}, {"status": "retired"}]
)
def test_words_that_last_or_are_not_in_use_are_not_owed(fields) -> None:
    words(**fields)
    obligations.look(NOW)
    assert open_rows(owed.STATEMENT) == []


def test_words_of_the_same_title_that_last_longer_take_the_place_of_those_that_expire() -> None:
    words()
    other = words("Another", lasts=10)
    obligations.look(NOW)
    assert len(open_rows(owed.STATEMENT)) == 2
    words(lasts=300)
    words("Another", lasts=None, audience="internal")  # for others: it replaces nothing
    obligations.look(NOW)
    assert the(owed.STATEMENT).subject_id == str(other.pk)


def test_a_matrix_is_owed_a_look_once_the_days_of_the_limits_come_near() -> None:
    version = matrix_version(effective_from=NOW - 30 * DAY)  # approved the day before that
    obligations.look(NOW)
    assert open_rows(owed.MATRIX) == []
    obligations.look(NOW + 100 * DAY)
    found = the(owed.MATRIX)
    assert (found.subject_id, found.owner) == (str(version.pk), None)
    assert found.due_at == NOW - 31 * DAY + 180 * DAY


def test_a_confirmed_matrix_is_owed_no_more() -> None:
    version = matrix_version(effective_from=NOW - 30 * DAY)
    at = NOW + 100 * DAY
    obligations.look(at)
    leader = allow(person("lea"), "incidents.confirm_matrixversion")
    matrix_review.confirm(version, actor=leader, at=at + HOUR)
    assert open_rows(owed.MATRIX) == []  # at once
    obligations.look(at + 2 * HOUR)
    assert open_rows(owed.MATRIX) == []


def test_a_qualification_that_lapses_is_owed_by_its_holder() -> None:
    row = qualify(person("ada"), COMMANDER, expires_on=TODAY + 30 * DAY)
    qualify(person("ben"), COMMANDER, expires_on=TODAY + 90 * DAY)
    qualify(person("eve", is_active=False), COMMANDER, expires_on=TODAY + 30 * DAY)
    qualify(person("old"), COMMANDER, expires_on=TODAY - owed.LAPSED_DAYS * DAY)
    obligations.look(NOW)
    found = the(owed.QUALIFICATION)
    assert (found.subject_id, found.owner) == (str(row.pk), known("ada"))
    assert found.title == "Ada's qualification as Incident commander"


def test_a_runbook_is_owed_half_a_year_after_somebody_followed_it() -> None:
    one = service("payments", runbook_url="https://example.com/1")
    one.runbook_checked_on = TODAY - 170 * DAY
    one.save()
    service("search")  # has none
    service("legacy", runbook_url="https://example.com/2", is_active=False)
    obligations.look(NOW)
    found = the(owed.RUNBOOK)
    assert (found.subject_id, found.owner) == (str(one.pk), one.owner)
    assert found.due_at == datetime(2026, 12, 4, tzinfo=NOW.tzinfo)  # at the end of the third


def test_a_runbook_nobody_ever_followed_is_owed_a_month_after_it_was_found() -> None:
    service("payments", runbook_url="https://example.com/1")
    obligations.look(NOW)
    obligations.look(NOW + DAY)
    assert the(owed.RUNBOOK).due_at == NOW + FIRST_TIME


# --- how a look writes


def test_a_look_leaves_one_audit_line_and_another_that_finds_the_same_leaves_none() -> None:
    words()
    obligations.look(NOW)
    line = last_act()
    assert (line.verb, line.actor, line.detail) == ("look_for_owed", None, {"opened": 1})
    obligations.look(NOW + HOUR)
    assert AuditEvent.objects.count() == 1


def test_what_is_due_at_another_instant_is_reminded_of_anew() -> None:
    row = qualify(person("ada"), COMMANDER, expires_on=TODAY + 5 * DAY)
    sweep(NOW)
    sweep(NOW + 5 * DAY)
    assert the(owed.QUALIFICATION).nudged_through == "due"
    row.expires_on = TODAY + 50 * DAY
    row.save()
    obligations.look(NOW + 6 * DAY)
    found = the(owed.QUALIFICATION)
    assert found.nudged_through == ""
    assert found.next_nudge_at == datetime(2026, 12, 13, tzinfo=NOW.tzinfo)  # 30 days before


def test_another_owner_changes_no_reminder() -> None:
    row = service("payments", runbook_url="https://example.com/1")
    obligations.look(NOW)
    before = the(owed.RUNBOOK).next_nudge_at
    row.owner = person("ben")
    row.save()
    obligations.look(NOW + HOUR)
    assert the(owed.RUNBOOK).owner == known("ben")
    assert the(owed.RUNBOOK).next_nudge_at == before


def test_what_was_settled_may_be_owed_again() -> None:
    row = words()
    obligations.look(NOW)
    row.status = "retired"
    row.save()
    obligations.look(NOW + HOUR)
    assert the_only(Obligation).settled_at == NOW + HOUR
    row.status = "approved"
    row.save()
    obligations.look(NOW + 2 * HOUR)
    assert Obligation.objects.count() == 2
    assert the(owed.STATEMENT).opened_at == NOW + 2 * HOUR


def the_only(model: type[Obligation]) -> Obligation:
    return model.objects.get()


def test_a_look_costs_the_same_for_many_rows_as_for_few() -> None:
    def look_at(count: int) -> int:
        for _ in range(count):
            words(f"Words {HoldingStatement.objects.count()}")
            name = f"s{HoldingStatement.objects.count()}"
            service(name, runbook_url="https://example.com/")
            qualify(person(), COMMANDER, expires_on=TODAY + 9 * DAY)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            obligations.look(NOW)
        return len(queries)

    matrix_version()
    look_at(1)  # what is asked once a process
    assert look_at(2) == look_at(20)


def test_a_sweep_looks_once_an_hour() -> None:
    assert obligations.look_hourly(NOW)
    assert not obligations.look_hourly(NOW + 59 * timedelta(minutes=1))
    assert obligations.look_hourly(NOW + HOUR)
    assert Heartbeat.objects.get(name="obligations").at == NOW + HOUR


def test_a_clock_set_back_does_not_stop_the_looks() -> None:
    assert obligations.look_hourly(NOW)
    assert obligations.look_hourly(NOW - 3 * DAY)


# --- reminders


def test_each_step_reminds_once() -> None:
    words(lasts=8)
    for hours in range(0, 24 * 20, 3):
        sweep(NOW + hours * HOUR)
    assert told() == [
        ("maria", "Holding statement “Payments fail” expires on 1 December 2026"),
        ("maria", "Holding statement “Payments fail” expired on 1 December 2026"),
        ("maria", "Holding statement “Payments fail” expired on 1 December 2026"),
    ]


def test_a_reminder_says_what_to_do_and_where() -> None:
    row = words(lasts=7)
    sweep(NOW)
    sweep(NOW + 7 * DAY)
    (message,) = OutboxMessage.objects.all()
    assert message.kind == "statement-nudge"
    assert message.link == f"/admin/incidents/holdingstatement/{row.pk}/change/"
    assert "retire them" in message.body


def test_what_was_done_meanwhile_is_not_reminded_of() -> None:
    row = qualify(person("ada"), COMMANDER, expires_on=TODAY + 10 * DAY)
    sweep(NOW)
    due = the(owed.QUALIFICATION)
    Qualification.objects.filter(pk=row.pk).update(expires_on=TODAY + 365 * DAY)
    Heartbeat.objects.filter(name="obligations").update(at=due.next_nudge_at)  # no look is due
    sweep(due.next_nudge_at)
    assert told() == []
    assert open_rows(owed.QUALIFICATION) == []


def test_a_matrix_nobody_reviewed_is_leaderships() -> None:
    matrix_version(effective_from=NOW - 30 * DAY)
    allow(person("lea"), "incidents.lead_incident")
    sweep(NOW + 100 * DAY)
    sweep(NOW + 149 * DAY)
    ((to, subject),) = told()
    assert to == "lea"
    assert subject == "Review of the matrix Standing v1 was due by 21 April 2027"


def test_a_lapsing_qualification_is_told_to_its_holder_and_their_manager() -> None:
    ada = person("ada", manager=person("max"))
    qualify(ada, COMMANDER, expires_on=TODAY + 10 * DAY)
    sweep(NOW)
    sweep(NOW + 3 * DAY)
    said = "Ada's qualification as Incident commander lapses on 3 December 2026"
    assert told() == [("ada", said), ("max", said)]


def test_a_policy_that_is_switched_off_reminds_nobody() -> None:
    words(lasts=7)
    NudgePolicy.objects.filter(what=owed.STATEMENT).update(is_active=False)
    sweep(NOW)
    sweep(NOW + 8 * DAY)
    assert told() == []
    assert len(open_rows(owed.STATEMENT)) == 1  # it is owed all the same


def test_a_sweep_with_nothing_due_asks_little() -> None:
    obligations.sweep(NOW)
    with CaptureQueriesContext(connection) as queries:
        obligations.sweep(NOW + HOUR / 2)
    assert len(queries) == 3


# --- verbs that settle


def test_retired_words_are_owed_no_more_at_once() -> None:
    row = words()
    obligations.look(NOW)
    lea = allow(person("lea"), "incidents.retire_holdingstatement")
    library.retire(row, reason="Nobody needs them", actor=lea, at=NOW + HOUR)
    assert open_rows(owed.STATEMENT) == []
    assert again(the_only(Obligation)).settled_at == NOW + HOUR


def test_a_qualification_granted_anew_is_owed_no_more_at_once() -> None:
    ada = person("ada")
    qualify(ada, COMMANDER, expires_on=TODAY + 10 * DAY)
    obligations.look(NOW)
    may = allow(person("lea"), "incidents.grant_qualification")
    qualify(may, COMMANDER)
    people.grant_qualification(
        ada, factories.role(COMMANDER), level="qualified", expires_on=None, reason="Seen.",
        actor=may, at=NOW,
    )  # fmt: skip
    assert open_rows(owed.QUALIFICATION) == []
    obligations.look(NOW)
    assert open_rows(owed.QUALIFICATION) == []
