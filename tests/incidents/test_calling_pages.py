"""Whoever is called answers from the page and by API; who was called is listed."""

import pytest

from incidents.models import EscalationCall
from incidents.operations import paging
from incidents.rules.roles import COMMANDER, DEPUTY
from tests.callers import Caller, codes
from tests.factories import NOW
from tests.incidents.admin_room import page_of, signed_in
from tests.incidents.scene import MINUTE, Scene
from tests.incidents.test_paging import URGENT, calls, stepped

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    """Ada was called as commander and has not answered."""
    made = stepped({COMMANDER: {**URGENT, "next_role": DEPUTY}})
    paging.begin(made.incident, at=NOW)
    return made


def test_the_api_lists_the_calls(here) -> None:
    (call,) = Caller(here.ada).get("/incidents/INC-1/calls").json()["items"]
    assert call == {
        "level": "sev2", "step": COMMANDER, "line": 0, "role": COMMANDER, "person": "ada",
        "channel": "email", "due_at": "2026-11-23T09:00:00Z", "calls": 1,
        "last_called_at": "2026-11-23T09:00:00Z", "next_call_at": "2026-11-23T09:05:00Z",
        "answered_at": None, "ended": "",
    }  # fmt: skip
    assert Caller(here.dan).get("/incidents/INC-1/calls").status_code == 403


def test_whoever_is_called_answers_by_api_once(here) -> None:
    ada = Caller(here.ada)
    entry = ada.act("INC-1", "answer-call")["timeline"][-1]
    assert (entry["text"], entry["author"]) == ("Ada is here", "ada")
    assert calls(here.incident) == [("ada", 0, 1, "answered")]
    again = ada.post("/incidents/INC-1/answer-call")
    assert (again.status_code, codes(again)) == (409, ["no_call_to_answer"])


def test_whoever_is_called_answers_on_the_page(here) -> None:
    page = page_of(here.incident, "answer_call")
    type(here.ada).objects.update(is_staff=True)
    for who, status in ((here.dan, 403), (here.ben, 409), (here.ada, 302)):
        assert signed_in(who).post(page).status_code == status
    assert EscalationCall.objects.get().ended == "answered"


def test_what_is_called_later_is_told_of_with_the_declaration(here) -> None:
    EscalationCall.objects.update(due_at=NOW + 60 * MINUTE)
    told = Caller(here.ada).get("/incidents/INC-1").json()["messages"]
    assert {"person": "ada", "role": COMMANDER, "kind": "escalation"} in told
