"""Who runs, judges and watches a game day: named, invited, let go, and never players."""

import pytest
from django.urls import reverse

from incidents.models import OutboxMessage
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, SCRIBE
from tests.factories import NOW, allow, person, role
from tests.training.exercise import Room, laid_out
from training.models import GameDay
from training.operations import crew, game_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Room:
    return laid_out()


def by(room: Room, **said):
    return {"actor": room.day.organiser, "at": NOW, **said}


def code(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reasons[0].code


def test_staff_are_named_and_invited(room):
    gil = person("gil")
    crew.name_staff(room.day, **by(room, duty="controller", person=gil))
    assert room.day.staff.filter(person=gil, duty="controller").exists()
    assert OutboxMessage.objects.filter(recipient=gil, kind="game_day_invited").exists()


def test_who_names_somebody_that_may_see_no_game_day_reads_so_and_what_to_do(client, room):
    able = allow(person("kim"), "training.view_gameday")
    planner = room.day.organiser
    planner.is_staff = True
    planner.save()
    client.force_login(allow(planner, "training.view_gameday", crew.CHANGE))
    where = reverse("admin:training_gameday_name_staff", args=[room.day.pk])
    for who, is_told in ((able, False), (person("gil"), True)):
        answer = client.post(where, {"duty": "controller", "person": who.pk}, follow=True)
        said = f"{who} may not see game days yet"
        assert (said in answer.content.decode()) is is_told
    assert room.day.staff.filter(duty="controller").count() == 2


def test_there_is_one_lead_evaluator(room):
    gil = person("gil")
    crew.name_staff(room.day, **by(room, duty="lead_evaluator", person=gil))
    assert [one.person for one in room.day.staff.filter(duty="lead_evaluator")] == [gil]
    assert OutboxMessage.objects.filter(recipient=room.eve, kind="game_day_released").exists()


def test_no_player_knows_the_story_and_no_staff_plays(room):
    said = by(room, duty="evaluator", person=room.ana)
    assert code(lambda: crew.name_staff(room.day, **said)) == "plays_in_it"
    said = by(room, duty="facilitator", person=room.fay)
    assert code(lambda: crew.name_staff(room.day, **said)) == "has_the_duty"
    said = by(room, role=role(COMMANDER), person=room.fay)
    assert code(lambda: crew.stand_beside(room.day, **said)) == "has_the_duty"
    recast = by(room, role=role(COMMANDER), person=room.fay)
    assert code(lambda: game_day.reassign_role(room.day, **recast)) == "has_the_duty"


def test_a_shadow_stands_beside_who_plays(room):
    cleo = person("cleo")
    part = crew.stand_beside(room.day, **by(room, role=role(COMMANDER), person=cleo))
    assert part.is_shadow
    again = by(room, role=role(COMMANDER), person=cleo)
    assert code(lambda: crew.stand_beside(room.day, **again)) == "has_a_part"
    vacant = by(room, role=role(SCRIBE), person=person())
    assert code(lambda: crew.stand_beside(room.day, **vacant)) == "nobody_plays_it"


def test_who_is_let_go_hears_that_they_need_not_come(room):
    crew.let_go(room.day, **by(room, person=room.eve))
    assert not room.day.staff.filter(person=room.eve).exists()
    assert OutboxMessage.objects.filter(recipient=room.eve, kind="game_day_released").exists()
    assert code(lambda: crew.let_go(room.day, **by(room, person=room.ana))) == "has_no_duty"


def test_what_cannot_be_is_refused(room):
    said = by(room, duty="mascot", person=person())
    with pytest.raises(Invalid) as refused:
        crew.name_staff(room.day, **said)
    assert refused.value.has("unknown_duty")
    left = by(room, duty="observer", person=person(is_active=False))
    assert code(lambda: crew.name_staff(room.day, **left)) == "player_inactive"
    GameDay.objects.filter(pk=room.day.pk).update(status="completed")
    late = by(room, duty="observer", person=person())
    assert code(lambda: crew.name_staff(room.day, **late)) == "wrong_state"


def test_dan_names_nobody(room, client):
    for act, said in (
        (crew.name_staff, {"duty": "observer", "person": person()}),
        (crew.let_go, {"person": room.eve}),
        (crew.stand_beside, {"role": role(COMMANDER), "person": person()}),
    ):
        with pytest.raises(NotPermitted):
            act(room.day, **by(room, **said, actor=room.dan))


def test_staff_are_named_by_a_form(room, client):
    planner = room.day.organiser
    planner.is_staff = True
    planner.save()
    client.force_login(allow(planner, "training.view_gameday"))
    gil = person("gil")
    address = reverse("admin:training_gameday_name_staff", args=[room.day.pk])
    answer = client.post(address, {"duty": "evaluator", "person": gil.pk})
    assert answer.status_code == 302
    assert room.day.staff.filter(person=gil).exists()
