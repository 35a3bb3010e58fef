"""An exercise that is closed while its game day is not completed: what its pages still offer."""

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents.models import Incident, Person
from tests.factories import allow
from tests.training.exercise import CONTROL, under_way
from training.operations import control

pytestmark = pytest.mark.django_db

ACTS = ("release", "skip", "pause", "jump", "stop", "pass_gate")


@pytest.fixture
def room():
    made = under_way(at=timezone.now())
    Incident.objects.filter(game_day=made.day).update(state="closed", closed_at=timezone.now())
    made.again()
    return made


def page(room, name: str) -> str:
    return reverse(f"admin:training_gameday_{name}", args=[room.day.pk])


def read(client, who: Person, address: str) -> str:
    who.is_staff = True
    who.save()
    client.force_login(allow(who, *CONTROL))
    return client.get(address).content.decode()


@pytest.mark.parametrize("name", ["control", "control_live"])
def test_who_steers_it_is_led_to_its_end_and_finds_no_button_that_would_be_refused(
    client, room, name
):
    allow(room.fay, "training.complete_gameday")
    text = read(client, room.fay, page(room, name))
    assert [act for act in ACTS if page(room, act) in text] == []
    assert page(room, "complete") in text
    assert page(room, "hot_wash") in text


def test_what_never_came_is_counted_and_counts_down_no_more(client, room):
    text = read(client, room.fay, page(room, "control"))
    assert "never came" in text
    assert "Bring it to its end" not in text
    assert "Support is overrun" not in text


def test_who_may_not_complete_it_reads_who_can(client, room):
    text = read(client, room.fay, page(room, "control"))
    assert page(room, "complete") not in text
    assert "have leadership or a planner complete the game day" in text
    Incident.objects.filter(game_day=room.day).update(state="cancelled")
    text = read(client, room.fay, page(room, "control"))
    assert page(room, "cancel") not in text
    assert "have leadership or a planner cancel the game day" in text


def test_who_played_is_led_to_the_hot_wash_and_told_to_act_no_more(client, room):
    text = read(client, room.bo, page(room, "play"))
    assert page(room, "hot_wash") in text
    assert page(room, "stop") not in text
    assert "Act as you would in earnest" not in text


def test_there_is_nothing_left_to_stop(room):
    assert [reason.code for reason in control.stopping(room.day, room.bo)] == ["exercise_over"]
