"""The mail itself: what it says, what it links to, which headers it bears, and bad input."""

import email
import re
from email.message import EmailMessage
from email.policy import default

import pytest
from django.template import TemplateSyntaxError
from django.test import Client

from incidents.channels import DeliveryReport, bodies, deliver, letters
from incidents.channels.letters import as_mail
from incidents.models import Muted, OutboxMessage
from incidents.operations import acknowledging, muting
from tests.deliveries import letter
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db

PAGE, DIGEST = OutboxMessage.Priority.PAGE, OutboxMessage.Priority.DIGEST
SITE = "http://testserver"


def written(message: OutboxMessage) -> EmailMessage:
    """The mail as a client reads it."""
    return email.message_from_bytes(as_mail(message).message().as_bytes(), policy=default)


def parts(message: OutboxMessage) -> tuple[str, str]:
    mail = written(message)
    return tuple(mail.get_body((kind,)).get_content() for kind in ("plain", "html"))


def links(message: OutboxMessage) -> list[tuple[str, str]]:
    found = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', parts(message)[1])
    return [(url, text.strip()) for url, text in found]


# --- what it says


@pytest.mark.parametrize(
    ("priority", "said"), [(PAGE, "Page: act now"), (5, "Notice"), (DIGEST, "Digest")]
)
def test_a_band_says_what_kind_of_mail_it_is(priority: int, said: str) -> None:
    assert f"{said} · INC-7</div>" in parts(letter(priority=priority, topic="INC-7"))[1]


def test_whoever_is_told_reads_why() -> None:
    for part in parts(letter(role="scribe")):
        assert "You are told as Scribe." in part
    for part in parts(letter()):
        assert "this kind of message (test) is addressed to you" in part


def test_a_list_of_mails_shows_the_beginning_of_the_text() -> None:
    html = parts(letter(body="First things first.\n\n" + "And more. " * 50))[1]
    shown = re.search(r"display: none[^>]*>([^<]*)<", html)
    assert shown is not None
    assert shown[1].startswith("First things first. And more.")
    assert len(shown[1]) <= 140


def test_what_waits_for_an_answer_has_its_button_beside_open_it(settings) -> None:
    settings.REPLY_SECRET = "x"
    message = letter(code="K7F3Q9", link="/admin/x/")
    acknowledge = f"{SITE}{acknowledging.link(message)}"
    assert links(message) == [(acknowledge, "Acknowledge"), (f"{SITE}/admin/x/", "Open it")]
    text, html = parts(message)
    assert f"Acknowledge: {acknowledge}\n" in text
    assert "reply with the code K7F3Q9." in text
    assert "reply with the code <strong>K7F3Q9</strong>." in html


def test_a_code_is_asked_for_only_where_replies_come_in(settings) -> None:
    settings.REPLY_SECRET = ""
    assert "K7F3Q9" not in "".join(parts(letter(code="K7F3Q9")))


def test_nothing_is_fetched_and_nothing_reports_back() -> None:
    html = parts(letter(role="scribe", code="K7F3Q9", link="/admin/x/", is_optional=True))[1]
    assert not re.search(r"<(img|link|script|iframe|object|form)\b|url\(|@import|\bsrc=", html)
    assert {url.split("/")[2] for url in re.findall(r'https?://[^"<\s]+', html)} == {
        "testserver"
    }


# --- unsubscribing


def test_an_optional_mail_can_be_stopped_from_itself_and_from_the_mailbox(settings) -> None:
    settings.SITE_URL = "https://incidents.example.com"
    message = letter(person("ada"), is_optional=True)
    url = f"https://incidents.example.com{muting.link(message)}"
    mail = written(message)
    assert mail["List-Unsubscribe"].strip() == f"<{url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (url, "Unsubscribe from these (test)") in links(message)
    assert url in parts(message)[0]


def test_the_link_in_the_mail_stops_the_kind(time_machine) -> None:
    message = letter(person("ada"), is_optional=True)
    time_machine.move_to(message.created_at)
    [(url, _)] = links(message)
    Client().post(url.removeprefix(SITE), {"List-Unsubscribe": "One-Click"})
    assert list(Muted.objects.values_list("person__username", "kind")) == [("ada", "test")]


def test_a_mailbox_is_not_asked_to_post_without_tls() -> None:
    mail = written(letter(is_optional=True))
    assert mail["List-Unsubscribe"] is not None
    assert mail["List-Unsubscribe-Post"] is None


def test_what_must_arrive_cannot_be_stopped() -> None:
    mail = written(letter(priority=PAGE))
    assert mail["List-Unsubscribe"] is None
    assert "nsubscribe" not in mail.as_string()


# --- headers


def test_a_page_is_urgent_and_nothing_else_is() -> None:
    page, notice = written(letter(priority=PAGE)), written(letter())
    assert (page["X-Priority"], page["Importance"]) == ("1", "high")
    assert (notice["X-Priority"], notice["Importance"]) == (None, None)


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028"])
def test_nothing_anybody_wrote_begins_a_header(break_: str) -> None:
    eve = f"x{break_}Bcc: eve@example.com{break_}{break_}<b>body"
    mail = written(
        letter(subject=eve, topic=eve[:40], role=eve[:50], link=f"/{eve}", dedupe_key=eve)
    )
    assert mail["Bcc"] is None
    assert sorted(mail.keys()) == sorted(written(letter(topic="T")).keys())
    assert "<b>body" not in mail.get_body(("html",)).get_content()


# --- bodies


def test_only_our_own_addresses_become_links() -> None:
    body = f"See {SITE}/admin/x/?a=1&b=2. Not https://evil.example/ or {SITE}.evil.example/y"
    assert links(letter(body=body)) == [
        (f"{SITE}/admin/x/?a=1&amp;b=2", f"{SITE}/admin/x/?a=1&amp;b=2")
    ]


def test_a_line_over_its_address_is_the_link_itself() -> None:
    message = letter(body=f"ACTION ITEM (1)\n\nIt is <late>\n{SITE}/admin/y/")
    assert links(message) == [(f"{SITE}/admin/y/", "It is &lt;late&gt;")]
    text, html = parts(message)
    assert f"It is <late>\n{SITE}/admin/y/" in text
    assert "<strong>ACTION ITEM (1)</strong>" in html


def test_an_address_cannot_leave_its_attribute() -> None:
    html = parts(letter(body=f'Look {SITE}/"onmouseover="alert(1)'))[1]
    assert 'onmouseover="' not in html
    assert "&quot;onmouseover=&quot;alert(1)" in html


def test_paragraphs_and_lines_stay_apart() -> None:
    assert bodies.as_html("a\nb\n\n\n c \n\t\n").count("<p ") == 2
    assert "a<br>\nb" in bodies.as_html("a\nb")
    assert bodies.as_html(" \n ") == ""


def test_each_paragraph_runs_in_its_own_direction() -> None:
    assert bodies.as_html("שלום\n\nhello").count('<p dir="auto"') == 2


@pytest.mark.parametrize(
    "body",
    [
        "שלום 🔥👩‍🚒 Störung ٣",
        "x" * 5000,
        "word " * 20_000,
        "w\n\n" * 30_000,
        "\N{REPLACEMENT CHARACTER}\u202eabc\u200b",
        ".\n..\nFrom here\n",
    ],
)
def test_any_text_arrives_as_it_was_written(body: str) -> None:
    message = letter(body=body)
    text, html = parts(message)
    assert text.startswith(body.strip())
    assert html.rstrip().endswith("</html>")
    raw = as_mail(message).message().as_bytes(linesep="\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322, 2.1.1


def test_control_characters_do_not_leave() -> None:
    message = letter(subject="a\x07b\x1b[31m", body="c\x1b]0;title\x07d\r\ne\x08")
    assert written(message)["Subject"] == "ab[31m"
    assert parts(message)[0].startswith("c]0;titled\ne\n")


def test_a_long_subject_is_whole_and_its_header_folded() -> None:
    subject = "INC-2026-0001 " + "ü" * 230
    assert written(letter(subject=subject))["Subject"].strip() == subject


def test_a_template_that_fails_holds_up_no_other_mail(monkeypatch) -> None:
    broken, good = letter(subject="broken"), letter(subject="good")
    render = letters.render_to_string

    def fail_once(name: str, context: dict) -> str:
        if context["subject"] == "broken":
            raise TemplateSyntaxError("Invalid block tag")
        return render(name, context)

    monkeypatch.setattr(letters, "render_to_string", fail_once)
    assert deliver(NOW) == DeliveryReport(sent=1, failed=1)
    broken.refresh_from_db()
    good.refresh_from_db()
    assert (broken.status, good.status) == ("pending", "sent")
    assert broken.last_error == "Invalid block tag"


# --- a calendar entry

ENTRY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def test_a_calendar_entry_is_an_alternative_that_says_what_to_do_with_it() -> None:
    mail = written(letter(calendar=ENTRY))
    assert mail.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    *_, part = mail.iter_parts()
    assert (part.get_param("method"), part.get_content_charset()) == ("REQUEST", "utf-8")
    assert part.get_content().splitlines()[2] == "METHOD:REQUEST"


def test_what_calls_it_off_says_so_and_what_names_no_method_goes_without() -> None:
    off = [*written(letter(calendar=ENTRY.replace("REQUEST", "CANCEL"))).iter_parts()][-1]
    assert off.get_param("method") == "CANCEL"
    plain = [*written(letter(calendar="BEGIN:VCALENDAR\r\n")).iter_parts()][-1]
    assert plain.get_param("method") is None


def test_for_a_provider_it_is_a_file_beside_the_words() -> None:
    mail = as_mail(letter(calendar=ENTRY), calendar_beside=True)
    assert [kind for _, kind in mail.alternatives] == ["text/html"]
    assert mail.attachments == [("invitation.ics", ENTRY, "text/calendar")]
