"""The pages of a running exercise: control, evaluation, play; each for whose it is, and nobody else."""

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents.models import AuditEvent, Incident, Person
from incidents.operations import records
from tests.factories import allow, person
from tests.training.exercise import CONTROL, MINUTE, OBSERVE, START, Room, under_way
from training.models import GameDay, Objective, Observation
from training.operations import crew, observing, running

pytestmark = pytest.mark.django_db

PAGES = ("control", "evaluate", "play")


@pytest.fixture
def room() -> Room:
    return under_way(at=timezone.now())


def page(room: Room, name: str = "") -> str:
    if not name:
        return reverse("admin:training_gameday_change", args=[room.day.pk])
    return reverse(f"admin:training_gameday_{name}", args=[room.day.pk])


def sign_in(client, who: Person, *permissions: str) -> Person:
    who.is_staff = True
    who.save()
    who = allow(who, "training.view_gameday", "incidents.view_incident", *permissions)
    client.force_login(who)
    return who


@pytest.fixture
def fay(client, room):
    return sign_in(client, room.fay)


# --- whose page it is


@pytest.mark.parametrize(
    ("username", "may"),
    [("fay", {"control", "play"}), ("eve", {"evaluate", "play"}), ("ana", {"play"})],
)
def test_each_sees_their_own_pages(client, room, username, may):
    who = sign_in(client, Person.objects.get(username=username))
    allow(who, *CONTROL, *OBSERVE)
    seen = {name for name in PAGES if client.get(page(room, name)).status_code == 200}
    assert seen == may
    live = {name for name in PAGES if client.get(page(room, f"{name}_live")).status_code == 200}
    assert live == may


def test_a_player_says_the_stop_word_from_the_page_of_players(client, room):
    sign_in(client, room.bo)
    assert page(room, "stop") in client.get(page(room, "play")).content.decode()
    assert client.post(page(room, "stop"), {"reason": "Fire"}).status_code == 302
    assert room.again().status == "cancelled"
    assert page(room, "stop") not in client.get(page(room, "play")).content.decode()


def test_who_only_looks_on_finds_no_stop_word_and_is_refused_it(client, room):
    sign_in(client, room.dan)
    assert page(room, "stop") not in client.get(page(room, "play")).content.decode()
    assert client.post(page(room, "stop"), {"reason": "Fire"}).status_code in (403, 409)
    assert room.again().status == "running"


def test_dan_sees_none_of_them(client, room):
    client.force_login(person("dave", is_staff=True))
    assert {client.get(page(room, name)).status_code for name in PAGES} == {403}
    assert (
        client.post(page(room, "release"), {"delivery": room.inject(1).pk}).status_code == 403
    )


def test_a_superuser_who_plays_sees_no_story_anywhere(client, room):
    ana = sign_in(client, room.ana)
    ana.is_superuser = True
    ana.save()
    assert client.get(page(room, "control")).status_code == 403
    assert client.get(page(room, "evaluate")).status_code == 403
    for address in (
        page(room),
        page(room, "play"),
        reverse("admin:training_gameday_changelist"),
    ):
        text = client.get(address).content.decode()
        assert "The acquirer goes dark" not in text
        assert "bad route" not in text
    assert client.get(page(room, "history")).status_code == 403
    listed = reverse("admin:training_gameday_changelist")
    probe = client.get(f"{listed}?exercise_scenario__id__exact={room.day.exercise_scenario_id}")
    assert probe.status_code in (302, 400)


def test_the_audit_trail_spoils_nothing_for_who_plays(client, room):
    before = {"story": "the-acquirer-goes-dark"}
    told = records.audit("tell_gameday", room.day, actor=room.fay, at=START, **before)
    story = room.day.exercise_scenario
    revised = records.audit("set_modules", story, actor=room.fay, at=START, modules=["A twist"])
    running.skip(room.day, delivery=room.inject(6), reason="They spoke to the journalist",
                 actor=room.fay, at=timezone.now())  # fmt: skip
    lines = (told, revised, AuditEvent.objects.get(verb="skip_inject"))
    pages = [
        *(reverse("admin:incidents_auditevent_change", args=[one.pk]) for one in lines),
        reverse("admin:incidents_auditevent_changelist"),
        reverse("admin:incidents_auditevent_changelist") + "?q=acquirer",
    ]
    spoils = ("goes-dark", "goes dark", "A twist", "journalist")
    for who, sees in ((room.ana, False), (room.fay, True)):
        sign_in(client, who, "incidents.view_auditevent")
        text = "".join(client.get(one).content.decode() for one in pages)
        assert [each in text for each in spoils] == [sees] * len(spoils)
        assert "skip_inject" in text, "nobody can miss that something was done"
    GameDay.objects.filter(pk=room.day.pk).update(status="completed")
    sign_in(client, room.ana)
    assert "journalist" in client.get(pages[2]).content.decode()
    assert records.first_broken_line() is None


def test_once_it_is_over_players_may_read_it(client, room):
    sign_in(
        client, room.ana, "training.view_exercisescenario", "training.view_historicalgameday"
    )
    GameDay.objects.filter(pk=room.day.pk).update(status="completed")
    assert "The acquirer goes dark" in client.get(page(room)).content.decode()
    assert client.get(page(room, "history")).status_code == 200


# --- control


def test_control_shows_what_comes_what_came_and_what_is_expected(client, room, fay):
    running.release(
        room.day, delivery=room.inject(3), actor=room.fay, at=room.day.starts_at + MINUTE
    )
    text = client.get(page(room, "control")).content.decode()
    for words in (
        "Support is overrun", "Expected: Resolve it", "Nobody has spoken by T+10",
        "Stop the exercise", "What did the players decide?", "EXERCISE",
    ):  # fmt: skip
        assert words in text


def test_one_press_releases_and_leads_back(client, room, fay):
    said = {"delivery": room.inject(5).pk}
    answer = client.post(page(room, "release"), said)
    assert answer.url == page(room, "control")
    assert room.states()[5] == "released"
    again = client.post(page(room, "release"), said)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("pause", {}),
        ("jump", {"to": "8"}),
        ("shift", {"minutes": "5"}),
        ("set_pace", {"pace": "compressed", "pace_factor": "10"}),
    ],
)
def test_every_act_on_the_clock_has_a_page(client, room, fay, verb, said):
    assert client.get(page(room, verb)).status_code == 200
    assert client.post(page(room, verb), said).url == page(room, "control")


def test_an_open_page_is_answered_only_when_something_is_new(client, room, fay):
    live = page(room, "control_live")
    seen = client.get(live).content.decode().split('data-seen="')[1].split('"')[0]
    assert client.get(f"{live}?seen={seen}").status_code == 204
    running.pause(room.day, actor=room.fay, at=room.day.starts_at + MINUTE)
    assert "paused" in client.get(f"{live}?seen={seen}").content.decode()


def test_control_costs_the_same_however_long_the_story(
    client, room, fay, django_assert_max_num_queries
):
    with django_assert_max_num_queries(22):
        assert client.get(page(room, "control")).status_code == 200


def test_the_acts_of_control_do_not_crowd_the_game_day(client, room, fay):
    answer = client.get(page(room))
    assert [label for _, label, _ in answer.context["rooms"]] == ["Control", "Hot wash"]
    assert all(offer.verb.name != "pause" for offer in answer.context["offers"])
    assert answer.content.decode().count("Hot wash") == 1


def test_the_page_of_the_exercise_leads_each_to_their_own_pages(client, room):
    exercise = reverse("admin:incidents_incident_change", args=[room.exercise.pk])
    theirs = {"fay": {"control"}, "eve": {"evaluate"}, "ana": {"play"}, "dan": set()}
    for username, pages in theirs.items():
        sign_in(client, Person.objects.get(username=username))
        text = client.get(exercise).content.decode()
        assert {name for name in PAGES if page(room, name) in text} == pages, username
        assert (page(room, "stop") in text) == (username != "dan"), username


def test_a_real_incident_leads_to_none_and_asks_nothing_for_it(client, room, monkeypatch):
    sign_in(client, room.ana)
    asked = []
    monkeypatch.setattr("training.admin.control_page.rooms", lambda *of: asked.append(of) or [])
    where = reverse("admin:incidents_incident_change", args=[room.exercise.pk])
    Incident.objects.filter(pk=room.exercise.pk).update(kind=Incident.Kind.INCIDENT)
    assert page(room, "stop") not in client.get(where).content.decode()
    assert asked == []


def test_the_page_of_the_exercise_costs_the_same_however_many_are_in_it(
    client, room, django_assert_max_num_queries
):
    sign_in(client, room.fay)
    where = reverse("admin:incidents_incident_change", args=[room.exercise.pk])
    client.get(where)
    with django_assert_max_num_queries(28):
        assert client.get(where).status_code == 200


@pytest.mark.parametrize("duty", ["evaluator", "facilitator"])
def test_who_is_named_may_whatever_their_groups_are(client, room, duty):
    """An auditor, say, who may read everything and do nothing."""
    kim = sign_in(client, person("kim"))
    name, act = ("evaluate", "observe") if duty == "evaluator" else ("control", "pause")
    assert client.get(page(room, name)).status_code == 403
    crew.name_staff(
        room.day, duty=duty, person=kim, actor=room.day.organiser, at=timezone.now()
    )
    assert client.get(page(room, name)).status_code == 200
    said = {"text": "She asked twice.", "kind": "neutral"} if act == "observe" else {}
    assert client.post(page(room, act), said).status_code == 302


# --- evaluation


def test_an_evaluator_notes_in_one_form_and_rates_in_another(client, room):
    sign_in(client, room.eve)
    one = Objective.objects.get(number=1)
    said = {
        "text": "Ana took command",
        "kind": "strength",
        "objectives": [one.pk],
        "rating": "",
    }
    assert client.post(page(room, "observe"), said).url == page(room, "evaluate")
    assert Observation.objects.get().story_seconds >= 0
    rated = {"objective": one.pk, "rating": "P", "reason": "In two minutes"}
    assert client.post(page(room, "rate"), rated).url == page(room, "evaluate")
    text = client.get(page(room, "evaluate")).content.decode()
    assert "Ana took command" in text
    assert "In two minutes" in text
    refused = client.post(page(room, "observe"), {**said, "story_time": "soon"})
    assert refused.status_code == 409


# --- play


def test_a_player_sees_what_came_and_nothing_that_is_to_come(client, room):
    sign_in(client, room.ana)
    running.release_due(room.day.starts_at + MINUTE * 60 * 24 * 40)
    observing.observe(
        room.day, text="Ana froze", actor=room.eve, at=room.day.starts_at + MINUTE
    )
    for name in ("play", "play_live"):
        text = client.get(page(room, name)).content.decode()
        assert "Payments fail." in text
        for secret in ("The switch is done", "A journalist asks", "Resolve it", "Ana froze"):
            assert secret not in text


def test_the_incident_says_on_every_page_that_it_is_an_exercise(client, room):
    sign_in(client, room.ana, "incidents.note_incident", "incidents.view_historicalincident")
    pk = room.exercise.pk
    for name in ("change", "timeline", "history", "note", "adherence"):
        text = client.get(
            reverse(f"admin:incidents_incident_{name}", args=[pk])
        ).content.decode()
        assert "exercise-banner" in text, name
