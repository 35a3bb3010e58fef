"""The counsel clock: started by an exposure, engages counsel, answered once."""

from datetime import timedelta

import pytest

from incidents.models import Absence, LegalClock
from incidents.operations import legal, lifecycle
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COUNSEL
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    hold,
    incident_under,
    last_act,
    refused,
    responder,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

EXPOSED = {"personal_data_exposure": "possible"}


@pytest.fixture
def here() -> Scene:
    return scene(facts=EXPOSED)


def counsel(username: str = "cora", **fields):
    return factories.person(username, qualified=(COUNSEL,), **fields)


def engaged(here: Scene) -> list[str]:
    rows = here.incident.assignments.open().filter(role=COUNSEL)
    return [row.person.username for row in rows]


# --- starting


def test_a_possible_exposure_engages_counsel_within_the_hour(here) -> None:
    counsel()
    clock = legal.start_counsel_clock(here.incident, at=LATER)
    row = LegalClock.objects.get()
    assert (row, row.kind, row.started_at) == (clock, "counsel", LATER)
    assert row.due_at == LATER + 60 * MINUTE
    assert row.next_nudge_at == LATER + 45 * MINUTE
    assert engaged(here) == told("assigned") == ["cora"]
    assert timeline(here.incident)[0].endswith("Due at 10:10 UTC.")


@pytest.mark.parametrize("facts", [{}, {"personal_data_exposure": "none"}])
def test_without_an_exposure_no_clock_runs(here, facts) -> None:
    counsel()
    here.incident.facts = facts
    assert legal.start_counsel_clock(here.incident, at=LATER) is None
    assert not LegalClock.objects.exists()
    assert engaged(here) == []


def test_a_clock_that_runs_stays_as_it_is(here) -> None:
    counsel()
    first = legal.start_counsel_clock(here.incident, at=NOW)
    again_ = legal.start_counsel_clock(here.incident, at=LATER)
    assert again_ == first
    assert LegalClock.objects.get().due_at == NOW + 60 * MINUTE
    assert engaged(here) == told("assigned") == ["cora"]


def test_counsel_who_is_here_already_is_told_and_nobody_else_is_called(here) -> None:
    counsel("other")
    hold(here.incident, counsel(), COUNSEL)
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == told("counsel") == ["cora"]


def test_the_least_loaded_counsel_is_engaged_and_the_reason_kept(here) -> None:
    busy, _ = counsel("anna"), counsel("cora")
    hold(incident_under(here.incident.severity_scheme, "sev2"), busy, COUNSEL)
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == ["cora"]
    row = here.incident.assignments.get(role=COUNSEL)
    assert row.reason.startswith("Personal data may be exposed. Qualified as Legal counsel")
    assert row.rejected[0] == {"username": "anna", "reason": "free too, open roles: 1"}


def test_counsel_who_is_away_is_not_engaged(here) -> None:
    Absence.objects.create(
        person=counsel("anna"), starts_at=NOW, ends_at=NOW + timedelta(days=1)
    )
    counsel("cora")
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == ["cora"]


def test_the_commander_is_never_counsel_too(here) -> None:
    factories.qualify(here.ada, COUNSEL)
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == []
    assert here.incident.assignments.commanding().get().person == here.ada


def test_where_nobody_can_be_engaged_leadership_is_told_and_it_is_shown(here) -> None:
    legal.start_counsel_clock(here.incident, at=NOW)
    assert told("counsel") == ["lea"]
    assert [one["role"] for one in again(here.incident).unfilled] == [COUNSEL]


def test_what_is_shown_as_unfilled_is_not_shown_twice(here) -> None:
    here.incident.unfilled = [{"role": COUNSEL, "service": None, "reasons": ["Nobody."]}]
    here.incident.save()
    legal.start_counsel_clock(here.incident, at=NOW)
    assert len(again(here.incident).unfilled) == 1


def test_an_exercise_engages_nobody_who_does_not_play(here) -> None:
    counsel()
    here.incident.kind = "exercise"
    assert legal.start_counsel_clock(here.incident, at=NOW) is not None
    assert engaged(here) == []
    assert told("counsel") == told("assigned") == []


# --- answering


def running(here: Scene) -> LegalClock:
    clock = legal.start_counsel_clock(here.incident, at=NOW)
    assert clock is not None
    return clock


def answer(clock: LegalClock, **fields) -> LegalClock:
    return legal.answer_clock(clock, **({"answer": "No notice is owed.", "at": LATER} | fields))


def test_counsel_answers_and_the_clock_stops(here) -> None:
    hold(here.incident, here.cleo, COUNSEL)
    row = again(answer(running(here), actor=here.cleo))
    assert (row.answer, row.answered_by, row.answered_at) == (
        "No notice is owed.",
        here.cleo,
        LATER,
    )
    assert (row.next_nudge_at, row.due_at) == (None, NOW + 60 * MINUTE)
    assert last_act().detail["in_time"] is True
    assert "Legal question counsel answered" in timeline(here.incident)


def test_a_late_answer_says_so(here) -> None:
    answer(running(here), actor=here.lea, at=NOW + 60 * MINUTE)
    assert last_act().detail["in_time"] is False


def test_an_answer_is_given_once(here) -> None:
    clock = answer(running(here), actor=here.lea)
    with refused("already_answered") as caught:
        answer(clock, actor=here.lea, answer="Or is it?")
    assert "Lea answered it at 2026-11-23 09:10 UTC" in str(caught.value)
    assert again(clock).answer == "No notice is owed."


def test_an_answer_says_something(here) -> None:
    with refused("answer_missing", Invalid):
        answer(running(here), actor=here.lea, answer=" ")


def test_only_counsel_or_leadership_answers(here) -> None:
    clock = running(here)
    for other in (here.ada, here.ben, here.cleo):
        with refused("not_your_role", NotPermitted):
            answer(clock, actor=other)
    with refused("no_permission", NotPermitted):
        answer(clock, actor=here.dan)


def test_an_answer_is_still_taken_after_closing(here) -> None:
    clock = running(here)
    here.incident.state, here.incident.closed_at = "closed", LATER
    here.incident.save()
    assert answer(clock, actor=here.lea).answered_at == LATER


def test_a_cancelled_incident_takes_no_answer(here) -> None:
    clock = running(here)
    here.incident.state = "cancelled"
    here.incident.save()
    with refused("wrong_state"):
        answer(clock, actor=here.lea)


def test_counsel_held_to_the_end_answers_a_clock_still_running_after_closing(here) -> None:
    una, olga = responder(counsel("una")), responder(factories.person("olga"))
    clock = legal.start_counsel_clock(here.incident, at=LATER)
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    lifecycle.close(here.incident, actor=here.ada, at=LATER)
    with refused("not_your_role", NotPermitted):
        legal.answer_clock(clock, answer="None is owed.", actor=olga, at=LATER + MINUTE)
    legal.answer_clock(clock, answer="None is owed.", actor=una, at=LATER + MINUTE)
    assert LegalClock.objects.get().answered_by == una
