"""Decisions: the commander's, or who stands in for him, with the authority kept."""

from datetime import datetime

import pytest

from incidents.operations import decision
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, DEPUTY
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    hold,
    last_act,
    refused,
    scene,
    timeline,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


def decide(here: Scene, **fields):
    given = {"question": "Roll back?", "decision": "Yes.", "actor": here.ada, "at": LATER}
    return decision.decide(here.incident, **(given | fields))


def test_the_commander_decides(here) -> None:
    made = decide(here, revisit_at=LATER + MINUTE)
    assert (made.question, made.decision, made.decided_by) == ("Roll back?", "Yes.", here.ada)
    assert (made.authority, made.revisit_at) == ("Incident commander", LATER + MINUTE)
    assert timeline(here.incident) == ["Decided: Roll back? Yes."]
    assert (last_act().verb, last_act().detail["decision"]) == ("decide", made.pk)


def test_where_nobody_commands_the_deputy_decides_and_then_leadership(here) -> None:
    here.incident.assignments.filter(role=COMMANDER).delete()
    assert decide(here, actor=here.lea).authority == "Leadership, while nobody commands"
    hold(here.incident, here.cleo, DEPUTY)
    assert decide(here, actor=here.cleo).authority == "Deputy commander, while nobody commands"
    with refused("not_your_role", NotPermitted):
        decide(here, actor=here.lea)


def test_while_somebody_commands_nobody_else_decides(here) -> None:
    for other in (here.ben, here.cleo, here.lea):
        with refused("not_your_role", NotPermitted):
            decide(here, actor=other)
    with refused("no_permission", NotPermitted):
        decide(here, actor=here.dan)


def test_a_decision_names_its_question_and_its_answer(here) -> None:
    with refused("question_missing", Invalid):
        decide(here, question="")
    with refused("question_too_long", Invalid):
        decide(here, question="x" * 301)
    with refused("decision_missing", Invalid):
        decide(here, decision=" ")
    assert decide(here, question="x" * 300)


def test_a_decision_is_looked_at_again_later_not_earlier(here) -> None:
    with refused("instant_has_passed", Invalid):
        decide(here, revisit_at=LATER)
    with refused("instant_without_offset", Invalid):
        decide(here, revisit_at=datetime(2026, 11, 24))  # noqa: DTZ001
    assert decide(here).revisit_at is None


def test_what_is_closed_takes_no_decision() -> None:
    made = scene(state="closed", closed_at=LATER)
    with refused("wrong_state"):
        decide(made)
