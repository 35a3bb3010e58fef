"""On a person's page one says and sees how they are reached; the list shows it of everybody."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import ContactProof, OutboxMessage, Person
from incidents.operations import ways
from incidents.rules.ways import MOST_WAYS, Way
from tests import factories
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.ways import ALL, way

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def channels(settings) -> None:
    settings.CHANNELS = ALL


@pytest.fixture
def olga() -> Person:
    return member("olga", "responder", phone="+44 20 7946 0101")


def typed(*lines: tuple[str, str, str], purpose: str = "page") -> dict[str, str]:
    return {
        f"{purpose}-{number}-{part}": value
        for number, line in enumerate(lines)
        for part, value in zip(("channel", "address", "wait"), line, strict=True)
    }


def listed(who: Person, purpose: str = "page") -> list[Way]:
    return list(ways.of([who]).get((who.pk, purpose), []))


def test_on_their_own_page_a_person_says_how_they_are_reached(olga) -> None:
    browser = signed_in(olga)
    assert "Say how to be reached" in text_of(browser.get(page_of(olga)))
    page = browser.get(page_of(olga, "set_ways")).content.decode()
    assert re.search(r'id="id_page_0_channel".*?value="email" selected', page, re.DOTALL)
    body = typed(("sms", "", "5"), ("email", "", "")) | typed(
        ("slack", "U1", ""), purpose="digest"
    )
    assert browser.post(page_of(olga, "set_ways"), body).status_code == 302
    assert listed(olga) == [Way("sms", "", 5), Way("email")]
    assert listed(olga, "digest") == [Way("slack", "U1")]
    words = text_of(browser.get(page_of(olga)))
    assert "+44 20 7946 0101 after 5 min without an answer the next never verified" in words
    again = browser.get(page_of(olga, "set_ways")).content.decode()
    assert 'value="U1"' in again


def test_lines_left_empty_between_others_count_for_nothing(olga) -> None:
    body = typed(("", "", ""), ("sms", "", ""), ("", "", ""), ("email", "", ""))
    assert signed_in(olga).post(page_of(olga, "set_ways"), body).status_code == 302
    assert listed(olga) == [Way("sms"), Way("email")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("", "U1", ""), "Choose a channel for each address."),
        (("email", "", "soon"), "Give the minutes to wait as a whole number."),
        (("email", "", "²"), "Give the minutes to wait as a whole number."),
        (("sms", "12", ""), "begin with + and the country code"),
        (("pigeon", "", ""), "There is no channel “pigeon”"),
        (("", "", ""), "Name at least one way for pages"),
    ],
)
def test_what_cannot_be_a_way_is_said_and_what_was_typed_stays(olga, line, why) -> None:
    body = typed(line) | typed(("slack", "U7", ""), purpose="notice")
    answer = signed_in(olga).post(page_of(olga, "set_ways"), body)
    assert answer.status_code == 409
    assert why in text_of(answer)
    assert 'value="U7"' in answer.content.decode()
    assert listed(olga, "notice") == []


def test_every_line_is_named_for_whoever_cannot_see_it(olga) -> None:
    page = signed_in(olga).get(page_of(olga, "set_ways")).content.decode()
    for number in range(1, MOST_WAYS + 1):
        assert page.count(f'aria-label="Channel of way {number}"') == 3
        assert page.count(f'aria-label="Address of way {number}"') == 3


def test_a_channel_nobody_set_up_is_said_to_be_none(olga, settings) -> None:
    settings.CHANNELS = ("email",)
    way(olga, "voice")
    browser = signed_in(olga)
    assert "Phone call (not set up here)" in text_of(browser.get(page_of(olga, "set_ways")))
    assert "not set up here: passed over" in text_of(browser.get(page_of(olga)))


def test_leadership_says_it_for_others_and_nobody_else_does(olga) -> None:
    nils, lea = member("nils", "responder"), member("lea", "leadership")
    refused = signed_in(nils).post(page_of(olga, "set_ways"), typed(("email", "", "")))
    assert refused.status_code == 409
    assert "Only Olga, or leadership, says how Olga is reached." in text_of(refused)
    assert listed(olga) == []
    said = signed_in(lea).post(page_of(olga, "set_ways"), typed(("email", "", "")))
    assert said.status_code == 302
    assert listed(olga) == [Way("email")]


def test_an_auditor_and_dan_have_no_such_page(olga) -> None:
    for who in (member("ines", "auditor"), member("dan")):
        answer = signed_in(who).post(page_of(olga, "set_ways"), typed(("email", "", "")))
        assert answer.status_code == 403
    assert listed(olga) == []


def test_a_code_goes_by_the_channel_one_chooses_and_proves_that_address(olga) -> None:
    way(olga, "slack", "U1")
    browser = signed_in(olga)
    page = text_of(browser.get(page_of(olga, "send_code")))
    assert "Slack: U1" in page
    assert "text message: +44 20 7946 0101" in page
    assert browser.post(page_of(olga, "send_code"), {"where": "slack U1"}).status_code == 302
    message = OutboxMessage.objects.get()
    assert (message.channel, message.address) == ("slack", "U1")
    code = message.link.rpartition("code=")[2]
    assert browser.post(page_of(olga, "give_code"), {"code": code}).status_code == 302
    proof = ContactProof.objects.get()
    assert (proof.channel, proof.address) == ("slack", "U1")


def test_a_code_goes_to_no_address_that_is_not_theirs(olga) -> None:
    body = {"where": "slack U2"}
    assert signed_in(olga).post(page_of(olga, "send_code"), body).status_code == 409
    assert not OutboxMessage.objects.exists()


def test_the_list_says_by_what_a_page_reaches_everybody(olga) -> None:
    way(olga, "slack", "U1")
    way(olga, "email")
    factories.person("mute", email="")
    proved_at = timezone.now() - timedelta(days=200)
    ada = factories.person("ada")
    ContactProof.objects.create(
        person=ada, channel="email", address=ada.email, means="code", proved_at=proved_at,
        proved_by=ada,
    )  # fmt: skip
    words = text_of(signed_in(olga).get(list_of(Person)))
    assert "Slack, never verified" in words
    assert "nothing reaches them" in words
    assert f"e-mail, last verified {proved_at:%Y-%m-%d}" in words


def test_the_list_costs_the_same_however_many_ways_there_are(olga) -> None:
    browser = signed_in(olga)
    browser.get(list_of(Person))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get(list_of(Person))
        return len(captured)

    few = queries()
    for _ in range(10):
        who = factories.person()
        way(who, "slack", "U1")
        way(who, "email")
    assert queries() == few


def test_on_their_own_page_a_person_says_when_they_are_left_alone(olga) -> None:
    browser = signed_in(olga)
    assert "Say when to be left alone" in text_of(browser.get(page_of(olga)))
    page = page_of(olga, "set_quiet")
    body = {"quiet_from": "22:00", "quiet_until": "", "holidays": "DE", "digest_at": "09:00"}
    assert "Give both hours" in text_of(browser.post(page, body))
    assert browser.post(page, body | {"quiet_until": "07:00"}).status_code == 302
    olga.refresh_from_db()
    assert (str(olga.quiet_until), olga.holidays) == ("07:00:00", "DE")
