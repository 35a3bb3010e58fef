"""The forms of an after-action report open to who may write it; everybody else reads whom to ask."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from incidents.models import Incident
from tests.factories import NOW, allow, law, person
from tests.training.factories import cast, running
from training.models import GameDay

pytestmark = pytest.mark.django_db


@pytest.fixture
def day() -> GameDay:
    law()
    made = running(roles=cast(person("ana")))
    Incident.objects.filter(game_day=made).update(state="closed", closed_at=NOW)
    made.status, made.report_owner = GameDay.Status.COMPLETED, person("olga")
    made.save()
    return made


def answers(client, day: GameDay, who, name: str) -> list:
    who.is_staff = True
    who.save()
    client.force_login(allow(who, "training.view_gameday", "training.debrief_gameday"))
    where = reverse(f"admin:training_gameday_{name}", args=[day.pk])
    return [client.get(where), client.post(where)]


@pytest.mark.parametrize("name", ["summarise", "publish_report"])
def test_who_does_not_write_the_report_reads_who_does(client, day, name):
    for answer in answers(client, day, person("ralf"), name):
        assert answer.status_code == 403
        assert "Ask Olga, who owns the report" in answer.content.decode()
    assert answers(client, day, day.report_owner, name)[0].status_code == 200


def test_who_may_not_add_to_the_register_reads_whom_to_ask(client, day):
    for answer in answers(client, day, person("ralf"), "improve"):
        assert answer.status_code == 403
        said = escape("You may not add action items: ask the owner of the report")
        assert said in answer.content.decode()
    able = allow(person("rita"), "reviews.add_actionitem")
    assert answers(client, day, able, "improve")[0].status_code == 200


def test_what_is_too_late_is_still_said_on_the_form(client, day):
    day.reported_at = NOW
    day.save()
    answer = answers(client, day, day.report_owner, "summarise")[0]
    assert answer.status_code == 200
    assert "Its report is published" in answer.content.decode()
