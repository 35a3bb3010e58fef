"""The digest: what was held for a person is said once, in one message."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import LegalClock, OutboxMessage, Person
from incidents.operations import digest, sweeps
from incidents.operations.composing import Message, compose
from incidents.rules.digest import LISTED, Part, body, subject
from tests.deliveries import acts, hold, incident, letter
from tests.factories import NOW, person

HOUR = timedelta(hours=1)


def part(kind: str = "review-nudge", number: int = 1) -> Part:
    return Part(kind, f"Thing {number}", f"https://x/{number}", NOW + number * HOUR)


def test_a_digest_says_how_much_of_what_it_holds() -> None:
    assert subject([part()]) == "Digest: Thing 1"
    many = [part(), part("action-item-nudge", 2), part("action-item-nudge", 3)]
    assert subject(many) == "Digest: 3 reminders, action item 2, review 1"


def test_a_digest_is_grouped_by_kind_the_latest_first() -> None:
    many = [part(), part("action-item-nudge", 2), part("review-nudge", 3)]
    assert body(many).split("\n\n") == [
        "REVIEW (2)",
        "Thing 3\nhttps://x/3",
        "Thing 1\nhttps://x/1",
        "ACTION ITEM (1)",
        "Thing 2\nhttps://x/2",
    ]


def test_a_long_digest_says_how_much_it_leaves_out() -> None:
    many = [part(number=number) for number in range(LISTED + 3)]
    many += [part("update-nudge", -1)]
    said = body(many).split("\n\n")
    assert said[-1] == "And 4 more."
    assert sum("https" in one for one in said) == LISTED


def held(to: Person, *, at: datetime = NOW, **fields) -> OutboxMessage:
    return letter(to, due_at=at, status=OutboxMessage.Status.HELD, **fields)


def digests() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind="digest"))


@pytest.mark.django_db
def test_what_is_held_until_now_is_said_in_one_message_a_person() -> None:
    ada, ben = person("ada"), person("ben")
    parts = [held(ada, subject="One", link="/admin/one/"), held(ada), held(ben)]
    later = held(ada, at=NOW + HOUR)
    assert acts(digest.sweep, NOW) == ["digest to ada: 2", "digest to ben: 1"]
    to_ben, to_ada = digests()
    assert (to_ada.recipient, to_ben.recipient) == (ada, ben)
    assert to_ada.priority == OutboxMessage.Priority.DIGEST
    assert to_ada.status == "pending"
    assert to_ada.next_attempt_at == NOW
    assert "One\nhttp://testserver/admin/one/" in to_ada.body
    for row in parts:
        row.refresh_from_db()
        assert row.status == "gathered"
    assert [row.digest for row in parts] == [to_ada, to_ada, to_ben]
    later.refresh_from_db()
    assert (later.status, later.digest) == ("held", None)


@pytest.mark.django_db
def test_a_second_sweep_makes_no_second_digest() -> None:
    held(person())
    assert digest.sweep(NOW) == 1
    assert digest.sweep(NOW) == 0
    assert len(digests()) == 1


@pytest.mark.django_db
def test_what_is_held_late_for_the_same_instant_has_a_digest_of_its_own() -> None:
    ada = person()
    held(ada)
    digest.sweep(NOW)
    straggler = held(ada)
    assert digest.sweep(NOW) == 1
    straggler.refresh_from_db()
    assert straggler.status == "gathered"
    assert len(digests()) == 2


def nudge_of(clock: LegalClock, to: Person) -> OutboxMessage:
    due_at = clock.due_at.astimezone(UTC).isoformat()
    key = f"incidents.legalclock:{clock.pk}:{due_at}:due:{to.pk}"
    return held(to, dedupe_key=key, subject=f"Answer {clock.kind}")


def clock(kind: str, **fields) -> LegalClock:
    return LegalClock.objects.create(
        incident=incident(), kind=kind, basis="Data", started_at=NOW, due_at=NOW, **fields
    )


@pytest.mark.django_db
def test_what_was_settled_or_moved_before_the_digest_came_is_left_out() -> None:
    ada = person()
    owed, answered, moved = clock("owed"), clock("answered"), clock("moved")
    rows = [nudge_of(one, ada) for one in (owed, answered, moved)]
    answered.settled_at, answered.settled_by, answered.outcome = NOW, ada, "met"
    moved.due_at = NOW + HOUR
    answered.save()
    moved.save()
    assert acts(digest.sweep, NOW) == [f"digest to {ada.username}: 1"]
    assert [OutboxMessage.objects.get(pk=row.pk).status for row in rows] == [
        "gathered",
        "void",
        "void",
    ]
    assert "Answer owed" in digests()[0].subject
    assert "answered" not in digests()[0].body


@pytest.mark.django_db
def test_where_everything_was_settled_there_is_no_digest() -> None:
    ada = person()
    nudge_of(clock("answered", settled_at=NOW, settled_by=ada, outcome="met"), ada)
    assert digest.sweep(NOW) == 0
    assert digests() == []


@pytest.mark.django_db
def test_of_a_private_incident_nothing_stands_in_a_digest() -> None:
    ada, dan = person("ada"), person("dan")
    secret = incident(is_private=True)
    hold(secret, "incident_commander", ada)
    to_ada = held(ada, topic=secret.reference, subject="Secret")
    to_dan = held(dan, topic=secret.reference, subject="Secret")
    beside = held(ada, topic=incident().reference, subject="Open")
    digest.sweep(NOW)
    for row in (to_ada, to_dan, beside):
        row.refresh_from_db()
    assert (to_ada.status, to_ada.next_attempt_at) == ("pending", NOW)  # by itself
    assert to_dan.status == "void"
    assert beside.status == "gathered"
    assert [one.recipient for one in digests()] == [ada]
    assert "Secret" not in digests()[0].body


@pytest.mark.django_db
@pytest.mark.parametrize("gone", [{"is_active": False}, {"email": ""}])
def test_whom_nothing_reaches_has_no_digest(gone: dict[str, object]) -> None:
    row = held(person(**gone), address="old@example.com")
    assert digest.sweep(NOW) == 0
    row.refresh_from_db()
    assert row.status == "void"
    assert row.last_error


@pytest.mark.django_db
def test_a_digest_that_fails_is_tried_later_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = held(person("ada")), held(person("ben"))
    gather = digest._gather

    def fails_for_ada(who: Person, at: datetime) -> int:
        if who.username == "ada":
            raise RuntimeError("Ada's words")
        return gather(who, at)

    monkeypatch.setattr(digest, "_gather", fails_for_ada)
    assert digest.sweep(NOW) == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, bad.next_attempt_at) == ("held", NOW + digest.TRY_AGAIN_AFTER)
    assert good.status == "gathered"
    assert "RuntimeError" in caplog.text
    assert "Ada's words" not in caplog.text


@pytest.mark.django_db
def test_a_digest_of_many_costs_no_more_queries_than_one_of_few() -> None:
    assert statements(2) == statements(40)


def statements(many: int) -> int:
    ada = person()
    for number in range(many):
        nudge_of(clock(f"q{number}"), ada)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert digest.sweep(NOW) == 1
    return len(captured)


@pytest.mark.django_db
def test_the_sweep_of_incidents_composes_what_digests_are_due():
    held(person("ada"))
    assert "digest to ada: 1" in acts(sweeps.sweep, NOW)


@pytest.mark.django_db
def test_what_bears_a_calendar_entry_is_never_held_for_a_digest() -> None:
    ada = person("ada")
    said = {"kind": "test", "to": ada, "subject": "Come", "body": "Please", "as_digest": True}
    compose([Message(key="with", calendar="BEGIN:VCALENDAR", **said)], at=NOW)
    compose([Message(key="without", **said)], at=NOW)
    rows = OutboxMessage.objects.order_by("id").values_list("dedupe_key", "status")
    assert list(rows) == [("with", "pending"), ("without", "held")]
