"""Places in the admin and the API: leadership changes them, others read; what cannot be one is said."""

import pytest
from django.test import Client

from incidents.models import Channel, Destination, OutboxMessage, Person
from incidents.operations import ways
from incidents.operations.people import issue_token
from incidents.rules import ways as rules
from incidents.rules.places import objections
from raci_project.nudging import steps
from tests import factories
from tests.callers import API
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.publishing import place

pytestmark = pytest.mark.django_db

GIVEN = {
    "name": "Merchants",
    "audience": "customers",
    "channel": "email",
    "address": " merchants@lists.example ",
    "is_active": "on",
}


def authorized(who: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(who, label='test', at=NOW)}"}


@pytest.fixture
def leader() -> Client:
    return signed_in(member("lea", "leadership"))


# --- pages


def test_leadership_adds_a_place_and_its_row_history_has_it(leader: Client) -> None:
    answer = leader.post(list_of(Destination, "add"), GIVEN)
    assert answer.status_code == 302
    made = Destination.objects.get()
    assert made.address == "merchants@lists.example"
    assert made.history.get().history_user.username == "lea"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "no address"}, "is not an e-mail address"),
        (
            {"channel": "webhook", "address": "https://elsewhere.example"},
            "do not go to elsewhere",
        ),
        ({"channel": "atlassian", "address": "kctbh9vrtdwd"}, "Everybody reads a page"),
        (
            {"channel": "atlassian", "audience": "public", "address": "../pages"},
            "Give the page ID",
        ),
        ({"channel": "sms", "address": "call me"}, "is not a phone number"),
    ],
)
def test_what_cannot_be_a_place_is_said_beside_its_field(
    leader: Client, wrong: dict[str, str], said: str
) -> None:
    answer = leader.post(list_of(Destination, "add"), GIVEN | wrong)
    assert answer.status_code == 200
    assert said in text_of(answer)
    assert not Destination.objects.exists()


def test_one_place_is_not_told_twice(leader: Client) -> None:
    place(audience="customers", address="merchants@lists.example")
    answer = leader.post(list_of(Destination, "add"), GIVEN)
    assert "already exists" in text_of(answer)
    assert Destination.objects.count() == 1


def test_whoever_only_reads_finds_where_updates_go_and_no_button() -> None:
    where = place()
    reader = signed_in(member("ben", "responder"))
    assert "merchants@lists.example" in text_of(reader.get(list_of(Destination)))
    assert reader.post(page_of(where), GIVEN).status_code == 403
    assert reader.post(page_of(where, "test")).status_code == 403
    assert not OutboxMessage.objects.exists()


def test_dan_sees_none_of_it() -> None:
    where = place()
    dan = signed_in(member("dan"))
    for page in (list_of(Destination), page_of(where), page_of(where, "test")):
        assert dan.get(page).status_code == 403


def test_a_test_is_sent_by_a_verb(leader: Client) -> None:
    where = place()
    leader.get(page_of(where, "test"))
    assert not OutboxMessage.objects.exists()
    leader.post(page_of(where, "test"))
    assert OutboxMessage.objects.get().address == where.address


def test_the_list_says_which_place_hears_nothing_and_why(leader: Client) -> None:
    place("Room", channel="slack", address="#status")
    place("Old", is_active=False)
    words = text_of(leader.get(list_of(Destination)))
    assert "No: the channel is not set up here" in words
    assert "No: not active" in words


def test_an_empty_list_says_what_to_do_first(leader: Client) -> None:
    assert "Add a mailing list, a chat room" in text_of(leader.get(list_of(Destination)))


# --- the API


def test_the_api_lists_places_by_pages() -> None:
    reader = factories.allow(factories.person("ben"), "incidents.view_destination")
    place("One"), place("Room", channel="slack", address="#status", is_active=False)
    headers = authorized(reader)
    first = Client().get(f"{API}/destinations?limit=1", headers=headers).json()
    [one] = first["items"]
    assert (one["name"], one["channel"], one["is_set_up"]) == ("One", "email", True)
    [room] = Client().get(first["next"], headers=headers).json()["items"]
    assert (room["is_active"], room["is_set_up"]) == (False, False)


def test_the_api_lists_none_to_dan() -> None:
    headers = authorized(factories.person("dan"))
    assert Client().get(f"{API}/destinations", headers=headers).status_code == 403


# --- a place is no way to a person


def test_a_page_of_statuspage_is_offered_to_nobody_as_a_way() -> None:
    assert set(Channel) - set(ways.CHANNELS) == {Channel.ATLASSIAN}
    assert set(ways.CHANNELS) == set(rules.NAMES)
    way = rules.Way("atlassian", "kctbh9vrtdwd")
    found = rules.objections({"page": [way]}, rules.Own("a@example.org", ""))
    assert [reason.code for reason in found] == ["unknown_channel"]


def test_nobody_replies_by_statuspage_and_no_reminder_wishes_it(settings, client) -> None:
    settings.REPLY_SECRET = "secret"
    answers = [client.post(f"/replies/{one}", b"{}", "application/json") for one in Channel]
    assert {
        one.value
        for one, answer in zip(Channel, answers, strict=True)
        if answer.status_code == 404
    } == {"atlassian"}
    offered = {value for value, _ in steps._channels()}
    assert offered == {"", *ways.CHANNELS}


def test_a_good_place_of_each_kind_is_accepted() -> None:
    assert not list(objections("public", "atlassian", "kctbh9vrtdwd"))
    assert not list(objections("internal", "slack", "#incidents"))
    hooks = ["hooks.example"]
    assert not list(objections("public", "webhook", "https://hooks.example/a", hosts=hooks))
