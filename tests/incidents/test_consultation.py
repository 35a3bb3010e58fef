"""Whom the matrix consults is asked before the act; the act waits so long and no longer."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.models import (
    CheckLimits,
    Consultation,
    Filing,
    Incident,
    LegalClock,
    OutboxMessage,
    Performance,
    Update,
)
from incidents.operations import (
    callout,
    command,
    consultation,
    decision,
    filing,
    lifecycle,
    performance,
    severity,
    update,
    waiting,
)
from incidents.rules import acts as law_of_acts
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, EXECUTIVE
from tests import factories
from tests.factories import NOW
from tests.incidents.lines import line, pin, row
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    command_passes,
    hold,
    last_act,
    refused,
    responder,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

WAITING = line(
    "triage",
    "Decide",
    {COMMANDER: "A/R", COMMUNICATIONS: "C", COUNSEL: "C"},
    "decide",
    waits=15,
)
HASTY = line("triage", "Decide", {COMMANDER: "A/R", COMMUNICATIONS: "C"}, "decide")


@pytest.fixture
def here() -> Scene:
    """Ada commands and must ask Ben, who speaks, and Cleo, who is counsel."""
    made = scene()
    hold(made.incident, made.cleo, COUNSEL)
    pin(made.incident, WAITING)
    return made


def consult(here: Scene, at=LATER, name: str = "Decide", **fields) -> Consultation:
    given = {"question": "May we roll back?", "actor": here.ada} | fields
    return consultation.consult(
        here.incident, activity=row(here.incident, name), at=at, **given
    )


def decide(here: Scene, at) -> None:
    decision.decide(here.incident, question="Roll back?", decision="Yes", actor=here.ada, at=at)


def departures() -> list[str]:
    return [each["code"] for row in Performance.objects.all() for each in row.departures]


# --- asking


def test_everybody_consulted_is_paged_with_the_instant_it_proceeds(here) -> None:
    made = consult(here)
    assert made.proceeds_at == LATER + 15 * MINUTE
    assert told("consultation") == ["ben", "cleo"]
    said = OutboxMessage.objects.get(kind="consultation", recipient=here.cleo)
    assert (said.priority, said.role) == (OutboxMessage.Priority.PAGE, COUNSEL)
    assert "answer by 09:25 UTC" in said.subject
    assert "Answer by 09:25 UTC: the act proceeds then." in said.body
    assert "You are consulted as Legal counsel" in said.body
    assert "Consulted Ben, Cleo on “Decide”: May we roll back?" in timeline(here.incident)
    assert last_act().verb == "consult"
    assert last_act().detail["asked"] == ["ben", "cleo"]


def test_without_minutes_in_the_matrix_the_organisations_hold(here) -> None:
    pin(here.incident, HASTY)
    assert consult(here).proceeds_at == LATER + 10 * MINUTE
    CheckLimits.objects.update_or_create(id=1, defaults={"consult_minutes": 3})
    Consultation.objects.update(proceeds_at=LATER)
    assert consult(here).proceeds_at == LATER + 3 * MINUTE


def test_a_role_nobody_holds_is_asked_through_whom_the_rules_would_choose(here) -> None:
    factories.person("erin", qualified=(EXECUTIVE,))
    pin(here.incident, line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "C"}, "decide"))
    consult(here)
    assert told("consultation") == ["erin"]


def test_whoever_asks_does_not_ask_themselves(here) -> None:
    consult(here, actor=here.ben)
    assert told("consultation") == ["cleo"]


def test_where_nobody_can_be_asked_it_is_refused(here) -> None:
    factories.role(EXECUTIVE)
    pin(
        here.incident,
        line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "C"}, "decide", waits=5),
        line("triage", "Direct", {COMMANDER: "A/R"}),
    )
    for name in ("Decide", "Direct"):
        with refused("nobody_to_consult"):
            consult(here, name=name)


def test_an_exercise_asks_nobody_from_outside(here) -> None:
    factories.person("erin", qualified=(EXECUTIVE,))
    here.incident.kind = Incident.Kind.EXERCISE
    pin(here.incident, line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "C"}, "decide"))
    with refused("nobody_to_consult"):
        consult(here)


def test_one_consultation_on_one_activity_runs_at_a_time(here) -> None:
    first = consult(here)
    with refused("consulting_already"):
        consult(here, LATER + MINUTE)
    for who in (here.ben, here.cleo):
        consultation.advise(first, answer="Yes", actor=who, at=LATER)
    assert consult(here, LATER + MINUTE).pk != first.pk


def test_it_needs_a_question_and_a_line_of_this_matrix(here) -> None:
    with refused("question_missing", Invalid):
        consult(here, question=" ")
    foreign = pin(scene_of_another(), WAITING).activities.get()
    with refused("activity_of_another_matrix", Invalid):
        consultation.consult(
            here.incident, activity=foreign, question="?", actor=here.ada, at=LATER
        )


def scene_of_another() -> Incident:
    return Incident.objects.create(reference="INC-9", title="Other", declared_at=NOW)


def test_only_who_is_here_asks(here) -> None:
    with refused("no_permission", NotPermitted):
        consult(here, actor=here.dan)
    here.incident.assignments.filter(person=here.cleo).delete()
    with refused("not_your_role", NotPermitted):
        consult(here, actor=here.cleo)
    assert consult(here, actor=here.lea).asked_by == here.lea


# --- answering


def test_an_answer_is_kept_and_told_to_the_asker(here) -> None:
    made = consult(here)
    given = consultation.advise(made, answer="No objection", actor=here.cleo, at=LATER + MINUTE)
    assert (given.answer, given.answered_at) == ("No objection", LATER + MINUTE)
    assert told("advice") == ["ada"]
    assert "Cleo (Legal counsel) on “Decide”: No objection" in timeline(here.incident)
    assert last_act().verb == "advise"


def test_an_answer_is_given_once_and_not_empty(here) -> None:
    made = consult(here)
    with refused("answer_missing", Invalid):
        consultation.advise(made, answer="", actor=here.cleo, at=LATER)
    consultation.advise(made, answer="No", actor=here.cleo, at=LATER)
    with refused("already_answered"):
        consultation.advise(made, answer="Yes", actor=here.cleo, at=LATER)
    assert again(made.advice.get(person=here.cleo)).answer == "No"


def test_only_who_was_asked_answers(here) -> None:
    made = consult(here)
    with refused("not_your_role", NotPermitted):
        consultation.advise(made, answer="Yes", actor=here.ada, at=LATER)
    with refused("no_permission", NotPermitted):
        consultation.advise(made, answer="Yes", actor=here.dan, at=LATER)


def test_who_holds_no_role_but_was_asked_answers(here) -> None:
    erin = responder(factories.person("erin", qualified=(EXECUTIVE,)))
    pin(here.incident, line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "C"}, "decide"))
    made = consult(here)
    assert consultation.advise(made, answer="Go", actor=erin, at=LATER).role_id == EXECUTIVE


def test_after_the_end_nobody_answers(here) -> None:
    made = consult(here)
    lifecycle.cancel(here.incident, reason="A test", actor=here.ada, at=LATER)
    with refused("wrong_state"):
        consultation.advise(made, answer="Yes", actor=here.cleo, at=LATER)


# --- waiting


def test_a_waiting_act_is_refused_until_somebody_was_asked(here) -> None:
    with refused("consult_first") as caught:
        decide(here, LATER)
    for words in ("Ben, Cleo", "“Decide”", "use “Consult first”", "15 min"):
        assert words in str(caught.value)
    assert not Performance.objects.exists()


def test_it_waits_for_the_last_answer_and_says_whose(here) -> None:
    made = consult(here)
    consultation.advise(made, answer="Yes", actor=here.ben, at=LATER)
    with refused("still_consulting") as caught:
        decide(here, LATER + MINUTE)
    assert "Cleo did not answer yet" in str(caught.value)
    assert "2026-11-23 09:25 UTC" in str(caught.value)
    consultation.advise(made, answer="Yes", actor=here.cleo, at=LATER + MINUTE)
    decide(here, LATER + MINUTE)
    assert departures() == []
    assert told("consulted") == []


@pytest.mark.parametrize("seconds", [-1, 0])
def test_it_proceeds_at_the_instant_promised_and_not_before(here, seconds) -> None:
    at = consult(here).proceeds_at + timedelta(seconds=seconds)
    if seconds < 0:
        with refused("still_consulting"):
            decide(here, at)
    else:
        decide(here, at)
        assert departures() == []


def test_a_consultation_counts_for_one_act(here) -> None:
    consult(here)
    decide(here, LATER + 20 * MINUTE)
    with refused("consult_first"):
        decide(here, LATER + 21 * MINUTE)


def test_what_cannot_be_reached_is_not_waited_for(here) -> None:
    factories.role(EXECUTIVE)
    pin(
        here.incident,
        line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "C"}, "decide", waits=5),
    )
    decide(here, LATER)
    assert departures() == ["not_consulted"]


def test_who_is_the_only_one_consulted_does_not_wait_for_himself(here) -> None:
    pin(
        here.incident,
        line("triage", "Decide", {COMMUNICATIONS: "A/R", COMMANDER: "C"}, "decide", waits=5),
    )
    decide(here, LATER)
    assert "not_consulted" not in departures()


def test_in_need_the_act_proceeds_at_once_and_says_why(here) -> None:
    made = consult(here, proceed_at_once="The data is leaving now")
    assert made.proceeds_at == LATER
    decide(here, LATER)
    row = Performance.objects.get()
    assert departures() == ["not_waited_for"]
    assert (row.reason, row.reason_by) == ("The data is leaving now", here.ada)


def test_who_answered_all_the_same_was_waited_for(here) -> None:
    made = consult(here, proceed_at_once="No time")
    for who in (here.ben, here.cleo):
        consultation.advise(made, answer="Go", actor=who, at=LATER)
    decide(here, LATER)
    assert departures() == []


def test_an_act_that_does_not_wait_takes_no_refusal(here) -> None:
    pin(here.incident, HASTY)
    decide(here, LATER)
    assert told("consulted") == ["ben"]


def test_who_was_asked_before_is_not_told_to_object(here) -> None:
    pin(here.incident, HASTY)
    consult(here)
    decide(here, LATER + MINUTE)
    assert told("consulted") == []
    assert departures() == []


def _draft(here: Scene, audience: str) -> Update:
    return Update.objects.create(
        incident=here.incident, audience=audience, text="We know", drafted_by=here.ben,
        drafted_at=NOW, status="approved", approved_by=here.ada, approved_at=NOW,
    )  # fmt: skip


def _file(here: Scene, by: dict[str, Any]) -> Filing:
    clock, _ = LegalClock.objects.get_or_create(
        incident=here.incident, kind="gdpr--notification",
        defaults={"regime": "gdpr", "stage": "notification", "basis": "x", "started_at": NOW},
    )  # fmt: skip
    return filing.file_notice(here.incident, clock=clock, sent_at=by["at"], **by)


# Each bound act: its operation, and who performs it.
ACTS = {
    "assign_commander": lambda here, by: command.acknowledge(here.incident, **by),
    "hand_over": lambda here, by: command_passes(
        here.incident, here.ada, responder(here.dan), by["at"]
    ),
    "set_severity": lambda here, by: severity.classify(
        here.incident, level_code="sev1", reason="x", **by
    ),
    "escalate": lambda here, by: callout.escalate(here.incident, reason="x", **by),
    "contain": lambda here, by: lifecycle.contain(here.incident, **by),
    "mitigate": lambda here, by: lifecycle.mitigate(here.incident, **by),
    "resolve": lambda here, by: lifecycle.resolve(here.incident, **by),
    "stand_down": lambda here, by: lifecycle.close(here.incident, note="x", **by),
    "publish_externally": lambda here, by: update.publish(_draft(here, "public"), **by),
    "first_internal_update": lambda here, by: update.publish(_draft(here, "internal"), **by),
    "notify_authority": _file,
}
STATES = {"assign_commander": "detection", "stand_down": "resolution"}


@pytest.mark.parametrize("act", ACTS)
def test_every_bound_act_waits_by_its_own_line(here, act) -> None:
    factories.qualify(here.dan, COMMANDER)
    role, who = (COUNSEL, here.cleo) if act == "notify_authority" else (COMMANDER, here.ada)
    asked = line("triage", "Do it", {role: "A/R", COMMUNICATIONS: "C"}, act, waits=5)
    pin(here.incident, asked)
    here.incident.state = STATES.get(act, "triage")
    here.incident.save()
    with refused("consult_first"):
        ACTS[act](here, {"actor": who, "at": LATER})
    consult(here, name="Do it", actor=who)
    ACTS[act](here, {"actor": who, "at": LATER + 6 * MINUTE})
    done = Performance.objects.get()
    assert (done.activity.act, done.verb) == (act, law_of_acts.ACTS[act].verb)
    assert (done.role_id, done.departures) == (role, [])


def test_every_act_a_verb_performs_is_tried_here() -> None:
    bound = {act.code for act in law_of_acts.ACTS.values() if act.verb}
    assert set(ACTS) | {"declare", "decide"} == bound


def test_what_is_ticked_off_by_hand_was_done_and_is_not_refused(here) -> None:
    letters = {COMMANDER: "A/R", COMMUNICATIONS: "C"}
    pin(here.incident, line("triage", "Call the bank", letters, waits=5))
    performance.perform(
        here.incident, activity=row(here.incident, "Call the bank"), actor=here.ada, at=LATER
    )
    assert departures() == ["not_consulted"]
    assert told("consulted") == ["ben"]


def test_a_refusal_is_a_refusal_and_no_lack_of_permission(here) -> None:
    with pytest.raises(Refused) as caught:
        decide(here, LATER)
    assert type(caught.value) is Refused


def test_a_page_foresees_whom_the_act_waits_for_and_is_silent_where_it_waits_for_nobody(
    here, django_assert_num_queries
) -> None:
    def foreseen(at=LATER, who=here.ada) -> list[str]:
        return [each.code for each in waiting.objections("decide", here.incident, who, at=at)]

    assert foreseen() == ["consult_first"]
    assert foreseen(who=here.ben) == ["not_your_role"]
    made = consult(here)
    assert foreseen() == ["still_consulting"]
    assert foreseen(at=made.proceeds_at) == []
    pin(here.incident, HASTY)
    incident = Incident.objects.prefetch_related("assignments").get()
    assert waiting.objections("decide", incident, here.ada, at=LATER) == ()
    with django_assert_num_queries(0):
        waiting.objections("decide", incident, here.ada, at=LATER)
