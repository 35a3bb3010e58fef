"""The coverage map: what was exercised when, what never, and which story comes next."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import Incident
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests.factories import NOW, allow, person, service
from tests.training.factories import cast, governed, planned, story
from training.models import Exercised, GameDay, Objective
from training.operations import coverage
from training.rules.practice_coverage import Age

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PAGE = reverse("admin:training_gameday_coverage")


@pytest.fixture
def map_(db):
    return governed(
        {
            ("preparation", "Train people"): {COMMANDER: "A/R"},
            ("mitigation", "Contain"): {COMMANDER: "A", COMMUNICATIONS: "I"},
            ("mitigation", "Publish"): {COMMANDER: "A", COMMUNICATIONS: "R"},
        },
        {"Contain": "contain", "Publish": "publish_externally"},
    )


def exercise(key: str, at, *, kind: str = "cell") -> GameDay:
    day = planned(starts_at=NOW + 20 * DAY + timedelta(minutes=Exercised.objects.count()))
    Exercised.objects.create(game_day=day, kind=kind, key=key, exercised_at=at)
    return day


def look():
    return coverage.look(at=NOW, reader=person())


def test_the_map_says_of_each_cell_when_it_was_exercised_last(map_):
    day = exercise("contain:incident_commander", NOW - 400 * DAY)
    Exercised.objects.create(
        game_day=planned(starts_at=NOW + 90 * DAY, actor=day.organiser), kind="cell",
        key="contain:incident_commander", exercised_at=NOW - 10 * DAY,
    )  # fmt: skip
    found = look()
    assert found.cells == 4  # what is done in calm is not exercised
    assert found.within_a_year == 1
    lines = dict(found.phases)["Mitigation"]
    contain = next(line for line in lines if line.name == "Contain")
    assert [mark.age for mark in contain.marks] == [Age.RECENT, Age.NEVER]


def test_what_comes_next_is_the_story_that_adds_most(map_):
    for slug, activities in (
        ("small", ["contain"]),
        ("large", ["contain", "publish_externally"]),
    ):
        Objective.objects.create(
            exercise_scenario=story(slug), number=1, capability="Command", text="It is done.",
            activities=activities,
        )  # fmt: skip
    assert [(one.story.slug, one.first) for one in look().next] == [("large", 4), ("small", 2)]


def test_a_player_is_not_told_of_the_story_that_waits_for_them(map_):
    ana = person("ana")
    Objective.objects.create(
        exercise_scenario=story(), number=1, capability="Command", text="It is done.",
        activities=["contain"],
    )  # fmt: skip
    planned(cast(ana))
    assert coverage.look(at=NOW, reader=ana).next == ()
    assert look().next


def test_a_story_of_what_was_made_private_is_proposed_to_nobody_who_may_not_see_it(map_):
    told = story()
    Objective.objects.create(
        exercise_scenario=told, number=1, capability="Command", text="It is done.",
        activities=["contain"],
    )  # fmt: skip
    ada = person("ada")
    told.drawn_from = Incident.objects.create(
        reference="INC-7", title="A quarrel", is_private=True, state="closed",
        declared_at=NOW, detected_at=NOW, closed_at=NOW, declared_by=ada,
    )  # fmt: skip
    told.save()
    assert look().next == ()
    assert coverage.following(at=NOW, reader=person()) == ()
    assert coverage.look(at=NOW, reader=ada).next


def test_services_are_due_again_by_how_much_hangs_on_them(map_):
    service("cards", tier=1)
    service("wiki", tier=3)
    exercise("cards", NOW - 200 * DAY, kind="service")
    found = {row.name: row for row in look().services}
    assert found["Cards"].due_at < NOW
    assert found["Wiki"].age is Age.NEVER


def test_cells_done_are_those_of_the_last_twelve_months(map_):
    exercise("contain:incident_commander", NOW - 400 * DAY)
    assert coverage.cells_done(NOW) == frozenset()
    assert coverage.cells_done(NOW - 100 * DAY) == {"contain:incident_commander"}


def test_the_page_asks_as_many_questions_however_much_there_is(
    client, map_, django_assert_max_num_queries
):
    client.force_login(allow(person("vera", is_staff=True), "training.view_gameday"))
    for number in range(6):
        service(f"s{number}")
        Objective.objects.create(
            exercise_scenario=story(f"story-{number}"), number=1, capability="Command",
            text="It is done.", activities=["contain"],
        )  # fmt: skip
    client.get(PAGE)
    with django_assert_max_num_queries(22):
        page = client.get(PAGE).content.decode()
    assert "never exercised" in page
    assert "Plan it" not in page  # who may not plan is not offered to


def test_without_a_matrix_the_page_says_what_to_do_first(client):
    client.force_login(allow(person("vera", is_staff=True), "training.view_gameday"))
    assert "No matrix is in force" in client.get(PAGE).content.decode()


def test_dan_sees_no_coverage(client):
    client.force_login(person("dan", is_staff=True))
    assert client.get(PAGE).status_code == 403
