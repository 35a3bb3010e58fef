"""Acts asked for with a key: done once, answered alike, and free again once refused."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse

from incidents.api import limits
from incidents.models import DoneOnce, Incident, OutboxMessage
from incidents.operations import once, sweeps
from incidents.operations.once import Answer, asking
from incidents.rules.reasons import Invalid
from raci_project.api import api
from tests import callers, factories
from tests.callers import API, Caller, codes
from tests.factories import NOW
from tests.incidents.scene import acts

pytestmark = pytest.mark.django_db

DOWN = {"title": "Down", "services": ["payments"]}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    factories.law()
    factories.service()
    return callers.ada()


def post(who: Caller, path: str, body: object, key: str) -> HttpResponse:
    return who.client.post(
        API + path, body, content_type="application/json", headers={"idempotency-key": key}
    )


declare = partial(post, path="/incidents")


def test_the_same_request_under_the_same_key_acts_once_and_is_answered_alike(ada) -> None:
    first = declare(ada, body=DOWN, key="k1")
    again = declare(ada, body=DOWN, key="k1")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first["Location"] == again["Location"]
    assert first["Content-Type"] == again["Content-Type"]
    assert "Idempotent-Replay" not in first
    assert again["Idempotent-Replay"] == "true"
    assert Incident.objects.count() == 1
    assert acts().count("declare") == 1


def test_without_a_key_and_under_another_it_is_another_request(ada) -> None:
    for key in ("k1", "k2"):
        assert declare(ada, body=DOWN, key=key).status_code == 201
    assert ada.post("/incidents", DOWN).status_code == 201
    assert Incident.objects.count() == 3
    assert DoneOnce.objects.count() == 2


def test_a_key_belongs_to_one_person(ada) -> None:
    ben = callers.ben()
    declare(ada, body=DOWN, key="k1")
    other = declare(ben, body=DOWN, key="k1")
    assert "Idempotent-Replay" not in other
    assert Incident.objects.count() == 2


@pytest.mark.parametrize(
    "other", [{"title": "Slow", "services": ["payments"]}, "/incidents?x=1"]
)
def test_a_key_is_good_for_one_request(ada, other) -> None:
    declare(ada, body=DOWN, key="k1")
    path, body = (other, DOWN) if isinstance(other, str) else ("/incidents", other)
    refused = post(ada, path, body, "k1")
    assert (refused.status_code, codes(refused)) == (422, ["key_used_for_another_request"])
    assert Incident.objects.count() == 1


def test_a_refusal_is_not_kept_so_that_the_mended_request_may_use_the_key(ada) -> None:
    refused = declare(ada, body={"title": "", "services": ["payments"]}, key="k1")
    assert (refused.status_code, codes(refused)) == (422, ["title_missing"])
    assert not DoneOnce.objects.exists()
    assert declare(ada, body=DOWN, key="k1").status_code == 201


def test_what_a_refused_request_had_written_is_undone(ada, monkeypatch) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("after the act, before the answer")

    monkeypatch.setattr("incidents.api.incidents.receipt", fail)
    assert declare(ada, body=DOWN, key="k1").status_code == 500
    assert not Incident.objects.exists()
    assert not OutboxMessage.objects.exists()
    monkeypatch.undo()
    assert declare(ada, body=DOWN, key="k1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there", "clé"])
def test_a_key_that_cannot_be_one_is_refused(ada, key) -> None:
    refused = declare(ada, body=DOWN, key=key)
    assert (refused.status_code, codes(refused)) == (422, ["bad_key"])
    assert declare(ada, body=DOWN, key="x" * 200).status_code == 201


def test_every_verb_takes_a_key(ada) -> None:
    reference = declare(ada, body=DOWN, key="k1").json()["reference"]
    for _ in range(2):
        done = post(ada, f"/incidents/{reference}/note", {"text": "It spreads"}, "k2")
        assert done.status_code == 200
    assert acts().count("note") == 1


def test_without_a_token_or_permission_a_key_opens_nothing(ada, client) -> None:
    headers = {"idempotency-key": "k1"}
    response = client.post(
        f"{API}/incidents", DOWN, content_type="application/json", headers=headers
    )
    assert (response.status_code, codes(response)) == (401, ["no_token"])
    refused = declare(callers.dan(), body=DOWN, key="k1")
    assert (refused.status_code, codes(refused)) == (403, ["no_permission"])
    assert not DoneOnce.objects.exists()


def test_a_key_says_nothing_of_a_hidden_incident(ada) -> None:
    reference = declare(ada, body=DOWN, key="k1").json()["reference"]
    Incident.objects.update(is_private=True)
    ben = callers.ben()
    path, body = f"/incidents/{reference}/note", {"text": "What is it?"}
    with_key, without = post(ben, path, body, "k2"), ben.post(path, body)
    assert with_key.status_code == without.status_code == 404
    assert with_key.content == without.content
    assert DoneOnce.objects.count() == 1


def test_the_description_names_the_header_for_every_post_and_only_there() -> None:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            names = [each["name"] for each in operation.get("parameters", [])]
            assert ("Idempotency-Key" in names) == (method == "post"), path


def test_what_is_too_large_is_not_read_for_its_key(ada) -> None:
    body = {**DOWN, "title": "x" * limits.MAX_BODY}
    assert declare(ada, body=body, key="k1").status_code == 413


def test_a_reader_needs_no_key(ada) -> None:
    for _ in range(2):
        response = ada.client.get(f"{API}/incidents", headers={"idempotency-key": "k1"})
        assert "Idempotent-Replay" not in response
    assert not DoneOnce.objects.exists()


def test_a_key_is_forgotten_after_a_day(ada) -> None:
    declare(ada, body=DOWN, key="k1")
    sweeps.sweep(NOW + timedelta(hours=24))
    assert DoneOnce.objects.count() == 1
    sweeps.sweep(NOW + timedelta(hours=24, seconds=1))
    assert not DoneOnce.objects.exists()


def test_an_asking_that_keeps_nothing_leaves_nothing(ada) -> None:
    with asking(ada.person, "k1", digest="a", at=NOW) as first:
        assert first.before is None
    assert not DoneOnce.objects.exists()
    with asking(ada.person, "k1", digest="a", at=NOW) as second:
        second.keep(Answer(200, "done", "/there"))
    with asking(ada.person, "k1", digest="a", at=NOW) as third:
        assert third.before == Answer(200, "done", "/there")
    assert once.before(ada.person, "k1", digest="a") == third.before
    assert once.before(ada.person, "k1", digest="b") is None
    with pytest.raises(Invalid), asking(ada.person, "k1", digest="b", at=NOW):
        pass


def at_once(act: Callable[[], Any], times: int) -> list[Any]:
    start, outcomes = Barrier(times), []

    def run() -> None:
        start.wait()
        try:
            outcomes.append(act())
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.usefixtures("committing")
@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_acts_and_all_hear_the_same() -> None:
    factories.law()
    factories.service()
    ada = callers.ada()
    for number in range(5):
        answers = at_once(partial(declare, ada, body=DOWN, key=f"k{number}"), times=4)
        assert {each.status_code for each in answers} == {201}
        assert len({each.content for each in answers}) == 1
        assert sum("Idempotent-Replay" in each for each in answers) == 3
        assert Incident.objects.count() == number + 1


@pytest.mark.usefixtures("committing")
@pytest.mark.django_db(transaction=True)
def test_whoever_waits_too_long_for_the_first_is_told_to_ask_again(monkeypatch) -> None:
    """PostgreSQL says so after the limit; SQLite lets only one write, so it waits for the first."""
    monkeypatch.setattr(once, "WAIT_MILLISECONDS", 50)
    factories.law()
    factories.service()
    ada = callers.ada()
    digest = once.digest_of(
        f"{API}/incidents".encode(), b'{"title": "Down", "services": ["payments"]}'
    )
    heard: list[HttpResponse] = []
    second = Thread(
        target=lambda: (heard.append(declare(ada, body=DOWN, key="k1")), connection.close())
    )
    with asking(ada.person, "k1", digest=digest, at=NOW) as first:
        second.start()
        if connection.vendor == "postgresql":
            second.join()
        first.keep(Answer(201, "{}"))
    second.join()
    if connection.vendor == "postgresql":
        assert (heard[0].status_code, codes(heard[0])) == (409, ["still_being_done"])
    else:
        assert (heard[0].status_code, heard[0].content) == (201, b"{}")
    assert not Incident.objects.exists()
