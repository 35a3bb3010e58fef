"""/metrics: for who bears the token, in a form that Prometheus reads, and naming nobody."""

from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from incidents.models import OutboxMessage, Outlet, UpdateClock
from raci_project import alive, figures
from tests.deliveries import incident, letter
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-some-length"
PAGE = OutboxMessage.Priority.PAGE

Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def ask(authorization: str = f"Bearer {TOKEN}"):
    return Client().get("/metrics", headers={"authorization": authorization})


def samples() -> Samples:
    """What was said, each by its name and the values of its labels, those in order."""
    answer = ask()
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (one.name, tuple(one.labels[name] for name in sorted(one.labels))): one.value
        for family in families
        for one in family.samples
    }


def outlet(channel: str, **fields: object) -> None:
    Outlet.objects.update_or_create(channel=channel, defaults=fields)


def left(at: datetime, late: timedelta) -> None:
    """A message that left at this instant, so late."""
    letter(due_at=at - late, status="sent", sent_at=at)


def test_where_no_token_is_set_there_is_no_such_page(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert ask().status_code == 404
    assert ask("Bearer ").status_code == 404


@pytest.mark.parametrize(
    "given", ["", "Bearer ", "Bearer other", TOKEN, f"bearer  {TOKEN}", "Bearer ü"]
)
def test_who_does_not_bear_it_reads_nothing(given: str) -> None:
    answer = ask(given)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert b"raci" not in answer.content


def test_it_only_reads() -> None:
    answer = Client().post("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 405


def test_an_empty_installation_says_so() -> None:
    said = samples()
    assert said["raci_open_incidents", ()] == 0
    assert said["raci_processes", ("worker",)] == said["raci_processes", ("beat",)] == 0
    assert said["raci_message_lateness_seconds_bucket", ("+Inf",)] == 0
    assert said["raci_nudges_owed", ("updateclock",)] == 0


def test_what_waits_and_what_is_dead_is_counted_by_channel_and_priority() -> None:
    now = timezone.now()
    letter(due_at=now - timedelta(minutes=10), priority=PAGE)
    letter(due_at=now - timedelta(minutes=3), priority=PAGE)
    letter(due_at=now + timedelta(hours=1), channel="sms")
    letter(due_at=now, status="held")
    letter(due_at=NOW, status="dead", channel="sms")
    letter(due_at=NOW, status="sent", sent_at=NOW)
    said = samples()
    assert said["raci_messages", ("email", "page", "pending")] == 2
    assert said["raci_messages", ("sms", "notice", "pending")] == 1
    assert said["raci_messages", ("email", "notice", "held")] == 1
    assert said["raci_messages", ("sms", "notice", "dead")] == 1
    assert said["raci_messages_due", ("email", "page")] == 2
    assert 600 <= said["raci_oldest_due_message_seconds", ("email", "page")] < 660
    assert ("raci_messages_due", ("sms", "notice")) not in said
    assert not any("sent" in labels for _, labels in said)


def test_the_lateness_of_a_day_is_a_histogram() -> None:
    now = timezone.now()
    for seconds in (0, 1, 4, 29, 100, 500, 3000, 9000):
        left(now - timedelta(minutes=1), timedelta(seconds=seconds))
    left(now - timedelta(hours=25), timedelta(seconds=7))
    said = samples()
    name = "raci_message_lateness_seconds"
    assert [said[f"{name}_bucket", (f"{bound}",)] for bound in (
        "1.0", "5.0", "30.0", "120.0", "600.0", "3600.0", "+Inf")] == [2, 3, 4, 5, 6, 7, 8]  # fmt: skip
    assert said[f"{name}_gcount", ()] == 8
    assert said[f"{name}_gsum", ()] == pytest.approx(12634)


def test_heartbeats_outlets_and_what_is_owed_are_told() -> None:
    now = timezone.now()
    alive.note("scheduler", now - timedelta(seconds=30))
    for name, seconds in (("worker:a:1", 5), ("worker:b:2", 500), ("beat:a:3", 7)):
        alive.note(name, now - timedelta(seconds=seconds))
    outlet("email", failures=3, paused_until=now + timedelta(minutes=1))
    outlet("sms", paused_until=now - timedelta(minutes=1))
    UpdateClock.objects.create(incident=incident(), audience="public", next_nudge_at=NOW)
    said = samples()
    assert 30 <= said["raci_heartbeat_age_seconds", ("scheduler",)] < 40
    assert 5 <= said["raci_heartbeat_age_seconds", ("worker",)] < 15
    assert said["raci_processes", ("worker",)] == said["raci_processes", ("beat",)] == 1
    assert said["raci_outlet_paused", ("email",)] == 1
    assert said["raci_outlet_paused", ("sms",)] == 0
    assert said["raci_outlet_failures", ("email",)] == 3
    assert said["raci_open_incidents", ()] == 1
    assert said["raci_nudges_owed", ("updateclock",)] == 1


def test_it_names_no_person_no_address_and_no_machine() -> None:
    letter(person("zoe", name="Zoë Quill", email="zoe@example.com"), due_at=NOW)
    alive.note("worker:celery@secret-host:1", timezone.now())
    said = ask().content.decode()
    assert not [word for word in ("zoe", "Quill", "secret-host", "letter") if word in said]


def test_what_it_costs_does_not_depend_on_how_much_there_is() -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            samples()
        return len(seen)

    few = count()
    for number in range(5):
        letter(
            due_at=NOW,
            status=("pending", "dead")[number % 2],
            channel=("sms", "email")[number % 2],
        )
        alive.note(f"worker:a:{number}", NOW)
        incident()
    assert count() == few == 7


def test_counting_reads_no_message_that_was_sent() -> None:
    """Every statement about messages goes through an index; of `sent_at` only the last day."""
    with CaptureQueriesContext(connection) as seen:
        figures.read(timezone.now())
    about = [one["sql"] for one in seen if "outboxmessage" in one["sql"]]
    assert len(about) == 3
    if connection.vendor == "sqlite":
        for sql in about:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"))
                plan = [row[3] for row in cursor.fetchall()]
            read = [step for step in plan if "incidents_outboxmessage" in step]
            assert read
            assert all("INDEX outbox_" in step for step in read), plan


def test_a_database_that_is_away_fails_the_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(at: datetime) -> None:
        raise OperationalError("host db.internal is away")

    monkeypatch.setattr(figures, "read", fail)
    answer = ask()
    assert answer.status_code == 503
    assert b"internal" not in answer.content
