"""A year's plan changed by hand: what stays, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.models import Person
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, person, role
from tests.training.factories import story
from tests.training.year import (
    YEAR,
    answered,
    cast_of,
    codes,
    company,
    made,
)
from training.operations import year_moves, year_plan

pytestmark = pytest.mark.django_db


def test_what_is_set_by_hand_stays_when_the_rest_is_planned_anew():
    company()
    plan = answered(made())
    elif_, day = plan.made_by, plan.game_days.order_by("starts_at").first()
    com2 = Person.objects.get(username="com2")
    day.staff.all().delete()
    moved = day.starts_at + timedelta(days=7, hours=1)
    year_moves.move(plan, game_day=day, starts_at=moved, actor=elif_, at=NOW)
    year_moves.put(plan, game_day=day, role=role(COMMANDER), person=com2, actor=elif_, at=NOW)
    other = story("region-dark")
    year_moves.tell(plan, game_day=day, story=other, actor=elif_, at=NOW)
    year_plan.ask(plan, actor=elif_, at=NOW)
    answered(plan)
    day.refresh_from_db()
    assert (day.starts_at, day.exercise_scenario) == (moved, other)
    assert cast_of(day)[COMMANDER] == "com2"
    year_moves.unpin(plan, game_day=day, what="everything", actor=elif_, at=NOW)
    day.refresh_from_db()
    assert not day.is_date_pinned
    assert not day.roles.filter(is_pinned=True).exists()


def test_a_planner_does_not_choose_the_story_they_are_to_be_surprised_by():
    company()
    plan = answered(made())
    day = plan.game_days.order_by("starts_at").first()
    assert day.roles.filter(role=COMMUNICATIONS).update(person=plan.made_by)
    with pytest.raises(NotPermitted) as refused:
        year_moves.tell(
            plan, game_day=day, story=story("region-dark"), actor=plan.made_by, at=NOW
        )
    assert refused.value.has("plays_in_it")


def test_who_is_taken_out_does_not_come_back_by_planning_anew():
    company()
    plan = answered(made())
    day = plan.game_days.order_by("starts_at").first()
    out = day.roles.get(role=COMMANDER).person
    year_moves.take_out(plan, game_day=day, person=out, actor=plan.made_by, at=NOW)
    year_plan.ask(plan, actor=plan.made_by, at=NOW)
    answered(plan)
    assert cast_of(day)[COMMANDER] != out.username


def test_what_is_impossible_by_hand_is_refused():
    company()
    plan = answered(made())
    elif_, day = plan.made_by, plan.game_days.order_by("starts_at").first()
    said = {"game_day": day, "actor": elif_, "at": NOW}
    speaker = day.roles.get(role=COMMUNICATIONS).person
    helper = day.staff.first().person
    stranger = person("stranger")
    for code, act in (
        ("starts_in_past", lambda: year_moves.move(plan, starts_at=NOW, **said)),
        ("outside_period",
         lambda: year_moves.move(plan, starts_at=datetime(YEAR, 12, 1, tzinfo=UTC), **said)),
        ("not_able",
         lambda: year_moves.put(plan, role=role(COMMANDER), person=stranger, **said)),
        ("has_no_part", lambda: year_moves.take_out(plan, person=stranger, **said)),
        ("nothing_there", lambda: year_moves.pin(plan, what=SCRIBE, **said)),
        ("has_the_duty", lambda: year_moves.put(
            plan, role=role(helper.qualifications.get().role_id), person=helper, **said)),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            act()
        assert codes(refusal) == {code}
    assert cast_of(day)[COMMUNICATIONS] == speaker.username


def test_nothing_is_moved_while_the_planner_thinks():
    company()
    plan = answered(made())
    day = plan.game_days.first()
    year_plan.ask(plan, actor=plan.made_by, at=NOW)
    with pytest.raises(Refused) as refusal:
        year_moves.pin(plan, game_day=day, what="date", actor=plan.made_by, at=NOW)
    assert codes(refusal) == {"being_planned"}
