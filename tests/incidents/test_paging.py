"""Calls under the steps of a level: made when due, repeated, passed on, answered, taken back."""

import logging
from datetime import datetime

import pytest

from incidents.models import (
    EscalationCall,
    EscalationStep,
    Incident,
    OutboxMessage,
    SeverityLevel,
    SeverityScheme,
)
from incidents.models.commanding import CommandCall
from incidents.operations import paging, records
from incidents.operations import timeline as timeline_verbs
from incidents.rules.reasons import NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, RESPONDER
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    acts,
    again,
    hold,
    last_act,
    refused,
    responder,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db


def stepped(steps: dict[str, dict]) -> Scene:
    """An incident whose level has these steps and no others; the level above tells two roles once."""
    here = scene()
    scheme = SeverityScheme.objects.create(number=9, maker=here.lea, created_at=NOW)
    above, level = (
        SeverityLevel.objects.create(scheme=scheme, code=f"sev{rank}", rank=rank, name=name)
        for rank, name in ((1, "Severity 1"), (2, "Severity 2"))
    )
    for role in (COMMANDER, COMMUNICATIONS):
        EscalationStep.objects.create(level=above, role=factories.role(role))
    for role, said in steps.items():
        following = said.get("next_role")
        EscalationStep.objects.create(
            level=level, role=factories.role(role),
            **said | ({"next_role": factories.role(following)} if following else {}),
        )  # fmt: skip
    here.incident.severity_scheme, here.incident.level = scheme, level
    here.incident.save()
    return here


URGENT = {"within_minutes": 0, "repeat_minutes": 5, "repeats": 2}


@pytest.fixture
def here() -> Scene:
    """Ada commands and is called at once, three times in five minutes each; then the deputy."""
    made = stepped({COMMANDER: {**URGENT, "next_role": DEPUTY}})
    hold(made.incident, made.cleo, DEPUTY)
    return made


def calls(incident: Incident) -> list[tuple[str, int, int, str]]:
    """Who was called in which place of the line, how often, and how it ended."""
    rows = EscalationCall.objects.filter(incident=incident).order_by("id")
    return [
        (row.person.username if row.person else "", row.line, row.calls, row.ended)
        for row in rows.select_related("person")
    ]


def sweep_until(at: datetime) -> None:
    """The sweep as it runs, once a minute."""
    now = NOW
    while now <= at:
        paging.sweep(now)
        now += MINUTE


# --- making calls


def test_what_is_due_is_called_with_the_act_itself(here) -> None:
    assert paging.begin(here.incident, at=NOW) == [here.ada]
    message = OutboxMessage.objects.get(kind="escalation")
    call = EscalationCall.objects.get()
    assert (message.recipient, message.role, message.priority) == (here.ada, COMMANDER, 0)
    assert message.dedupe_key == f"call:{call.pk}:1"
    assert message.subject == "INC-1: Severity 2: answer as Incident commander"
    assert "“I am here”" in message.body
    assert "call 1 of 3; without an answer by 2026-11-23 09:15 UTC Deputy" in message.body
    assert (call.calls, call.first_called_at, call.next_call_at) == (1, NOW, NOW + 5 * MINUTE)


def test_what_is_due_later_is_called_then_and_told_once_where_nobody_need_answer() -> None:
    here = scene()  # the commander within fifteen minutes, once
    assert paging.begin(here.incident, at=NOW) == [here.ada]
    assert told("escalation") == []
    for minutes in (14, 15, 40):
        paging.sweep(NOW + minutes * MINUTE)
    message = OutboxMessage.objects.get(kind="escalation")
    assert (message.created_at, message.subject) == (NOW + 15 * MINUTE, "INC-1: Severity 2")
    assert "I am here" not in message.body
    assert calls(here.incident) == [("ada", 0, 1, "told")]


def test_whoever_holds_the_role_when_the_call_is_due_is_called() -> None:
    here = scene()
    paging.begin(here.incident, at=NOW)
    here.incident.assignments.filter(person=here.ada).update(person=here.cleo)
    paging.sweep(NOW + 15 * MINUTE)
    assert told("escalation") == ["cleo"]
    assert calls(here.incident) == [("ada", 0, 0, "withdrawn"), ("cleo", 0, 1, "told")]


def test_it_is_repeated_until_nobody_is_left_to_wait_for_and_then_the_next_are_called(
    here,
) -> None:
    paging.begin(here.incident, at=NOW)
    sweep_until(NOW + 14 * MINUTE)
    assert told("escalation") == ["ada"] * 3
    assert timeline(here.incident) == []
    sweep_until(NOW + 29 * MINUTE)
    assert told("escalation") == ["ada"] * 3 + ["cleo"] * 3
    sweep_until(NOW + 44 * MINUTE)
    assert told("escalation") == ["ada"] * 3 + ["cleo"] * 3 + ["lea"] * 3
    assert told("escalation-given-up") == []
    sweep_until(NOW + 90 * MINUTE)
    assert told("escalation-given-up") == ["lea"]
    assert len(told("escalation")) == 9
    assert calls(here.incident) == [
        ("ada", 0, 3, "passed_on"),
        ("cleo", 1, 3, "passed_on"),
        ("lea", 2, 3, "exhausted"),
    ]
    assert timeline(here.incident) == [
        "Nobody answers as Incident commander: Deputy commander is called (Cleo)",
        "Nobody answers as Deputy commander: leadership is called (Lea)",
        "Nobody answers as leadership, and nobody is next in line",
    ]
    assert (
        "as Incident commander" in OutboxMessage.objects.get(kind="escalation-given-up").subject
    )


def test_where_nobody_can_be_called_the_next_in_line_are_called_at_once() -> None:
    here = stepped({RESPONDER: {**URGENT, "next_role": DEPUTY}})
    paging.begin(here.incident, at=NOW)
    assert told("escalation") == ["lea"]
    assert calls(here.incident) == [
        ("", 0, 0, "passed_on"), ("", 1, 0, "passed_on"), ("lea", 2, 1, ""),
    ]  # fmt: skip
    assert timeline(here.incident) == [
        "Nobody can be called as Responder: leadership is called (Lea)"
    ]


def test_of_what_nobody_need_answer_and_nobody_can_be_told_a_row_is_left() -> None:
    here = stepped({RESPONDER: {"within_minutes": 0}})
    assert paging.begin(here.incident, at=NOW) == []
    assert calls(here.incident) == [("", 0, 0, "exhausted")]
    assert timeline(here.incident) == []


def test_an_exercise_calls_its_players_and_tells_no_leader_that_nobody_answers(here) -> None:
    here.incident.kind = "exercise"
    here.incident.save()
    paging.begin(here.incident, at=NOW)
    sweep_until(NOW + 60 * MINUTE)
    assert set(told("escalation")) == {"ada", "cleo"}
    assert told("escalation-given-up") == []
    assert OutboxMessage.objects.filter(subject__startswith="EXERCISE INC-1").count() == 6


def test_nobody_hears_twice_of_the_same_level_and_another_level_is_news(here) -> None:
    for at in (NOW, NOW + MINUTE):
        paging.begin(here.incident, at=at)
    assert told("escalation") == ["ada"]
    here.incident.level = here.incident.severity_scheme.levels.get(code="sev1")
    paging.begin(here.incident, at=LATER)
    assert told("escalation") == ["ada", "ada", "ben"]


def test_what_is_not_classified_calls_nobody(here) -> None:
    here.incident.level = None
    assert paging.begin(here.incident, at=NOW) == []


def test_calls_taken_back_go_on_when_the_level_comes_back(here) -> None:
    paging.begin(here.incident, at=NOW)
    assert paging.withdraw(here.incident, at=NOW + MINUTE) == 1
    assert paging.withdraw(here.incident, at=NOW + MINUTE) == 0
    sweep_until(LATER)
    assert told("escalation") == ["ada"]
    paging.begin(here.incident, at=LATER)
    assert told("escalation") == ["ada", "ada"]


def test_what_is_over_or_has_another_level_is_no_longer_called_for(here) -> None:
    paging.begin(here.incident, at=NOW)
    Incident.objects.update(state="cancelled")
    sweep_until(LATER)
    assert told("escalation") == ["ada"]
    assert calls(here.incident) == [("ada", 0, 1, "withdrawn")]


def test_one_incident_that_fails_stops_no_other(here, caplog, monkeypatch) -> None:
    paging.begin(here.incident, at=NOW)
    other = Incident.objects.get(pk=here.incident.pk)
    other.pk, other.reference = None, "INC-2"
    other.save(force_insert=True)
    paging.begin(other, at=NOW, held=[(here.ada, COMMANDER)])
    audit = records.audit

    def broken(verb, subject, **said):
        if subject.pk == here.incident.pk:
            raise ValueError("of ada@example.com")
        return audit(verb, subject, **said)

    monkeypatch.setattr(records, "audit", broken)
    with caplog.at_level(logging.ERROR):
        paging.sweep(NOW + 5 * MINUTE)
    assert calls(other) == [("ada", 0, 2, "")]
    assert calls(here.incident) == [("ada", 0, 1, "")]
    assert "ada" not in caplog.text and "ValueError" in caplog.text
    monkeypatch.undo()
    paging.sweep(NOW + 5 * MINUTE + paging.TRY_AGAIN_AFTER)
    assert calls(here.incident) == [("ada", 0, 2, "")]


def test_each_sweep_leaves_one_audit_line_an_incident_and_says_what_it_did(here) -> None:
    paging.begin(here.incident, at=NOW)
    heard: list[str] = []
    paging.sweep(NOW + 5 * MINUTE, heard.append)
    paging.sweep(NOW + 6 * MINUTE, heard.append)
    assert heard == ["INC-1: Ada called as Incident commander"]
    assert acts() == ["call"]
    assert last_act().actor is None


# --- answering


def test_whoever_answers_is_not_called_again_and_nobody_else_is(here) -> None:
    paging.begin(here.incident, at=NOW)
    paging.answer_call(here.incident, actor=here.ada, at=NOW + MINUTE)
    sweep_until(NOW + 60 * MINUTE)
    assert told("escalation") == ["ada"]
    call = EscalationCall.objects.get()
    assert (call.ended, call.answered_at) == ("answered", NOW + MINUTE)
    assert timeline(here.incident) == ["Ada is here"]
    assert acts() == ["answer_call"]
    assert last_act().detail == {"steps": [COMMANDER], "as_commander": False}


def test_one_answer_is_enough_for_all_who_were_called_alike(here) -> None:
    here.incident.assignments.filter(role=COMMANDER).delete()
    zoe = responder(factories.person("zoe", qualified=(COMMANDER,)))
    paging.begin(here.incident, at=NOW)
    assert told("escalation") == ["ada", "zoe"]
    paging.answer_call(here.incident, actor=zoe, at=NOW + MINUTE)
    assert {ended for *_, ended in calls(here.incident)} == {"answered"}


def test_a_commander_who_is_asked_whether_he_is_there_answers_alike(here) -> None:
    assignment = here.incident.assignments.get(role=COMMANDER)
    asked = CommandCall.objects.create(
        assignment=assignment, asked_at=NOW, due_at=NOW + 5 * MINUTE
    )
    paging.answer_call(here.incident, actor=here.ada, at=NOW + MINUTE)
    assert again(asked).outcome == "answered"
    assert last_act().detail == {"steps": [], "as_commander": True}


def test_where_no_call_waits_there_is_nothing_to_answer(here) -> None:
    paging.begin(here.incident, at=NOW)
    with refused("no_call_to_answer"):
        paging.answer_call(here.incident, actor=here.ben, at=NOW + MINUTE)
    assert [one.code for one in paging.objections(here.incident, here.ben)] == [
        "no_call_to_answer"
    ]
    assert paging.objections(here.incident, here.ada) == ()
    paging.answer_call(here.incident, actor=here.ada, at=NOW + MINUTE)
    with refused("no_call_to_answer"):
        paging.answer_call(here.incident, actor=here.ada, at=NOW + MINUTE)


def test_dan_answers_nothing_even_when_called(here) -> None:
    hold(here.incident, here.dan, COMMUNICATIONS)
    EscalationCall.objects.create(
        incident=here.incident, level=here.incident.level, step=factories.role(COMMUNICATIONS),
        person=here.dan, channel="email", due_at=NOW, next_call_at=NOW,
    )  # fmt: skip
    with refused("no_permission", NotPermitted):
        paging.answer_call(here.incident, actor=here.dan, at=NOW + MINUTE)


def test_any_act_after_the_call_is_an_answer(here) -> None:
    paging.begin(here.incident, at=NOW)
    timeline_verbs.note(here.incident, text="I look", actor=here.ada, at=NOW + MINUTE)
    sweep_until(NOW + 60 * MINUTE)
    assert told("escalation") == ["ada"]
    call = EscalationCall.objects.get()
    assert (call.ended, call.answered_at) == ("answered", NOW + MINUTE)


def test_an_act_before_the_call_or_by_another_is_none(here) -> None:
    timeline_verbs.note(here.incident, text="I look", actor=here.ada, at=NOW - MINUTE)
    paging.begin(here.incident, at=NOW)
    timeline_verbs.note(here.incident, text="I look", actor=here.ben, at=NOW + MINUTE)
    paging.sweep(NOW + 5 * MINUTE)
    assert told("escalation") == ["ada", "ada"]
