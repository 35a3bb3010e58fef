"""The health page on messages: how late they left, what is dead, how channels and workers fare."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from incidents.models import OutboxMessage, Outlet
from raci_project import alive, health, lateness
from raci_project.figures import Lateness
from tests.deliveries import incident, letter
from tests.factories import NOW
from tests.incidents.admin_room import member, page_of, signed_in, text_of

pytestmark = pytest.mark.django_db

PAGE = reverse("health")
URGENT = OutboxMessage.Priority.PAGE


def outlet(channel: str, **fields: object) -> None:
    Outlet.objects.update_or_create(channel=channel, defaults=fields)


def words(group: str = "auditor") -> str:
    return text_of(signed_in(member("olga", group)).get(PAGE))


def test_an_empty_installation_says_so_everywhere() -> None:
    said = words()
    assert "No message left in the last 24 hours." in said
    assert "No worker says that it lives." in said
    assert "No scheduler says that it lives." in said
    assert "E-mail open No limit of speed." in said


def test_the_day_s_lateness_is_told_in_buckets() -> None:
    now = timezone.now()
    for seconds in (0, 3, 3, 60):
        letter(due_at=now - timedelta(minutes=2, seconds=seconds), status="sent",
               sent_at=now - timedelta(minutes=2))  # fmt: skip
    said = words()
    assert "Lateness within 5 s 75 %" in said
    assert "How late 4 messages left in the last 24 hours" in said
    assert "up to 1 s 1 25 % up to 5 s 2 75 % up to 30 s 0 75 % up to 2 min 1 100 %" in said


def test_a_share_is_never_rounded_up_to_all() -> None:
    drawn = lateness.chart(Lateness((9999, 0, 0, 0, 0, 0, 1), 1))
    assert [row.so_far for row in drawn.rows] == ["99.9 %"] * 6 + ["100 %"]


def test_what_waits_is_told_by_channel_pages_first() -> None:
    now = timezone.now()
    letter(due_at=now - timedelta(minutes=3))
    letter(due_at=now + timedelta(hours=3), channel="sms")
    letter(due_at=now, status="held", channel="sms")
    letter(due_at=now - timedelta(minutes=7), priority=URGENT)
    letter(due_at=NOW, priority=URGENT, status="dead")
    said = words()
    assert "E-mail page 1 7 minutes 0 1 E-mail notice 1 3 minutes 0 0" in said
    assert "Text message notice 0 2 0" in said


def test_the_dead_are_shown_with_their_reason_to_who_may_send_them_again() -> None:
    dead = letter(status="dead", last_error="550 no such person")
    answer = signed_in(member("olga", "leadership")).get(PAGE)
    assert page_of(dead, "resend") in answer.content.decode()
    assert "550 no such person" in text_of(answer)
    answer = signed_in(member("rosa", "auditor")).get(PAGE)
    assert page_of(dead, "resend") not in answer.content.decode()


def test_of_the_dead_about_a_private_incident_no_more_than_their_number() -> None:
    where = incident(is_private=True)
    letter(status="dead", topic=where.reference, subject=f"{where.reference}: secret")
    said = words("leadership")
    assert "1 dead: look why, and send again" in said
    assert where.reference not in said


def test_a_channel_left_alone_says_until_when_and_why(settings: Settings) -> None:
    settings.CHANNELS = ("email", "slack")
    until = timezone.now() + timedelta(minutes=5)
    outlet("email", failures=3, paused_until=until,
           last_error="mail server away", rate_per_minute=60)  # fmt: skip
    outlet("webhook", paused_until=NOW)
    said = words()
    assert "E-mail paused At most 60 a minute. Left alone until" in said
    assert "after 3 failures: mail server away" in said
    assert "Slack open" in said
    assert "Not set up here: Text message, Phone call," in said


def test_workers_and_schedulers_are_told_with_their_age_the_silent_last() -> None:
    now = timezone.now()
    for name, seconds in (
        ("worker:a@here:1", 500), ("worker:urgent@there:17", 5), ("beat:here:9", 7)
    ):  # fmt: skip
        alive.note(name, now - timedelta(seconds=seconds))
    said = words()
    assert "Worker urgent@there, process 17 5 s ago Scheduler here, process 9" in said
    assert "Worker a@here, process 1 silent for 8 minutes" in said
    assert "says that it lives" not in said


def test_how_long_the_queues_are_is_told_where_the_broker_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "How long the queues are, the broker does not say." in words()
    monkeypatch.setattr(health, "queue_lengths", lambda: {"urgent": 3, "default": 0})
    said = text_of(signed_in(member("rosa", "auditor")).get(PAGE))
    assert "Ticks that wait: urgent 3, default 0" in said


def test_the_ping_is_missed_where_it_is_set_up_and_not_elsewhere(settings: Settings) -> None:
    assert "Ping" not in words()
    settings.DEADMAN_URL = "https://monitor.example/1"
    said = text_of(signed_in(member("rosa", "auditor")).get(PAGE))
    assert "Ping never" in said
    assert "monitor.example" not in said


def test_the_page_asks_as_often_for_much_as_for_little() -> None:
    browser = signed_in(member("olga", "auditor"))

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            browser.get(PAGE)
        return len(seen)

    letter(status="dead")
    count()
    few = count()
    for number in range(8):
        letter(status=("dead", "pending")[number % 2], channel=("sms", "email")[number % 2])
        alive.note(f"worker:a@here:{number}", NOW)
    assert count() == few
