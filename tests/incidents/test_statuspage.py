"""Statuspage: a real server that behaves as documented is told once of each update, whatever happens."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from incidents.channels import deliver
from incidents.channels.carriers import carrier
from incidents.channels.statuspage import OURS, StatuspageCarrier
from incidents.models import Incident, OutboxMessage, Outlet, Update
from incidents.operations import outlets, places
from tests.deliveries import incident, letter
from tests.factories import NOW
from tests.publishing import place, published
from tests.statuspage import KEY, PAGE, Statuspage

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def page(settings, db) -> Iterator[Statuspage]:
    settings.EMAIL_TIMEOUT = 1
    with Statuspage() as page:
        settings.STATUSPAGE_API_KEY, settings.STATUSPAGE_URL = KEY, page.url
        settings.CHANNELS = ("email", "atlassian")
        place("Statuspage", channel="atlassian", address=PAGE)
        Outlet.objects.update(rate_per_minute=None)  # as fast as it goes
        yield page


@pytest.fixture
def where() -> Incident:
    return incident(reference="INC-7")


def say(where: Incident, text: str, **fields) -> OutboxMessage:
    update = published(where, text=text, **fields)
    places.compose(update, at=NOW)
    return OutboxMessage.objects.order_by("-pk")[0]


def send(at=NOW):
    return deliver(at, channel="atlassian")


def again(message: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=message.pk)


# --- what is posted


def test_the_first_update_opens_an_incident_and_the_next_continue_it(page, where) -> None:
    say(where, "We look", services=("cards",), impact="partial")
    say(where, "We found it", stage="identified", impact="partial")
    say(where, "It is over", stage="resolved", impact="none")
    assert send().sent == 3
    [there] = page.incidents
    assert there["bodies"] == ["We look", "We found it", "It is over"]
    assert (there["name"], there["status"]) == ("Cards: partial outage", "resolved")
    keys = list(Update.objects.order_by("pk").values_list("pk", flat=True))
    assert there["metadata"] == {OURS: {"incident": "INC-7", "updates": keys}}
    assert there["deliver_notifications"] is True


@pytest.mark.parametrize(
    ("impact", "theirs"),
    [("none", "none"), ("degraded", "minor"), ("partial", "major"), ("major", "critical")],
)
def test_impact_is_said_in_their_words(page, where, impact: str, theirs: str) -> None:
    say(where, "We look", impact=impact)
    send()
    assert page.incidents[0]["impact_override"] == theirs


def test_another_incident_is_another_there_and_strangers_are_left_alone(page, where) -> None:
    page.has(1)
    page.has(2, jira={"incident": "INC-7"})
    page.has(3, **{OURS: "not as we write it"})
    say(where, "We look")
    say(incident(reference="INC-8"), "This too")
    send()
    assert page.said == [["This too"], ["We look"], [], [], []]


def test_a_correction_says_so_there_too(page, where) -> None:
    first = published(where, text="All fail")
    say(where, "Some fail", corrects=first)
    send()
    [[body]] = page.said
    assert body == "Correction of our update of 2026-11-23 09:00 UTC\n\nSome fail"


def test_what_is_resolved_there_is_found_again_among_the_latest(page, where) -> None:
    say(where, "It is over", stage="resolved", impact="none")
    send()
    say(where, "It came back")
    send()
    assert page.said == [["It is over", "It came back"]]


# --- once, whatever happens


def test_whoever_was_killed_between_posting_and_settling_posts_nothing_twice(
    page, where
) -> None:
    message = say(where, "We look")
    with StatuspageCarrier() as killed:
        killed.hand_over(killed.prepare(message))  # and never settled
    assert again(message).status == "pending"
    assert send().sent == 1
    assert page.said == [["We look"]]


@pytest.mark.parametrize("earlier", [[], ["We look"]])
def test_an_answer_that_is_lost_leads_to_no_second_post(page, where, earlier) -> None:
    for text in earlier:
        say(where, text)
        send()
    message = say(where, "We found it")
    page.drops = True
    send()
    assert again(message).status == "pending"
    page.drops = False
    assert send(NOW + HOUR).sent == 1
    assert page.said == [[*earlier, "We found it"]]


def test_an_answer_that_comes_too_late_leads_to_no_second_post(page, where) -> None:
    page.hang = 0
    message = say(where, "We look")
    slow = StatuspageCarrier()
    post = slow.prepare(message)
    slow._find(post)
    page.hang = 1.5
    with pytest.raises(Exception, match="no answer"), slow:
        slow.hand_over(post)
    page.hang = 0
    send()
    assert page.said == [["We look"]]


# --- what it answers


@pytest.mark.parametrize(
    ("status", "becomes", "attempts"),
    [
        (400, "dead", 1),
        (404, "dead", 1),
        (422, "dead", 1),
        (401, "pending", 0),
        (420, "pending", 0),
        (429, "pending", 0),
        (403, "pending", 1),
        (500, "pending", 1),
        (503, "pending", 1),
        (302, "pending", 1),
    ],
)
def test_what_it_answers_decides(page, where, status: int, becomes: str, attempts: int) -> None:
    message = say(where, "We look")
    page.fails = status
    send()
    found = again(message)
    assert (found.status, found.attempts) == (becomes, attempts)
    assert str(status) in found.last_error
    assert KEY not in found.last_error


def test_a_page_that_is_away_is_queued_shown_and_told_once_it_is_back(
    page, where, settings
) -> None:
    message = say(where, "We look")
    there, settings.STATUSPAGE_URL = settings.STATUSPAGE_URL, "http://127.0.0.1:1/v1"
    send()
    assert Outlet.objects.get(pk="atlassian").paused_until > NOW
    [reach] = places.reached([Update.objects.get()])[Update.objects.get().pk]
    assert (reach.name, reach.state) == ("Statuspage", "failing")
    assert reach.note == "waits: atlassian: cannot be reached: ConnectionError"
    settings.STATUSPAGE_URL = there
    assert send(NOW + HOUR).sent == 1
    assert again(message).attempts == 0


def test_a_page_that_is_dead_holds_up_nothing_else(page, where) -> None:
    place("Merchants")
    say(where, "We look")
    page.fails = 503
    send()
    assert deliver(NOW).sent == 1


def test_a_page_that_hangs_gives_up_after_two(page, where) -> None:
    page.hang = 1.5
    for number in range(4):
        say(incident(reference=f"INC-{number}0"), "We look")
    send()
    assert len(page.asked) == 2
    assert Outlet.objects.get(pk="atlassian").paused_until > NOW


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b"7"])
def test_an_answer_that_cannot_be_read_is_no_success(page, where, answer: bytes) -> None:
    message = say(where, "We look")
    page.answer = answer
    send()
    assert again(message).status == "pending"
    assert "cannot be read" in again(message).last_error
    assert page.said == []


# --- what never goes there


def test_only_published_updates_go_to_a_page(page) -> None:
    message = letter(channel="atlassian", address=PAGE)
    send()
    assert again(message).status == "dead"
    assert page.asked == []


def test_a_test_asks_for_the_page_and_shows_nothing_on_it(page) -> None:
    message = letter(channel="atlassian", address=PAGE)
    OutboxMessage.objects.filter(pk=message.pk).update(kind=places.TEST)
    assert send().sent == 1
    assert page.asked == [("GET", f"/v1/pages/{PAGE}")]


def test_without_a_key_it_is_not_set_up_and_says_which_setting(page, where, settings) -> None:
    message = say(where, "We look")
    settings.STATUSPAGE_API_KEY = ""
    with carrier("atlassian") as none:
        assert none.answers
    send()
    assert again(message).status == "dead"
    assert "set STATUSPAGE_API_KEY" in again(message).last_error


def test_no_more_leave_than_one_key_may_ask() -> None:
    Outlet.objects.all().delete()
    outlets.begin()
    assert Outlet.objects.get(pk="atlassian").rate_per_minute == 20
    assert Outlet.objects.get(pk="email").rate_per_minute is None
