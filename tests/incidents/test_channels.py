"""From the outbox to a real mail server, which accepts, refuses, hangs and dies."""

import email
import logging
import smtplib
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from incidents import tasks
from incidents.channels import DeliveryReport, deliver
from incidents.channels import delivering as channels
from incidents.channels.letters import as_mail
from incidents.models import OutboxMessage
from incidents.operations import outbox
from tests.deliveries import letter
from tests.factories import NOW, person
from tests.servers import SmtpSink, free_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink(smtp_sink: SmtpSink, settings) -> SmtpSink:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    settings.EMAIL_TIMEOUT = 1
    return smtp_sink


def reread(message: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=message.pk)


def received(sink: SmtpSink) -> list[EmailMessage]:
    return [email.message_from_bytes(one.content, policy=default) for one in sink.messages]


def written(message: OutboxMessage) -> EmailMessage:
    """The mail as a client reads it."""
    return email.message_from_bytes(as_mail(message).message().as_bytes(), policy=default)


# --- a server that accepts


def test_what_is_due_is_handed_over_and_settled(sink: SmtpSink) -> None:
    message = letter(person("ada"))
    assert deliver(NOW) == DeliveryReport(sent=1)
    assert reread(message).status == "sent"
    assert [one.rcpt_tos for one in sink.messages] == [["ada@example.com"]]


def test_what_is_not_due_stays(sink: SmtpSink) -> None:
    letter(due_at=NOW + timedelta(hours=1))
    assert deliver(NOW) == DeliveryReport()
    assert sink.messages == []


def test_many_messages_use_one_connection(sink: SmtpSink, monkeypatch) -> None:
    for _ in range(channels.BATCH + 5):
        letter()
    opened = []
    connect = smtplib.SMTP.connect
    monkeypatch.setattr(
        smtplib.SMTP, "connect", lambda *args, **kw: opened.append(1) or connect(*args, **kw)
    )
    assert deliver(NOW) == DeliveryReport(sent=channels.BATCH + 5)
    assert len(opened) == 1


def test_no_more_than_the_limit_is_sent(sink: SmtpSink) -> None:
    for _ in range(5):
        letter()
    assert deliver(NOW, limit=3) == DeliveryReport(sent=3)


def test_each_is_settled_before_the_next_is_sent(settings, monkeypatch) -> None:
    first, second = letter(), letter()
    seen = []

    def send(self: EmailBackend, messages: list) -> int:
        seen.append(reread(first).status)
        return len(messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    deliver(NOW)
    assert seen == ["pending", "sent"]
    assert reread(second).status == "sent"


def test_a_crash_repeats_only_what_was_accepted_and_not_settled(
    sink: SmtpSink, monkeypatch
) -> None:
    for _ in range(5):
        letter()
    settle, settled = outbox.settle, []

    def crash_at_the_third(message, *, at):
        if len(settled) == 2:
            raise KeyboardInterrupt
        settled.append(message)
        return settle(message, at=at)

    monkeypatch.setattr(outbox, "settle", crash_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        deliver(NOW)
    monkeypatch.setattr(outbox, "settle", settle)
    assert deliver(NOW).sent == 0  # the lease of the dead worker still holds
    assert deliver(NOW + timedelta(minutes=1)).sent == 3
    ids = [one["Message-ID"] for one in received(sink)]
    assert (len(ids), len(set(ids))) == (6, 5)


# --- a server that does not


def test_a_refused_recipient_is_dead_at_once_and_the_next_is_sent(sink: SmtpSink) -> None:
    refused = letter()
    sink.mode = "refuse"
    assert deliver(NOW) == DeliveryReport(dead=1)
    assert "550" in reread(refused).last_error
    sink.mode = "accept"
    letter()
    assert deliver(NOW) == DeliveryReport(sent=1)


@pytest.mark.parametrize("mode", ["hang", "die"])
def test_a_broken_conversation_is_tried_again_later(sink: SmtpSink, mode: str) -> None:
    message = letter()
    sink.mode = mode
    assert deliver(NOW) == DeliveryReport(failed=1)
    assert (reread(message).status, reread(message).attempts) == ("pending", 1)
    sink.mode = "accept"
    assert deliver(NOW) == DeliveryReport()
    assert deliver(NOW + timedelta(minutes=1)) == DeliveryReport(sent=1)
    first, second = received(sink)
    assert first["Message-ID"] == second["Message-ID"]


def test_one_message_that_breaks_the_conversation_does_not_stop_the_others(
    sink: SmtpSink, monkeypatch
) -> None:
    poison = letter(priority=OutboxMessage.Priority.PAGE)
    for _ in range(3):
        letter()
    accept = SmtpSink.handle_DATA

    async def die_of_poison(self, server, session, envelope):
        self.mode = "die" if f"<{poison.pk}.".encode() in envelope.content else "accept"
        return await accept(self, server, session, envelope)

    monkeypatch.setattr(SmtpSink, "handle_DATA", die_of_poison)
    assert deliver(NOW) == DeliveryReport(sent=3, failed=1)


def test_a_server_that_breaks_off_twice_is_left_alone_for_now(sink: SmtpSink) -> None:
    for _ in range(5):
        letter()
    sink.mode = "die"
    assert deliver(NOW) == DeliveryReport(failed=2)
    assert OutboxMessage.objects.filter(attempts=0, claim="").count() == 3
    sink.mode = "accept"
    assert deliver(NOW + timedelta(minutes=2)) == DeliveryReport(sent=5)


def test_a_server_that_is_away_uses_up_no_attempts(settings, caplog) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    settings.EMAIL_PORT = free_port()
    messages = [letter(), letter()]
    with caplog.at_level(logging.WARNING, "incidents"):
        assert deliver(NOW) == DeliveryReport(failed=2)
    assert [reread(message).attempts for message in messages] == [0, 0]
    assert "mail server away" in reread(messages[0]).last_error
    assert caplog.messages == ["email away: ConnectionRefusedError"]
    assert deliver(NOW) == DeliveryReport()


def test_a_slow_server_does_not_outlive_the_lease(settings, monkeypatch) -> None:
    settings.EMAIL_TIMEOUT = 1
    for _ in range(3):
        letter()
    passed = iter(range(0, 1000, 3))  # three seconds between any two looks at the clock
    monkeypatch.setattr(
        channels, "_clock", lambda at: lambda: at + timedelta(seconds=next(passed))
    )
    claimed = []
    claim = outbox.claim
    monkeypatch.setattr(
        outbox, "claim", lambda *args, **kw: claimed.append(claim(*args, **kw)) or claimed[-1]
    )
    assert deliver(NOW).sent == 3
    assert [len(batch) for batch in claimed][:3] == [3, 2, 1]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (smtplib.SMTPRecipientsRefused({"a@example.com": (550, b"no such user")}), "dead"),
        (smtplib.SMTPRecipientsRefused({"a@example.com": (450, b"greylisted")}), "pending"),
        (smtplib.SMTPDataError(554, b"policy"), "pending"),
        (smtplib.SMTPSenderRefused(550, b"who are you", "us@example.com"), "pending"),
        (RuntimeError("a bug"), "pending"),
    ],
)
def test_only_a_refusal_of_the_recipient_for_good_is_final(
    monkeypatch, error: Exception, status: str
) -> None:
    message = letter()

    def refuse(self: EmailBackend, messages: list) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    deliver(NOW)
    assert reread(message).status == status


def test_an_address_no_mail_can_be_made_for_is_dead_at_once(sink: SmtpSink) -> None:
    broken = letter(address="ada@example.com\nBcc: eve@example.com")
    good = letter()
    assert deliver(NOW) == DeliveryReport(sent=1, dead=1)
    assert (reread(broken).status, reread(good).status) == ("dead", "sent")
    assert all("eve" not in str(one.rcpt_tos) for one in sink.messages)


# --- the scheduler's call


def test_the_task_delivers_what_is_due_now() -> None:
    message = letter()
    OutboxMessage.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
    tasks.deliver()
    assert reread(message).status == "sent"


def test_a_second_delivery_in_one_process_gives_way(monkeypatch) -> None:
    began = []

    def hang(at, **_) -> None:
        began.append(at)
        tasks.deliver()

    monkeypatch.setattr(tasks.channels, "deliver", hang)
    tasks.deliver()
    assert len(began) == 1
    tasks.deliver()
    assert len(began) == 2


def test_tasks_bear_the_names_the_timetable_asks_for() -> None:
    assert (tasks.sweep.name, tasks.deliver.name) == ("incidents.sweep", "incidents.deliver")


# --- the mail itself


def test_a_mail_is_text_and_html_with_one_absolute_link() -> None:
    mail_ = written(letter(link="/admin/incidents/incident/7/change/", role="scribe"))
    text = mail_.get_body(("plain",)).get_content()
    html = mail_.get_body(("html",)).get_content()
    for part in (text, html):
        assert "http://testserver/admin/incidents/incident/7/change/" in part
        assert "You are told as Scribe" in part
    assert html.count("<a ") == 1
    assert 'name="color-scheme" content="light dark"' in html


def test_a_message_without_a_link_has_no_button() -> None:
    assert "<a " not in written(letter()).get_body(("html",)).get_content()


def test_what_people_wrote_is_escaped_in_html_and_plain_in_text() -> None:
    mail_ = written(letter(body="<script>alert(1)</script> & so on"))
    assert "<script>" not in mail_.get_body(("html",)).get_content()
    assert "<script>alert(1)</script> & so on" in mail_.get_body(("plain",)).get_content()


def test_a_subject_cannot_begin_another_header() -> None:
    mail_ = written(letter(subject="Late\r\nBcc: eve@example.com"))
    assert mail_["Subject"] == "Late Bcc: eve@example.com"
    assert mail_["Bcc"] is None


def test_a_topic_cannot_begin_another_header() -> None:
    mail_ = written(letter(topic="INC-1>\r\nBcc: eve@example.com"))
    assert mail_["Bcc"] is None
    assert "INC-1%3E%0D%0ABcc" in mail_["References"]


def test_the_same_row_gives_the_same_message_id_and_another_row_another() -> None:
    one, other = letter(), letter()
    assert written(one)["Message-ID"] == written(reread(one))["Message-ID"]
    assert written(one)["Message-ID"] != written(other)["Message-ID"]


def test_messages_about_one_incident_are_one_conversation() -> None:
    first, second = (written(letter(topic="INC-2026-0001")) for _ in range(2))
    assert first["References"] == second["References"] == "<topic.INC-2026-0001@testserver>"
    assert first["In-Reply-To"] == first["References"]
    assert written(letter(topic="INC-2026-0002"))["References"] != first["References"]
    assert written(letter())["References"] is None


def test_automatic_replies_are_told_not_to_answer() -> None:
    assert written(letter())["Auto-Submitted"] == "auto-generated"


def test_an_umlaut_in_a_subject_survives() -> None:
    letter(subject="INC-2026-0001: Störung bei Zahlungen")
    deliver(NOW)
    [sent] = mail.outbox
    assert sent.subject == "INC-2026-0001: Störung bei Zahlungen"
