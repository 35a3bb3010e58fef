"""An outlet is left alone while its provider is away, and goes no faster than it was told."""

from datetime import timedelta

import pytest

from incidents.channels import DeliveryReport, deliver
from incidents.models import AuditEvent, OutboxMessage, Outlet
from incidents.operations import outbox, outlets
from incidents.rules import backoff
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests.deliveries import letter
from tests.factories import NOW, allow, person
from tests.servers import SmtpSink, free_port

LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
PAGE = OutboxMessage.Priority.PAGE

pytestmark = pytest.mark.django_db


def outlet(channel: str = "email") -> Outlet:
    return Outlet.objects.get(pk=channel)


def ada():
    return allow(person("ada"), "incidents.set_outlet")


def take(at=NOW, limit: int = 100, **which) -> list[OutboxMessage]:
    return list(outbox.claim(at, limit=limit, lease=LEASE, **which))


def test_every_channel_has_its_outlet_from_the_first_day() -> None:
    assert Outlet.objects.count() == len(outlets.Channel.values)
    Outlet.objects.all().delete()
    letter()
    assert len(take()) == 1  # and gets it anew
    assert outlet().failures == 0


# --- a provider that is away


def test_a_channel_whose_provider_is_away_is_left_alone_as_a_whole() -> None:
    message = letter()
    slack = letter(channel="slack")
    outlets.pause("email", error="mail server\r\naway", at=NOW)
    assert outlet().last_error == "mail server away"
    until = outlet().paused_until
    assert until == NOW + backoff.of_provider("email", 1)
    assert take(until - SECOND) == []
    assert take(NOW, channel="slack") == [slack]
    assert take(until) == [message]


def test_each_time_in_a_row_it_is_left_alone_longer_and_two_workers_count_once() -> None:
    outlets.pause("email", error="away", at=NOW)
    outlets.pause("email", error="away", at=NOW + SECOND)
    assert outlet().failures == 1
    outlets.pause("email", error="away", at=NOW + MINUTE)
    assert outlet().failures == 2
    assert outlet().paused_until == NOW + MINUTE + backoff.of_provider("email", 2)


def test_it_can_be_away_for_a_month() -> None:
    at = NOW
    for _ in range(500):
        outlets.pause("email", error="away", at=at)
        assert (outlet().paused_until - at) <= 2.5 * MINUTE
        at = outlet().paused_until
    assert outlet().failures == backoff.MAX_ATTEMPTS


def test_a_server_that_is_away_pauses_the_outlet_and_moves_no_message(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    for _ in range(3):
        letter()
    assert deliver(NOW) == DeliveryReport(failed=3)
    rows = OutboxMessage.objects.values_list("next_attempt_at", "attempts", "claim")
    assert set(rows) == {(NOW, 0, "")}
    assert outlet().failures == 1
    assert deliver(NOW + SECOND) == DeliveryReport()


def test_the_first_that_is_accepted_ends_it(smtp_sink: SmtpSink, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    outlets.pause("email", error="away", at=NOW)
    letter()
    assert deliver(NOW + MINUTE).sent == 1
    assert (outlet().failures, outlet().paused_until, outlet().last_error) == (0, None, "")


def test_a_server_that_breaks_off_twice_pauses_its_outlet(
    smtp_sink: SmtpSink, settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    smtp_sink.mode = "die"
    for _ in range(3):
        letter()
    deliver(NOW)
    assert outlet().last_error == "It broke off twice in a row."
    assert outlet().paused_until > NOW


# --- by hand


def test_a_paused_outlet_is_resumed_by_hand() -> None:
    message = letter()
    outlets.pause("email", error="away", at=NOW)
    outlets.resume(outlet(), actor=ada(), at=NOW)
    assert take() == [message]
    line = AuditEvent.objects.get(verb="resume")
    assert (line.subject_id, line.detail["last_error"]) == ("email", "away")


def test_nobody_resumes_without_the_permission() -> None:
    outlets.pause("email", error="away", at=NOW)
    with pytest.raises(NotPermitted) as refusal:
        outlets.resume(outlet(), actor=person("dan"), at=NOW)
    assert refusal.value.has("no_permission")
    assert outlet().paused_until is not None


def test_what_is_not_paused_is_not_resumed() -> None:
    with pytest.raises(Refused) as refusal:
        outlets.resume(outlet(), actor=ada(), at=NOW)
    assert refusal.value.has("not_paused")


# --- how fast


def test_no_more_leave_than_the_rate_allows() -> None:
    outlets.set_rate(outlet(), rate_per_minute=20, actor=ada(), at=NOW)
    line = AuditEvent.objects.get(verb="set_rate")
    assert (line.detail["before"], line.detail["after"]) == (None, 20)
    for _ in range(60):
        letter()
    left = [len(take(NOW + number * SECOND)) for number in range(60)]
    assert left[0] == 2
    assert 17 <= sum(left) <= 20


def test_pages_go_first_where_little_may_go() -> None:
    outlets.set_rate(outlet(), rate_per_minute=10, actor=ada(), at=NOW)
    letter(due_at=NOW - MINUTE)
    page = letter(priority=PAGE)
    assert take(urgent=False) == [page]
    assert take(urgent=True) == []


def test_without_a_rate_there_is_no_limit() -> None:
    who = ada()
    outlets.set_rate(outlet(), rate_per_minute=1, actor=who, at=NOW)
    outlets.set_rate(outlet(), rate_per_minute=None, actor=who, at=NOW)
    for _ in range(30):
        letter()
    assert len(take()) == 30


@pytest.mark.parametrize("rate", [0, -1, outlets.FASTEST + 1])
def test_a_rate_that_nothing_keeps_is_refused(rate: int) -> None:
    with pytest.raises(Invalid) as refusal:
        outlets.set_rate(outlet(), rate_per_minute=rate, actor=ada(), at=NOW)
    assert refusal.value.has("rate_out_of_range")
    assert outlet().rate_per_minute is None


def test_nobody_sets_a_rate_without_the_permission() -> None:
    with pytest.raises(NotPermitted) as refusal:
        outlets.set_rate(outlet(), rate_per_minute=5, actor=person("dan"), at=NOW)
    assert refusal.value.has("no_permission")
    assert outlet().rate_per_minute is None
