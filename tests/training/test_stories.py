"""The library: shipped stories, imports, stories drawn from incidents, and what is checked of them."""

from dataclasses import replace

import pytest
from django.urls import reverse

from incidents.models import AuditEvent
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests.factories import NOW, allow, law, person
from tests.incidents.scene import refused
from tests.training.factories import cast, planned, running, story
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


def test_what_leads_nowhere_is_named_by_its_path_in_a_list_too():
    told = {
        "slug": "a", "title": "A",
        "injects": [{"number": 1, "text": "x", "module": 2, "objectives": [7]}] * 2,
    }  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        read(told, "stories.3")
    assert {(reason.code, reason.field) for reason in wrong.value.reasons} == {
        ("number_twice", "stories.3.injects.1"),
        ("objective_unknown", "stories.3.injects.1.objectives"),
        ("module_unknown", "stories.3.injects.1.module"),
    }


@pytest.mark.parametrize("text", ["half a \ud83d", "a NUL \0"])
def test_what_no_database_keeps_is_refused_wherever_it_stands(text):
    told = {
        "slug": "a", "title": text, "questions": [text],
        "objectives": [{"number": 1, "capability": text, "text": "x"}],
    }  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        read(told)
    fields = {reason.field for reason in wrong.value.reasons}
    assert fields == {"title", "questions", "objectives.1.capability"}


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
def test_an_import_names_at_once_what_is_misspelt_and_what_nobody_knows():
    law()
    rosa = writer()
    stories.import_stories(document={"slug": "mine", "title": "Mine"}, actor=rosa, at=NOW)
    said = {
        "slug": "mine", "title": "", "scenario": "no-such", "colour": "red",
        "modules": ["Share", "", "Recover"], "facts": {"no_such_fact": 1},
        "injects": [{"number": 1, "text": "It fails.", "minute": -3, "to": "court_jester"}],
    }  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        stories.import_stories(document=said, actor=rosa, at=NOW)
    found = {reason.field: reason.code for reason in wrong.value.reasons}
    assert found == {
        "slug": "slug_taken", "title": "missing", "scenario": "scenario_unknown",
        "colour": "unknown_field", "modules.2": "empty", "facts": "unknown_fact",
        "injects.1.minute": "out_of_range", "injects.1.to": "role_unknown",
    }  # fmt: skip


@pytest.mark.django_db
def test_numbers_are_never_given_twice_and_what_is_retired_comes_back_as_it_was():
    law()
    rosa, told = writer(), story()
    said = {"capability": "Command", "text": "Declare", "actor": rosa, "at": NOW}
    first, second = (stories.add_objective(told, **said) for _ in range(2))
    stories.retire_part(second, actor=rosa, at=NOW)
    third = stories.add_objective(told, **said)
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    with refused("already_retired", Refused):
        stories.retire_part(second, actor=rosa, at=NOW)
    assert [one.number for one in story_documents.of(told).objectives] == [1, 3]
    stories.restore_part(second, actor=rosa, at=NOW)
    with refused("not_retired", Refused):
        stories.restore_part(second, actor=rosa, at=NOW)
    assert [one.number for one in story_documents.of(told).objectives] == [1, 2, 3]
    with refused("no_permission", NotPermitted):
        stories.retire_part(first, actor=person("dan"), at=NOW)


@pytest.mark.django_db
def test_an_inject_says_only_what_can_be_said_under_the_law():
    law()
    rosa, told = writer(), story()
    said = {"text": "More fail", "offset_minutes": 5, "actor": rosa, "at": NOW}
    with refused("unknown_fact", Invalid):
        stories.add_inject(told, facts={"customers_afected": 4}, **said)
    with refused("trigger_missing", Invalid):
        stories.add_inject(told, kind="contingency", **said)
    with refused("text_missing", Invalid):
        stories.add_inject(told, **{**said, "text": " "})
    with refused("minute_out_of_range", Invalid):
        stories.add_inject(told, **{**said, "offset_minutes": -1})
    goal = stories.add_objective(story("other"), capability="C", text="T", actor=rosa, at=NOW)
    with refused("not_of_this_story", Invalid):
        stories.add_inject(told, objectives=[goal], **said)
    made = stories.add_inject(told, facts={"customers_affected": 4}, **said)
    assert (made.number, made.facts) == (2, {"customers_affected": 4})


@pytest.mark.django_db
def test_a_part_with_injects_does_not_go_and_one_without_does():
    law()
    rosa, told = writer(), story()
    stories.set_modules(told, titles=["One", "Two", "Three"], actor=rosa, at=NOW)
    second = told.modules.get(position=2)
    stories.add_inject(told, text="A", offset_minutes=1, module=second, actor=rosa, at=NOW)
    stories.set_modules(told, titles=["Eins", "Two"], actor=rosa, at=NOW)
    assert [one.title for one in told.modules.all()] == ["Eins", "Two"]
    with refused("module_in_use", Refused):
        stories.set_modules(told, titles=["Eins"], actor=rosa, at=NOW)


@pytest.mark.django_db
def test_what_is_being_played_is_not_changed_under_the_players_feet():
    law()
    day, rosa = running(), writer()
    told = day.exercise_scenario
    said = {"text": "B", "offset_minutes": 1, "actor": rosa, "at": NOW}
    with refused("story_is_played", Refused):
        stories.add_inject(told, **said)
    with refused("story_is_played", Refused):
        stories.revise_inject(told.injects.get(), **said)
    GameDay.objects.update(status="completed")
    stories.add_inject(told, **said)


@pytest.mark.django_db
def test_a_copy_says_the_same_under_another_name():
    law()
    rosa = writer()
    stories.take_in_shipped(actor=rosa, at=NOW)
    told = ExerciseScenario.objects.get(slug="long-night")
    made = stories.copy(told, title="Our long night", slug="our-night", actor=rosa, at=NOW)
    same, other = (stories.document(one) for one in (told, made))
    assert (other.pop("title"), other.pop("slug")) == ("Our long night", "our-night")
    assert {**same, "title": 0, "slug": 0} == {**other, "title": 0, "slug": 0}
    with refused("slug_taken", Invalid):
        stories.copy(told, title="Again", slug="our-night", actor=rosa, at=NOW)
    with refused("no_permission", NotPermitted):
        stories.copy(told, title="Mine", slug="mine", actor=person("dan"), at=NOW)


@pytest.mark.django_db
def test_a_newer_library_renews_what_nobody_changed(monkeypatch):
    law()
    rosa, old = writer(), library.shipped()[0]
    stories.take_in_shipped(actor=rosa, at=NOW)
    new = replace(old, title="Told better", injects=old.injects[:-1])
    monkeypatch.setattr(library, "shipped", lambda: (new,))
    assert [one.state for one in stories.state_of_library()] == [State.NEWER]
    (row,) = stories.take_in_shipped(actor=rosa, at=NOW)
    assert row.title == "Told better"
    gone = Inject.objects.get(exercise_scenario=row, number=old.injects[-1].number)
    assert gone.retired_at == NOW
    assert [one.state for one in stories.state_of_library()] == [State.SAME]


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
    told = ExerciseScenario.objects.get(slug="customers-deleted")
    guide = client.get(reverse("admin:training_exercisescenario_change", args=[told.pk]))
    assert "recalled: check before quoting" in guide.content.decode()
    manual = client.get(reverse("admin:training_exercisescenario_manual", args=[told.pk]))
    assert told.injects.first().text not in manual.content.decode()
    add = reverse("admin:training_exercisescenario_add_inject", args=[told.pk])
    body = {"text": "Again", "offset_minutes": 5, "kind": "scheduled", "method": "chat"}
    assert client.post(add, body).status_code == 302
    assert told.injects.filter(text="Again").exists()
    sheet = reverse("admin:training_exercisescenario_file", args=[told.pk])
    assert b"slug: customers-deleted" in client.get(sheet).content
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
