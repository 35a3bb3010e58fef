"""The audit chain, the outbox and the numbers."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from incidents.models import AuditEvent, AuditHead, Counter, OutboxMessage, Person, Team
from incidents.models.triggers import install
from incidents.operations import composing, records
from incidents.operations.composing import Message
from incidents.operations.records import Broken
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def chain(length: int) -> Team:
    team = factories.team()
    for number in range(length):
        records.audit(
            "write", team, actor=None, at=NOW + timedelta(seconds=number), number=number
        )
    return team


def tamper(sql: str) -> None:
    """What somebody with the database's own password could do: drop the guards, then write."""
    with connection.cursor() as cursor:
        for event in ("update", "delete"):
            name = f"audit_is_append_only_auditevent_{event}"
            on = " ON incidents_auditevent" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")
        cursor.execute(sql)
    install()


# --- the chain


def test_a_line_says_who_did_what_to_what_and_follows_the_one_before() -> None:
    ada = factories.person("ada")
    first = records.audit("write", factories.team(), actor=ada, at=NOW, on=NOW.date())
    second = records.audit("sweep", factories.team(), actor=None, at=NOW)
    assert (first.actor_name, first.subject_type, first.subject) == (
        "Ada",
        "incidents.team",
        "Platform",
    )
    assert first.detail == {"on": "2026-11-23"}
    assert (second.sequence, second.actor_name) == (2, "the system")
    assert second.previous_hash == first.hash
    assert records.first_broken_line() is None


def test_the_name_stays_as_it_was() -> None:
    ada = factories.person("ada")
    line = records.audit("write", factories.team(), actor=ada, at=NOW)
    Person.objects.filter(pk=ada.pk).update(name="Ada Lovelace")
    line.refresh_from_db()
    assert line.actor_name == "Ada"
    assert records.first_broken_line() is None


def test_an_act_rolled_back_leaves_no_line() -> None:
    chain(1)
    with pytest.raises(RuntimeError), transaction.atomic():
        chain(1)
        raise RuntimeError
    assert AuditEvent.objects.count() == 1
    chain(1)
    assert records.first_broken_line() is None


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        (
            "UPDATE incidents_auditevent SET verb = 'read' WHERE sequence = 2",
            Broken(2, "its content was changed after it was written"),
        ),
        ("DELETE FROM incidents_auditevent WHERE sequence = 2", Broken(2, "line 2 is missing")),
        (
            "DELETE FROM incidents_auditevent WHERE sequence = 3",
            Broken(3, "the end of the chain was cut off"),
        ),
        (
            "UPDATE incidents_auditevent SET previous_hash = hash WHERE sequence = 3",
            Broken(3, "it does not follow the line before it"),
        ),
    ],
)
def test_a_line_changed_or_gone_is_found(sql: str, broken: Broken) -> None:
    chain(3)
    tamper(sql)
    assert records.first_broken_line() == broken


def test_a_chain_whose_head_was_reset_is_found() -> None:
    chain(2)
    AuditHead.objects.update(sequence=1)
    assert records.first_broken_line() == Broken(3, "the end of the chain was cut off")


def test_no_line_at_all_is_an_intact_chain() -> None:
    assert records.first_broken_line() is None


# --- the outbox


def letter(to: Person, key: str = "one", **fields: object) -> Message:
    return Message(
        **({"key": key, "kind": "news", "to": to, "subject": "News", "body": "…"} | fields)
    )


def test_a_message_is_composed_once_however_often_it_is_asked_for() -> None:
    ada = factories.person("ada")
    first = composing.compose_counted([letter(ada), letter(ada), letter(ada, "two")], at=NOW)
    assert first == 2
    assert composing.compose_counted([letter(ada), letter(ada, "three")], at=NOW) == 1
    composing.compose([letter(ada), letter(ada, "four")], at=NOW)
    assert OutboxMessage.objects.count() == 4


def test_who_cannot_be_reached_is_left_out() -> None:
    gone = factories.person("gone", is_active=False)
    mute = factories.person("mute", email="")
    assert composing.compose_counted([letter(gone), letter(mute, "two")], at=NOW) == 0
    assert composing.compose_counted([], at=NOW) == 0
    assert not OutboxMessage.objects.exists()


def test_a_subject_carries_no_line_break_and_fits() -> None:
    ada = factories.person("ada")
    composing.compose([letter(ada, subject="News\r\nBcc: all" + "x" * 300)], at=NOW)
    message = OutboxMessage.objects.get()
    assert message.subject.startswith("News Bcc: all")
    assert len(message.subject) == 250


def test_a_message_may_be_held_back() -> None:
    ada, later = factories.person("ada"), NOW + timedelta(minutes=5)
    composing.compose([letter(ada), letter(ada, "two", not_before=later)], at=NOW)
    assert OutboxMessage.objects.due(NOW).count() == 1
    assert OutboxMessage.objects.due(later).count() == 2


def test_a_message_links_to_the_page_of_its_row() -> None:
    team = factories.team()
    assert composing.page_of(team) == f"/admin/incidents/team/{team.pk}/change/"


# --- the numbers


def test_numbers_have_no_gaps_even_after_a_rollback() -> None:
    assert [records.next_number("A"), records.next_number("A"), records.next_number("B")] == [
        1,
        2,
        1,
    ]
    with pytest.raises(RuntimeError), transaction.atomic():
        records.next_number("A")
        raise RuntimeError
    assert records.next_number("A") == 3
    assert Counter.objects.count() == 2
