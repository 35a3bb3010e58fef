"""The library: shipped stories, imports, stories drawn from incidents, and what is checked of them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import AuditEvent, Incident, TimelineEntry
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests.factories import NOW, allow, law, person
from tests.incidents.scene import refused
from tests.training.factories import cast, planned
from training import library
from training.models import ExerciseScenario, GameDay, Inject
from training.operations import exercise_readiness, stories, story_documents
from training.operations.shipped_stories import State
from training.rules.exercise_checks import ERROR, Known, of_story
from training.rules.stories import document, read

STORIES = reverse("admin:training_exercisescenario_changelist")


def writer(username: str = "rosa", **fields):
    return allow(
        person(username, **fields), "training.view_exercisescenario", "training.add_exercisescenario",
        "training.change_exercisescenario", "training.retire_exercisescenario",
    )  # fmt: skip


def test_ten_stories_ship_and_nothing_grave_stands_against_any():
    shipped = library.shipped()
    assert len(shipped) == 10
    for told in shipped:
        grave = [each for each in of_story(told, Known()) if each.level == ERROR]
        assert grave == [], told.slug
        assert len(told.by_the_clock) >= 6
        assert any(each.is_contingency for each in told.injects)
        assert told.twist and told.questions and told.sources and told.organisation
        assert {each.confidence for each in told.chronicle} <= {"confirmed", "recalled"}


def test_a_story_travels_as_a_document_and_comes_back_the_same():
    for told in library.shipped():
        assert read(document(told)) == told


def test_what_is_wrong_in_a_document_is_named_by_its_path():
    with pytest.raises(Invalid) as wrong:
        read(
            {
                "slug": "Bad Slug", "title": "", "colour": "red",
                "injects": [{"number": 1, "text": "", "minute": -3, "objectives": [7]}],
            }
        )  # fmt: skip
    fields = {reason.field for reason in wrong.value.reasons}
    assert {"slug", "title", "colour", "injects.1.text", "injects.1.minute"} <= fields
    assert wrong.value.has("objective_unknown")


@pytest.mark.django_db
def test_the_library_is_taken_in_once_and_what_was_changed_stays():
    law()
    rosa = writer()
    with refused("no_permission", NotPermitted):
        stories.take_in_shipped(actor=person("dan"), at=NOW)
    assert len(stories.take_in_shipped(actor=rosa, at=NOW)) == 10
    assert stories.take_in_shipped(actor=rosa, at=NOW) == []
    inject = Inject.objects.filter(exercise_scenario__slug="wrong-host").first()
    stories.revise_inject(
        inject, text="Our own words", expected_action="Stop", actor=rosa, at=NOW
    )
    states = {each.story.slug: each.state for each in stories.state_of_library()}
    assert states.pop("wrong-host") is State.OURS
    assert set(states.values()) == {State.SAME}
    assert stories.take_in_shipped(actor=rosa, at=NOW) == []
    inject.refresh_from_db()
    assert inject.text == "Our own words"


@pytest.mark.django_db
def test_an_import_is_all_or_nothing():
    law()
    rosa = writer()
    good = {"slug": "mine", "title": "Mine"}
    with refused("slug_taken", Invalid):
        stories.import_stories(document={"stories": [good, good]}, actor=rosa, at=NOW)
    assert not ExerciseScenario.objects.exists()
    stories.import_stories(document=good, actor=rosa, at=NOW)
    assert AuditEvent.objects.latest("sequence").verb == "import_exercisescenario"


@pytest.mark.django_db
def test_a_story_is_drawn_from_an_incident_without_its_names():
    law()
    ada, rosa = person("ada", name="Ada Lindqvist"), writer()
    incident = Incident.objects.create(
        reference="INC-7", title="Payments slow", state="closed", declared_at=NOW, detected_at=NOW,
        closed_at=NOW + timedelta(hours=2),
    )  # fmt: skip
    for minute, source, text in (
        (0, "monitoring", "Latency is up."),
        (9, "human", "Ada Lindqvist says the cache is cold."),
        (12, "act", "Contained"),
    ):
        TimelineEntry.objects.create(
            incident=incident, at=NOW + timedelta(minutes=minute), source=source, text=text,
            author=ada, recorded_at=NOW,
        )  # fmt: skip
    made = stories.draw_from(incident, actor=rosa, at=NOW)
    told = [(one.offset_minutes, one.text) for one in made.injects.order_by("number")]
    assert told == [(0, "Latency is up."), (9, "somebody says the cache is cold.")]
    assert made.injects.get(number=2).expected_action == "Then it was: Contained"
    assert made.drawn_from == incident
    assert not [
        each for each in of_story(story_documents.of(made), Known()) if each.level == ERROR
    ]
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    with refused("not_drawable", Refused):
        stories.draw_from(incident, actor=rosa, at=NOW)


@pytest.mark.django_db
def test_a_story_that_is_to_be_played_is_not_retired_nor_seen_by_its_players(client):
    rosa = writer(is_staff=True)
    day = planned(cast(rosa))
    told = day.exercise_scenario
    with refused("game_days_ahead", Refused):
        stories.retire(told, actor=rosa, at=NOW)
    client.force_login(rosa)
    page = reverse("admin:training_exercisescenario_change", args=[told.pk])
    assert client.get(page).status_code == 302  # there is no such story for her
    assert str(told) not in client.get(STORIES).content.decode()
    GameDay.objects.update(status="cancelled")
    assert client.get(page).status_code == 200
    stories.retire(told, actor=rosa, at=NOW)
    with refused("already_retired", Refused):
        stories.retire(told, actor=rosa, at=NOW)


@pytest.mark.django_db
def test_the_pages_of_the_library_act_and_are_not_for_dan(client):
    law()
    client.force_login(writer(is_staff=True))
    take_in = reverse("admin:training_exercisescenario_take_in")
    assert client.post(take_in).status_code == 302
    assert client.post(take_in).status_code == 409
    told = ExerciseScenario.objects.get(slug="wrong-host")
    guide = client.get(reverse("admin:training_exercisescenario_change", args=[told.pk]))
    assert "recalled: check before quoting" in guide.content.decode()
    manual = client.get(reverse("admin:training_exercisescenario_manual", args=[told.pk]))
    assert told.injects.first().text not in manual.content.decode()
    add = reverse("admin:training_exercisescenario_add_inject", args=[told.pk])
    body = {"text": "Again", "offset_minutes": 5, "kind": "scheduled", "method": "chat"}
    assert client.post(add, body).status_code == 302
    assert told.injects.filter(text="Again").exists()
    sheet = reverse("admin:training_exercisescenario_file", args=[told.pk])
    assert b"slug: wrong-host" in client.get(sheet).content
    client.force_login(person("dan", is_staff=True))
    assert {
        client.get(one).status_code for one in (STORIES, take_in, manual.request["PATH_INFO"])
    } == {403}


@pytest.mark.django_db
def test_a_game_day_says_what_stands_against_running_it():
    found = exercise_readiness.findings(planned(), at=NOW)
    rules = [each.rule for each in found]
    assert {"E00", "E01", "E03", "E20", "E22"} <= set(rules)
    assert rules[0].startswith("E")
