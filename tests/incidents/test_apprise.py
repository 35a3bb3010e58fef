"""Apprise carries to real HTTP servers; no secret of a URL comes out of it."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from apprise.plugins import discord, opsgenie, pagerduty, slack, twilio

from incidents import tasks
from incidents.channels import (
    DeliveryReport,
    answers,
    deliver,
    deliver_all,
    deliver_stranded,
    short,
)
from incidents.channels.answers import AgainError
from incidents.channels.apprise_carrier import AppriseCarrier, masked
from incidents.channels.carriers import carrier
from incidents.channels.carrying import AwayError, RefusedError
from incidents.models import OutboxMessage
from incidents.models.people import Channel
from incidents.operations import acknowledging
from tests.deliveries import letter
from tests.factories import NOW
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db

PAGE = OutboxMessage.Priority.PAGE
SECRET = "s3cr3t-token-9f8e7d"
SID, TOKEN = "AC" + "0123456789abcdef" * 2, "fedcba9876543210" * 2
SMS = f"twilio://{SID}:{TOKEN}@4930123456789/{{address}}"
SLACK = "slack://xoxb-1234-1234-abcdefghijklmnopqrstuvwx/{address}"


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.EMAIL_TIMEOUT = 1
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def providers(receiver: Receiver, monkeypatch) -> Receiver:
    """Slack, Discord, PagerDuty, Opsgenie and Twilio as Apprise speaks to them, but here."""
    url = receiver.url
    monkeypatch.setattr(slack.NotifySlack, "api_url", url + "/slack/{}")
    monkeypatch.setattr(discord.NotifyDiscord, "notify_url", url + "/discord")
    for module, name in ((pagerduty, "PAGERDUTY"), (opsgenie, "OPSGENIE")):
        lookup = getattr(module, f"{name}_API_LOOKUP")
        moved = dict.fromkeys(lookup, f"{url}/{name.lower()}")
        monkeypatch.setattr(module, f"{name}_API_LOOKUP", moved)
    monkeypatch.setattr(twilio.NotifyTwilio, "notify_sms_url", url + "/sms/{sid}")
    monkeypatch.setattr(twilio.NotifyTwilio, "notify_call_url", url + "/call/{sid}")
    return receiver


def set_up(settings, channel: str, url: str) -> None:
    settings.CHANNEL_URLS = {channel: url}


def at(receiver: Receiver) -> str:
    return f"json://robot:{SECRET}@127.0.0.1:{receiver.port}/{{address}}"


def note(address: str = "ada", channel: str = "teams", **fields: Any) -> OutboxMessage:
    return letter(channel=channel, address=address, **fields)


def reread(message: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=message.pk)


def form(receiver: Receiver) -> dict[str, str]:
    [request] = receiver.requests
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


# --- where it goes


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("ada", "/ada"),
        ("../../admin", "/..%2F..%2Fadmin"),
        ("a?x=1&y=2#z", "/a%3Fx=1&y=2%23z"),
        ("a@elsewhere.example:80/", "/a@elsewhere.example:80%2F"),
        ("über {key}", "/%C3%BCber%20%7Bkey%7D"),
    ],
)
def test_an_address_stays_in_its_place_in_the_url(
    receiver: Receiver, settings, address: str, path: str
) -> None:
    set_up(settings, "teams", at(receiver))
    note(address)
    assert deliver(NOW, channel="teams") == DeliveryReport(sent=1)
    assert [one.path for one in receiver.requests] == [path]


def test_a_message_without_an_address_is_refused(receiver: Receiver, settings) -> None:
    set_up(settings, "teams", at(receiver))
    message = note(" ")
    deliver(NOW, channel="teams")
    assert (reread(message).status, receiver.requests) == ("dead", [])
    assert "no address" in reread(message).last_error


def test_a_channel_that_is_not_set_up_refuses_and_says_what_to_set() -> None:
    message = note(channel="slack")
    deliver(NOW, channel="slack")
    assert reread(message).status == "dead"
    assert "set CHANNEL_SLACK" in reread(message).last_error


def test_what_waits_for_a_channel_that_is_gone_does_not_wait_for_ever(
    settings, django_assert_num_queries
) -> None:
    waiting, mail = note(channel="slack"), letter()
    with django_assert_num_queries(1):
        assert deliver_stranded(NOW - timedelta(seconds=1)) == DeliveryReport()
    assert deliver_stranded(NOW) == DeliveryReport(dead=1)
    assert (reread(waiting).status, reread(mail).status) == ("dead", "pending")


def test_the_sweep_sees_to_what_no_tick_delivers() -> None:
    waiting = note(channel="voice")
    tasks.sweep()
    assert reread(waiting).status == "dead"


def test_everything_due_is_delivered_whatever_its_channel(receiver: Receiver, settings) -> None:
    set_up(settings, "teams", at(receiver))
    settings.CHANNELS = ("email", "teams")
    messages = [note(), letter(), note(channel="slack")]
    assert deliver_all(NOW) == DeliveryReport(sent=2, dead=1)
    assert [reread(one).status for one in messages] == ["sent", "sent", "dead"]


def test_a_url_that_apprise_does_not_know_refuses(settings) -> None:
    set_up(settings, "slack", "pigeon://loft/{address}")
    message = note(channel="slack")
    deliver(NOW, channel="slack")
    assert reread(message).status == "dead"
    assert "pigeon" not in reread(message).last_error.replace("pigeon://", "")


def test_every_channel_has_a_carrier() -> None:
    for channel in Channel.values:
        with carrier(channel) as carries:
            assert carries.answers


# --- what the providers get


def test_slack_gets_the_subject_the_body_and_the_link(providers: Receiver, settings) -> None:
    set_up(settings, "slack", SLACK)
    providers.body = b'{"ok": true}'
    note("#incidents", "slack", body="Take <command>.", link="/admin/x/", role="scribe")
    assert deliver(NOW, channel="slack").sent == 1
    [request] = providers.requests
    assert request.headers["authorization"] == "Bearer xoxb-1234-1234-abcdefghijklmnopqrstuvwx"
    [said] = request.json["attachments"]
    assert request.json["channel"] == "#incidents"
    assert said["title"].startswith("INC-2026-0001: letter")
    assert "Take &lt;command&gt;." in said["text"]
    assert "Open it: http://testserver/admin/x/" in said["text"]
    assert "You are told as Scribe." in said["text"]


def test_slack_that_says_no_with_200_is_tried_again(providers: Receiver, settings) -> None:
    set_up(settings, "slack", SLACK)
    providers.body = b'{"ok": false, "error": "channel_not_found"}'
    message = note("#gone", "slack")
    assert deliver(NOW, channel="slack") == DeliveryReport(failed=1)
    assert reread(message).attempts == 1


def test_nothing_anybody_wrote_calls_a_whole_room(providers: Receiver, settings) -> None:
    set_up(settings, "discord", "discord://123456789/abcdefghijklmnop1234/?ping={address}")
    note("8765", "discord", subject="@everyone look", body="@here <!channel> @Everyone")
    deliver(NOW, channel="discord")
    said = providers.requests[0].json["content"]
    assert "@everyone" not in said.lower()
    assert "@here" not in said
    assert "<!channel>" not in said


def test_pagerduty_gets_one_incident_however_often_it_is_told(
    providers: Receiver, settings
) -> None:
    set_up(settings, "pagerduty", "pagerduty://{address}@unused/?dedup={key}")
    providers.status = 500
    note("R" * 32, "pagerduty", priority=PAGE, body="x" * 5000)
    deliver(NOW, channel="pagerduty")
    providers.status = 202
    deliver(NOW + timedelta(hours=1), channel="pagerduty")
    first, second = (one.json for one in providers.requests)
    assert first["dedup_key"] == second["dedup_key"]
    assert first["routing_key"] == "R" * 32
    assert first["payload"]["severity"] == "critical"
    assert len(first["payload"]["summary"]) <= 1024


def test_opsgenie_raises_an_alert_for_the_person(providers: Receiver, settings) -> None:
    key = "a1b2c3d4-aaaa-bbbb-cccc-dddddddddddd"
    set_up(settings, "opsgenie", f"opsgenie://{key}/@{{address}}?alias={{key}}")
    providers.status, providers.body = 202, b'{"requestId": "1"}'
    note("ada@example.com", "opsgenie", priority=PAGE)
    assert deliver(NOW, channel="opsgenie").sent == 1
    said = providers.requests[0].json
    assert said["responders"] == [{"type": "user", "username": "ada@example.com"}]
    assert said["message"].startswith("INC-2026-0001: letter")
    assert len(said["alias"]) == 32


def test_no_provider_is_given_a_picture_to_fetch(providers: Receiver, settings) -> None:
    providers.body = b'{"ok": true}'
    for channel, url in (
        ("slack", SLACK),
        ("pagerduty", "pagerduty://{address}@unused/"),
        ("discord", "discord://123456789/abcdefghijklmnop1234/?ping={address}"),
    ):
        set_up(settings, channel, url)
        note("R" * 32 if channel == "pagerduty" else "12345", channel)
        assert deliver(NOW, channel=channel).sent == 1
    assert "http" not in "".join(one.body.decode() for one in providers.requests)


def test_a_text_message_is_short_and_a_call_is_spoken(providers: Receiver, settings) -> None:
    settings.REPLY_SECRET = "x"
    set_up(settings, "sms", SMS)
    note("+49 151 12345678", "sms", subject="x " * 125, link="/admin/x/", code="4711")
    assert deliver(NOW, channel="sms").sent == 1
    sent = form(providers)
    assert sent["To"] == "+4915112345678"
    assert len(sent["Body"]) <= 300
    assert sent["Body"].endswith(
        "http://testserver/admin/x/ Reply 4711 to confirm that you have it."
    )
    providers.requests.clear()
    set_up(settings, "voice", SMS + "?method=call")
    note("+49 151 12345678", "voice", body="Please <look> & act.", link="/admin/x/")
    assert deliver(NOW, channel="voice").sent == 1
    said = form(providers)["Twiml"]
    assert "Please &lt;look&gt; &amp; act." in said
    assert "http" not in said


@pytest.mark.parametrize("address", ["nonsense", "12", "ada@example.com"])
def test_a_number_that_apprise_would_drop_silently_is_refused(
    providers: Receiver, settings, address: str
) -> None:
    for channel, url in (("sms", SMS), ("voice", SMS + "?method=call")):
        set_up(settings, channel, url)
        message = note(address, channel)
        assert deliver(NOW, channel=channel) == DeliveryReport(dead=1)
        assert reread(message).last_error.startswith(f"{channel}: ")
    assert providers.requests == []


# --- what is answered


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RefusedError),
        (404, RefusedError),
        (410, RefusedError),
        (422, RefusedError),
        (401, AwayError),
        (403, AgainError),
        (500, AgainError),
        (429, AwayError),
    ],
)
def test_the_status_says_who_is_to_blame(
    receiver: Receiver, status: int, error: type[Exception]
) -> None:
    receiver.status = status
    with AppriseCarrier("teams", at(receiver)) as carries, pytest.raises(error) as failed:
        carries.hand_over(carries.prepare(note()))
    assert str(status) in str(failed.value)


def test_what_an_answer_means_is_documented(settings) -> None:
    documented = (settings.BASE_DIR / "docs" / "channels.md").read_text()
    for statuses, what in ((answers._REFUSED, "; Twilio"), (answers._AWAY, "; nobody answers")):
        assert f"| {', '.join(map(str, sorted(statuses)))}{what}" in documented


@pytest.mark.parametrize("status", [302, 500, 503])
def test_one_failure_may_be_the_messages_and_two_are_the_providers(
    receiver: Receiver, settings, status: int
) -> None:
    set_up(settings, "teams", at(receiver))
    receiver.status = status
    for _ in range(4):
        note()
    assert deliver(NOW, channel="teams") == DeliveryReport(failed=2)
    assert len(receiver.requests) == 2
    assert OutboxMessage.objects.filter(attempts=0, claim="", status="pending").count() == 2


def test_a_success_in_between_begins_the_count_anew(receiver: Receiver) -> None:
    with AppriseCarrier("teams", at(receiver)) as carries:
        for status in (500, 200, 500):
            receiver.status = status
            prepared = carries.prepare(note())
            if status == 200:
                carries.hand_over(prepared)
                continue
            with pytest.raises(Exception, match="500"):
                carries.hand_over(prepared)
        assert carries.answers


@pytest.mark.parametrize(
    ("code", "error"), [(21211, RefusedError), (21610, RefusedError), (20003, AwayError)]
)
def test_twilios_own_codes_are_understood(
    providers: Receiver, code: int, error: type[Exception]
) -> None:
    providers.status = 400
    providers.body = json.dumps({"code": code, "message": "The number is wrong"}).encode()
    with AppriseCarrier("sms", SMS) as carries, pytest.raises(error, match="number is wrong"):
        carries.hand_over(carries.prepare(note("+49 151 12345678", "sms")))


def test_a_provider_that_hangs_or_is_away_is_away(receiver: Receiver) -> None:
    receiver.hang = 1.5
    for url in (at(receiver), "json://127.0.0.1:1/{address}"):
        with AppriseCarrier("teams", url) as carries, pytest.raises(AwayError):
            carries.hand_over(carries.prepare(note()))


# --- secrets


@pytest.fixture
def root_log() -> Iterator[list[str]]:
    """What the program's own log would show, at its most talkative."""
    lines: list[str] = []
    ear = logging.Handler()
    ear.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(ear)
    root.setLevel(level)


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_no_secret_of_a_url_comes_into_a_row_or_the_log(
    providers: Receiver, settings, root_log: list[str], status: int
) -> None:
    urls = {
        "teams": at(providers),
        "slack": SLACK,
        "pagerduty": f"pagerduty://{{address}}@{SECRET}/",
        "sms": SMS,
        "voice": SMS.replace(TOKEN, "not/valid!token"),
        "discord": f"unknown://{SECRET}/{{address}}",
        "opsgenie": f"json://{SECRET}.invalid:1/{{address}}",
    }
    settings.CHANNEL_URLS = urls
    providers.status = status
    for channel in urls:
        note("+4915112345678", channel)
        deliver(NOW, channel=channel)
    kept = " ".join(OutboxMessage.objects.values_list("last_error", flat=True))
    told = f"{root_log} {kept}"
    assert "not accepted" in told
    for secret in (SECRET, "abcdefghijklmnopqrstuvwx", TOKEN, SID, "valid!token"):
        assert secret not in told
    assert kept.strip()


def test_what_apprise_said_is_kept_without_any_part_of_the_url() -> None:
    said = f"Failed to reach HOST-{SECRET.upper()} for a%20b%20cd or a b cd: error=500."
    kept = masked(said, f"json://host-{SECRET}/a%20b%20cd/{{address}}")
    assert kept == "Failed to reach … for … or …: error=500."


# --- little room


@pytest.mark.parametrize("subject", ["short", "word " * 50, "x" * 250, "é" * 250, "🔥" * 250])
def test_a_text_never_has_more_than_300_characters(settings, subject: str) -> None:
    settings.REPLY_SECRET = "x"
    for link in ("", "/admin/x/", f"/{'y' * 290}"):
        said = short.text(note(subject=subject[:250], link=link, code="123456"))
        assert len(said) <= short.TEXT_ROOM
        assert said.startswith(subject[:5])
        assert "Reply 123456" in said


def test_a_reply_is_asked_for_only_where_replies_come_in(settings) -> None:
    message = note(code="123456")
    settings.REPLY_SECRET = ""
    assert "Reply" not in short.text(message) + short.chat(message)
    settings.REPLY_SECRET = "x"
    assert "Reply 123456" in short.text(message)
    assert "Reply 123456" in short.chat(message)


def test_without_replies_a_text_has_the_link_that_acknowledges(settings) -> None:
    message = note(code="123456", link="/admin/x/")
    acknowledge = f"http://testserver{acknowledging.link(message)}"
    settings.REPLY_SECRET = ""
    assert short.text(message).endswith(f" {acknowledge}")
    settings.REPLY_SECRET = "x"
    assert "http://testserver/admin/x/ Reply 123456" in short.text(message)
    assert f"Acknowledge: {acknowledge}\n" in short.chat(message)


@pytest.mark.parametrize(
    ("said", "room", "kept"),
    [
        ("all of it", 9, "all of it"),
        ("some of it", 8, "some of…"),
        ("unbroken", 5, "unbr…"),
        ("a unbroken", 8, "a unbro…"),
        ("x", 0, "…"),
    ],
)
def test_what_is_cut_ends_at_a_word(said: str, room: int, kept: str) -> None:
    assert short.cut(said, room) == kept
