"""The pages on which command changes hands: the briefing stands before the button."""

import pytest
from django.test import Client

from incidents.models import HandOver, Person
from incidents.operations import decision, handover
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import Scene, scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    """Ada commands; Cleo, qualified too, holds no role."""
    made = scene()
    factories.qualify(made.cleo, COMMANDER)
    for person in (made.ada, made.ben, made.cleo, made.dan, made.lea):
        Person.objects.filter(pk=person.pk).update(is_staff=True)
        factories.allow(person, "incidents.view_incident")
    return made


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def page(here: Scene, verb: str) -> str:
    return f"/admin/incidents/incident/{here.incident.pk}/verb/{verb}/"


def offered(here: Scene) -> HandOver:
    return handover.hand_over(
        here.incident, to=here.cleo, note="The rollback runs", open_questions="Is data lost?",
        actor=here.ada, at=NOW,
    )  # fmt: skip


def test_the_form_is_filled_with_what_the_incident_knows(here: Scene) -> None:
    decision.decide(
        here.incident, question="Roll back?", decision="Yes", actor=here.ada, at=NOW
    )
    here.incident.update_clocks.create(audience="public", due_at=NOW)
    shown = browser(here.ada).get(page(here, "hand_over")).content.decode()
    assert "Roll back? Yes" in shown
    assert "public: 2026-11-23 09:00 UTC" in shown
    said = {"to": here.cleo.pk, "note": "The rollback runs", "decisions": "We roll back"}
    done = browser(here.ada).post(page(here, "hand_over"), said)
    assert done.status_code == 302
    offer = HandOver.objects.get()
    assert (offer.to, offer.decisions) == (here.cleo, "We roll back")
    assert offer.next_update == "public: 2026-11-23 09:00 UTC"


def test_a_successor_who_cannot_is_named_beside_the_field(here: Scene) -> None:
    said = {"to": here.ben.pk, "note": "The rollback runs"}
    response = browser(here.ada).post(page(here, "hand_over"), said)
    assert response.status_code == 409
    assert "Ben is not qualified to command" in str(response.context["form"].errors["to"])
    assert HandOver.objects.count() == 0


@pytest.mark.parametrize("verb", ["accept_command", "decline_command", "withdraw_hand_over"])
def test_the_briefing_stands_before_the_button(here: Scene, verb: str) -> None:
    offered(here)
    reader = here.ada if verb == "withdraw_hand_over" else here.cleo
    shown = browser(reader).get(page(here, verb)).content.decode()
    for said in ("Ada offers command to Cleo", "The rollback runs", "Is data lost?"):
        assert said in shown
        assert shown.index(said) < shown.index('id="verb_form"')
    assert HandOver.objects.get().outcome == ""


def test_accepting_moves_command_and_looking_does_not(here: Scene) -> None:
    offered(here)
    browser(here.cleo).get(page(here, "accept_command"))
    assert here.incident.assignments.commanding().get().person == here.ada
    assert browser(here.cleo).post(page(here, "accept_command")).status_code == 302
    assert here.incident.assignments.commanding().get().person == here.cleo
    late = browser(here.cleo).post(page(here, "accept_command"))
    assert (late.status_code, "stands no more" in late.content.decode()) == (409, True)


@pytest.mark.parametrize(
    "verb", ["hand_over", "accept_command", "decline_command", "withdraw_hand_over",
             "call_commander"],
)  # fmt: skip
def test_dan_must_not_and_a_bystander_is_told_why(here: Scene, verb: str) -> None:
    offered(here)
    assert browser(here.dan).post(page(here, verb), {"reason": "x"}).status_code == 403
    eve = factories.person("eve", is_staff=True)
    eve.groups.set(here.ben.groups.all())
    factories.allow(eve, "incidents.view_incident")
    said = {"to": here.cleo.pk, "note": "x", "reason": "x"}
    assert browser(eve).post(page(here, verb), said).status_code == 409
    assert HandOver.objects.get().outcome == ""


def test_calling_the_commander_is_one_button(here: Scene) -> None:
    assert browser(here.ben).post(page(here, "call_commander")).status_code == 302
    assert here.incident.timeline.get().text == "Ben calls the commander Ada"


def test_command_is_given_on_what_the_page_showed(here: Scene) -> None:
    """The page was opened while Ada commanded; meanwhile Cleo took over."""
    lea, eve = browser(here.lea), factories.person("eve", qualified=(COMMANDER,))
    form = lea.get(page(here, "assign")).context["form"]
    assert form["commander_seen"].value() == "ada"
    offered(here)
    handover.accept_command(here.incident, actor=here.cleo, at=NOW)
    said = {"role": COMMANDER, "person": eve.pk, "reason": "Now"}
    stale = lea.post(page(here, "assign"), {**said, "commander_seen": "ada"})
    assert (stale.status_code, "Cleo commands since" in stale.content.decode()) == (409, True)
    assert lea.post(page(here, "assign"), {**said, "commander_seen": "cleo"}).status_code == 302
