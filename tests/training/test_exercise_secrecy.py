"""Whose the forms of an exercise are, and what is said to everybody else."""

import pytest
from django.utils import timezone

from tests.factories import person
from tests.training.exercise import CONTROL, OBSERVE, Room, under_way
from tests.training.test_exercise_pages import page, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Room:
    return under_way(at=timezone.now())


@pytest.mark.parametrize("verb", ["release", "skip", "hold", "observe", "rate"])
def test_the_form_of_an_act_opens_only_for_whose_page_it_is(client, room, verb):
    """It lists what is to come, or what it is to show: as secret from players as the pages."""
    theirs = room.eve if verb in ("observe", "rate") else room.fay
    sign_in(client, theirs)
    assert client.get(page(room, verb)).status_code == 200
    for who in (room.ana, room.dan):
        sign_in(client, who, *CONTROL, *OBSERVE)
        for answer in (client.get(page(room, verb)), client.post(page(room, verb))):
            assert answer.status_code == 403
            assert "Support is overrun" not in answer.content.decode()
            assert "Objective 1" not in answer.content.decode()


def test_who_may_not_see_a_page_of_it_reads_why_and_whom_to_ask(client, room):
    sign_in(client, room.ana, *CONTROL, *OBSERVE)
    said = client.get(page(room, "control")).content.decode()
    assert "You play in it" in said
    assert "Your groups do not include it" not in said
    sign_in(client, room.dan, *CONTROL, *OBSERVE)
    said = client.get(page(room, "evaluate")).content.decode()
    assert "Only its evaluators write what they see" in said
    assert "Your groups do not include it" not in said
    client.force_login(person("dave", is_staff=True))
    assert "Your groups do not include it" in client.get(page(room, "control")).content.decode()
