"""An act tells whom its line of the matrix informs and consults, once, and nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Incident, OutboxMessage, Performance, Update
from incidents.operations import (
    callout,
    decision,
    declaration,
    lifecycle,
    routing,
    severity,
    update,
)
from incidents.rules.raci import Activity as Line
from incidents.rules.reasons import Invalid
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, EXECUTIVE, SUPPORT
from tests import factories
from tests.factories import NOW
from tests.incidents.lines import line, pin, version
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    command_passes,
    hold,
    refused,
    scene,
    told,
)

pytestmark = pytest.mark.django_db

DECIDE = line(
    "triage", "Decide on the way out", {COMMANDER: "A/R", COMMUNICATIONS: "I"}, "decide"
)


@pytest.fixture
def here() -> Scene:
    return scene()


def decide(here: Scene, at=LATER) -> None:
    decision.decide(here.incident, question="Roll back?", decision="Yes", actor=here.ada, at=at)


def message(kind: str) -> OutboxMessage:
    return OutboxMessage.objects.get(kind=kind)


def done() -> Performance:
    return Performance.objects.get()


# --- nothing without a law


def test_without_a_matrix_an_act_tells_nobody_and_keeps_nothing(here) -> None:
    decide(here)
    assert told("informed") == []
    assert not Performance.objects.exists()


def test_a_line_bound_to_another_act_governs_nothing(here) -> None:
    pin(
        here.incident,
        line("triage", "Escalate", {COMMANDER: "A/R", COMMUNICATIONS: "I"}, "escalate"),
    )
    decide(here)
    assert told("informed") == []
    assert not Performance.objects.exists()


# --- the informed


def test_whoever_is_informed_is_told_what_by_whom_and_why(here) -> None:
    pin(here.incident, DECIDE)
    decide(here)
    said = message("informed")
    assert said.recipient == here.ben
    assert said.role == COMMUNICATIONS
    assert said.topic == here.incident.reference
    assert said.subject == f"{here.incident.reference}: Ada: Decide on the way out"
    for words in (
        "Ada: Record a decision",
        "Roll back? Yes",
        "You are told as Communications lead",
        "“Decide on the way out” (triage)",
    ):
        assert words in said.body


def test_each_act_is_told_of_once_however_often_it_is_done(here) -> None:
    pin(here.incident, DECIDE)
    decide(here)
    decide(here, LATER + MINUTE)
    assert told("informed") == ["ben", "ben"]
    assert OutboxMessage.objects.values("dedupe_key").distinct().count() == 2


def test_the_actor_is_not_told_of_his_own_act(here) -> None:
    letters = {COMMUNICATIONS: "A/R", COMMANDER: "I"}
    pin(here.incident, line("triage", "Decide", letters, "decide"))
    decide(here)
    assert told("informed") == []


def test_one_person_in_two_roles_hears_once_in_the_first(here) -> None:
    hold(here.incident, here.ben, SUPPORT)
    letters = {COMMANDER: "A/R", COMMUNICATIONS: "I", SUPPORT: "I"}
    pin(here.incident, line("triage", "Decide", letters, "decide"))
    decide(here)
    assert told("informed") == ["ben"]


def test_a_role_nobody_holds_is_told_through_whom_the_rules_would_choose(here) -> None:
    factories.person("erin", qualified=(EXECUTIVE,))
    factories.person("busy", qualified=(EXECUTIVE,))
    pin(here.incident, line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "I"}, "decide"))
    decide(here)
    assert told("informed") == ["busy"]
    assert message("informed").role == EXECUTIVE


def test_an_exercise_calls_nobody_who_does_not_play(here) -> None:
    factories.person("erin", qualified=(EXECUTIVE,))
    here.incident.kind = Incident.Kind.EXERCISE
    letters = {COMMANDER: "A/R", EXECUTIVE: "I", COMMUNICATIONS: "I"}
    pin(here.incident, line("triage", "Decide", letters, "decide"))
    decide(here)
    assert told("informed") == ["ben"]
    assert message("informed").subject.startswith("EXERCISE ")


def test_nobody_is_told_where_nobody_can_be_found(here) -> None:
    factories.role(EXECUTIVE)
    pin(here.incident, line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "I"}, "decide"))
    decide(here)
    assert told("informed") == []
    assert done().departures == []


# --- who heard already


def test_who_reads_the_update_is_not_told_that_it_was_published(here) -> None:
    factories.person("erin", qualified=(EXECUTIVE,))
    letters = {COMMANDER: "A", COMMUNICATIONS: "R", EXECUTIVE: "I", DEPUTY: "I"}
    hold(here.incident, here.cleo, DEPUTY)
    pin(
        here.incident,
        line("mitigation", "Publish", letters, "publish_externally"),
        line("triage", "Tell the team", letters, "first_internal_update"),
    )
    for audience, name in (("public", "Publish"), ("internal", "Tell the team")):
        draft = Update.objects.create(
            incident=here.incident, audience=audience, text="We know", drafted_by=here.ben,
            drafted_at=NOW, status="approved", approved_by=here.ada, approved_at=NOW,
        )  # fmt: skip
        update.publish(draft, actor=here.ada, at=LATER)
        assert Performance.objects.last().activity.name == name
    assert told("update") == ["ada", "ada", "ben", "ben", "cleo", "cleo"]
    assert told("informed") == ["erin", "erin"]


def test_who_hears_of_the_closing_or_the_hand_over_is_not_told_again(here) -> None:
    factories.person("erin", qualified=(EXECUTIVE,))
    factories.qualify(here.cleo, COMMANDER)
    letters = {COMMANDER: "A/R", COMMUNICATIONS: "I", EXECUTIVE: "I"}
    pin(
        here.incident,
        line("triage", "Hand over", {COMMANDER: "A/R", COMMUNICATIONS: "I"}, "hand_over"),
        line("resolution", "Stand down", letters, "stand_down"),
    )
    command_passes(here.incident, here.ada, here.cleo, LATER)
    assert (told("handed-over"), told("informed")) == (["ben"], [])
    lifecycle.resolve(here.incident, actor=here.cleo, at=LATER)
    lifecycle.close(here.incident, note="Over", actor=here.cleo, at=LATER)
    assert told("informed") == ["erin"]
    assert [row.verb for row in Performance.objects.order_by("id")] == ["hand_over", "close"]


def test_who_is_called_out_is_not_told_again(here) -> None:
    factories.person("erin", qualified=(EXECUTIVE,))
    letters = {COMMANDER: "A/R", EXECUTIVE: "I", COMMUNICATIONS: "I"}
    pin(here.incident, line("triage", "Escalate", letters, "escalate"))
    callout.escalate(here.incident, reason="It grows", actor=here.ada, at=LATER)
    assert told("informed") == ["ben", "erin"]


# --- which line governs


def test_the_line_of_the_phase_the_act_began_in_governs(here) -> None:
    pin(
        here.incident,
        line("triage", "Mitigate early", {COMMANDER: "A/R"}, "mitigate"),
        line("mitigation", "Mitigate", {COMMANDER: "A/R"}, "mitigate"),
    )
    lifecycle.mitigate(here.incident, actor=here.ada, at=LATER)
    assert again(here.incident).state == "mitigation"
    assert done().activity.name == "Mitigate early"


def test_the_severity_of_the_incident_decides_who_is_told(here) -> None:
    hold(here.incident, here.cleo, DEPUTY)
    pin(here.incident, DECIDE, sev2={COMMUNICATIONS: "-", DEPUTY: "I"})
    decide(here)
    assert told("informed") == ["cleo"]


# --- who did it, and how


def test_the_accountable_is_named_in_his_role_without_departure(here) -> None:
    pin(here.incident, DECIDE)
    decide(here)
    row = done()
    assert (row.done_by, row.role_id, row.verb) == (here.ada, COMMANDER, "decide")
    assert (row.departures, row.reason) == ([], "")
    assert row.done_at == LATER


def test_who_has_no_part_in_it_departs(here) -> None:
    pin(
        here.incident,
        line("triage", "Decide", {COMMUNICATIONS: "A/R", COMMANDER: "I"}, "decide"),
    )
    decide(here)
    (departure,) = done().departures
    assert departure["code"] == "not_accountable_or_responsible"
    assert departure["message"] == "As Incident commander: it is for Communications lead."
    assert done().role_id == COMMANDER


def test_the_deputy_stands_in_for_a_commander_who_is_not_there(here) -> None:
    pin(here.incident, DECIDE)
    here.incident.assignments.filter(role=COMMANDER).delete()
    hold(here.incident, here.cleo, DEPUTY)
    decision.decide(
        here.incident, question="Roll back?", decision="Yes", actor=here.cleo, at=LATER
    )
    assert (done().role_id, done().departures) == (COMMANDER, [])


def test_an_act_after_its_minutes_is_late_the_first_time_only(here) -> None:
    pin(here.incident, line("triage", "Decide", {COMMANDER: "A/R"}, "decide", within=5))
    decide(here, NOW + 7 * MINUTE)
    decide(here, NOW + 9 * MINUTE)
    first, second = Performance.objects.order_by("id")
    assert first.departures == [
        {"code": "late", "message": "2 min later than the 5 min agreed."}
    ]
    assert second.departures == []


def test_an_instant_typed_for_earlier_is_the_one_that_counts(here) -> None:
    here.incident.detected_at = NOW - timedelta(hours=1)
    pin(here.incident, line("triage", "Contain", {COMMANDER: "A/R"}, "contain", within=5))
    here.incident.save()
    lifecycle.contain(
        here.incident, happened_at=NOW + 4 * MINUTE, actor=here.ada, at=NOW + 20 * MINUTE
    )
    assert done().done_at == NOW + 4 * MINUTE
    assert done().departures == []


def test_whom_it_does_not_wait_for_is_told_at_once_to_object(here) -> None:
    pin(
        here.incident,
        line("triage", "Decide", {COMMANDER: "A/R", COMMUNICATIONS: "C"}, "decide"),
    )
    decide(here)
    said = message("consulted")
    assert (said.recipient, said.priority) == (here.ben, OutboxMessage.Priority.PAGE)
    assert "You are consulted as Communications lead" in said.body
    assert "If you object, say so to the commander now." in said.body
    assert done().departures == []


def test_where_nobody_consulted_can_be_reached_the_act_departs(here) -> None:
    factories.role(EXECUTIVE)
    pin(here.incident, line("triage", "Decide", {COMMANDER: "A/R", EXECUTIVE: "C"}, "decide"))
    decide(here)
    assert [each["code"] for each in done().departures] == ["not_consulted"]


def test_classifying_tells_the_informed_and_row_history_keeps_the_row(here) -> None:
    pin(
        here.incident,
        line("triage", "Set severity", {COMMANDER: "A/R", DEPUTY: "I"}, "set_severity"),
    )
    hold(here.incident, here.cleo, DEPUTY)
    severity.classify(
        here.incident, level_code="sev1", reason="It grows", actor=here.ada, at=LATER
    )
    assert told("informed") == ["cleo"]
    assert "Severity set to Severity 1: It grows" in message("informed").body
    assert done().history.count() == 1


# --- declaration: what it costs


def declared(*lines: Line) -> Callable[[], Incident]:
    factories.severity_scheme()
    version(*lines)
    dora = factories.allow(factories.person("dora"), "incidents.declare_incident")
    for name, slug in (("ada", COMMANDER), ("ben", COMMUNICATIONS), ("erin", EXECUTIVE)):
        factories.person(name, qualified=(slug,))
    return lambda: declaration.declare(
        title="Down", services=[], facts={}, actor=dora, at=LATER
    )


SILENT = line("triage", "Direct", {COMMANDER: "A/R"})
UNHEARD = line("detection", "Declare", {COMMANDER: "A/R"}, "declare")
HEARD = line("detection", "Declare", {COMMANDER: "A/R", EXECUTIVE: "I"}, "declare")
# A performance and its history; then whom the rules would choose (four questions, the person),
# the name of the role, whether it is private, the message.
KEPT, TOLD = 2, 8


def cost(act: Callable[[], Incident]) -> int:
    act()  # what is read once a process
    with CaptureQueriesContext(connection) as queries:
        act()
    return len([each for each in queries if "SAVEPOINT" not in each["sql"]])


@pytest.mark.parametrize(
    ("lines", "more"), [((SILENT, UNHEARD), KEPT), ((SILENT, HEARD), KEPT + TOLD)]
)
def test_what_a_declaration_costs_more_by_its_line(lines, more) -> None:
    act = declared(SILENT)
    silent = cost(act)
    version(*lines)
    assert cost(act) - silent == more


def test_anybody_may_declare_so_nobody_is_the_wrong_one(here) -> None:
    pin(here.incident, UNHEARD)
    routing.performed(here.incident, "declare", actor=here.dan, at=NOW)
    assert (done().role_id, done().departures) == (None, [])


def test_a_refused_act_tells_nobody(here) -> None:
    pin(here.incident, DECIDE)
    with refused("question_missing", kind=Invalid):
        decision.decide(here.incident, question="", decision="Yes", actor=here.ada, at=LATER)
    assert told("informed") == []
