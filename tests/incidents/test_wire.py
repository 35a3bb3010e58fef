"""Our own bytes say what Django's say: a client reads the same mail of both."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.channels import wire

HEADERS = {"Message-ID": "<7.abc@example.com>", "X-Priority": "1"}
TEXTS = [
    "Please look.",
    "Zahlungen fallen aus: bitte prüfen, 5 € je Stück",
    "התשלומים נכשלים. אנא בדקו עכשיו",
    "x" * 5000,
    "ü" * 5000,
    "one\r\ntwo\rthree\nfour \n.\n..\nFrom here\n",
    "🔥" * 300,
]


def mail(
    subject: str = "INC-1: look", body: str = "Please look.", **more
) -> EmailMultiAlternatives:
    made = EmailMultiAlternatives(
        subject, body, "Incidents <incidents@example.com>", ["ada@example.com"],
        headers=dict(HEADERS), **more,
    )  # fmt: skip
    made.attach_alternative(f"<p>{body}</p>", "text/html")
    return made


def read(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=default)


def words(found: EmailMessage, kind: str) -> list[str]:
    """A text, however it travelled: where its lines end is the same, and not how."""
    return found.get_body((kind,)).get_content().rstrip("\r\n").splitlines()


def same(one: EmailMultiAlternatives) -> None:
    ours, stock = read(wire.as_bytes(one)), read(one.message().as_bytes(linesep="\r\n"))
    for name in ("Subject", "From", "To", *HEADERS):
        assert str(ours[name]).strip() == str(stock[name]).strip()
    for kind in ("plain", "html"):
        assert words(ours, kind) == words(stock, kind)
    assert not ours.defects


@pytest.mark.parametrize("text", TEXTS)
def test_a_client_reads_the_same(text: str) -> None:
    same(mail(body=text))


@pytest.mark.parametrize("text", [text.split("\r")[0] for text in TEXTS])
def test_of_every_subject(text: str) -> None:
    same(mail(subject=text[:250]))


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400))
@settings(max_examples=60, deadline=None)
def test_of_whatever_somebody_wrote(text: str) -> None:
    one = mail(subject=" ".join(text.split())[:200], body=text)
    found = read(wire.as_bytes(one))
    assert found.get_body(("plain",)).get_content().rstrip("\r\n") == text.rstrip("\r\n")
    assert found["Subject"] == str(one.subject)


@pytest.mark.parametrize("text", TEXTS)
def test_every_line_is_short_enough_and_of_seven_bits(text: str) -> None:
    data = wire.as_bytes(mail(body=text, subject=text.split("\r")[0][:250]))
    assert data.isascii()
    assert all(len(line) <= wire.LONGEST_LINE for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize("subject", ["a\nBcc: eve@example.com", "a\r\nX: y", "a\rb"])
def test_a_subject_with_a_line_break_is_no_mail(subject: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        wire.as_bytes(mail(subject=subject))


@pytest.mark.parametrize("to", ["ada@example.com\nBcc: eve@example.com", "@", ""])
def test_an_address_that_is_none_is_no_mail(to: str) -> None:
    one = mail()
    one.to = [to]
    with pytest.raises(ValueError, match="ddress"):
        wire.as_bytes(one)


def test_a_header_with_a_line_break_is_no_mail() -> None:
    one = mail()
    one.extra_headers["X-Priority"] = "1\nBcc: eve@example.com"
    with pytest.raises(ValueError, match="newline"):
        wire.as_bytes(one)


def test_what_is_more_than_a_letter_goes_the_stock_way() -> None:
    one = mail(bcc=["archive@example.com"])
    one.attach("a.txt", "attached", "text/plain")
    assert [part.get_content() for part in read(wire.as_bytes(one)).iter_attachments()] == [
        "attached"
    ]


def test_an_address_of_other_letters_is_written_as_the_stock_mail_writes_it() -> None:
    one = mail()
    one.to = ["ada@münchen.example"]
    same(one)
