"""Evaluators note and rate what they see, with the story's time; never their own role, never later."""

import pytest

from incidents.models import AuditEvent
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests.factories import allow, role
from tests.training.exercise import MINUTE, OBSERVE, START, Room, laid_out, under_way
from tests.training.factories import story as another_story
from training.models import ExerciseScenario, GameDay, Objective
from training.operations import observing, running

pytestmark = pytest.mark.django_db
AT = START + 7 * MINUTE


@pytest.fixture
def room() -> Room:
    return under_way()


def objective(number: int = 1) -> Objective:
    return Objective.objects.get(number=number, exercise_scenario__slug="acquirer-dark")


def noted(room: Room, **said):
    said = {"text": "Ana named a deputy at once", "actor": room.eve, "at": AT, **said}
    return observing.observe(room.day, **said)


def rated(room: Room, **said):
    said = {
        "objective": objective(), "rating": "P", "reason": "Within two minutes",
        "actor": room.eve, "at": AT, **said,
    }  # fmt: skip
    return observing.rate(room.day, **said)


def code(refused) -> str:
    return refused.value.reasons[0].code


# --- notes


def test_a_note_bears_the_story_s_time_and_what_it_is_about(room):
    inject = room.inject(1).inject
    row = noted(room, kind="strength", rating="P", injects=[inject], objectives=[objective()])
    assert (row.story_seconds, row.recorded_at) == (7 * 60, AT)
    assert [*row.injects.all(), *row.objectives.all()] == [inject, objective()]


def test_its_time_may_be_corrected_and_lies_never_ahead(room):
    row = noted(room, story_seconds=60)
    assert row.story_seconds == 60
    with pytest.raises(Invalid) as refused:
        noted(room, story_seconds=8 * 60)
    assert code(refused) == "story_time_to_come"


@pytest.mark.parametrize(
    ("said", "refusal"),
    [({"text": " "}, "text_missing"), ({"kind": "praise"}, "unknown_kind"),
     ({"rating": "A"}, "unknown_rating")],
)  # fmt: skip
def test_what_cannot_be_is_refused(room, said, refusal):
    with pytest.raises(Invalid) as refused:
        noted(room, **said)
    assert code(refused) == refusal


def test_another_story_s_inject_is_refused(room):
    other = another_story().injects.get()
    with pytest.raises(Invalid) as refused:
        noted(room, injects=[other])
    assert code(refused) == "not_of_this_story"


# --- who


def test_dan_the_facilitator_and_observers_write_no_notes(room):
    room.day.staff.create(person=room.dan, duty="observer")
    with pytest.raises(NotPermitted) as refused:
        noted(room, actor=room.dan)
    assert code(refused) == "no_permission"
    for who in (allow(room.dan, *OBSERVE), allow(room.fay, *OBSERVE)):
        with pytest.raises(NotPermitted) as refused:
            noted(room, actor=who)
        assert code(refused) == "not_an_evaluator"


def test_an_evaluator_who_plays_notes_and_rates_nothing(room):
    ana = allow(room.ana, *OBSERVE)
    room.day.staff.create(person=ana, duty="evaluator")
    for act in (noted, rated):
        with pytest.raises(NotPermitted) as refused:
            act(room, actor=ana)
        assert code(refused) == "rates_own_role"


def test_an_objective_of_a_role_they_came_to_hold_is_another_s(room):
    room.exercise.assignments.create(
        role=role("scribe"), person=room.eve, reason="Took notes", assigned_at=START
    )
    Objective.objects.filter(number=1).update(role="scribe")
    for act in (lambda: noted(room, objectives=[objective()]), lambda: rated(room)):
        with pytest.raises(NotPermitted) as refused:
            act()
        assert code(refused) == "rates_own_role"
    assert noted(room, objectives=[objective(2)]).pk


# --- when


def test_before_it_runs_nothing_is_noted_and_once_it_is_over_the_record_is_fixed():
    early = laid_out()
    with pytest.raises(Refused) as refused:
        noted(early)
    assert code(refused) == "wrong_state"
    GameDay.objects.filter(pk=early.day.pk).update(status="completed")
    for act in (noted, rated):
        with pytest.raises(Refused) as refused:
            act(early)
        assert code(refused) == "locked"


# --- ratings


def test_a_rating_rests_on_what_was_seen_and_goes_no_higher(room):
    with pytest.raises(Refused) as refused:
        rated(room)
    assert code(refused) == "above_observations"
    assert rated(room, rating="U").rating == "U", "nothing seen: unable"
    noted(room, kind="improve", objectives=[objective()])
    with pytest.raises(Refused):
        rated(room)
    assert rated(room, rating="S").rating == "S"
    noted(room, kind="strength", rating="P", objectives=[objective()])
    assert rated(room).rating == "P"
    assert room.day.ratings.count() == 1, "the second replaces the first"


def test_a_rating_has_a_reason_and_is_one_of_four(room):
    noted(room, kind="strength", objectives=[objective()])
    for said, refusal in (
        ({"reason": ""}, "reason_missing"),
        ({"rating": ""}, "unknown_rating"),
    ):
        with pytest.raises(Invalid) as refused:
            rated(room, **said)
        assert code(refused) == refusal


def test_an_objective_of_another_story_is_not_rated_here(room):
    other = Objective.objects.create(
        exercise_scenario=ExerciseScenario.objects.create(slug="other", title="Other"),
        number=1, capability="Command", text="Other",
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        rated(room, objective=other)
    assert code(refused) == "not_of_this_story"


def test_audit_lines_tell_players_nothing_of_it(room):
    noted(room, text="Ana froze", kind="improve", objectives=[objective()])
    rated(room, rating="M", reason="Ana froze")
    running.pause(room.day, actor=room.fay, at=AT)
    lines = AuditEvent.objects.filter(verb__in=("observe_gameday", "rate_gameday"))
    assert lines.count() == 2
    assert "froze" not in str(list(lines.values_list("detail", flat=True)))
    assert [set(one.detail) for one in lines.order_by("sequence")] == [
        {"observation"},
        {"objective"},
    ]
