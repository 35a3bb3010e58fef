"""The hot wash and the feedback: by who took part, blameless, until the report is published."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import Incident
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests.factories import NOW, allow, law, person
from tests.training.factories import cast, planned, running
from training.models import Feedback, GameDay, HotWashNote
from training.operations import debrief
from training.rules import after_action

pytestmark = pytest.mark.django_db


def participant(username: str):
    """Somebody who may see game days; who took part needs no other permission to speak of it."""
    return allow(person(username, is_staff=True), "training.view_gameday")


@pytest.fixture
def ana():
    return participant("ana")


@pytest.fixture
def day(ana) -> GameDay:
    law()
    return running(roles=cast(ana))


def say(day, actor, **changed):
    said = {"kind": "gap", "text": "Who may promise refunds?", "actor": actor}
    return debrief.note(day, at=day.starts_at, **{**said, **changed})


def test_who_played_says_what_went_well_and_what_did_not(day, ana):
    assert say(day, ana).kind == "gap"
    assert day.hot_wash.get().text == "Who may promise refunds?"


def test_who_took_no_part_says_nothing_and_dan_may_not(day):
    for who in (allow(participant("bystander"), "training.debrief_gameday"), person("dan")):
        with pytest.raises(NotPermitted) as refused:
            say(day, who)
        assert refused.value.has("not_a_part")
    assert not HotWashNote.objects.exists()


def test_the_hot_wash_comes_once_it_has_run_and_ends_with_the_report(day, ana):
    ahead = planned(cast(speaker=ana), starts_at=NOW + timedelta(days=90), actor=day.organiser)
    with pytest.raises(Refused) as refused:
        say(ahead, ana)
    assert refused.value.has("wrong_state")
    GameDay.objects.filter(pk=day.pk).update(status="completed", reported_at=NOW)
    with pytest.raises(Refused) as refused:
        say(day, ana)
    assert refused.value.has("report_published")


def test_a_note_needs_words_of_a_known_kind(day, ana):
    for changed, code in (({"text": " "}, "text_missing"), ({"kind": "blame"}, "unknown_kind")):
        with pytest.raises(Invalid) as refused:
            say(day, ana, **changed)
        assert refused.value.has(code)


def test_feedback_said_anew_replaces_what_was_said_before(day, ana):
    for after in (3, 5):
        debrief.feedback(day, ready_before=2, ready_after=after, actor=ana, at=day.starts_at)
    assert Feedback.objects.get().ready_after == 5
    with pytest.raises(Invalid) as refused:
        debrief.feedback(day, ready_before=0, ready_after=6, actor=ana, at=day.starts_at)
    assert refused.value.has("out_of_scale")


def test_readiness_is_told_as_means_and_by_how_many_it_moved():
    found = after_action.readiness([(2, 4), (3, 3), (4, 3)])
    assert (found.count, found.before, found.after) == (3, 3.0, 3.3)
    assert (found.better, found.worse, found.change) == (1, 1, 0.3)
    assert after_action.readiness([]) is None


# --- its page


def page(client, day) -> str:
    return client.get(
        reverse("admin:training_gameday_hot_wash", args=[day.pk])
    ).content.decode()


def test_the_page_asks_what_the_story_asks_only_once_it_is_told(client, day, ana):
    day.exercise_scenario.questions = ["Who may promise refunds?"]
    day.exercise_scenario.save()
    client.force_login(ana)
    assert "Who may promise refunds?" not in page(client, day)
    Incident.objects.filter(game_day=day).update(state="resolution")
    assert "Who may promise refunds?" in page(client, day)


def test_what_is_said_on_the_page_stands_there_at_once_and_stays_words(client, day, ana):
    client.force_login(ana)
    where = reverse("admin:training_gameday_note", args=[day.pk])
    said = {"kind": "strength", "text": "<b>One</b> command, two minutes."}
    response = client.post(where, said)
    assert response.url == reverse("admin:training_gameday_hot_wash", args=[day.pk])
    assert "&lt;b&gt;One&lt;/b&gt; command" in page(client, day)


@pytest.mark.parametrize("verb", ["note", "feedback"])
def test_the_forms_open_to_who_took_part_and_tell_others_why_not(client, day, ana, verb):
    where = reverse(f"admin:training_gameday_{verb}", args=[day.pk])
    client.force_login(ana)
    assert client.get(where).status_code == 200
    client.force_login(participant("bystander"))
    for answer in (client.get(where), client.post(where)):
        assert answer.status_code == 403
        assert "You took no part in it" in answer.content.decode()


def test_dan_sees_no_hot_wash(client, day):
    client.force_login(person("dan", is_staff=True))
    where = reverse("admin:training_gameday_hot_wash", args=[day.pk])
    assert client.get(where).status_code == 403
