"""Who may do what now, as a table: it agrees with what each person is told when they try."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidents.models import (
    Advice,
    CommandCall,
    Consultation,
    Delegation,
    EscalationCall,
    HandOver,
    Incident,
    Person,
)
from incidents.operations import standing, who_may
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY, RESPONDER
from incidents.rules.verbs import ANYBODY, LEADERSHIP, PARTICIPANT, VERBS
from tests import factories
from tests.factories import NOW
from tests.incidents.lines import line, pin
from tests.incidents.scene import LATER, Scene, hold, scene

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def of(incident: Incident, verb: str) -> dict[str, list[str]]:
    """Role to usernames of who may do this, by the table."""
    rows = {
        row.verb: row for row in who_may.table(Incident.objects.get(pk=incident.pk), at=LATER)
    }
    return {
        who.role: [person.username for person in who.people]
        + [f"{one.to.username} for {one.giver.username}" for one in who.delegates]
        for who in rows[verb].who
    }


def verbs(incident: Incident) -> set[str]:
    return {row.verb for row in who_may.table(incident, at=LATER)}


def delegation(here: Scene, giver: Person, role: str, to: Person, act: str = "") -> Delegation:
    return Delegation.objects.create(
        incident=here.incident, role_id=role, act=act, giver=giver, to=to, reason="Away",
        starts_at=NOW, ends_at=NOW + HOUR,
    )  # fmt: skip


def test_each_verb_names_its_roles_and_the_people_who_hold_them() -> None:
    here = scene()
    assert of(here.incident, "contain") == {COMMANDER: ["ada"]}
    assert of(here.incident, "assign") == {COMMANDER: ["ada"], LEADERSHIP: []}
    assert of(here.incident, "note") == {PARTICIPANT: ["ada", "ben"], LEADERSHIP: []}
    assert of(here.incident, "draft_update") == {COMMUNICATIONS: ["ben"], COMMANDER: ["ada"]}


def test_a_vacancy_names_who_stands_in_and_what_nobody_may_is_empty() -> None:
    here = scene()
    here.incident.assignments.filter(role=COMMANDER).delete()
    assert of(here.incident, "contain") == {LEADERSHIP: []}
    assert of(here.incident, "hand_over") == {}
    hold(here.incident, here.cleo, DEPUTY)
    assert of(here.incident, "contain") == {DEPUTY: ["cleo"]}


def test_only_what_is_possible_in_this_state_is_listed() -> None:
    here = scene()
    assert "advance" in verbs(here.incident)
    assert {"acknowledge", "reopen", "close", "declare"}.isdisjoint(verbs(here.incident))
    closed = scene_closed(here)
    assert {"reopen", "file_notice"} <= verbs(closed)
    assert "advance" not in verbs(closed)


def scene_closed(here: Scene) -> Incident:
    Incident.objects.filter(pk=here.incident.pk).update(state="closed", closed_at=LATER)
    return Incident.objects.get(pk=here.incident.pk)


def test_a_delegate_stands_beside_whom_they_act_for_until_it_ends() -> None:
    here = scene()
    given = delegation(here, here.ada, COMMANDER, here.cleo, act="decide")
    assert of(here.incident, "decide") == {COMMANDER: ["ada", "cleo for ada"]}
    assert of(here.incident, "contain") == {COMMANDER: ["ada"]}
    given.revoked_at = LATER
    given.save()
    assert of(here.incident, "decide") == {COMMANDER: ["ada"]}


def test_what_answers_something_is_listed_only_while_somebody_was_asked() -> None:
    here = scene()
    answers = {"accept_command", "decline_command", "answer_call", "advise"}
    assert answers.isdisjoint(verbs(here.incident))
    HandOver.objects.create(
        incident=here.incident, giver=here.ada, to=here.cleo, status="Calm", offered_at=NOW
    )
    EscalationCall.objects.create(
        incident=here.incident, level=here.incident.level, step=factories.role(COMMANDER),
        person=here.ben, channel="email", due_at=NOW, first_called_at=NOW,
    )  # fmt: skip
    before = factories.matrix_version().activities.all()[0]
    asked = Consultation.objects.create(
        incident=here.incident, activity=before, question="?", asked_by=here.ada, asked_at=NOW,
        proceeds_at=LATER,
    )  # fmt: skip
    Advice.objects.create(consultation=asked, role_id=COMMUNICATIONS, person=here.lea)
    assert of(here.incident, "accept_command") == {ANYBODY: ["cleo"]}
    assert of(here.incident, "decline_command") == {ANYBODY: ["cleo"]}
    assert of(here.incident, "answer_call") == {ANYBODY: ["ben"]}
    assert of(here.incident, "advise") == {ANYBODY: ["lea"]}


def test_a_commander_who_is_called_stands_with_the_call() -> None:
    here = scene()
    CommandCall.objects.create(
        assignment=here.incident.assignments.get(role=COMMANDER), asked_at=NOW, due_at=LATER
    )
    assert of(here.incident, "answer_call") == {ANYBODY: ["ada"]}


def _as_it_is(here: Scene) -> None:
    """Ada commands, Ben speaks."""


def _vacant(here: Scene) -> None:
    here.incident.assignments.filter(role=COMMANDER).delete()


def _deputed(here: Scene) -> None:
    _vacant(here)
    hold(here.incident, here.cleo, DEPUTY)


def _delegated(here: Scene) -> None:
    delegation(here, here.ada, COMMANDER, here.cleo)
    delegation(here, here.ben, COMMUNICATIONS, here.cleo, act="publish_externally")


def _counselled(here: Scene) -> None:
    hold(here.incident, here.cleo, COUNSEL)
    hold(here.incident, here.lea, RESPONDER)


def _closed(here: Scene) -> None:
    here.incident.assignments.update(ended_at=LATER, end_reason=standing.CLOSED)
    scene_closed(here)


@pytest.mark.parametrize(
    "stage", [_as_it_is, _vacant, _deputed, _delegated, _counselled, _closed]
)
@pytest.mark.parametrize("is_ruled", [False, True])
def test_the_table_and_the_answer_to_each_person_never_contradict(
    stage: Callable[[Scene], None], is_ruled: bool
) -> None:
    here = scene()
    if is_ruled:
        letters = {COMMUNICATIONS: "A", COMMANDER: "R"}
        pin(
            here.incident,
            line("triage", "Set the severity", letters, "set_severity"),
            line("triage", "Publish", {COMMANDER: "A"}, "publish_externally"),
            line("triage", "Decide", letters, "decide"),
        )
    stage(here)
    incident = Incident.objects.get(pk=here.incident.pk)
    for row in who_may.table(incident, at=LATER):
        named = {person.pk for who in row.who for person in who.people}
        named |= {one.to_id for who in row.who for one in who.delegates}
        led = any(who.role == LEADERSHIP for who in row.who)
        for person in (here.ada, here.ben, here.cleo, here.lea):
            told = standing.objections(row.verb, incident, person, at=LATER)
            listed = person.pk in named or (led and person.has_perm(standing.LEAD))
            assert listed == (not told), (row.verb, person.username, told)


def test_it_costs_the_same_few_queries_whatever_is_held(django_assert_num_queries: Any) -> None:
    here = scene()
    incident = Incident.objects.get(pk=here.incident.pk)
    with django_assert_num_queries(3):
        who_may.table(incident, at=LATER)
    with django_assert_num_queries(1):
        who_may.table(incident, at=LATER)


def test_a_verb_that_only_answers_is_anybodys_and_of_an_open_incident() -> None:
    answers = [law for law in VERBS.values() if law.roles == (ANYBODY,) and law.states]
    assert {law.verb for law in answers} == {
        "accept_command", "decline_command", "answer_call", "advise",
    }  # fmt: skip
