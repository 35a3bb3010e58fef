"""The year as a problem: who can come when, what they did before, what was set by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Absence, Assignment, Qualification
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.deliveries import incident
from tests.factories import NOW, person, qualify, role
from tests.training.factories import cast, planned, story
from tests.training.year import YEAR, company
from training.operations import year_people, year_problem
from training.rules.planning import Weights
from training.rules.planning_check import check
from training.rules.year_dates import chosen
from training.rules.year_settings import Stretch, YearSettings, as_json, from_json, in_words

pytestmark = pytest.mark.django_db

ASKED = YearSettings(YEAR, must=(COMMANDER, COMMUNICATIONS))
BEGINS, ENDS = datetime(YEAR, 1, 1, tzinfo=UTC), datetime(YEAR + 1, 1, 1, tzinfo=UTC)


def instants_of(username: str, settings: YearSettings = ASKED) -> set[datetime]:
    """When this person could come, as the planner is told."""
    problem = year_problem.problem(settings, at=NOW)
    on = {slot.id: datetime.fromisoformat(slot.on) for slot in problem.slots}
    return {on[slot] for slot in problem.people[username].slots}


# --- when


def test_quarters_are_the_default_and_their_dates_are_those_allowed():
    company()
    problem = year_problem.problem(ASKED, at=NOW)
    assert problem.exercises == 4
    for exercise, slots in enumerate(problem.slots_of):
        assert 1 < len(slots) <= 10
        for slot in slots:
            on = datetime.fromisoformat(slot.on)
            assert (on.month - 1) // 3 == exercise
            assert on.weekday() in (1, 2, 3)
            assert on.time() in (time(10), time(15))


def test_no_exercise_is_held_on_days_left_out():
    company()
    freeze = Stretch(date(YEAR, 1, 1), date(YEAR, 3, 24))
    problem = year_problem.problem(replace(ASKED, left_out=(freeze,)), at=NOW)
    first = [datetime.fromisoformat(slot.on).date() for slot in problem.slots_of[0]]
    assert min(first) > freeze.last


def test_a_quarter_without_an_allowed_day_is_left_to_the_others():
    company()
    whole = Stretch(date(YEAR, 1, 1), date(YEAR, 3, 31))
    asked = year_problem.read(replace(ASKED, left_out=(whole,)), at=NOW)
    assert asked.numbers == (1, 2, 3)


def test_people_come_in_their_waking_hours_wherever_they_live():
    company()
    for username, zone, hour in (
        ("tokyo", "Asia/Tokyo", 10),
        ("angeles", "America/Los_Angeles", 15),
    ):
        person(username, time_zone=zone, qualified=(SCRIBE,))
        assert {instant.hour for instant in instants_of(username)} == {hour}


def test_people_come_in_the_hours_they_gave_and_on_no_day_off():
    company()
    person(
        "early", works_from=time(8), works_until=time(12), works_weekends=False,
        holidays="DE", qualified=(SCRIBE,),
    )  # fmt: skip
    mondays = replace(ASKED, weekdays=(0, 5))
    found = instants_of("early", mondays)
    assert {instant.hour for instant in found} == {10}
    assert {instant.weekday() for instant in found} == {0}


def test_nobody_is_planned_into_their_leave():
    company()
    away = person("away", qualified=(SCRIBE,))
    Absence.objects.create(
        person=away, starts_at=BEGINS, ends_at=datetime(YEAR, 7, 1, tzinfo=UTC)
    )
    assert {instant.month > 6 for instant in instants_of("away")} == {True}


def test_who_is_away_all_year_can_come_on_no_date_and_nothing_breaks():
    company()
    away = person("away", qualified=(SCRIBE,))
    Absence.objects.create(person=away, starts_at=BEGINS, ends_at=ENDS)
    Absence.objects.create(
        person=away, starts_at=BEGINS, ends_at=BEGINS + timedelta(days=9)
    )  # contradictory: both count
    assert instants_of("away") == set()


def test_a_part_in_another_game_day_takes_that_time():
    people = company()
    other = datetime(YEAR, 2, 2, 10, tzinfo=UTC)
    busy = person("busy", qualified=(SCRIBE,))
    day = planned(cast(), starts_at=other)
    day.roles.create(role=role(SCRIBE), person=busy)
    diary = year_people.Diary(BEGINS, ENDS, 90)
    assert diary.comes(busy, [other, other + timedelta(hours=5)]) == {
        other + timedelta(hours=5)
    }
    assert diary.comes(people[COMMANDER][0], [other]) == {other}


def test_an_unknown_zone_is_said_and_read_as_utc():
    company()
    person("marvin", time_zone="Mars/Olympus", qualified=(SCRIBE,))
    asked = year_problem.read(ASKED, at=NOW)
    assert any("Mars/Olympus" in note for note in asked.notes)
    assert len(asked.problem.people["marvin"].slots) > 0


def test_a_year_that_is_over_is_refused():
    company()
    with pytest.raises(Refused) as refusal:
        year_problem.problem(replace(ASKED, year=NOW.year - 1), at=NOW)
    assert refusal.value.has("year_over")


def test_without_anybody_qualified_the_problem_says_what_to_do():
    story()
    role(COMMANDER)
    reasons = check(year_problem.problem(ASKED, at=NOW))
    assert {reason.code for reason in reasons} >= {"no_candidates"}
    assert "grant" in reasons[-1].message or any("grant" in one.message for one in reasons)


# --- who


def test_who_is_qualified_today_may_play_and_who_learns_may_stand_beside():
    company()
    lapsed, learner = person("lapsed"), person("learner")
    qualify(lapsed, SCRIBE, expires_on=NOW.date())
    person("scribe", qualified=(SCRIBE,))
    Qualification.objects.create(
        person=learner, role=role(SCRIBE), level="learning", granted_on=date(2026, 1, 1)
    )
    problem = year_problem.problem(ASKED, at=NOW)
    assert "lapsed" not in problem.people
    assert problem.people["learner"].learning == {SCRIBE}
    assert {seat.key for seat in problem.seats} == {
        COMMANDER, COMMUNICATIONS, SCRIBE, f"{SCRIBE}+",
    }  # fmt: skip


def test_the_busiest_real_commander_lets_others_practise():
    people = company()[COMMANDER]
    for who, times in ((people[0], 2), (people[1], 1)):
        for _ in range(times):
            Assignment.objects.create(
                incident=incident(), role=role(COMMANDER), person=who, reason="On shift",
                assigned_at=NOW - timedelta(days=3), ended_at=NOW,
            )  # fmt: skip
    problem = year_problem.problem(ASKED, at=NOW)
    busy = [one.key for one in problem.candidates if one.is_busiest_commander]
    assert busy == [people[0].username]


def test_the_number_of_queries_does_not_grow_with_people_and_exercises():
    company()
    with CaptureQueriesContext(connection) as few:
        year_problem.problem(ASKED, at=NOW)
    for n in range(10):
        person(f"more{n}", qualified=(COMMANDER, SCRIBE))
        story(f"story-{n}")
    with CaptureQueriesContext(connection) as many:
        year_problem.problem(replace(ASKED, exercises=12), at=NOW)
    assert len(many) == len(few) <= 20


# --- what is asked for


def test_settings_are_read_as_they_were_written():
    freeze = (Stretch(date(YEAR, 12, 20), date(YEAR, 12, 31)),)
    said = replace(ASKED, left_out=freeze, without=(SCRIBE,), weights=Weights(fresh=30))
    assert from_json(as_json(said)) == said
    with pytest.raises(Invalid):
        from_json({**as_json(said), "weights": {"beauty": 1}})


def test_what_was_asked_for_is_said_in_sentences_and_weighed_as_asked():
    company()
    said = replace(
        ASKED, exercises=1, most_parts=1, without=(SCRIBE,), with_learners=False,
        weights=Weights(fresh=30),
    )  # fmt: skip
    assert list(in_words(said, ZoneInfo("Europe/Berlin"))) == [
        "1 exercise of 90 minutes, on Tuesday, Wednesday, Thursday, at 10:00 or 15:00 "
        "by the clock of Europe/Berlin.",
        "Everybody has at most 1 part.",
        "None is held without Incident commander, Communications lead.",
        "Not played: Scribe.",
        "Nobody stands beside a player to learn.",
        "Weights of its own: fresh 30.",
    ]
    assert not any("Weights" in one for one in in_words(ASKED, UTC))
    assert year_problem.problem(said, at=NOW).weights.fresh == 30


def test_twelve_exercises_are_one_a_month_and_every_day_belongs_to_one():
    for count in range(1, 13):
        said = replace(ASKED, exercises=count)
        days = [date(YEAR, 1, 1) + timedelta(days=n) for n in range(365)]
        numbers = [said.number_of(day) for day in days]
        assert sorted(set(numbers)) == list(range(count))
        assert numbers == sorted(numbers)
    assert replace(ASKED, exercises=12).period(6).first == date(YEAR, 7, 1)


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("stretch_backwards", {"left_out": (Stretch(date(YEAR, 2, 2), date(YEAR, 2, 1)),)}),
        ("no_times", {"times": ()}),
        ("time_with_offset", {"times": (time.fromisoformat("10:00+05:00"), time(15))}),
        ("time_with_offset", {"times": (time(10, tzinfo=UTC),)}),
        ("time_too_fine", {"times": (time(10, 0, 30),)}),
        ("minutes_out_of_range", {"minutes": 0}),
        ("no_parts", {"most_parts": 0}),
        ("seconds_out_of_range", {"seconds": 0}),
        ("weight_out_of_range", {"weights": Weights(fresh=201)}),
        ("seat_contradicts", {"without": (COMMANDER,)}),
    ],
)
def test_what_cannot_be_asked_for_is_refused_on_its_field(code, changed):
    with pytest.raises(Invalid) as refusal:
        replace(ASKED, **changed)
    assert [reason.code for reason in refusal.value.reasons] == [code]
    assert refusal.value.reasons[0].field in changed


def test_the_dates_offered_are_cheap_few_and_hold_what_is_set():
    days = [BEGINS + timedelta(days=n, hours=10) for n in range(80)]
    costs = {day: n % 7 for n, day in enumerate(days)}
    found = chosen(costs, [days[6]])
    assert len(found) == 10
    assert days[6] in found
    assert sum(costs[day] for day in found if day != days[6]) <= 3


def test_nobody_has_more_parts_than_there_are_exercises_however_many_are_allowed():
    """The planner has a step for each part that is allowed: a typing error would be its end."""
    company()
    assert year_problem.problem(replace(ASKED, most_parts=10**9), at=NOW).most_parts == 4
