"""What can be a way to reach somebody, and what cannot."""

import pytest

from incidents.rules.ways import MOST_WAYS, Own, Way, objections, same

OWN = Own("ada@example.com", "+49 30 1234567")
NOBODY = Own("", "")


def codes(ways: dict[str, list[Way]], own: Own = OWN, **more) -> list[tuple[str, str]]:
    return [(reason.code, reason.field) for reason in objections(ways, own, **more)]


def of_pages(*ways: Way, own: Own = OWN, **more) -> list[str]:
    return [code for code, _ in codes({"page": list(ways)}, own, **more)]


@pytest.mark.parametrize(
    "way",
    [
        Way("email"),
        Way("email", "ada@elsewhere.example"),
        Way("sms", wait_minutes=5),
        Way("voice", "+4915112345678"),
        Way("sms", "+44 (20) 7946-0101"),
        Way("slack", "U012345"),
        Way("pagerduty", "R0UT1NGK3Y"),
        Way("webhook", "https://hooks.example.com/ada?key=1"),
    ],
)
def test_these_are_ways(way: Way) -> None:
    assert of_pages(way) == []


@pytest.mark.parametrize(
    ("way", "code"),
    [
        (Way("pigeon", "loft 3"), "unknown_channel"),
        (Way("sms", "030 1234567"), "unfit_address"),
        (Way("voice", "+49 call me"), "unfit_address"),
        (Way("sms", "+1234567890123456"), "unfit_address"),
        (Way("email", "ada"), "unfit_address"),
        (Way("email", "ada@example.com, bob@example.com"), "unfit_address"),
        (Way("email", "Ada <ada@example.com>"), "unfit_address"),
        (Way("email", "ada@example.com\nBcc: all@example.com"), "unfit_address"),
        (Way("slack", "U01\0"), "unfit_address"),
        (Way("slack"), "no_address"),
        (Way("webhook", "http://hooks.example.com/"), "unfit_address"),
        (Way("webhook", "https://user:secret@hooks.example.com/"), "unfit_address"),
        (Way("webhook", "https://"), "unfit_address"),
        (Way("webhook", "https://[::1/"), "unfit_address"),
        (Way("slack", "x" * 255), "unfit_address"),
        (Way("email", wait_minutes=0), "unfit_wait"),
        (Way("email", wait_minutes=1441), "unfit_wait"),
    ],
)
def test_these_are_none(way: Way, code: str) -> None:
    assert of_pages(way) == [code]


def test_whoever_has_no_phone_is_not_called() -> None:
    assert of_pages(Way("sms"), own=NOBODY) == ["no_address"]
    assert of_pages(Way("email"), own=NOBODY) == ["no_address"]


def test_webhooks_go_to_the_hosts_of_this_installation_alone() -> None:
    hook = Way("webhook", "https://hooks.example.com/ada")
    assert of_pages(hook, hosts=["hooks.example.com"]) == []
    assert of_pages(hook, hosts=["example.com"]) == ["unfit_address"]
    assert of_pages(hook, hosts=[]) == ["unfit_address"]


def test_pages_need_a_way_and_notices_need_none() -> None:
    assert codes({}) == [("no_way_for_pages", "page")]
    assert codes({"notice": [Way("email")]}) == [("no_way_for_pages", "page")]
    assert codes({"page": [Way("email")], "notice": []}) == []


def test_two_ways_alike_are_refused_however_the_address_is_written() -> None:
    assert of_pages(Way("sms"), Way("sms", "+49301234567")) == ["ways_alike"]
    assert of_pages(Way("email"), Way("email", "ADA@example.com")) == ["ways_alike"]
    # A text and a call to one number are two ways.
    assert of_pages(Way("sms"), Way("voice")) == []


def test_purposes_and_their_number_of_ways_are_limited() -> None:
    assert codes({"page": [Way("email")], "gossip": [Way("email")]}) == [
        ("unknown_purpose", "gossip")
    ]
    many = [Way("slack", f"U{number}") for number in range(MOST_WAYS + 1)]
    assert of_pages(*many) == ["too_many_ways"]


def test_numbers_are_the_same_however_people_and_providers_write_them() -> None:
    assert same("sms", "whatsapp:+49 (151) 23-45") == same("sms", "+491512345")
    assert same("email", " Ada@Example.com ") == "ada@example.com"
