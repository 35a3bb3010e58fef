"""Suggestions where people decide on them: the incident's page and the API."""

from typing import Any

import pytest
import time_machine

from incidents.models import Suggestion
from incidents.operations import suggestions
from incidents.rules.roles import SCRIBE
from tests import factories
from tests.callers import Caller, codes
from tests.incidents.admin_room import page_of, signed_in, text_of
from tests.incidents.scene import LATER, Scene, again, hold, responder, scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def here() -> Scene:
    """Sue, who wrote along, has left; Tom is suggested in her place."""
    found = scene()
    for each in (found.ada, found.ben, found.dan):
        each.is_staff = True
        each.save()
        factories.allow(each, "incidents.view_incident")
    sue = factories.person("sue", qualified=(SCRIBE,))
    hold(found.incident, sue, SCRIBE)
    responder(factories.person("tom", qualified=(SCRIBE,)))
    sue.is_active = False
    sue.save()
    suggestions.sweep(LATER)
    return found


def one() -> Suggestion:
    return Suggestion.objects.get()


def caller(who: Any) -> Caller:
    return Caller(who)


def test_the_page_shows_it_with_its_reason_and_leads_to_both_acts(here: Scene) -> None:
    client = signed_in(here.ada)
    page = client.get(page_of(here.incident))
    assert "Sue is deactivated" in text_of(page)
    for verb in ("accept_suggestion", "dismiss_suggestion"):
        address = page_of(here.incident, verb)
        assert f"{address}?suggestion={one().pk}" in page.content.decode()
        text = text_of(client.get(address))
        assert "Sue is deactivated. Qualified as Scribe, open roles: 0" in text
    assert one().outcome == ""


def test_accepting_on_the_page_gives_the_role(here: Scene) -> None:
    address = page_of(here.incident, "accept_suggestion")
    answer = signed_in(here.ada).post(address, {"suggestion": one().pk})
    assert answer.status_code == 302
    assert here.incident.assignments.open().get(role=SCRIBE).person.username == "tom"
    assert again(one()).outcome == "accepted"


def test_dismissing_on_the_page_wants_a_reason(here: Scene) -> None:
    client, address = signed_in(here.ada), page_of(here.incident, "dismiss_suggestion")
    assert client.post(address, {"suggestion": one().pk}).status_code == 409
    body = {"suggestion": one().pk, "reason": "Ben writes along"}
    assert client.post(address, body).status_code == 302
    assert (one().outcome, one().decision_note) == ("dismissed", "Ben writes along")


@pytest.mark.parametrize(("name", "status"), [("ben", 409), ("dan", 403)])
def test_who_does_not_command_is_refused_on_the_page(
    here: Scene, name: str, status: int
) -> None:
    client = signed_in(getattr(here, name))
    for verb in ("accept_suggestion", "dismiss_suggestion"):
        body = {"suggestion": one().pk, "reason": "I would"}
        assert client.post(page_of(here.incident, verb), body).status_code == status
    assert one().outcome == ""


def test_the_api_lists_it_and_accepts_it(here: Scene) -> None:
    ada = caller(here.ada)
    [listed] = ada.get("/incidents/INC-1").json()["suggestions"]
    assert listed | {"made_at": ""} == {
        "id": one().pk, "role": SCRIBE, "service": None, "person": "tom", "instead_of": "sue",
        "why": "Sue is deactivated", "reason": "Qualified as Scribe, open roles: 0",
        "rejected": [], "made_at": "", "outcome": "open", "decided_by": None,
        "decided_at": None, "note": "",
    }  # fmt: skip
    said = ada.post("/incidents/INC-1/accept-suggestion", {"suggestion": one().pk}).json()
    assert [each["person"] for each in said["assignments"] if each["role"] == SCRIBE] == ["tom"]
    assert said["suggestions"][0]["outcome"] == "accepted"
    twice = ada.post("/incidents/INC-1/accept-suggestion", {"suggestion": one().pk})
    assert (twice.status_code, codes(twice)) == (409, ["suggestion_decided"])


def test_the_api_dismisses_it_with_a_reason(here: Scene) -> None:
    ada = caller(here.ada)
    address = "/incidents/INC-1/dismiss-suggestion"
    assert ada.post(address, {"suggestion": one().pk, "reason": " "}).status_code == 422
    unknown = ada.post(address, {"suggestion": 999, "reason": "No"})
    assert (unknown.status_code, codes(unknown)) == (422, ["unknown_suggestion"])
    said = ada.post(address, {"suggestion": one().pk, "reason": "Ben writes along"}).json()
    assert said["suggestions"][0]["note"] == "Ben writes along"


def test_who_may_not_decide_is_refused_by_the_api(here: Scene) -> None:
    for who in (here.ben, here.dan):
        for verb in ("accept-suggestion", "dismiss-suggestion"):
            body = {"suggestion": one().pk} | ({"reason": "x"} if "dismiss" in verb else {})
            answer = caller(who).post(f"/incidents/INC-1/{verb}", body)
            assert answer.status_code == 403
    assert one().outcome == ""
