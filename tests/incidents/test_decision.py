"""Decisions: the commander's, or who stands in for him, with the authority kept."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from incidents.models import Decision, OutboxMessage
from incidents.operations import consultation, decision, delegation, proposal, sweeps
from incidents.operations.decision import Input
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, EXECUTIVE, SCRIBE
from tests import factories
from tests.incidents.lines import line, pin, row
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    acts,
    again,
    hold,
    last_act,
    refused,
    scene,
    timeline,
    told,
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


# --- who was heard

DECIDES = line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "C"}, "decide", waits=5)


def consulted(here: Scene, *, answered: bool = True):
    """Cleo, as executive, is asked before deciding."""
    pin(here.incident, DECIDES)
    hold(here.incident, here.cleo, EXECUTIVE)
    asked = consultation.consult(
        here.incident, activity=row(here.incident, "Decide"), question="May we?",
        actor=here.ada, at=LATER,
    )  # fmt: skip
    if answered:
        consultation.advise(asked, answer="Do it by hand.", actor=here.cleo, at=LATER)
    return asked


def test_the_advice_of_those_consulted_is_copied_in(here) -> None:
    consulted(here)
    made = decide(here, at=LATER + MINUTE)
    advice = {"person": "cleo", "role": EXECUTIVE, "said": "Do it by hand."}
    assert made.inputs == [advice]
    assert last_act().detail["heard"] == 1


def test_advice_is_used_once_unless_the_consultation_is_named(here) -> None:
    asked = consulted(here)
    first = decide(here, at=LATER + MINUTE)
    assert decision.advice_before(here.incident) is None
    pin_without_waiting(here)
    assert decide(here, at=LATER + 2 * MINUTE).inputs == []
    assert decide(here, consultation=asked, at=LATER + 2 * MINUTE).inputs == first.inputs


def pin_without_waiting(here: Scene) -> None:
    """The same line, which gives nobody time."""
    pin(here.incident, line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "C"}, "decide"))


def test_who_did_not_answer_in_time_is_not_heard(here) -> None:
    consulted(here, answered=False)
    assert decide(here, at=LATER + 6 * MINUTE).inputs == []


def test_what_others_said_is_kept_beside_it(here) -> None:
    made = decide(here, inputs=[Input("ben", COMMUNICATIONS, " The press asks. ")])
    assert made.inputs == [{"person": "ben", "role": COMMUNICATIONS, "said": "The press asks."}]
    with refused("inputs_missing", Invalid):
        decide(here, inputs=[Input("ben", COMMUNICATIONS, " ")])
    with refused("too_many_inputs", Invalid):
        decide(here, inputs=[Input("ben", "", "Yes")] * 51)


def test_a_consultation_of_another_incident_is_no_input_of_this_one(here) -> None:
    asked = consulted(here)
    hold(elsewhere := scene_beside(here), here.lea, COMMANDER)
    with refused("consultation_of_another_incident", Invalid):
        decision.decide(
            elsewhere,
            question="?",
            decision="Yes",
            consultation=asked,
            actor=here.lea,
            at=LATER,
        )


def scene_beside(here: Scene):
    """A second incident under the same scheme."""
    from_here = here.incident
    return type(from_here).objects.create(
        reference="INC-9", title="Search is slow", state="triage", declared_at=LATER,
        severity_scheme=from_here.severity_scheme, level=from_here.level,
    )  # fmt: skip


# --- by which authority


def test_a_delegate_decides_and_the_commander_is_named(here) -> None:
    with refused("not_your_role", NotPermitted):
        decide(here, actor=here.cleo)
    delegation.delegate(
        here.incident, role=factories.role(COMMANDER), act="decide", to=here.cleo,
        ends_at=LATER + 60 * MINUTE, reason="I fetch the vendor", actor=here.ada, at=LATER,
    )  # fmt: skip
    made = decide(here, actor=here.cleo, at=LATER + MINUTE)
    assert made.authority == "Delegate of Ada, incident commander"
    assert last_act().detail["on_behalf_of"] == "ada"
    with refused("not_your_role", NotPermitted):
        decide(here, actor=here.cleo, at=LATER + 61 * MINUTE)


def test_what_a_matrix_says_of_deciding_never_takes_it_from_the_commander(here) -> None:
    hold(here.incident, here.cleo, SCRIBE)
    pin(here.incident, line("triage", "Decide", {SCRIBE: "A", COMMANDER: "R"}, "decide"))
    assert decide(here).authority == "Incident commander"
    with refused("not_your_role", NotPermitted):
        decide(here, actor=here.cleo)


def test_the_database_holds_a_decision_as_it_was_written(here) -> None:
    made = decide(here)
    made.decision = "No."
    with pytest.raises(IntegrityError, match="decision_never_changes"), transaction.atomic():
        made.save()
    with pytest.raises(IntegrityError, match="decision_never_changes"), transaction.atomic():
        Decision.objects.filter(pk=made.pk).delete()
    assert again(made).decision == "Yes."


def test_a_decision_is_about_a_known_topic(here) -> None:
    assert decide(here).topic == "other"
    assert decide(here, topic="resources").topic == "resources"
    with refused("unknown_topic", Invalid):
        decide(here, topic="weather")


# --- looked at again


def test_the_commander_is_told_once_when_it_is_time_to_look_again(here) -> None:
    made = decide(here, revisit_at=LATER + 5 * MINUTE)
    said: list[str] = []
    sweeps.sweep(LATER + 4 * MINUTE, said.append)
    assert told("revisit") == []
    for minutes in (5, 6):
        sweeps.sweep(LATER + minutes * MINUTE, said.append)
    assert told("revisit") == ["ada"]
    assert said.count("decision of INC-1: to be looked at again") == 1
    assert again(made).revisit_told_at == LATER + 5 * MINUTE
    assert acts().count("revisit") == 1


def test_where_nobody_commands_the_deputy_is_told_and_of_what_is_over_nobody(here) -> None:
    decide(here, revisit_at=LATER + MINUTE)
    here.incident.assignments.filter(role=COMMANDER).delete()
    hold(here.incident, here.cleo, DEPUTY)
    decision.sweep(LATER + MINUTE)
    assert told("revisit") == ["cleo"]
    decide(here, actor=here.cleo, revisit_at=LATER + 2 * MINUTE)
    type(here.incident).objects.update(state="cancelled")
    decision.sweep(LATER + 2 * MINUTE)
    assert told("revisit") == ["cleo"]
    assert not Decision.objects.filter(revisit_told_at=None).exists()


# --- proposals


def propose(here: Scene, **fields):
    given = {
        "topic": "resources", "question": "More people?", "text": "We need two more.",
        "actor": here.ben, "at": LATER,
    }  # fmt: skip
    return proposal.propose(here.incident, **(given | fields))


def test_whoever_takes_part_proposes_and_the_commander_is_told(here) -> None:
    made = propose(here)
    assert (made.topic, made.question, made.proposed_by) == (
        "resources",
        "More people?",
        here.ben,
    )
    assert told("proposal") == ["ada"]
    assert OutboxMessage.objects.get(kind="proposal").priority == OutboxMessage.Priority.NOTICE
    assert timeline(here.incident) == ["Proposed: More people? We need two more."]
    assert last_act().verb == "propose"
    assert propose(here, actor=here.lea).proposed_by == here.lea


def test_who_takes_no_part_proposes_nothing(here) -> None:
    with refused("not_your_role", NotPermitted):
        propose(here, actor=here.cleo)
    with refused("no_permission", NotPermitted):
        propose(here, actor=here.dan)


def test_at_the_gravest_level_the_commander_is_paged(here) -> None:
    here.incident.level = here.incident.severity_scheme.levels.get(code="sev1")
    here.incident.save()
    propose(here)
    assert OutboxMessage.objects.get(kind="proposal").priority == OutboxMessage.Priority.PAGE


def test_a_proposal_says_what_and_why_on_a_known_topic(here) -> None:
    with refused("question_missing", Invalid):
        propose(here, question=" ")
    with refused("text_missing", Invalid):
        propose(here, text="")
    with refused("unknown_topic", Invalid):
        propose(here, topic="weather")


def test_a_decision_answers_a_proposal_with_its_question_and_its_maker_is_told(here) -> None:
    waiting = propose(here)
    assert proposal.waiting_for_answer(here.incident) == [waiting]
    made = decide(here, question="", proposal=waiting)
    assert (made.question, made.topic, made.proposal) == ("More people?", "resources", waiting)
    assert told("proposal-answered") == ["ben"]
    assert proposal.waiting_for_answer(here.incident) == []


def test_a_proposal_is_declined_with_a_reason_by_who_decides(here) -> None:
    waiting = propose(here)
    with refused("not_your_role", NotPermitted):
        proposal.decline_proposal(here.incident, waiting, reason="No", actor=here.ben, at=LATER)
    with refused("reason_missing", Invalid):
        proposal.decline_proposal(here.incident, waiting, reason=" ", actor=here.ada, at=LATER)
    proposal.decline_proposal(
        here.incident, waiting, reason="Nobody is free.", actor=here.ada, at=LATER
    )
    assert again(waiting).decline_reason == "Nobody is free."
    assert told("proposal-answered") == ["ben"]
    assert last_act().verb == "decline_proposal"


def test_a_proposal_is_answered_once(here) -> None:
    declined, decided = propose(here), propose(here)
    proposal.decline_proposal(here.incident, declined, reason="No", actor=here.ada, at=LATER)
    decide(here, proposal=decided)
    for answered in (declined, decided):
        with refused("proposal_answered"):
            decide(here, proposal=answered)
        with refused("proposal_answered"):
            proposal.decline_proposal(
                here.incident, answered, reason="No", actor=here.ada, at=LATER
            )


def test_a_proposal_of_another_incident_is_not_answered_here(here) -> None:
    elsewhere = scene_beside(here)
    waiting = propose(here)
    waiting.incident = elsewhere
    waiting.save()
    with refused("proposal_of_another_incident", Invalid):
        decide(here, proposal=waiting)
