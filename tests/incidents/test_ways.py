"""A person says how they are reached for what, and messages go that way."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import ContactWay, Muted, OutboxMessage, Person
from incidents.operations import composing, ways
from incidents.operations.composing import Message
from incidents.rules.fitting import LONGEST_BODY
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.ways import Way
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import MINUTE, acts, last_act, refused
from tests.ways import ALL, composed, way

pytestmark = pytest.mark.django_db

NOTICE = OutboxMessage.Priority.NOTICE
DIGEST = OutboxMessage.Priority.DIGEST


@pytest.fixture(autouse=True)
def channels(settings) -> None:
    settings.CHANNELS = ALL
    settings.WEBHOOK_HOSTS = ["hooks.example.com"]


@pytest.fixture
def zoe() -> Person:
    zoe = factories.person("zoe", phone="+44 20 7946 0101")
    return factories.allow(zoe, "incidents.reach_person")


@pytest.fixture
def lea() -> Person:
    return factories.allow(factories.person("lea"), "incidents.change_person")


PAGES = {"page": [Way("sms", wait_minutes=5), Way("email")]}


def listed(who: Person, purpose: str = "page") -> list[Way]:
    return list(ways.of([who]).get((who.pk, purpose), []))


# --- saying it


def test_a_person_says_how_they_are_reached(zoe) -> None:
    ways.set_ways(zoe, PAGES, actor=zoe, at=NOW)
    assert listed(zoe) == PAGES["page"]
    assert listed(zoe, "notice") == []
    assert acts() == ["set_ways"]
    assert last_act().detail == {"ways": {"page": ["sms", "email"]}}


def test_what_is_said_anew_takes_the_place_of_what_was_and_history_keeps_both(zoe) -> None:
    ways.set_ways(zoe, PAGES | {"digest": [Way("slack", "U1")]}, actor=zoe, at=NOW)
    ways.set_ways(zoe, {"page": [Way("voice"), Way("email")]}, actor=zoe, at=NOW)
    assert listed(zoe) == [Way("voice"), Way("email")]
    assert listed(zoe, "digest") == []
    past = ContactWay.history.values_list("history_type", "channel")
    assert sorted(past) == [
        ("+", "email"), ("+", "slack"), ("+", "sms"), ("-", "slack"), ("~", "voice"),
    ]  # fmt: skip


def test_leadership_says_it_for_others(zoe, lea) -> None:
    ways.set_ways(zoe, PAGES, actor=lea, at=NOW)
    assert listed(zoe) == PAGES["page"]


def test_who_has_no_permission_says_it_not_even_of_themselves(zoe) -> None:
    dan = factories.person("dan")
    for whom in (dan, zoe):
        with refused("no_permission", NotPermitted):
            ways.set_ways(whom, PAGES, actor=dan, at=NOW)


def test_who_may_say_it_of_themselves_says_it_of_nobody_else(zoe, lea) -> None:
    with refused("not_yourself", NotPermitted):
        ways.set_ways(lea, PAGES, actor=zoe, at=NOW)


def test_nobody_redirects_the_messages_of_a_superuser(lea) -> None:
    root = factories.person("root", is_superuser=True)
    with refused("about_a_superuser", NotPermitted):
        ways.set_ways(root, PAGES, actor=lea, at=NOW)


def test_what_cannot_be_a_way_changes_nothing(zoe) -> None:
    ways.set_ways(zoe, PAGES, actor=zoe, at=NOW)
    wrong = {"page": [Way("email")], "notice": [Way("sms", "12")]}
    with refused("unfit_address", Invalid) as caught:
        ways.set_ways(zoe, wrong, actor=zoe, at=NOW)
    assert [reason.field for reason in caught.value.reasons] == ["notice"]
    assert listed(zoe) == PAGES["page"]


def test_a_webhook_goes_only_where_this_installation_lets_it(zoe) -> None:
    with refused("unfit_address", Invalid):
        elsewhere = {"page": [Way("webhook", "https://evil.example/")]}
        ways.set_ways(zoe, elsewhere, actor=zoe, at=NOW)


# --- going there


def test_a_message_goes_the_first_way_of_its_purpose(zoe) -> None:
    way(zoe, "slack", "U1")
    way(zoe, "sms", purpose="notice")
    way(zoe, "webhook", "https://hooks.example.com/z", purpose="digest")
    page, notice, digest = (
        composed(zoe, str(priority), priority=priority) for priority in (0, NOTICE, DIGEST)
    )
    assert (page.channel, page.address) == ("slack", "U1")
    assert (notice.channel, notice.address) == ("sms", zoe.phone)
    assert (digest.channel, digest.address) == ("webhook", "https://hooks.example.com/z")


def test_who_said_nothing_is_reached_by_mail(zoe) -> None:
    message = composed(zoe)
    assert (message.channel, message.address) == ("email", zoe.email)
    assert (message.way, message.fall_back_at) == (0, None)


def test_what_is_not_set_up_here_is_passed_over(zoe, settings) -> None:
    way(zoe, "voice", wait=5)
    way(zoe, "slack", "U1")
    settings.CHANNELS = ("email", "slack")
    assert composed(zoe).channel == "slack"
    settings.CHANNELS = ("email",)
    assert composed(zoe, "two").channel == "email"


def test_the_law_wishes_a_channel_first_where_it_leads_to_the_person(zoe) -> None:
    way(zoe, "slack", "U1", wait=5)
    way(zoe, "sms", "+44 1 2345678")
    wished = composed(zoe, "a", channel="sms")
    assert (wished.channel, wished.address) == ("sms", "+44 1 2345678")
    assert composed(zoe, "b", channel="voice").address == zoe.phone
    assert composed(zoe, "c", channel="discord").channel == "slack"


def test_an_exact_address_is_where_it_goes(zoe) -> None:
    way(zoe, "slack", "U1", wait=5)
    message = composed(zoe, channel="sms", address="+44 1 2345678")
    assert (message.channel, message.address) == ("sms", "+44 1 2345678")
    assert (message.code, message.fall_back_at) == ("", None)


def test_whom_no_way_leads_to_gets_nothing() -> None:
    nobody = factories.person("nobody", email="")
    composing.compose([Message(key="k", kind="test", to=nobody, subject="s", body="b")], at=NOW)
    assert not OutboxMessage.objects.exists()


def test_somebody_without_mail_is_reached_by_their_own_way() -> None:
    nils = factories.person("nils", email="", phone="+49 30 1234567")
    way(nils, "sms")
    assert composed(nils).channel == "sms"


def test_silence_is_waited_for_where_there_is_a_further_way(zoe) -> None:
    way(zoe, "sms", wait=5)
    way(zoe, "email", wait=10)
    message = composed(zoe, not_before=NOW + MINUTE)
    assert message.fall_back_at == NOW + 6 * MINUTE
    assert len(message.code) == composing.CODE_LENGTH
    ContactWay.objects.filter(channel="email").delete()
    assert composed(zoe, "alone").fall_back_at is None


def test_a_code_is_one_for_a_message_and_another_for_the_next() -> None:
    codes = {composing.code(f"call:1:{number}") for number in range(200)}
    assert len(codes) == 200
    assert composing.code("call:1:1") in codes
    assert not any(set("AEIOU01") & set(code) for code in codes)


# --- waiting


def test_what_may_wait_waits_for_the_end_of_quiet_hours_and_a_page_does_not(zoe) -> None:
    zoe.quiet_from, zoe.quiet_until = time(8), time(10)
    notice = composed(zoe, "n", priority=NOTICE, may_wait=True)
    assert notice.due_at == notice.next_attempt_at == NOW + timedelta(hours=1)
    assert composed(zoe, "p", may_wait=True, as_digest=True).due_at == NOW
    assert composed(zoe, "u", priority=NOTICE).due_at == NOW


def test_what_goes_into_a_digest_is_held_until_then(zoe) -> None:
    zoe.digest_at = time(17)
    way(zoe, "sms", wait=5, purpose="notice")
    way(zoe, "email", purpose="notice")
    held = composed(zoe, priority=NOTICE, as_digest=True)
    assert (held.status, held.next_attempt_at) == ("held", NOW + timedelta(hours=8))
    assert held.fall_back_at is None


def test_what_somebody_unsubscribed_from_is_not_sent_to_them(zoe, lea) -> None:
    Muted.objects.create(person=zoe, kind="tips", muted_at=NOW)
    messages = [
        Message(
            key=f"{kind}:{who.pk}:{optional}", kind=kind, to=who, subject="s", body="b",
            is_optional=optional,
        )
        for kind in ("tips", "news")
        for who in (zoe, lea)
        for optional in (True, False)
    ]  # fmt: skip
    composing.compose(messages, at=NOW)
    missing = {one.key for one in messages} - set(
        OutboxMessage.objects.values_list("dedupe_key", flat=True)
    )
    assert missing == {f"tips:{zoe.pk}:True"}


def test_a_page_is_never_optional(zoe) -> None:
    Muted.objects.create(person=zoe, kind="test", muted_at=NOW)
    assert composed(zoe, is_optional=True).is_optional is False


# --- what it costs, and what is cut


def test_composing_asks_as_much_for_one_as_for_many() -> None:
    people = [factories.person() for _ in range(20)]
    for who in people:
        way(who, "sms", "+49301234567", wait=5)

    def queries(some: list[Person], key: str) -> int:
        messages = [
            Message(
                key=f"{key}:{who.pk}", kind="t", to=who, subject="s", body="b", topic="INC-1",
                is_optional=True,
            )
            for who in some
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            composing.compose(messages, at=NOW)
        return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)

    assert queries(people[:1], "few") == queries(people, "many") == 2


def test_a_body_of_ten_megabytes_is_cut_and_says_so(zoe) -> None:
    message = composed(zoe, body="x" * 10_000_000)
    assert len(message.body) == LONGEST_BODY
    assert message.body.endswith("longer than 100,000 characters. Read the rest on its page.")


def test_what_no_mail_and_no_database_takes_is_left_out(zoe) -> None:
    message = composed(zoe, subject="Look\r\nBcc: all@x \0now", body="a\0b \ud800")
    assert message.subject == "Look Bcc: all@x now"
    assert message.body == "ab ?"


# --- being left alone

NIGHT = {"quiet_from": time(22), "quiet_until": time(7), "digest_at": time(9)}


def test_a_person_says_when_they_are_left_alone(zoe) -> None:
    ways.set_quiet(zoe, holidays="de-by", **NIGHT, actor=zoe, at=NOW)
    zoe.refresh_from_db()
    assert (zoe.quiet_from, zoe.quiet_until, zoe.holidays, zoe.digest_at) == (
        time(22), time(7), "DE-BY", time(9),
    )  # fmt: skip
    assert acts() == ["set_quiet"]


def test_half_an_hour_range_and_an_unknown_country_change_nothing(zoe) -> None:
    for wrong in ({**NIGHT, "quiet_until": None}, {**NIGHT, "holidays": "Bavaria"}):
        with refused("unfit_quiet", Invalid):
            ways.set_quiet(zoe, **wrong, actor=zoe, at=NOW)
    zoe.refresh_from_db()
    assert zoe.quiet_from is None
    assert acts() == []


def test_nobody_says_when_another_is_left_alone_but_leadership(zoe, lea) -> None:
    with refused("not_yourself", NotPermitted):
        ways.set_quiet(lea, **NIGHT, actor=zoe, at=NOW)
    with refused("no_permission", NotPermitted):
        ways.set_quiet(zoe, **NIGHT, actor=factories.person("dan"), at=NOW)
    ways.set_quiet(zoe, **NIGHT, actor=lea, at=NOW)
    zoe.refresh_from_db()
    assert zoe.quiet_from == time(22)
