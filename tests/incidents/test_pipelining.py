"""A mail in two steps instead of four: only where the server says so, and every no is understood."""

import smtplib
from collections.abc import Iterator

import pytest

from incidents.channels import DeliveryReport, deliver, stopping
from incidents.models import OutboxMessage
from incidents.operations import outbox
from tests.deliveries import letter
from tests.factories import NOW
from tests.servers import SmtpSink

pytestmark = pytest.mark.django_db

DOTS = "one\n.\n..two\n.three"


class Pipelining(SmtpSink):
    """Takes commands at once, and refuses whatever it is told to."""

    refusals: dict[str, str]

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self.refusals.get("mail", "250 OK")

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if "data" in self.refusals:
            return self.refusals["data"]
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def sink(settings) -> Iterator[Pipelining]:
    with Pipelining() as made:
        made.refusals = {}
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
        settings.EMAIL_TIMEOUT = 1
        yield made


@pytest.fixture
def written(monkeypatch) -> list[str]:
    """What is written to the server in one go."""
    said, send = list[str](), smtplib.SMTP.send

    def note(self, text) -> None:
        said.append(text if isinstance(text, str) else text.decode())
        send(self, text)

    monkeypatch.setattr(smtplib.SMTP, "send", note)
    return said


def statuses() -> list[str]:
    return list(OutboxMessage.objects.order_by("pk").values_list("status", flat=True))


def test_sender_recipient_and_data_are_said_at_once(sink, written) -> None:
    letter(address="ada@example.com")
    assert deliver(NOW) == DeliveryReport(sent=1)
    [asked] = [one for one in written if one.startswith("MAIL")]
    assert asked.count("\r\n") == 3
    assert sink.messages[0].rcpt_tos == ["ada@example.com"]


def test_never_to_a_server_that_does_not_say_so(smtp_sink, settings, written) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    letter()
    assert deliver(NOW) == DeliveryReport(sent=1)
    assert all(one.count("\r\n") == 1 for one in written if one.startswith(("MAIL", "mail")))


def test_many_go_one_after_the_other_each_with_its_own_words(sink) -> None:
    rows = [letter(body=f"This is number {number}.\n{DOTS}") for number in range(30)]
    assert deliver(NOW).sent == 30
    for row, taken in zip(rows, sink.messages, strict=True):
        assert row.body.replace("\n", "\r\n").encode() in taken.content
        assert taken.rcpt_tos == [row.address]


def test_a_recipient_that_does_not_exist_is_dead_and_the_next_is_sent(sink) -> None:
    letter()
    sink.mode = "refuse"
    assert deliver(NOW) == DeliveryReport(dead=1)
    assert "550" in OutboxMessage.objects.get().last_error
    sink.mode = "accept"
    letter()
    assert deliver(NOW) == DeliveryReport(sent=1)
    assert statuses() == ["dead", "sent"]


@pytest.mark.parametrize(
    ("where", "answer"),
    [
        ("mail", "451 busy"),
        ("mail", "550 who are you"),
        ("data", "451 busy"),
        ("data", "554 no"),
    ],
)
def test_a_no_to_sender_or_content_is_tried_again(sink, where: str, answer: str) -> None:
    letter()
    sink.refusals[where] = answer
    assert deliver(NOW) == DeliveryReport(failed=1)
    assert answer[:3] in OutboxMessage.objects.get().last_error
    sink.refusals.clear()
    assert deliver(NOW.replace(hour=10)) == DeliveryReport(sent=1)


@pytest.mark.parametrize("mode", ["hang", "die"])
def test_a_server_that_ends_with_it_in_hand_is_asked_again(sink, mode: str) -> None:
    letter()
    sink.mode = mode
    assert deliver(NOW) == DeliveryReport(failed=1)
    sink.mode = "accept"
    assert deliver(NOW.replace(hour=10)) == DeliveryReport(sent=1)


def test_the_next_is_prepared_meanwhile_and_a_bad_one_harms_only_itself(sink) -> None:
    for address in ("ada@example.com", "@", "ben@example.com"):
        letter(address=address)
    assert deliver(NOW) == DeliveryReport(sent=2, dead=1)
    assert statuses() == ["sent", "dead", "sent"]


def test_the_next_is_announced_before_the_last_is_settled_and_given_only_after(
    sink, written, monkeypatch
) -> None:
    settle, known = outbox.settle, list[tuple[int, int]]()

    def noting(message: OutboxMessage, *, at) -> bool:
        known.append((sum(one.startswith("MAIL") for one in written), len(sink.messages)))
        return settle(message, at=at)

    monkeypatch.setattr(outbox, "settle", noting)
    for _ in range(3):
        letter()
    assert deliver(NOW) == DeliveryReport(sent=3)
    assert known == [(2, 1), (3, 2), (3, 3)]


def test_what_was_announced_and_is_not_to_be_sent_after_all_reaches_nobody(
    sink, monkeypatch
) -> None:
    settle = outbox.settle

    def asked_to_end(message: OutboxMessage, *, at) -> bool:
        stopping.stop_after_this()
        return settle(message, at=at)

    monkeypatch.setattr(outbox, "settle", asked_to_end)
    for _ in range(2):
        letter()
    try:
        assert deliver(NOW) == DeliveryReport(sent=1)
    finally:
        stopping.go_on()
    monkeypatch.undo()
    assert len(sink.messages) == 1
    assert deliver(NOW) == DeliveryReport(sent=1)
    assert len(sink.messages) == 2
