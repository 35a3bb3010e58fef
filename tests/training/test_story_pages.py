"""The pages of the library: a guide for those who run it, a manual for players, acts in their place."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from incidents.documents import read_document
from incidents.models import Incident, TimelineEntry
from incidents.rules.roles import COMMANDER
from tests.factories import NOW, allow, law, person
from tests.training.factories import cast, planned
from training import library
from training.models import ExerciseScenario
from training.operations import stories
from training.rules.stories import document

pytestmark = pytest.mark.django_db

RIGHTS = ("view", "add", "change", "retire")


def address(page: str, *args: object) -> str:
    return reverse(f"admin:training_{page}", args=args)


@pytest.fixture
def rosa(client):
    """A writer, signed in; the library is there."""
    law()
    made = allow(
        person("rosa", is_staff=True),
        *(f"training.{right}_exercisescenario" for right in RIGHTS),
        "training.view_inject", "training.view_objective", "incidents.view_incident",
    )  # fmt: skip
    client.force_login(made)
    return made


@pytest.fixture
def told(rosa) -> ExerciseScenario:
    (shipped,) = (one for one in library.shipped() if one.slug == "customers-deleted")
    return stories.import_stories(document=document(shipped), actor=rosa, at=NOW)[0]


@pytest.mark.parametrize("page", ["change", "guide"])
def test_a_facilitator_reads_all_of_it(client, told, page):
    html = client.get(address(f"exercisescenario_{page}", told.pk)).content.decode()
    for words in (
        "Told after the outage of Atlassian on 5 April 2022", "T+42", "waits for a decision",
        "recalled: check before quoting", "What only you may know", "objectives 2, 3",
        "Publish externally", ": 8,000;", "5 Apr 2022 07:38",
        told.background[:40],
    ):  # fmt: skip
        assert words in html, words


def test_the_guide_asks_the_same_whatever_its_length(
    client, told, django_assert_max_num_queries
):
    short = stories.import_stories(
        document={"slug": "short", "title": "Short"}, actor=told_by(), at=NOW
    )[0]
    with django_assert_max_num_queries(30) as asked:
        client.get(address("exercisescenario_guide", told.pk))
    with django_assert_max_num_queries(len(asked)):
        client.get(address("exercisescenario_guide", short.pk))


def told_by():
    return allow(person("vera"), "training.add_exercisescenario")


def test_players_read_the_manual_and_nothing_else(client, told):
    player = person("ana", is_staff=True)
    day = planned(cast(player))
    type(day).objects.filter(pk=day.pk).update(exercise_scenario=told)
    client.force_login(player)
    manual = client.get(address("exercisescenario_manual", told.pk)).content.decode()
    assert "Communication" in manual
    secrets = (
        told.title,
        told.background,
        told.twist,
        *told.injects.values_list("text", flat=True),
    )
    assert not [one for one in secrets if one[:30] in manual]
    client.force_login(allow(player, "training.view_exercisescenario", "training.view_inject"))
    for page in ("guide", "file"):
        assert client.get(address(f"exercisescenario_{page}", told.pk)).status_code == 404
    inject = told.injects.first()
    assert (
        client.get(address("inject_change", inject.pk)).status_code == 302
    )  # no such row for her
    assert inject.text[:30] not in client.get(address("inject_changelist")).content.decode()


def test_dan_reads_neither_guide_nor_manual_nor_file(client, told):
    client.force_login(person("dan", is_staff=True))
    for page in ("guide", "manual", "file"):
        assert client.get(address(f"exercisescenario_{page}", told.pk)).status_code == 403


def test_the_file_imports_again_under_another_name(client, told, rosa):
    answer = client.get(address("exercisescenario_file", told.pk))
    assert (
        answer.headers["Content-Disposition"] == 'attachment; filename="customers-deleted.yaml"'
    )
    text = answer.content.decode().replace("slug: customers-deleted", "slug: mine")
    sent = {"file": SimpleUploadedFile("mine.yaml", text.encode())}
    response = client.post(address("exercisescenario_import_story"), sent)
    mine = ExerciseScenario.objects.get(slug="mine")
    assert response.url == address("exercisescenario_change", mine.pk)
    assert stories.document(mine) == {**read_document(text), "slug": "mine"}


def test_a_bad_import_names_every_fault_by_its_path_and_loses_nothing(client, rosa):
    text = (
        "slug: mine\ntitle: Mine\ninjects:\n- {number: 1, text: A, minute: soon, to: kaiser}\n"
    )
    response = client.post(address("exercisescenario_import_story"), {"document": text})
    assert response.status_code == 409
    assert "injects.1.minute must be a whole number" in response.content.decode()
    assert response.context["form"]["document"].value() == text
    assert not ExerciseScenario.objects.filter(slug="mine").exists()
    bad = client.post(address("exercisescenario_import_story"), {"document": "a: [1"})
    assert "line" in bad.content.decode()


def test_several_that_come_at_once_lead_to_the_list(client, rosa):
    text = "stories: [{slug: one, title: One}, {slug: two, title: Two}]"
    response = client.post(
        address("exercisescenario_import_story"), {"document": text}, follow=True
    )
    assert "2 stories came in." in response.content.decode()


def test_before_they_are_taken_in_each_shipped_story_says_how_it_stands(client, rosa):
    assert client.get(address("exercisescenario_take_in")).content.decode().count(">new<") == 10
    stories.take_in_shipped(actor=rosa, at=NOW)
    told = ExerciseScenario.objects.get(slug="customers-deleted")
    stories.revise_objective(
        told.objectives.first(), capability="Ours", text="Ours", actor=rosa, at=NOW
    )
    page = client.get(address("exercisescenario_take_in")).content.decode()
    assert "changed here: stays" in page
    assert page.count("as it ships") == 9


def test_a_story_is_drawn_in_two_clicks(client, rosa):
    incident = Incident.objects.create(
        reference="INC-7", title="Payments slow", state="closed", declared_at=NOW,
        detected_at=NOW, closed_at=NOW + timedelta(hours=2),
    )  # fmt: skip
    TimelineEntry.objects.create(
        incident=incident, at=NOW, source="monitoring", text="Latency is up.", recorded_at=NOW
    )
    draw = address("exercisescenario_draw")
    assert "INC-7 Payments slow" in client.get(draw).content.decode()
    response = client.post(draw, {"incident": incident.pk, "title": ""})
    drawn = ExerciseScenario.objects.get(drawn_from=incident)
    assert response.url == address("exercisescenario_change", drawn.pk)
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    refused = client.post(draw, {"incident": incident.pk})
    assert "Only a closed incident that everybody may see." in refused.content.decode()
    assert client.get(address("exercisescenario_change", drawn.pk)).status_code == 302


def test_a_part_is_said_otherwise_and_leads_back_to_its_place(client, told):
    inject = told.injects.get(number=5)
    type(inject).objects.filter(pk=inject.pk).update(activities=["decide", "an_old_one"])
    page = client.get(address("inject_revise", inject.pk))
    form = page.context["form"]
    said = {
        name: value
        for name in form.fields
        if (value := form[name].value()) not in (None, "", False)
    }
    assert said["activities"] == ["decide", "an_old_one"]
    response = client.post(page.request["PATH_INFO"], {**said, "text": "Otherwise"})
    assert response.url == f"{address('exercisescenario_change', told.pk)}#inject-5"
    inject.refresh_from_db()
    assert (inject.text, inject.activities) == ("Otherwise", ["decide", "an_old_one"])
    assert inject.is_gate
    assert inject.objectives.count() == 1


def test_a_new_part_stands_in_its_place(client, told):
    body = {
        "capability": "Command",
        "text": "Lead",
        "role": COMMANDER,
        "activities": ["decide"],
    }
    response = client.post(address("exercisescenario_add_objective", told.pk), body)
    assert response.url.endswith("#objective-6")
    assert told.objectives.get(number=6).activities == ["decide"]


def test_a_part_is_retired_and_comes_back(client, told):
    goal = told.objectives.get(number=1)
    client.post(address("objective_retire_part", goal.pk))
    goal.refresh_from_db()
    assert goal.retired_at
    again = client.post(address("objective_retire_part", goal.pk))
    assert again.status_code == 409
    client.post(address("objective_restore_part", goal.pk))
    goal.refresh_from_db()
    assert goal.retired_at is None


def test_questions_are_written_one_a_line(client, rosa):
    said = {
        "slug": "ours", "title": "Ours", "kind": "game_day", "facts": "{}", "duration_minutes": 60,
        "questions": "Who decides?\n\n  And who else?\n", "sources": "",
    }  # fmt: skip
    client.post(address("exercisescenario_add"), said)
    assert ExerciseScenario.objects.get(slug="ours").questions == [
        "Who decides?",
        "And who else?",
    ]


def test_what_an_author_writes_is_shown_as_text_and_leads_nowhere_unsafe(client, rosa):
    said = {
        "slug": "x", "title": "X", "summary": "<script>alert(1)</script>",
        "sources": ["javascript:alert(2)", "https://example.com/review"],
        "chronicle": [{"at": "2021-01-04T15:00:00Z", "fact": "It began."}],
    }  # fmt: skip
    made = stories.import_stories(document=said, actor=rosa, at=NOW)[0]
    html = client.get(address("exercisescenario_guide", made.pk)).content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert 'href="javascript' not in html
    assert 'href="https://example.com/review"' in html
