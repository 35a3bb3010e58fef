"""Unsubscribing: one kind of optional message, by the link in a mail, undone the same way."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from incidents.models import AuditEvent, Muted, OutboxMessage, Person
from incidents.operations import muting
from incidents.operations.composing import page_of
from incidents.rules.reasons import Refused
from tests.deliveries import letter
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def optional(**fields) -> OutboxMessage:
    return letter(person("ada", name="Ada"), is_optional=True, **fields)


def muted() -> list[tuple[str, str]]:
    return list(Muted.objects.values_list("person__username", "kind"))


def acts() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("sequence").values_list("verb", "actor_name"))


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.reasons[0].code


def test_whoever_opens_the_link_is_asked_and_nothing_is_changed() -> None:
    answer = Client().get(muting.link(optional()))
    assert answer.status_code == 200
    assert "Stop these messages?" in answer.text
    assert (muted(), acts()) == ([], [])


def test_the_button_stops_the_kind_once_with_one_audit_line() -> None:
    link = muting.link(optional())
    for _ in range(2):
        assert "You get no more of these" in Client().post(link).text
    assert muted() == [("ada", "test")]
    assert acts() == [("mute", "Ada")]


def test_a_mailbox_unsubscribes_in_one_click_without_cookie_or_token() -> None:
    mailbox = Client(enforce_csrf_checks=True)
    answer = mailbox.post(muting.link(optional()), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert muted() == [("ada", "test")]
    assert answer.cookies == {}


def test_the_same_page_undoes_it() -> None:
    link = muting.link(optional())
    Client().post(link)
    assert "Stop these messages?" in Client().post(link, {"undo": "1"}).text
    assert muted() == []
    assert acts() == [("mute", "Ada"), ("unmute", "Ada")]
    Client().post(link, {"undo": "1"})
    assert len(acts()) == 2


def test_a_link_that_was_made_up_or_cut_off_is_a_clear_404() -> None:
    link = muting.link(optional())
    for wrong in (link.replace(":", "0:"), f"{link[:-6]}/", "/unsubscribe/7/"):
        for answer in (Client().get(wrong), Client().post(wrong)):
            assert answer.status_code == 404
            assert "This link does not hold" in answer.text
    assert muted() == []


def test_a_link_holds_for_half_a_year() -> None:
    message = optional()
    token = muting.link(message).split("/")[2]
    last = NOW + muting.LINK_HOLDS - timedelta(seconds=1)
    assert muting.message_of(token, at=last) == message
    with pytest.raises(Refused) as refused:
        muting.message_of(token, at=NOW + muting.LINK_HOLDS)
    assert code_of(refused) == "no_such_link"


def test_what_must_reach_somebody_has_no_link_and_cannot_be_stopped() -> None:
    message = letter(is_optional=False)
    assert muting.link(message) == ""
    with pytest.raises(Refused) as refused:
        muting.mute(message, at=NOW)
    assert code_of(refused) == "cannot_be_muted"


def test_only_the_recipient_of_the_message_is_muted() -> None:
    optional()
    Client().post(muting.link(letter(person("ben"), is_optional=True)))
    assert muted() == [("ben", "test")]


def test_no_other_method_is_answered() -> None:
    assert Client().put(muting.link(optional())).status_code == 405


def test_the_persons_page_says_what_they_unsubscribed_from() -> None:
    Client().post(muting.link(letter(person("ben"), is_optional=True)))
    browser = Client()
    browser.force_login(person("root", is_staff=True, is_superuser=True))
    shown = browser.get(page_of(Person.objects.get(username="ben"))).text
    assert "unsubscribed from" in shown.lower()
    assert re.search(r">\s*test\s*<", shown)
