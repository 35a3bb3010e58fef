"""A year's plan changed by hand, and its page: what stays, what is refused, who sees what."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import Person
from incidents.models.calendar import today
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, allow, person, role
from tests.training.factories import story
from tests.training.year import (
    ASKED,
    YEAR,
    answered,
    cast_of,
    codes,
    company,
    made,
    planner,
)
from training.models import YearPlan
from training.operations import year_moves, year_plan, year_problem, year_reading

pytestmark = pytest.mark.django_db


# --- by hand


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


# --- the page


def test_a_player_sees_the_plan_but_no_story_that_awaits_them():
    """Nor where the same story is told in an exercise they do not play in."""
    company()
    plan = answered(made())
    days = list(plan.game_days.order_by("starts_at"))
    player = allow(days[0].roles.get(role=COMMANDER).person, "training.view_yearplan")
    plays = {
        day.exercise_scenario_id for day in days if day.roles.filter(person=player).exists()
    }
    for who, hidden in ((plan.made_by, set()), (player, plays)):
        seen = year_reading.look(plan, reader=who, at=NOW)
        assert {
            one.day.exercise_scenario_id for one in seen.exercises if not one.story
        } == hidden


def test_a_rule_broken_by_hand_is_said_at_once():
    company()
    plan = answered(made())
    first, second = plan.game_days.order_by("starts_at")[:2]
    second.staff.all().delete()
    who = first.roles.get(role=COMMANDER).person
    assert year_reading.look(plan, reader=plan.made_by, at=NOW).broken == ()
    year_moves.put(
        plan, game_day=second, role=role(COMMANDER), person=who, actor=plan.made_by, at=NOW
    )
    said = year_reading.look(plan, reader=plan.made_by, at=NOW).broken
    assert any(str(who) in one and "twice running" in one for one in said)


def test_what_a_plan_is_worth_is_of_the_plan_as_it_was_once_it_is_changed_by_hand(client):
    company()
    plan = answered(made(), status="optimal")
    before = year_reading.look(plan, reader=plan.made_by, at=NOW)
    assert not before.is_changed
    assert before.worth == plan.objective
    day = plan.game_days.order_by("starts_at").first()
    year_moves.pin(plan, game_day=day, what="everything", actor=plan.made_by, at=NOW)
    plan.refresh_from_db()
    assert not year_reading.look(plan, reader=plan.made_by, at=NOW).is_changed
    part = day.roles.get(role=COMMANDER)
    year_moves.take_out(plan, game_day=day, person=part.person, actor=plan.made_by, at=NOW)
    plan.refresh_from_db()
    after = year_reading.look(plan, reader=plan.made_by, at=NOW)
    assert after.is_changed
    assert after.worth is not None and after.worth < plan.objective
    assert dict(after.terms)[year_reading.TERMS["missing"]] < 0
    Person.objects.filter(pk=plan.made_by_id).update(is_staff=True)
    client.force_login(plan.made_by)
    page = reverse("admin:training_yearplan_change", args=[plan.pk])
    page = client.get(page).content.decode()
    assert "Changed by hand since it was planned on" in page
    assert "as planned, proven to be the best" in page
    answered(year_plan.ask(plan, actor=plan.made_by, at=NOW))
    plan.refresh_from_db()
    assert not year_reading.look(plan, reader=plan.made_by, at=NOW).is_changed


def test_who_was_put_in_a_seat_by_hand_is_marked_so_even_unpinned():
    company()
    plan = answered(made())
    day = plan.game_days.order_by("starts_at").first()
    day.staff.all().delete()
    put = Person.objects.get(username="com2")
    year_moves.put(
        plan, game_day=day, role=role(COMMANDER), person=put, actor=plan.made_by, at=NOW
    )
    year_moves.unpin(plan, game_day=day, what=COMMANDER, actor=plan.made_by, at=NOW)
    seats = year_reading.look(plan, reader=plan.made_by, at=NOW).exercises[0].seats
    assert {one.key for one in seats if one.is_by_hand} == {COMMANDER}


def test_what_no_longer_holds_is_said_by_name_role_and_number_and_that_it_stays_for_now():
    company(commanders=5)
    plan = answered(made())
    first, second, *_ = plan.game_days.order_by("starts_at")
    type(first).objects.filter(pk=first.pk).update(status="completed")
    part = second.roles.get(role=COMMANDER)
    year_moves.pin(plan, game_day=second, what=COMMANDER, actor=plan.made_by, at=NOW)
    part.person.qualifications.all().delete()
    later = first.starts_at + timedelta(days=1)
    plan.refresh_from_db()
    year = year_reading.look(plan, reader=plan.made_by, at=later)
    said = f"{part.person} is neither qualified nor learning. {year_problem.ANOTHER}"
    assert said in year.notes
    assert f"{part.person} as Incident commander in exercise 2: unknown." in year.broken
    assert not [each for each in (*year.notes, *year.broken) if COMMANDER in each]


def test_the_page_costs_the_same_however_many_people_and_exercises_there_are():
    company()
    small = answered(made())
    with CaptureQueriesContext(connection) as few:
        year_reading.look(small, reader=small.made_by, at=NOW)
    year_plan.withdraw(small, reason="More", actor=small.made_by, at=NOW)
    for n in range(6):
        person(f"more{n}", qualified=(SCRIBE, COMMUNICATIONS))
    large = answered(year_plan.make(**{**ASKED, "exercises": 6}, actor=small.made_by, at=NOW))
    with CaptureQueriesContext(connection) as many:
        year_reading.look(large, reader=small.made_by, at=NOW)
    assert len(many) == len(few) <= 40


def test_every_act_is_a_page_of_the_plan_and_nothing_of_it_is_dans(client):
    company()
    elif_ = planner()
    elif_.is_staff = True
    elif_.save()
    client.force_login(elif_)
    new = reverse("admin:training_yearplan_make")
    said = {
        "year": YEAR, "exercises": 4, "minutes": 90, "most_parts": 2, "weekdays": [1, 2],
        "times": "10:00", "left_out": f"{YEAR}-01-01 to {YEAR}-01-20", "seconds": 5,
        "must": [COMMANDER, COMMUNICATIONS], "with_learners": "on", "weights": "fresh = 30\ncell 2",
    }  # fmt: skip
    refused = client.post(new, {**said, "times": "10:00+05:00, 15:00"})
    assert "has an offset of its own" in refused.content.decode()
    for name, wrong in (
        ("times", "ten"),
        ("times", "10:00+05:00"),
        ("weights", "beauty 3"),
        ("weights", "="),
    ):
        assert client.post(new, {**said, name: wrong}).status_code == 409
    assert client.post(new, said).status_code == 302
    plan = YearPlan.objects.get()
    page = reverse("admin:training_yearplan_change", args=[plan.pk])
    live = reverse("admin:training_yearplan_live", args=[plan.pk])
    assert "A worker takes it up" in client.get(page).content.decode()
    assert b"Weights of its own: cell 2, fresh 30." in client.get(page).content
    seen = year_reading.revision(plan)
    assert client.get(live, {"seen": seen}).status_code == 204
    answered(plan, status="optimal")
    assert b"proven to be the best" in client.get(live, {"seen": seen}).content
    day = plan.game_days.order_by("starts_at").first()
    assert today(day.starts_at) > date(YEAR, 1, 20)
    elif_.time_zone = "Asia/Tokyo"
    elif_.save()
    said = client.get(page).content.decode()
    assert '19:00</time> <span class="faint">Asia/Tokyo' in said
    assert "at 10:00 by the clock of UTC" in said
    pin = reverse("admin:training_yearplan_pin", args=[plan.pk])
    assert client.post(pin, {"game_day": day.pk, "what": "date"}).status_code == 302
    day.refresh_from_db()
    assert day.is_date_pinned
    client.force_login(person("dan", is_staff=True))
    assert {client.get(one).status_code for one in (page, live, new, pin)} == {403}
