"""A real incident goes before an exercise: whom it needs leaves the exercise by itself, which waits."""

from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from incidents.models import AuditEvent, Incident, OutboxMessage, Shift
from incidents.operations import command, declaration, staffing
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import allow, person, qualify, role, service
from tests.incidents.scene import responder
from tests.training.exercise import MINUTE, START, Room, under_way
from training.operations import running

pytestmark = pytest.mark.django_db
LATER = START + 7 * MINUTE


def real(room: Room, at: datetime = LATER, **fields: Any) -> Incident:
    return declaration.declare(
        title="Cards fail for everybody", services=[service("cards")], facts={},
        actor=responder(room.fay), at=at, **fields,
    )  # fmt: skip


def holder(incident: Incident, slug: str) -> str:
    return incident.assignments.open().get(role=slug).person.username


def told() -> dict[str, OutboxMessage]:
    rows = OutboxMessage.objects.filter(kind="exercise-left").select_related("recipient")
    return {row.recipient.username: row for row in rows}


def test_the_only_commander_leaves_the_exercise_for_what_is_real() -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    incident = real(room)
    assert holder(incident, COMMANDER) == "ana"
    taken = incident.assignments.get(role=COMMANDER)
    assert f"leaves the exercise {room.exercise.reference}" in taken.reason
    assert not room.exercise.assignments.commanding().exists()
    assert [gap["role"] for gap in room.exercise.unfilled][-1] == COMMANDER
    assert holder(room.exercise, COMMUNICATIONS) == "bo"


def test_its_story_waits_and_everybody_in_it_reads_why_once() -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    real(room)
    assert not room.again().story_set_at
    assert running.release_due(LATER + 60 * MINUTE) == 0
    assert sorted(told()) == ["ana", "bo", "elif", "eve", "fay"]
    mail = told()["bo"]
    assert mail.subject.startswith("EXERCISE")
    assert "A real incident needs Ana" in mail.body
    assert "Cards fail" not in mail.body
    lines = AuditEvent.objects.filter(verb__in=("leave_exercise", "pause_gameday"))
    assert {line.detail["reason"] for line in lines} == {"A real incident needs Ana"}
    assert lines.count() == 2


def test_it_goes_on_once_another_player_commands_it() -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    real(room)
    fred = person("fred", qualified=(COMMANDER,))
    room.day.roles.create(person=fred, role=role(SCRIBE))
    boss = allow(person("boss"), "incidents.lead_incident", "incidents.assign_incident")
    command.assign(
        room.exercise, role=role(COMMANDER), person=fred, reason="Ana is away",
        actor=responder(boss), at=LATER + MINUTE,
    )  # fmt: skip
    running.resume(room.day, actor=room.fay, at=LATER + MINUTE)
    assert room.again().story_set_at
    assert COMMANDER not in [gap["role"] for gap in room.exercise.unfilled]


def test_the_page_of_players_says_that_they_command_no_more(client) -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    room.ana.is_staff = True
    room.ana.save()
    client.force_login(allow(room.ana, "training.view_gameday"))
    where = reverse("admin:training_gameday_play", args=[room.day.pk])
    assert "You are incident commander" in client.get(where).content.decode()
    real(room)
    assert (
        "You were incident commander and hold it no more" in client.get(where).content.decode()
    )


def test_the_exercise_goes_on_where_somebody_else_can_command() -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    person("able", qualified=(COMMANDER,))
    assert holder(real(room), COMMANDER) == "able"
    assert holder(room.exercise, COMMANDER) == "ana"
    assert room.again().story_set_at
    assert told() == {}


def test_who_is_on_duty_is_taken_out_of_it_though_others_are_free() -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    person("able", qualified=(COMMANDER,))
    Shift.objects.create(
        rota="command", role=role(COMMANDER), person=room.ana, band="day",
        starts_at=START, ends_at=START + 480 * MINUTE, published_at=START,
    )  # fmt: skip
    assert holder(real(room), COMMANDER) == "ana"
    assert not room.exercise.assignments.commanding().exists()


def test_who_is_assigned_by_hand_leaves_it_as_well() -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    person("able", qualified=(COMMANDER,))
    incident = real(room)
    boss = responder(allow(person("boss"), "incidents.lead_incident"))
    by: dict[str, Any] = {"actor": boss, "reason": "She knows cards"}
    given = {"role": role(SCRIBE), "person": room.ana, **by}
    command.assign(incident, at=LATER + MINUTE, **given)
    assert holder(room.exercise, COMMANDER) == "ana"
    given["role"] = role(COMMUNICATIONS)
    command.assign(incident, at=LATER + 2 * MINUTE, **given)
    assert not room.exercise.assignments.commanding().exists()


def test_an_exercise_takes_nobody_out_of_another_nor_out_of_what_is_real() -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    players = {COMMANDER: room.ana, COMMUNICATIONS: person("cora")}
    with pytest.raises(Refused) as refused:
        real(room, kind=Incident.Kind.EXERCISE, players=players)
    assert refused.value.has("commands_another")
    assert holder(room.exercise, COMMANDER) == "ana"


def test_where_the_declaration_fails_the_exercise_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(staffing, "write", fail)
    with pytest.raises(RuntimeError):
        real(room)
    assert holder(room.exercise, COMMANDER) == "ana"
    assert room.again().story_set_at
    assert told() == {}


def test_an_exercise_without_a_game_day_waits_for_nothing_and_is_left_all_the_same() -> None:
    room = under_way()
    qualify(room.ana, COMMANDER)
    exercise = room.exercise
    room.again().incident = None
    room.day.save()
    real(room)
    assert not exercise.assignments.commanding().exists()
    assert sorted(told()) == ["ana", "bo", "elif"]  # who declared it hears, too
