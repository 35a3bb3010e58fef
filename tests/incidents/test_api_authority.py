"""Who may do what now, asked over the API before anybody tries."""

from typing import Any

import pytest

from incidents.rules.roles import COMMANDER
from incidents.rules.verbs import VERBS
from tests import factories
from tests.callers import Caller, ada, ben, codes, dan

pytestmark = pytest.mark.django_db


@pytest.fixture
def commander(settings: Any) -> Caller:
    factories.law()
    return ada()


def declared(commander: Caller) -> str:
    factories.service()
    said = {"title": "Checkout is down", "services": ["payments"]}
    return str(commander.post("/incidents", said).json()["reference"])


def rows(caller: Caller, reference: str) -> dict[str, Any]:
    response = caller.get(f"/incidents/{reference}/authority")
    assert response.status_code == 200, response.content
    return {row["verb"]: row for row in response.json()}


def test_every_verb_but_declaring_is_answered_for_the_caller(commander: Caller) -> None:
    found = rows(commander, declared(commander))
    assert list(found) == [verb for verb in VERBS if verb != "declare"]
    assert found["acknowledge"] == {
        "verb": "acknowledge",
        "label": "Acknowledge",
        "may": True,
        "reasons": [],
        "who": [{"role": COMMANDER, "people": ["ada"], "delegates": []}],
    }


def test_who_may_not_reads_why_and_who_may(commander: Caller) -> None:
    found = rows(ben(), declared(commander))["acknowledge"]
    assert not found["may"]
    assert [one["code"] for one in found["reasons"]] == ["not_your_role"]
    assert found["who"] == [{"role": COMMANDER, "people": ["ada"], "delegates": []}]


def test_what_is_not_possible_now_is_nobodys_and_says_why(commander: Caller) -> None:
    found = rows(commander, declared(commander))["close"]
    assert (found["may"], found["who"]) == (False, [])
    assert [one["code"] for one in found["reasons"]] == ["wrong_state"]


def test_whoever_was_not_asked_has_nothing_to_answer(commander: Caller) -> None:
    found = rows(commander, declared(commander))["advise"]
    assert (found["may"], [one["code"] for one in found["reasons"]]) == (
        False,
        ["not_your_role"],
    )


def test_a_stranger_reads_nothing(commander: Caller) -> None:
    reference = declared(commander)
    assert codes(dan().get(f"/incidents/{reference}/authority")) == ["no_permission"]
    assert commander.get("/incidents/INC-99/authority").status_code == 404
