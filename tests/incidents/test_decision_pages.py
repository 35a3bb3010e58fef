"""The pages on which a decision is proposed, taken and declined; each refused to who may not."""

import pytest
import time_machine

from incidents.models import Decision, Person, Proposal
from incidents.operations import proposal
from incidents.rules.roles import COMMUNICATIONS
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import page_of, signed_in, text_of
from tests.incidents.scene import Scene, again, scene
from tests.incidents.test_decision import consulted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def stage() -> Scene:
    made = scene()
    for who in (made.ada, made.ben, made.cleo, made.dan):
        who.is_staff = True
        who.save()
    for who in (made.ada, made.ben, made.cleo):
        factories.allow(who, "incidents.view_incident")
    return made


def proposed(stage: Scene) -> Proposal:
    return proposal.propose(
        stage.incident, topic="resources", question="More people?", text="We need two.",
        actor=stage.ben, at=NOW,
    )  # fmt: skip


def client_of(who: Person):
    return signed_in(Person.objects.get(pk=who.pk))


def test_the_page_shows_what_was_proposed_and_what_those_consulted_said(stage) -> None:
    waiting = proposed(stage)
    consulted(stage, answered=False)
    stage.incident.consultations.get().advice.update(answer="By hand.", answered_at=NOW)
    words = text_of(client_of(stage.ada).get(page_of(stage.incident, "decide")))
    for shown in ("We need two.", "By hand.", "Cleo", waiting.question):
        assert shown in words


def test_a_decision_answers_a_proposal_and_keeps_who_was_heard(stage) -> None:
    waiting = proposed(stage)
    said = {
        "proposal": waiting.pk, "decision": "One.", "advisor": stage.ben.pk, "advice": "Two, please.",
    }  # fmt: skip
    response = client_of(stage.ada).post(page_of(stage.incident, "decide"), said)
    assert response.status_code == 302
    made = Decision.objects.get()
    assert (made.question, made.topic, made.proposal) == ("More people?", "resources", waiting)
    assert made.inputs == [{"person": "ben", "role": COMMUNICATIONS, "said": "Two, please."}]


@pytest.mark.parametrize("half", [{"advice": "Two, please."}, {"advisor": 0}])
def test_whoever_was_heard_said_something_and_something_was_said_by_somebody(
    stage, half
) -> None:
    half = {name: value or stage.ben.pk for name, value in half.items()}
    said = {"question": "Roll back?", "decision": "Yes.", **half}
    response = client_of(stage.ada).post(page_of(stage.incident, "decide"), said)
    assert "Give the person and what they said, or neither." in text_of(response)
    assert not Decision.objects.exists()


def test_a_decision_of_its_own_needs_its_question(stage) -> None:
    page = page_of(stage.incident, "decide")
    response = client_of(stage.ada).post(page, {"decision": "Yes."})
    assert "Write what was to be decided." in text_of(response)
    said = {"question": "Roll back?", "decision": "Yes."}
    assert client_of(stage.ada).post(page, said).status_code == 302


def test_a_participant_proposes_and_the_commander_declines(stage) -> None:
    said = {"topic": "operations", "question": "Roll back?", "text": "It is safe."}
    assert (
        client_of(stage.ben).post(page_of(stage.incident, "propose"), said).status_code == 302
    )
    waiting = Proposal.objects.get()
    page = page_of(stage.incident, "decline_proposal")
    refused = client_of(stage.ben).post(page, {"proposal": waiting.pk, "reason": "No"})
    assert refused.status_code == 409
    assert client_of(stage.ada).get(page).context["form"].initial["proposal"] == waiting.pk
    client_of(stage.ada).post(page, {"proposal": waiting.pk, "reason": "Not yet."})
    assert again(waiting).decline_reason == "Not yet."


@pytest.mark.parametrize("verb", ["decide", "propose", "decline_proposal"])
def test_who_has_no_permission_finds_no_page(stage, verb) -> None:
    assert client_of(stage.dan).get(page_of(stage.incident, verb)).status_code == 403
    assert client_of(stage.cleo).get(page_of(stage.incident, verb)).status_code == 200
    response = client_of(stage.cleo).post(
        page_of(stage.incident, "propose"),
        {"topic": "operations", "question": "?", "text": "Yes"},
    )
    assert response.status_code == 409
    assert not Proposal.objects.exists()
